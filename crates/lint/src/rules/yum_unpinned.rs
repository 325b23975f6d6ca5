//! yum installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "yum-unpinned",
    codes: &["DL3033"],
    severity: Severity::Hint,
    by_default: false,
    why: "yum installs whatever version the repository has today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM rockylinux:9\nRUN yum install -y httpd\n",
    good: "FROM rockylinux:9\nRUN yum install -y httpd-2.4.57\n",
    when: When::calls(packages::YUM.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::unpinned(facts, found, &packages::YUM);
}
