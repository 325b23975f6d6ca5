//! Two stages have one name.

use std::collections::{BTreeMap, BTreeSet};

use stagecraft_diagnostics::Severity;

use crate::calls::repeats;
use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "duplicate-stage-name",
    codes: &["DuplicateStageName", "DL3024"],
    severity: Severity::Error,
    by_default: true,
    why: "Everything below that asks for the name gets the last stage of that name; the other one can only be reached by its number.",
    bad: "FROM alpine:3.20 AS a\nFROM alpine:3.19 AS a\n",
    good: "FROM alpine:3.20 AS a\nFROM alpine:3.19 AS b\n",
    when: When::With(Mark::Stages),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let stages = facts.model.stages();
    let names = || stages.iter().filter_map(|stage| stage.name.as_deref());
    // In most files all differ.
    if names().nth(1).is_none() || !repeats(names) {
        return;
    }
    // The line and the spelling of the first, and other spellings.
    let mut known: BTreeMap<&str, (u32, &str, BTreeSet<&str>)> = BTreeMap::new();
    for stage in stages {
        let Some((instruction, from)) = stage.from_instruction(facts.file) else {
            continue;
        };
        let (Some(name), Some(text)) = (from.name, stage.name.as_deref()) else {
            continue;
        };
        let written = facts.file.word(name);
        let line = instruction.lines.first;
        let Some((first, spelling, others)) = known.get_mut(text) else {
            known.insert(text, (line, written, BTreeSet::new()));
            continue;
        };
        let report = found.report(
            instruction,
            name.range,
            format!("the stage `{text}` is named in line {first} already"),
        );
        // hadolint goes by the exact word.
        if written != *spelling && others.insert(written) {
            report.only(&["DuplicateStageName"]);
        }
        *first = line;
    }
}
