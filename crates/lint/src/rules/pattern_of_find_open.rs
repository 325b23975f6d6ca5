//! A pattern for find that the shell may fill in first.

use stagecraft_diagnostics::Severity;

use crate::calls::has;
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "pattern-of-find-open",
    codes: &["SC2061"],
    severity: Severity::Warning,
    by_default: false,
    why: "The shell replaces a pattern by the files that it fits in the folder at hand, before find sees it. With one such file find looks for that name alone, with two it fails. Quotes keep the pattern for find.",
    bad: "FROM debian:12\nRUN find /opt -name a*.pyc -delete\n",
    good: "FROM debian:12\nRUN find /opt -name 'a*.pyc' -delete\n",
    when: When::calls(programs!["find"]),
    check,
};

/// The options of find with a pattern behind them.
const PATTERNS: [&str; 10] = [
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-regex",
    "-iregex",
    "-lname",
    "-ilname",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_with(programs!["find"]) {
        for single in checked.run.simple.iter().filter(|it| it.name == "find") {
            let mut before = None;
            for word in single.simple.arguments() {
                let option = before.replace(word);
                let takes = option.is_some_and(|it| has(&PATTERNS, it.text()));
                if takes && word.has_glob() {
                    let message = "the shell fills in this pattern before find sees it";
                    found.shell(&checked, "SC2061", word.range(), message);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2061", command), expected, "{command}");
    }

    #[test]
    fn a_pattern_for_find_is_quoted() {
        check("find . -name a*", &["a*"]);
        check("find . \\( -iname a? -o -path ./b/* \\)", &["a?", "./b/*"]);
        check(
            "find . -name 'a*'; find . -name a\\*; find . -newer a*; find . -samefile a*; find a* -name b; ls -name a*",
            &[],
        );
    }
}
