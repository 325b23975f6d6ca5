//! A comment silences a rule that finds nothing there.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::ignored::Ignored;
use crate::rule::{Found, Mark, Rule, When};
use crate::{Profile, rule};

pub(crate) const RULE: Rule = Rule {
    name: "unused-ignore",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "The fault that it was written for is gone, or stands elsewhere, as a comment for hadolint is heeded right above an instruction only. As it is, it hides nothing, or the next fault of its kind.",
    bad: "# hadolint ignore=DL3006\nFROM alpine:3.20\n",
    good: "# hadolint ignore=DL3006\nFROM alpine\n",
    when: When::With(Mark::Findings),
    check,
};

/// Only once all findings are there can one say what silenced none: see [`report`].
fn check(_: &Facts<'_>, _: &mut Found<'_>) {}

/// Reports what has silenced none of the findings. Codes that nothing here looks for may be of use
/// to others.
pub(crate) fn report(
    facts: &Facts<'_>,
    ignored: &Ignored,
    profile: Profile,
    found: &mut Found<'_>,
) {
    for named in ignored.unused() {
        let known = rule(&named.name).filter(|rule| profile.has(rule, facts.config));
        let places = known.and(named.range.zip(named.comment));
        let Some((range, comment)) = places.filter(|_| !named.is(RULE.name)) else {
            continue;
        };
        // What it is above of.
        let all = facts.file.instructions();
        let below = all.partition_point(|it| it.range.start() < comment.start());
        let Some(instruction) = all.get(below).or(all.last()) else {
            continue;
        };
        // It is of use once it is mended.
        if let Some(reason) = &named.passed_over {
            let message = format!("hadolint passes over this comment: {reason}");
            found.report(instruction, range, message);
            continue;
        }
        let message = format!("`{}` silences nothing here", named.name);
        let report = found.report(instruction, range, message);
        if named.alone {
            report.fix(
                Applicability::Unsafe,
                "take the comment away",
                line(facts, comment),
                "",
            );
        }
    }
}

/// The comment with what stands before and behind it on its line.
fn line(facts: &Facts<'_>, comment: TextRange) -> TextRange {
    let source = facts.file.source();
    let before = source
        .get(..usize::from(comment.start()))
        .unwrap_or_default();
    let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
    let behind = source.get(usize::from(comment.end())..).unwrap_or_default();
    let feed = behind.len() - behind.trim_start_matches('\r').len();
    let feed = feed + usize::from(behind.get(feed..).is_some_and(|it| it.starts_with('\n')));
    TextRange::new(
        comment.start() - stagecraft_text::size(blank),
        comment.end() + stagecraft_text::size(feed),
    )
}
