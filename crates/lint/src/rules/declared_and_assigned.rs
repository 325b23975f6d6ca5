//! A variable is declared with the output of a command, whose failure nobody sees.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{PartKind, Word};

use crate::facts::Facts;
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "declared-and-assigned",
    codes: &["SC2155"],
    severity: Severity::Warning,
    by_default: false,
    why: "export, readonly and local succeed whatever the command in the value does, so that neither && nor set -e notices its failure.",
    bad: "FROM debian:12\nRUN export TAG=\"$(git describe)\" && make\n",
    good: "FROM debian:12\nRUN TAG=\"$(git describe)\" && export TAG && make\n",
    when: When::calls(NAMES),
    check,
};

const NAMES: Programs = programs!["export", "readonly", "local", "declare", "typeset"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_with(NAMES) {
        for assignment in checked.script.assignments() {
            let value = assignment.value();
            if assignment.is_argument() && value.is_some_and(runs) {
                let name = assignment.name();
                let range = assignment.name_range();
                found.shell(
                    &checked,
                    "SC2155",
                    range,
                    format!("nobody sees whether the command for {name} fails"),
                );
            }
        }
    }
}

/// Whether a command gives the value, or a part of it.
fn runs(value: Word<'_>) -> bool {
    value
        .expansions()
        .any(|part| part.kind() == PartKind::CommandSubstitution)
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn a_command_in_the_value_counts() {
        let command = "export a=\"$(b)\" c=x$(d) e=1; f=$(g); export f; readonly h=`i`";
        assert_eq!(marked("SC2155", command), ["a", "c", "h"]);
        let command = "export a=${b:-$(c)} d='$(e)'; export \"f=$(g)\"; sudo export h=$(i)";
        assert_eq!(marked("SC2155", command), [""; 0]);
    }
}
