//! A variable is used that nothing sets.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::Written;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "undefined-variable",
    codes: &["UndefinedVar"],
    severity: Severity::Warning,
    by_default: true,
    why: "A variable that is not set becomes nothing, without a word: a path loses a part, a version becomes the newest one. An ARG above the first FROM is not seen in a stage until the stage asks for it.",
    bad: "ARG VERSION=1\nFROM alpine:3.20\nCOPY app-$VERSION /app\n",
    good: "ARG VERSION=1\nFROM alpine:3.20\nARG VERSION\nCOPY app-$VERSION /app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        for command in facts.model.commands(stage) {
            let Some((_, instruction)) = facts.model.instruction(facts.file, command) else {
                continue;
            };
            if !matches!(command.written, Written::Here(_)) {
                continue;
            }
            for reference in facts.model.references(command) {
                if reference.set || reference.declared {
                    continue;
                }
                let name = &reference.name;
                let diagnostic = found.report(
                    instruction,
                    reference.range,
                    format!("nothing sets `{name}` here"),
                );
                let global = facts
                    .model
                    .globals()
                    .iter()
                    .any(|global| global.name == *name);
                let from = facts.file.instructions().get(stage.from);
                if let Some(from) = from.filter(|_| global) {
                    let end = TextRange::empty(from.range.end());
                    diagnostic
                        .help(format!("`{name}` is declared above the first FROM only"))
                        .fix(
                            Applicability::Unsafe,
                            format!("declare `ARG {name}` in this stage"),
                            end,
                            format!("\nARG {name}"),
                        );
                }
            }
        }
    }
}
