//! A folder is made that WORKDIR makes anyway.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::files;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "folder-made-twice",
    codes: &[],
    severity: Severity::Hint,
    by_default: true,
    why: "WORKDIR makes the folder and those above it where they are missing. The RUN is a step and a layer for nothing.",
    bad: "FROM alpine:3.20\nRUN mkdir -p /app\nWORKDIR /app\n",
    good: "FROM alpine:3.20\nWORKDIR /app\n",
    when: When::calls(programs!["mkdir"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for pair in facts.items.windows(2) {
        let [item, next] = pair else {
            continue;
        };
        let Some(run) = facts.run(item) else {
            continue;
        };
        let (Some(command), Some(to)) = (item.command(), next.command()) else {
            continue;
        };
        let [call] = run.calls else {
            continue;
        };
        if next.instruction.keyword != Keyword::Workdir || !call.is(programs!["mkdir"]) {
            continue;
        }
        // WORKDIR makes it for root.
        let scopes = facts.model.scopes();
        let user = scopes.user(command.before);
        let root = user.is_none_or(|user| matches!(user, "root" | "0"));
        let plain = call
            .words()
            .iter()
            .all(|word| !word.text.starts_with('-') || word.text == "-p");
        if run.commands != 1 || !root || !plain || call.sudo().is_some() {
            continue;
        }
        let here = files::folder(facts, item);
        let mut made = call.operands();
        let only = made.next().filter(|_| made.next().is_none());
        let path = only.and_then(|word| files::path(facts, run, here, &word.text));
        if path.as_deref() == scopes.workdir(to.after) && path.is_some() {
            let range = item.instruction.range;
            let behind = TextRange::new(range.start(), next.instruction.range.start());
            // Comments between the two stay.
            let bare = facts
                .file
                .source()
                .get(usize::from(range.end())..usize::from(behind.end()))
                .is_some_and(|text| text.trim().is_empty());
            let report = found.report(
                item.instruction,
                call.range(),
                "the WORKDIR below makes this folder",
            );
            if bare && facts.file.heredocs(item.instruction).is_empty() {
                report.fix(Applicability::Unsafe, "take the step away", behind, "");
            }
        }
    }
}
