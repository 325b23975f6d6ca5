//! A RUN uses an argument that is declared above the first FROM only.

use std::collections::BTreeSet;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::ParameterOp;
use stagecraft_syntax::Keyword;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "global-argument-in-run",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "An ARG above the first FROM is there for FROM. A stage does not see it, and the shell puts nothing in its place, without a word, until the stage declares it too: `ARG NAME`, without a value, takes over the one from above.",
    bad: "ARG VERSION=1\nFROM alpine:3.20\nRUN echo $VERSION\n",
    good: "ARG VERSION=1\nFROM alpine:3.20\nARG VERSION\nRUN echo $VERSION\n",
    when: When::has(&[Keyword::Arg]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let globals = facts.model.globals().iter();
    let globals: BTreeSet<&str> = globals.map(|it| it.name.as_str()).collect();
    if globals.is_empty() {
        return;
    }
    let mut said = BTreeSet::new();
    for run in &facts.runs {
        let (Some(script), Some(item)) = (run.script, facts.items.get(run.item)) else {
            continue;
        };
        let Some(command) = item.command().filter(|_| !run.foreign) else {
            continue;
        };
        for part in script.expansions() {
            let Some(parameter) = part.parameter() else {
                continue;
            };
            let name = parameter.name();
            if parameter.op() != ParameterOp::None || !globals.contains(name) {
                continue;
            }
            let mut history = facts.model.scopes().history(command.before);
            let own = script.assignments().any(|it| it.name() == name)
                || run
                    .calls
                    .iter()
                    .any(|call| call.is(programs!["read", "export"]) && call.has(name));
            if own
                || history.any(|it| it.name() == name)
                || !said.insert((run.stage, name.to_owned()))
            {
                continue;
            }
            let stage = run.stage.and_then(|id| facts.model.stage(id));
            let from = stage.and_then(|stage| stage.from_instruction(facts.file));
            let report = found.report(
                run.instruction,
                part.source_range(),
                format!("`{name}` is declared above the first FROM only, and nothing here"),
            );
            if let Some((from, _)) = from {
                report.fix(
                    Applicability::Unsafe,
                    format!("declare `ARG {name}` in this stage"),
                    TextRange::empty(from.range.end()),
                    format!("\nARG {name}"),
                );
            }
        }
    }
}
