//! The name of a stage has capital letters.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "stage-name-casing",
    codes: &["StageNameCasing"],
    severity: Severity::Warning,
    by_default: true,
    why: "A stage is known by its name in small letters. `FROM` looks for exactly that, so a name with capitals is found by `COPY --from` and not by `FROM`.",
    bad: "FROM alpine:3.20 AS Build\n",
    good: "FROM alpine:3.20 AS build\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (instruction, from) in facts.froms() {
        let Some(name) = from.name else {
            continue;
        };
        let text = facts.file.word(name);
        let lower = text.to_lowercase();
        if text != lower {
            found
                .report(
                    instruction,
                    name.range,
                    format!("the stage name `{text}` has capital letters"),
                )
                .fix(
                    Applicability::Safe,
                    format!("write `{lower}`"),
                    name.range,
                    lower,
                );
        }
    }
}
