//! dnf installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "dnf-unpinned",
    codes: &["DL3041"],
    severity: Severity::Hint,
    by_default: false,
    why: "dnf installs whatever version the repository has today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM fedora:40\nRUN dnf install -y httpd\n",
    good: "FROM fedora:40\nRUN dnf install -y httpd-2.4.59\n",
    when: When::calls(packages::DNF.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::unpinned(facts, found, &packages::DNF);
}
