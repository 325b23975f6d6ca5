//! The name of a program ends in punctuation.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "punctuation-in-command",
    codes: &["SC2287", "SC2288"],
    severity: Severity::Warning,
    by_default: false,
    why: "What starts a command is the program that runs, with each of its letters: a comma, a full stop or a slash at its end is one of them. Mostly it is left over from a list or a sentence.",
    bad: "FROM debian:12\nRUN mkdir /a, && cp, b c\n",
    good: "FROM debian:12\nRUN mkdir /a && cp b c\n",
    when: When::OddNames,
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        for single in checked.run.simple {
            let Some(word) = single.simple.name().filter(|word| !word.has_glob()) else {
                continue;
            };
            let Some(name) = word.as_static() else {
                continue;
            };
            // A folder's own name, and `[` and `[[`, are all right.
            let code = match name.as_bytes() {
                [b'.' | b'['] | [b'[', b'['] => continue,
                [.., b'/'] => "SC2287",
                [
                    ..,
                    b',' | b'.' | b'%' | b']' | b'#' | b'[' | b' ' | b'"' | b'\'',
                ] => "SC2288",
                _ => continue,
            };
            let message = "the name of this program ends in punctuation";
            found.shell(&checked, code, word.range(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2288", command), expected, "{command}");
    }

    #[test]
    fn no_program_ends_in_punctuation() {
        check("a, b && c.; \"d\"]", &["a,", "c.", "\"d\"]"]);
        check(". a; : b; [ c ]; [[ d ]]; e- f; 'g h' i", &[]);
    }

    #[test]
    fn a_folder_is_no_program() {
        assert_eq!(marked("SC2287", "/a/b/ c; /d"), ["/a/b/"]);
    }
}
