//! How often our own rules find something in real files, and how much of it is right.

use std::collections::BTreeMap;

use stagecraft_cli::commands::lint;
use stagecraft_cli::settings::Settings;
use stagecraft_engine::lint::Profile;
use stagecraft_engine::semantic::Options;

use super::corpus;

/// What somebody who read findings of a rule says of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The rule.
    pub rule: &'static str,
    /// How often it found something when they were read.
    pub findings: usize,
    /// How many of these were read: all, or a hundred.
    pub read: usize,
    /// How many of them were right.
    pub right: usize,
}

/// The tallies: a line for each rule, with tabs between rule, findings, files, read, right, date.
/// The first hundred were taken in the order of the SHA-256 of `file:line`.
pub fn tallies() -> Vec<Tally> {
    let lines = include_str!("../../data/own-rules.tsv").lines().skip(1);
    lines
        .map(|line| {
            let cells: Vec<&'static str> = line.split('\t').collect();
            let number = |at: usize| cells[at].parse().expect("a number");
            Tally {
                rule: cells[0],
                findings: number(1),
                read: number(3),
                right: number(4),
            }
        })
        .collect()
}

/// How often each rule of our own choice finds something in the wild files.
pub fn counts() -> Option<BTreeMap<&'static str, usize>> {
    let (options, settings) = (Options::default(), Settings::default());
    let mut counts = BTreeMap::new();
    for row in corpus::rows("wild.jsonl.gz")? {
        let text = corpus::dockerfile(&row);
        let checked = lint::checked(&text, None, &options, Profile::Default, &settings);
        for finding in &checked.findings {
            *counts.entry(finding.rule).or_default() += 1;
        }
    }
    Some(counts)
}
