//! Fixes that are applied together.

use std::collections::BTreeMap;

use stagecraft_diagnostics::{Applicability, Diagnostic};
use stagecraft_text::{Edit, TextSize};

/// Edits of several fixes, none in the way of another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Together {
    /// What to change.
    pub edits: Vec<Edit>,
    /// How many fixes that are.
    pub count: usize,
}

/// The safe fixes of the findings, and with `risky` the others that can be applied. Of those that
/// overlap the first is taken: the rest may be left to do once the text is looked at again.
pub fn together(findings: &[Diagnostic], risky: bool) -> Together {
    let mut all = Together::default();
    let mut taken = BTreeMap::new();
    for finding in findings {
        let wanted = finding.fixes.iter().find(|fix| match fix.applicability {
            Applicability::Safe => true,
            Applicability::Unsafe => risky,
            Applicability::DisplayOnly => false,
        });
        let free = wanted.filter(|fix| fix.edits.iter().all(|it| is_free(&taken, it)));
        let Some(fix) = free else {
            continue;
        };
        let places = fix.edits.iter().map(|edit| edit.range);
        taken.extend(places.map(|range| (range.start(), range.end())));
        all.edits.extend(fix.edits.iter().cloned());
        all.count += 1;
    }
    all
}

/// Whether nothing else changes the place of an edit; `taken` has ends by starts.
fn is_free(taken: &BTreeMap<TextSize, TextSize>, edit: &Edit) -> bool {
    let (start, end) = (edit.range.start(), edit.range.end());
    let before = taken.range(..=start).next_back();
    let after = taken.range(start..).next();
    before.is_none_or(|(&from, &to)| to <= start && from != start)
        && after.is_none_or(|(&from, _)| from >= end && from != start)
}

#[cfg(test)]
mod tests {
    use stagecraft_diagnostics::{Fix, Severity};
    use stagecraft_text::TextRange;

    use super::*;

    fn finding(start: u32, end: u32, applicability: Applicability) -> Diagnostic {
        let range = TextRange::new(start.into(), end.into());
        let mut finding = Diagnostic::new("x", Severity::Warning, range, "y");
        finding.fixes.push(Fix {
            title: "z".into(),
            applicability,
            edits: Edit::delete(range).into(),
        });
        finding
    }

    #[test]
    fn fixes_that_overlap_wait_and_risky_ones_are_asked_for() {
        let findings = [
            finding(0, 4, Applicability::Safe),
            finding(2, 6, Applicability::Safe),
            finding(8, 9, Applicability::Unsafe),
            finding(10, 11, Applicability::Safe),
            finding(12, 13, Applicability::DisplayOnly),
        ];
        assert_eq!(together(&findings, false).count, 2);
        assert_eq!(together(&findings, true).edits.len(), 3);
    }
}
