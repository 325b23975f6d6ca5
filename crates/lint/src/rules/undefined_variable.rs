//! A variable is used that nothing sets.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::{Command, Reference, Written};
use stagecraft_syntax::{Instruction, Keyword};
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "undefined-variable",
    codes: &["UndefinedVar"],
    severity: Severity::Warning,
    by_default: true,
    why: "A variable that is not set becomes nothing, without a word: a path loses a part, a version becomes the newest one. An ARG above the first FROM is not seen in a stage until the stage asks for it.",
    bad: "ARG VERSION=1\nFROM alpine:3.20\nCOPY app-$VERSION /app\n",
    good: "ARG VERSION=1\nFROM alpine:3.20\nARG VERSION\nCOPY app-$VERSION /app\n",
    when: When::Always,
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        for command in facts.model.commands(stage) {
            // Most ask for nothing, or for what there is.
            let mut references = facts.model.references(command).iter();
            if references.all(|it| it.set || it.declared) {
                continue;
            }
            let Some((_, instruction)) = facts.model.instruction(facts.file, command) else {
                continue;
            };
            let from = facts.file.instructions().get(stage.from);
            // What the same ENV sets is a fault of its own.
            let pairs = if instruction.keyword == Keyword::Env {
                facts.file.pairs(instruction)
            } else {
                &[]
            };
            let own: OnceCell<BTreeMap<&str, TextRange>> = OnceCell::new();
            let is_own = |reference: &Reference| {
                let own = own.get_or_init(|| {
                    let named = pairs.iter().map(|pair| {
                        let end = pair
                            .value
                            .map_or(pair.name.range.end(), |it| it.range.end());
                        let range = TextRange::new(pair.name.range.start(), end);
                        (facts.file.word(pair.name), range)
                    });
                    named.collect()
                });
                let set = own.get(reference.name.as_str());
                set.is_some_and(|set| !set.contains_range(reference.range))
            };
            for reference in facts.model.references(command) {
                if !reference.set && !reference.declared {
                    if is_own(reference) {
                        let message = format!("nothing sets `{}` yet", reference.name);
                        found
                            .report(instruction, reference.range, message)
                            .elsewhere(RULE.codes);
                        continue;
                    }
                    report(facts, found, command, instruction, from, reference);
                }
            }
        }
    }
}

fn report(
    facts: &Facts<'_>,
    found: &mut Found<'_>,
    command: &Command,
    instruction: &Instruction,
    from: Option<&Instruction>,
    reference: &Reference,
) {
    let name = &reference.name;
    let report = found.report(
        instruction,
        reference.range,
        format!("nothing sets `{name}` here"),
    );
    match command.written {
        // Said of the stage that takes it over.
        Written::OnBuild(_) => {
            let line = from.map_or(instruction.lines.first, |from| from.lines.first);
            report.line(line).elsewhere(&["UndefinedVar"]);
            return;
        }
        Written::InImage(_) => {
            report.elsewhere(&[]);
            return;
        }
        Written::Here(_) => {}
    }
    // BuildKit does not look at the variables of EXPOSE.
    let report = if instruction.keyword == Keyword::Expose {
        report.only(&[])
    } else {
        report
    };
    let globals = facts.model.globals();
    let global = globals.iter().any(|global| global.name == *name);
    if let Some(from) = from.filter(|_| global) {
        let end = TextRange::empty(from.range.end());
        report
            .help(format!("`{name}` is declared above the first FROM only"))
            .fix(
                Applicability::Unsafe,
                format!("declare `ARG {name}` in this stage"),
                end,
                format!("\nARG {name}"),
            );
    }
}
