//! FROM fixes the platform of a stage.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_image::Platform;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "constant-platform",
    codes: &["FromPlatformFlagConstDisallowed", "DL3029"],
    severity: Severity::Info,
    by_default: true,
    why: "The image is then of that platform whatever `docker build --platform` asks for, and runs slowly or not at all elsewhere.",
    bad: "FROM --platform=linux/amd64 alpine:3.20\n",
    good: "FROM --platform=$BUILDPLATFORM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=build /a /a\n",
    when: When::With(Mark::Platforms),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (instruction, from) in facts.froms() {
        let Some(platform) = from.platform else {
            continue;
        };
        let text = facts.file.word(platform);
        let constant = !text.is_empty() && !text.contains('$');
        let known = text.contains("BUILDPLATFORM") || text.contains("TARGETPLATFORM");
        if !constant && known {
            continue;
        }
        let message = format!("the stage is for {text} whatever is asked for");
        let report = found.report(instruction, platform.range, message);
        // A stage whose name says the platform is meant for it.
        let meant = from.name.is_some_and(|name| {
            let name = facts.file.word(name).to_lowercase();
            text.to_lowercase()
                .split('/')
                .any(|part| name.contains(part))
        });
        if meant {
            report.elsewhere(&["DL3029"]);
        } else if Platform::parse(text).is_err() && constant {
            report.only(&["DL3029"]);
        } else if !constant {
            report.elsewhere(&["DL3029"]);
        } else if let Some(range) = facts.flag_with_blank(instruction, "platform") {
            report.fix(Applicability::Unsafe, "take it away", range, "");
        }
    }
}
