//! What COPY and ADD do to a tree.
//!
//! Source: recorded builds of BuildKit (`tests/`), whose file operations these follow: a folder
//! gives what is in it, links at the end of a source are followed, folders on the way are made.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::glob::matches;
use crate::process::mode;
use crate::tree::{Clock, Errno, File, Meta, Node, Tree, base_name, join, names, parent};

/// Who something is to belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// How something is copied.
pub struct Copy<'a> {
    /// Where to: an absolute path. With a slash at its end it is a folder.
    pub target: &'a str,
    /// Who it is to belong to; else it stays as it is.
    pub owner: Option<Owner>,
    /// The mode that it is to have, as chmod reads it; else it stays as it is.
    pub mode: Option<&'a str>,
    /// Whether archives are unpacked.
    pub unpack: bool,
    /// Whether the folders of the source are made too (`--parents`).
    pub parents: bool,
    /// Whether links in the target are followed.
    pub follow: bool,
    /// What is left out, by its path below what is copied.
    pub excludes: &'a dyn Fn(&str) -> bool,
    /// What time it is.
    pub clock: Clock,
}

/// Something that a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Where it is, links followed.
    pub path: String,
    /// Its path as the source has it, from the root or from `/./` on.
    pub name: String,
}

/// What a source named.
pub type Copied = Vec<Picked>;

/// Why something cannot be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyError {
    /// The source is not there.
    NotFound(String),
    /// A folder would take the place of a file.
    NotAFolder(String),
    /// A file would take the place of a folder.
    IsAFolder(String),
    /// The mode is none.
    Mode(String),
    /// Something else is in the way.
    Other(String, Errno),
}

/// Whether a source is a pattern.
pub(crate) fn is_pattern(source: &str) -> bool {
    source.contains(['*', '?', '['])
}

impl Tree {
    /// What a source of COPY or ADD names, in order; empty for a pattern that nothing fits. With
    /// `parents`, two stars stand for any folders.
    pub fn pick(&self, source: &str, parents: bool) -> Result<Copied, CopyError> {
        // `a/./b`: names are kept from the dot on.
        let kept_from = match source.find("/./").filter(|_| parents) {
            Some(at) => names(source.get(..at).unwrap_or_default())
                .filter(|name| *name != "..")
                .count(),
            None => 0,
        };
        let mut parts: Vec<&str> = Vec::new();
        for name in names(source) {
            if name == ".." {
                parts.pop();
            } else {
                parts.push(name);
            }
        }
        let named = |path: &str| {
            let kept: Vec<&str> = names(path).skip(kept_from).collect();
            kept.join("/")
        };
        if !is_pattern(source) {
            let path = format!("/{}", parts.join("/"));
            let place = self
                .resolve(&path, true)
                .ok()
                .filter(|place| self.at(place).is_some());
            return match place {
                Some(place) => Ok(vec![Picked {
                    path: place,
                    name: named(&path),
                }]),
                None => Err(CopyError::NotFound(path)),
            };
        }
        let mut found: Vec<String> = Vec::new();
        self.fitting("", &parts, parents, &mut found);
        found.sort();
        found.dedup();
        Ok(found
            .into_iter()
            .filter_map(|path| {
                let place = self.resolve(&path, true).ok()?;
                self.at(&place)?;
                Some(Picked {
                    path: place,
                    name: named(&path),
                })
            })
            .collect())
    }

    /// Adds the paths below `place` that fit the rest of a pattern.
    fn fitting(&self, place: &str, parts: &[&str], deep: bool, found: &mut Vec<String>) {
        // More than anybody copies by a pattern.
        const MOST: usize = 100_000;
        let Some((part, rest)) = parts.split_first() else {
            found.push(place.to_owned());
            return;
        };
        let here = if place.is_empty() { "/" } else { place };
        let Ok(Node::Dir(dir)) = self.stat(here, true) else {
            return;
        };
        let any = deep && *part == "**";
        if any {
            self.fitting(place, rest, deep, found);
        }
        for (name, node) in &dir.entries {
            if found.len() > MOST {
                return;
            }
            let path = format!("{place}/{name}");
            if any {
                if matches!(node, Node::Dir(_)) {
                    self.fitting(&path, parts, deep, found);
                }
            } else if matches(part, name) {
                self.fitting(&path, rest, deep, found);
            }
        }
    }

    /// Equal for sources that a builder takes for the same: content, modes and owners, without
    /// times. What a pattern finds counts with its names.
    pub fn fingerprint(
        &self,
        source: &str,
        picked: &[Picked],
        excludes: &dyn Fn(&str) -> bool,
    ) -> u64 {
        let mut hasher = DefaultHasher::new();
        let with_names = is_pattern(source);
        for it in picked {
            if with_names {
                it.name.hash(&mut hasher);
            }
            let Some(node) = self.at(&it.path) else {
                continue;
            };
            if node.as_dir().is_none() && excludes(base_name(&it.name)) {
                continue;
            }
            feed(&node, &mut hasher);
            self.walk(&it.path, &mut |path, node| {
                let below = below(path, &it.path);
                if !excludes(below) {
                    below.hash(&mut hasher);
                    feed(node, &mut hasher);
                }
            });
        }
        hasher.finish()
    }

    /// Copies what a source names out of `from`. Nothing is done where a pattern fits nothing.
    pub fn copy(&mut self, from: &Tree, source: &str, how: &Copy<'_>) -> Result<Copied, CopyError> {
        let picked = from.pick(source, how.parents)?;
        for it in &picked {
            let Some(node) = from.at(&it.path) else {
                continue;
            };
            self.copy_one(&node, it, how)?;
        }
        Ok(picked)
    }

    /// Writes a file that comes from nowhere: a heredoc, a download.
    pub fn write_new(&mut self, name: &str, file: &Node, how: &Copy<'_>) -> Result<(), CopyError> {
        let picked = Picked {
            path: format!("/{name}"),
            name: name.to_owned(),
        };
        self.copy_one(file, &picked, how)
    }

    fn copy_one(&mut self, node: &Node, it: &Picked, how: &Copy<'_>) -> Result<(), CopyError> {
        let other = |error| CopyError::Other(how.target.to_owned(), error);
        let made = how.made()?;
        let mut target = how.target.to_owned();
        if how.parents {
            target = join(
                &target,
                if node.as_dir().is_some() {
                    &it.name
                } else {
                    parent_name(&it.name)
                },
            );
            target.push('/');
        }
        match node {
            Node::Dir(dir) => {
                let place = self.folder(&target, made, how)?;
                for (name, inner) in &dir.entries {
                    self.copy_node(inner, &join(&place, name), name, how)?;
                }
                Ok(())
            }
            Node::File(file) if how.unpack && file.content.members().is_some() => {
                let place = self.folder(&target, made, how)?;
                self.unpack(file, &place, made, how)
            }
            _ => {
                if (how.excludes)(base_name(&it.name)) {
                    return Ok(());
                }
                let into = target.ends_with('/');
                let goal = if into {
                    let place = self.folder(&target, made, how)?;
                    join(&place, base_name(&it.name))
                } else {
                    self.folder(parent(&target), made, how)?;
                    let place = if how.follow {
                        self.resolve(&target, true)
                            .unwrap_or_else(|_| target.clone())
                    } else {
                        target.clone()
                    };
                    match self.at(&place) {
                        Some(Node::Dir(_)) => join(&place, base_name(&it.name)),
                        _ => place,
                    }
                };
                if names(&goal).next().is_none() {
                    return Err(other(Errno::IsDir));
                }
                self.copy_node(node, &goal, base_name(&it.name), how)
            }
        }
    }

    /// Makes a folder of the target where there is none.
    fn folder(&mut self, path: &str, made: Meta, how: &Copy<'_>) -> Result<String, CopyError> {
        if !how.follow {
            // Links are not looked through: they are not there.
            let mut place = "/".to_owned();
            for name in names(path) {
                place = join(&place, name);
                if !matches!(self.at(&place), Some(Node::Dir(_))) {
                    self.put(&place, Node::folder(made))
                        .map_err(|error| CopyError::Other(place.clone(), error))?;
                }
            }
            return Ok(place);
        }
        self.make_folders(path, made).map_err(|error| match error {
            Errno::NotDir => CopyError::NotAFolder(path.trim_end_matches('/').to_owned()),
            error => CopyError::Other(path.to_owned(), error),
        })
    }

    fn copy_node(
        &mut self,
        node: &Node,
        goal: &str,
        below: &str,
        how: &Copy<'_>,
    ) -> Result<(), CopyError> {
        let failed = |error| CopyError::Other(goal.to_owned(), error);
        let excluded = (how.excludes)(below);
        let there = self.at(goal);
        let mut meta = node.meta();
        if let Some(owner) = how.owner {
            meta = meta.owned(owner.uid, owner.gid);
        }
        if let Some(text) = how.mode.filter(|_| !matches!(node, Node::Link(_))) {
            meta.mode = mode(text, meta.mode, node.as_dir().is_some())
                .ok_or_else(|| CopyError::Mode(text.to_owned()))?;
        }
        match node {
            Node::Dir(dir) => {
                match there {
                    Some(Node::Dir(_)) => {
                        if !excluded {
                            self.edit(goal, |node| *node.meta_mut() = meta)
                                .map_err(failed)?;
                        }
                    }
                    Some(_) => return Err(CopyError::NotAFolder(goal.to_owned())),
                    // What is left out is made only for what is in it and is not left out.
                    None if excluded => {
                        let mut any = false;
                        for name in dir.entries.keys() {
                            any |= !(how.excludes)(&format!("{below}/{name}"));
                        }
                        if !any {
                            return Ok(());
                        }
                        self.put(goal, Node::folder(meta)).map_err(failed)?;
                    }
                    None => self.put(goal, Node::folder(meta)).map_err(failed)?,
                }
                for (name, inner) in &dir.entries {
                    self.copy_node(inner, &join(goal, name), &format!("{below}/{name}"), how)?;
                }
                Ok(())
            }
            _ if excluded => Ok(()),
            _ if matches!(there, Some(Node::Dir(_))) => Err(CopyError::IsAFolder(goal.to_owned())),
            Node::File(file) => {
                let links = file.links.map(|number| {
                    let mut hasher = DefaultHasher::new();
                    (number, how.clock.now(), how.target).hash(&mut hasher);
                    hasher.finish()
                });
                let file = File {
                    meta,
                    content: file.content.clone(),
                    links,
                };
                self.put(goal, Node::File(file.into())).map_err(failed)
            }
            Node::Link(link) => self
                .put(goal, Node::link(meta, link.to.clone()))
                .map_err(failed),
            Node::Fifo(_) => self.put(goal, Node::Fifo(meta)).map_err(failed),
        }
    }

    fn unpack(
        &mut self,
        file: &File,
        place: &str,
        made: Meta,
        how: &Copy<'_>,
    ) -> Result<(), CopyError> {
        for member in file.content.members().unwrap_or_default() {
            // A name cannot lead out of the folder.
            let inside: Vec<&str> = names(&member.path).filter(|name| *name != "..").collect();
            if inside.is_empty() {
                continue;
            }
            let goal = join(place, &inside.join("/"));
            let failed = |error| CopyError::Other(goal.clone(), error);
            self.make_folders(parent(&goal), made).map_err(failed)?;
            let mut node = member.node.clone();
            if let Some(owner) = how.owner {
                let meta = node.meta();
                *node.meta_mut() = meta.owned(owner.uid, owner.gid);
            }
            match (&node, self.at(&goal)) {
                (Node::Dir(_), Some(Node::Dir(_))) => {
                    let meta = node.meta();
                    self.edit(&goal, |node| *node.meta_mut() = meta)
                        .map_err(failed)?;
                }
                _ => self.put(&goal, node).map_err(failed)?,
            }
        }
        Ok(())
    }
}

impl Copy<'_> {
    /// What folders are like that are made on the way.
    fn made(&self) -> Result<Meta, CopyError> {
        let octal = |text: &str| u32::from_str_radix(text, 8).ok();
        let mode = match self.mode {
            Some(text) => match octal(text) {
                Some(mode) => mode,
                None if mode(text, 0o755, true).is_some() => 0o755,
                None => return Err(CopyError::Mode(text.to_owned())),
            },
            None => 0o755,
        };
        let owner = self.owner.unwrap_or(Owner { uid: 0, gid: 0 });
        Ok(Meta::new(mode, self.clock.now()).owned(owner.uid, owner.gid))
    }
}

fn parent_name(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What `path` is below `folder`.
fn below<'a>(path: &'a str, folder: &str) -> &'a str {
    path.strip_prefix(folder)
        .unwrap_or(path)
        .trim_start_matches('/')
}

fn feed(node: &Node, hasher: &mut DefaultHasher) {
    let meta = node.meta();
    (meta.mode, meta.uid, meta.gid).hash(hasher);
    match node {
        Node::File(file) => ("file", file.content.size(), file.content.key()).hash(hasher),
        Node::Dir(_) => "folder".hash(hasher),
        Node::Link(link) => ("link", &link.to).hash(hasher),
        Node::Fifo(_) => "fifo".hash(hasher),
    }
}
