//! CMD, ENTRYPOINT or HEALTHCHECK stands more than once in a stage.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, Item};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "repeated-instruction",
    codes: &[
        "MultipleInstructionsDisallowed",
        "DL4003",
        "DL4004",
        "DL3012",
    ],
    severity: Severity::Warning,
    by_default: true,
    why: "Only the last one counts. The others look as if they did something.",
    bad: "FROM alpine:3.20\nCMD [\"a\"]\nCMD [\"b\"]\n",
    good: "FROM alpine:3.20\nCMD [\"b\"]\n",
    when: When::has(&[Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (keyword, code) in [
        (Keyword::Cmd, "DL4003"),
        (Keyword::Entrypoint, "DL4004"),
        (Keyword::Healthcheck, "DL3012"),
    ] {
        let mut before: Option<&Item<'_>> = None;
        for item in &facts.items {
            if item.instruction.keyword != keyword || item.onbuild {
                continue;
            }
            if let Some(first) = before
                .replace(item)
                .filter(|first| first.stage == item.stage)
            {
                let line = item.instruction.lines.first;
                let message = format!(
                    "the {} in line {line} takes the place of this one",
                    keyword.name()
                );
                let codes = ["MultipleInstructionsDisallowed", code];
                let report = found
                    .report(first.instruction, first.instruction.name.range, message)
                    .only(&codes)
                    .line_of(code, line);
                // Above the first FROM it is an error to begin with.
                let report = if item.stage.is_none() {
                    report.elsewhere(&codes)
                } else {
                    report
                };
                report.fix(
                    Applicability::Safe,
                    "take it away",
                    facts.lines_of(first.instruction),
                    "",
                );
            }
        }
    }
}
