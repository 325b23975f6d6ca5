//! yum asks, and nobody answers.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "yum-without-yes",
    codes: &["DL3030"],
    severity: Severity::Warning,
    by_default: true,
    why: "Nobody sits at a build. Without an answer the installation gets none and stops.",
    bad: "FROM rockylinux:9\nRUN yum install httpd\n",
    good: "FROM rockylinux:9\nRUN yum install -y httpd\n",
    when: When::calls(packages::YUM.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::without_yes(facts, found, &packages::YUM, |call| {
        call.flag("y", &["assumeyes"])
    });
}
