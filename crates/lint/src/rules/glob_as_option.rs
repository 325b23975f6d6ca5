//! A pattern that starts with a wildcard, among a program's arguments.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::{Part, Simple, WordRole};
use stagecraft_text::{TextRange, TextSize};

use crate::calls::base;
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::GLOBS;

pub(super) const RULE: Rule = Rule {
    name: "glob-as-option",
    codes: &["SC2035"],
    severity: Severity::Info,
    by_default: false,
    why: "A file whose name starts with a dash is taken for an option once a pattern names it. ./* stands for the same files, and no name of them starts so.",
    bad: "FROM debian:12\nRUN chmod 755 *.sh\n",
    good: "FROM debian:12\nRUN chmod 755 ./*.sh\n",
    when: When::parts(GLOBS),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_having(GLOBS) {
        // The command whose words were looked at last, and where its options end.
        let mut last: Option<(TextRange, Option<TextSize>)> = None;
        let globs = checked.script.parts_of(GLOBS);
        for part in globs.filter(|part| is_wildcard(*part)) {
            let Some(word) = part.word().filter(|word| word.role() == WordRole::Argument) else {
                continue;
            };
            if word.range().start() != part.range().start() {
                continue;
            }
            let Some(simple) = word.simple() else {
                continue;
            };
            let end = match last {
                Some((command, end)) if command == simple.range() => end,
                _ => {
                    let end = options_end(simple);
                    last = Some((simple.range(), end));
                    end
                }
            };
            if end.is_some_and(|end| end < word.range().start()) {
                continue;
            }
            let message = "a file whose name starts with a dash is taken for an option here";
            let report = found.shell(&checked, "SC2035", part.range(), message);
            let start = TextRange::empty(part.source_range().start());
            report.fix(Applicability::Unsafe, "start it with ./", start, "./");
        }
    }
}

/// Where a command takes no options any longer: behind `--`, or from its start on.
fn options_end(simple: Simple<'_>) -> Option<TextSize> {
    let name = simple.name().and_then(|name| name.as_static());
    if matches!(
        base(name.as_deref().unwrap_or_default()),
        "echo" | "printf" | "["
    ) {
        return Some(simple.range().start());
    }
    let mut words = simple.arguments();
    let end = words.find(|word| word.text() == "--")?;
    Some(end.range().start())
}

/// Whether a glob is `*` or `?`.
fn is_wildcard(part: Part<'_>) -> bool {
    !part.is_quoted() && part.text().bytes().all(|b| matches!(b, b'*' | b'?'))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2035", command), expected, "{command}");
    }

    #[test]
    fn a_wildcard_at_the_start_of_an_argument_counts() {
        check("rm *; rm -f *.c ?b **/d", &["*", "*", "?", "**"]);
        check("rm ./* a* /b/* [c]* '*' \\* \"$d\"*", &[]);
        check("x=*; for i in *; do :; done; a < *; [ -f *.c ]", &[]);
    }

    #[test]
    fn some_programs_take_no_options_from_there() {
        check("echo *; printf '%s' *; rm -- *; test -f *", &["*"]);
    }
}
