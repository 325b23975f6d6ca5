//! RUN stands behind RUN.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, Item};
use crate::rule::{Found, Rule, When};
use crate::rules::shell_syntax::{commands_seen, is_unread};
use crate::run_flags::is_known;

pub(super) const RULE: Rule = Rule {
    name: "consecutive-runs",
    codes: &["DL3059"],
    severity: Severity::Hint,
    by_default: false,
    why: "Each RUN is a layer, and what a later one removes stays in the earlier. Taken together they are one; apart they are cached apart.",
    bad: "FROM alpine:3.20\nRUN a\nRUN b\n",
    good: "FROM alpine:3.20\nRUN a && b\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut before: Option<&Item<'_>> = None;
    for item in &facts.items {
        let instruction = item.instruction;
        if instruction.keyword != Keyword::Run || item.onbuild {
            before = None;
            continue;
        }
        if let Some(first) = before
            && first.stage == item.stage
            && flags(facts, first).eq(flags(facts, item))
            && is_simple(facts, item)
            && is_simple(facts, first)
        {
            let message = "this could be one step with the RUN above";
            let report = found.report(instruction, instruction.name.range, message);
            if [first, item].iter().any(|item| is_broken(facts, item)) {
                report.elsewhere(RULE.codes);
                before = Some(item);
                continue;
            }
            let runs = facts.run(first).zip(facts.run(item));
            if let Some(edits) = runs.and_then(|(first, second)| facts.join(first, second)) {
                report.fix_all(Applicability::Unsafe, "make them one step", edits);
            }
        }
        before = Some(item);
    }
}

/// Whether it is one command, as far as hadolint sees: none is to be seen in what no shell reads.
fn is_simple(facts: &Facts<'_>, item: &Item<'_>) -> bool {
    let run = facts.run(item);
    run.is_none_or(|run| commands_seen(facts, run) < 2) || is_broken(facts, item)
}

fn is_broken(facts: &Facts<'_>, item: &Item<'_>) -> bool {
    facts.run(item).is_some_and(|run| is_unread(facts, run))
}

fn flags<'a>(facts: &'a Facts<'_>, item: &Item<'a>) -> impl Iterator<Item = &'a str> {
    let flags = facts.file.flags(item.instruction).iter();
    let flags = flags.filter(|flag| is_known(facts.file.word(flag.name)));
    flags.map(|flag| facts.file.word(flag.word))
}
