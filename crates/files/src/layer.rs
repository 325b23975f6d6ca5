//! What a layer holds: the difference between two trees, as the tar file that a registry keeps.

use crate::tree::{Dir, Node, Tree};
use std::collections::BTreeMap;

/// The size of a header and of what contents are padded to, in bytes. Source: the tar format.
const BLOCK: u64 = 512;
/// Longer names need an extended header. Source: the ustar format's `name` field.
const LONGEST_NAME: usize = 100;

/// What an entry of a layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file of that size in bytes; a deleted path is an empty one named `.wh.NAME`.
    File(u64),
    /// A folder.
    Dir,
    /// A symbolic link to there.
    Symlink(String),
    /// Another name of an entry before it, without the slash in front.
    Hardlink(String),
    /// A named pipe.
    Fifo,
}

/// An entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Permissions with setuid, setgid and sticky bit.
    pub mode: u32,
    /// The user that it belongs to.
    pub uid: u32,
    /// The group that it belongs to.
    pub gid: u32,
}

/// What makes `after` of `before`, in the order of the tar file: by name, folders before what is
/// in them. A changed file brings the folders that it is in.
/// Source: recorded layers of BuildKit's overlay snapshotter.
pub fn entries(before: &Tree, after: &Tree) -> Vec<Entry> {
    let mut difference = Difference::default();
    difference.folder("", Some(before.root()), after.root());
    difference.entries
}

/// The size of the tar file with these entries, in bytes: headers, padded contents and its end.
pub fn tar_size(entries: &[Entry]) -> u64 {
    entries.iter().fold(2 * BLOCK, |sum, entry| {
        let content = match &entry.kind {
            EntryKind::File(size) => size.div_ceil(BLOCK).saturating_mul(BLOCK),
            _ => 0,
        };
        sum.saturating_add(BLOCK)
            .saturating_add(content)
            .saturating_add(extended(entry))
    })
}

/// What names take that do not fit into a header: a header and a block or more of records.
fn extended(entry: &Entry) -> u64 {
    let folder = usize::from(entry.kind == EntryKind::Dir);
    let to = match &entry.kind {
        EntryKind::Symlink(to) | EntryKind::Hardlink(to) => to.as_str(),
        _ => "",
    };
    let path = entry.path.trim_start_matches('/');
    let record = |key: usize, name: &str, more: usize| {
        let fits = name.is_ascii() && name.len() + more <= LONGEST_NAME;
        if fits {
            return 0;
        }
        // `LENGTH KEY=VALUE\n`, where LENGTH counts itself.
        let rest = key + name.len() + more + 3;
        let digits = |n: usize| n.to_string().len();
        let mut whole = rest + digits(rest);
        whole = rest + digits(whole);
        u64::try_from(whole).unwrap_or(u64::MAX)
    };
    let records = record("path".len(), path, folder) + record("linkpath".len(), to, 0);
    if records == 0 {
        return 0;
    }
    BLOCK + records.div_ceil(BLOCK) * BLOCK
}

#[derive(Default)]
struct Difference {
    entries: Vec<Entry>,
    /// The first name of each file that has several.
    linked: BTreeMap<u64, String>,
}

impl Difference {
    fn folder(&mut self, path: &str, before: Option<&Dir>, after: &Dir) {
        let empty = BTreeMap::new();
        let old = before.map_or(&empty, |dir| &dir.entries);
        let mut gone = old
            .keys()
            .filter(|name| !after.entries.contains_key(*name))
            .peekable();
        for (name, node) in &after.entries {
            while let Some(name) = gone.next_if(|gone| *gone < name) {
                self.whiteout(path, name);
            }
            self.node(&format!("{path}/{name}"), old.get(name), node);
        }
        for name in gone {
            self.whiteout(path, name);
        }
    }

    fn node(&mut self, path: &str, before: Option<&Node>, after: &Node) {
        if before.is_some_and(|before| before.is_same(after)) {
            return;
        }
        let meta = after.meta();
        let entry = |kind| Entry {
            path: path.to_owned(),
            kind,
            mode: meta.mode,
            uid: meta.uid,
            gid: meta.gid,
        };
        match after {
            Node::Dir(dir) => {
                let old = before.and_then(Node::as_dir);
                // The time of a folder alone makes no entry.
                let own = |meta: crate::Meta| (meta.mode, meta.uid, meta.gid);
                let same = old.is_some_and(|old| own(old.meta) == own(meta));
                self.entries.push(entry(EntryKind::Dir));
                let with_it = self.entries.len();
                self.folder(path, old, dir);
                if same && self.entries.len() == with_it {
                    self.entries.pop();
                }
            }
            _ if before == Some(after) => {}
            Node::File(file) => {
                let first = file.links.and_then(|number| self.linked.get(&number));
                let kind = match first {
                    Some(first) => EntryKind::Hardlink(first.clone()),
                    None => EntryKind::File(file.content.size()),
                };
                if let (Some(number), None) = (file.links, first) {
                    self.linked
                        .insert(number, path.trim_start_matches('/').to_owned());
                }
                self.entries.push(entry(kind));
            }
            Node::Link(link) => self
                .entries
                .push(entry(EntryKind::Symlink(link.to.clone()))),
            Node::Fifo(_) => self.entries.push(entry(EntryKind::Fifo)),
        }
    }

    fn whiteout(&mut self, path: &str, name: &str) {
        self.entries.push(Entry {
            path: format!("{path}/.wh.{name}"),
            kind: EntryKind::File(0),
            mode: 0,
            uid: 0,
            gid: 0,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{entries, tar_size};
    use crate::{Clock, Content, Meta, Node, Tree};

    fn tree(files: &[(&str, &str, u64)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text, time) in files {
            let meta = Meta::new(0o755, Clock::step(*time).now());
            let (folder, _) = path.rsplit_once('/').unwrap();
            tree.make_folders(folder, meta).unwrap();
            tree.put(path, Node::file(meta, Content::bytes(text.as_bytes())))
                .unwrap();
        }
        tree
    }

    fn paths(before: &Tree, after: &Tree) -> Vec<String> {
        let entries = entries(before, after);
        entries.into_iter().map(|entry| entry.path).collect()
    }

    #[test]
    fn a_layer_has_what_was_added_changed_and_deleted_with_its_folders() {
        let before = tree(&[("/a/f", "1", 1), ("/a/g", "1", 1), ("/b/h", "1", 1)]);
        let after = tree(&[("/a/f", "1", 1), ("/a/i", "1", 2), ("/b/h", "1", 1)]);
        assert_eq!(paths(&before, &after), ["/a", "/a/.wh.g", "/a/i"]);
        assert_eq!(paths(&after, &after), [""; 0]);
    }

    #[test]
    fn the_time_of_a_file_counts_and_that_of_a_folder_does_not() {
        let before = tree(&[("/a/f", "1", 1)]);
        let after = tree(&[("/a/f", "1", 2)]);
        assert_eq!(paths(&before, &after), ["/a", "/a/f"]);
        let mut touched = before.clone();
        touched
            .edit("/a", |node| node.meta_mut().time = Clock::step(9).now())
            .unwrap();
        assert_eq!(paths(&before, &touched), [""; 0]);
    }

    #[test]
    fn a_tar_file_is_made_of_blocks() {
        let none = Tree::default();
        let size = |text: &str| tar_size(&entries(&none, &tree(&[("/f", text, 1)])));
        assert_eq!(tar_size(&[]), 1024);
        assert_eq!(size(""), 1536);
        assert_eq!(size("x"), 2048);
        assert_eq!(size(&"x".repeat(513)), 2560);
        let long = format!("/{}", "n".repeat(120));
        assert_eq!(tar_size(&entries(&none, &tree(&[(&long, "", 1)]))), 2560);
    }
}
