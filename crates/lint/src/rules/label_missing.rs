//! A label that is asked for is missing.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, Source, Stage};
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "label-missing",
    codes: &["DL3049"],
    severity: Severity::Info,
    by_default: true,
    why: "The project asks every image to carry this label (`--require-label`).",
    bad: "FROM alpine:3.20\n",
    good: "FROM alpine:3.20\nLABEL version=1.0.0\n",
    when: When::With(Mark::Labels),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let stages = facts.model.stages();
    for name in facts.config.labels.keys() {
        // A stage has the label where it or one below sets it. What such a stage is made from
        // needs none: it is no image of its own.
        let mut fine: Vec<bool> = Vec::new();
        for stage in stages {
            let below = match stage.base {
                Base::Stage(id) => fine.get(id.index()).copied().unwrap_or(false),
                _ => false,
            };
            fine.push(below || has_label(facts, stage, name));
        }
        for (at, stage) in stages.iter().enumerate().rev() {
            if !fine.get(at).copied().unwrap_or(false) {
                continue;
            }
            for dependency in &stage.dependencies {
                if let Source::Stage(id) = dependency.source
                    && let Some(needed) = fine.get_mut(id.index())
                {
                    *needed = true;
                }
            }
        }
        for (stage, fine) in stages.iter().zip(fine) {
            if let Some((instruction, _)) = stage.from_instruction(facts.file).filter(|_| !fine) {
                let message = format!("the label `{name}` is missing");
                found.report(instruction, instruction.name.range, message);
            }
        }
    }
}

fn has_label(facts: &Facts<'_>, stage: &Stage, name: &str) -> bool {
    let labels = facts.own(stage).filter(|it| it.keyword == Keyword::Label);
    labels
        .flat_map(|it| facts.file.pairs(it))
        .any(|pair| unquoted(facts.file.word(pair.name)) == name)
}
