//! The images that stages start from. Each is looked up once, however many stages do.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_image::{Platform, Reference};
use stagecraft_sizes::{BaseSize, Basis, Estimate, KnownImage, System, Tables, unknown};

use crate::Surroundings;
use crate::key;
use crate::packed::Share;
use crate::run::Machine;

/// More than anybody starts from: names of many edits. Then all are forgotten.
const MOST: usize = 200;

/// Those that were looked up, by the names that FROM has for them.
#[derive(Debug, Default)]
pub(crate) struct Bases {
    /// Those of the last plan.
    tables: Option<Tables>,
    known: BTreeMap<Arc<str>, Rc<BaseImage>>,
}

/// An image that stages start from.
#[derive(Debug)]
pub(crate) struct BaseImage {
    /// What its FROM is known by, but for the platform.
    pub(crate) key: u64,
    /// What it has for package managers.
    pub(crate) machine: Rc<Machine>,
    /// `None` where it is no name of an image.
    found: Option<KnownImage>,
    /// Its size for `linux/amd64`; of one that no table has, for all.
    size: OnceCell<BaseSize>,
}

impl Bases {
    /// Starts with another plan.
    pub(crate) fn begin(&mut self, around: &Surroundings) {
        let is_same = self.tables.as_ref() == Some(&around.tables) && self.known.len() <= MOST;
        // What was read of equal tables is shared by those that are handed over.
        if !is_same || self.known.is_empty() {
            self.known.clear();
            self.tables = Some(around.tables.clone());
        }
    }

    /// The image of that name.
    pub(crate) fn get(&mut self, name: &Arc<str>) -> Rc<BaseImage> {
        if let Some(known) = self.known.get(name) {
            return Rc::clone(known);
        }
        let tables = self.tables.get_or_insert_default();
        let found = Rc::new(BaseImage::find(name, tables));
        self.known.insert(Arc::clone(name), Rc::clone(&found));
        found
    }

    /// What an image has of which nothing is known.
    pub(crate) fn unknown(&mut self) -> Rc<Machine> {
        // No image has that name.
        Rc::clone(&self.get(&Arc::default()).machine)
    }
}

impl BaseImage {
    fn find(name: &str, tables: &Tables) -> Self {
        let reference = Reference::parse(name).ok();
        let found = reference.map(|it| (it, tables.image(&it)));
        let system = match &found {
            Some((reference, known)) => System::of_known(known, reference),
            None => System::unknown(),
        };
        let size = OnceCell::new();
        if let Some((reference, _)) = found.as_ref().filter(|(_, it)| !it.is_in_table()) {
            // Whatever it is for.
            let _ = size.set(KnownImage::unknown_size(&reference.normalized()));
        }
        Self {
            key: reference.map_or_else(|| key::hash(&name), |it| key::of_reference(&it)),
            machine: Rc::new(Machine::of(system, tables)),
            found: found.map(|(_, known)| known),
            size,
        }
    }

    /// How large it is: what is stated for the name that FROM has, else what the table has.
    pub(crate) fn size(&self, name: &str, platform: &Platform, around: &Surroundings) -> BaseSize {
        if let Some(&bytes) = around.bases.get(name) {
            let size = Estimate::known(bytes, Basis::Told("typed in".into()));
            let compressed = Share::IMAGE.of(size.span());
            return BaseSize { size, compressed };
        }
        let is_in_table = self.found.as_ref().is_none_or(KnownImage::is_in_table);
        let size = || match &self.found {
            Some(known) => known.size(|| full_name(name), platform),
            None => BaseSize::open(unknown!("the size of the base")),
        };
        if !is_in_table || platform.os == "linux" && platform.architecture == "amd64" {
            self.size.get_or_init(size).clone()
        } else {
            size()
        }
    }
}

/// The name of an image in full; as written where it is none.
fn full_name(name: &str) -> String {
    let reference = Reference::parse(name);
    reference.map_or_else(|_| name.to_owned(), |it| it.normalized())
}
