//! sudo in a build step.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "sudo",
    codes: &["DL3004"],
    severity: Severity::Warning,
    by_default: true,
    why: "A build step runs as root unless USER says otherwise, and sudo is mostly not there. Put USER around the steps that need another user.",
    bad: "FROM debian:12\nRUN sudo true\n",
    good: "FROM debian:12\nUSER root\nRUN true\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in &facts.runs {
        let Some(script) = &run.script else {
            continue;
        };
        for (simple, _) in script.script(facts.file).simple_commands() {
            let name = simple.name();
            if let Some(name) = name.filter(|name| name.as_static().as_deref() == Some("sudo")) {
                found.report(
                    run.instruction,
                    name.source_range(),
                    "sudo has no place in a build",
                );
            }
        }
    }
}
