//! apt-get asks, and nobody answers.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::Word;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "apt-without-yes",
    codes: &["DL3014"],
    severity: Severity::Warning,
    by_default: true,
    why: "Nobody sits at a build. Without `-y` apt-get asks whether to go on, gets no answer and stops.",
    bad: "FROM debian:12\nRUN apt-get install curl\n",
    good: "FROM debian:12\nRUN apt-get install -y curl\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in &facts.runs {
        let script = run.script.script(facts.file);
        for (simple, _) in script.simple_commands() {
            let Some(call) = simple.invocation() else {
                continue;
            };
            let words: Vec<_> = call.arguments().collect();
            let text = |word: &Word<'_>| word.as_static().unwrap_or_default().into_owned();
            let verb = words.iter().find(|word| !word.text().starts_with('-'));
            let Some(verb) =
                verb.filter(|verb| call.name() == "apt-get" && verb.text() == "install")
            else {
                continue;
            };
            let yes = words.iter().any(|word| {
                let word = text(word);
                let bundle =
                    word.starts_with('-') && !word.starts_with("--") && word.contains(['y', 'q']);
                bundle
                    && (word.contains('y') || word.matches('q').count() > 1 || word.contains("q=2"))
                    || matches!(word.as_str(), "--yes" | "--assume-yes" | "--force-yes")
            });
            if !yes {
                let after = TextRange::empty(verb.source_range().end());
                found
                    .report(
                        run.instruction,
                        verb.source_range(),
                        "apt-get will ask whether to go on, and nobody answers",
                    )
                    .fix(Applicability::Unsafe, "add `-y`", after, " -y");
            }
        }
    }
}
