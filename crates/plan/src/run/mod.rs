//! What the command of a RUN adds, as far as its words tell.
//!
//! Packages are looked up in the tables of `sizes`; what programs write whose words say it
//! (`dd`, `echo`, `truncate`) is counted; what is removed again in the same step is taken off. Of what
//! nobody can know from the words (a download, a compilation) it says so.

mod alike;
mod apt;
mod files;
mod go;
mod npm;
mod pip;
mod words;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_shell::{Invocation, Script, Simple};
use stagecraft_sizes::{
    Basis, Distribution, Estimate, Installed, Origin, Packages, Reasons, Span, System, Tables,
    rule, unknown,
};

use alike::{Apk, Rpm};
use apt::Apt;
use files::Written;
use go::Go;
use npm::{Modules, Npm};
use pip::Pip;
use words::Words;

/// More commands of one RUN are not read: the answer would not get better.
const MOST_COMMANDS: usize = 2_000;

/// What further ones change is not looked at.
const MOST_CHANGES: usize = 200;

/// What a stage's image has for package managers, step after step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Machine {
    tables: Tables,
    system: System,
    /// Debian packages, by the table of the system's release; `None` until somebody asks.
    debian: Option<Installed>,
    pypi: Installed,
    npm: Modules,
    /// An earlier layer holds apt's lists.
    has_lists: bool,
    /// Python's own files have been compiled.
    compiled: bool,
    /// Go has fetched modules in an earlier step.
    has_modules: bool,
    /// How many bytes of npm's own code Node.js keeps compiled.
    npm_code: u64,
    /// The virtual environment of Python that was made last.
    venv: Option<String>,
    /// Files of the context that name packages, by their place in the image.
    pub(crate) lists: Option<Rc<BTreeMap<String, Arc<str>>>>,
}

impl Machine {
    /// That of an image; of one that is not known for `None`.
    pub(crate) fn of(system: System, tables: &Tables) -> Self {
        Self {
            compiled: !system.is_python(),
            tables: tables.clone(),
            system,
            debian: None,
            pypi: Installed::default(),
            npm: Modules::default(),
            has_lists: false,
            has_modules: false,
            npm_code: 0,
            venv: None,
            lists: None,
        }
    }

    /// The Debian packages that there are.
    fn debian(&mut self) -> &mut Installed {
        self.debian.get_or_insert_with(|| {
            let System {
                distribution,
                packages,
                ..
            } = self.system;
            match distribution {
                Distribution::Debian(repository) if !packages.is_empty() => {
                    self.tables.packages(repository).brought(packages)
                }
                _ => Installed::default(),
            }
        })
    }

    /// What an image has where package managers put more.
    pub(crate) fn brings(&self) -> Option<Placed> {
        let basis = rule!("pip of the official image");
        // Releases before 3.12 have setuptools, too.
        self.system.is_python().then(|| Placed {
            path: pip::SITE_PACKAGES.to_owned(),
            size: Estimate::between(5_000_000, 9_000_000, 16_000_000, basis),
            folder: true,
        })
    }
}

/// What holds where a RUN stands.
pub(crate) struct Place<'a> {
    /// Paths that are mounts while the command runs: nothing of them stays in the layer.
    pub(crate) mounts: &'a [String],
    /// Paths of volumes: nothing that the command writes below them stays at all.
    pub(crate) volumes: &'a [String],
    /// The value of a variable.
    pub(crate) value: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The text of a file that lists packages, by its path in the image.
    pub(crate) list: &'a dyn Fn(&str) -> Option<&'a str>,
    /// What is known to be at a path of what earlier steps wrote.
    pub(crate) at: &'a dyn Fn(&str) -> Option<Estimate>,
    /// The working directory.
    pub(crate) workdir: &'a str,
}

impl Place<'_> {
    fn is_mounted(&self, path: &str) -> bool {
        is_below_any(path, self.mounts) || self.is_lost(path)
    }

    /// Whether nothing stays of what is written to a path.
    fn is_lost(&self, path: &str) -> bool {
        is_below_any(path, self.volumes)
    }
}

/// Whether a path is one of some folders, or in one.
pub(crate) fn is_below_any(path: &str, folders: &[String]) -> bool {
    folders.iter().any(|folder| {
        let rest = path.strip_prefix(folder.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// What a RUN adds.
pub(crate) struct Added {
    /// Bytes of file content.
    pub(crate) size: Estimate,
    /// The same as a registry transfers it.
    pub(crate) compressed: Span,
    /// Parts of it whose place is known.
    pub(crate) placed: Vec<Placed>,
    /// What may be anywhere below the folders that the command works in; `size` has it too.
    pub(crate) loose: Estimate,
}

/// Bytes at a place.
pub(crate) struct Placed {
    /// The absolute path.
    pub(crate) path: String,
    pub(crate) size: Estimate,
    /// A folder with all that is in it.
    pub(crate) folder: bool,
}

impl Added {
    fn add(&mut self, size: &Estimate, compressed: Span) {
        self.size.add(size);
        self.compressed.add(compressed);
    }
}

/// The first few names of many, to be read.
fn first_of(names: &[&str]) -> String {
    names.iter().take(3).copied().collect::<Vec<_>>().join(", ")
}

/// How far files of some kind compress, in thousandths: the least, the middle, the most. The
/// middle ones are medians of layers that were measured on 2026-11-23.
#[derive(Clone, Copy)]
struct Share(u64, u64, u64);

impl Share {
    const TEXT: Self = Self(150, 350, 600);
    const ANY: Self = Self(100, 400, 1_050);

    /// The same of a size.
    fn of(self, size: Span) -> Span {
        let part = |bytes: u64, share: u64| bytes.saturating_mul(share) / 1000;
        Span {
            low: part(size.low, self.0),
            likely: size.likely.map(|bytes| part(bytes, self.1)),
            high: size.high.map(|bytes| part(bytes, self.2)),
        }
    }
}

/// The basis for packages of a table.
fn listed(table: Packages<'_>, count: u32, note: &str) -> Basis {
    let source = if note.is_empty() {
        table.origin(true)
    } else {
        let (source, date) = table.source();
        Arc::new(Origin {
            name: [note, source].concat().into(),
            date: date.to_owned().into(),
        })
    };
    Basis::Packages { source, count }
}

/// A range in hundredths of what is likely.
fn within(likely: u64, low: u64, high: u64) -> Span {
    Span::between(likely / 100 * low, likely, likely / 100 * high)
}

/// Says what a RUN adds to an image, and notes in `machine` what it has afterwards. Hands over the
/// programs that it calls, as far as it matters what they change.
pub(crate) fn added<'a, 's>(
    script: Option<&'s Script<'s>>,
    place: &'a Place<'a>,
    machine: &mut Machine,
    mut called: impl FnMut(&Invocation<'s>),
) -> Added {
    let Some(script) = script else {
        let size = Estimate::open(unknown!(
            "what a program that is run without a shell writes"
        ));
        return Added {
            compressed: size.span(),
            loose: size.clone(),
            size,
            placed: Vec::new(),
        };
    };
    let mut run = Run {
        place,
        words: Words::new(place, machine.system),
        apt: Apt::default(),
        apk: None,
        rpm: None,
        pip: None,
        npm: None,
        go: Go::default(),
        written: Written::default(),
        other: Estimate::zero(),
        accounts: false,
        machine,
    };
    let assigns = script.assignments().next().is_some();
    let commands = script.simple_commands().take(MOST_COMMANDS);
    for (at, (simple, context)) in commands.enumerate() {
        if assigns {
            run.words.assign(simple);
        }
        let counts = !context.in_substitution && !context.in_condition;
        if !counts && at >= MOST_CHANGES {
            continue;
        }
        let call = simple.invocation();
        if at < MOST_CHANGES {
            call.iter().for_each(&mut called);
        }
        if counts {
            run.command(simple, call);
        }
    }
    run.finish()
}

/// A RUN that is being read.
struct Run<'a, 'm> {
    place: &'a Place<'a>,
    words: Words<'a>,
    apt: Apt,
    /// The rarer ones once anything has to do with them.
    apk: Option<Apk>,
    rpm: Option<Rpm>,
    pip: Option<Pip>,
    npm: Option<Npm>,
    go: Go,
    written: Written,
    /// What is of no such kind.
    other: Estimate,
    /// A user or group was made.
    accounts: bool,
    machine: &'m mut Machine,
}

/// Whether a program writes next to nothing, or nothing, whatever its words are.
#[rustfmt::skip]
fn is_quiet(name: &str) -> bool {
    matches!(
        name,
        "." | ":" | "[" | "[[" | "a2dismod" | "a2dissite" | "a2enconf" | "a2enmod" | "a2ensite" |
        "alias" | "apt-cache" | "apt-config" | "apt-mark" | "arch" | "awk" | "basename" | "cat" |
        "chgrp" | "chmod" | "chown" | "chpasswd" | "chsh" | "clear" | "command" | "cut" | "date" |
        "debconf-set-selections" | "declare" | "dirname" | "dpkg-architecture" | "dpkg-divert" |
        "dpkg-query" | "echo" | "egrep" | "env" | "exit" | "export" | "expr" | "false" | "fgrep" |
        "file" | "find" | "getcap" | "getent" | "gpgconf" | "grep" | "hash" | "head" | "hostname" |
        "id" | "install" | "jobs" | "kill" | "killall" | "ldconfig" | "ldd" | "ln" | "local" |
        "locale" | "ls" | "md5sum" | "mkdir" | "mktemp" | "nproc" | "passwd" | "pkill" | "popd" |
        "printf" | "ps" | "pushd" | "pwd" | "read" | "readlink" | "realpath" | "return" | "rmdir" |
        "scanelf" | "sed" | "seq" | "set" | "setcap" | "sha1sum" | "sha256sum" | "sha512sum" |
        "shift" | "shopt" | "sleep" | "sort" | "source" | "stat" | "strip" | "sync" | "systemctl" |
        "tail" | "tee" | "test" | "time" | "touch" | "tput" | "tr" | "trap" | "true" | "type" |
        "ulimit" | "umask" | "uname" | "uniq" | "unset" | "update-alternatives" | "update-rc.d" |
        "visudo" | "wait" | "wc" | "which" | "whoami" | "xargs" | "yes"
    )
}

/// What the words of a program tell.
#[derive(Clone, Copy)]
enum Program {
    Apt,
    Apk,
    Rpm,
    Pip,
    Npm,
    /// What is there no more.
    Remove,
    /// Where it goes on.
    Go,
    /// That a few files in `/etc` are written anew, as users or groups are made.
    Account,
    /// What it writes.
    Writer,
    /// Which program it starts.
    Starter,
    /// Perhaps something.
    Other,
}

impl Program {
    fn of(name: &str) -> Self {
        match name {
            "apt-get" | "apt" | "aptitude" | "apt-install" | "install_packages"
            | "add-apt-repository" => Self::Apt,
            "apk" => Self::Apk,
            "yum" | "dnf" | "microdnf" | "tdnf" | "zypper" => Self::Rpm,
            "venv" | "virtualenv" | "uv-pip" => Self::Pip,
            "npm" | "yarn" | "pnpm" | "npx" | "corepack" => Self::Npm,
            "rm" => Self::Remove,
            "cd" => Self::Go,
            "useradd" | "adduser" | "groupadd" | "addgroup" | "usermod" | "groupmod"
            | "userdel" | "deluser" | "groupdel" | "delgroup" | "gpasswd" => Self::Account,
            "dd" | "fallocate" | "truncate" | "mv" | "cp" => Self::Writer,
            "uv" => Self::Starter,
            _ if pip::is_pip(name) => Self::Pip,
            _ if name.starts_with("python") => Self::Starter,
            _ => Self::Other,
        }
    }
}

/// Whether words ask a program for its version or for help.
fn is_question(words: &[&str]) -> bool {
    matches!(
        words,
        ["--version" | "-v" | "-V" | "-version" | "version" | "--help" | "-h"]
    )
}

impl Run<'_, '_> {
    fn add(&mut self, more: &Estimate) {
        self.other.add(more);
    }

    fn apk(&mut self) -> &mut Apk {
        self.apk.get_or_insert_default()
    }

    fn rpm(&mut self) -> &mut Rpm {
        self.rpm.get_or_insert_default()
    }

    fn command(&mut self, simple: Simple<'_>, call: Option<Invocation<'_>>) {
        self.redirections(simple);
        let Some(call) = call else {
            if simple.name().is_some() {
                self.open(unknown!("a command that a variable names"));
            }
            return;
        };
        let name = call.name();
        if is_quiet(name) {
            return;
        }
        let program = Program::of(name);
        if let Program::Other = program {
            if !self.only_asks(&call) {
                self.other_command(name, &call);
            }
            return;
        }
        let mut made = String::new();
        let words = self.words.all(call.arguments(), &mut made);
        if is_question(&words) {
            return;
        }
        match (program, &words[..]) {
            // `python -m pip` is `pip`.
            (Program::Starter, ["-m", module @ ("pip" | "venv" | "virtualenv"), words @ ..])
                if name != "uv" =>
            {
                self.call(Program::Pip, (module, &call), words);
            }
            (Program::Starter, ["pip", words @ ..]) if name == "uv" => {
                self.call(Program::Pip, ("uv-pip", &call), words);
            }
            (program, words) => self.call(program, (name, &call), words),
        }
    }

    /// Takes in what a program of that kind does with those words.
    fn call(&mut self, program: Program, (name, call): (&str, &Invocation<'_>), words: &[&str]) {
        let place = self.place;
        match program {
            Program::Apt => self.apt.command(name, words, place),
            Program::Apk => self.apk().command(words),
            Program::Rpm => self.rpm().command(words, place),
            Program::Pip => {
                let pip = self.pip.get_or_insert_default();
                pip.command(name, words, place, &self.words);
            }
            Program::Npm => {
                let npm = self.npm.get_or_insert_default();
                npm.command(name, words, place, &self.words);
            }
            Program::Remove => self.removed(words),
            Program::Go => {
                if let Some(path) = words.first() {
                    self.words.go(path);
                }
            }
            Program::Account => self.accounts = true,
            Program::Writer if self.written.command(name, words, place, &self.words) => {}
            Program::Writer | Program::Starter | Program::Other => self.other_command(name, call),
        }
    }

    /// Whether a program is called for its version or the like.
    fn only_asks(&self, call: &Invocation<'_>) -> bool {
        let mut arguments = call.arguments();
        let first = arguments.next().map(words::literal);
        if let Some(Some(only)) = first
            && arguments.next().is_none()
        {
            return is_question(&[only]);
        }
        // Others are words whatever the values of variables are.
        let mut certain = call
            .arguments()
            .filter(|word| !word.has_unquoted_expansion());
        let mut made = String::new();
        certain.nth(1).is_none() && is_question(&self.words.all(call.arguments(), &mut made))
    }

    fn open(&mut self, basis: impl Into<Reasons>) {
        self.add(&Estimate::open(basis));
    }

    /// Output that goes to a file.
    fn redirections(&mut self, simple: Simple<'_>) {
        for redirection in simple.redirections().filter(|one| one.op().writes()) {
            let Some(target) = redirection.target() else {
                continue;
            };
            let path = self.words.one(target);
            if path.starts_with("/dev/") || redirection.descriptor() == Some(2) {
                continue;
            }
            let append = redirection.text().contains(">>");
            let size = files::output(simple, &self.words);
            self.written.write(self.words.path(&path), size, append);
        }
    }

    fn removed(&mut self, words: &[&str]) {
        for path in words.iter().filter(|word| !word.starts_with('-')) {
            let path = self.words.place_of(path);
            let path = path.trim_end_matches('*').trim_end_matches('/');
            let covers = |inner: &str| {
                path == inner
                    || inner
                        .strip_prefix(path)
                        .is_some_and(|rest| rest.starts_with('/'))
            };
            if covers("/var/lib/apt/lists") {
                self.apt.lists_removed = true;
            }
            if covers("/root/.cache/pip") {
                self.pip.get_or_insert_default().cache_removed = true;
            }
            if covers("/root/.npm") {
                self.npm.get_or_insert_default().cache_removed = true;
            }
            if path.ends_with("/node_modules") {
                self.machine.npm = Modules::default();
                if let Some(npm) = &mut self.npm {
                    npm.forget();
                }
            }
            if covers("/usr/local/share/.cache/yarn") || covers("/root/.cache/yarn") {
                self.npm.get_or_insert_default().yarn_cache_removed = true;
            }
            if covers("/var/cache/apk") {
                self.apk().index_removed = true;
            }
            if covers("/var/cache/yum") || covers("/var/cache/dnf") {
                self.rpm().cleaned = true;
            }
            if covers(npm::CODE) {
                self.npm.get_or_insert_default().code_removed = true;
            }
            self.go.removed(covers);
            if covers("/usr/share/doc") {
                self.apt.documents_removed = true;
            }
            self.written.remove(path);
        }
    }

    fn other_command(&mut self, name: &str, call: &Invocation<'_>) {
        let mut made = String::new();
        let words = match name {
            "dpkg" | "go" | "cargo" | "curl" | "wget" => {
                self.words.all(call.arguments(), &mut made)
            }
            _ => Vec::new(),
        };
        let thumb = |low: u64, high: u64, rule: &'static Basis| Estimate::range(low, high, rule);
        let small = |likely: u64, rule: &'static Basis| {
            Estimate::between(likely / 3, likely, likely * 3, rule)
        };
        let has = |wanted: &str| words.contains(&wanted);
        let size = match name {
            "update-ca-certificates" => small(250_000, rule!("the bundle of certificates")),
            "localedef" | "locale-gen" => {
                small(3_000_000, rule!("the archive of a compiled locale"))
            }
            "apt-key" | "gpg" | "gpg2" => small(20_000, rule!("a keyring")),
            "dpkg" if has("--add-architecture") => small(12, rule!("the name of an architecture")),
            "dpkg-reconfigure" | "fc-cache" => small(100_000, rule!("a cache")),
            "go" => return self.go.command(&words),
            "cargo"
                if words
                    .first()
                    .is_some_and(|verb| ["build", "install"].contains(verb)) =>
            {
                thumb(
                    500_000,
                    3_000_000_000,
                    rule!("Cargo's target folder and registry"),
                )
            }
            "mvn" | "mvnw" | "gradle" | "gradlew" => thumb(
                1_000_000,
                800_000_000,
                rule!("Java classes and their dependencies"),
            ),
            "dotnet" => thumb(100_000, 800_000_000, rule!("a .NET build and its packages")),
            "gem" | "bundle" | "bundler" => thumb(20_000, 600_000_000, rule!("Ruby gems")),
            "composer" => thumb(20_000, 400_000_000, rule!("PHP packages")),
            "conda" | "mamba" | "micromamba" => {
                thumb(1_000_000, 8_000_000_000, rule!("packages of conda"))
            }
            "curl" | "wget" => return self.download(name, &words),
            _ => {
                // Of most there are not so many bytes either.
                let end = name.get(40..).and_then(|_| name.char_indices().nth(40));
                let end = end.map_or(name.len(), |(end, _)| end);
                let name = name.get(..end).unwrap_or(name);
                let what = ["what `", name, "` writes"].concat();
                return self.open(Basis::Unknown(what.into()));
            }
        };
        self.add(&size);
    }

    /// What is fetched is as large as it is; only keys and lists of sources are known to be small.
    fn download(&mut self, name: &str, words: &[&str]) {
        let option = |names: &[&str]| {
            let at = words.iter().position(|word| names.contains(word))?;
            words.get(at + 1).copied()
        };
        let url = words
            .iter()
            .copied()
            .find(|word| word.contains("://"))
            .unwrap_or_default();
        let file = match name {
            "curl" => option(&["-o", "--output"]),
            _ => option(&["-O", "--output-document", "-qO", "-nvO"]),
        };
        let ends = |text: &str| {
            [".asc", ".gpg", ".key", ".list", ".repo", ".pub", ".sources"]
                .iter()
                .any(|ending| text.ends_with(ending))
        };
        if ends(url) || file.is_some_and(ends) {
            let basis = rule!("a key or a list of sources");
            self.add(&Estimate::between(100, 3_000, 12_000, basis));
            return;
        }
        self.open(unknown!("a download"));
    }

    fn finish(&mut self) -> Added {
        for volume in self.place.volumes {
            self.written.remove(volume);
        }
        if let Some(size) = self.go.finish(self.place, self.machine) {
            self.add(&size);
        }
        let loose = std::mem::take(&mut self.other);
        let written = self.written.sum();
        let mut size = loose.clone().plus(&written);
        if self.accounts {
            let basis = rule!("the files of users and groups");
            size.add(&Estimate::between(2_000, 4_300, 9_000, basis));
        }
        let mut sum = Added {
            compressed: { self.written.random(&written) }
                .unwrap_or_else(|| Share::ANY.of(size.span())),
            size,
            placed: self.written.placed(),
            loose,
        };
        self.apt.finish(self.place, self.machine, &mut sum);
        if let Some(apk) = &self.apk {
            apk.finish(self.machine, &mut sum);
        }
        if let Some(rpm) = &self.rpm {
            rpm.finish(self.machine, &mut sum);
        }
        if let Some(pip) = &self.pip {
            pip.finish(self.place, self.machine, &mut sum);
        }
        if let Some(npm) = &self.npm {
            npm.finish(self.place, self.machine, &mut sum);
        }
        // The archive of a layer has a head for each file.
        sum.compressed.add(Span::between(29, 150, 1_000));
        sum
    }
}
