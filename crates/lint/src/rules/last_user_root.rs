//! The image runs as root.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
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
    let target = facts.model.target();
    let users = facts
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.instruction.keyword == Keyword::User && !item.onbuild);
    for (at, item) in users {
        let behind = facts.items.iter().skip(at + 1);
        let mut others = behind.filter(|other| other.stage == item.stage);
        let instruction = item.instruction;
        let text = unquoted(facts.file.word(instruction.rest));
        let root = matches!(text.split(':').next(), Some("root" | "0"));
        if root && others.all(|other| other.instruction.keyword != Keyword::User) {
            let report = found.report(
                instruction,
                instruction.rest.range,
                "the image runs as root",
            );
            if item.stage != target {
                report.elsewhere(&["DL3002"]);
            }
        }
    }
}
