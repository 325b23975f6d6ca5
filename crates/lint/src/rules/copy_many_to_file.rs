//! COPY of several files to one.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Keyword, Kind};
use stagecraft_text::TextRange;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copy-many-to-file",
    codes: &["DL3021"],
    severity: Severity::Error,
    by_default: true,
    why: "Several files go into a folder, and a folder is written with `/` at its end.",
    bad: "FROM alpine:3.20\nCOPY a b /c\n",
    good: "FROM alpine:3.20\nCOPY a b /c/\n",
    when: When::has(&[Keyword::Copy]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        let many = facts.file.sources(item.instruction).len() > 1;
        let Some(word) = transfer
            .destination
            .filter(|_| many && item.instruction.keyword == Keyword::Copy)
        else {
            continue;
        };
        let text = unquoted(facts.file.word(word));
        if !text.ends_with(['/', '\\']) {
            let report = found.report(
                item.instruction,
                word.range,
                format!("`{text}` is to be a folder; write `{text}/`"),
            );
            let code: &[&str] = if item.onbuild { &[] } else { &["DL3021"] };
            if matches!(text, "." | "..") {
                report.elsewhere(code);
            } else {
                let report = report.only(code);
                let end = TextRange::empty(word.range.end());
                report.fix(Applicability::Unsafe, "add `/`", end, "/");
            }
        }
    }
}
