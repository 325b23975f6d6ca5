//! RUN and WORKDIR.

use stagecraft_files::{Content, Meta, Mount, Node, Process, Tree, User, group_id, user};
use stagecraft_semantic::ShellScript;
use stagecraft_syntax::{Form, MountKind};

use super::solve::{Done, RUN_TIME, Run, Taken, Task};

/// The files that a step leaves, and whether all of them are known; or why it failed.
pub(super) type Ran = Result<(Tree, bool), String>;

/// What stands behind a mount.
enum Behind {
    /// A cache of that id.
    Cache(String),
    /// Something that is thrown away.
    Nothing,
}

impl Run<'_> {
    /// Makes the folder of WORKDIR, which belongs to the user.
    pub(super) fn workdir(&mut self, task: &Task<'_>, below: &Done) -> Ran {
        let scopes = self.request.model.scopes();
        let path = scopes.workdir(task.command.after).unwrap_or("/");
        let mut tree = below.snapshot.tree.clone();
        let owner = scopes
            .user(task.command.before)
            .and_then(|name| user_of(&tree, name))
            .unwrap_or_default();
        let meta = Meta::new(0o755, self.now()).owned(owner.uid, owner.gid);
        match tree.make_folders(path, meta) {
            Ok(_) => Ok((tree, below.snapshot.known)),
            Err(error) => Err(format!("mkdir {path}: {}", error.words())),
        }
    }

    /// The time of the step that runs now.
    pub(super) fn now(&mut self) -> stagecraft_files::Time {
        match self.request.epoch {
            Some(seconds) => stagecraft_files::Time::at(seconds),
            None => self.builder.clock().now(),
        }
    }

    /// Runs a command, and says how long it took.
    pub(super) fn run(&mut self, task: &Task<'_>, below: &Done, taken: &[Taken]) -> (Ran, u64) {
        let scopes = self.request.model.scopes();
        let before = task.command.before;
        let tree = below.snapshot.tree.clone();
        let name = scopes.user(before).unwrap_or_default();
        let Some(user) = user_of(&tree, name) else {
            return (Err(format!("there is no user `{name}` in /etc/passwd")), 0);
        };
        let clock = self.builder.clock();
        let mut process = Process::new(tree, clock).as_user(user);
        if !below.snapshot.known {
            process = process.assuming_tools();
        }
        for (name, value) in &self.request.proxies {
            process = process.with_variable(name, value);
        }
        for (name, value) in scopes.environment(before) {
            process = process.with_variable(name, value);
        }
        process = process.in_folder(scopes.workdir(before).unwrap_or("/"));
        let (mounts, behind) = match self.mounts(task, taken, &mut process) {
            Ok(mounts) => mounts,
            Err(message) => return (Err(message), 0),
        };
        let words = command_words(task, scopes.shell(before));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mounted = process.with_mounts(mounts, |process| process.run_program(&words));
        let took = RUN_TIME.saturating_add(process.slept());
        let (outcome, left) = match mounted {
            Ok(done) => done,
            Err(error) => return (Err(format!("cannot mount: {}", error.words())), took),
        };
        for (node, behind) in left.into_iter().zip(behind) {
            if let Behind::Cache(id) = behind {
                self.builder.caches.insert(id, node);
            }
        }
        let ran = match outcome {
            Ok(outcome) if outcome.code == 0 => Ok((process.into_tree(), true)),
            Ok(outcome) if below.snapshot.known => {
                Err(format!("the command ends with exit code {}", outcome.code))
            }
            // What cannot be known may go well.
            Ok(_) | Err(_) => Ok((process.into_tree(), false)),
        };
        (ran, took)
    }

    /// What is mounted, and what stands behind each.
    fn mounts(
        &mut self,
        task: &Task<'_>,
        taken: &[Taken],
        process: &mut Process,
    ) -> Result<(Vec<Mount>, Vec<Behind>), String> {
        let mut mounts = Vec::new();
        let mut behind = Vec::new();
        for (at, mount) in task.text.mounts(task.instruction).iter().enumerate() {
            let value = |key: &str| task.parts.mount_value(at, mount, key);
            let number = |key: &str| value(key).and_then(|text| text.parse::<u32>().ok());
            let mode = value("mode").and_then(|text| u32::from_str_radix(text, 8).ok());
            let is_on = |key: &str| value(key).is_some_and(|text| text != "false");
            let meta = |run: &mut Self, usual: u32| {
                Meta::new(mode.unwrap_or(usual), run.now())
                    .owned(number("uid").unwrap_or(0), number("gid").unwrap_or(0))
            };
            let source = value("source").unwrap_or("/");
            let files = taken.get(at);
            let node = files.and_then(|files| files.snapshot.tree.stat(source, true).ok());
            let workdir = self.request.model.scopes().workdir(task.command.before);
            let target = value("target")
                .map(|target| stagecraft_semantic::paths::join(workdir.unwrap_or("/"), target));
            let (node, read_only, what) = match mount.kind {
                MountKind::Bind => {
                    let node = node.ok_or_else(|| format!("`{source}` is not there to mount"))?;
                    (node, !is_on("readwrite"), Behind::Nothing)
                }
                MountKind::Cache => {
                    let path = target.clone().unwrap_or_default();
                    let id = value("id").map_or(path, str::to_owned);
                    let id = format!("{}/{id}", self.request.cache_namespace);
                    let is_seeded = value("from").is_some() || value("source").is_some();
                    let empty = Node::folder(meta(self, 0o755));
                    let known = self.builder.caches.get(&id).cloned();
                    let node = known.or(node.filter(|_| is_seeded)).unwrap_or(empty);
                    (node, is_on("readonly"), Behind::Cache(id))
                }
                MountKind::Tmpfs => (Node::folder(meta(self, 0o1777)), false, Behind::Nothing),
                MountKind::Secret => {
                    let (name, is_required) = task.parts.secret(at, mount);
                    let Some(secret) = self.request.secrets.get(name).cloned() else {
                        if is_required {
                            return Err(format!("there is no secret `{name}`"));
                        }
                        continue;
                    };
                    if let Some(variable) = value("env") {
                        *process = process.clone().with_variable(variable, &secret);
                        if target.is_none() {
                            continue;
                        }
                    }
                    let content = Content::bytes(secret.into_bytes());
                    let target = target
                        .clone()
                        .unwrap_or_else(|| format!("/run/secrets/{name}"));
                    mounts.push(Mount {
                        target,
                        node: Node::file(meta(self, 0o400), content),
                        read_only: true,
                    });
                    behind.push(Behind::Nothing);
                    continue;
                }
                // Without an agent there is nothing.
                MountKind::Ssh if is_on("required") => {
                    return Err("there is no agent for `--mount=type=ssh`".to_owned());
                }
                MountKind::Ssh | MountKind::Unknown => continue,
            };
            let Some(target) = target else {
                continue;
            };
            mounts.push(Mount {
                target,
                node,
                read_only,
            });
            behind.push(what);
        }
        Ok((mounts, behind))
    }
}

/// The program and its arguments.
pub(super) fn command_words(task: &Task<'_>, shell: Option<&[String]>) -> Vec<String> {
    let args = task.text.args(task.instruction);
    if task.instruction.form == Form::Json {
        return args
            .iter()
            .map(|&word| task.text.word(word).to_owned())
            .collect();
    }
    let mut words = match shell {
        Some(shell) => shell.to_vec(),
        None => vec!["/bin/sh".to_owned(), "-c".to_owned()],
    };
    let script = ShellScript::read(task.text, task.instruction, shell, false);
    let text = script.map_or_else(String::new, |script| {
        script.script(task.text).text().to_owned()
    });
    // A heredoc with `#!` is a script of its own.
    if let Some(flags) = text
        .strip_prefix("#!")
        .and_then(|rest| rest.lines().next())
        .and_then(|line| line.split_once(' '))
        .map(|(_, flags)| flags.trim().to_owned())
        .filter(|flags| flags.starts_with('-'))
    {
        words = vec!["/bin/sh".to_owned(), flags, "-c".to_owned()];
    }
    words.push(text);
    words
}

/// The user of USER: a name or number, perhaps with a group.
pub(super) fn user_of(tree: &Tree, name: &str) -> Option<User> {
    if name.is_empty() {
        return Some(User::default());
    }
    let (name, group) = match name.split_once(':') {
        Some((name, group)) => (name, Some(group)),
        None => (name, None),
    };
    let mut found = user(tree, name)?;
    if let Some(group) = group {
        found.gid = group_id(tree, group)?;
    }
    Some(found)
}
