//! A base that is no image.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_image::Reference;
use stagecraft_semantic::{Base, NoImages, Options, ProblemKind, Stage, analyze};
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
    let given = facts.config.build_args_given;
    let mut stages = facts.model.stages().iter();
    if stages.all(|stage| is_settled(facts, stage, given)) {
        return;
    }
    // What is given on the command line does not make a default right.
    let defaults = given.then(|| analyze(facts.file, &Options::default(), &NoImages));
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

/// Whether a stage surely starts from something that can be, whatever build arguments are given.
fn is_settled(facts: &Facts<'_>, stage: &Stage, given: bool) -> bool {
    let from = stage.from_instruction(facts.file);
    let image = from.and_then(|(_, from)| from.image);
    let varies = |image| has_any!(facts.file.word(image), b'$');
    if given && image.is_none_or(varies) {
        return false;
    }
    match &stage.base {
        Base::Scratch | Base::Stage(_) => true,
        Base::Image(name) => *name == stage.base_text && facts.image(stage.id).is_some(),
        Base::Folder(_) | Base::Unknown => false,
    }
}
