//! CMD or ENTRYPOINT runs behind a shell.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Form, Keyword};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "shell-form-command",
    codes: &["JSONArgsRecommended", "DL3025"],
    severity: Severity::Warning,
    by_default: true,
    why: "A shell stands between the container and the program. Signals such as that of `docker stop` reach the shell, and the program is killed ten seconds later without having cleaned up.",
    bad: "FROM alpine:3.20\nCMD nginx -g daemon\n",
    good: "FROM alpine:3.20\nCMD [\"nginx\", \"-g\", \"daemon\"]\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (stage, instruction) in facts.staged() {
        let command = matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint);
        let shell = facts
            .own(stage)
            .any(|other| other.keyword == Keyword::Shell);
        if !command || shell || instruction.form == Form::Json || instruction.rest.text.is_empty() {
            continue;
        }
        let text = facts.file.word(instruction.rest);
        let word = instruction.keyword.name();
        let diagnostic = found.report(
            instruction,
            instruction.rest.range,
            format!("{word} runs behind a shell, which keeps signals from the program"),
        );
        let plain = |char: char| char.is_ascii_alphanumeric() || " /._-=:,+@".contains(char);
        if text.chars().all(plain) {
            let words: Vec<String> = text
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(|word| format!("\"{word}\""))
                .collect();
            diagnostic.fix(
                Applicability::Unsafe,
                "write it as an array",
                instruction.rest.range,
                format!("[{}]", words.join(", ")),
            );
        }
    }
}
