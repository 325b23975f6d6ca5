//! Package managers: what installs, what a version looks like, what a cache is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use stagecraft_diagnostics::Applicability;
use stagecraft_semantic::StageId;
use stagecraft_text::TextRange;

use crate::calls::has;
use crate::facts::{Argument, Call, Facts, RunFacts};
use crate::letters::ends;
use crate::programs::{Bits, Programs};
use crate::rule::{Found, Report};

/// What is to be known of a package manager.
pub(crate) struct Manager {
    pub(crate) programs: Programs,
    /// Sub-commands that install.
    pub(crate) installs: &'static [&'static str],
    /// Further sub-commands that ask whether to go on.
    pub(crate) asks: &'static [&'static str],
    /// Options whose value is the next word.
    pub(crate) with_value: &'static [&'static str],
    /// Whether a package is named with a version, or needs none, as hadolint sees it.
    pub(crate) pinned: fn(&Named<'_>) -> bool,
}

/// A package as a call names it.
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    /// Whether it has a variable that the Dockerfile declares.
    pub(crate) declared: &'a dyn Fn() -> bool,
    /// Whether it is a module of packages.
    pub(crate) module: bool,
}

impl Manager {
    /// The sub-command, where the call installs.
    pub(crate) fn install<'a>(&self, call: &Call<'a>) -> Option<&'a Argument<'a>> {
        let words = call.words();
        if call.is(self.programs) {
            return words.get(call.upkeep.install?);
        }
        words.get(self.place_of_verb(words)?)
    }

    /// The place of the sub-command among the words, where a call installs.
    fn place_of_verb(&self, words: &[Argument<'_>]) -> Option<usize> {
        let mut words = words.iter().enumerate();
        while let Some((at, word)) = words.next() {
            if word.is_flag() {
                if has(self.with_value, &word.text) {
                    words.next();
                }
            } else if self.is_verb(word) {
                return Some(at);
            }
        }
        None
    }

    /// Whether it is a sub-command that installs.
    fn is_verb(&self, word: &Argument<'_>) -> bool {
        // There are one or two.
        self.installs.iter().any(|verb| *verb == word.text)
    }

    /// The packages that a call installs.
    pub(crate) fn packages<'a>(
        &'static self,
        call: &Call<'a>,
    ) -> impl Iterator<Item = &'a Argument<'a>> {
        let first = || call.operands_without(self.with_value).next();
        let first = self.install(call).and_then(|_| first());
        let first = first.map(|word| &*word.text);
        let words = match first {
            None => &[],
            Some("group") if call.is(DNF.programs) => &[],
            Some(_) => call.words(),
        };
        let (mut words, mut module) = (words.iter(), first == Some(MODULE));
        std::iter::from_fn(move || {
            loop {
                let word = words.next()?;
                if word.is_flag() {
                    if has(self.with_value, &word.text) {
                        words.next();
                    }
                } else if !std::mem::take(&mut module) && !self.is_verb(word) {
                    return Some(word);
                }
            }
        })
    }

    /// The packages that a call installs in whatever version is newest, by what hadolint takes for
    /// a version.
    fn loose<'a>(
        &'static self,
        facts: &Facts<'_>,
        run: &RunFacts<'_>,
        call: &Call<'a>,
    ) -> impl Iterator<Item = &'a Argument<'a>> {
        let module = call.verb().is_some_and(|verb| verb.text == MODULE);
        self.packages(call).filter(move |word| {
            !(self.pinned)(&Named {
                name: &word.text,
                declared: &|| has_declared(facts, run, &word.text),
                module,
            })
        })
    }
}

/// Whether hadolint knows that the call installs: dnf's short word it does not.
fn is_known(call: &Call<'_>) -> bool {
    let short = call.is(DNF.programs) && call.has("in");
    !short || call.has("install")
}

/// The sub-command of dnf and yum for sets of packages with versions of their own.
const MODULE: &str = "module";

pub(crate) const APT: Manager = Manager {
    programs: programs!["apt-get"],
    installs: &["install"],
    asks: &[],
    with_value: &["-t", "--target-release"],
    pinned: |it| has_any!(it.name, b'=' | b'/') || is_file(it.name, ".deb"),
};

pub(crate) const APK: Manager = Manager {
    programs: programs!["apk"],
    installs: &["add"],
    asks: &[],
    with_value: &["-t", "--virtual", "--repository", "-X"],
    pinned: |it| has_any!(it.name, b'=' | b'~' | b'<' | b'>') || is_file(it.name, ".apk"),
};

pub(crate) const YUM: Manager = Manager {
    programs: programs!["yum"],
    installs: &["install"],
    asks: &["groupinstall", "localinstall"],
    with_value: &[],
    pinned: rpm_pinned,
};

pub(crate) const DNF: Manager = Manager {
    programs: programs!["dnf", "microdnf"],
    installs: &["install", "in"],
    asks: &["groupinstall", "localinstall"],
    with_value: &[],
    pinned: rpm_pinned,
};

pub(crate) const ZYPPER: Manager = Manager {
    programs: programs!["zypper"],
    installs: &["install", "in"],
    asks: &["remove", "rm", "source-install", "si", "patch"],
    with_value: &[],
    pinned: |it| has_any!(it.name, b'=' | b'<' | b'>') || is_file(it.name, ".rpm"),
};

/// All of which an installation is looked at.
pub(crate) const MANAGERS: [&Manager; 5] = [&APT, &APK, &YUM, &DNF, &ZYPPER];

/// Whether it is a file with that ending.
pub(crate) fn is_file(name: &str, ending: &str) -> bool {
    ends(name, ending)
}

/// `name-1.2`, `name-1:1.2`, `name-$VERSION` with a variable that is declared, a file with a
/// version in its name; of a module `name:9`.
fn rpm_pinned(it: &Named<'_>) -> bool {
    if it.module {
        return has_any!(it.name, b':');
    }
    if is_file(it.name, ".rpm") || (it.declared)() {
        return has_any!(it.name, b'-');
    }
    let mut parts = it.name.split('-').skip(1);
    let starts = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
    let fits = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+~^:".contains(&byte))
    };
    !has_any!(it.name, b'$' | b' ')
        && parts
            .find(starts)
            .is_some_and(|version| fits(version) && parts.all(fits))
}

/// Whether a word has a variable that an ARG or ENV above declares.
fn has_declared(facts: &Facts<'_>, run: &RunFacts<'_>, text: &str) -> bool {
    variables(text)
        .any(|name| facts.value(run, name).is_some() || facts.is_argument_above(name, run.item))
}

/// Reports the packages that are installed in whatever version is newest.
pub(crate) fn unpinned(facts: &Facts<'_>, found: &mut Found<'_>, manager: &'static Manager) {
    for (run, call) in facts.calls(manager.programs) {
        let mut any_named = false;
        let loose = manager.loose(facts, run, call);
        let loose = loose.inspect(|it| any_named |= !is_own_file(&it.text));
        if let Some(report) = report_unpinned(found, run, call, loose) {
            report.said_by(any_named, is_known(call));
        }
    }
}

/// Whether it names a file with a package, which is the version that it is.
fn is_own_file(name: &str) -> bool {
    let may_be = matches!(name.as_bytes().last(), Some(b'b' | b'm' | b'k'));
    let mut endings = [".deb", ".rpm", ".apk"].iter();
    may_be && endings.any(|ending| name.ends_with(ending))
}

/// Reports these packages of a call, if there are any.
pub(crate) fn report_unpinned<'a, 'f>(
    found: &'f mut Found<'_>,
    run: &RunFacts<'_>,
    call: &Call<'_>,
    mut loose: impl Iterator<Item = &'a Argument<'a>>,
) -> Option<Report<'f>> {
    let first = loose.next()?;
    let message = match loose.count() {
        0 => ["`", &first.text, "` comes in whatever version is newest"].concat(),
        more => format!(
            "`{}` and {more} more come in whatever version is newest",
            first.text,
        ),
    };
    Some(found.call(run, call, first.range(), message))
}

/// Whether a word of a call is the value of one of these options, which stands before it.
pub(crate) fn is_value_of(call: &Call<'_>, word: &Argument<'_>, options: &[&str]) -> bool {
    let mut pairs = call.words().windows(2);
    pairs.any(|pair| match pair {
        [option, value] => std::ptr::eq(value, word) && options.contains(&&*option.text),
        _ => false,
    })
}

/// A word with the variables of the Dockerfile filled in; `None` where one is not known.
pub(crate) fn known<'t>(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    text: &'t str,
) -> Option<Cow<'t, str>> {
    let plain = |text: &Cow<'_, str>| !has_any!(text, b'`' | b'(');
    // Most words are this.
    if !has_any!(text, b'$' | b'`' | b'(') {
        return Some(Cow::Borrowed(text));
    }
    fill(text, |name| facts.value(run, name)).filter(plain)
}

/// A word with its variables replaced by what `value` knows.
fn fill<'t, 'v>(text: &'t str, value: impl Fn(&str) -> Option<&'v str>) -> Option<Cow<'t, str>> {
    // Words are short.
    if text.bytes().all(|byte| byte != b'$') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next_variable(rest) {
        out.push_str(before);
        out.push_str(value(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// What stands before the first variable of a text, what is written in it, and what is behind it.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    // Words are short, and most have none.
    let at = text.bytes().position(|byte| byte == b'$')?;
    let (before, behind) = (text.get(..at)?, text.get(at + 1..)?);
    let (name, after) = if let Some(inner) = behind.strip_prefix('{') {
        inner.split_once('}').unwrap_or((inner, ""))
    } else {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let end = behind.bytes().position(|byte| !word(byte));
        behind.split_at_checked(end.unwrap_or(behind.len()))?
    };
    Some((before, name, after))
}

/// What is written in the variables of a text.
pub(crate) fn variables(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next_variable(rest)?;
        rest = after;
        Some(name)
    })
}

/// Whether hadolint sees that pip is called: of Python it does where no option is between.
pub(crate) fn sees_pip(call: &Call<'_>) -> bool {
    let mut three = call.words().windows(3);
    call.name.starts_with("pip")
        || three.any(|words| {
            words
                .iter()
                .map(|word| &*word.text)
                .eq(["-m", "pip", "install"])
        })
}

/// Reports an installation that would ask, and nobody answers. `yes` says whether it is answered.
pub(crate) fn without_yes(
    facts: &Facts<'_>,
    found: &mut Found<'_>,
    manager: &'static Manager,
    yes: fn(&Call<'_>) -> bool,
) {
    for (run, call) in facts.calls(manager.programs) {
        let verb = call
            .operands_without(manager.with_value)
            .find(|word| manager.is_verb(word) || manager.asks.contains(&&*word.text));
        let Some(verb) = verb.filter(|_| !yes(call)) else {
            continue;
        };
        let message = format!(
            "{} will ask whether to go on, and nobody answers",
            call.name
        );
        let after = TextRange::empty(verb.range().end());
        let mut report = found.call(run, call, verb.range(), message);
        if !is_known(call) && verb.text == "in" {
            report = report.only(&[]);
        }
        report.fix(Applicability::Unsafe, "add `-y`", after, " -y");
    }
}

/// Reports an installation behind which nothing in the same RUN cleans up.
pub(crate) fn not_cleaned<'a>(
    facts: &Facts<'a>,
    found: &mut Found<'_>,
    installs: fn(&Call<'_>) -> bool,
    cleans: fn(&Call<'_>) -> bool,
    mounts: &[&str],
    message: &'static str,
    clean: &str,
) {
    for run in &facts.runs {
        let mounted = |path: &str| mounts.iter().any(|mount| path.starts_with(mount));
        if facts.is_mounted_where(run, mounted) {
            continue;
        }
        let last = run.calls.iter().rposition(installs);
        let Some((at, call)) = last.and_then(|at| Some((at, run.calls.get(at)?))) else {
            continue;
        };
        let first_clean = run.calls.iter().position(cleans);
        if !run.calls.iter().skip(at + 1).any(cleans) {
            let report = found.call(run, call, call.range(), message);
            clean_in_step(facts, run, report, clean);
        } else if first_clean.is_some_and(|clean| clean < at) {
            // hadolint looks at the first clean-up only.
            let code = found.codes();
            found.call(run, call, call.range(), message).elsewhere(code);
        }
    }
}

/// How yum or dnf keeps what it downloads.
pub(crate) struct Keeping {
    pub(crate) program: &'static str,
    pub(crate) family: Family,
    /// Sub-commands that fill the cache.
    pub(crate) fills: &'static [&'static str],
    /// Others, which hadolint does not know.
    pub(crate) fills_too: &'static [&'static str],
    /// The folder of the cache, where a mount may be.
    pub(crate) folder: &'static str,
    /// Whether hadolint looks at mounts.
    pub(crate) mount_counts: bool,
}

/// The folder of yum's cache, which dnf has as well.
const YUM_CACHE: &str = "/var/cache/yum";

/// Reports a cache that yum or dnf leaves in a layer.
pub(crate) fn cache_kept(facts: &Facts<'_>, found: &mut Found<'_>, keeping: &Keeping) {
    for run in &facts.runs {
        let with = |call: &Call<'_>, verbs: &[&str]| {
            call.name == keeping.program && call.operands().any(|word| verbs.contains(&&*word.text))
        };
        let fills = |call: &Call<'_>| with(call, keeping.fills) || with(call, keeping.fills_too);
        let last = run.calls.iter().rposition(fills);
        let Some((at, call)) = last.and_then(|at| Some((at, run.calls.get(at)?))) else {
            continue;
        };
        let cleans = |call: &Call<'_>| {
            with(call, &["clean"]) && call.has("all")
                || removes(call, YUM_CACHE)
                || removes(call, keeping.folder)
        };
        let mounted = facts.is_mounted(run, keeping.folder);
        let ours = !mounted
            && !run.calls.iter().skip(at + 1).any(cleans)
            && !facts.is_cleaned_late(run, keeping.family);
        // hadolint compares the first of each, and takes every `rm -rf` for a clean-up.
        let seen = || run.calls.iter().filter(|call| !call.wrapped);
        let first = seen().position(|call| with(call, keeping.fills));
        let first_clean = seen()
            .position(|call| with(call, &["clean"]) || call.is(programs!["rm"]) && call.has("-rf"));
        let theirs = first.is_some_and(|at| first_clean.is_none_or(|clean| clean <= at))
            && !(mounted && keeping.mount_counts);
        if !ours && !theirs {
            continue;
        }
        let program = keeping.program;
        let message = format!("{program}'s cache stays in this layer");
        let report = found.report(run.instruction, call.range(), message);
        let report = report.said_by(ours && !run.foreign, theirs);
        if ours {
            clean_in_step(facts, run, report, &format!("{program} clean all"));
        }
    }
}

/// Adds the fix that cleans up at the end of the same step.
pub(crate) fn clean_in_step(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    report: Report<'_>,
    command: &str,
) {
    if let Some(end) = facts.end_of_run(run) {
        let title = ["add `", command, "` to the step"].concat();
        let more = [" && ", command].concat();
        report.fix(Applicability::Unsafe, title, end, more);
    }
}

/// Whether a call removes files of that folder.
pub(crate) fn removes(call: &Call<'_>, folder: &str) -> bool {
    call.is(programs!["rm"])
        && call.operands().any(|word| {
            let path = word.text.trim_end_matches('*').trim_end_matches('/');
            path == folder
        })
}

/// A package manager, whatever its program is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Apt,
    Apk,
    Dnf,
    Npm,
    Yarn,
    Yum,
    Zypper,
}

impl Family {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Apt => "apt",
            Self::Apk => "apk",
            Self::Dnf => "dnf",
            Self::Npm => "npm",
            Self::Yarn => "yarn",
            Self::Yum => "yum",
            Self::Zypper => "zypper",
        }
    }

    /// That of a program.
    fn of(program: &str) -> Option<Self> {
        Some(match program {
            "apt-get" | "apt" | "aptitude" => Self::Apt,
            "apk" => Self::Apk,
            "yum" => Self::Yum,
            "dnf" | "microdnf" => Self::Dnf,
            "zypper" => Self::Zypper,
            "npm" => Self::Npm,
            "yarn" => Self::Yarn,
            _ => return None,
        })
    }

    /// Its sub-commands that add lists, downloads or packages to a layer.
    fn fill(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["update", "install", "upgrade", "dist-upgrade", "build-dep"],
            Self::Apk => &["add", "update", "upgrade"],
            Self::Yum => &[
                "install",
                "update",
                "upgrade",
                "groupinstall",
                "localinstall",
            ],
            Self::Dnf => &["install", "update", "upgrade", "groupinstall"],
            Self::Zypper => &["install", "in", "update", "refresh"],
            Self::Npm => &["install", "ci", "i"],
            Self::Yarn => &["install"],
        }
    }
}

/// Some package managers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Families(u8);

impl Families {
    pub(crate) fn has(self, family: Family) -> bool {
        self.0 & 1 << family as u8 != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are not among the others.
    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    fn add(&mut self, family: Option<Family>) {
        self.0 |= family.map_or(0, |family| 1 << family as u8);
    }
}

/// What all calls of a RUN do to the files of package managers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunUpkeep {
    /// The package managers whose lists, downloads or packages it adds to a layer.
    pub(crate) fills: Families,
    /// Those after which it cleans up.
    pub(crate) cleans: Families,
    /// Whether some of that is to remove packages.
    pub(crate) packages: bool,
}

impl RunUpkeep {
    pub(crate) fn add(&mut self, call: Upkeep) {
        self.fills.add(call.fills);
        self.cleans.add(call.cleans);
        self.packages |= call.packages;
    }
}

/// What a call does to the files of package managers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Upkeep {
    /// The package manager whose lists, downloads or packages it adds to a layer.
    pub(crate) fills: Option<Family>,
    /// The package manager after which it cleans up.
    pub(crate) cleans: Option<Family>,
    /// Whether that is to remove packages, which are its operands but the first; else it is about
    /// lists and downloads.
    pub(crate) packages: bool,
    /// The place among its words of the sub-command that installs; see [`Manager::install`].
    install: Option<usize>,
}

/// The programs that matter to the files of package managers.
pub(crate) const KEEPERS: Programs = programs![
    "apk", "apt", "apt-get", "aptitude", "dnf", "microdnf", "npm", "rm", "yarn", "yum", "zypper",
];

impl Upkeep {
    /// Of the call of a program that may be one of the [`KEEPERS`], by its bit and its name, with
    /// these words.
    #[inline(never)]
    pub(crate) fn of(bit: Bits, name: &str, words: &[Argument<'_>]) -> Self {
        let mut operands = words.iter().filter(|word| !word.is_flag());
        if name == "rm" {
            return Self {
                cleans: operands.find_map(|word| cache_of(&word.text)),
                ..Self::default()
            };
        }
        let Some(family) = Family::of(name) else {
            return Self::default();
        };
        let fill = family.fill();
        let fills = operands.clone().any(|word| fill.contains(&&*word.text));
        let verb = operands.next().map(|word| &*word.text);
        let lists = verb.is_some_and(|verb| cleans_lists(verb, words));
        let removes = matches!(verb, Some("remove" | "purge" | "del" | "erase" | "rm"));
        let packages = !lists && removes && operands.next().is_some();
        let manager = MANAGERS.iter().find(|it| it.programs.has(bit, name));
        Self {
            install: manager.and_then(|it| it.place_of_verb(words)),
            fills: fills.then_some(family),
            cleans: (lists || packages).then_some(family),
            packages,
        }
    }

    /// The package manager whose lists and downloads it removes.
    pub(crate) fn cleans_lists(self) -> Option<Family> {
        self.cleans.filter(|_| !self.packages)
    }
}

/// The package manager that keeps its lists or downloads in a folder.
fn cache_of(path: &str) -> Option<Family> {
    const FOLDERS: [(&str, Family); 6] = [
        ("/var/lib/apt/lists", Family::Apt),
        ("/var/cache/apt", Family::Apt),
        ("/var/cache/apk", Family::Apk),
        ("/var/cache/yum", Family::Yum),
        ("/var/cache/dnf", Family::Dnf),
        ("/var/cache/zypp", Family::Zypper),
    ];
    let mut folders = FOLDERS.iter();
    let folder = folders.find(|(folder, _)| path.starts_with(folder));
    folder.map(|&(_, family)| family)
}

/// Whether a sub-command with its words removes lists and downloads.
fn cleans_lists(verb: &str, words: &[Argument<'_>]) -> bool {
    let has = |text: &str| words.iter().any(|word| word.text == text);
    // These are for the next installation to see what is new.
    let renews = || has("expire-cache") || has("metadata");
    match verb {
        "clean" | "autoclean" | "autoremove" | "distclean" => !renews(),
        "cache" => !renews() && (has("clean") || has("clear")),
        _ => false,
    }
}

/// Whether a RUN leaves lists or downloads of a package manager behind.
pub(crate) fn leaves(run: &RunFacts<'_>, family: Family) -> bool {
    if !run.upkeep.fills.has(family) {
        return false;
    }
    let clean = |call: &Call<'_>| call.upkeep.cleans_lists() == Some(family);
    let fills = |call: &Call<'_>| call.upkeep.fills == Some(family) && !call.has("--no-cache");
    run.calls.iter().any(fills) && !run.calls.iter().any(clean)
}

/// A step that fetches the lists of apt, and a later one that installs from them.
pub(crate) struct LaterInstall<'f, 'a> {
    /// The call that fetches them.
    pub update: &'f Call<'a>,
    /// The later step.
    pub run: &'f RunFacts<'a>,
    /// The call there that installs.
    pub install: &'f Call<'a>,
}

/// Where the lists are used that a RUN fetches, and that it does not use itself. `None`
/// where it fetches none, or where they are fetched anew before.
pub(crate) fn later_apt_install<'f, 'a>(
    facts: &'f Facts<'a>,
    run: &'f RunFacts<'a>,
) -> Option<LaterInstall<'f, 'a>> {
    const PROGRAMS: Programs = programs!["apt-get", "apt", "aptitude"];
    let apt = |call: &Call<'_>| call.is(PROGRAMS);
    let updates = |call: &Call<'_>| apt(call) && call.verb_of(&["update"]).is_some();
    let installs = |call: &Call<'_>| apt(call) && APT.install(call).is_some();
    if run.onbuild {
        return None;
    }
    let last = run.calls.iter().rposition(updates)?;
    let update = run.calls.get(last)?;
    if run.calls.iter().skip(last).any(installs) {
        return None;
    }
    let below = facts.runs.iter().skip(run.number + 1);
    below
        .take_while(|below| below.stage == run.stage)
        .filter(|below| below.may_call(PROGRAMS.bits))
        .find_map(|run| {
            let mut calls = run.calls.iter();
            let install = calls.find(|call| updates(call) || installs(call))?;
            Some(LaterInstall {
                update,
                run,
                install,
            })
        })
        .filter(|later| installs(later.install))
}

/// For each stage whose layers are shipped, and each package manager: the number of the last RUN
/// that removes the lists and downloads of others and none of its own. `apt-get clean` leaves the
/// lists.
pub(crate) fn late_removals(facts: &Facts<'_>) -> BTreeMap<(Option<StageId>, Family), usize> {
    let mut late = BTreeMap::new();
    for (at, run) in facts.runs.iter().enumerate() {
        let own = run.upkeep.fills;
        let others = run.upkeep.cleans.without(own);
        if others.is_empty() || !facts.ships(run.stage) || run.onbuild {
            continue;
        }
        for call in run.calls {
            if let Some(family) = call.upkeep.cleans_lists()
                && (family != Family::Apt || call.is(programs!["rm"]))
                && !own.has(family)
            {
                late.insert((run.stage, family), at);
            }
        }
    }
    late
}
