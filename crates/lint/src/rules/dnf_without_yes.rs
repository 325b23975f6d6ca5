//! dnf asks, and nobody answers.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "dnf-without-yes",
    codes: &["DL3038"],
    severity: Severity::Warning,
    by_default: true,
    why: "Nobody sits at a build. Without an answer the installation gets none and stops.",
    bad: "FROM fedora:40\nRUN dnf install httpd\n",
    good: "FROM fedora:40\nRUN dnf install -y httpd\n",
    when: When::calls(packages::DNF.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::without_yes(facts, found, &packages::DNF, |call| {
        call.flag("y", &["assumeyes"])
    });
}
