//! A setting for the time of the build stays in the image.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "frontend-in-env",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "ENV holds in every container of the image, too: whoever installs something there is asked nothing any more. An ARG holds for the RUN steps below it and is gone afterwards.",
    bad: "FROM debian:12\nENV DEBIAN_FRONTEND=noninteractive\n",
    good: "FROM debian:12\nARG DEBIAN_FRONTEND=noninteractive\n",
    when: When::has(&[Keyword::Env]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // Set to something else further down: that is what the image has then.
    let mut ends = std::collections::BTreeMap::new();
    let mut all = Vec::new();
    for item in &facts.items {
        if item.instruction.keyword != Keyword::Env || item.onbuild || !facts.ships(item.stage) {
            continue;
        }
        let pairs = facts.file.pairs(item.instruction);
        for pair in pairs {
            if facts.file.word(pair.name) == "DEBIAN_FRONTEND" {
                let value = pair.value.map_or("", |value| facts.file.word(value));
                let quiet = value
                    .trim_matches(['"', '\''])
                    .eq_ignore_ascii_case("noninteractive");
                ends.insert(item.stage, quiet);
                if quiet {
                    all.push((item, pair, pairs.len() == 1));
                }
            }
        }
    }
    for (item, pair, alone) in all {
        if ends.get(&item.stage) != Some(&true) {
            continue;
        }
        let report = found.report(
            item.instruction,
            pair.name.range,
            "this is for the build only, but stays in the image",
        );
        if alone && !pair.legacy {
            report.fix(
                Applicability::Unsafe,
                "make it an ARG",
                item.instruction.name.range,
                "ARG",
            );
        }
    }
}
