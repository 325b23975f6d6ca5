//! What applying all safe fixes does to real files.

use std::collections::{BTreeMap, BTreeSet};

use stagecraft_cli::commands::{fix, lint};
use stagecraft_cli::settings::Settings;
use stagecraft_engine::Checked;
use stagecraft_engine::lint::{Profile, silence};
use stagecraft_engine::plan::{Surroundings, plan};
use stagecraft_engine::semantic::Options;
use stagecraft_engine::text::apply_edits;

use super::{Report, corpus};

/// Files of the corpus that a fix broke, and how many fixes there were: first the safe ones, then
/// all that can be applied, which may do no more than end and leave a text that can be read.
pub fn reports() -> Option<[(Report, usize); 2]> {
    let mut safe = (Report::new("safe fixes of wild.jsonl.gz"), 0);
    let mut all = (Report::new("all fixes of wild.jsonl.gz"), 0);
    for row in corpus::rows("wild.jsonl.gz")? {
        let (id, before) = (corpus::text(&row, "id"), corpus::dockerfile(&row));
        let after = fixed(&before, false);
        safe.1 += after.count;
        safe.0.case(&id, broken(&before, &after.text));
        // A build without optimizations looks at some of them.
        let chosen = !cfg!(debug_assertions) || safe.0.cases % 8 == 0;
        if chosen {
            let after = fixed(&before, true);
            all.1 += after.count;
            all.0.case(&id, unreadable(&before, &after.text));
        }
    }
    Some([safe, all])
}

/// Findings of the corpus that the comment which is offered does not silence, or that makes more.
pub fn silencing() -> Option<Report> {
    let mut report = Report::new("findings of wild.jsonl.gz silenced");
    for (at, row) in corpus::rows("wild.jsonl.gz")?.iter().enumerate() {
        // A build without optimizations looks at some of them.
        if cfg!(debug_assertions) && at % 4 != 0 {
            continue;
        }
        let before = corpus::dockerfile(row);
        let (options, settings) = (Options::default(), Settings::default());
        let look = |text: &str| lint::checked(text, None, &options, Profile::Default, &settings);
        let old = look(&before);
        let mut seen = BTreeSet::new();
        for finding in &old.findings {
            let Some(fix) = silence(&old.file, finding).filter(|_| seen.insert(finding.rule))
            else {
                continue;
            };
            let after = apply_edits(&before, &fix.edits).unwrap_or_default();
            let new = look(&after);
            let (known, more) = (rules(&old), rules(&new));
            let count = |rules: &BTreeMap<_, usize>, rule| rules.get(rule).copied().unwrap_or(0);
            let fewer = count(&more, finding.rule) < count(&known, finding.rule);
            let none = more
                .iter()
                .all(|(rule, count)| known.get(rule) >= Some(count));
            let what = format!("{}: {}", finding.rule, fix.title);
            report.case(&corpus::text(row, "id"), (!fewer || !none).then_some(what));
        }
    }
    Some(report)
}

fn fixed(text: &str, risky: bool) -> fix::Fixed {
    fix::fixed(text, None, Profile::All, &Settings::default(), risky)
}

fn unreadable(before: &str, after: &str) -> Option<String> {
    let errors = |text| checked(text).file.errors().len();
    if errors(after) > errors(before) {
        return Some("an error of syntax".to_owned());
    }
    (fixed(after, true).text != after).then(|| "a second run changes it".to_owned())
}

fn checked(text: &str) -> Checked {
    let (options, settings) = (Options::default(), Settings::default());
    lint::checked(text, None, &options, Profile::All, &settings)
}

/// What is worse than before.
fn broken(before: &str, after: &str) -> Option<String> {
    if before == after {
        return None;
    }
    let again = fixed(after, false);
    if again.text != after {
        return Some("a second run changes it".to_owned());
    }
    let (old, new) = (checked(before), checked(after));
    let errors = |checked: &Checked| checked.file.errors().len();
    if errors(&new) > errors(&old) {
        return Some("an error of syntax".to_owned());
    }
    let (known, mut more) = (rules(&old), rules(&new));
    more.retain(|rule, count| *count > known.get(rule).copied().unwrap_or_default());
    if !more.is_empty() {
        return Some(format!("new findings: {more:?}"));
    }
    let (old, new) = (build(&old), build(&new));
    let differs = old.iter().zip(&new).find(|(old, new)| old != new);
    match differs {
        Some((old, new)) => Some(format!("{old} became {new}")),
        None if old.len() != new.len() => Some("steps are missing".to_owned()),
        None => None,
    }
}

/// How often each rule finds something.
fn rules(checked: &Checked) -> BTreeMap<&'static str, usize> {
    let mut rules = BTreeMap::new();
    for finding in &checked.findings {
        *rules.entry(finding.rule).or_default() += 1;
    }
    rules
}

/// The stages with what they need and leave, and the steps of a build by their labels.
fn build(checked: &Checked) -> Vec<String> {
    let Checked { file, model, .. } = checked;
    let stages = model.stages().iter().map(|stage| {
        let needs: Vec<_> = stage
            .dependencies
            .iter()
            .map(|need| (need.kind, &need.source))
            .collect();
        let scopes = model.scopes();
        format!(
            "{:?} {:?} {needs:?} {:?} {:?} {:?}",
            stage.name,
            stage.base,
            scopes.environment(stage.end),
            scopes.workdir(stage.end),
            scopes.user(stage.end),
        )
    });
    let steps = plan(file, model, &Surroundings::default()).steps;
    let steps = steps.into_iter().filter(|step| !step.label.is_empty());
    let mut all: Vec<String> = stages.collect();
    all.extend(steps.map(|step| format!("{} {}", step.label, step.built)));
    all
}
