//! Escapes that echo prints in one shell and replaces in another.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Part, PartKind, Simple, Word};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::Shell;

pub(super) const RULE: Rule = Rule {
    name: "echo-escapes",
    codes: &["SC2028"],
    severity: Severity::Info,
    by_default: false,
    why: "dash makes a line feed of \\n, bash prints the two letters: the same line gives another file once /bin/sh is another shell. printf does the same everywhere.",
    bad: "FROM debian:12\nRUN echo 'a\\nb' > /list\n",
    good: "FROM debian:12\nRUN printf 'a\\nb\\n' > /list\n",
    when: When::calls(programs!["echo"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let candidates = facts.checked_with(programs!["echo"]);
    // dash is known to replace them.
    let candidates = candidates.filter(|it| it.shell() != Shell::Dash);
    for checked in candidates.filter(|it| it.has(b'\\')) {
        for simple in checked.run.simple_of(programs!["echo"]) {
            if !is_echo(&simple) || simple.arguments().any(|word| asks_for_escapes(word)) {
                continue;
            }
            for word in simple.arguments().filter(|word| word.parts().any(escapes)) {
                let message = "whether echo replaces the escapes in it depends on the shell";
                found.shell(&checked, "SC2028", word.range(), message);
            }
        }
    }
}

fn is_echo(simple: &Simple<'_>) -> bool {
    let name = simple.name().and_then(|name| name.static_base_name());
    name.is_some_and(|name| name == "echo")
}

/// Whether it is `-e`, alone or in a bundle.
fn asks_for_escapes(word: Word<'_>) -> bool {
    let text = word.as_static();
    text.is_some_and(|text| {
        text.strip_prefix('-')
            .is_some_and(|rest| rest.contains('e') && rest.bytes().all(|b| b.is_ascii_alphabetic()))
    })
}

/// Whether some echo replaces a thing in it.
fn escapes(part: Part<'_>) -> bool {
    match part.kind() {
        PartKind::DoubleQuoted => {
            let mut text = String::new();
            for inner in part.parts() {
                match inner.as_static() {
                    Some(known) => text.push_str(&known),
                    None => text.push('$'),
                }
            }
            has_escape(&text)
        }
        PartKind::SingleQuoted => part.as_static().is_some_and(|text| has_escape(&text)),
        // `\\n` outside of quotes: a backslash, and the letter behind it.
        PartKind::Escape if part.text() == "\\\\" => {
            let script = part.script().text();
            let behind = script.get(usize::from(part.range().end())..);
            behind.is_some_and(|text| text.starts_with(is_escaped))
        }
        _ => false,
    }
}

fn has_escape(text: &str) -> bool {
    text.match_indices('\\').any(|(at, _)| {
        text.get(at + 1..)
            .is_some_and(|rest| rest.starts_with(is_escaped))
    })
}

/// The letters that some echo knows behind a backslash.
fn is_escaped(letter: char) -> bool {
    matches!(
        letter,
        '\\' | 'a' | 'b' | 'e' | 'f' | 'n' | 'r' | 't' | 'v' | 'x'
    ) || letter.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2028", command), expected, "{command}");
    }

    #[test]
    fn the_letters_that_some_echo_knows_count() {
        check(
            "echo 'a\\n' \"b\\t\" c'\\r' '\\033[1m'",
            &["'a\\n'", "\"b\\t\"", "c'\\r'", "'\\033[1m'"],
        );
        check(
            "echo '\\.php' '\\d' '\\s' '\\c' a\\n \"\\$b\" \"\\\"\"",
            &[],
        );
        check(
            "echo \"$a\\n\" \\\\n '\\\\d' \"\\\\d\"",
            &["\"$a\\n\"", "\\\\n", "'\\\\d'"],
        );
        check(
            "printf 'a\\n'; sudo echo 'b\\n'; /bin/echo 'c\\n'",
            &["'c\\n'"],
        );
    }

    #[test]
    fn who_asks_for_escapes_gets_them() {
        check(
            "echo -e 'a\\n'; echo -ne 'b\\n'; echo -n 'c\\n'",
            &["'c\\n'"],
        );
    }
}
