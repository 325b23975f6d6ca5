//! The lists of packages are fetched in a step of their own.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::{Call, Facts};
use crate::packages::APT;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "update-in-own-step",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "The step is cached for as long as its words stay the same. A package that is added to the installation below months later is looked up in lists of today, and its file is long gone from the servers. In one RUN, both are done anew.",
    bad: "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends curl\n",
    good: "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n",
    check,
};

fn updates(call: &Call) -> bool {
    call.is(&["apt-get", "apt", "aptitude"]) && call.verb_of(&["update"]).is_some()
}

fn installs(call: &Call) -> bool {
    call.is(&["apt-get", "apt", "aptitude"]) && APT.install(call).is_some()
}

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, run) in facts.runs.iter().enumerate() {
        let Some(last) = run.calls.iter().rposition(updates) else {
            continue;
        };
        let Some(update) = run.calls.get(last).filter(|_| !run.onbuild) else {
            continue;
        };
        if run.calls.iter().skip(last).any(installs) {
            continue;
        }
        let below = facts.runs.iter().skip(at + 1);
        let next = below
            .take_while(|below| below.stage == run.stage)
            .find_map(|below| {
                let first = below
                    .calls
                    .iter()
                    .find(|call| updates(call) || installs(call))?;
                Some((below, first))
            });
        if let Some((below, call)) = next.filter(|(_, call)| installs(call)) {
            let line = below.instruction.lines.first;
            let message = format!(
                "line {line} looks for packages in these lists, however old they are by then"
            );
            let report = found
                .report(run.instruction, update.range, message)
                .label(call.range, "the installation");
            if let Some(edits) = facts.join(run, below) {
                report.fix_all(Applicability::Unsafe, "make them one step", edits);
            }
        }
    }
}
