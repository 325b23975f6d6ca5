//! A package manager is cleaned up after in a later layer.

use std::collections::BTreeMap;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::sort;

use crate::facts::{Facts, RunFacts};
use crate::packages::{Family, KEEPERS, leaves};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "cleaned-too-late",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "A layer is never changed: what an earlier RUN has left is carried along, however well a later one cleans up. Clean up in the RUN that installs.",
    bad: "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n",
    good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
    when: When::calls(KEEPERS),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // Most clean up in the same step.
    let cleans_for_others = |run: &RunFacts<'_>| {
        let others = run.upkeep.cleans.without(run.upkeep.fills);
        !others.is_empty() && facts.ships(run.stage) && !run.onbuild
    };
    if !facts.runs.iter().any(cleans_for_others) {
        return;
    }
    // The packages that some step removes.
    let removing = facts.runs.iter().filter(|run| run.upkeep.packages);
    let removing = removing.flat_map(|run| run.calls);
    let removing = removing.filter(|call| call.upkeep.packages);
    let removed = removing.flat_map(|call| call.operands().skip(1));
    let mut removed: Vec<&str> = removed.map(|word| &*word.text).collect();
    sort(&mut removed);
    // The line that has last left something, by stage: lists and downloads of a package manager,
    // and packages.
    let mut left = BTreeMap::new();
    let mut before: Option<&RunFacts<'_>> = None;
    for run in &facts.runs {
        if !facts.ships(run.stage) || run.onbuild {
            continue;
        }
        let line = run.instruction.lines.first;
        let own = run.upkeep.fills;
        let cleaning = if cleans_for_others(run) {
            run.calls
        } else {
            &[]
        };
        for call in cleaning {
            let Some(family) = call.upkeep.cleans.filter(|it| !own.has(*it)) else {
                continue;
            };
            let there = if call.upkeep.packages {
                let mut names = call.operands().skip(1).map(|word| &*word.text);
                names.find_map(|name| left.get(&(run.stage, family, name)))
            } else if matches!(family, Family::Yarn | Family::Zypper) {
                // That their caches stay is said of the installation.
                None
            } else {
                left.get(&(run.stage, family, ""))
            };
            if let Some(line) = there {
                let message = format!(
                    "this cannot make the image smaller: what {} has left is in the layer of line {line}",
                    family.name()
                );
                let report = found.report(run.instruction, call.range(), message);
                let above = before.filter(|before| before.instruction.lines.first == *line);
                if let Some(edits) = above.and_then(|before| facts.join(before, run)) {
                    report.fix_all(Applicability::Unsafe, "make them one step", edits);
                }
                break;
            }
        }
        let filling = if own.is_empty() { &[] } else { run.calls };
        for call in filling {
            let Some(family) = call.upkeep.fills else {
                continue;
            };
            if leaves(run, family) {
                left.insert((run.stage, family, ""), line);
            }
            if !removed.is_empty() {
                let names = call.operands().map(|word| &*word.text);
                let names = names.filter(|name| removed.binary_search(name).is_ok());
                left.extend(names.map(|name| ((run.stage, family, name), line)));
            }
        }
        before = Some(run);
    }
}
