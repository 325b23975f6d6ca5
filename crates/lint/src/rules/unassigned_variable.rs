//! A variable that nothing sets.

use std::cell::OnceCell;

use stagecraft_diagnostics::Severity;
use stagecraft_shell::PartKinds;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::Assigned;

pub(super) const RULE: Rule = Rule {
    name: "unassigned-variable",
    codes: &["SC2154"],
    severity: Severity::Warning,
    by_default: false,
    why: "A name in lower case is one of the script's own. Nothing in it or above it gives it a value, so it is empty.",
    bad: "FROM debian:12\nRUN verison=1 && echo \"$version\" > /about\n",
    good: "FROM debian:12\nRUN version=1 && echo \"$version\" > /about\n",
    when: When::parts(READING),
    check,
};

/// What reads variables.
const READING: PartKinds = PartKinds::PARAMETERS.and(PartKinds::ARITHMETIC);

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_having(READING) {
        let calculates = checked.script.has_any(PartKinds::ARITHMETIC);
        let parts = checked.script.parts_of(PartKinds::PARAMETERS);
        let mut parameters = parts.filter_map(|it| it.parameter());
        let assigned = OnceCell::new();
        let may_be = |name| {
            let assigned = || assigned.get_or_init(|| Assigned::for_itself(checked.script));
            is_own(name) && !assigned().has(name) && !facts.is_exported(checked.run, name)
        };
        if !calculates && !parameters.any(|it| may_be(it.name())) {
            continue;
        }
        let usage = checked.usage();
        for (name, range) in usage.read.iter() {
            let known = usage.set.has(name)
                || usage.guarded.has(name)
                || usage.handed.has(name)
                || facts.is_exported(checked.run, name);
            if is_own(name) && !known {
                let message = ["nothing gives ", name, " a value"].concat();
                found.shell(&checked, "SC2154", range, message);
            }
        }
    }
}

/// Whether it is the name of a variable that commands have for themselves: those of the
/// environment have capital letters only.
fn is_own(name: &str) -> bool {
    let first = name.as_bytes().first();
    first.is_some_and(|it| it.is_ascii_alphabetic() || *it == b'_') && has_any!(name, b'a'..=b'z')
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2154", command), expected, "{command}");
    }

    #[test]
    fn names_in_lower_case_are_the_script_s_own() {
        check(
            "echo \"$a\" \"${a}\" \"$B\" \"$1\" \"$_\" \"$Cd\"",
            &["$a", "$Cd"],
        );
    }

    #[test]
    fn whatever_sets_it_or_asks_for_it_will_do() {
        for command in [
            "a=1; echo \"$a\"",
            "echo \"$a\"; a=1",
            "read a; echo \"$a\"",
            "for a in b c; do echo \"$a\"; done",
            "export a; echo \"$a\"",
            ": \"${a:=b}\"; echo \"$a\"",
            "echo \"${a:-b}\"",
            "[ -n \"$a\" ]",
            "echo \"$http_proxy\"",
        ] {
            check(command, &[]);
        }
        check("unset a; echo \"$a\"; [ \"$b\" = c ]", &["$a", "$b"]);
    }
}
