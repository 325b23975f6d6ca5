//! What is known of a stage's files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_semantic::ignore::Sources;
use stagecraft_semantic::paths::join;
use stagecraft_sizes::{Basis, Estimate};

use crate::context::{Context, ContextFile};

/// Of more files than that the rest is not known.
const MOST: usize = 20_000;

/// The files of a stage as its steps have written them, the newest last. A stage that starts from
/// another shares what that one holds, and a copied folder is one entry however many files it has:
/// all is looked at only when somebody asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files<'a> {
    written: Vec<Rc<Written<'a>>>,
    /// How many files of the context are among it.
    copied: usize,
}

#[derive(Debug)]
struct Written<'a> {
    step: usize,
    what: What<'a>,
}

#[derive(Debug)]
enum What<'a> {
    /// Something at a path.
    Thing(String, Estimate),
    /// Files of the context.
    Copied(Copied<'a>),
    /// Nothing is at that path any more, nor below it.
    Gone(String),
    /// All that is at that path and below it is in a layer of this step, too.
    Again(String),
}

/// What one source of a COPY takes out of the context.
#[derive(Debug)]
pub(crate) struct Copied<'a> {
    files: Vec<&'a ContextFile>,
    /// The source without dots and slashes around it; empty for all of the context.
    source: String,
    is_pattern: bool,
    /// An absolute path, and whether it is that of one file.
    target: String,
    is_file: bool,
}

/// What one step has written at a path and below it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// The step that wrote it.
    pub(crate) step: usize,
    pub(crate) size: Estimate,
}

impl<'a> Copied<'a> {
    /// What `source` takes of those files, for an absolute path `target`; `is_folder` says whether
    /// that is known to be a folder.
    pub(crate) fn new(
        context: &'a Context,
        reads: &[usize],
        source: &str,
        (target, is_folder): (&str, bool),
    ) -> Self {
        let sources = Sources::read([source]);
        let files = reads.iter().filter_map(|&at| context.files.get(at));
        let files: Vec<&ContextFile> = files.filter(|file| sources.takes(&file.path)).collect();
        let whole = source.trim_matches(['.', '/']).is_empty();
        let trimmed = source.trim_start_matches("./").trim_matches('/');
        let source = if whole { "" } else { trimmed };
        let one = matches!(files.as_slice(), [file] if file.path == source);
        Self {
            is_file: one && !is_folder,
            is_pattern: source.contains(['*', '?', '[']),
            source: source.to_owned(),
            target: target.to_owned(),
            files,
        }
    }

    /// Bytes of all files; `None` where there are none.
    pub(crate) fn size(&self) -> Option<u64> {
        let sum = |sum: u64, file: &&ContextFile| sum.saturating_add(file.size);
        (!self.files.is_empty()).then(|| self.files.iter().fold(0, sum))
    }

    /// Each file with the absolute path that it gets.
    #[cfg(test)]
    fn places(&self) -> impl Iterator<Item = (String, &'a ContextFile)> {
        let files = self.files.iter();
        files.map(|file| (self.place(self.inside(file)), *file))
    }

    /// The lists of packages among the files, with the absolute paths that they get.
    pub(crate) fn lists(
        &self,
        context: &'a Context,
    ) -> impl Iterator<Item = (String, &'a Arc<str>)> {
        let are_there = !context.lists.is_empty();
        let files = self.files.iter().filter(move |_| are_there);
        files.filter_map(|file| {
            let list = context.lists.get(&file.path)?;
            Some((self.place(self.inside(file)), list))
        })
    }

    fn place(&self, inside: &str) -> String {
        if self.is_file {
            self.target.clone()
        } else {
            join(&self.target, inside)
        }
    }

    /// The path below the target: a folder's content is copied, a file keeps its name.
    fn inside<'f>(&self, file: &'f ContextFile) -> &'f str {
        let name = file.path.trim_end_matches('/');
        if self.source.is_empty() {
            name
        } else if self.is_pattern || name == self.source && !file.path.ends_with('/') {
            name.rsplit('/').next().unwrap_or(name)
        } else {
            let rest = name.strip_prefix(self.source.as_str()).unwrap_or(name);
            rest.trim_start_matches('/')
        }
    }

    /// Calls `found` with each file at or below an absolute path, and its path below the target.
    fn below(&self, path: &str, mut found: impl FnMut(&str, &ContextFile)) {
        if is_below(&self.target, path) {
            for file in &self.files {
                found(self.inside(file), file);
            }
        } else if !self.is_file {
            let rest = path.strip_prefix(self.target.trim_end_matches('/'));
            let rest = rest.unwrap_or(path).trim_start_matches('/');
            for file in &self.files {
                let inside = self.inside(file);
                if is_below(inside, rest) {
                    found(inside, file);
                }
            }
        }
    }
}

/// Whether a path is another, or in that folder.
fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<'a> Files<'a> {
    /// Something is written at an absolute path.
    pub(crate) fn write(&mut self, path: String, size: Estimate, step: usize) {
        self.push(step, What::Thing(path, size));
    }

    /// Files of the context are written.
    pub(crate) fn copy(&mut self, mut copied: Copied<'a>, step: usize) {
        copied.files.truncate(MOST.saturating_sub(self.copied));
        self.copied += copied.files.len();
        self.push(step, What::Copied(copied));
    }

    /// How much has to be gone through to find something.
    pub(crate) fn weight(&self) -> usize {
        self.written.len() + self.copied
    }

    /// What is at that path and below it is there no more.
    pub(crate) fn remove(&mut self, path: String, step: usize) {
        self.push(step, What::Gone(path));
    }

    /// What is at that path and below it is written once more as it is.
    pub(crate) fn write_again(&mut self, path: String, step: usize) {
        self.push(step, What::Again(path));
    }

    fn push(&mut self, step: usize, what: What<'a>) {
        if self.written.len() < MOST {
            self.written.push(Rc::new(Written { step, what }));
        }
    }

    /// What is at an absolute path, folders with all that is in them; `None` where nothing is known
    /// there.
    pub(crate) fn at(&self, path: &str) -> Option<Estimate> {
        let parts = self.parts(path).into_iter().map(|part| part.size);
        parts.reduce(|sum, size| sum.plus(&size))
    }

    /// All that is known at an absolute path and below it, by the step that wrote it.
    pub(crate) fn parts(&self, path: &str) -> Vec<Part> {
        if let [(step, one)] = self.touching(path).as_slice() {
            // Nothing else can be in its way, so that its files need not be told apart.
            return one
                .whole(path)
                .map_or_else(Vec::new, |size| vec![Part { step: *step, size }]);
        }
        let mut parts: BTreeMap<usize, (u64, bool, Estimate)> = BTreeMap::new();
        for (step, size) in self.below(path).into_values() {
            let new = || (0, false, Estimate::zero());
            let (bytes, is_there, sum) = parts.entry(step).or_insert_with(new);
            match size {
                Size::Bytes(more) => (*bytes, *is_there) = (bytes.saturating_add(more), true),
                Size::Estimate(size) => *sum = std::mem::replace(sum, Estimate::zero()).plus(size),
            }
        }
        let part = |(step, (bytes, is_there, sum)): (usize, (u64, bool, Estimate))| {
            let size = if is_there {
                sum.plus(&Estimate::known(bytes, Basis::Context))
            } else {
                sum
            };
            Part { step, size }
        };
        parts.into_iter().map(part).collect()
    }

    /// What has to do with an absolute path, since all that was there was taken away for the last
    /// time, oldest first.
    fn touching(&self, path: &str) -> Vec<(usize, &What<'a>)> {
        let mut all = Vec::new();
        let mut gone: Vec<&str> = Vec::new();
        for written in self.written.iter().rev() {
            let is_gone = |own: &str| gone.iter().any(|folder| is_below(own, folder));
            let counts = match &written.what {
                What::Gone(own) if is_below(path, own) => break,
                What::Gone(own) if is_below(own, path) => {
                    gone.push(own);
                    true
                }
                What::Gone(_) => false,
                What::Again(own) => is_below(path, own) || is_below(own, path),
                What::Thing(own, _) => is_below(own, path) && !is_gone(own),
                What::Copied(copied) => {
                    let target = &copied.target;
                    !is_gone(target) && (is_below(target, path) || is_below(path, target))
                }
            };
            if counts {
                all.push((written.step, &written.what));
            }
        }
        // What takes away or repeats before there is anything says nothing.
        while matches!(all.last(), Some((_, What::Gone(_) | What::Again(_)))) {
            all.pop();
        }
        all.reverse();
        all
    }

    /// Each file at an absolute path and below it, with the step that wrote it.
    fn below(&self, path: &str) -> BTreeMap<Cow<'_, str>, (usize, Size<'_>)> {
        let mut all: BTreeMap<Cow<'_, str>, (usize, Size<'_>)> = BTreeMap::new();
        for (step, what) in self.touching(path) {
            match what {
                What::Thing(own, size) => {
                    all.insert(own.into(), (step, Size::Estimate(size)));
                }
                What::Gone(own) => all.retain(|thing, _| !is_below(thing, own)),
                What::Again(own) => {
                    let inside = all.iter_mut().filter(|(thing, _)| is_below(thing, own));
                    inside.for_each(|(_, (by, _))| *by = step);
                }
                What::Copied(copied) => copied.below(path, |inside, file| {
                    let own = copied.place(inside);
                    all.insert(own.into(), (step, Size::Bytes(file.size)));
                }),
            }
        }
        all
    }
}

impl What<'_> {
    /// The size of all that it has at an absolute path and below it.
    fn whole(&self, path: &str) -> Option<Estimate> {
        match self {
            Self::Thing(_, size) => Some(size.clone()),
            Self::Copied(copied) => {
                let mut sum: Option<u64> = None;
                copied.below(path, |_, file| {
                    sum = Some(sum.unwrap_or(0).saturating_add(file.size));
                });
                sum.map(|bytes| Estimate::known(bytes, Basis::Context))
            }
            Self::Gone(_) | Self::Again(_) => None,
        }
    }
}

/// The size of a file.
#[derive(Debug, Clone, Copy)]
enum Size<'a> {
    Bytes(u64),
    Estimate(&'a Estimate),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(paths: &[&str]) -> Context {
        let file = |path: &&str| ContextFile {
            path: (*path).to_owned(),
            size: 1,
            count: 1,
            ..ContextFile::default()
        };
        Context {
            files: paths.iter().map(file).collect(),
            ..Context::default()
        }
    }

    #[test]
    fn sources_land_where_copy_puts_them() {
        let context = context(&["a.txt", "src/b.txt", "src/in/c.txt", "big/"]);
        for (source, target, is_folder, expected) in [
            ("a.txt", "/x", false, "/x"),
            ("a.txt", "/x", true, "/x/a.txt"),
            ("src", "/x", false, "/x/b.txt /x/in/c.txt"),
            ("./src/", "/x", true, "/x/b.txt /x/in/c.txt"),
            (
                ".",
                "/x",
                true,
                "/x/a.txt /x/src/b.txt /x/src/in/c.txt /x/big",
            ),
            ("*.txt", "/x", true, "/x/a.txt"),
            ("big", "/x", true, "/x"),
        ] {
            let copied = Copied::new(&context, &[0, 1, 2, 3], source, (target, is_folder));
            let places: Vec<String> = copied.places().map(|(place, _)| place).collect();
            assert_eq!(places.join(" "), expected, "{source} {target}");
        }
    }

    #[test]
    fn what_is_there_is_what_was_written_last() {
        let context = context(&["a.txt", "src/b.txt"]);
        let mut files = Files::default();
        files.copy(Copied::new(&context, &[0, 1], ".", ("/app", true)), 1);
        files.write("/app/out".to_owned(), Estimate::zero(), 2);
        let mut later = files.clone();
        later.remove("/app/a.txt".to_owned(), 3);
        later.write("/app/src/b.txt".to_owned(), Estimate::zero(), 4);
        let all = |files: &Files<'_>, path: &str| {
            let things = files.below(path).into_iter();
            things
                .map(|(path, (step, _))| (path.into_owned(), step))
                .collect::<Vec<_>>()
        };
        let pair = |path: &str, step| (path.to_owned(), step);
        assert_eq!(
            all(&files, "/app"),
            [
                pair("/app/a.txt", 1),
                pair("/app/out", 2),
                pair("/app/src/b.txt", 1)
            ]
        );
        assert_eq!(
            all(&later, "/"),
            [pair("/app/out", 2), pair("/app/src/b.txt", 4)]
        );
        assert_eq!(all(&later, "/app/src"), [pair("/app/src/b.txt", 4)]);
        assert_eq!(all(&files, "/app/sr"), []);
        later.write_again("/app".to_owned(), 5);
        assert_eq!(all(&later, "/app/src"), [pair("/app/src/b.txt", 5)]);
        later.remove("/app".to_owned(), 6);
        assert_eq!(all(&later, "/app/src"), []);
        assert!(files.at("/app/src/b.txt").is_some() && files.at("/b.txt").is_none());
    }
}
