//! FROM asks for an argument that nothing declares.

use stagecraft_diagnostics::Severity;
use stagecraft_text::closest;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "undefined-arg-in-from",
    codes: &["UndefinedArgInFrom"],
    severity: Severity::Warning,
    by_default: true,
    why: "FROM sees only arguments that are declared above the first FROM. Without one the variable is empty, and the image is another one or none.",
    bad: "FROM alpine:$VERSION\n",
    good: "ARG VERSION=3.20\nFROM alpine:$VERSION\n",
    when: When::With(Mark::BaseVariables),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let Some((instruction, _)) = stage.from_instruction(facts.file) else {
            continue;
        };
        for reference in &stage.references {
            let known = facts
                .model
                .globals()
                .iter()
                .any(|global| global.name == reference.name);
            if !reference.set && !known {
                let near = closest(&reference.name, facts.model.global_names());
                let diagnostic = found.report(
                    instruction,
                    reference.range,
                    format!("no ARG above the first FROM declares `{}`", reference.name),
                );
                if let Some(near) = near {
                    diagnostic.help(format!("perhaps `{near}` is meant"));
                }
            }
        }
    }
}
