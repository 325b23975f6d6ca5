//! A letter before both sides of a comparison.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::Word;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "letter-in-test",
    codes: &["SC2268"],
    severity: Severity::Hint,
    by_default: false,
    why: "The letter kept shells of long ago from taking a value for an operator. Quotes around the value are enough for every shell of today, and easier to read.",
    bad: "FROM debian:12\nRUN a=\"$(uname -m)\"; [ \"x$a\" = \"xarmv7l\" ]\n",
    good: "FROM debian:12\nRUN a=\"$(uname -m)\"; [ \"$a\" = \"armv7l\" ]\n",
    when: When::names(programs!["[", "test"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        let all = checked.run.simple.iter();
        for single in all.filter(|it| matches!(it.name, "[" | "test")) {
            let (mut first, mut operator) = (None, None);
            for word in single.simple.arguments() {
                let left = std::mem::replace(&mut first, operator.replace(word));
                let compares =
                    first.is_some_and(|it: Word<'_>| matches!(it.text(), "=" | "==" | "!="));
                let Some(left) = left.filter(|_| compares) else {
                    continue;
                };
                let same = letter(left).is_some_and(|it| letter(word) == Some(it));
                let varies = |word: Word<'_>| word.expansions().next().is_some();
                if same && (varies(left) || varies(word)) {
                    let message = "quotes are enough: the letter in front is of no use";
                    found.shell(&checked, "SC2268", left.range(), message);
                }
            }
        }
    }
}

/// The `x` or `X` that a word starts with, behind a quote or not.
fn letter(word: Word<'_>) -> Option<u8> {
    let text = word.text().trim_start_matches(['"', '\'']);
    text.bytes().next().filter(|it| matches!(it, b'x' | b'X'))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2268", command), expected, "{command}");
    }

    #[test]
    fn a_letter_in_front_of_both_sides_counts() {
        check("[ x$a = xb ] || test \"X$a\" != X", &["x$a", "\"X$a\""]);
        check(
            "[ y$a = yb ]; [ x$a = b ]; [ xa = xb ]; [ \"$a\" = x ]; [ x$a -eq x ]",
            &[],
        );
    }
}
