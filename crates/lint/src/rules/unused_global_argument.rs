//! A global argument that nothing sees.

use std::collections::BTreeSet;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::PROXY_ARGUMENTS;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "unused-global-argument",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "An ARG above the first FROM is seen by the FROM lines, and by the stages that declare it too. Where none does, `--build-arg` changes nothing.",
    bad: "ARG VERSION=1\nFROM alpine:3.20\n",
    good: "ARG VERSION=3.20\nFROM alpine:$VERSION\n",
    when: When::has(&[Keyword::Arg]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let model = facts.model;
    let stages = model.stages().iter().flat_map(|stage| &stage.references);
    let references = model.global_references().iter().chain(stages);
    let mut used: BTreeSet<&str> = references.map(|it| it.name.as_str()).collect();
    for item in facts.items.iter().filter(|item| item.stage.is_some()) {
        if item.instruction.keyword == Keyword::Arg {
            let pairs = facts.file.pairs(item.instruction).iter();
            used.extend(pairs.map(|pair| facts.file.word(pair.name)));
        }
    }
    for global in model.globals() {
        let name = global.name.as_str();
        // The frontend reads these.
        if used.contains(name)
            || PROXY_ARGUMENTS.contains(&name)
            || name.starts_with("BUILDKIT_")
            || name == "SOURCE_DATE_EPOCH"
        {
            continue;
        }
        if let Some(instruction) = facts.file.instructions().get(global.instruction) {
            let message = format!("neither a FROM nor a stage uses `{name}`");
            let report = found.report(instruction, global.range, message);
            if facts.file.pairs(instruction).len() == 1 {
                let range = facts.lines_of(instruction);
                report.fix(Applicability::Unsafe, "take it away", range, "");
            }
        }
    }
}
