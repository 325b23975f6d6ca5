//! A stage is named by its number.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::{DependencyKind, Source, Written};
use stagecraft_text::Edit;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "stage-by-number",
    codes: &[],
    severity: Severity::Hint,
    by_default: true,
    why: "A new stage above shifts all numbers, and the files then come from another stage without a word. A name stays.",
    bad: "FROM golang:1.22\nFROM alpine:3.20\nCOPY --from=0 /app /app\n",
    good: "FROM golang:1.22 AS build\nFROM alpine:3.20\nCOPY --from=build /app /app\n",
    when: When::With(Mark::Dependencies),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let stages = facts.model.stages();
    let names = OnceCell::new();
    let all_names = || -> BTreeSet<&str> {
        let names = stages.iter().filter_map(|it| it.name.as_deref());
        names.collect()
    };
    for need in stages.iter().flat_map(|stage| &stage.dependencies) {
        let Source::Stage(id) = need.source else {
            continue;
        };
        let number = need.name.bytes().all(|byte| byte.is_ascii_digit());
        if need.kind != DependencyKind::Copy || !number {
            continue;
        }
        let command = need.command.and_then(|id| facts.model.command(id));
        let here = command.filter(|it| matches!(it.written, Written::Here(_)));
        let instruction = here.and_then(|it| facts.model.instruction(facts.file, it));
        let (Some((_, instruction)), Some(other)) = (instruction, facts.model.stage(id)) else {
            continue;
        };
        let message = "a stage above would change which one this is";
        let report = found.report(instruction, need.range, message);
        if let Some(name) = &other.name {
            let title = format!("name it: `{name}`");
            report.fix(Applicability::Safe, title, need.range, name.clone());
            continue;
        }
        let name = format!("stage{}", id.0);
        if let Some((from, _)) = other.from_instruction(facts.file)
            && !names.get_or_init(all_names).contains(name.as_str())
        {
            report.fix_all(
                Applicability::DisplayOnly,
                format!("call the stage `{name}`, or better"),
                vec![
                    Edit::insert(from.range.end(), format!(" AS {name}")),
                    Edit::replace(need.range, name),
                ],
            );
        }
    }
}
