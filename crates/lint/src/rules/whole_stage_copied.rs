//! COPY takes everything of another stage.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::Base;
use stagecraft_syntax::{Keyword, Kind, Word};

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "whole-stage-copied",
    codes: &["DL3067"],
    severity: Severity::Warning,
    by_default: true,
    why: "All that the other stage was to leave behind comes along: compilers, sources, caches. Copy what the image needs.",
    bad: "FROM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=build / /\n",
    good: "FROM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=build /app /app\n",
    when: When::With(Mark::CopiesFrom),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        let root = |word: &Word| unquoted(facts.file.word(*word)) == "/";
        let whole = facts.file.sources(item.instruction).iter().any(root)
            && transfer.destination.as_ref().is_some_and(root);
        let Some(from) = transfer
            .from
            .filter(|_| whole && item.instruction.keyword == Keyword::Copy)
        else {
            continue;
        };
        let report = found.report(
            item.instruction,
            from.range,
            "everything of the other stage is copied",
        );
        // Into nothing, it is one layer instead of many, which can be meant.
        let stage = item.stage.and_then(|id| facts.model.stage(id));
        if stage.is_some_and(|stage| stage.base == Base::Scratch) {
            report.elsewhere(&["DL3067"]);
        }
    }
}
