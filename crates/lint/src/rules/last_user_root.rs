//! The image runs as root.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "last-user-root",
    codes: &["DL3002"],
    severity: Severity::Warning,
    by_default: true,
    why: "Whoever breaks out of the program is root in the container, and close to being root on the host.",
    bad: "FROM alpine:3.20\nUSER root\n",
    good: "FROM alpine:3.20\nUSER root\nRUN true\nUSER app\n",
    when: When::has(&[Keyword::User]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let target = facts.model.target();
    let mut seen = BTreeSet::new();
    for item in facts.items.iter().rev().filter(|item| !item.onbuild) {
        let instruction = item.instruction;
        // Only the last one of each stage counts.
        if instruction.keyword != Keyword::User || !seen.insert(item.stage) {
            continue;
        }
        let text = facts.file.word(instruction.rest);
        let root = |text: &str| matches!(text.split(':').next(), Some("root" | "0"));
        // hadolint takes quotes for a part of the name, and blanks behind it.
        let named = root(text) && !facts.has_blank_behind(instruction.rest);
        let theirs = named && item.stage.is_some();
        if !root(unquoted(text)) {
            continue;
        }
        let place = instruction.rest.range;
        let report = found.report(instruction, place, "the image runs as root");
        report.said_by(item.stage == target, theirs);
    }
}
