//! Our answers against those of the real tools, corpus by corpus.
//!
//! The corpora do not belong to the repository. Where they stand beside it (or where
//! `STAGECRAFT_SHARED` points) every case counts; elsewhere the comparisons say that they were
//! skipped.

pub mod builds;
pub mod corpus;
pub mod fixes;
pub mod graph;
pub mod lint;
pub mod own;
pub mod parse;
pub mod words;

use std::fmt;

/// How a comparison went.
#[derive(Debug, Default)]
pub struct Report {
    /// What was compared.
    pub name: String,
    /// Cases looked at.
    pub cases: usize,
    /// The cases that differ, with what differs.
    pub differences: Vec<Difference>,
}

/// A case on which we differ.
#[derive(Debug)]
pub struct Difference {
    /// The case.
    pub id: String,
    /// What we say and what the tool says.
    pub what: String,
}

impl Report {
    /// An empty report.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Counts a case; `what` says how it differs.
    pub fn case(&mut self, id: &str, what: Option<String>) {
        self.cases += 1;
        if let Some(what) = what {
            self.differences.push(Difference {
                id: id.to_owned(),
                what,
            });
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<44} {:>6} cases {:>6} differences",
            self.name,
            self.cases,
            self.differences.len()
        )
    }
}
