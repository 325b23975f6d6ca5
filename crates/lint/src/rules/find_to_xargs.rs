//! Names of files on their way from find to xargs, blanks and all.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Command, Simple};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "find-to-xargs",
    codes: &["SC2038"],
    severity: Severity::Warning,
    by_default: false,
    why: "xargs splits what it reads at every blank and takes quotes away, so that a name with either becomes other names. find -print0 with xargs -0, or find -exec, keeps each whole.",
    bad: "FROM debian:12\nRUN find /opt -name '*.pyc' | xargs rm -f\n",
    good: "FROM debian:12\nRUN find /opt -name '*.pyc' -print0 | xargs -0 rm -f\n",
    when: When::calls(programs!["find"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let both = facts.checked_with(programs!["find"]);
    for checked in both.filter(|it| it.run.may_have(programs!["xargs"])) {
        for command in checked.script.commands() {
            let Some(find) = named(command, "find") else {
                continue;
            };
            let next = command.next().filter(|next| next.joint().is_pipe());
            let Some(xargs) = next.and_then(|next| named(next, "xargs")) else {
                continue;
            };
            let whole = has(find, |word| word == "-print0" || word == "-printf");
            let splits = !has(xargs, |word| {
                word == "--null"
                    || word.starts_with('-') && !word.starts_with("--") && word.contains('0')
            });
            if splits && !whole {
                let message = "xargs splits the names that find prints at their blanks";
                found.shell(&checked, "SC2038", find.range(), message);
            }
        }
    }
}

fn named<'a>(command: Command<'a>, name: &str) -> Option<Simple<'a>> {
    let simple = command.simple()?;
    (simple.name()?.text() == name).then_some(simple)
}

fn has(simple: Simple<'_>, wanted: impl Fn(&str) -> bool) -> bool {
    let mut words = simple.arguments().filter_map(|word| word.as_static());
    words.any(|word| wanted(&word))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2038", command), expected, "{command}");
    }

    #[test]
    fn names_that_are_kept_whole_are_all_right() {
        check("find a | xargs b", &["find a"]);
        check("a && find b -type f | xargs -n1 c", &["find b -type f"]);
        for command in [
            "find a -print0 | xargs -0 b",
            "find a | xargs -r0 b",
            "find a | xargs --null b",
            "find a -printf '%p' | xargs b",
            "find a | sort | xargs b",
            "find a -exec b {} +",
        ] {
            check(command, &[]);
        }
    }
}
