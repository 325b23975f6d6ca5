//! A stage that nothing needs.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Source, StageId};
use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unused-stage",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "The builder leaves it out, so what it does or checks never happens. To have it run, build it with `--target`, or copy something out of it.",
    bad: "FROM alpine:3.20 AS test\nRUN true\nFROM alpine:3.20\n",
    good: "FROM alpine:3.20 AS test\nRUN true > /ok\nFROM alpine:3.20\nCOPY --from=test /ok /ok\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let Some(target) = facts.model.target() else {
        return;
    };
    let needs = facts
        .model
        .stages()
        .iter()
        .flat_map(|stage| &stage.dependencies);
    let needed: BTreeSet<StageId> = needs
        .filter_map(|need| match need.source {
            Source::Stage(id) => Some(id),
            _ => None,
        })
        .collect();
    for stage in facts.model.stages() {
        let Some((instruction, from)) = stage.from_instruction(facts.file) else {
            continue;
        };
        if !needed.contains(&stage.id) && !stage.reachable && stage.id != target {
            let range = from.name.map_or(instruction.range, |name| name.range);
            found.report(
                instruction,
                range,
                format!(
                    "nothing needs the stage `{}`, so it is not built",
                    stage.display_name()
                ),
            );
        }
    }
}
