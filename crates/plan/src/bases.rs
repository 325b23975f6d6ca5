//! The images that stages start from. Each is looked up once, however many stages do.

use std::collections::BTreeMap;

use stagecraft_image::{Platform, Reference};
use stagecraft_sizes::{BaseSize, Basis, Estimate, KnownImage, System};

use crate::Surroundings;
use crate::run::Machine;

/// Those that were looked up, by the names that FROM has for them.
pub(crate) struct Bases<'a> {
    around: &'a Surroundings,
    known: BTreeMap<&'a str, BaseImage<'a>>,
}

/// An image that stages start from.
pub(crate) struct BaseImage<'a> {
    /// Its name in full; as written where it is none.
    pub(crate) name: String,
    /// What it has for package managers.
    pub(crate) machine: Machine,
    /// `None` where it is no name of an image.
    found: Option<(Reference<'a>, KnownImage)>,
    /// By platform. Nobody builds for more than a few.
    sizes: Vec<(Platform, BaseSize)>,
}

impl<'a> Bases<'a> {
    pub(crate) fn new(around: &'a Surroundings) -> Self {
        Self {
            around,
            known: BTreeMap::new(),
        }
    }

    /// The image of that name.
    pub(crate) fn get(&mut self, name: &'a str) -> &mut BaseImage<'a> {
        let around = self.around;
        let look_up = || {
            let reference = Reference::parse(name).ok();
            let found = reference.map(|it| (it, KnownImage::find(&it)));
            let system = match &found {
                Some((reference, known)) => System::of_known(known, reference),
                None => System::unknown(),
            };
            BaseImage {
                name: reference.map_or_else(|| name.to_owned(), |it| it.normalized()),
                machine: Machine::of(system, &around.tables),
                found,
                sizes: Vec::new(),
            }
        };
        self.known.entry(name).or_insert_with(look_up)
    }

    /// How large the image of that name is: what is stated, else what the table has.
    pub(crate) fn size(&mut self, name: &'a str, platform: &Platform) -> BaseSize {
        if let Some(&bytes) = self.around.bases.get(name) {
            let size = Estimate::known(bytes, Basis::Told("typed in".into()));
            let basis = Basis::Heuristic("how far images compress".into());
            let compressed = size.clone().thousandths(400, basis);
            return BaseSize { size, compressed };
        }
        self.get(name).size(platform)
    }
}

impl BaseImage<'_> {
    fn size(&mut self, platform: &Platform) -> BaseSize {
        let known = self.sizes.iter().find(|(other, _)| other == platform);
        if let Some((_, size)) = known {
            return size.clone();
        }
        let size = match &self.found {
            Some((reference, known)) => known.size(reference, platform),
            None => BaseSize::unknown("the size of the base"),
        };
        self.sizes.push((platform.clone(), size.clone()));
        size
    }
}
