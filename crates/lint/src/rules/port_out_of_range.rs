//! A port that does not exist.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "port-out-of-range",
    codes: &["DL3011"],
    severity: Severity::Error,
    by_default: true,
    why: "Ports are numbers from 0 to 65535; nothing can be reached at another one.",
    bad: "FROM alpine:3.20\nEXPOSE 80000\n",
    good: "FROM alpine:3.20\nEXPOSE 8080\n",
    when: When::has(&[Keyword::Expose]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let instruction = item.instruction;
        if instruction.keyword != Keyword::Expose {
            continue;
        }
        for word in facts.file.args(instruction) {
            let text = unquoted(facts.file.word(*word));
            let ports = text.split('/').next().unwrap_or_default();
            let wrong = |port: &str| {
                let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                digits && port.parse::<u16>().is_err()
            };
            if ports.split('-').any(wrong) {
                let message = format!("there is no port {ports}");
                let report = found.report(instruction, word.range, message);
                if item.onbuild {
                    report.only(&[]);
                }
            }
        }
    }
}
