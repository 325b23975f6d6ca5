//! `!` before a command, where the shell is to end at failures.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::Command;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::sets_errexit;

pub(super) const RULE: Rule = Rule {
    name: "negated-under-errexit",
    codes: &["SC2251"],
    severity: Severity::Info,
    by_default: false,
    why: "set -e does not look at a command with ! before it: the step goes on whether it fails or not.",
    bad: "FROM debian:12\nRUN set -e; ! grep -q root /etc/group; true\n",
    good: "FROM debian:12\nRUN set -e; if grep -q root /etc/group; then exit 1; fi; true\n",
    when: When::calls(programs!["set"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        // What is around each command takes a while to find out, and few are negated.
        let negates = || checked.script.commands().any(|it| it.is_negated());
        if !sets_errexit(checked.run) || !checked.has(b'!') || !negates() {
            continue;
        }
        for (simple, context) in checked.script.simple_commands() {
            let alone = context.before.is_none() && context.after.is_none();
            let first = context.negated && context.pipeline.is_first() && alone;
            let mut behind = std::iter::successors(simple.command().next(), Command::next);
            if first && !context.in_condition && behind.any(|it| !it.joint().is_pipe()) {
                let message = "set -e does not look at this command";
                found.shell(&checked, "SC2251", simple.range(), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn only_what_set_e_would_look_at_counts() {
        assert_eq!(marked("SC2251", "set -e; ! a; b"), ["a"]);
        assert_eq!(marked("SC2251", "set -ex; ! a | b; c"), ["a"]);
        for command in [
            "! a; b",
            "set -e; ! a && b; c",
            "set -e; if ! a; then b; fi; c",
            "set -e; ! a",
        ] {
            assert_eq!(marked("SC2251", command), [""; 0], "{command}");
        }
    }
}
