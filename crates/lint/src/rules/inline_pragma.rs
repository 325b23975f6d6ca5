//! A comment silences a rule for one instruction.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Comment;

use crate::facts::Facts;
use crate::ignored::is_for_next;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "inline-pragma",
    codes: &["DL1001"],
    severity: Severity::Hint,
    by_default: false,
    why: "A rule that is silenced here and there is a rule that nobody sees; whether it holds is better decided once, for all files.",
    bad: "FROM alpine:3.20\n# hadolint ignore=DL3018\nRUN apk add --no-cache curl\n",
    good: "FROM alpine:3.20\nRUN apk add --no-cache curl\n",
    when: When::With(Mark::Comments),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let text = |comment: &Comment| facts.file.str(comment.as_buildkit);
    // Few files have any.
    if !facts.file.comments().iter().any(|it| is_for_next(text(it))) {
        return;
    }
    for instruction in facts.file.instructions() {
        let comments = facts.file.comments_above(instruction);
        if !comments.iter().any(|it| is_for_next(text(it))) {
            continue;
        }
        for comment in comments {
            if facts.file.str(comment.as_buildkit).contains("ignore") {
                let line = comment.line;
                found
                    .report(
                        instruction,
                        comment.range,
                        "a rule is silenced for this instruction",
                    )
                    .line(line);
            }
        }
    }
}
