//! An image without HEALTHCHECK.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, Stage};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "healthcheck-missing",
    codes: &["DL3057"],
    severity: Severity::Hint,
    by_default: false,
    why: "Docker then knows only whether the program runs, not whether it works.",
    bad: "FROM alpine:3.20\n",
    good: "FROM alpine:3.20\nHEALTHCHECK CMD [\"true\"]\n",
    when: When::Always,
    check,
};

const MESSAGE: &str = "nothing says how to tell whether the program works";

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let stages = facts.model.stages();
    let own = |stage: &Stage| {
        facts
            .own(stage)
            .any(|it| it.keyword == Keyword::Healthcheck)
    };
    let mut all = facts.file.instructions().iter();
    if !all.any(|it| it.keyword == Keyword::Healthcheck) {
        for (instruction, _) in stages
            .iter()
            .filter_map(|it| it.from_instruction(facts.file))
        {
            found.report(instruction, instruction.name.range, MESSAGE);
        }
        return;
    }
    // A stage has what it is based on, and is no image where another one with a check is based on it.
    let mut has: Vec<bool> = Vec::new();
    for stage in stages {
        let below = match stage.base {
            Base::Stage(id) => has.get(id.index()).copied().unwrap_or(false),
            _ => false,
        };
        has.push(below || own(stage));
    }
    let mut covered = has.clone();
    for (at, stage) in stages.iter().enumerate().rev() {
        if let Base::Stage(id) = stage.base
            && covered.get(at).copied().unwrap_or(false)
            && let Some(below) = covered.get_mut(id.index())
        {
            *below = true;
        }
    }
    for (stage, covered) in stages.iter().zip(covered) {
        if let Some((instruction, _)) = stage.from_instruction(facts.file).filter(|_| !covered) {
            found.report(instruction, instruction.name.range, MESSAGE);
        }
    }
}
