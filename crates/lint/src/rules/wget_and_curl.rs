//! A stage uses both wget and curl.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::programs::Bits;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "wget-and-curl",
    codes: &["DL4001"],
    severity: Severity::Hint,
    by_default: false,
    why: "Either of them does; two are two packages to install and to keep up to date.",
    bad: "FROM debian:12\nRUN wget https://example.com/a\nRUN curl https://example.com/b\n",
    good: "FROM debian:12\nRUN curl https://example.com/a\nRUN curl https://example.com/b\n",
    when: When::calls(programs!["wget", "curl"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut stage = None;
    let mut seen = Bits::default();
    for run in facts.runs_with(programs!["wget", "curl"]) {
        if stage != Some(run.stage) {
            stage = Some(run.stage);
            seen = Bits::default();
        }
        let mut last = None;
        for call in run
            .calls_of(programs!["wget", "curl"])
            .filter(|call| !call.wrapped)
        {
            seen.add(call.bit);
            last = Some(call);
        }
        if let Some(call) = last.filter(|_| seen.places().count() > 1) {
            found.call(run, call, call.range(), "wget and curl are both in use");
        }
    }
}
