//! A stage is named by its number.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::{DependencyKind, Source};
use stagecraft_text::{Edit, TextRange};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "stage-by-number",
    codes: &[],
    severity: Severity::Hint,
    by_default: true,
    why: "A new stage above shifts all numbers, and the files then come from another stage without a word. A name stays.",
    bad: "FROM golang:1.22\nFROM alpine:3.20\nCOPY --from=0 /app /app\n",
    good: "FROM golang:1.22 AS build\nFROM alpine:3.20\nCOPY --from=build /app /app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let mut copies = stage
            .dependencies
            .iter()
            .filter(|it| it.kind == DependencyKind::Copy);
        copies.by_ref().for_each(|need| {
            let Source::Stage(id) = need.source else {
                return;
            };
            if !need.name.bytes().all(|byte| byte.is_ascii_digit()) {
                return;
            }
            let command = need.command.and_then(|id| facts.model.command(id));
            let instruction = command.and_then(|it| facts.model.instruction(facts.file, it));
            let (Some((_, instruction)), Some(other)) = (instruction, facts.model.stage(id)) else {
                return;
            };
            if facts.file.str(instruction.text).is_empty()
                || !matches!(
                    command.map(|it| it.written),
                    Some(stagecraft_semantic::Written::Here(_))
                )
            {
                return;
            }
            let report = found.report(
                instruction,
                need.range,
                "a stage above would change which one this is",
            );
            if let Some(name) = &other.name {
                report.fix(
                    Applicability::Safe,
                    format!("name it: `{name}`"),
                    need.range,
                    name.clone(),
                );
                return;
            }
            let Some((from, _)) = other.from_instruction(facts.file) else {
                return;
            };
            let name = format!("stage{}", id.0);
            if facts
                .model
                .stages()
                .iter()
                .any(|it| it.name.as_ref() == Some(&name))
            {
                return;
            }
            report.fix_all(
                Applicability::DisplayOnly,
                format!("call the stage `{name}`, or better"),
                vec![
                    Edit::replace(TextRange::empty(from.range.end()), format!(" AS {name}")),
                    Edit::replace(need.range, name),
                ],
            );
        });
    }
}
