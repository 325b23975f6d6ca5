//! Instructions are written in different cases.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Instruction, Keyword};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "mixed-instruction-casing",
    codes: &["ConsistentInstructionCasing"],
    severity: Severity::Hint,
    by_default: true,
    why: "Instructions are found at a glance when all of them look alike.",
    bad: "FROM alpine:3.20\nRUN true\nworkdir /app\n",
    good: "FROM alpine:3.20\nRUN true\nWORKDIR /app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let word = |instruction: &Instruction| facts.file.word(instruction.name);
    let known = || {
        facts
            .file
            .instructions()
            .iter()
            .filter(|it| it.keyword != Keyword::Unknown)
    };
    let lower = known()
        .filter(|it| word(it) == word(it).to_lowercase())
        .count();
    let upper = known()
        .filter(|it| word(it) == word(it).to_uppercase())
        .count();
    let all_lower = lower > upper;
    for instruction in known() {
        let text = word(instruction);
        let wanted = if all_lower {
            text.to_lowercase()
        } else {
            text.to_uppercase()
        };
        if text != wanted {
            found
                .report(
                    instruction,
                    instruction.name.range,
                    format!("`{text}` is not in the case of most instructions"),
                )
                .fix(
                    Applicability::Safe,
                    format!("write `{wanted}`"),
                    instruction.name.range,
                    wanted,
                );
        }
    }
}
