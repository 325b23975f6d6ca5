//! What steps take of the build context. What a source names is looked for once, however many
//! steps name it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_semantic::ignore::{Patterns, Sources};
use stagecraft_text::sort;

use crate::Surroundings;
use crate::again::Kept;
use crate::bases::Bases;
use crate::context::{Context, ContextFile};
use crate::key::hash;
use crate::packed::is_compressed;

/// Of all files that all sources name, each counted once a source, so many are looked at; what a
/// further source names is not known.
const MOST: usize = 5_000_000;

/// What is worth keeping from one plan to the next of the same context, while the Dockerfile is
/// edited. It changes no answer, only how long one takes.
#[derive(Debug)]
pub struct Memory {
    selections: Option<Selections>,
    bases: Bases,
    /// `None` where there is no next plan.
    kept: Option<Kept>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            kept: Some(Kept::default()),
            ..Self::once()
        }
    }
}

impl Memory {
    /// For one plan only: nothing is kept for which there is no use in it.
    pub fn once() -> Self {
        Self {
            selections: None,
            bases: Bases::default(),
            kept: None,
        }
    }

    /// The selections of that context, with what else there is.
    pub(crate) fn parts(
        &mut self,
        around: &Surroundings,
    ) -> (&mut Selections, &mut Bases, Option<&mut Kept>) {
        if self
            .selections
            .as_ref()
            .is_some_and(|known| !known.is_of(around))
        {
            self.selections = None;
        }
        let selections = self.selections.get_or_insert_with(|| {
            Selections::new(around.context.clone(), around.dockerignore.clone())
        });
        (selections, &mut self.bases, self.kept.as_mut())
    }
}

/// The files of the context, by what names them.
#[derive(Debug)]
pub(crate) struct Selections {
    context: Option<Arc<Context>>,
    dockerignore: Option<Arc<str>>,
    /// Whether the files are in order of their paths.
    sorted: bool,
    /// Whether each file is left out; empty where none is.
    ignored: Vec<bool>,
    by_source: BTreeMap<String, Rc<Selection>>,
    taken: BTreeMap<Vec<String>, Taken>,
    left: usize,
    is_spent: bool,
}

/// What one source names, without what is ignored.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Indices of the files, in order.
    pub(crate) files: Arc<[usize]>,
    /// Bytes of all of them.
    pub(crate) bytes: u64,
    /// Bytes of those that are compressed already.
    pub(crate) compressed: u64,
    /// Those whose text lists packages.
    pub(crate) lists: Vec<usize>,
    /// Too much was looked at already.
    pub(crate) is_unknown: bool,
}

impl Selection {
    /// Counts a file.
    pub(crate) fn add(&mut self, file: &ContextFile) {
        self.bytes = self.bytes.saturating_add(file.size);
        if is_compressed(&file.path) {
            self.compressed = self.compressed.saturating_add(file.size);
        }
    }
}

/// What a step takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    /// Indices of the files, in order.
    pub(crate) files: Arc<[usize]>,
    /// Equal for equal files at equal places below what names them.
    pub(crate) content: u64,
}

impl Selections {
    pub(crate) fn new(context: Option<Arc<Context>>, dockerignore: Option<Arc<str>>) -> Self {
        let files = context.as_ref().map_or(&[][..], |it| &it.files);
        let ignored = dockerignore.as_deref().map(|text| {
            let patterns = Patterns::read(text);
            let is_ignored = |path: &str| patterns.verdict(path).ignored;
            files.iter().map(|file| is_ignored(&file.path)).collect()
        });
        Self {
            sorted: files.is_sorted_by(|one, other| one.path <= other.path),
            ignored: ignored.unwrap_or_default(),
            context,
            dockerignore,
            by_source: BTreeMap::new(),
            taken: BTreeMap::new(),
            left: MOST,
            is_spent: false,
        }
    }

    /// Whether it is of the same files, and there is room for more.
    fn is_of(&self, around: &Surroundings) -> bool {
        let is_same = match (&self.context, &around.context) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        is_same && self.dockerignore == around.dockerignore && self.left > MOST / 2
    }

    /// Whether something was not looked at because it was too much.
    pub(crate) fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// What a source names; nothing where the context is not known.
    pub(crate) fn of(&mut self, source: &str) -> Rc<Selection> {
        if let Some(known) = self.by_source.get(source) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.select(source));
        let key = source.to_owned();
        self.by_source.insert(key, Rc::clone(&found));
        found
    }

    fn select(&mut self, source: &str) -> Selection {
        let Some(context) = &self.context else {
            return Selection::default();
        };
        let sources = Sources::read([source]);
        // In order, as contexts mostly are, only a few have to be looked at.
        let start = if self.sorted { sources.start() } else { "" };
        let first = context.files.partition_point(|file| &*file.path < start);
        let last = context.files.get(first..).map_or(first, |rest| {
            first + rest.partition_point(|file| file.path.starts_with(start))
        });
        let Some(left) = self.left.checked_sub(last - first) else {
            self.is_spent = true;
            return Selection {
                is_unknown: true,
                ..Selection::default()
            };
        };
        self.left = left;
        let range = (first..last).zip(context.files.get(first..last).unwrap_or_default());
        let is_ignored = |at: usize| self.ignored.get(at).is_some_and(|it| *it);
        let mut found = Selection::default();
        let files = range.filter(|(at, file)| sources.takes(&file.path) && !is_ignored(*at));
        let files = files.map(|(at, file)| {
            found.add(file);
            if !context.lists.is_empty() && context.lists.contains_key(&file.path) {
                found.lists.push(at);
            }
            at
        });
        let files = files.collect();
        Selection { files, ..found }
    }

    /// What COPY and ADD take by those sources, without what `--exclude` names.
    pub(crate) fn copied(&mut self, sources: &[&str], excluded: &[&str]) -> Taken {
        self.take(sources, excluded, true)
    }

    /// What mounts of those folders show.
    pub(crate) fn mounted(&mut self, sources: &[&str]) -> Taken {
        self.take(sources, &[], false)
    }

    fn take(&mut self, sources: &[&str], excluded: &[&str], copies: bool) -> Taken {
        let context = self.context.clone().filter(|_| !sources.is_empty());
        let Some(context) = context else {
            return Taken::default();
        };
        let parts = [sources, &[if copies { "\n" } else { "" }], excluded].concat();
        let key: Vec<String> = parts.into_iter().map(str::to_owned).collect();
        if let Some(known) = self.taken.get(&key) {
            return known.clone();
        }
        let files = match sources {
            [only] => Arc::clone(&self.of(only).files),
            _ => self.all_of(sources),
        };
        let Some(left) = self.left.checked_sub(files.len()) else {
            self.is_spent = true;
            return Taken::default();
        };
        self.left = left;
        let below = Below::new(if copies { sources } else { &[] });
        let excluded = Patterns::read(&excluded.join("\n"));
        let known = files.iter().filter_map(|&at| context.files.get(at));
        let mut content: Vec<(&str, u64, u32)> = known
            .map(|file| (below.of(&file.path), file.content, file.mode))
            .filter(|(path, ..)| !excluded.verdict(path).ignored)
            .collect();
        if !content.is_sorted() {
            sort(&mut content);
        }
        let content = hash(&content);
        let taken = Taken { files, content };
        self.taken.insert(key, taken.clone());
        taken
    }

    fn all_of(&mut self, sources: &[&str]) -> Arc<[usize]> {
        let mut all: Vec<usize> = Vec::new();
        for source in sources {
            let files = Arc::clone(&self.of(source).files);
            let room = MOST.saturating_sub(all.len());
            all.extend(files.iter().take(room));
        }
        sort(&mut all);
        all.dedup();
        all.into()
    }
}

/// The sources of a step, without dots and slashes around them.
struct Below<'s>(Vec<&'s str>);

impl<'s> Below<'s> {
    fn new(sources: &[&'s str]) -> Self {
        let trimmed = sources
            .iter()
            .map(|source| source.trim_start_matches("./").trim_matches('/'));
        Self(trimmed.collect())
    }

    /// What a path is below the source that takes it: its own name, or the rest behind the folder.
    fn of<'p>(&self, path: &'p str) -> &'p str {
        for source in &self.0 {
            if matches!(*source, "" | ".") {
                return path;
            }
            match path.strip_prefix(source) {
                Some("") => return path.rsplit('/').next().unwrap_or(path),
                Some(rest) => {
                    if let Some(rest) = rest.strip_prefix('/') {
                        return rest;
                    }
                }
                None => {}
            }
        }
        path
    }
}
