//! apk installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apk-unpinned",
    codes: &["DL3018"],
    severity: Severity::Hint,
    by_default: false,
    why: "apk installs whatever version the repository has today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM alpine:3.20\nRUN apk add curl\n",
    good: "FROM alpine:3.20\nRUN apk add curl=8.9.0-r0\n",
    when: When::calls(packages::APK.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::unpinned(facts, found, &packages::APK);
}
