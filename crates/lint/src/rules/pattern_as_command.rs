//! A pattern stands where a program is named.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::Word;

use crate::facts::Facts;
use crate::programs::Bits;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::GLOBS;

pub(super) const RULE: Rule = Rule {
    name: "pattern-as-command",
    codes: &["SC2211"],
    severity: Severity::Warning,
    by_default: false,
    why: "The shell runs the first of the files that fit, and hands it the names of the others as arguments. Which one that is changes with what is there. Name the program, or go through the files with a loop.",
    bad: "FROM debian:12\nRUN ./install-*.sh\n",
    good: "FROM debian:12\nRUN for script in ./install-*.sh; do sh \"$script\"; done\n",
    when: When::parts(GLOBS),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_having(GLOBS) {
        for single in checked.run.simple {
            // Most names are nothing but letters.
            let plain = single.may_be != Bits::ALL;
            let name = single.simple.name().filter(|_| !plain);
            let Some(word) = name.filter(Word::has_glob) else {
                continue;
            };
            if word.expansions().next().is_none() {
                let message = "a pattern stands where a program is to be named";
                found.shell(&checked, "SC2211", word.range(), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2211", command), expected, "{command}");
    }

    #[test]
    fn a_pattern_is_no_program() {
        check("./a*.sh b; A=b c?", &["./a*.sh", "c?"]);
        check("'a*'; rm a*; $a*; [ -f a* ]", &[]);
    }
}
