//! Instructions are written in different cases.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Instruction, Keyword};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "mixed-instruction-casing",
    codes: &["ConsistentInstructionCasing"],
    severity: Severity::Hint,
    by_default: true,
    why: "Instructions are found at a glance when all of them look alike.",
    bad: "FROM alpine:3.20\nRUN true\nworkdir /app\n",
    good: "FROM alpine:3.20\nRUN true\nWORKDIR /app\n",
    when: When::With(Mark::SmallLetters),
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
    let lower = known().filter(|it| is_lower(word(it))).count();
    let upper = known().filter(|it| is_upper(word(it))).count();
    let all_lower = lower > upper;
    for instruction in known() {
        let text = word(instruction);
        if all_lower && is_lower(text) || !all_lower && is_upper(text) {
            continue;
        }
        let wanted = if all_lower {
            text.to_lowercase()
        } else {
            text.to_uppercase()
        };
        let message = format!("`{text}` is not in the case of most instructions");
        let title = format!("write `{wanted}`");
        let range = instruction.name.range;
        found
            .report(instruction, range, message)
            .fix(Applicability::Safe, title, range, wanted);
    }
}

fn is_lower(text: &str) -> bool {
    if text.is_ascii() {
        !text.bytes().any(|byte| byte.is_ascii_uppercase())
    } else {
        text == text.to_lowercase()
    }
}

fn is_upper(text: &str) -> bool {
    if text.is_ascii() {
        !text.bytes().any(|byte| byte.is_ascii_lowercase())
    } else {
        text == text.to_uppercase()
    }
}
