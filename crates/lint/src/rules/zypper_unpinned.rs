//! zypper installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "zypper-unpinned",
    codes: &["DL3037"],
    severity: Severity::Hint,
    by_default: false,
    why: "zypper installs whatever version the repository has today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM opensuse/leap:15\nRUN zypper install -y curl\n",
    good: "FROM opensuse/leap:15\nRUN zypper install -y curl=8.0.1\n",
    when: When::calls(packages::ZYPPER.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::unpinned(facts, found, &packages::ZYPPER);
}
