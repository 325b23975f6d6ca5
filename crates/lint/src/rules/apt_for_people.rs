//! apt is used where apt-get belongs.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "apt-for-people",
    codes: &["DL3027"],
    severity: Severity::Info,
    by_default: true,
    why: "apt is made for people and may print and ask otherwise with any release; apt-get keeps its ways for scripts.",
    bad: "FROM debian:12\nRUN apt install -y curl\n",
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
            if call.name() == "apt" {
                let range = call.name_word().source_range();
                found
                    .report(
                        run.instruction,
                        range,
                        "apt is made for people, not for scripts",
                    )
                    .fix(Applicability::Unsafe, "use `apt-get`", range, "apt-get");
            }
        }
    }
}
