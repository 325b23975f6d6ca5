//! apt is called by a script.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apt-for-people",
    codes: &["DL3027"],
    severity: Severity::Info,
    by_default: true,
    why: "apt is made for people and may print and ask otherwise with any release; apt-get keeps its ways for scripts.",
    bad: "FROM debian:12\nRUN apt install -y curl\n",
    good: "FROM debian:12\nRUN apt-get install -y curl\n",
    when: When::calls(programs!["apt"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["apt"]) {
        found
            .call(
                run,
                call,
                call.range(),
                "apt is made for people, not for scripts",
            )
            .fix(
                Applicability::Unsafe,
                "use `apt-get`",
                call.range(),
                "apt-get",
            );
    }
}
