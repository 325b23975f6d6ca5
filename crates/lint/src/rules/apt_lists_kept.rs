//! The package lists of apt stay in the layer.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Form;
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "apt-lists-kept",
    codes: &["DL3009"],
    severity: Severity::Info,
    by_default: true,
    why: "The lists are about 20 MB, of no use once the packages are there, and out of date by tomorrow. Only the same RUN can leave them out: a later one hides them.",
    bad: "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
    good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in &facts.runs {
        let mounted = facts.file.mounts(run.instruction).iter().any(|mount| {
            let target = facts
                .file
                .mount_option(mount, "target")
                .and_then(|option| option.value);
            target.is_some_and(|target| facts.file.word(target).starts_with("/var/lib/apt"))
        });
        let script = run.script.script(facts.file);
        let mut update = None;
        for (simple, _) in script.simple_commands() {
            let Some(call) = simple.invocation() else {
                continue;
            };
            let words = || call.arguments().map(|word| word.text());
            match call.name() {
                "apt-get" | "apt" if words().any(|word| word == "update") => {
                    update = Some(call.name_word().source_range());
                }
                "rm" if words().any(|word| {
                    word.contains("/var/lib/apt/lists")
                        || word.trim_end_matches(['/', '*']) == "/var/lib/apt"
                }) =>
                {
                    update = None;
                }
                _ => {}
            }
        }
        if let Some(range) = update.filter(|_| !mounted) {
            let diagnostic = found.report(
                run.instruction,
                range,
                "the package lists stay in this layer",
            );
            if facts.file.heredocs(run.instruction).is_empty()
                && run.instruction.form == Form::Shell
            {
                let end = TextRange::empty(run.instruction.rest.range.end());
                diagnostic.fix(
                    Applicability::Unsafe,
                    "remove them in the same step",
                    end,
                    " && rm -rf /var/lib/apt/lists/*",
                );
            }
        }
    }
}
