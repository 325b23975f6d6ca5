//! apk leaves its index.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::packages::{self, Family};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apk-cache-kept",
    codes: &["DL3019"],
    severity: Severity::Info,
    by_default: true,
    why: "The index is of no use once the packages are there; `--no-cache` fetches it and leaves nothing behind.",
    bad: "FROM alpine:3.20\nRUN apk add curl\n",
    good: "FROM alpine:3.20\nRUN apk add --no-cache curl\n",
    when: When::calls(packages::APK.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(packages::APK.programs) {
        let Some(verb) = packages::APK.install(call) else {
            continue;
        };
        if call.has("--no-cache") || facts.is_mounted(run, "/var/cache/apk") {
            continue;
        }
        let message = "the index of apk stays in this layer";
        let report = found.call(run, call, verb.range(), message);
        if facts.is_cleaned_late(run, Family::Apk) {
            report.elsewhere(if call.wrapped { &[] } else { &["DL3019"] });
            continue;
        }
        report.fix(
            Applicability::Unsafe,
            "add `--no-cache`",
            TextRange::empty(verb.range().end()),
            " --no-cache",
        );
    }
}
