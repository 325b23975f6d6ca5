//! What the command of a RUN adds, as far as its words tell.
//!
//! Packages are looked up in the tables of `sizes`; what programs write whose words say it
//! (`dd`, `echo`, `truncate`) is counted; what is removed again in the same step is taken off. Of what
//! nobody can know from the words (a download, a compilation) it says so.

mod alike;
mod apk;
mod apt;
mod composer;
mod dotnet;
mod fetch;
mod files;
mod go;
mod inner;
mod minor;
mod names;
mod npm;
mod output;
mod php;
mod pip;
mod programs;
mod repositories;
mod rpm;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_shell::{
    CommandKind, Dialect, PartKind, PartKinds, Script, Simple, Words as ShellWords,
};
use stagecraft_sizes::{
    Basis, Distribution, Estimate, Installed, Name, Origin, Packages, Reasons, Span, System,
    Tables, rule, unknown,
};
use stagecraft_text::{TextSize, has_part};

use apk::Apk;
use apt::Apt;
use fetch::Piped;
pub(crate) use fetch::name_of;
use files::Written;
use go::Go;
pub(crate) use inner::{Given, Inner};
use minor::Minor;
use npm::{Modules, Npm};
use php::Php;
use pip::Pip;
pub(crate) use pip::SITE_PACKAGES;
pub(crate) use programs::Program;
use repositories::Repositories;
use rpm::Rpm;
pub(crate) use words::Room;
use words::{Words, emptied, literal};

use crate::downloads::GET_PIP;
use crate::held::is_below;
use crate::packed::Share;

/// More commands of one RUN are not read: the answer would not get better.
const MOST_COMMANDS: usize = 2_000;

/// What further ones change is not looked at.
const MOST_CHANGES: usize = 200;

/// What has commands in it that are no commands of their own.
const SUBSTITUTIONS: PartKinds =
    PartKinds::of(&[PartKind::CommandSubstitution, PartKind::ProcessSubstitution]);

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
    /// Those that apt looks into besides the distribution's own.
    repositories: Repositories,
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
            repositories: Repositories::default(),
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
            path: pip::SITE_PACKAGES.into(),
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
    /// What is known to be at a path of it.
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
    folders.iter().any(|folder| is_below(path, folder))
}

/// What a RUN adds.
pub(crate) struct Added {
    /// Bytes of file content.
    pub(crate) size: Estimate,
    /// The same as a registry transfers it.
    pub(crate) compressed: Span,
    /// Parts of it whose place is known.
    pub(crate) placed: Vec<Placed>,
    /// Folders that are made, in which nothing needs to be.
    pub(crate) made: Vec<String>,
    /// What may be anywhere below the folders that the command works in; `size` has it too.
    pub(crate) loose: Estimate,
    /// A shell is called that may be given a script: that has to be read first.
    pub(crate) has_inner: bool,
    /// There may be files at places that no word names.
    pub(crate) brings_files: bool,
}

/// Bytes at a place.
pub(crate) struct Placed {
    /// The absolute path.
    pub(crate) path: Cow<'static, str>,
    pub(crate) size: Estimate,
    /// A folder with all that is in it.
    pub(crate) folder: bool,
}

impl Added {
    fn unknown(basis: impl Into<Reasons>) -> Self {
        let size = Estimate::open(basis);
        Self {
            compressed: size.span(),
            loose: size.clone(),
            size,
            placed: Vec::new(),
            made: Vec::new(),
            has_inner: false,
            brings_files: true,
        }
    }

    fn add(&mut self, size: &Estimate, compressed: Span) {
        self.size.add(size);
        self.compressed.add(compressed);
    }
}

/// Whether a text has the scheme of an address in it.
pub(crate) fn has_scheme(text: &str) -> bool {
    has_part(text, "://")
}

/// What some names are, with the first few of them, to be read.
fn first_of(what: &str, names: &[&str]) -> Name {
    let mut text = String::with_capacity(what.len() + 60);
    text.push_str(what);
    for (at, name) in names.iter().take(3).enumerate() {
        text.push_str(if at > 0 { ", " } else { " " });
        text.push_str(name);
    }
    text.into()
}

/// The basis for packages of a table.
fn listed(table: Packages<'_>, count: u32, note: &[&str]) -> Basis {
    let source = match note {
        [] => table.origin(true),
        note => {
            let (source, date) = table.source();
            let mut name = String::with_capacity(100);
            name.extend(note.iter().copied().chain([source]));
            Arc::new(Origin {
                name: name.into(),
                date: date.to_owned().into(),
            })
        }
    };
    Basis::Packages { source, count }
}

/// A range in hundredths of what is likely.
fn within(likely: u64, low: u64, high: u64) -> Span {
    Span::between(likely / 100 * low, likely, likely / 100 * high)
}

/// Says what a RUN adds to an image, and notes in `machine` what it has afterwards. Hands over the
/// commands that call programs which change files that are there, as far as it matters what they do,
/// with the folders that they run in.
///
/// `inner` are the scripts that commands of this one give to a shell. Few do: where it is `None` and
/// there may be some, that is said, and nothing else is done.
pub(crate) fn added<'a, 's: 'a>(
    script: Option<&'s Script<'s>>,
    inner: Option<&'s [Given<'s>]>,
    place: &'a Place<'a>,
    machine: &mut Rc<Machine>,
    room: &mut Room,
    mut changes: impl FnMut(Simple<'s>, Program, &str),
) -> Added {
    let Some(script) = script else {
        return Added::unknown(unknown!(
            "what a program that is run without a shell writes"
        ));
    };
    if script.dialect() == Dialect::Opaque {
        return Added::unknown(unknown!(
            "what a script writes that is not for a shell like sh"
        ));
    }
    let (is_read, inner) = (inner.is_some(), inner.unwrap_or_default());
    let scripts = || iter::once(script).chain(inner.iter().map(|given| &given.script));
    let mut run = Run {
        place,
        words: Words::new(place, machine.system),
        assigns: scripts().any(|script| script.assignments().next().is_some()),
        redirects: scripts().any(|script| script.redirections().next().is_some()),
        apt: Apt::default(),
        apk: None,
        rpm: None,
        php: None,
        pip: None,
        npm: None,
        go: Go::default(),
        written: Written::default(),
        piped: None,
        other: Estimate::zero(),
        accounts: false,
        shells: 0,
        machine,
    };
    run.script(script, inner, &mut changes, room);
    if run.shells > 0 && !is_read {
        return Added {
            has_inner: true,
            ..Added::unknown(unknown!("what a shell is given"))
        };
    }
    run.finish()
}

/// A RUN that is being read.
struct Run<'a, 'm> {
    place: &'a Place<'a>,
    words: Words<'a>,
    /// Whether any variable is set, and anything redirected.
    assigns: bool,
    redirects: bool,
    apt: Apt,
    /// The rarer ones once anything has to do with them.
    apk: Option<Box<Apk>>,
    rpm: Option<Box<Rpm>>,
    php: Option<Box<Php>>,
    pip: Option<Box<Pip>>,
    npm: Option<Box<Npm>>,
    go: Go,
    written: Written,
    /// What the command before it in a pipe has fetched.
    piped: Option<Piped>,
    /// What is of no such kind.
    other: Estimate,
    /// A user or group was made.
    accounts: bool,
    /// How often a shell is called that may be given a script.
    shells: u32,
    machine: &'m mut Rc<Machine>,
}

/// A program that is called, and the words behind its name.
#[derive(Clone)]
struct Call<'s> {
    program: Program,
    name: Cow<'s, str>,
    arguments: ShellWords<'s>,
}

impl<'s> Call<'s> {
    /// What a command calls, by its first word where nothing in that is quoted or expanded, where the
    /// others come next in `behind`.
    #[inline]
    fn of(simple: Simple<'s>, name: Option<&'s str>, behind: ShellWords<'s>) -> Option<Self> {
        // Most are called as they stand, and need no closer look.
        if let Some(text) = name {
            let slash = text.bytes().rposition(|byte| byte == b'/');
            let name = text.get(slash.map_or(0, |at| at + 1)..).unwrap_or_default();
            let program = Program::of(name);
            if !program.may_wrap(name) {
                return Some(Self {
                    program,
                    name: Cow::Borrowed(name),
                    arguments: behind,
                });
            }
        }
        Self::wrapped(simple)
    }

    #[inline(never)]
    fn wrapped(simple: Simple<'s>) -> Option<Self> {
        let call = simple.invocation()?;
        Some(Self {
            program: Program::of(call.name()),
            name: call.program(),
            arguments: call.arguments(),
        })
    }
}

/// Whether a call of a shell may have a script in its words, which is rare.
fn may_have_script(call: &Call<'_>) -> bool {
    let asks = |text: &str| text.starts_with('-') && text.contains('c');
    let mut words = call.arguments.clone();
    call.name == "eval" || words.any(|word| literal(word).is_some_and(asks))
}

/// Whether what a call prints may be a line of a list of sources.
fn may_list(call: &Call<'_>) -> bool {
    let mut words = call.arguments.clone();
    words.any(|word| {
        let text = word.text().trim_start_matches(['"', '\'']);
        text.starts_with("deb") || text.starts_with("Types:")
    })
}

/// What a call does by its first word, where that is little.
fn minor(call: &Call<'_>) -> Option<Minor> {
    let first = call.arguments.clone().next()?;
    Minor::of(&call.name, literal(first)?)
}

/// Whether words ask a program for its version or for help.
fn is_question(words: &[&str]) -> bool {
    matches!(
        words,
        ["--version" | "-v" | "-V" | "-version" | "version" | "--help" | "-h"]
    )
}

impl<'a> Run<'a, '_> {
    fn add(&mut self, more: &Estimate) {
        self.other.add(more);
    }

    fn apk(&mut self) -> &mut Apk {
        self.apk.get_or_insert_default()
    }

    fn rpm(&mut self) -> &mut Rpm {
        self.rpm.get_or_insert_default()
    }

    fn php(&mut self) -> &mut Php {
        self.php.get_or_insert_default()
    }

    /// Takes all commands of a script in.
    fn script<'s: 'a>(
        &mut self,
        script: &'s Script<'s>,
        inner: &'s [Given<'s>],
        changes: &mut impl FnMut(Simple<'s>, Program, &str),
        room: &mut Room,
    ) {
        // Where there is nothing else, what is around a command need not be found out.
        if !script.has_compound() && !script.has_any(SUBSTITUTIONS) && inner.is_empty() {
            for (at, simple) in script.simple().take(MOST_COMMANDS).enumerate() {
                self.simple(simple, at < MOST_CHANGES, true, changes, room);
            }
            return;
        }
        if self.redirects && script.has_compound() {
            self.groups(script, room);
        }
        let commands = script.simple_commands_apart().take(MOST_COMMANDS);
        let mut outside = Vec::new();
        for (at, (simple, context)) in commands.enumerate() {
            if context.in_subshell || !outside.is_empty() {
                self.cross(simple, &mut outside);
            }
            let counts = !context.in_substitution && !context.in_condition;
            let start = simple.range().start();
            match inner.iter().find(|given| given.at == start) {
                Some(given) if counts => {
                    if self.redirects {
                        self.redirections(simple, None, room);
                    }
                    let outside = (!given.is_here).then(|| self.words.clone());
                    self.script(&given.script, &[], changes, room);
                    if let Some(words) = outside {
                        self.words = words;
                    }
                }
                _ => self.simple(simple, at < MOST_CHANGES, counts, changes, room),
            }
        }
    }

    /// Goes into the subshells that are around a command, and out of those that are not: where one
    /// goes and what it sets nobody else knows of. `outside` has the start of each, and what held
    /// before it.
    fn cross(&mut self, simple: Simple<'a>, outside: &mut Vec<(TextSize, Words<'a>)>) {
        let around = simple.command().enclosing();
        let mut around: Vec<TextSize> = around
            .filter(|command| command.kind() == CommandKind::Subshell)
            .map(|command| command.range().start())
            .collect();
        around.reverse();
        let both = outside.iter().zip(&around);
        let same = both.take_while(|(out, start)| out.0 == **start).count();
        if let Some((_, words)) = outside.drain(same..).next() {
            self.words = words;
        }
        for start in around.into_iter().skip(same) {
            outside.push((start, self.words.clone()));
        }
    }

    /// Takes a command in, as long as it matters what it changes, or counts what it writes.
    fn simple<'s: 'a>(
        &mut self,
        simple: Simple<'s>,
        may_change: bool,
        counts: bool,
        changes: &mut impl FnMut(Simple<'s>, Program, &str),
        room: &mut Room,
    ) {
        let mut behind = simple.words();
        let word = behind.next();
        let name = word.and_then(|word| word.as_plain()).map(|(text, _)| text);
        if self.assigns {
            self.words.assign(simple, word.is_some(), name);
        }
        if self.piped.is_some() && !simple.command().joint().is_pipe() {
            self.piped = None;
        }
        if !counts && !may_change {
            return;
        }
        let call = word.and_then(|_| Call::of(simple, name, behind));
        if counts && self.redirects {
            self.redirections(simple, call.as_ref(), room);
        }
        let Some(call) = call else {
            if counts && word.is_some() {
                self.open(unknown!("a command that a variable names"));
            }
            return;
        };
        if may_change && let Program::Remove | Program::Changer = call.program {
            changes(simple, call.program, self.words.folder());
        }
        if counts {
            self.call(&call, room);
        }
    }

    fn call(&mut self, call: &Call<'_>, room: &mut Room) {
        let program = call.program;
        if let Some(piped) = self.piped.take() {
            self.piped = match program {
                Program::Writer(_) | Program::Starter => Some(piped),
                Program::Quiet | Program::Changer => Some(piped.filtered()),
                _ => None,
            };
        }
        match program {
            Program::Quiet if !self.written.is_nothing() && call.name == "find" => {
                self.with_words(call, room, Self::found);
            }
            Program::Quiet | Program::Wrapper | Program::Changer => {}
            Program::Maker => {
                self.with_words(call, room, |run, words| run.written.make(words, &run.words));
            }
            Program::Printer => {
                if may_list(call) {
                    self.with_words(call, room, |run, words| {
                        if let Some(address) = repositories::listed(words) {
                            run.apt.added.add(address);
                        }
                    });
                }
            }
            Program::Apt
            | Program::Apk
            | Program::Rpm
            | Program::Php
            | Program::Pip
            | Program::Npm
            | Program::Remove
            | Program::Starter => self.with_words(call, room, |run, words| {
                if !is_question(words) {
                    run.by_words(program, &call.name, words);
                }
            }),
            _ if self.only_asks(call, room) => {}
            Program::Account => self.accounts = true,
            Program::Shell if self.apt.has_script && !may_have_script(call) => {
                self.apt.has_script = false;
            }
            Program::Shell => {
                self.shells += u32::from(may_have_script(call));
                self.other(program, &call.name, &[]);
            }
            Program::Folder => self.folder(call, room),
            Program::Writer(_)
            | Program::Dpkg
            | Program::Go
            | Program::Cargo
            | Program::Dotnet
            | Program::Fetch => {
                self.with_words(call, room, |run, words| {
                    run.by_words(program, &call.name, words);
                });
            }
            Program::Open(_) | Program::Range(..) | Program::Other => match minor(call) {
                Some(Minor::Asks | Minor::Names) => {}
                Some(Minor::Sets) => self.other(programs::SETTING, &call.name, &[]),
                None => self.other(program, &call.name, &[]),
            },
            Program::Small(..) => self.other(program, &call.name, &[]),
        }
    }

    /// Goes to the folder that is named first.
    fn folder(&mut self, call: &Call<'_>, room: &mut Room) {
        match call.arguments.clone().next().map(literal) {
            None => {}
            Some(Some(path)) => self.words.go(path),
            Some(None) => self.with_words(call, room, |run, words| {
                if let Some(path) = words.first() {
                    run.words.go(path);
                }
            }),
        }
    }

    /// Hands the words of a call over.
    fn with_words<T>(
        &mut self,
        call: &Call<'_>,
        room: &mut Room,
        take: impl FnOnce(&mut Self, &[&str]) -> T,
    ) -> T {
        let words = self.words.all(call.arguments.clone(), room);
        let taken = take(self, &words);
        room.list = emptied(words);
        taken
    }

    /// Takes in what a program does by its words.
    fn by_words(&mut self, program: Program, name: &str, words: &[&str]) {
        let place = self.place;
        match program {
            Program::Apt => self.apt.command(name, words, place),
            Program::Apk => self.apk().command(words),
            Program::Rpm => self.rpm().command(words, place),
            Program::Php => self.php().command(name, words),
            Program::Pip => {
                let pip = self.pip.get_or_insert_default();
                pip.command(name, words, place, &self.words);
            }
            Program::Npm => {
                let npm = self.npm.get_or_insert_default();
                npm.command(name, words, place, &self.words);
            }
            Program::Remove => self.removed(words),
            Program::Writer(_) if self.writes(name, words) => {}
            Program::Starter if name == "php" => {
                if !self.php_script(words) {
                    self.open(unknown!("what `php` writes"));
                }
            }
            Program::Starter => match words {
                // `python -m pip` is `pip`.
                ["-m", module @ ("pip" | "venv" | "virtualenv"), words @ ..] if name != "uv" => {
                    self.by_words(Program::Pip, module, words);
                }
                ["pip", words @ ..] if name == "uv" => {
                    self.by_words(Program::Pip, "uv-pip", words);
                }
                [script, ..] if script.ends_with(GET_PIP) => self.install_pip(),
                [] | ["-"] if matches!(self.piped.take(), Some(Piped::Pip)) => self.install_pip(),
                _ => self.other(Program::Other, name, words),
            },
            _ => self.other(program, name, words),
        }
    }

    /// Whether the words of a command tell what it writes; then that is taken in.
    fn writes(&mut self, name: &str, words: &[&str]) -> bool {
        let piped = match self.piped.take() {
            Some(Piped::Archive(held)) if name != "tee" => Some(held),
            Some(Piped::Archive(_) | Piped::Pip | Piped::Composer | Piped::Other)
                if name == "tee" =>
            {
                return false;
            }
            _ => None,
        };
        let at = &self.words;
        self.written.command(name, words, self.place, at, piped)
    }

    /// What pip's own script does. Source: its help; on Python 3.12 and later it leaves out the last two.
    fn install_pip(&mut self) {
        let words = ["install", "pip", "setuptools", "wheel"];
        self.by_words(Program::Pip, "pip", &words);
    }

    /// Whether a program is called for its version or the like.
    fn only_asks(&mut self, call: &Call<'_>, room: &mut Room) -> bool {
        let mut arguments = call.arguments.clone();
        let (first, second) = (arguments.next(), arguments.next());
        match (first.map(literal), second.map(literal)) {
            (Some(Some(only)), None) => return is_question(&[only]),
            (Some(Some(_)), Some(Some(_))) => return false,
            _ => {}
        }
        // Others are words whatever the values of variables are.
        let mut certain = { call.arguments.clone() }.filter(|word| !word.has_unquoted_expansion());
        certain.nth(1).is_none() && self.with_words(call, room, |_, words| is_question(words))
    }

    fn open(&mut self, basis: impl Into<Reasons>) {
        self.add(&Estimate::open(basis));
    }

    /// Takes in what find may remove.
    fn found(&mut self, words: &[&str]) {
        let is_removal = |pair: &[&str]| {
            let runs = |it: &str| matches!(it, "rm" | "sh" | "bash");
            matches!(pair, ["-exec" | "-execdir", program, ..] if runs(program))
        };
        if !words.contains(&"-delete") && !words.windows(2).any(is_removal) {
            return;
        }
        let starts = words
            .split(|word| word.starts_with(['-', '(', '!', '\\']))
            .next();
        let starts = starts.filter(|starts| !starts.is_empty());
        for start in starts.unwrap_or(&["."]) {
            let start = self.words.place_of(start);
            self.written.thin_out(&start);
        }
    }

    fn removed(&mut self, words: &[&str]) {
        if words.iter().all(|word| word.starts_with('-')) {
            // xargs tells it what.
            self.written.thin_out("/");
        }
        for path in words.iter().filter(|word| !word.starts_with('-')) {
            let path = self.words.place_of(path);
            let path = path.trim_end_matches('*').trim_end_matches('/');
            let letter = |path: &str| path.as_bytes().get(1).copied();
            let own = letter(path);
            let covers = |inner: &str| {
                // Most are told apart by the first letter.
                (own.is_none() || own == letter(inner))
                    && inner
                        .strip_prefix(path)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
                let global = npm::GLOBAL.contains(&path);
                if self.machine.npm != Modules::default() {
                    Rc::make_mut(self.machine).npm.forget(global);
                }
                if let Some(npm) = &mut self.npm {
                    npm.forget(global);
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
            if covers(php::LEFT) {
                self.php().left_removed = true;
            }
            self.go.removed(covers);
            if covers("/usr/share/doc") {
                self.apt.documents_removed = true;
            }
            self.written.remove(path);
        }
    }

    /// Takes in what any other program does.
    fn other(&mut self, program: Program, name: &str, words: &[&str]) {
        let small = |likely: u64, rule| Estimate::between(likely / 3, likely, likely * 3, rule);
        let size = match program {
            Program::Small(likely, rule) => small(likely, rule),
            Program::Range(low, high, rule) => Estimate::range(low, high, rule),
            Program::Dpkg if words.contains(&"--add-architecture") => {
                small(12, rule!("the name of an architecture"))
            }
            Program::Dpkg => Estimate::open(unknown!("what `dpkg` writes")),
            Program::Cargo => match words {
                [
                    "build" | "check" | "clippy" | "install" | "run" | "test",
                    ..,
                ]
                | ["chef", "cook", ..] => Estimate::range(
                    500_000,
                    3_000_000_000,
                    rule!("Cargo's target folder and registry"),
                ),
                ["fetch" | "vendor", ..] => {
                    Estimate::range(0, 1_000_000_000, rule!("crates that Cargo has fetched"))
                }
                _ => Estimate::open(unknown!("what `cargo` writes")),
            },
            Program::Go => {
                if let Some(path) = self.go.command(words, &self.words) {
                    self.put(path, Go::program());
                }
                return;
            }
            Program::Dotnet => return self.dotnet(words),
            Program::Fetch => return self.download(name, words),
            Program::Open(basis) | Program::Writer(basis) => Estimate::open(basis),
            _ => {
                // Of most there are not so many bytes either.
                let end = name.get(40..).and_then(|_| name.char_indices().nth(40));
                let end = end.map_or(name.len(), |(end, _)| end);
                let name = name.get(..end).unwrap_or(name);
                let what = ["what `", name, "` writes"].concat();
                Estimate::unknown(what)
            }
        };
        self.add(&size);
    }

    fn finish(&mut self) -> Added {
        for volume in self.place.volumes {
            self.written.remove(volume);
        }
        let is_used = self.go.is_used()
            || self.apt.is_used(self.machine)
            || self.apk.is_some()
            || self.rpm.is_some()
            || self.php.as_ref().is_some_and(|php| php.is_used())
            || self.pip.is_some()
            || self.npm.is_some();
        let mut machine = is_used.then(|| Rc::make_mut(self.machine));
        if let Some(machine) = &mut machine
            && let Some(size) = self.go.finish(self.place, machine)
        {
            self.other.add(&size);
        }
        let loose = std::mem::take(&mut self.other);
        let mut size = loose.clone();
        let (mut compressed, mut placed) = (None, Vec::new());
        if !self.written.is_nothing() {
            let written = self.written.sum();
            size.add(&written);
            compressed = self.written.random(&written);
            placed = self.written.placed();
        }
        if self.accounts {
            let basis = rule!("the files of users and groups");
            size.add(&Estimate::between(2_000, 4_300, 9_000, basis));
        }
        let mut sum = Added {
            compressed: compressed.unwrap_or_else(|| Share::ANY.of(size.span())),
            size,
            placed,
            made: self.written.made(),
            brings_files: is_used || self.accounts || loose.high != Some(0),
            loose,
            has_inner: false,
        };
        if let Some(machine) = machine {
            self.apt.finish(self.place, machine, &mut sum);
            if let Some(apk) = &self.apk {
                apk.finish(machine, &mut sum);
            }
            if let Some(rpm) = &self.rpm {
                rpm.finish(machine, &mut sum);
            }
            if let Some(php) = &self.php {
                php.finish(machine, &mut sum);
            }
            if let Some(pip) = &self.pip {
                pip.finish(self.place, machine, &mut sum);
            }
            if let Some(npm) = &self.npm {
                npm.finish(self.place, machine, &mut sum);
            }
        }
        sum
    }
}
