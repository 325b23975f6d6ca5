//! The lists of apt stay in the layer.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::{Call, Facts};
use crate::packages::{self, Family};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apt-lists-kept",
    codes: &["DL3009"],
    severity: Severity::Info,
    by_default: true,
    why: "The lists are about 20 MB, of no use once the packages are there, and out of date by tomorrow. Only the same RUN can leave them out: a later one hides them.",
    bad: "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
    good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
    when: When::calls(programs!["apt-get", "apt", "aptitude"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // The images of Debian and Ubuntu throw the downloaded packages away, until they are told
    // not to.
    let mut keeps = None;
    for run in facts.runs_with(programs!["apt-get", "apt", "aptitude", "rm"]) {
        let told = |call: &Call<'_>| {
            call.is(programs!["rm"]) && call.has("/etc/apt/apt.conf.d/docker-clean")
        };
        if run.calls.iter().any(told) {
            keeps = Some(run.stage);
        }
        let lists = ["/var/lib/apt", "/var/lib/apt/lists"];
        let mounted = lists.iter().any(|path| facts.is_mounted(run, path));
        let cached = facts.is_mounted(run, "/var/cache/apt");
        let downloads = keeps == Some(run.stage) && !cached;
        // hadolint wants both folders, where it is not the one of the lists.
        let seen = cached || facts.is_mounted(run, "/var/lib/apt/lists");
        if mounted && seen && !downloads {
            continue;
        }
        let updates = |call: &&Call<'_>| {
            call.is(programs!["apt-get", "apt", "aptitude"]) && call.has("update")
        };
        let Some(call) = run.calls.iter().find(updates) else {
            continue;
        };
        let cleans = |call: &Call<'_>| {
            call.is(programs!["apt-get", "apt"])
                && call.verb_of(&["dist-clean", "distclean"]).is_some()
                || call.is(programs!["rm"]) && call.has("/var/lib/apt/lists/*")
                || lists.iter().any(|path| packages::removes(call, path))
        };
        let ours = (!mounted || downloads)
            && !run.calls.iter().any(cleans)
            && !facts.is_thrown_away(run)
            && !facts.is_cleaned_late(run, Family::Apt)
            // To remove them here would break the step that needs them.
            && packages::later_apt_install(facts, run).is_none();
        // hadolint takes every `rm -rf` for the clean-up, too.
        let seems_to = |call: &Call<'_>| {
            call.is(programs!["rm"])
                && !call.wrapped
                && (call.has("-rf") || call.has("/var/lib/apt/lists/*"))
        };
        let theirs = !call.wrapped
            && !run.calls.iter().any(seems_to)
            // Above the first stage it looks at none.
            && (run.stage.is_some() || facts.model.stages().is_empty())
            && !facts.is_thrown_away_as_written(run);
        if !ours && !theirs {
            continue;
        }
        let report = found.report(
            run.instruction,
            call.range(),
            "the package lists stay in this layer",
        );
        if !ours {
            report.elsewhere(&["DL3009"]);
            continue;
        }
        let report = if theirs { report } else { report.only(&[]) };
        if let Some(end) = facts.end_of_run(run) {
            report.fix(
                Applicability::Unsafe,
                "remove them in the same step",
                end,
                " && rm -rf /var/lib/apt/lists/*",
            );
        }
    }
}
