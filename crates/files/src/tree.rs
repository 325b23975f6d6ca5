//! A tree of files, as the root of a container. Copies share what they have in common, so that
//! each layer of a build can keep its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::Content;

/// As many links as Linux follows. Source: `MAXSYMLINKS`.
const MOST_LINKS: u32 = 40;
/// The longest path, in bytes. Source: `PATH_MAX` of Linux.
const LONGEST_PATH: usize = 4096;
/// Folders in folders; nobody has as many, and each is a step of recursion.
pub(crate) const DEEPEST: usize = 256;

/// When something was written, as far as that can tell two files apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Time(u64);

impl Time {
    /// Seconds since 1970.
    pub fn at(seconds: u64) -> Self {
        Self(seconds & !(1 << 63))
    }
}

/// What time it is while a step is done: not known, but not that of any other step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(Time);

impl Clock {
    /// The time of the step with that number.
    pub fn step(number: u64) -> Self {
        Self(Time(number | 1 << 63))
    }

    /// A time that is fixed, in seconds since 1970.
    pub fn fixed(seconds: u64) -> Self {
        Self(Time::at(seconds))
    }

    /// The time.
    pub fn now(self) -> Time {
        self.0
    }
}

/// What a file, folder or link says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meta {
    /// Permissions with setuid, setgid and sticky bit.
    pub mode: u32,
    /// The user that it belongs to.
    pub uid: u32,
    /// The group that it belongs to.
    pub gid: u32,
    /// When it was written.
    pub time: Time,
}

impl Meta {
    /// Of that mode, owned by root.
    pub fn new(mode: u32, time: Time) -> Self {
        Self {
            mode,
            uid: 0,
            gid: 0,
            time,
        }
    }

    /// The same, owned by somebody.
    #[must_use]
    pub fn owned(self, uid: u32, gid: u32) -> Self {
        Self { uid, gid, ..self }
    }
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// What it says of itself.
    pub meta: Meta,
    /// What is in it.
    pub content: Content,
    /// Files of a tree with the same number are one file with several names.
    pub links: Option<u64>,
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dir {
    /// What it says of itself.
    pub meta: Meta,
    /// What is in it, by name.
    pub entries: BTreeMap<Box<str>, Node>,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symlink {
    /// What it says of itself.
    pub meta: Meta,
    /// Where it leads, as written.
    pub to: String,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A file.
    File(Arc<File>),
    /// A folder.
    Dir(Arc<Dir>),
    /// A symbolic link.
    Link(Arc<Symlink>),
    /// A named pipe.
    Fifo(Meta),
}

impl Node {
    /// A file with that content.
    pub fn file(meta: Meta, content: Content) -> Self {
        Self::File(Arc::new(File {
            meta,
            content,
            links: None,
        }))
    }

    /// An empty folder.
    pub fn folder(meta: Meta) -> Self {
        Self::Dir(Arc::new(Dir {
            meta,
            entries: BTreeMap::new(),
        }))
    }

    /// A symbolic link.
    pub fn link(meta: Meta, to: impl Into<String>) -> Self {
        Self::Link(Arc::new(Symlink {
            meta,
            to: to.into(),
        }))
    }

    /// What it says of itself.
    pub fn meta(&self) -> Meta {
        match self {
            Self::File(file) => file.meta,
            Self::Dir(dir) => dir.meta,
            Self::Link(link) => link.meta,
            Self::Fifo(meta) => *meta,
        }
    }

    /// The same to change. A folder or file that others share is copied first.
    pub fn meta_mut(&mut self) -> &mut Meta {
        match self {
            Self::File(file) => &mut Arc::make_mut(file).meta,
            Self::Dir(dir) => &mut Arc::make_mut(dir).meta,
            Self::Link(link) => &mut Arc::make_mut(link).meta,
            Self::Fifo(meta) => meta,
        }
    }

    /// It as a folder.
    pub fn as_dir(&self) -> Option<&Dir> {
        match self {
            Self::Dir(dir) => Some(dir),
            _ => None,
        }
    }

    /// Whether it is the very same, so that nothing below can differ.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(two)) => Arc::ptr_eq(one, two),
            (Self::Dir(one), Self::Dir(two)) => Arc::ptr_eq(one, two),
            (Self::Link(one), Self::Link(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

/// Why something cannot be done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errno {
    /// There is nothing.
    NotFound,
    /// It goes through something that is no folder.
    NotDir,
    /// It is a folder.
    IsDir,
    /// There is something already.
    Exists,
    /// Links that lead in circles.
    Loop,
    /// The user may not.
    Permission,
    /// It is mounted read-only.
    ReadOnly,
    /// The folder has something in it.
    NotEmpty,
    /// The path is too long.
    TooLong,
    /// There are more files than can be kept.
    NoSpace,
}

impl Errno {
    /// As the C library puts it.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotFound => "No such file or directory",
            Self::NotDir => "Not a directory",
            Self::IsDir => "Is a directory",
            Self::Exists => "File exists",
            Self::Loop => "Too many levels of symbolic links",
            Self::Permission => "Permission denied",
            Self::ReadOnly => "Read-only file system",
            Self::NotEmpty => "Directory not empty",
            Self::TooLong => "File name too long",
            Self::NoSpace => "No space left on device",
        }
    }
}

/// Something to be seen at another place while a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where: an absolute path.
    pub target: String,
    /// What.
    pub node: Node,
    /// Whether nothing can be written there.
    pub read_only: bool,
}

/// A tree of files. Paths are absolute; `/` is its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    root: Arc<Dir>,
}

impl Default for Tree {
    fn default() -> Self {
        let meta = Meta::new(0o755, Time::default());
        Self {
            root: Arc::new(Dir {
                meta,
                entries: BTreeMap::new(),
            }),
        }
    }
}

/// The names in a path; `.` and empty ones are left out.
pub(crate) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

/// The path of `name` in the folder `folder`.
pub(crate) fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// The last name of a path.
pub(crate) fn base_name(path: &str) -> &str {
    names(path).next_back().unwrap_or("/")
}

/// The folder of a path that is in order.
pub(crate) fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    }
}

impl Tree {
    /// The tree below a folder.
    pub fn of(root: Arc<Dir>) -> Self {
        Self { root }
    }

    /// Its root.
    pub fn root(&self) -> &Arc<Dir> {
        &self.root
    }

    /// What is at a path that has no links and dots in it.
    pub fn at(&self, path: &str) -> Option<Node> {
        let mut names = names(path).peekable();
        let mut dir = &self.root;
        if names.peek().is_none() {
            return Some(Node::Dir(Arc::clone(dir)));
        }
        while let Some(name) = names.next() {
            let node = dir.entries.get(name)?;
            if names.peek().is_none() {
                return Some(node.clone());
            }
            match node {
                Node::Dir(next) => dir = next,
                _ => return None,
            }
        }
        None
    }

    /// The file at a path, through links.
    pub fn file(&self, path: &str) -> Option<Arc<File>> {
        match self.at(&self.resolve(path, true).ok()?)? {
            Node::File(file) => Some(file),
            _ => None,
        }
    }

    /// The path without links and dots that `path` comes to; the last name may be of something
    /// that is not there. `follow` says whether a link at the end is followed too.
    pub fn resolve(&self, path: &str, follow: bool) -> Result<String, Errno> {
        let mut left: Vec<String> = names(path).rev().map(str::to_owned).collect();
        let mut done: Vec<String> = Vec::new();
        let must_be_folder = path.ends_with('/') || path.ends_with("/.");
        let mut links = 0;
        while let Some(name) = left.pop() {
            if name == ".." {
                done.pop();
                continue;
            }
            let place = format!("/{}", done.join("/"));
            let node = self.at(&join(&place, &name));
            let last = left.is_empty();
            match node {
                Some(Node::Link(link)) if !last || follow || must_be_folder => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Errno::Loop);
                    }
                    if link.to.starts_with('/') {
                        done.clear();
                    }
                    left.extend(names(&link.to).rev().map(str::to_owned));
                }
                Some(Node::Dir(_)) => done.push(name),
                Some(_) if last => done.push(name),
                Some(_) => return Err(Errno::NotDir),
                None if last => {
                    // What is not there has to be in something that is.
                    if !matches!(self.at(&place), Some(Node::Dir(_))) {
                        return Err(Errno::NotFound);
                    }
                    done.push(name);
                }
                None => return Err(Errno::NotFound),
            }
            if left.len() + done.len() > DEEPEST {
                return Err(Errno::TooLong);
            }
        }
        let path = format!("/{}", done.join("/"));
        if path.len() > LONGEST_PATH {
            return Err(Errno::TooLong);
        }
        Ok(path)
    }

    /// What is at a path, through links in it; `follow` as for [`Tree::resolve`].
    pub fn stat(&self, path: &str, follow: bool) -> Result<Node, Errno> {
        let place = self.resolve(path, follow)?;
        self.at(&place).ok_or(Errno::NotFound)
    }

    /// Does something with the entries of the folder at `path`, which has no links in it.
    fn change<T>(
        &mut self,
        path: &str,
        what: impl FnOnce(&mut Dir) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let mut dir = Arc::make_mut(&mut self.root);
        for name in names(path) {
            match dir.entries.get_mut(name) {
                Some(Node::Dir(next)) => dir = Arc::make_mut(next),
                Some(_) => return Err(Errno::NotDir),
                None => return Err(Errno::NotFound),
            }
        }
        what(dir)
    }

    /// Puts something at a path without links, in the place of what is there.
    pub fn put(&mut self, path: &str, node: Node) -> Result<(), Errno> {
        if names(path).count() > DEEPEST {
            return Err(Errno::TooLong);
        }
        if names(path).next().is_none() {
            return match node {
                Node::Dir(dir) => {
                    self.root = dir;
                    Ok(())
                }
                _ => Err(Errno::IsDir),
            };
        }
        self.change(parent(path), |dir| {
            dir.entries.insert(base_name(path).into(), node);
            Ok(())
        })
    }

    /// How many files, folders and links there are, counted up to `most`.
    pub fn count(&self, most: usize) -> usize {
        let mut count = 0;
        count_in(&self.root, most, &mut count);
        count
    }

    /// Takes away what is at a path without links.
    pub fn remove(&mut self, path: &str) -> Result<Node, Errno> {
        self.change(parent(path), |dir| {
            dir.entries.remove(base_name(path)).ok_or(Errno::NotFound)
        })
    }

    /// Changes what is at a path without links. A file with several names changes under all.
    pub fn edit(&mut self, path: &str, how: impl Fn(&mut Node)) -> Result<(), Errno> {
        let Some(node) = self.at(path) else {
            return Err(Errno::NotFound);
        };
        let mut changed = node;
        how(&mut changed);
        let linked = match &changed {
            Node::File(file) => file.links,
            _ => None,
        };
        if let Some(number) = linked {
            for other in self.linked(number) {
                self.put(&other, changed.clone())?;
            }
        }
        self.put(path, changed)
    }

    /// The names of the file with that number.
    fn linked(&self, number: u64) -> Vec<String> {
        let mut found = Vec::new();
        self.walk("/", &mut |path, node| {
            if matches!(node, Node::File(file) if file.links == Some(number)) {
                found.push(path.to_owned());
            }
        });
        found
    }

    /// Everything below a folder without links, folders before what is in them, by name.
    pub fn walk(&self, path: &str, visit: &mut impl FnMut(&str, &Node)) {
        if let Some(Node::Dir(dir)) = self.at(path) {
            walk(path.trim_end_matches('/'), &dir, visit);
        }
    }

    /// Makes a folder and those that it is in. What is made belongs to `meta`'s owner.
    /// Returns the path without links.
    pub fn make_folders(&mut self, path: &str, meta: Meta) -> Result<String, Errno> {
        let mut place = "/".to_owned();
        for name in names(path) {
            let next = join(&place, name);
            let next = self.resolve(&next, true).or_else(|error| match error {
                // A link that leads nowhere yet.
                Errno::NotFound => self.target_of(&next),
                error => Err(error),
            })?;
            match self.at(&next) {
                Some(Node::Dir(_)) => {}
                Some(_) => return Err(Errno::NotDir),
                None => {
                    if names(&next).count() > DEEPEST {
                        return Err(Errno::TooLong);
                    }
                    let folder = parent(&next).to_owned();
                    if self.at(&folder).is_none() {
                        self.make_folders(&folder, meta)?;
                    }
                    self.put(&next, Node::folder(meta))?;
                }
            }
            place = next;
        }
        Ok(place)
    }

    /// Where a link leads, one step, whether anything is there or not.
    fn target_of(&self, path: &str) -> Result<String, Errno> {
        match self.at(path) {
            Some(Node::Link(link)) => {
                let whole = if link.to.starts_with('/') {
                    link.to.clone()
                } else {
                    join(parent(path), &link.to)
                };
                let mut done: Vec<&str> = Vec::new();
                for name in names(&whole) {
                    if name == ".." {
                        done.pop();
                    } else {
                        done.push(name);
                    }
                }
                Ok(format!("/{}", done.join("/")))
            }
            _ => Err(Errno::NotFound),
        }
    }
}

fn count_in(dir: &Dir, most: usize, count: &mut usize) {
    for node in dir.entries.values() {
        if *count >= most {
            return;
        }
        *count += 1;
        if let Node::Dir(inner) = node {
            count_in(inner, most, count);
        }
    }
}

/// How many folders are in one another.
pub(crate) fn depth(node: &Node) -> usize {
    match node {
        Node::Dir(dir) => 1 + dir.entries.values().map(depth).max().unwrap_or(0),
        _ => 1,
    }
}

fn walk(path: &str, dir: &Dir, visit: &mut impl FnMut(&str, &Node)) {
    for (name, node) in &dir.entries {
        let place = format!("{path}/{name}");
        visit(&place, node);
        if let Node::Dir(inner) = node {
            walk(&place, inner, visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Errno, Meta, Node, Tree};
    use crate::Content;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        let meta = Meta::new(0o755, Clock::step(1).now());
        tree.make_folders("/a/b", meta).unwrap();
        tree.put("/l", Node::link(meta, "a")).unwrap();
        tree.put("/loop", Node::link(meta, "loop")).unwrap();
        tree.put("/a/f", Node::file(meta, Content::bytes(*b"x")))
            .unwrap();
        tree
    }

    #[test]
    fn links_are_followed_to_where_they_lead() {
        let tree = tree();
        assert_eq!(tree.resolve("/l/b/../f", true).unwrap(), "/a/f");
        assert_eq!(tree.resolve("/l", false).unwrap(), "/l");
        assert_eq!(tree.resolve("/loop", true), Err(Errno::Loop));
        assert_eq!(tree.resolve("/a/f/x", true), Err(Errno::NotDir));
        assert_eq!(tree.resolve("/a/new", true).unwrap(), "/a/new");
        assert_eq!(tree.resolve("/new/er", true), Err(Errno::NotFound));
        assert_eq!(tree.resolve("/../..", true).unwrap(), "/");
    }

    #[test]
    fn a_copy_does_not_see_what_is_done_to_the_other() {
        let before = tree();
        let mut after = before.clone();
        after.remove("/a/f").unwrap();
        assert!(before.at("/a/f").is_some());
        assert!(after.at("/a/f").is_none());
    }

    #[test]
    fn a_file_with_two_names_changes_under_both() {
        let mut tree = tree();
        tree.edit("/a/f", |node| {
            if let Node::File(file) = node {
                std::sync::Arc::make_mut(file).links = Some(1);
            }
        })
        .unwrap();
        let node = tree.at("/a/f").unwrap();
        tree.put("/g", node).unwrap();
        tree.edit("/g", |node| node.meta_mut().mode = 0o600)
            .unwrap();
        assert_eq!(tree.at("/a/f").unwrap().meta().mode, 0o600);
    }
}
