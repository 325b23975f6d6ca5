//! COPY --from names nothing above it.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copy-from-no-stage",
    codes: &["DL3022"],
    severity: Severity::Hint,
    by_default: false,
    why: "What is no name of a stage above is taken for an image, and fetched.",
    bad: "FROM alpine:3.20\nCOPY --from=build /a /a\n",
    good: "FROM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=build /a /a\n",
    when: When::With(Mark::CopiesFrom),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut stages = 0;
    for item in &facts.items {
        if let Kind::From(from) = &item.instruction.kind {
            stages += 1;
            names.extend(from.name.map(|name| facts.file.word(name)));
            continue;
        }
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        let Some(from) = transfer
            .from
            .filter(|_| item.instruction.keyword == Keyword::Copy)
        else {
            continue;
        };
        let text = unquoted(facts.file.word(from));
        let number = text.parse::<usize>().is_ok_and(|number| number < stages);
        if !number && !names.contains(text) && !text.contains(':') {
            let message = format!("no stage above has the name `{text}`");
            let report = found.report(item.instruction, from.range, message);
            if item.onbuild {
                report.only(&[]);
            }
        }
    }
}
