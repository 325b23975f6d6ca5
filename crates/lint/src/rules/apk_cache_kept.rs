//! apk keeps its index in the layer.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::Word;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "apk-cache-kept",
    codes: &["DL3019"],
    severity: Severity::Info,
    by_default: true,
    why: "The index is of no use once the packages are there; `--no-cache` fetches it and leaves nothing behind.",
    bad: "FROM alpine:3.20\nRUN apk add curl\n",
    good: "FROM alpine:3.20\nRUN apk add --no-cache curl\n",
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
            let Some(verb) = verb.filter(|verb| call.name() == "apk" && verb.text() == "add")
            else {
                continue;
            };
            let mounted = !facts.file.mounts(run.instruction).is_empty();
            if !mounted && !words.iter().any(|word| text(word) == "--no-cache") {
                let after = TextRange::empty(verb.source_range().end());
                found
                    .report(
                        run.instruction,
                        verb.source_range(),
                        "the index of apk stays in this layer",
                    )
                    .fix(
                        Applicability::Unsafe,
                        "add `--no-cache`",
                        after,
                        " --no-cache",
                    );
            }
        }
    }
}
