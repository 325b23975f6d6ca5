//! An image is named with the tag `latest`.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::image_name::WrittenName;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "latest-tag",
    codes: &["DL3007"],
    severity: Severity::Warning,
    by_default: true,
    why: "`latest` is another image next month. A version says what you have tried.",
    bad: "FROM alpine:latest\n",
    good: "FROM alpine:3.20\n",
    when: When::has(&[Keyword::From]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (stage, instruction, word) in facts.bases() {
        let raw = facts.file.word(word);
        let image = facts.image(stage.id);
        let ours =
            image.is_some_and(|image| image.tag() == Some("latest") && image.digest().is_none());
        // hadolint goes by what is written, quotes and all.
        let theirs = raw.ends_with(":latest")
            && WrittenName::read(raw)
                .is_some_and(|it| it.tag == Some("latest") && it.digest.is_none());
        if !ours && !theirs {
            continue;
        }
        let written = unquoted(raw);
        let message = format!("`{written}` is another image with every release");
        let report = found.report(instruction, word.range, message);
        report.said_by(ours, theirs);
    }
}
