//! An argument that changes with every build is declared above steps that do not need it.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "changing-argument-early",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "An ARG is a part of the environment of every RUN below it. Where its value is another one in each build, as that of a date or a commit, none of them comes from the cache. Declare it just above what uses it.",
    bad: "FROM alpine:3.20\nARG BUILD_DATE\nRUN apk add --no-cache curl\nLABEL built=$BUILD_DATE\n",
    good: "FROM alpine:3.20\nRUN apk add --no-cache curl\nARG BUILD_DATE\nLABEL built=$BUILD_DATE\n",
    when: When::has(&[Keyword::Arg]),
    check,
};

/// Names of what is another one in each build.
const CHANGING: [&str; 14] = [
    "BUILD_DATE",
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_TIME",
    "BUILD_TIMESTAMP",
    "COMMIT",
    "COMMIT_HASH",
    "COMMIT_SHA",
    "GIT_COMMIT",
    "GIT_HASH",
    "GIT_REVISION",
    "GIT_SHA",
    "REVISION",
    "VCS_REF",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut open = Vec::new();
    for item in facts.items.iter().filter(|item| !item.onbuild) {
        match item.instruction.keyword {
            Keyword::From => open.clear(),
            Keyword::Arg if item.stage.is_some() => {
                for pair in facts.file.pairs(item.instruction) {
                    let name = facts.file.word(pair.name);
                    if CHANGING.contains(&name) {
                        open.push((item, pair, name));
                    }
                }
            }
            Keyword::Run => {
                let text = facts.file.str(item.instruction.text);
                // Whoever uses it needs it, and so do the steps below that.
                open.retain(|(_, _, name)| !text.contains(name));
                let line = item.instruction.lines.first;
                for (arg, pair, name) in open.drain(..) {
                    let message = format!(
                        "line {line} does not use `{name}`, and runs again whenever it changes"
                    );
                    found
                        .report(arg.instruction, pair.name.range, message)
                        .label(item.instruction.name.range, "runs again");
                }
            }
            _ => {}
        }
    }
}
