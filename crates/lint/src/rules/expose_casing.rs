//! EXPOSE has its protocol in capital letters.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "expose-casing",
    codes: &["ExposeProtoCasing"],
    severity: Severity::Hint,
    by_default: true,
    why: "Protocols are written in small letters everywhere else, in the image's configuration too.",
    bad: "FROM alpine:3.20\nEXPOSE 80/TCP\n",
    good: "FROM alpine:3.20\nEXPOSE 80/tcp\n",
    when: When::has(&[Keyword::Expose]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        let instruction = item.instruction;
        if instruction.keyword != Keyword::Expose {
            continue;
        }
        for word in facts.file.args(instruction) {
            let text = facts.file.word(*word);
            let protocol = text.split_once('/').map_or("", |(_, protocol)| protocol);
            if protocol != protocol.to_lowercase() && !text.contains('$') {
                if item.onbuild {
                    for &line in facts.triggered_at(at) {
                        let message = "the stage takes over a protocol in capital letters";
                        let report = found.report(instruction, word.range, message);
                        report.line(line).elsewhere(&["ExposeProtoCasing"]);
                    }
                    continue;
                }
                let lower = text.to_lowercase();
                found
                    .report(
                        instruction,
                        word.range,
                        format!("the protocol of `{text}` is in capital letters"),
                    )
                    .fix(
                        Applicability::Safe,
                        format!("write `{lower}`"),
                        word.range,
                        lower,
                    );
            }
        }
    }
}
