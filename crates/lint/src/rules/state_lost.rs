//! A step changes nothing but its own shell.

use stagecraft_diagnostics::Severity;

use crate::facts::{Call, Facts};
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "state-lost",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Each RUN has a shell of its own. Its folder, variables and aliases end with it; the next step starts as if it had never run. WORKDIR and ENV hold for all that follows.",
    bad: "FROM alpine:3.20\nRUN export NAME=value\n",
    good: "FROM alpine:3.20\nENV NAME=value\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // What `source` reads may do anything.
    const OWN: [&str; 8] = [
        "cd", "export", "alias", "umask", "set", "ulimit", "unset", "pushd",
    ];
    for run in &facts.runs {
        let lost = |call: &Call| call.is(&OWN) && call.output.is_none();
        let Some(last) = run.calls.last() else {
            continue;
        };
        // A program or an assignment beside it, or one whose name is not known.
        if run.calls.iter().all(lost) && run.commands == run.calls.len() && !run.foreign {
            let instead = match last.name.as_str() {
                "cd" | "pushd" => "WORKDIR goes there for all that follows",
                "export" => "ENV sets it for all that follows",
                _ => "what it sets is gone when the step ends",
            };
            found
                .report(
                    run.instruction,
                    last.range,
                    "nothing of this step is left for the next one",
                )
                .help(instead);
        }
    }
}
