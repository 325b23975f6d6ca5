//! CMD, ENTRYPOINT or HEALTHCHECK stands more than once in a stage.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "repeated-instruction",
    codes: &["MultipleInstructionsDisallowed", "DL4003"],
    severity: Severity::Warning,
    by_default: true,
    why: "Only the last one counts. The others look as if they did something.",
    bad: "FROM alpine:3.20\nCMD [\"a\"]\nCMD [\"b\"]\n",
    good: "FROM alpine:3.20\nCMD [\"b\"]\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for keyword in [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck] {
        for stage in facts.model.stages() {
            let all: Vec<_> = facts
                .own(stage)
                .filter(|it| it.keyword == keyword)
                .collect();
            let Some((last, others)) = all.split_last() else {
                continue;
            };
            for instruction in others {
                let word = keyword.name();
                found.report(
                    instruction,
                    instruction.name.range,
                    format!(
                        "the {word} in line {} takes the place of this one",
                        last.lines.first
                    ),
                );
            }
        }
    }
}
