//! cd where WORKDIR would do.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "cd-between-steps",
    codes: &["DL3003"],
    severity: Severity::Hint,
    by_default: false,
    why: "A folder that `cd` goes to is forgotten when the RUN ends. WORKDIR holds for every instruction below it, and makes the folder.",
    bad: "FROM alpine:3.20\nRUN cd /app\n",
    good: "FROM alpine:3.20\nWORKDIR /app\n",
    when: When::calls(programs!["cd"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["cd"]).filter(|(run, _)| !run.onbuild) {
        found.call(
            run,
            call,
            call.range(),
            "WORKDIR goes to a folder for all that follows",
        );
    }
}
