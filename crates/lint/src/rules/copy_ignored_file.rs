//! COPY of a file that .dockerignore leaves out.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Kind;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copy-ignored-file",
    codes: &["CopyIgnoredFile"],
    severity: Severity::Error,
    by_default: true,
    why: "What `.dockerignore` names is not sent to the builder, so there is nothing to copy.",
    bad: "FROM alpine:3.20\nCOPY secret /secret\n",
    good: "FROM alpine:3.20\nCOPY app /app\n",
    when: When::With(Mark::Dockerignore),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let Some(patterns) = &facts.ignore else {
        return;
    };
    for item in facts.items.iter().filter(|item| !item.onbuild) {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        if transfer.from.is_some() {
            continue;
        }
        for word in facts.file.sources(item.instruction) {
            let text = unquoted(facts.file.word(*word));
            let elsewhere =
                text.contains("://") || text.starts_with("git@") || text.starts_with("<<");
            if elsewhere || text.contains('$') {
                continue;
            }
            let path = text.trim_start_matches("./").trim_matches('/');
            let ignored = if path.is_empty() || path == "." {
                // All of it: nothing is left only where every name is left out.
                patterns.leaves_nothing()
            } else {
                !path.contains(['*', '?', '[']) && patterns.verdict(path).ignored
            };
            if ignored {
                found.report(
                    item.instruction,
                    word.range,
                    format!("`.dockerignore` leaves `{text}` out, so there is nothing to copy"),
                );
            }
        }
    }
}
