//! A variable where printf wants its format.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{PartKind, Word};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "variable-as-format",
    codes: &["SC2059"],
    severity: Severity::Info,
    by_default: false,
    why: "printf reads % and \\ in its first argument as orders. A value with either in it comes out as something else.",
    bad: "FROM debian:12\nRUN printf \"$MOTD\" > /etc/motd\n",
    good: "FROM debian:12\nRUN printf '%s' \"$MOTD\" > /etc/motd\n",
    when: When::calls(programs!["printf"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_with(programs!["printf"]) {
        for simple in checked.run.simple_of(programs!["printf"]) {
            let name = simple.name().and_then(|name| name.static_base_name());
            if name.is_none_or(|name| name != "printf") {
                continue;
            }
            let mut words = simple.arguments();
            let mut format = words.next();
            match format.map(|word| word.text()) {
                Some("-v") => format = words.nth(1),
                Some("--") => format = words.next(),
                _ => {}
            }
            if let Some(word) = format.filter(|word| varies(*word)) {
                let message = "what this expands to is read as a format";
                found.shell(&checked, "SC2059", word.range(), message);
            }
        }
    }
}

/// Whether expansions stand in it, and nothing for printf to put in.
fn varies(word: Word<'_>) -> bool {
    let mut any = word.expansions().map(|part| part.kind());
    let expands = any.any(|kind| {
        matches!(
            kind,
            PartKind::Variable | PartKind::Parameter | PartKind::CommandSubstitution
        )
    });
    expands && !word.text().contains('%')
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn a_format_of_its_own_is_all_right() {
        let found = marked(
            "SC2059",
            "printf \"$a\"; printf $b c; printf \"d$(e)\\n\"; printf -- \"$f\"",
        );
        assert_eq!(found, ["\"$a\"", "$b", "\"d$(e)\\n\"", "\"$f\""]);
        let found = marked(
            "SC2059",
            "printf '%s' \"$a\"; printf \"%s $b\" c; printf 'd'",
        );
        assert_eq!(found, [""; 0]);
    }
}
