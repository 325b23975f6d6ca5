//! What is known of a stage's files.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::iter::successors;
use std::rc::Rc;
use std::sync::Arc;

use memchr::memchr;
use stagecraft_semantic::paths::join;
use stagecraft_sizes::{Basis, Estimate};

use crate::context::{Context, ContextFile};
use crate::run::SITE_PACKAGES;
use crate::selected::Selection;

/// Of more files than that the rest is not known.
const MOST: usize = 20_000;

/// Of all that is gone through in one plan to find files; then nothing more is found.
const MOST_WORK: usize = 20_000_000;

/// To tell one file from others takes so much of it.
const TELLING: usize = 40;

/// What is left of the work that one plan may take to find files.
#[derive(Debug)]
pub(crate) struct Work(Cell<usize>);

impl Default for Work {
    fn default() -> Self {
        Self(Cell::new(MOST_WORK))
    }
}

impl Work {
    /// How much there is.
    pub(crate) fn left(&self) -> usize {
        self.0.get()
    }

    /// Whether there is so much left. It is used up.
    pub(crate) fn take(&self, count: usize) -> bool {
        let left = self.0.get().checked_sub(count);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// The files of a stage as its steps have written them. A stage that starts from another shares
/// what that one holds, and a copied folder is one entry however many files it has: all is looked
/// at only when somebody asks.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    newest: Option<Rc<Written>>,
    /// How many there are.
    count: usize,
    /// How many files of the context are among it.
    copied: usize,
    /// The first letters of all paths where there is anything.
    letters: Letters,
    /// What commands wrote of which nobody knows where it is, if they did.
    loose: Option<Rc<Estimate>>,
    /// The stage starts from an image, which has files of its own.
    has_base: bool,
}

/// By what letters absolute paths start behind their slash, each letter as one of 64 bits, which may
/// be that of others, too.
#[derive(Debug, Clone, Copy)]
struct Letters(u64);

impl Letters {
    /// The letter of a path; all for the root.
    fn of(path: &str) -> Self {
        Self(
            path.as_bytes()
                .get(1)
                .map_or(u64::MAX, |byte| 1 << (byte & 63)),
        )
    }
}

/// Who writes something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct By {
    /// The step.
    pub(crate) step: usize,
    /// Whose the files are then, as `user:group`, where that is known.
    pub(crate) owner: Option<Arc<str>>,
}

#[derive(Debug)]
struct Written {
    by: By,
    what: What,
    before: Option<Rc<Self>>,
}

impl Drop for Written {
    /// One after the other: by itself each would be dropped inside of the next.
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(mut written) = next.and_then(Rc::into_inner) {
            next = written.before.take();
        }
    }
}

/// [`join`], without a copy where the path is an absolute one already, as most are.
pub(crate) fn joined<'p>(from: &str, path: &'p str) -> Cow<'p, str> {
    if is_clean(path.as_bytes()) {
        path.into()
    } else {
        join(from, path).into()
    }
}

/// Whether a path is absolute and has neither a slash nor a dot behind a slash, nor one at its end.
fn is_clean(path: &[u8]) -> bool {
    let ([b'/', behind @ ..], [.., last]) = (path, path) else {
        return false;
    };
    // Each pair is looked at, so that many are at once.
    let pairs = path.iter().zip(behind);
    let is_wrong = |(byte, next): (&u8, &u8)| matches!((byte, next), (b'/', b'/' | b'.'));
    *last != b'/' && !pairs.fold(false, |wrong, pair| wrong | is_wrong(pair))
}

/// Folders that images of any kind have files in.
pub(crate) const SYSTEM: [&str; 9] = [
    "/", "/bin", "/etc", "/lib", "/lib64", "/root", "/sbin", "/usr", "/var",
];

/// What [`same_place`] makes of [`SITE_PACKAGES`].
const SAME_SITE_PACKAGES: &str = "/usr/local/lib/python/site-packages";

/// The same place whatever the version of Python is, which a tag need not tell:
/// `python3.12/site-packages` is `python/site-packages`, and so is Debian's `dist-packages`.
fn same_place(path: &str) -> Cow<'_, str> {
    if path == SITE_PACKAGES {
        return SAME_SITE_PACKAGES.into();
    }
    // Few paths have that letter.
    if memchr(b'y', path.as_bytes()).is_none() || !path.contains("/python") {
        return path.into();
    }
    let mut same = String::with_capacity(path.len());
    let mut rest = path;
    loop {
        let end = rest.bytes().position(|byte| byte == b'/');
        let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let version = part.strip_prefix("python").unwrap_or_default();
        same.push_str(match part {
            _ if version.starts_with(|c: char| c.is_ascii_digit()) => "python",
            "dist-packages" => "site-packages",
            _ => part,
        });
        match end.and_then(|end| rest.get(end + 1..)) {
            Some(behind) => rest = behind,
            None => return same.into(),
        }
        same.push('/');
    }
}

#[derive(Debug, PartialEq)]
enum What {
    /// Something at a path; whether it is a folder with all that is in it.
    Thing(Cow<'static, str>, Estimate, bool),
    /// Files of the context.
    Copied(Copied),
    /// Nothing is at that path any more, nor below it.
    Gone(String),
    /// All that is at that path and below it is in a layer of this step, too.
    Again(String),
}

/// What one source of a COPY takes out of the context.
#[derive(Debug)]
pub(crate) struct Copied {
    context: Arc<Context>,
    /// Indices of the files.
    files: Arc<[usize]>,
    /// So many of them count.
    count: usize,
    /// Bytes of all of them.
    bytes: u64,
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
    pub(crate) by: By,
    pub(crate) size: Estimate,
}

impl PartialEq for Copied {
    fn eq(&self, other: &Self) -> bool {
        let parts = |it: &Self| (it.count, it.bytes, it.is_pattern, it.is_file);
        Arc::ptr_eq(&self.context, &other.context)
            && parts(self) == parts(other)
            && (&self.source, &self.target) == (&other.source, &other.target)
            && (Arc::ptr_eq(&self.files, &other.files) || self.files == other.files)
    }
}

impl Copied {
    /// What `source` takes, for an absolute path `target`; `is_folder` says whether that is known
    /// to be a folder.
    pub(crate) fn new(
        context: &Arc<Context>,
        selection: &Selection,
        source: &str,
        (target, is_folder): (&str, bool),
    ) -> Self {
        let whole = source.trim_matches(['.', '/']).is_empty();
        let trimmed = source.trim_start_matches("./").trim_matches('/');
        let source = if whole { "" } else { trimmed };
        let one = match *selection.files {
            [only] => context
                .files
                .get(only)
                .is_some_and(|file| file.path == source),
            _ => false,
        };
        Self {
            context: Arc::clone(context),
            files: Arc::clone(&selection.files),
            count: selection.files.len(),
            bytes: selection.bytes,
            is_file: one && !is_folder,
            is_pattern: source.contains(['*', '?', '[']),
            source: source.to_owned(),
            target: target.to_owned(),
        }
    }

    fn files(&self) -> impl Iterator<Item = &ContextFile> {
        let files = self.files.iter().take(self.count);
        files.filter_map(|&at| self.context.files.get(at))
    }

    /// Each file with the absolute path that it gets.
    #[cfg(test)]
    fn places(&self) -> impl Iterator<Item = (String, &ContextFile)> {
        self.files()
            .map(|file| (self.place(self.inside(file)), file))
    }

    /// The lists of packages among the files, with the absolute paths that they get.
    pub(crate) fn lists<'s>(
        &'s self,
        selection: &'s Selection,
    ) -> impl Iterator<Item = (String, &'s Arc<str>)> {
        let files = selection.lists.iter();
        files.filter_map(|&at| {
            let file = self.context.files.get(at)?;
            let list = self.context.lists.get(&file.path)?;
            Some((self.place(self.inside(file)), list))
        })
    }

    /// The file that gets just that absolute path; of several, the last.
    fn at(&self, path: &str) -> Option<&ContextFile> {
        if self.is_file {
            return self.files().next().filter(|_| self.target == path);
        }
        let rest = path.strip_prefix(self.target.trim_end_matches('/'))?;
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => return None,
        };
        // Most are told apart by their lengths.
        let below = self.source.len() + 1 + rest.len();
        let lengths = [rest.len(), self.source.len(), below];
        let may_be = |file: &&ContextFile| {
            let name = file.path.trim_end_matches('/');
            self.is_pattern || lengths.contains(&name.len())
        };
        let files = self.files().filter(may_be);
        files.filter(|file| self.inside(file) == rest).last()
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
            for file in self.files() {
                found(self.inside(file), file);
            }
        } else if !self.is_file {
            let rest = path.strip_prefix(self.target.trim_end_matches('/'));
            let rest = rest.unwrap_or(path).trim_start_matches('/');
            for file in self.files() {
                let inside = self.inside(file);
                if is_below(inside, rest) {
                    found(inside, file);
                }
            }
        }
    }
}

/// Whether a path is another, or in that folder.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Files {
    /// Those of a stage that starts from an image, or from nothing.
    pub(crate) fn new(has_base: bool) -> Self {
        Self {
            newest: None,
            count: 0,
            copied: 0,
            letters: Letters(0),
            loose: None,
            has_base,
        }
    }

    /// Whether they are the same without a look at what is in them.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let newest = match (&self.newest, &other.newest) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        newest && self.is_alike_without_what(other)
    }

    fn is_alike_without_what(&self, other: &Self) -> bool {
        let counts = |it: &Self| (it.count, it.copied, it.has_base);
        let is_same_loose = || match (&self.loose, &other.loose) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other) || one == other,
            (one, other) => one.is_none() && other.is_none(),
        };
        counts(self) == counts(other) && is_same_loose()
    }

    /// Whether the same has been written upon `before` as by others that started there.
    pub(crate) fn is_alike(&self, other: &Self, before: &Self) -> bool {
        let count = self.count.saturating_sub(before.count);
        let upon = |files: &Self| {
            let mut rest = files.newest.as_ref();
            for _ in 0..count {
                rest = rest.and_then(|written| written.before.as_ref());
            }
            match (rest, &before.newest) {
                (Some(one), Some(other)) => Rc::ptr_eq(one, other),
                (one, other) => one.is_none() && other.is_none(),
            }
        };
        let pairs = self.written().zip(other.written()).take(count);
        self.is_alike_without_what(other) && upon(self) && upon(other) && { pairs }
            .all(|(one, other)| one.by == other.by && one.what == other.what)
    }

    /// A file is written at an absolute path, or a folder with all that is in it.
    pub(crate) fn write(
        &mut self,
        path: Cow<'static, str>,
        size: Estimate,
        is_folder: bool,
        by: By,
    ) {
        let path = match path {
            Cow::Borrowed(path) => same_place(path.trim_end_matches('/')),
            Cow::Owned(mut path) => {
                path.truncate(path.trim_end_matches('/').len());
                match same_place(&path) {
                    // Mostly it is the path itself, which need not be copied.
                    Cow::Borrowed(same) if same.len() == path.len() => path.into(),
                    same => same.into_owned().into(),
                }
            }
        };
        self.push(by, What::Thing(path, size, is_folder));
    }

    /// Files of the context are written.
    pub(crate) fn copy(&mut self, mut copied: Copied, by: By) {
        copied.count = copied.count.min(MOST.saturating_sub(self.copied));
        self.copied += copied.count;
        self.push(by, What::Copied(copied));
    }

    /// A command wrote that, and nobody knows where.
    pub(crate) fn lose(&mut self, size: &Estimate) {
        if *size != Estimate::zero() {
            let loose = self.loose.get_or_insert_with(|| Rc::new(Estimate::zero()));
            Rc::make_mut(loose).add(size);
        }
    }

    /// Whether nothing was written yet where anybody knows.
    pub(crate) fn is_nothing(&self) -> bool {
        self.newest.is_none()
    }

    /// Whether anything may have been written to an absolute path, below it, or to a folder that it
    /// is in.
    pub(crate) fn may_hold(&self, path: &str) -> bool {
        self.letters.0 & Letters::of(path).0 != 0
    }

    /// What is at that path and below it is there no more.
    pub(crate) fn remove(&mut self, path: &str, step: usize) {
        let by = By { step, owner: None };
        self.push(by, What::Gone(same_place(path).into_owned()));
    }

    /// What is at that path and below it is written once more as it is.
    pub(crate) fn write_again(&mut self, path: &str, by: By) {
        self.push(by, What::Again(same_place(path).into_owned()));
    }

    fn push(&mut self, by: By, what: What) {
        if self.count < MOST {
            self.count += 1;
            self.letters.0 |= match &what {
                What::Thing(path, ..) => Letters::of(path).0,
                What::Copied(copied) => Letters::of(&copied.target).0,
                What::Gone(_) | What::Again(_) => 0,
            };
            let before = self.newest.take();
            self.newest = Some(Rc::new(Written { by, what, before }));
        }
    }

    /// All that was written, the newest first.
    fn written(&self) -> impl Iterator<Item = &Written> {
        successors(self.newest.as_deref(), |written| written.before.as_deref())
    }

    /// What is at an absolute path, folders with all that is in them; `None` where nothing is known
    /// there. Not likely anything where other things may be in the folder.
    pub(crate) fn at(&self, path: &str, work: &Work) -> Option<Estimate> {
        let parts = self.parts(path, work).into_iter().map(|part| part.size);
        let found = parts.reduce(|sum, size| sum.plus(&size))?;
        if self.thing(path, work).is_some() {
            return Some(found);
        }
        if self.has_base && (SYSTEM.contains(&path) || path.starts_with("/usr/")) {
            let what = format!("what the base image has at {path}");
            return Some(found.plus(&Estimate::unknown(what)));
        }
        match &self.loose {
            Some(loose) if loose.likely.is_none() => Some(found.plus(loose)),
            _ => Some(found),
        }
    }

    /// What may be at an absolute path of what commands wrote nobody knows where, if that has an end. Only
    /// in a folder that has files of the context: in others there may be files of the image.
    pub(crate) fn perhaps(&self, path: &str, work: &Work) -> Option<Estimate> {
        let loose = self.loose.as_deref()?;
        let high = loose.high.filter(|high| *high > 0)?;
        let has_context = |written: &Written| match &written.what {
            What::Copied(Copied {
                target, is_file, ..
            }) => {
                let is_of_image = self.has_base && SYSTEM.contains(&target.as_str());
                !is_file && !is_of_image && is_below(path, target)
            }
            _ => false,
        };
        let is_own = work.take(self.count) && self.written().any(has_context);
        is_own.then(|| Estimate::range(0, high, loose.basis.clone()))
    }

    /// What was written at just that path, without what came into it later, and whether it is a
    /// folder.
    pub(crate) fn thing(&self, path: &str, work: &Work) -> Option<(Estimate, bool)> {
        let path = &*same_place(path);
        let written = self.touching(path, work).into_iter().rev();
        written
            .map(|written| &written.what)
            .find_map(|what| match what {
                What::Thing(own, size, is_folder) if own == path => {
                    Some((size.clone(), *is_folder))
                }
                What::Copied(copied) => copied.at(path).map(|file| {
                    let size = Estimate::known(file.size, Basis::Context);
                    (size, file.path.ends_with('/'))
                }),
                _ => None,
            })
    }

    /// All that is known at an absolute path and below it, by the step that wrote it.
    pub(crate) fn parts(&self, path: &str, work: &Work) -> Vec<Part> {
        let path = &*same_place(path);
        let touching = self.touching(path, work);
        if let [one] = touching.as_slice() {
            // Nothing else can be in its way, so that its files need not be told apart.
            let by = one.by.clone();
            let size = one.what.whole(path);
            return size.map_or_else(Vec::new, |size| vec![Part { by, size }]);
        }
        // Files that have to be told apart take much longer than to see that there are some.
        let each = touching.iter().map(|one| match &one.what {
            What::Copied(copied) => copied.count,
            _ => 1,
        });
        if !work.take(TELLING * each.sum::<usize>()) {
            return Vec::new();
        }
        // The last word of each step.
        let owners = touching.iter().map(|one| (one.by.step, &one.by.owner));
        let owners: BTreeMap<usize, &Option<Arc<str>>> = owners.collect();
        let mut parts: BTreeMap<usize, (u64, bool, Estimate)> = BTreeMap::new();
        for (step, size) in below(&touching, path).into_values() {
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
            let owner = owners.get(&step).copied().cloned().flatten();
            let by = By { step, owner };
            Part { by, size }
        };
        parts.into_iter().map(part).collect()
    }

    /// What has to do with an absolute path, since all that was there was taken away for the last
    /// time, oldest first.
    fn touching(&self, path: &str, work: &Work) -> Vec<&Written> {
        let mut all = Vec::new();
        if !self.may_hold(path) || !work.take(self.count + self.copied) {
            return all;
        }
        let mut gone: Vec<&str> = Vec::new();
        for written in self.written() {
            let is_gone = |own: &str| gone.iter().any(|folder| is_below(own, folder));
            let counts = match &written.what {
                What::Gone(own) if is_below(path, own) => break,
                What::Gone(own) if is_below(own, path) => {
                    gone.push(own);
                    true
                }
                What::Gone(_) => false,
                What::Again(own) => is_below(path, own) || is_below(own, path),
                What::Thing(own, ..) => is_below(own, path) && !is_gone(own),
                What::Copied(copied) => {
                    let target = &copied.target;
                    !is_gone(target) && (is_below(target, path) || is_below(path, target))
                }
            };
            if counts {
                all.push(written);
            }
        }
        // What takes away or repeats before there is anything says nothing.
        let says_nothing = |one: &&Written| matches!(one.what, What::Gone(_) | What::Again(_));
        while all.last().is_some_and(says_nothing) {
            all.pop();
        }
        all.reverse();
        all
    }
}

/// Each file at an absolute path and below it, with the step that wrote it, of what has to do with
/// that path.
fn below<'w>(touching: &[&'w Written], path: &str) -> BTreeMap<Cow<'w, str>, (usize, Size<'w>)> {
    let mut all: BTreeMap<Cow<'w, str>, (usize, Size<'w>)> = BTreeMap::new();
    for written in touching {
        let step = written.by.step;
        match &written.what {
            What::Thing(own, size, _) => {
                all.insert((&**own).into(), (step, Size::Estimate(size)));
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

impl What {
    /// The size of all that it has at an absolute path and below it.
    fn whole(&self, path: &str) -> Option<Estimate> {
        match self {
            Self::Thing(_, size, _) => Some(size.clone()),
            Self::Copied(copied)
                if copied.count == copied.files.len() && is_below(&copied.target, path) =>
            {
                (copied.count > 0).then(|| Estimate::known(copied.bytes, Basis::Context))
            }
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
    use crate::selected::Selections;

    fn copied(context: &Context, source: &str, target: (&str, bool)) -> Copied {
        let whole = Arc::new(context.clone());
        let selection = Selections::new(Some(Arc::clone(&whole)), None).of(source);
        Copied::new(&whole, &selection, source, target)
    }

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
    fn files_are_told_apart_as_long_as_there_is_work_left() {
        let mut files = Files::new(true);
        for at in 0..100 {
            let by = By {
                step: at,
                owner: None,
            };
            files.write(format!("/x/{at}").into(), Estimate::zero(), false, by);
        }
        let work = Work::default();
        let parts = || files.parts("/x", &work).len();
        assert_eq!(parts(), 100);
        assert!(MOST_WORK - work.left() >= 100 * TELLING);
        // So many times that what is looked at takes no more than a moment.
        let times = (0..100_000).take_while(|_| parts() > 0).count();
        assert!(times < 10_000, "{times}");
        assert_eq!(files.at("/x", &work), None);
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
            let copied = copied(&context, source, (target, is_folder));
            let places: Vec<String> = copied.places().map(|(place, _)| place).collect();
            assert_eq!(places.join(" "), expected, "{source} {target}");
        }
    }

    #[test]
    fn what_is_there_is_what_was_written_last() {
        let context = context(&["a.txt", "src/b.txt"]);
        let mut files = Files::new(true);
        files.copy(copied(&context, ".", ("/app", true)), by(1));
        files.write("/app/out".into(), Estimate::zero(), false, by(2));
        let mut later = files.clone();
        later.remove("/app/a.txt", 3);
        later.write("/app/src/b.txt".into(), Estimate::zero(), false, by(4));
        let all = |files: &Files, path: &str| {
            let things = below(&files.touching(path, &Work::default()), path);
            let things = things.into_iter();
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
        later.write_again("/app", by(5));
        assert_eq!(all(&later, "/app/src"), [pair("/app/src/b.txt", 5)]);
        later.remove("/app", 6);
        assert_eq!(all(&later, "/app/src"), []);
        assert!(
            files.at("/app/src/b.txt", &Work::default()).is_some()
                && files.at("/b.txt", &Work::default()).is_none()
        );
    }

    fn by(step: usize) -> By {
        By { step, owner: None }
    }

    fn bytes(bytes: u64) -> Estimate {
        Estimate::known(bytes, Basis::Context)
    }

    fn likely(files: &Files, path: &str) -> Option<u64> {
        files
            .at(path, &Work::default())
            .and_then(|size| size.likely)
    }

    #[test]
    fn a_folder_that_an_image_fills_too_is_not_known() {
        let mut files = Files::new(true);
        files.write("/usr/local/bin/app".into(), bytes(1), false, by(1));
        assert_eq!(likely(&files, "/usr/local/bin/app"), Some(1));
        assert_eq!(likely(&files, "/usr/local/bin"), None);
        assert_eq!(likely(&files, "/"), None);
        let mut files = Files::new(false);
        files.write("/usr/local/bin/app".into(), bytes(1), false, by(1));
        assert_eq!(likely(&files, "/usr"), Some(1));
    }

    #[test]
    fn where_a_command_writes_no_one_knows_where_a_folder_is_open_and_a_thing_is_not() {
        let mut files = Files::new(true);
        files.write("/app/a".into(), bytes(1), false, by(1));
        files.write("/app/node_modules".into(), bytes(5), true, by(2));
        files.lose(&Estimate::unknown("what `make` writes"));
        assert_eq!(likely(&files, "/app"), None);
        assert_eq!(likely(&files, "/app/a"), Some(1));
        assert_eq!(likely(&files, "/app/node_modules"), Some(5));
        assert!(
            files
                .thing("/app/node_modules", &Work::default())
                .unwrap()
                .1
        );
        assert!(!files.thing("/app/a", &Work::default()).unwrap().1);
        assert!(files.thing("/app", &Work::default()).is_none());
    }

    #[test]
    fn packages_of_python_are_found_whatever_its_version_is() {
        let mut files = Files::new(true);
        let path = "/usr/local/lib/python3/site-packages";
        files.write(path.into(), bytes(7), true, by(1));
        let path = "/usr/local/lib/python3.12/site-packages";
        assert_eq!(likely(&files, path), Some(7));
        assert_eq!(likely(&files, "/usr/lib/python3/dist-packages"), None);
    }

    #[test]
    fn a_long_history_is_shared_and_bounded() {
        let by = By {
            step: 0,
            owner: None,
        };
        let mut files = Files::new(false);
        for _ in 0..2 * MOST {
            files.write("/a".into(), Estimate::zero(), false, by.clone());
        }
        let other = files.clone();
        drop(files);
        assert_eq!(other.written().count(), MOST);
        let work = Work::default();
        let found = (0..).take_while(|_| other.at("/a", &work).is_some());
        assert!(found.count() <= MOST_WORK / MOST);
    }
}
