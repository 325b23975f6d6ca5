//! A package is named twice.

use std::collections::BTreeMap;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::calls::repeats;
use crate::facts::Facts;
use crate::packages::MANAGERS;
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "package-twice",
    codes: &[],
    severity: Severity::Hint,
    by_default: true,
    why: "The second one does nothing, and whoever removes the first will wonder why the package is still there.",
    bad: "FROM alpine:3.20\nRUN apk add --no-cache curl git curl\n",
    good: "FROM alpine:3.20\nRUN apk add --no-cache curl git\n",
    when: When::calls(PROGRAMS),
    check,
};

const PROGRAMS: Programs = programs!["apk", "apt-get", "dnf", "microdnf", "yum", "zypper"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in facts.runs_with(PROGRAMS) {
        for call in run.calls_of(PROGRAMS) {
            let Some(manager) = MANAGERS.iter().find(|it| call.is(it.programs)) else {
                continue;
            };
            if manager.install(call).is_none() {
                continue;
            }
            // Mostly no word stands there twice, be it a package or none.
            if !repeats(|| call.operands().map(|word| &*word.text)) {
                continue;
            }
            let mut seen = BTreeMap::new();
            for word in manager.packages(call) {
                if let Some(first) = seen.insert(&*word.text, word) {
                    let message = format!("`{}` is named above already", word.text);
                    let before = facts.file.source().get(..usize::from(word.range().start()));
                    let blank = before.map_or(0, |text| {
                        text.len() - text.trim_end_matches([' ', '\t']).len()
                    });
                    let start = usize::from(word.range().start()) - blank;
                    let range = TextRange::new(stagecraft_text::size(start), word.range().end());
                    found
                        .report(run.instruction, word.range(), message)
                        .label(first.range(), "named here")
                        .fix(Applicability::Safe, "take it away", range, "");
                }
            }
        }
    }
}
