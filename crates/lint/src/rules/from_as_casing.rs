//! `AS` is not written in the case of its `FROM`.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "from-as-casing",
    codes: &["FromAsCasing"],
    severity: Severity::Hint,
    by_default: true,
    why: "Words of one instruction in two cases read as if one of them were a name.",
    bad: "FROM alpine:3.20 as build\n",
    good: "FROM alpine:3.20 AS build\n",
    when: When::With(Mark::StageNames),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (instruction, from) in facts.froms() {
        let Some(word) = facts
            .file
            .as_word(instruction)
            .filter(|_| from.name.is_some())
        else {
            continue;
        };
        let keyword = facts.file.word(instruction.name);
        let text = facts.file.word(word);
        let wanted = if keyword.bytes().all(|byte| byte.is_ascii_lowercase()) {
            "as"
        } else if keyword.bytes().all(|byte| byte.is_ascii_uppercase()) {
            "AS"
        } else {
            continue;
        };
        if text != wanted {
            found
                .report(
                    instruction,
                    word.range,
                    ["`", text, "` is not in the case of `", keyword, "`"].concat(),
                )
                .fix(
                    Applicability::Safe,
                    ["write `", wanted, "`"].concat(),
                    word.range,
                    wanted,
                );
        }
    }
}
