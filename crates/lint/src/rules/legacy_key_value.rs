//! ENV or LABEL separates name and value by a blank.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "legacy-key-value",
    codes: &["LegacyKeyValueFormat"],
    severity: Severity::Hint,
    by_default: true,
    why: "With a blank the rest of the line is one value, quotes and all; with `=` several pairs fit into one instruction.",
    bad: "FROM alpine:3.20\nENV NAME value\n",
    good: "FROM alpine:3.20\nENV NAME=value\n",
    when: When::has(&[Keyword::Arg, Keyword::Env, Keyword::Label]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        let instruction = item.instruction;
        let keyword = instruction.keyword;
        if !matches!(keyword, Keyword::Arg | Keyword::Env | Keyword::Label) {
            continue;
        }
        for pair in facts
            .file
            .pairs(instruction)
            .iter()
            .filter(|pair| pair.legacy)
        {
            if item.onbuild {
                for &line in facts.triggered_at(at) {
                    let message = "the stage takes over a pair that is separated by a blank";
                    let report = found.report(instruction, pair.word.range, message);
                    report.line(line).elsewhere(&["LegacyKeyValueFormat"]);
                }
                continue;
            }
            let (name, value) = (
                facts.file.word(pair.name),
                pair.value.map_or("", |value| facts.file.word(value)),
            );
            let diagnostic = found.report(
                instruction,
                pair.word.range,
                ["`", name, "` and its value are separated by a blank"].concat(),
            );
            let plain = |byte: u8| {
                matches!(
                    byte,
                    b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'/' | b'.' | b'_' | b'-' | b':' | b',' | b'+' | b'@'
                )
            };
            if !value.is_empty() && value.bytes().all(plain) {
                diagnostic.fix(
                    Applicability::Safe,
                    "write `=`",
                    instruction.rest.range,
                    [name, "=", value].concat(),
                );
            }
        }
    }
}
