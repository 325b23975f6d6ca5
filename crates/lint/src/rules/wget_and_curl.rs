//! A stage uses both wget and curl.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
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
    let mut seen: Vec<&str> = Vec::new();
    for run in facts.runs_with(programs!["wget", "curl"]) {
        if stage != Some(run.stage) {
            stage = Some(run.stage);
            seen.clear();
        }
        let mut last = None;
        for call in run
            .calls_of(programs!["wget", "curl"])
            .filter(|call| !call.wrapped)
        {
            if !seen.contains(&&*call.name) {
                seen.push(&call.name);
            }
            last = Some(call);
        }
        if let Some(call) = last.filter(|_| seen.len() > 1) {
            found.call(run, call, call.range(), "wget and curl are both in use");
        }
    }
}
