//! EXPOSE has an address or a second port.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "expose-mapping",
    codes: &["ExposeInvalidFormat"],
    severity: Severity::Warning,
    by_default: true,
    why: "EXPOSE only notes which port the program listens on. Which port of the host leads there is said by `docker run -p`.",
    bad: "FROM alpine:3.20\nEXPOSE 127.0.0.1:80:80\n",
    good: "FROM alpine:3.20\nEXPOSE 80\n",
    when: When::has(&[Keyword::Expose]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for instruction in facts.file.instructions() {
        if instruction.keyword != Keyword::Expose {
            continue;
        }
        for word in facts.file.args(instruction) {
            let text = facts.file.word(*word);
            if text.contains(':') && !text.contains('$') {
                let message = format!("`{text}` says more than a port");
                let report = found.report(instruction, word.range, message);
                let port = text.rsplit(':').next().unwrap_or_default();
                if port.starts_with(|first: char| first.is_ascii_digit()) {
                    let title = format!("write `{port}`");
                    report.fix(Applicability::Unsafe, title, word.range, port);
                }
            }
        }
    }
}
