//! A stage that nothing needs.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, Source, Stage, StageId};
use stagecraft_syntax::{Keyword, Word};
use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "unused-stage",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "The builder leaves it out, so what it does or checks never happens. To have it run, build it with `--target`, or copy something out of it.",
    bad: "FROM alpine:3.20 AS test\nRUN true\nFROM alpine:3.20\n",
    good: "FROM alpine:3.20 AS test\nRUN true > /ok\nFROM alpine:3.20\nCOPY --from=test /ok /ok\n",
    when: When::With(Mark::Stages),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let Some(target) = facts.model.target() else {
        return;
    };
    let needs = facts
        .model
        .stages()
        .iter()
        .flat_map(|stage| &stage.dependencies);
    let needed: BTreeSet<StageId> = needs
        .filter_map(|need| match need.source {
            Source::Stage(id) => Some(id),
            _ => None,
        })
        .collect();
    let wanted =
        |stage: &&Stage| needed.contains(&stage.id) || stage.reachable || stage.id == target;
    let mut unwanted = facts.model.stages().iter().filter(|stage| !wanted(stage));
    // More than one are there to be chosen from.
    let (Some(stage), None) = (unwanted.next(), unwanted.next()) else {
        return;
    };
    let Some((instruction, from)) = stage.from_instruction(facts.file) else {
        return;
    };
    if is_target(facts, stage) || is_chosen(facts, from.name) {
        return;
    }
    let range = from.name.map_or(instruction.range, |name| name.range);
    found.report(
        instruction,
        range,
        format!(
            "nothing needs the stage `{}`, so it is not built",
            stage.display_name()
        ),
    );
}

/// Whether a stage looks like one that is built on its own, with `--target`: nothing is done in it
/// but to lay out files, or its name says so.
fn is_target(facts: &Facts<'_>, stage: &Stage) -> bool {
    const NAMES: [&str; 10] = [
        "debug", "dev", "export", "local", "output", "prod", "release", "result", "target",
        "update",
    ];
    let mut own = facts.own(stage);
    let name = stage.name.as_deref().unwrap_or_default();
    let odd = |c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c);
    name.contains(odd)
        || stage.base == Base::Scratch && !own.any(|it| it.keyword == Keyword::Run)
        || NAMES.iter().any(|part| name.contains(part))
}

/// Whether a variable in another FROM may stand for a part of the name: `FROM base-$KIND`.
fn is_chosen(facts: &Facts<'_>, name: Option<Word>) -> bool {
    let name = name.map_or("", |name| facts.file.word(name));
    facts.bases().any(|(_, _, image)| {
        let text = facts.file.word(image);
        let Some((before, behind)) = text.split_once('$') else {
            return false;
        };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let after = match behind.strip_prefix('{') {
            Some(rest) => rest.split_once('}').map_or("", |(_, after)| after),
            None => behind.trim_start_matches(word),
        };
        let after = if after.contains('$') { "" } else { after };
        // A variable alone mostly stands for an image.
        !(before.is_empty() && after.is_empty())
            && name.starts_with(before)
            && name.ends_with(after)
    })
}
