//! What the command of a RUN adds, as far as its words tell.
//!
//! Packages are looked up in the tables of `sizes`; what programs write whose words say it
//! (`dd`, `echo`, `truncate`) is counted; what is removed again in the same step is taken off. Of what
//! nobody can know from the words (a download, a compilation) it says so.

mod alike;
mod apt;
mod files;
mod npm;
mod pip;
mod words;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_shell::{Invocation, Script, Simple};
use stagecraft_sizes::{
    Basis, Distribution, Estimate, Installed, Name, Origin, Packages, System, Tables,
};

use alike::{Apk, Rpm};
use apt::Apt;
use files::Written;
use npm::Npm;
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
    system: Rc<System>,
    /// Debian packages, by the table of the system's release; `None` until somebody asks.
    debian: Option<Installed>,
    pypi: Installed,
    npm: Installed,
    /// An earlier layer holds apt's lists.
    has_lists: bool,
    /// Python's own files have been compiled.
    compiled: bool,
    /// The virtual environment of Python that was made last.
    venv: Option<String>,
    /// Files of the context that name packages, by their place in the image.
    pub(crate) lists: Rc<BTreeMap<String, Arc<str>>>,
}

impl Machine {
    /// That of an image; of one that is not known for `None`.
    pub(crate) fn of(system: System, tables: &Tables) -> Self {
        Self {
            compiled: !system.is_python(),
            tables: tables.clone(),
            system: Rc::new(system),
            debian: None,
            pypi: Installed::default(),
            npm: Installed::default(),
            has_lists: false,
            venv: None,
            lists: Rc::default(),
        }
    }

    /// The Debian packages that there are.
    fn debian(&mut self) -> &mut Installed {
        self.debian.get_or_insert_with(|| {
            let mut there = Installed::default();
            if let Distribution::Debian(repository) = self.system.distribution {
                let table = self.tables.packages(repository);
                for name in self.system.packages.split_whitespace() {
                    table.install(&mut there, name, false);
                }
            }
            there
        })
    }

    /// What an image has where package managers put more.
    pub(crate) fn brings(&self) -> Option<Placed> {
        let basis = || Basis::Heuristic("pip of the official image".into());
        // Releases before 3.12 have setuptools, too.
        self.system.is_python().then(|| Placed {
            path: pip::SITE_PACKAGES.to_owned(),
            size: Estimate::between(5_000_000, 9_000_000, 16_000_000, basis()),
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
    pub(crate) compressed: Estimate,
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
    fn nothing() -> Self {
        Self::of(Estimate::zero())
    }

    /// What is transferred as it is.
    fn of(size: Estimate) -> Self {
        Self {
            compressed: size.clone(),
            size,
            placed: Vec::new(),
            loose: Estimate::zero(),
        }
    }

    /// With so much on the way.
    fn with_compressed(size: Estimate, compressed: Estimate) -> Self {
        Self {
            compressed,
            ..Self::of(size)
        }
    }

    fn plus(mut self, more: Self) -> Self {
        self.add(more);
        self
    }

    fn add(&mut self, more: Self) {
        self.size.add(&more.size);
        self.compressed.add(&more.compressed);
        self.placed.extend(more.placed);
        self.loose.add(&more.loose);
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

    /// The same of a size, by a rule of that name.
    fn of(self, size: &Estimate, name: &'static str) -> Estimate {
        let part = |bytes: u64, share: u64| bytes.saturating_mul(share) / 1000;
        if size.high == Some(0) {
            return size.clone();
        }
        let mut basis = size.basis.clone();
        basis.add(Basis::Heuristic(name.into()));
        Estimate {
            low: part(size.low, self.0),
            likely: size.likely.map(|bytes| part(bytes, self.1)),
            high: size.high.map(|bytes| part(bytes, self.2)),
            basis,
        }
    }
}

/// The basis for packages of a table.
fn listed(table: Packages<'_>, count: u32, note: &str) -> Basis {
    let (source, date) = table.source();
    Basis::Packages {
        source: Arc::new(Origin {
            name: [note, source].concat().into(),
            date: date.to_owned().into(),
        }),
        count,
    }
}

/// A range in hundredths of what is likely.
fn within(likely: u64, low: u64, high: u64, basis: Basis) -> Estimate {
    Estimate::between(likely / 100 * low, likely, likely / 100 * high, basis)
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
        let size = Estimate::unknown("what a program that is run without a shell writes");
        return Added {
            loose: size.clone(),
            ..Added::of(size)
        };
    };
    let mut run = Run {
        place,
        words: Words::new(place, Rc::clone(&machine.system)),
        apt: Apt::default(),
        apk: Apk::default(),
        rpm: Rpm::default(),
        pip: Pip::default(),
        npm: Npm::default(),
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
    apk: Apk,
    rpm: Rpm,
    pip: Pip,
    npm: Npm,
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

    fn command(&mut self, simple: Simple<'_>, call: Option<Invocation<'_>>) {
        self.redirections(simple);
        let Some(call) = call else {
            if simple.name().is_some() {
                self.unknown("a command that a variable names");
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
        let mut made = Vec::new();
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
            Program::Apk => self.apk.command(words),
            Program::Rpm => self.rpm.command(words, place),
            Program::Pip => self.pip.command(name, words, place, &self.words),
            Program::Npm => self.npm.command(name, words, place, &self.words),
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
        // Others are words whatever the values of variables are.
        let mut certain = call
            .arguments()
            .filter(|word| !word.has_unquoted_expansion());
        let mut made = Vec::new();
        certain.nth(1).is_none() && is_question(&self.words.all(call.arguments(), &mut made))
    }

    fn unknown(&mut self, what: impl Into<Name>) {
        self.add(&Estimate::unknown(what));
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
            let path = self.words.path(path);
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
                self.pip.cache_removed = true;
            }
            if covers("/root/.npm") {
                self.npm.cache_removed = true;
            }
            if path.ends_with("/node_modules") {
                self.machine.npm = Installed::default();
                self.npm.forget();
            }
            if covers("/usr/local/share/.cache/yarn") || covers("/root/.cache/yarn") {
                self.npm.yarn_cache_removed = true;
            }
            if covers("/var/cache/apk") {
                self.apk.index_removed = true;
            }
            if covers("/var/cache/yum") || covers("/var/cache/dnf") {
                self.rpm.cleaned = true;
            }
            if covers("/usr/share/doc") {
                self.apt.documents_removed = true;
            }
            self.written.remove(path);
        }
    }

    fn other_command(&mut self, name: &str, call: &Invocation<'_>) {
        let mut made = Vec::new();
        let words = match name {
            "dpkg" | "go" | "cargo" | "curl" | "wget" => {
                self.words.all(call.arguments(), &mut made)
            }
            _ => Vec::new(),
        };
        let thumb = |low: u64, high: u64, what: &'static str| {
            Estimate::range(low, high, Basis::Heuristic(what.into()))
        };
        let small = |likely: u64, what: &'static str| {
            Estimate::between(
                likely / 3,
                likely,
                likely * 3,
                Basis::Heuristic(what.into()),
            )
        };
        let has = |wanted: &str| words.contains(&wanted);
        let size = match name {
            "update-ca-certificates" => small(250_000, "the bundle of certificates"),
            "localedef" | "locale-gen" => small(3_000_000, "the archive of a compiled locale"),
            "apt-key" | "gpg" | "gpg2" => small(20_000, "a keyring"),
            "dpkg" if has("--add-architecture") => small(12, "the name of an architecture"),
            "dpkg-reconfigure" | "fc-cache" => small(100_000, "a cache"),
            "go" => return self.go(&words),
            "cargo"
                if words
                    .first()
                    .is_some_and(|verb| ["build", "install"].contains(verb)) =>
            {
                thumb(500_000, 3_000_000_000, "Cargo's target folder and registry")
            }
            "mvn" | "mvnw" | "gradle" | "gradlew" => thumb(
                1_000_000,
                800_000_000,
                "Java classes and their dependencies",
            ),
            "dotnet" => thumb(100_000, 800_000_000, "a .NET build and its packages"),
            "gem" | "bundle" | "bundler" => thumb(20_000, 600_000_000, "Ruby gems"),
            "composer" => thumb(20_000, 400_000_000, "PHP packages"),
            "conda" | "mamba" | "micromamba" => {
                thumb(1_000_000, 8_000_000_000, "packages of conda")
            }
            "curl" | "wget" => return self.download(name, &words),
            _ => {
                let end = name
                    .char_indices()
                    .nth(40)
                    .map_or(name.len(), |(end, _)| end);
                let name = name.get(..end).unwrap_or(name);
                return self.unknown(["what `", name, "` writes"].concat());
            }
        };
        self.add(&size);
    }

    fn go(&mut self, words: &[&str]) {
        let verb = words.first().copied().unwrap_or_default();
        let (low, high, what) = match verb {
            "mod" | "get" => (1_000, 2_000_000_000, "Go modules in the module cache"),
            "build" | "install" | "test" | "generate" | "run" => {
                (1_000_000, 2_000_000_000, "a Go program with Go's caches")
            }
            _ => return,
        };
        let basis = Basis::Heuristic(what.into());
        self.add(&Estimate::range(low, high, basis));
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
            let basis = Basis::Heuristic("a key or a list of sources".into());
            self.add(&Estimate::between(100, 3_000, 12_000, basis));
            return;
        }
        self.unknown("a download");
    }

    fn finish(&mut self) -> Added {
        for volume in self.place.volumes {
            self.written.remove(volume);
        }
        let loose = std::mem::take(&mut self.other);
        let mut size = loose.clone().plus(&self.written.sum());
        if self.accounts {
            let basis = Basis::Heuristic("the files of users and groups".into());
            size.add(&Estimate::between(2_000, 4_300, 9_000, basis));
        }
        let mut sum = Added {
            compressed: self
                .written
                .random(Share::ANY.of(&size, "how far files compress")),
            size,
            placed: self.written.placed(),
            loose,
        };
        let mut put = |more: Option<Added>| {
            if let Some(more) = more {
                sum.add(more);
            }
        };
        put(self.apt.finish(self.place, self.machine));
        put(self.apk.finish(self.machine));
        put(self.rpm.finish(self.machine));
        put(self.pip.finish(self.place, self.machine));
        put(self.npm.finish(self.place, self.machine));
        // The archive of a layer has a head for each file.
        let basis = Basis::Heuristic("the archive around the files".into());
        let archive = Estimate::between(29, 150, 1_000, basis);
        sum.compressed.add(&archive);
        sum
    }
}
