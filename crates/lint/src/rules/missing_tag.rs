//! An image is named without a tag.

use stagecraft_diagnostics::Severity;
use stagecraft_image::Reference;
use stagecraft_semantic::Base;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "missing-tag",
    codes: &["DL3006"],
    severity: Severity::Warning,
    by_default: true,
    why: "Without a tag it is `latest`, which is another image next month. What builds today may not build then, and nobody can tell what changed.",
    bad: "FROM alpine\n",
    good: "FROM alpine:3.20\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let Base::Image(name) = &stage.base else {
            continue;
        };
        let (Some((instruction, from)), Ok(image)) =
            (stage.from_instruction(facts.file), Reference::parse(name))
        else {
            continue;
        };
        let range = from.image.map_or(instruction.range, |word| word.range);
        if image.tag().is_none() && image.digest().is_none() {
            found.report(
                instruction,
                range,
                format!("`{name}` has no tag, so it is whatever is newest"),
            );
        }
    }
}
