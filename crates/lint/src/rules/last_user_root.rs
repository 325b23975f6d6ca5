//! The image runs as root because its last USER says so.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "last-user-root",
    codes: &["DL3002"],
    severity: Severity::Warning,
    by_default: true,
    why: "Whoever breaks out of the program is root in the container, and close to being root on the host.",
    bad: "FROM alpine:3.20\nUSER root\n",
    good: "FROM alpine:3.20\nUSER root\nRUN true\nUSER app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let target = facts.model.target().and_then(|id| facts.model.stage(id));
    let Some(last) = target.and_then(|stage| {
        facts
            .own(stage)
            .filter(|it| it.keyword == Keyword::User)
            .last()
    }) else {
        return;
    };
    let text = facts.file.word(last.rest);
    if matches!(text.split(':').next(), Some("root" | "0")) {
        found.report(last, last.rest.range, "the image runs as root");
    }
}
