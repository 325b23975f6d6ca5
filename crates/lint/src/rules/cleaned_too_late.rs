//! A package manager is cleaned up after in a later layer.

use std::collections::{BTreeMap, BTreeSet};

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::{Facts, RunFacts};
use crate::packages::{cleans, fills, leaves};
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "cleaned-too-late",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "A layer is never changed: what an earlier RUN has left is carried along, however well a later one cleans up. Clean up in the RUN that installs.",
    bad: "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n",
    good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let calls = facts.runs.iter().flat_map(|run| &run.calls);
    let (mut any, mut removes) = (false, false);
    for (_, packages) in calls.filter_map(cleans) {
        any = true;
        removes |= !packages.is_empty();
    }
    if !any {
        return;
    }
    // The line that has last left something, by stage: lists and downloads of a package manager,
    // and packages.
    let mut left = BTreeMap::new();
    let mut before: Option<&RunFacts<'_>> = None;
    for run in &facts.runs {
        if !facts.ships(run.stage) || run.onbuild {
            continue;
        }
        let line = run.instruction.lines.first;
        let own: BTreeSet<_> = run.calls.iter().filter_map(fills).collect();
        for call in &run.calls {
            let Some((manager, packages)) = cleans(call).filter(|(it, _)| !own.contains(it)) else {
                continue;
            };
            let mut names = packages.iter().map(|word| &*word.text);
            // That their caches stay is said of the installation.
            if packages.is_empty() && matches!(manager, "yarn" | "zypper") {
                continue;
            }
            let there = match packages.as_slice() {
                [] => left.get(&(run.stage, manager, "")),
                _ => names.find_map(|name| left.get(&(run.stage, manager, name))),
            };
            if let Some(line) = there {
                let message = format!(
                    "this cannot make the image smaller: what {manager} has left is in the layer of line {line}"
                );
                let report = found.report(run.instruction, call.range, message);
                let above = before.filter(|before| before.instruction.lines.first == *line);
                if let Some(edits) = above.and_then(|before| facts.join(before, run)) {
                    report.fix_all(Applicability::Unsafe, "make them one step", edits);
                }
                break;
            }
        }
        for manager in own {
            if leaves(run, manager) {
                left.insert((run.stage, manager, ""), line);
            }
        }
        for call in run.calls.iter().filter(|_| removes) {
            if let Some(manager) = fills(call) {
                let names = call.operands().map(|word| &*word.text);
                left.extend(names.map(|name| ((run.stage, manager, name), line)));
            }
        }
        before = Some(run);
    }
}
