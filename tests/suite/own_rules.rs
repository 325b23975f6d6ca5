//! What is asked of the rules that no other tool has.

#![expect(clippy::print_stderr, reason = "a skipped comparison says so")]

use std::collections::BTreeSet;

use stagecraft_engine::lint::rules;
use stagecraft_tests::conformance::own::{counts, tallies};

/// A rule that nobody else has a code for, and that every page and command reports.
fn own() -> BTreeSet<&'static str> {
    let own = rules().iter();
    own.filter(|rule| rule.codes.is_empty() && rule.by_default)
        .map(|rule| rule.name)
        .collect()
}

#[test]
fn findings_of_every_own_rule_were_read_and_nearly_all_are_right() {
    let tallies = tallies();
    let read: BTreeSet<&str> = tallies.iter().map(|tally| tally.rule).collect();
    assert_eq!(read, own());
    for tally in &tallies {
        assert_eq!(tally.read, tally.findings.min(100), "{tally:?}");
        assert!(tally.right * 100 >= tally.read * 95, "{tally:?}");
    }
    let broken_by_real_files = tallies.iter().filter(|tally| tally.findings > 0);
    assert!(broken_by_real_files.count() >= 20);
}

#[test]
fn own_rules_find_as_much_as_when_their_findings_were_read() {
    let Some(counts) = counts() else {
        eprintln!("skipped: the corpora are not there (see CONTRIBUTING.md)");
        return;
    };
    for tally in tallies() {
        let now = counts.get(tally.rule).copied().unwrap_or_default();
        eprintln!(
            "{:<28} {now:>5} findings, {} of {} right",
            tally.rule, tally.right, tally.read
        );
        // Else they are to be read again.
        assert!(
            now.abs_diff(tally.findings) * 20 <= tally.findings,
            "{tally:?}: {now}"
        );
    }
}
