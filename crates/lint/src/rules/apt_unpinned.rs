//! apt installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apt-unpinned",
    codes: &["DL3008"],
    severity: Severity::Hint,
    by_default: false,
    why: "apt-get installs whatever version the distribution has today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM debian:12\nRUN apt-get install -y curl\n",
    good: "FROM debian:12\nRUN apt-get install -y curl=7.88.1-10\n",
    when: When::calls(packages::APT.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::unpinned(facts, found, &packages::APT);
}
