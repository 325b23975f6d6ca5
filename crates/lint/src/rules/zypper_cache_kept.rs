//! zypper leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "zypper-cache-kept",
    codes: &["DL3036"],
    severity: Severity::Info,
    by_default: true,
    why: "zypper keeps its lists and downloads for the next installation. It is of no use inside of an image. Only the same RUN can leave it out: a later one hides it, and it is still carried along.",
    bad: "FROM opensuse/leap:15\nRUN zypper install -y curl\n",
    good: "FROM opensuse/leap:15\nRUN zypper install -y curl && zypper clean\n",
    when: When::calls(programs!["zypper"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::not_cleaned(
        facts,
        found,
        |call| call.is(programs!["zypper"]) && packages::ZYPPER.install(call).is_some(),
        |call| call.is(programs!["zypper"]) && (call.has("clean") || call.has("cc")),
        &["/var/cache/zypp"],
        "zypper's cache stays in this layer",
        "zypper clean --all",
    );
}
