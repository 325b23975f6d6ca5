//! A comment above a stage or argument does not begin with its name.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "description-does-not-fit",
    codes: &["InvalidDefinitionDescription"],
    severity: Severity::Hint,
    by_default: false,
    why: "BuildKit shows such a comment as the description of the stage or argument if it begins with its name. An empty line below it keeps it a comment.",
    bad: "# the program\nFROM alpine:3.20 AS app\n",
    good: "# app is the program\nFROM alpine:3.20 AS app\n",
    when: When::With(Mark::Comments),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for instruction in facts.file.instructions() {
        let name = match &instruction.kind {
            Kind::From(from) => from.name,
            Kind::Pairs(_) if instruction.keyword == Keyword::Arg => {
                facts.file.pairs(instruction).first().map(|pair| pair.name)
            }
            _ => None,
        };
        let above = facts.file.comments_above(instruction).last();
        let (Some(name), Some(comment)) = (name, above) else {
            continue;
        };
        let text = facts.file.str(comment.as_buildkit).trim();
        let first = text.split_whitespace().next();
        let near = comment.line + 1 == instruction.lines.first;
        if near && first != Some(facts.file.word(name)) {
            found.report(
                instruction,
                comment.range,
                "this describes something of another name",
            );
        }
    }
}
