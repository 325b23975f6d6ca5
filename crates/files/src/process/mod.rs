//! A shell that runs the plain commands over a tree: what `mkdir`, `cp`, `echo … > file` and
//! their like leave behind. What it does not know ends it with [`Unknown`].
//!
//! Facts are those of POSIX and of busybox, whose tools the recordings in `tests/` were made with.

mod applets;
mod builtins;
mod expand;
mod file_applets;
mod filters;
mod options;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use options::mode;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::Content;
use crate::tree::{Clock, Errno, Meta, Mount, Node, Tree, join, parent};
use crate::users::User;

/// As much as a command may do: commands run, words expanded, files walked.
const MOST_STEPS: u32 = 200_000;
/// The most bytes that go through a pipe or into a file.
const MOST_BYTES: usize = 8 << 20;
/// Lists in lists, those of scripts that call scripts included.
const DEEPEST: u32 = 64;

/// Why nobody can say what a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Its exit code; 0 for success.
    pub code: i32,
    /// What it wrote, standard output and error as they came.
    pub output: Vec<u8>,
}

/// Why a command does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stop {
    Unknown(Unknown),
    /// `exit`, or a failure under `set -e`.
    Exit(i32),
    Return(i32),
    Break(u32),
    Continue(u32),
}

type Run<T> = Result<T, Stop>;

fn unknown<T>(what: impl Into<String>) -> Run<T> {
    Err(Stop::Unknown(Unknown(what.into())))
}

/// What a command reads from.
#[derive(Debug, Clone)]
enum Input {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// As many zeros as one likes.
    Zeros,
}

impl Input {
    fn empty() -> Self {
        Self::Bytes(Arc::new([]))
    }
}

/// Where a command writes to.
#[derive(Debug, Clone)]
enum Sink {
    /// Kept for whoever asks.
    Kept(Vec<u8>),
    /// A file; written when the command is done.
    File {
        path: String,
        bytes: Vec<u8>,
        append: bool,
    },
    /// `/dev/null`
    Nowhere,
}

/// What the descriptors 0, 1 and 2 are: the last two as numbers of sinks.
#[derive(Debug, Clone)]
struct Io {
    input: Input,
    out: usize,
    err: usize,
}

#[derive(Debug, Clone)]
struct Variable {
    value: String,
    exported: bool,
}

/// What `set` switches on.
#[derive(Debug, Clone, Copy, Default)]
struct Switches {
    /// `set -e`
    exits: bool,
    /// `set -o pipefail`
    fails_in_pipes: bool,
    /// `set -u`
    fails_unset: bool,
}

/// A process with the files that it sees.
#[derive(Debug, Clone)]
pub struct Process {
    tree: Tree,
    clock: Clock,
    user: User,
    variables: BTreeMap<String, Variable>,
    /// By name, the text of the body.
    functions: BTreeMap<String, String>,
    arguments: Vec<String>,
    workdir: String,
    read_only: Vec<String>,
    sinks: Vec<Sink>,
    /// Of the last command.
    status: i32,
    switches: Switches,
    /// How many conditions it is in, where a failure is an answer.
    conditions: u32,
    umask: u32,
    steps: u32,
    depth: u32,
    /// The next number for a file with several names.
    links: u64,
    /// Whether tools are there that are not in the tree.
    assumes_tools: bool,
    /// Thousandths of a second that `sleep` was asked for.
    slept: u64,
}

impl Process {
    /// A process of root in `/`, with the builder's own PATH.
    pub fn new(tree: Tree, clock: Clock) -> Self {
        let mut process = Self {
            tree,
            clock,
            user: User::default(),
            variables: BTreeMap::new(),
            functions: BTreeMap::new(),
            arguments: Vec::new(),
            workdir: "/".to_owned(),
            read_only: Vec::new(),
            sinks: vec![Sink::Kept(Vec::new())],
            status: 0,
            switches: Switches::default(),
            conditions: 0,
            umask: 0o022,
            steps: 0,
            depth: 0,
            links: 0,
            assumes_tools: false,
            slept: 0,
        };
        process.tree.walk("/", &mut |_, node| {
            if let Node::File(file) = node {
                process.links = process.links.max(file.links.map_or(0, |number| number + 1));
            }
        });
        process.set_variable("HOME", "/root", true);
        process
    }

    /// The same as another user. HOME is that user's folder, or `/` where none is known.
    #[must_use]
    pub fn as_user(mut self, user: User) -> Self {
        let home = match user.home.as_str() {
            "" if user.uid == 0 => "/root",
            "" => "/",
            home => home,
        };
        self.variables.insert(
            "HOME".to_owned(),
            Variable {
                value: home.to_owned(),
                exported: true,
            },
        );
        self.user = user;
        self
    }

    /// The same with a variable in its environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.set_variable(name, value, true);
        self
    }

    /// The same over an image of which not everything is known: the usual tools are taken to be
    /// there, and what else is called is not known.
    #[must_use]
    pub fn assuming_tools(mut self) -> Self {
        self.assumes_tools = true;
        self
    }

    /// The same in another folder.
    #[must_use]
    pub fn in_folder(mut self, path: &str) -> Self {
        path.clone_into(&mut self.workdir);
        self
    }

    /// How long it slept, in thousandths of a second.
    pub fn slept(&self) -> u64 {
        self.slept
    }

    /// The files as they are now.
    pub fn into_tree(self) -> Tree {
        self.tree
    }

    /// Runs what `/bin/sh -c` would. `Err` where that cannot be known.
    pub fn run(&mut self, script: &str) -> Result<Outcome, Unknown> {
        self.run_program(&["/bin/sh", "-c", script])
    }

    /// Runs a program with its arguments, without a shell around it. A program that is not there
    /// has the code 127.
    pub fn run_program(&mut self, words: &[&str]) -> Result<Outcome, Unknown> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let io = Io {
            input: Input::empty(),
            out: 0,
            err: 0,
        };
        let code = match self.external(&words, &io) {
            Ok(code) | Err(Stop::Exit(code) | Stop::Return(code)) => code,
            Err(Stop::Unknown(what)) => return Err(what),
            Err(Stop::Break(_) | Stop::Continue(_)) => 0,
        };
        let output = match self.sinks.first_mut() {
            Some(Sink::Kept(bytes)) => std::mem::take(bytes),
            _ => Vec::new(),
        };
        Ok(Outcome { code, output })
    }

    /// Runs something with other files to be seen at some places. What it leaves there is
    /// returned with the outcome, and the tree is as it would be without; folders that are made
    /// to mount on are gone again.
    pub fn with_mounts<T>(
        &mut self,
        mounts: Vec<Mount>,
        what: impl FnOnce(&mut Self) -> T,
    ) -> Result<(T, Vec<Node>), Errno> {
        let mut undo: Vec<(String, Option<Node>, Vec<String>)> = Vec::new();
        for mount in mounts {
            let (target, made) = self.mount_point(&mount)?;
            let old = self.tree.at(&target);
            self.tree.put(&target, mount.node)?;
            if mount.read_only {
                self.read_only.push(target.clone());
            }
            undo.push((target, old, made));
        }
        let result = what(self);
        self.read_only.clear();
        let mut left = Vec::new();
        for (target, old, made) in undo.into_iter().rev() {
            let seen = match old {
                Some(old) => {
                    let seen = self.tree.at(&target);
                    self.tree.put(&target, old)?;
                    seen
                }
                None => self.tree.remove(&target).ok(),
            };
            left.extend(seen);
            for folder in made.iter().rev() {
                let empty =
                    matches!(self.tree.at(folder), Some(Node::Dir(dir)) if dir.entries.is_empty());
                if empty {
                    self.tree.remove(folder)?;
                }
            }
        }
        left.reverse();
        Ok((result, left))
    }

    /// Where a mount goes, with the folders that had to be made for it.
    fn mount_point(&mut self, mount: &Mount) -> Result<(String, Vec<String>), Errno> {
        let whole = self.absolute(&mount.target);
        let mut made = Vec::new();
        let mut place = "/".to_owned();
        for name in crate::tree::names(parent(&whole)) {
            place = self.tree.resolve(&join(&place, name), true)?;
            if self.tree.at(&place).is_none() {
                let meta = Meta::new(0o755, self.clock.now());
                self.tree.put(&place, Node::folder(meta))?;
                made.push(place.clone());
            }
        }
        let target = self
            .tree
            .resolve(&join(&place, crate::tree::base_name(&whole)), true)?;
        Ok((target, made))
    }

    fn set_variable(&mut self, name: &str, value: &str, exported: bool) {
        match self.variables.get_mut(name) {
            Some(variable) => {
                value.clone_into(&mut variable.value);
                variable.exported |= exported;
            }
            None => {
                self.variables.insert(
                    name.to_owned(),
                    Variable {
                        value: value.to_owned(),
                        exported,
                    },
                );
            }
        }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|variable| variable.value.as_str())
    }

    /// A path seen from the folder that the process is in.
    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            path.to_owned()
        } else {
            join(&self.workdir, path)
        }
    }

    /// Counts what is done; too much is not known.
    fn step(&mut self) -> Run<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return unknown("a command that does too much");
        }
        Ok(())
    }

    fn write(&mut self, sink: usize, bytes: &[u8]) -> Run<()> {
        match self.sinks.get_mut(sink) {
            Some(Sink::Kept(kept) | Sink::File { bytes: kept, .. }) => {
                if kept.len() + bytes.len() > MOST_BYTES {
                    return unknown("more output than can be kept");
                }
                kept.extend_from_slice(bytes);
            }
            Some(Sink::Nowhere) | None => {}
        }
        Ok(())
    }

    /// Says what went wrong, as tools do, and gives their usual code.
    fn complain(&mut self, io: &Io, tool: &str, what: &str) -> Run<i32> {
        let line = format!("{tool}: {what}\n");
        self.write(io.err, line.as_bytes())?;
        Ok(1)
    }

    /// Whether the user may read (4), write (2) or enter (1) something.
    fn may(&self, meta: Meta, what: u32) -> bool {
        if self.user.uid == 0 {
            return true;
        }
        let shift = if meta.uid == self.user.uid {
            6
        } else if meta.gid == self.user.gid {
            3
        } else {
            0
        };
        meta.mode >> shift & what == what
    }

    fn is_read_only(&self, path: &str) -> bool {
        self.read_only.iter().any(|mounted| {
            path.strip_prefix(mounted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether names can be added to and taken from the folder of a path without links.
    fn may_change_folder_of(&self, path: &str) -> Result<(), Errno> {
        self.may_write_in(parent(path))
    }

    /// Whether something can be taken away: in a folder like `/tmp` only by its owner.
    fn may_remove(&self, path: &str) -> Result<(), Errno> {
        self.may_change_folder_of(path)?;
        let owner = |path: &str| self.tree.at(path).map(|node| node.meta());
        let is_sticky = owner(parent(path)).filter(|meta| meta.mode & 0o1000 != 0);
        let (Some(folder), Some(own)) = (is_sticky, owner(path)) else {
            return Ok(());
        };
        let uid = self.user.uid;
        if uid == 0 || uid == own.uid || uid == folder.uid {
            Ok(())
        } else {
            Err(Errno::Permission)
        }
    }

    fn may_write_in(&self, folder: &str) -> Result<(), Errno> {
        if self.is_read_only(folder) {
            return Err(Errno::ReadOnly);
        }
        let Some(node) = self.tree.at(folder) else {
            return Err(Errno::NotFound);
        };
        if self.may(node.meta(), 3) {
            Ok(())
        } else {
            Err(Errno::Permission)
        }
    }

    fn new_meta(&self, mode: u32) -> Meta {
        Meta::new(mode & !self.umask, self.clock.now()).owned(self.user.uid, self.user.gid)
    }

    /// Where something is, through links; it may not be there.
    fn locate(&self, path: &str, follow: bool) -> Result<String, Errno> {
        if path.is_empty() {
            return Err(Errno::NotFound);
        }
        let place = self.tree.resolve(&self.absolute(path), follow)?;
        if self.user.uid == 0 {
            return Ok(place);
        }
        // Each folder on the way has to let the user through.
        for (at, _) in place.match_indices('/').skip(1) {
            let folder = place.get(..at).unwrap_or_default();
            let meta = self.tree.at(folder).map(|node| node.meta());
            if meta.is_some_and(|meta| !self.may(meta, 1)) {
                return Err(Errno::Permission);
            }
        }
        Ok(place)
    }

    fn stat(&self, path: &str, follow: bool) -> Result<Node, Errno> {
        let place = self.locate(path, follow)?;
        self.tree.at(&place).ok_or(Errno::NotFound)
    }

    /// What is in a file.
    fn read_file(&self, path: &str) -> Result<Content, Errno> {
        match self.stat(path, true)? {
            Node::File(file) if self.may(file.meta, 4) => Ok(file.content.clone()),
            Node::File(_) => Err(Errno::Permission),
            Node::Dir(_) => Err(Errno::IsDir),
            Node::Link(_) | Node::Fifo(_) => Err(Errno::NotFound),
        }
    }

    /// Writes a file, which keeps its mode and owner if it is there.
    fn write_file(&mut self, path: &str, content: Content) -> Result<(), Errno> {
        let place = self.locate(path, true)?;
        let now = self.clock.now();
        match self.tree.at(&place) {
            Some(Node::File(file)) => {
                if self.is_read_only(&place) {
                    return Err(Errno::ReadOnly);
                }
                if !self.may(file.meta, 2) {
                    return Err(Errno::Permission);
                }
                self.tree.edit(&place, |node| {
                    if let Node::File(file) = node {
                        let file = Arc::make_mut(file);
                        file.content = content.clone();
                        file.meta.time = now;
                    }
                })
            }
            Some(Node::Dir(_)) => Err(Errno::IsDir),
            Some(_) => Err(Errno::Permission),
            None => {
                self.may_change_folder_of(&place)?;
                let meta = self.new_meta(0o666);
                self.tree.put(&place, Node::file(meta, content))
            }
        }
    }

    /// Where COPY's tools and a shell find a program: in PATH, or where the name says.
    fn find_program(&self, name: &str) -> Option<String> {
        let is_program = |path: &str| matches!(self.stat(path, true), Ok(Node::File(file)) if file.meta.mode & 0o111 != 0);
        if name.contains('/') {
            return is_program(name).then(|| name.to_owned());
        }
        let path = self.variable("PATH").unwrap_or(DEFAULT_PATH).to_owned();
        path.split(':')
            .map(|folder| join(folder, name))
            .find(|path| is_program(path))
    }
}

/// PATH where nothing says. Source: BuildKit's `system.DefaultPathEnvUnix`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
