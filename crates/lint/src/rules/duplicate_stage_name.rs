//! Two stages have the same name.

use stagecraft_diagnostics::Severity;
use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "duplicate-stage-name",
    codes: &["DuplicateStageName"],
    severity: Severity::Error,
    by_default: true,
    why: "Everything below that asks for the name gets the last stage of that name; the other one can only be reached by its number.",
    bad: "FROM alpine:3.20 AS a\nFROM alpine:3.19 AS a\n",
    good: "FROM alpine:3.20 AS a\nFROM alpine:3.19 AS b\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut known = BTreeMap::new();
    for (_, instruction, from) in facts.froms() {
        let Some(name) = from.name else {
            continue;
        };
        let text = facts.file.word(name).to_lowercase();
        if let Some(line) = known.insert(text.clone(), instruction.lines.first) {
            found.report(
                instruction,
                name.range,
                format!("the stage `{text}` is named in line {line} already"),
            );
        }
    }
}
