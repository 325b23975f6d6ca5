//! dnf leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::{Call, Facts, RunFacts};
use crate::packages::{self, Family};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "dnf-cache-kept",
    codes: &["DL3040"],
    severity: Severity::Info,
    by_default: true,
    why: "dnf keeps its lists and downloads for the next installation. It is of no use inside of an image. Only the same RUN can leave it out: a later one hides it, and it is still carried along.",
    bad: "FROM fedora:40\nRUN dnf install -y httpd\n",
    good: "FROM fedora:40\nRUN dnf install -y httpd && dnf clean all\n",
    when: When::calls(programs!["dnf", "microdnf"]),
    check,
};

/// Sub-commands that fill the cache, with their short names.
const FILLS: [&str; 8] = [
    "install",
    "in",
    "upgrade",
    "up",
    "upgrade-minimal",
    "up-min",
    "reinstall",
    "rei",
];

/// Others that hadolint does not know.
const FILLS_TOO: [&str; 3] = ["update", "downgrade", "dg"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // What one of them leaves the other does not clean.
    for (program, own) in [
        ("dnf", programs!["dnf"]),
        ("microdnf", programs!["microdnf"]),
    ] {
        for run in facts.runs_with(own) {
            if !facts.is_mounted(run, "/var/cache/libdnf5") {
                check_run(facts, run, program, found);
            }
        }
    }
}

fn check_run(facts: &Facts<'_>, run: &RunFacts<'_>, program: &str, found: &mut Found<'_>) {
    let with = |call: &Call<'_>, verbs: &[&str]| {
        call.name == program && call.operands().any(|word| verbs.contains(&&*word.text))
    };
    let fills = |call: &Call<'_>| with(call, &FILLS) || with(call, &FILLS_TOO);
    let cleans = |call: &Call<'_>| {
        call.name == program && call.has("clean") && call.has("all")
            || packages::removes(call, "/var/cache/yum")
            || packages::removes(call, "/var/cache/libdnf5")
    };
    let last = run.calls.iter().rposition(fills);
    let Some((at, call)) = last.and_then(|at| Some((at, run.calls.get(at)?))) else {
        return;
    };
    let ours =
        !run.calls.iter().skip(at + 1).any(cleans) && !facts.is_cleaned_late(run, Family::Dnf);
    let theirs = packages::seems_kept(
        run,
        |call| with(call, &FILLS),
        |call| with(call, &["clean"]),
    );
    let message = format!("{program}'s cache stays in this layer");
    if let Some(report) = packages::cache_kept(run, call, found, (ours, theirs), message) {
        packages::clean_in_step(facts, run, report, &format!("{program} clean all"));
    }
}
