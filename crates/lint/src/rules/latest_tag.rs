//! An image is named with the tag `latest`.

use stagecraft_diagnostics::Severity;
use stagecraft_image::Reference;
use stagecraft_semantic::Base;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "latest-tag",
    codes: &["DL3007"],
    severity: Severity::Warning,
    by_default: true,
    why: "`latest` is another image next month. A version says what you have tried.",
    bad: "FROM alpine:latest\n",
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
        if image.tag() == Some("latest") && image.digest().is_none() {
            found.report(
                instruction,
                range,
                format!("`{name}` is another image with every release"),
            );
        }
    }
}
