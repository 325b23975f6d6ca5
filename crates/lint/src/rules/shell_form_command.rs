//! CMD or ENTRYPOINT runs behind a shell.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Form, Keyword, Kind};

use crate::array::{array_of_check, is_array};
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "shell-form-command",
    codes: &["JSONArgsRecommended", "DL3025"],
    severity: Severity::Warning,
    by_default: true,
    why: "A shell stands between the container and the program. Signals such as that of `docker stop` reach the shell, and the program is killed ten seconds later without having cleaned up.",
    bad: "FROM alpine:3.20\nCMD nginx -g daemon\n",
    good: "FROM alpine:3.20\nCMD [\"nginx\", \"-g\", \"daemon\"]\n",
    when: When::has(&[Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let instruction = item.instruction;
        let health = match &instruction.kind {
            Kind::Healthcheck(check) => !check.none,
            _ => false,
        };
        let command = matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint);
        if !command && !health {
            continue;
        }
        let text = facts.file.word(instruction.rest);
        if instruction.form == Form::Json {
            // Mostly both take the same for one.
            let may_differ = || has_any!(text, b'\\') || !facts.file.errors().is_empty();
            let array = if health {
                array_of_check(text).unwrap_or_default()
            } else {
                text
            };
            // It knows no flags here, and takes them for the command.
            let flagged = command && !facts.file.flags(instruction).is_empty();
            if !item.onbuild && may_differ() && (flagged || !is_array(array)) {
                let message = "hadolint takes this array for a command of a shell";
                let report = found.report(instruction, instruction.rest.range, message);
                report.elsewhere(&["DL3025"]);
            }
            continue;
        }
        let word = instruction.keyword.name();
        let report = found.report(
            instruction,
            instruction.rest.range,
            [
                word,
                " runs behind a shell, which keeps signals from the program",
            ]
            .concat(),
        );
        if item.onbuild {
            report.only(&[]);
            continue;
        }
        if instruction.rest.text.is_empty() {
            report.elsewhere(&["JSONArgsRecommended"]);
            continue;
        }
        // A shell of one's own choice is meant, and a check is not sent signals.
        let shell = facts.has_shell(item.stage);
        if health || shell {
            report.elsewhere(&["DL3025"]);
            continue;
        }
        if command && text.starts_with('[') && is_array(text) {
            report.only(&["JSONArgsRecommended"]);
            continue;
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" /._-=:,+@".contains(&byte);
        if text.bytes().all(plain) {
            report.fix(
                Applicability::Unsafe,
                "write it as an array",
                instruction.rest.range,
                array(text),
            );
        }
    }
}

/// The words of a text as an array of strings.
fn array(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.is_empty());
    // Most have two or three words, each with two quotes and what is between it and the next.
    let mut array = String::with_capacity(text.len() + 16);
    for word in words {
        array.push_str(if array.is_empty() { "[\"" } else { ", \"" });
        array.push_str(word);
        array.push('"');
    }
    if array.is_empty() {
        array.push('[');
    }
    array.push(']');
    array
}
