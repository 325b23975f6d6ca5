//! The tool of .NET.

use stagecraft_sizes::{Estimate, rule};

use super::Run;
use super::words::{has_unknown, value_of};

/// What it puts into the folder that is named: a program of a line for a runtime that is there has its
/// library and a starter; one that brings the runtime along has some hundred megabytes. A rule of thumb.
const PUBLISHED: (u64, u64) = (50_000, 400_000_000);

/// What it leaves besides: packages, and what it has compiled.
const REST: u64 = 800_000_000;

impl Run<'_, '_> {
    /// Takes one of its commands in.
    pub(super) fn dotnet(&mut self, words: &[&str]) {
        let rest = rule!("a .NET build and its packages");
        let folder = match words {
            ["publish" | "build", options @ ..] => value_of(options, &["-o", "--output"]),
            _ => None,
        };
        let Some(folder) = folder.filter(|folder| !has_unknown(folder)) else {
            self.add(&Estimate::range(100_000, REST, rest));
            return;
        };
        let (low, high) = PUBLISHED;
        let size = Estimate::range(low, high, rule!("a .NET program"));
        self.written.fill(self.words.path(folder), size);
        self.add(&Estimate::range(0, REST, rest));
    }
}
