//! zypper asks, and nobody answers.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "zypper-without-yes",
    codes: &["DL3034"],
    severity: Severity::Warning,
    by_default: true,
    why: "Nobody sits at a build. Without an answer the installation gets none and stops.",
    bad: "FROM opensuse/leap:15\nRUN zypper install curl\n",
    good: "FROM opensuse/leap:15\nRUN zypper install -y curl\n",
    when: When::calls(packages::ZYPPER.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::without_yes(facts, found, &packages::ZYPPER, |call| {
        call.flag("yn", &["non-interactive", "no-confirm"])
    });
}
