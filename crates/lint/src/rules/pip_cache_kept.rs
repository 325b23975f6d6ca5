//! pip keeps what it downloaded in the layer.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::Word;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "pip-cache-kept",
    codes: &["DL3042"],
    severity: Severity::Info,
    by_default: true,
    why: "pip keeps every download for the next installation, which never comes inside of an image; it is 10 to 30 percent of the layer.",
    bad: "FROM python:3.11-slim\nRUN pip install flask\n",
    good: "FROM python:3.11-slim\nRUN pip install --no-cache-dir flask\n",
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
            let Some(verb) = verb
                .filter(|verb| matches!(call.name(), "pip" | "pip3") && verb.text() == "install")
            else {
                continue;
            };
            let mounted = !facts.file.mounts(run.instruction).is_empty();
            if !mounted
                && !facts.sets(run, "PIP_NO_CACHE_DIR")
                && !words.iter().any(|word| text(word) == "--no-cache-dir")
            {
                let after = TextRange::empty(verb.source_range().end());
                found
                    .report(
                        run.instruction,
                        verb.source_range(),
                        "pip's downloads stay in this layer",
                    )
                    .fix(
                        Applicability::Unsafe,
                        "add `--no-cache-dir`",
                        after,
                        " --no-cache-dir",
                    );
            }
        }
    }
}
