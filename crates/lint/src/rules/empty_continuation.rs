//! An empty line stands inside of an instruction.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "empty-continuation",
    codes: &["NoEmptyContinuation"],
    severity: Severity::Warning,
    by_default: true,
    why: "It is skipped today, and will be an error. It looks as if the instruction ended there.",
    bad: "FROM alpine:3.20\nRUN echo a \\\n\n  && echo b\n",
    good: "FROM alpine:3.20\nRUN echo a \\\n  && echo b\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for instruction in facts.file.instructions() {
        if instruction.empty_continuation {
            found
                .report(
                    instruction,
                    instruction.name.range,
                    "an empty line stands inside of this instruction",
                )
                .line(facts.file.last_of_line(instruction));
        }
    }
}
