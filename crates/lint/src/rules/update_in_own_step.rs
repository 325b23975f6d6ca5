//! The lists of packages are fetched in a step of their own.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "update-in-own-step",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "The step is cached for as long as its words stay the same. A package that is added to the installation below months later is looked up in lists of today, and its file is long gone from the servers. In one RUN, both are done anew.",
    bad: "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends curl\n",
    good: "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n",
    when: When::calls(programs!["apt-get", "apt", "aptitude"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let runs = facts.runs_with(programs!["apt-get", "apt", "aptitude"]);
    for run in runs {
        let Some(later) = packages::later_apt_install(facts, run) else {
            continue;
        };
        let line = later.run.instruction.lines.first;
        let message =
            format!("line {line} looks for packages in these lists, however old they are by then");
        let report = found
            .report(run.instruction, later.update.range(), message)
            .label(later.install.range(), "the installation");
        if let Some(edits) = facts.join(run, later.run) {
            report.fix_all(Applicability::Unsafe, "make them one step", edits);
        }
    }
}
