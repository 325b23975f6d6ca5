//! sudo in a build step.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::{TextRange, size};

use crate::facts::{Call, Facts};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "sudo",
    codes: &["DL3004"],
    severity: Severity::Warning,
    by_default: true,
    why: "A build step runs as root unless USER says otherwise, and sudo is mostly not there. Put USER around the steps that need another user.",
    bad: "FROM debian:12\nRUN sudo true\n",
    good: "FROM debian:12\nUSER root\nRUN true\n",
    when: When::names(programs!["sudo"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let runs = facts.runs.iter();
    for run in runs.filter(|run| run.may_have(programs!["sudo"])) {
        for range in run.calls.iter().filter_map(Call::sudo) {
            let report = found.report(run.instruction, range, "sudo has no place in a build");
            let behind = facts.file.source().get(usize::from(range.end())..);
            let blank = behind.map_or(0, |it| it.len() - it.trim_start_matches(' ').len());
            // Its own options would be those of the program.
            if behind.is_some_and(|it| !it.trim_start().starts_with(['-', '\\', '`'])) {
                let range = TextRange::new(range.start(), range.end() + size(blank));
                report.fix(Applicability::Unsafe, "take it away", range, "");
            }
        }
    }
}
