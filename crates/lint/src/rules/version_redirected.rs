//! A version is asked for in a way that a shell takes for a redirection.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::{Command, RedirectOp, Redirection};
use stagecraft_syntax::Keyword;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "version-redirected",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "A shell reads `>` and `<` wherever they stand bare. What follows `>` becomes the name of a file that is written, what follows `<` one that is read: the package manager is asked for whatever version there is. In quotes the version reaches it.",
    bad: "FROM python:3.12-slim\nRUN pip install --no-cache-dir flask>=3.0\n",
    good: "FROM python:3.12-slim\nRUN pip install --no-cache-dir \"flask>=3.0\"\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked().filter(|it| it.ours.is_some()) {
        let script = checked.script;
        if !script.redirections().any(is_version) {
            continue;
        }
        for command in script.commands() {
            for Asked { whole, version } in asked(command) {
                let text = script.slice(version);
                let does = if text.starts_with('>') {
                    "` writes a file of that name"
                } else {
                    "` reads a file of that name"
                };
                let message = ["`", text, does, ": no version is asked for"].concat();
                let range = checked.source(version);
                let report = found.report(checked.run.instruction, range, message);
                let (written, source) = (script.slice(whole), checked.source(whole));
                let plain =
                    |byte: u8| byte.is_ascii_alphanumeric() || b"._-[]<>=,~*+".contains(&byte);
                let is_one = checked.written(whole) == written;
                if is_one && checked.can_quote() && written.bytes().all(plain) {
                    let quoted = ["\"", written, "\""].concat();
                    report.fix(Applicability::Unsafe, "quote it", source, quoted);
                }
            }
        }
    }
}

/// A requirement as it is meant.
struct Asked {
    /// From the name of the package on.
    whole: TextRange,
    /// What the shell takes for redirections.
    version: TextRange,
}

/// The requirements of a simple command that are no words to the shell.
fn asked(command: Command<'_>) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    let Some(simple) = command.simple() else {
        return all;
    };
    let mut words = simple.words().peekable();
    for redirection in command.redirections() {
        let range = redirection.range();
        // `a>=1,<2` goes on.
        if let Some(last) = all
            .last_mut()
            .filter(|it| it.version.end() == range.start())
        {
            last.version = last.version.cover(range);
            last.whole = last.whole.cover(range);
        } else if is_version(redirection) {
            // Both stand in the order of the source.
            while words
                .next_if(|it| it.range().end() < range.start())
                .is_some()
            {}
            let name = words.next_if(|it| it.range().end() == range.start());
            all.extend(name.map(|name| Asked {
                whole: name.range().cover(range),
                version: range,
            }));
        }
    }
    all
}

/// Whether the file of a redirection is named like a version: `=1.0`, `=2`, `1.0`.
pub(super) fn is_version(redirection: Redirection<'_>) -> bool {
    if !matches!(redirection.op(), RedirectOp::Read | RedirectOp::Write) {
        return false;
    }
    let target = redirection.target().map_or("", |word| word.text());
    let number = target.strip_prefix('=').unwrap_or(target);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    // A number alone may be a slip of a descriptor's.
    let dotted = number.as_bytes().get(digits) == Some(&b'.');
    digits > 0 && (number.len() < target.len() || dotted)
}

#[cfg(test)]
mod tests {
    use stagecraft_text::slice;

    use crate::testing::findings;
    use crate::{NoBases, Profile};

    #[track_caller]
    fn check(command: &str, expected: &[(&str, Option<&str>)]) {
        let source = format!("FROM debian:12\nRUN {command}\n");
        let found = findings(&source, Profile::Default, &NoBases);
        let found = found.iter().filter(|it| it.rule == super::RULE.name);
        let found: Vec<_> = found
            .map(|it| {
                let fix = it.fixes.iter().find(|fix| fix.title == "quote it");
                let fixed = fix.map(|fix| fix.edits[0].insert.as_str());
                (slice(&source, it.range), fixed)
            })
            .collect();
        assert_eq!(found, expected, "{command}");
    }

    #[test]
    fn a_version_behind_a_name_is_asked_for() {
        check("pip install a>=1", &[(">=1", Some("\"a>=1\""))]);
        check(
            "uv pip install a[b]>=1.0,<2 'c>=3' d<4.1 && apk add e>1.2-r0",
            &[
                (">=1.0,<2", Some("\"a[b]>=1.0,<2\"")),
                ("<4.1", Some("\"d<4.1\"")),
                (">1.2-r0", Some("\"e>1.2-r0\"")),
            ],
        );
        check(
            "pip install $a>=1 \"b\"<=2",
            &[(">=1", None), ("<=2", None)],
        );
    }

    #[test]
    fn files_and_descriptors_are_redirections() {
        check(
            "a >=1; a > 1.0; a b>1; a b>c1.0 2>d; a b>\"1.0\"; a 2>1",
            &[],
        );
        check("pip install 'a>=1' \"b<2\"; [[ a>1.0 ]]; ((a>1))", &[]);
    }

    #[test]
    fn what_goes_on_in_the_next_line_is_left_as_it_is() {
        check("pip install a>=1\\\n.0", &[(">=1\\\n.0", None)]);
    }
}
