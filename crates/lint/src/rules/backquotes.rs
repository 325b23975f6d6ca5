//! Backquotes around a command.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::PartKinds;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "backquotes",
    codes: &["SC2006"],
    severity: Severity::Hint,
    by_default: false,
    why: "Backquotes cannot be nested without backslashes, and are easily taken for quotes. $(...) does the same and nests.",
    bad: "FROM debian:12\nRUN kernel=`uname -r` && touch \"/boot/$kernel\"\n",
    good: "FROM debian:12\nRUN kernel=$(uname -r) && touch \"/boot/$kernel\"\n",
    when: When::parts(PartKinds::COMMAND_SUBSTITUTION),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let substitutions = PartKinds::COMMAND_SUBSTITUTION;
    for checked in facts.checked_having(substitutions) {
        for part in checked.script.parts_of(substitutions) {
            let backquoted = part.is_other_form();
            // With nothing but a comment in it, it is a way to write one.
            let empty = || {
                part.list()
                    .is_none_or(|list| list.commands().next().is_none())
            };
            if !backquoted || empty() {
                continue;
            }
            let message = "backquotes around a command";
            let report = found.shell(&checked, "SC2006", part.range(), message);
            let written = checked.written(part.range());
            let inside = written
                .strip_prefix('`')
                .and_then(|it| it.strip_suffix('`'));
            // Elsewhere backslashes, quotes and comments would mean another thing.
            let same = |inside: &&str| {
                !inside.contains(['\\', '`', '#'])
                    && !inside.contains(['"', '\''])
                    && !inside.starts_with('(')
            };
            if let Some(inside) = inside.filter(same) {
                let range = part.source_range();
                report.fix(
                    Applicability::Safe,
                    "write $(...)",
                    range,
                    format!("$({inside})"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn every_pair_counts() {
        let found = marked("SC2006", "a `b` \"`c`\" $(d `e`) '`f`' `` `# g`");
        assert_eq!(found, ["`b`", "`c`", "`e`"]);
    }
}
