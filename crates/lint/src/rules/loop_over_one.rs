//! A loop over a single word.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{CommandKind, PartKind, Word};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "loop-over-one",
    codes: &["SC2043"],
    severity: Severity::Warning,
    by_default: false,
    why: "A loop over one word runs once. Often the word was to be a list, a pattern or the output of a command.",
    bad: "FROM debian:12\nRUN for dir in /opt/a; do mkdir \"$dir\"; done\n",
    good: "FROM debian:12\nRUN for dir in /opt/a /opt/b; do mkdir \"$dir\"; done\n",
    when: When::Compounds,
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        for command in checked.script.compounds() {
            if command.kind() != CommandKind::For {
                continue;
            }
            let mut words = command.words();
            if let (Some(word), None) = (words.next(), words.next())
                && is_one(word)
            {
                found.shell(&checked, "SC2043", word.range(), "this loop runs once");
            }
        }
    }
}

/// Whether it never is more than one word, and looks as if it was meant to.
fn is_one(word: Word<'_>) -> bool {
    let only = {
        let mut parts = word.parts();
        parts.next().filter(|_| parts.next().is_none())
    };
    if let Some(part) = only {
        match part.kind() {
            PartKind::SingleQuoted | PartKind::AnsiQuoted => return false,
            PartKind::DoubleQuoted if word.expansions().next().is_some() => return false,
            _ => {}
        }
        // A list with the wrong signs between.
        if part
            .as_static()
            .is_some_and(|text| text.contains([',', ' ']))
        {
            return false;
        }
    }
    word.parts()
        .all(|part| !matches!(part.kind(), PartKind::Glob | PartKind::Brace))
        && !word.expansions().any(|part| !part.is_quoted())
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(list: &str, expected: &[&str]) {
        let command = format!("for i in {list}; do a; done");
        assert_eq!(marked("SC2043", &command), expected, "{command}");
    }

    #[test]
    fn one_word_is_one() {
        for list in ["a", "\"a\"", "~/a", "a\"$b\""] {
            check(list, &[list]);
        }
        for list in [
            "a b", "$a", "x$a", "*", "a*", "{a,b}", "$(a)", "\"$a\"", "\"$@\"", "'a b'",
        ] {
            check(list, &[]);
        }
    }
}
