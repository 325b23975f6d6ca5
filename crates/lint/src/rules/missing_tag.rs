//! An image is named without a tag.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted, written_tag};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "missing-tag",
    codes: &["DL3006"],
    severity: Severity::Warning,
    by_default: true,
    why: "Without a tag it is `latest`, which is another image next month. What builds today may not build then, and nobody can tell what changed.",
    bad: "FROM alpine\n",
    good: "FROM alpine:3.20\n",
    when: When::has(&[Keyword::From]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (stage, instruction, word) in facts.bases() {
        let written = unquoted(facts.file.word(word));
        let image = facts.image(stage.id);
        let ours = image.is_some_and(|image| image.tag().is_none() && image.digest().is_none());
        // hadolint goes by what is written.
        let theirs = !names.contains(written)
            && written != "scratch"
            && !written.starts_with('$')
            && !written.contains('@')
            && written_tag(written).is_none();
        let name = stage
            .from_instruction(facts.file)
            .and_then(|(_, from)| from.name);
        names.extend(name.map(|name| facts.file.word(name)));
        if !ours && !theirs {
            continue;
        }
        let message = format!("`{written}` has no tag, so it is whatever is newest");
        let report = found.report(instruction, word.range, message);
        match (ours, theirs) {
            (true, false) => {
                report.only(&[]);
            }
            (false, _) => {
                report.elsewhere(&["DL3006"]);
            }
            _ => {}
        }
    }
}
