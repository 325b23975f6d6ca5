//! A blank between `=` and what was to be its value.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::Assignment;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "value-apart",
    codes: &["SC1007"],
    severity: Severity::Warning,
    by_default: false,
    why: "A variable gets nothing when a blank follows its `=`, and what was to be the value runs as a program. Take the blank away, or write an empty value as two quotes.",
    bad: "FROM debian:12\nRUN DESTDIR= /opt make install\n",
    good: "FROM debian:12\nRUN DESTDIR=/opt make install\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // Most files have nothing like it.
    let source = facts.file.source().as_bytes();
    let mut all = memchr::memchr_iter(b'=', source);
    if !all.any(|at| matches!(source.get(at + 1), Some(b' ' | b'\t' | b'\\' | b'`'))) {
        return;
    }
    for checked in facts.checked().filter(|it| it.has(b'=')) {
        for single in checked.run.simple {
            let empty = |it: &Assignment<'_>| it.text().ends_with('=');
            // `IFS= read line` takes a line as it is.
            let mut own = single.simple.assignments();
            let empty = own.find(|it| empty(it) && !it.is_argument() && it.name() != "IFS");
            let Some(empty) = empty.filter(|_| !single.name.is_empty()) else {
                continue;
            };
            let message = "a blank stands between this and what follows";
            found.shell(&checked, "SC1007", empty.range(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC1007", command), expected, "{command}");
    }

    #[test]
    fn an_empty_value_before_a_program_is_written_with_quotes() {
        check("A= b; C=d E= f", &["A=", "E="]);
        check("A=\"\" b; A=; A= && b; IFS= read a; env A= b", &[]);
    }
}
