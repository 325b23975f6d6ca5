//! WORKDIR is relative to a folder that only the base image knows.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use stagecraft_text::TextRange;

use crate::facts::{Facts, Item, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "relative-workdir",
    codes: &["WorkdirRelativePath", "DL3000"],
    severity: Severity::Warning,
    by_default: true,
    why: "Where this folder lies depends on what the base image has set, and moves when the base does.",
    bad: "FROM alpine:3.20\nWORKDIR app\n",
    good: "FROM alpine:3.20\nWORKDIR /app\n",
    when: When::has(&[Keyword::Workdir]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        let instruction = item.instruction;
        if instruction.keyword != Keyword::Workdir {
            continue;
        }
        let text = unquoted(facts.file.word(instruction.rest));
        let drive = text.get(1..2) == Some(":");
        let relative = !text.is_empty() && !text.starts_with(['/', '$']) && !drive;
        if item.onbuild && relative {
            for &line in facts.triggered_at(at) {
                let message = format!("the stage takes over the relative folder `{text}`");
                let report = found.report(instruction, instruction.rest.range, message);
                report.line(line).elsewhere(&["WorkdirRelativePath"]);
            }
        }
        let unset = is_unset(facts, at, item);
        if !relative && unset != Some(true) {
            continue;
        }
        let report = found.report(
            instruction,
            instruction.rest.range,
            format!("`{text}` is relative to a folder of the base image"),
        );
        // hadolint does not look into ONBUILD here.
        let report = if item.onbuild {
            report.only(&["WorkdirRelativePath"])
        } else {
            report
        };
        match (relative, unset) {
            (true, Some(true)) => report.fix(
                Applicability::Unsafe,
                "start at the root",
                TextRange::empty(instruction.rest.range.start()),
                "/",
            ),
            (false, _) => {
                report.only(&["WorkdirRelativePath"]);
            }
            // It is relative to a folder that the Dockerfile has set.
            (true, _) => {
                report.elsewhere(&["DL3000"]);
            }
        }
    }
}

/// Whether it is relative, and no WORKDIR of its stage or one below says to what; `None` where no
/// build gets there.
fn is_unset(facts: &Facts<'_>, at: usize, item: &Item<'_>) -> Option<bool> {
    let command = item.command()?;
    let word = facts.model.words(command).first()?;
    let text = facts.model.text(facts.file, command, word);
    Some(!text.starts_with('/') && !facts.has_workdir(item, at))
}
