//! A program that makes no sense in a build.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "interactive-program",
    codes: &["DL3001"],
    severity: Severity::Info,
    by_default: true,
    why: "Nobody sits at a build, nothing of it goes on running afterwards, and the machine is not its own. These programs need one of the three.",
    bad: "FROM debian:12\nRUN top\n",
    good: "FROM debian:12\nRUN true\n",
    when: When::calls(PROGRAMS),
    check,
};

const PROGRAMS: Programs = programs![
    "ssh", "vim", "shutdown", "service", "ps", "free", "top", "kill", "mount", "ifconfig", "nano",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(PROGRAMS) {
        let message = format!("{} makes no sense in a build", call.name);
        let report = found.call(run, call, call.range(), message);
        if matches!(&*call.name, "ifconfig" | "nano") {
            report.only(&[]);
        }
    }
}
