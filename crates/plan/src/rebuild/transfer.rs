//! COPY and ADD, and the content that steps are known by.

use stagecraft_files::{Content, Copy, CopyError, Meta, Node, Owner, Tree, group_id, user};
use stagecraft_semantic::Role;
use stagecraft_semantic::ignore::Patterns;
use stagecraft_semantic::paths::join;
use stagecraft_syntax::{Keyword, Kind, MountKind};

use super::StepState;
use super::run::Ran;
use super::solve::{Done, FILE_TIME, Run, Seen, Taken, Task};
use crate::key::hash;

/// A source of COPY or ADD.
enum Source<'a> {
    /// Files that are there.
    Files(&'a str),
    /// A heredoc: its name and its lines.
    Text(&'a str, String),
    /// Something from the network.
    Remote(&'a str),
}

impl Run<'_> {
    fn sources<'b>(task: &'b Task<'_>) -> (Vec<Source<'b>>, &'b str) {
        let arguments = task.parts.words(|role| role == Role::Argument);
        let Some((target, sources)) = arguments.split_last() else {
            return (Vec::new(), "/");
        };
        let heredocs = task.text.heredocs(task.instruction);
        let is_add = task.instruction.keyword == Keyword::Add;
        let mut heredocs = heredocs.iter();
        let sources = sources
            .iter()
            .map(|source| {
                if source.contains("<<")
                    && let Some(heredoc) = heredocs.next()
                {
                    let name = task.text.str(heredoc.name);
                    return Source::Text(name, task.parts.body(heredoc));
                }
                let is_remote = is_add && (source.contains("://") || source.starts_with("git@"));
                if is_remote {
                    Source::Remote(source)
                } else {
                    Source::Files(source)
                }
            })
            .collect();
        (sources, target)
    }

    /// What the files that a step takes are known by; `None` where they are not looked into.
    pub(super) fn content_key(task: &Task<'_>, taken: &[Taken]) -> Option<u64> {
        let mut parts: Vec<u64> = Vec::new();
        match &task.instruction.kind {
            Kind::Transfer(transfer) => {
                let from = taken.first()?;
                let patterns = Self::left_out(task);
                let excludes = |path: &str| patterns.verdict(path).ignored;
                let tree = &from.snapshot.tree;
                for source in Self::sources(task).0 {
                    parts.push(match source {
                        Source::Files(source) => {
                            match tree.pick(source, transfer.parents) {
                                Ok(picked) => tree.fingerprint(source, &picked, &excludes),
                                // Of unknown files, that they are those of that step.
                                Err(_) => hash(&(from.identity, source)),
                            }
                        }
                        Source::Text(..) => 0,
                        Source::Remote(source) => hash(&source),
                    });
                }
                if !from.snapshot.known {
                    parts.push(from.identity);
                }
            }
            Kind::Run(_) => {
                for (mount, from) in task.text.mounts(task.instruction).iter().zip(taken) {
                    if !matches!(mount.kind, MountKind::Bind) {
                        parts.push(from.identity);
                        continue;
                    }
                    let source = task
                        .text
                        .mount_option(mount, "source")
                        .and_then(|option| option.value)
                        .map_or("/", |word| task.text.word(word));
                    // A whole image is known by its steps.
                    let is_whole = join("/", source) == "/";
                    if is_whole && !from.is_folder || !from.snapshot.known {
                        parts.push(from.identity);
                        continue;
                    }
                    let tree = &from.snapshot.tree;
                    let picked = tree.pick(source, false).ok()?;
                    parts.push(tree.fingerprint(source, &picked, &|_| false));
                }
            }
            _ => return None,
        }
        Some(hash(&("content", parts)))
    }

    fn left_out(task: &Task<'_>) -> Patterns {
        let lines = task.parts.words(|role| role == Role::Exclude).join("\n");
        Patterns::read(&lines)
    }

    /// A source that is not there, though all files are known.
    pub(super) fn is_missing(task: &Task<'_>, taken: &[Taken]) -> Option<String> {
        let lacks = |from: &Taken, source: &str, parents| {
            from.snapshot.known && from.snapshot.tree.pick(source, parents).is_err()
        };
        match &task.instruction.kind {
            Kind::Transfer(transfer) => {
                let from = taken.first()?;
                Self::sources(task)
                    .0
                    .into_iter()
                    .find_map(|source| match source {
                        Source::Files(source) if lacks(from, source, transfer.parents) => {
                            Some(source.to_owned())
                        }
                        _ => None,
                    })
            }
            Kind::Run(_) => {
                let mounts = task.text.mounts(task.instruction).iter().enumerate();
                mounts.zip(taken).find_map(|((at, mount), from)| {
                    let options = task.text.mount_options(mount);
                    let source = options.iter().rposition(|option| option.key == "source")?;
                    let source = task.parts.option(at, source)?;
                    let is_bind = mount.kind == MountKind::Bind;
                    (is_bind && lacks(from, source, false)).then(|| source.to_owned())
                })
            }
            _ => None,
        }
    }

    /// A step whose source is not there: that is noticed before what it stands on is done.
    pub(super) fn missing(task: &Task<'_>, taken: &[Taken]) -> Seen {
        let source = Self::is_missing(task, taken).unwrap_or_default();
        let ready = taken.iter().map(|from| from.ready).max().unwrap_or(0);
        Seen {
            state: StepState::Error,
            time: (ready, ready.saturating_add(FILE_TIME)),
            failure: Some(format!("`{source}` is not there")),
            done: None,
            keys: Vec::new(),
        }
    }

    /// Copies.
    pub(super) fn transfer(&mut self, task: &Task<'_>, below: &Done, taken: &[Taken]) -> Ran {
        let Kind::Transfer(transfer) = &task.instruction.kind else {
            return Ok((below.snapshot.tree.clone(), below.snapshot.known));
        };
        let Some(from) = taken.first() else {
            return Ok((below.snapshot.tree.clone(), false));
        };
        let mut tree = below.snapshot.tree.clone();
        let (sources, destination) = Self::sources(task);
        let workdir = self.request.model.scopes().workdir(task.command.before);
        let mut target = join(workdir.unwrap_or("/"), destination);
        let is_folder = destination.ends_with('/')
            || matches!(destination, "." | "..")
            || destination.ends_with("/.");
        if is_folder && !target.ends_with('/') {
            target.push('/');
        }
        let chmod = task.text.flag_value(task.instruction, "chmod");
        let is_link = transfer.link && chmod.is_none();
        let chown = task.parts.words(|role| role == Role::Chown).pop();
        let owner = match chown.filter(|text| !text.is_empty()) {
            Some(text) => Some(owner(&tree, text)?),
            None => None,
        };
        let mode = task.parts.words(|role| role == Role::Chmod).pop();
        let patterns = Self::left_out(task);
        let time = self.now();
        let clock = match self.request.epoch {
            Some(seconds) => stagecraft_files::Clock::fixed(seconds),
            None => stagecraft_files::Clock::step(self.builder.runs),
        };
        let is_add = task.instruction.keyword == Keyword::Add;
        let how = Copy {
            target: &target,
            owner,
            mode: mode.filter(|text| !text.is_empty()),
            unpack: is_add && transfer.unpack != Some(false),
            parents: transfer.parents,
            follow: !is_link,
            excludes: &|path| patterns.verdict(path).ignored,
            clock,
        };
        let mut known = from.snapshot.known;
        for source in sources {
            let copied = match source {
                Source::Files(source) => match tree.copy(&from.snapshot.tree, source, &how) {
                    Err(CopyError::NotFound(_)) if !from.snapshot.known => continue,
                    other => other.map(drop),
                },
                Source::Text(name, text) => {
                    let file =
                        Node::file(Meta::new(0o644, time), Content::bytes(text.into_bytes()));
                    tree.write_new(name, &file, &how)
                }
                Source::Remote(_) => {
                    known = false;
                    Ok(())
                }
            };
            copied.map_err(|error| message(&error))?;
        }
        Ok((tree, known))
    }
}

/// Who `--chown` names. A name that is in no table is root, as long as there is a table.
/// Source: recorded builds (`labels/chown-unknown-group`, `copykey/chown-unknown`).
fn owner(tree: &Tree, text: &str) -> Result<Owner, String> {
    let (name, group) = match text.split_once(':') {
        Some((name, group)) => (name, Some(group)),
        None => (text, None),
    };
    let number = name.parse::<u32>().ok();
    let has_table = |path: &str| tree.file(path).is_some();
    let (uid, mut gid) = match (number, name) {
        (Some(uid), _) => (uid, uid),
        (None, "") => (0, 0),
        (None, name) => match user(tree, name) {
            Some(found) => (found.uid, found.gid),
            None if has_table("/etc/passwd") => (0, 0),
            None => return Err(format!("there is no user `{name}`, and no /etc/passwd")),
        },
    };
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        match group_id(tree, group) {
            Some(found) => gid = found,
            None if has_table("/etc/group") => {}
            None => return Err(format!("there is no group `{group}`, and no /etc/group")),
        }
    }
    Ok(Owner { uid, gid })
}

fn message(error: &CopyError) -> String {
    match error {
        CopyError::NotFound(path) => format!("`{path}` is not there"),
        CopyError::NotAFolder(path) => format!("`{path}` is no folder"),
        CopyError::IsAFolder(path) => format!("`{path}` is a folder, which no file can replace"),
        CopyError::Mode(text) => format!("`{text}` is no file mode"),
        CopyError::Other(path, error) => format!("{path}: {}", error.words()),
    }
}
