//! FROM asks for the platform that it gets anyway.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "redundant-platform",
    codes: &["RedundantTargetPlatform", "DL3065"],
    severity: Severity::Hint,
    by_default: true,
    why: "Without `--platform` a stage is built for the target platform; saying so adds only a thing to keep right.",
    bad: "FROM --platform=$TARGETPLATFORM alpine:3.20\n",
    good: "FROM alpine:3.20\n",
    when: When::With(Mark::Platforms),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (instruction, from) in facts.froms() {
        let Some(platform) = from.platform else {
            continue;
        };
        if matches!(
            facts.file.word(platform),
            "$TARGETPLATFORM" | "${TARGETPLATFORM}"
        ) {
            let message = "this is the platform without asking for it, too";
            let report = found.report(instruction, platform.range, message);
            if let Some(range) = facts.flag_with_blank(instruction, "platform") {
                report.fix(Applicability::Safe, "take it away", range, "");
            }
        }
    }
}
