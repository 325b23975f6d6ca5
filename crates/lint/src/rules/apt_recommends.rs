//! apt-get installs what packages only recommend.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::Word;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "apt-recommends",
    codes: &["DL3015"],
    severity: Severity::Info,
    by_default: true,
    why: "For many packages that is nothing, for some it is hundreds of megabytes that the program does not need.",
    bad: "FROM debian:12\nRUN apt-get install -y curl\n",
    good: "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\n",
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
            let without = words.iter().any(|word| {
                let word = text(word);
                word == "--no-install-recommends"
                    || word.to_lowercase().contains("install-recommends=")
            });
            if !without {
                let after = TextRange::empty(verb.source_range().end());
                found
                    .report(
                        run.instruction,
                        verb.source_range(),
                        "recommended packages are installed, too",
                    )
                    .fix(
                        Applicability::Unsafe,
                        "add `--no-install-recommends`",
                        after,
                        " --no-install-recommends",
                    );
            }
        }
    }
}
