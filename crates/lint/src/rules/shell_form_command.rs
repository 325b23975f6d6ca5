//! CMD or ENTRYPOINT runs behind a shell.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Form, Keyword, Kind};

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
        if !command && !health || instruction.form == Form::Json {
            continue;
        }
        let word = instruction.keyword.name();
        let report = found.report(
            instruction,
            instruction.rest.range,
            format!("{word} runs behind a shell, which keeps signals from the program"),
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
        let text = facts.file.word(instruction.rest);
        let plain = |char: char| char.is_ascii_alphanumeric() || " /._-=:,+@".contains(char);
        if text.chars().all(plain) {
            let words: Vec<String> = text
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(|word| format!("\"{word}\""))
                .collect();
            report.fix(
                Applicability::Unsafe,
                "write it as an array",
                instruction.rest.range,
                format!("[{}]", words.join(", ")),
            );
        }
    }
}
