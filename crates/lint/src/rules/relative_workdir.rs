//! WORKDIR is relative to a folder that only the base image knows.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::Written;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "relative-workdir",
    codes: &["WorkdirRelativePath", "DL3000"],
    severity: Severity::Warning,
    by_default: true,
    why: "Where this folder lies depends on what the base image has set, and moves when the base does.",
    bad: "FROM alpine:3.20\nWORKDIR app\n",
    good: "FROM alpine:3.20\nWORKDIR /app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        for command in facts.model.commands(stage) {
            let Some((_, instruction)) = facts.model.instruction(facts.file, command) else {
                continue;
            };
            let relative = instruction.keyword == Keyword::Workdir
                && facts.model.scopes().workdir(command.before).is_none();
            let Some(word) = facts.model.words(command).first().filter(|_| relative) else {
                continue;
            };
            let text = facts.model.text(facts.file, command, word);
            if !text.is_empty()
                && !text.starts_with(['/', '$'])
                && !matches!(command.written, Written::InImage(_))
            {
                found.report(
                    instruction,
                    word.word.range,
                    format!("`{text}` is relative to a folder of the base image"),
                );
            }
        }
    }
}
