//! A label that is not asked for.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "label-unexpected",
    codes: &["DL3050"],
    severity: Severity::Info,
    by_default: true,
    why: "The project allows no other labels than those it asks for (`--strict-labels`).",
    bad: "FROM alpine:3.20\nLABEL other=x\n",
    good: "FROM alpine:3.20\n",
    when: When::has(&[Keyword::Label]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    if !facts.config.strict_labels {
        return;
    }
    for item in &facts.items {
        if item.instruction.keyword != Keyword::Label {
            continue;
        }
        for pair in facts.file.pairs(item.instruction) {
            let key = unquoted(facts.file.word(pair.name));
            if !facts.config.labels.contains_key(key) {
                found.report(
                    item.instruction,
                    pair.name.range,
                    format!("the label `{key}` is not asked for"),
                );
            }
        }
    }
}
