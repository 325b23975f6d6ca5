//! The name of a stage has capital letters.

use std::collections::{BTreeMap, BTreeSet};

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::{Edit, TextRange, TextSize};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "stage-name-casing",
    codes: &["StageNameCasing"],
    severity: Severity::Warning,
    by_default: true,
    why: "A stage is known by its name in small letters. `FROM` looks for exactly that, so a name with capitals is found by `COPY --from` and not by `FROM`.",
    bad: "FROM alpine:3.20 AS Build\n",
    good: "FROM alpine:3.20 AS build\n",
    when: When::With(Mark::StageNames),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let file = facts.file;
    let may_have = |byte: u8| byte.is_ascii_uppercase() || !byte.is_ascii();
    let mut names = facts.froms().filter_map(|(_, from)| from.name);
    if !names.any(|name| file.word(name).bytes().any(may_have)) {
        return;
    }
    // Where stages are named again, by the name in lower case.
    let mut uses: BTreeMap<String, Vec<TextRange>> = BTreeMap::new();
    let needs = facts.model.stages().iter().flat_map(|it| &it.dependencies);
    let needs = needs.map(|need| need.range);
    let bases = facts
        .froms()
        .filter_map(|(_, from)| Some(from.image?.range));
    let places: BTreeSet<(TextSize, TextSize)> = needs
        .chain(bases)
        .map(|range| (range.start(), range.end()))
        .collect();
    for (start, end) in places {
        let range = TextRange::new(start, end);
        let text = file.source().get(usize::from(start)..usize::from(end));
        let lower = text.unwrap_or_default().to_lowercase();
        uses.entry(lower).or_default().push(range);
    }
    for (instruction, from) in facts.froms() {
        let Some(name) = from.name else {
            continue;
        };
        let text = file.word(name);
        let lower = text.to_lowercase();
        if text == lower {
            continue;
        }
        let uses = uses.get(&lower).map_or(&[][..], Vec::as_slice);
        let report = found.report(
            instruction,
            name.range,
            format!("the stage name `{text}` has capital letters"),
        );
        if uses.len() <= MOST_USES {
            let places = std::iter::once(&name.range).chain(uses);
            let edits = places.map(|range| Edit::replace(*range, lower.clone()));
            let edits = edits.collect();
            report.fix_all(Applicability::Safe, format!("write `{lower}`"), edits);
        }
    }
}

/// A name that is used more often is not changed: many stages of that name would make very many
/// changes.
const MOST_USES: usize = 100;
