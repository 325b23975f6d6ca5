//! A stage has a name that means something else.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "reserved-stage-name",
    codes: &["ReservedStageName", "DL3063"],
    severity: Severity::Error,
    by_default: true,
    why: "`scratch` stands for an empty image and `context` for the build context, so a stage of that name cannot be reached by it.",
    bad: "FROM alpine:3.20 AS scratch\n",
    good: "FROM alpine:3.20 AS base\n",
    when: When::With(Mark::StageNames),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let name = stage.name.as_deref();
        let Some(text) = name.filter(|name| matches!(*name, "scratch" | "context")) else {
            continue;
        };
        let message = format!("`{text}` cannot be the name of a stage");
        if let Some((instruction, from)) = stage.from_instruction(facts.file)
            && let Some(name) = from.name
        {
            found.report(instruction, name.range, message);
        }
    }
}
