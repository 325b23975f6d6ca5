//! A base that is no image.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_image::Reference;
use stagecraft_semantic::{Base, NoImages, Options, ProblemKind, analyze};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "invalid-base-name",
    codes: &["InvalidDefaultArgInFrom"],
    severity: Severity::Error,
    by_default: true,
    why: "Without build arguments this FROM names no image, so nobody can build the file without knowing which ones to give. A default that works says it.",
    bad: "ARG VERSION\nFROM alpine:$VERSION\n",
    good: "ARG VERSION=3.20\nFROM alpine:$VERSION\n",
    when: When::has(&[Keyword::From]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // What is given on the command line does not make a default right.
    let defaults = facts
        .config
        .build_args_given
        .then(|| analyze(facts.file, &Options::default(), &NoImages));
    let stages = defaults.as_ref().unwrap_or(facts.model).stages();
    // A stage in the wrong case is an error of the model, which says what is meant.
    let problems = facts.model.problems().iter();
    let meant: BTreeSet<_> = problems
        .filter(|problem| matches!(problem.kind, ProblemKind::BaseCase(_)))
        .map(|problem| problem.range.start())
        .collect();
    for (stage, (_, instruction, word)) in stages.iter().zip(facts.bases()) {
        let name = &stage.base_text;
        let fits = match &stage.base {
            Base::Scratch | Base::Stage(_) | Base::Folder(_) => true,
            // Read already.
            Base::Image(image) => {
                defaults.is_none() && image == name && facts.image(stage.id).is_some()
            }
            Base::Unknown => false,
        };
        if !fits && Reference::parse(name).is_err() {
            let message = if name.is_empty() {
                "this is no image unless build arguments are given".to_owned()
            } else {
                format!("`{name}` is no name of an image")
            };
            let report = found.report(instruction, word.range, message);
            if meant.contains(&word.range.start()) {
                report.elsewhere(RULE.codes);
            }
        }
    }
}
