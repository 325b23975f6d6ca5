//! Package managers: what installs, what a version looks like, what a cache is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use stagecraft_diagnostics::Applicability;
use stagecraft_semantic::StageId;
use stagecraft_text::TextRange;

use crate::facts::{Argument, Call, Facts, RunFacts};
use crate::rule::{Found, Report};

/// What is to be known of a package manager.
pub(crate) struct Manager {
    pub(crate) programs: &'static [&'static str],
    /// Sub-commands that install.
    pub(crate) installs: &'static [&'static str],
    /// Options whose value is the next word.
    pub(crate) with_value: &'static [&'static str],
    /// Whether a package is named with a version, or needs none.
    pub(crate) pinned: fn(&str) -> bool,
}

impl Manager {
    /// The sub-command, where the call installs.
    pub(crate) fn install<'c, 'a>(&self, call: &'c Call<'a>) -> Option<&'c Argument<'a>> {
        let mut operands = call.rest(0, self.with_value).into_iter();
        operands.find(|word| self.installs.contains(&&*word.text))
    }

    /// The packages that a call installs.
    pub(crate) fn packages<'c, 'a>(&self, call: &'c Call<'a>) -> Vec<&'c Argument<'a>> {
        let operands = call.rest(0, self.with_value);
        if operands.first().is_some_and(|word| word.text == "group") {
            return Vec::new();
        }
        let is_verb = |word: &&Argument<'_>| self.installs.contains(&&*word.text);
        match operands.iter().position(is_verb) {
            Some(at) => {
                let behind = operands.into_iter().skip(at + 1);
                behind.filter(|word| !is_verb(word)).collect()
            }
            None => Vec::new(),
        }
    }
}

pub(crate) const APT: Manager = Manager {
    programs: &["apt-get"],
    installs: &["install"],
    with_value: &["-t", "--target-release"],
    pinned: |name| name.contains('=') || is_file(name, ".deb"),
};

pub(crate) const APK: Manager = Manager {
    programs: &["apk"],
    installs: &["add"],
    with_value: &["-t", "--virtual", "--repository", "-X"],
    pinned: |name| name.contains(['=', '~', '<', '>']) || is_file(name, ".apk"),
};

pub(crate) const YUM: Manager = Manager {
    programs: &["yum"],
    installs: &["install"],
    with_value: &[],
    pinned: rpm_pinned,
};

pub(crate) const DNF: Manager = Manager {
    programs: &["dnf", "microdnf"],
    installs: &["install", "in"],
    with_value: &[],
    pinned: rpm_pinned,
};

pub(crate) const ZYPPER: Manager = Manager {
    programs: &["zypper"],
    installs: &["install", "in"],
    with_value: &[],
    pinned: |name| name.contains(['=', '<', '>']) || is_file(name, ".rpm"),
};

/// Whether it is a file with that ending.
pub(crate) fn is_file(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some()
}

/// `name-1.2`, `name-1:1.2`, a module `name:9`, or a file.
fn rpm_pinned(name: &str) -> bool {
    let version = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
    is_file(name, ".rpm")
        || name.split('-').skip(1).any(version)
        || name.rsplit_once(':').is_some_and(|(_, part)| version(part))
}

/// Reports the packages that are installed in whatever version is newest.
pub(crate) fn unpinned(facts: &Facts<'_>, found: &mut Found<'_>, manager: &'static Manager) {
    for (run, call) in facts.calls(manager.programs) {
        let mut loose = manager.packages(call);
        loose.retain(|package| !(manager.pinned)(&expanded(facts, run, &package.text)));
        report_unpinned(found, run, call, &loose);
    }
}

/// Reports these packages of a call, if there are any.
pub(crate) fn report_unpinned(
    found: &mut Found<'_>,
    run: &RunFacts<'_>,
    call: &Call<'_>,
    loose: &[&Argument],
) {
    let Some(first) = loose.first() else {
        return;
    };
    let message = match loose.len() {
        1 => format!("`{}` comes in whatever version is newest", first.text),
        more => format!(
            "`{}` and {} more come in whatever version is newest",
            first.text,
            more - 1
        ),
    };
    found.call(run, call, first.range, message);
}

/// A word with the variables of the Dockerfile filled in; one that is not known is nothing.
pub(crate) fn expanded<'t>(facts: &Facts<'_>, run: &RunFacts<'_>, text: &'t str) -> Cow<'t, str> {
    fill(text, |name| {
        Some(facts.value_or_arg(run, name).unwrap_or_default())
    })
    .unwrap_or_default()
}

/// A word with the variables of the Dockerfile filled in; `None` where one is not known.
pub(crate) fn known<'t>(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    text: &'t str,
) -> Option<Cow<'t, str>> {
    let plain = |text: &Cow<'_, str>| !text.contains(['`', '(']);
    fill(text, |name| facts.value(run, name)).filter(plain)
}

/// A word with its variables replaced by what `value` knows.
fn fill<'t, 'v>(text: &'t str, value: impl Fn(&str) -> Option<&'v str>) -> Option<Cow<'t, str>> {
    if !text.contains('$') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let behind = behind.strip_prefix('$').unwrap_or_default();
        let (name, after) = if let Some(inner) = behind.strip_prefix('{') {
            inner.split_once('}').unwrap_or((inner, ""))
        } else {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = behind.find(|c: char| !word(c)).unwrap_or(behind.len());
            behind.split_at(end)
        };
        out.push_str(value(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// Reports an installation that would ask, and nobody answers. `yes` says whether it is answered.
pub(crate) fn without_yes(
    facts: &Facts<'_>,
    found: &mut Found<'_>,
    manager: &'static Manager,
    yes: fn(&Call<'_>) -> bool,
) {
    for (run, call) in facts.calls(manager.programs) {
        let Some(verb) = manager.install(call).filter(|_| !yes(call)) else {
            continue;
        };
        let message = format!(
            "{} will ask whether to go on, and nobody answers",
            call.name
        );
        let after = TextRange::empty(verb.range.end());
        found.call(run, call, verb.range, message).fix(
            Applicability::Unsafe,
            "add `-y`",
            after,
            " -y",
        );
    }
}

/// Reports an installation behind which nothing in the same RUN cleans up.
pub(crate) fn not_cleaned<'a>(
    facts: &Facts<'a>,
    found: &mut Found<'_>,
    installs: fn(&Call<'_>) -> bool,
    cleans: fn(&Call<'_>) -> bool,
    mounts: &[&str],
    message: &str,
    clean: &str,
) {
    for run in &facts.runs {
        if mounts.iter().any(|path| facts.is_mounted(run, path)) {
            continue;
        }
        let last = run.calls.iter().rposition(installs);
        let Some((at, call)) = last.and_then(|at| Some((at, run.calls.get(at)?))) else {
            continue;
        };
        let first_clean = run.calls.iter().position(cleans);
        if !run.calls.iter().skip(at + 1).any(cleans) {
            let report = found.call(run, call, call.range, message);
            clean_in_step(facts, run, report, clean);
        } else if first_clean.is_some_and(|clean| clean < at) {
            // hadolint looks at the first clean-up only.
            let code = found.codes();
            found.call(run, call, call.range, message).elsewhere(code);
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
        let title = format!("add `{command}` to the step");
        report.fix(Applicability::Unsafe, title, end, format!(" && {command}"));
    }
}

/// Whether a call removes files of that folder.
pub(crate) fn removes(call: &Call<'_>, folder: &str) -> bool {
    call.is(&["rm"])
        && call.operands().any(|word| {
            let path = word.text.trim_end_matches('*').trim_end_matches('/');
            path == folder
        })
}

/// The package manager whose lists, downloads or packages a call adds to a layer.
pub(crate) fn fills(call: &Call<'_>) -> Option<&'static str> {
    let (name, verbs): (_, &[&str]) = match &*call.name {
        "apt-get" | "apt" | "aptitude" => (
            "apt",
            &["update", "install", "upgrade", "dist-upgrade", "build-dep"],
        ),
        "apk" => ("apk", &["add", "update", "upgrade"]),
        "yum" => (
            "yum",
            &[
                "install",
                "update",
                "upgrade",
                "groupinstall",
                "localinstall",
            ],
        ),
        "dnf" | "microdnf" => ("dnf", &["install", "update", "upgrade", "groupinstall"]),
        "zypper" => ("zypper", &["install", "in", "update", "refresh"]),
        "npm" => ("npm", &["install", "ci", "i"]),
        "yarn" => ("yarn", &["install"]),
        _ => return None,
    };
    call.operands()
        .any(|word| verbs.contains(&&*word.text))
        .then_some(name)
}

/// Whether a RUN leaves lists or downloads of a package manager behind.
pub(crate) fn leaves(run: &RunFacts<'_>, manager: &str) -> bool {
    let clean = |call: &Call<'_>| {
        cleans(call).is_some_and(|(name, packages)| name == manager && packages.is_empty())
    };
    let fills = |call: &Call<'_>| fills(call) == Some(manager) && !call.has("--no-cache");
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

/// Where the lists are used that the RUN at a place fetches, and that it does not use itself. `None`
/// where it fetches none, or where they are fetched anew before.
pub(crate) fn later_apt_install<'f, 'a>(
    facts: &'f Facts<'a>,
    at: usize,
) -> Option<LaterInstall<'f, 'a>> {
    let apt = |call: &Call<'_>| call.is(&["apt-get", "apt", "aptitude"]);
    let updates = |call: &Call<'_>| apt(call) && call.verb_of(&["update"]).is_some();
    let installs = |call: &Call<'_>| apt(call) && APT.install(call).is_some();
    let run = facts.runs.get(at).filter(|run| !run.onbuild)?;
    let last = run.calls.iter().rposition(updates)?;
    let update = run.calls.get(last)?;
    if run.calls.iter().skip(last).any(installs) {
        return None;
    }
    let below = facts.runs.iter().skip(at + 1);
    below
        .take_while(|below| below.stage == run.stage)
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
pub(crate) fn late_removals(facts: &Facts<'_>) -> BTreeMap<(Option<StageId>, &'static str), usize> {
    let mut late = BTreeMap::new();
    for (at, run) in facts.runs.iter().enumerate() {
        let cleaning = run.calls.iter().any(|call| cleans(call).is_some());
        if !cleaning || !facts.ships(run.stage) || run.onbuild {
            continue;
        }
        let own: BTreeSet<_> = run.calls.iter().filter_map(fills).collect();
        for call in &run.calls {
            if let Some((manager, packages)) = cleans(call)
                && packages.is_empty()
                && (manager != "apt" || call.is(&["rm"]))
                && !own.contains(manager)
            {
                late.insert((run.stage, manager), at);
            }
        }
    }
    late
}

/// The package manager after which a call cleans up, and the packages that it removes; none where
/// it is about lists and downloads.
pub(crate) fn cleans<'c, 'a>(call: &'c Call<'a>) -> Option<(&'static str, Vec<&'c Argument<'a>>)> {
    const REMOVE: [&str; 5] = ["remove", "purge", "del", "erase", "rm"];
    const CLEAN: [&str; 5] = ["clean", "autoclean", "autoremove", "distclean", "cache"];
    const FOLDERS: [(&str, &str); 6] = [
        ("/var/lib/apt/lists", "apt"),
        ("/var/cache/apt", "apt"),
        ("/var/cache/apk", "apk"),
        ("/var/cache/yum", "yum"),
        ("/var/cache/dnf", "dnf"),
        ("/var/cache/zypp", "zypper"),
    ];
    let name = match &*call.name {
        "apt-get" | "apt" | "aptitude" => "apt",
        "apk" => "apk",
        "yum" => "yum",
        "dnf" | "microdnf" => "dnf",
        "zypper" => "zypper",
        "npm" => "npm",
        "yarn" => "yarn",
        "rm" => {
            let of = |word: &Argument<'_>| {
                let mut folders = FOLDERS.iter();
                folders.find(|(folder, _)| word.text.starts_with(folder))
            };
            return call
                .operands()
                .find_map(of)
                .map(|(_, name)| (*name, Vec::new()));
        }
        _ => return None,
    };
    let verb = &*call.verb()?.text;
    // These are for the next installation to see what is new.
    let renews = call.has("expire-cache") || call.has("metadata");
    if CLEAN.contains(&verb)
        && !renews
        && (verb != "cache" || call.has("clean") || call.has("clear"))
    {
        return Some((name, Vec::new()));
    }
    let packages = call.rest(1, &[]);
    (REMOVE.contains(&verb) && !packages.is_empty()).then_some((name, packages))
}
