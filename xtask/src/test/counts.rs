//! How many tests a runner says it has run.

use crate::progress::Finished;
use std::fmt;

/// What came of a stage.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that passed.
    pub(crate) passed: usize,
    /// Tests that failed, and things that kept tests from running.
    pub(crate) failed: usize,
    /// Tests that were left out.
    pub(crate) skipped: usize,
    /// What a person should know besides.
    pub(crate) remark: Option<String>,
}

impl Counts {
    /// A check that is one test.
    pub(crate) fn one(passed: bool) -> Self {
        Self {
            passed: usize::from(passed),
            failed: usize::from(!passed),
            ..Self::default()
        }
    }

    /// Counts those of another run too.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.remark = self.remark.take().or(other.remark);
    }

    /// A stage that could not do its work.
    pub(crate) fn broken(why: &str) -> Self {
        Self {
            failed: 1,
            remark: Some(why.to_owned()),
            ..Self::default()
        }
    }

    /// A stage that was left out.
    pub(crate) fn skipped(why: &str) -> Self {
        Self {
            skipped: 1,
            remark: Some(why.to_owned()),
            ..Self::default()
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        self.remark
            .as_ref()
            .map_or(Ok(()), |remark| write!(f, "; {remark}"))
    }
}

/// Whose words they are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Runner {
    /// cargo-nextest.
    Nextest,
    /// `cargo test`, in a browser too.
    Cargo,
    /// `cargo test` where there may be no test.
    CargoMaybeNone,
    /// `node --test --test-reporter=tap`.
    Node,
}

impl Runner {
    /// Reads the counts. A command that fails without a failed test counts as one failure, and so
    /// does one that ran no test: a stage must not pass by doing nothing.
    pub(crate) fn read(self, finished: &Finished) -> Counts {
        let mut counts = Counts::default();
        for line in finished.text.lines() {
            let line = line.trim();
            match self {
                Self::Nextest => {
                    if let Some((_, rest)) = line
                        .strip_prefix("Summary [")
                        .and_then(|rest| rest.split_once(']'))
                    {
                        let run = before(rest, "test");
                        counts.passed += before(rest, "passed");
                        counts.failed += run.saturating_sub(before(rest, "passed"));
                        counts.skipped += before(rest, "skipped");
                    }
                }
                Self::Cargo | Self::CargoMaybeNone => {
                    if let Some(rest) = line.strip_prefix("test result: ") {
                        counts.passed += before(rest, "passed");
                        counts.failed += before(rest, "failed");
                        counts.skipped += before(rest, "ignored");
                    }
                }
                Self::Node => {
                    let value = |name| {
                        line.strip_prefix(name)
                            .and_then(|count| count.trim().parse().ok())
                            .unwrap_or(0)
                    };
                    counts.passed += value("# pass ");
                    counts.failed += value("# fail ") + value("# cancelled ");
                    counts.skipped += value("# skipped ") + value("# todo ");
                }
            }
        }
        if !finished.ok && counts.failed == 0 {
            counts.failed = 1;
            counts.remark = Some("the command failed without a failed test".to_owned());
        }
        if counts.passed + counts.failed == 0 && !matches!(self, Self::CargoMaybeNone) {
            counts.failed = 1;
            counts.remark = Some("no test has run".to_owned());
        }
        counts
    }
}

/// The number in front of a word that starts with `word`: 7 for "passed" in `8 tests run: 7 passed, 1 failed`.
fn before(text: &str, word: &str) -> usize {
    let words: Vec<_> = text
        .split([' ', ',', ';', ':', '.'])
        .filter(|part| !part.is_empty())
        .collect();
    let found = words.windows(2).find_map(|pair| match pair {
        [number, name] if name.starts_with(word) => number.parse().ok(),
        _ => None,
    });
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(runner: Runner, ok: bool, text: &str) -> (usize, usize, usize) {
        let counts = runner.read(&Finished {
            ok,
            text: text.to_owned(),
        });
        (counts.passed, counts.failed, counts.skipped)
    }

    #[test]
    fn the_words_of_every_runner_are_understood() {
        let nextest = "     Summary [   0.024s] 24 tests run: 20 passed (1 slow), 3 failed, 1 timed out, 2 skipped";
        assert_eq!(read(Runner::Nextest, false, nextest), (20, 4, 2));
        assert_eq!(
            read(
                Runner::Nextest,
                true,
                "Summary [ 1.0s] 1 test run: 1 passed, 0 skipped"
            ),
            (1, 0, 0)
        );
        let cargo = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                     test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(read(Runner::Cargo, false, cargo), (7, 3, 1));
        let node =
            "TAP version 13\n# tests 4\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0";
        assert_eq!(read(Runner::Node, false, node), (2, 1, 1));
    }

    #[test]
    fn a_stage_that_ran_nothing_or_broke_has_failed() {
        assert_eq!(read(Runner::Nextest, true, ""), (0, 1, 0));
        assert_eq!(read(Runner::Node, true, "# pass 0\n# fail 0"), (0, 1, 0));
        assert_eq!(read(Runner::CargoMaybeNone, true, ""), (0, 0, 0));
        assert_eq!(read(Runner::CargoMaybeNone, false, ""), (0, 1, 0));
        let cargo = "test result: ok. 5 passed; 0 failed; 0 ignored\nerror: could not compile";
        assert_eq!(read(Runner::Cargo, false, cargo), (5, 1, 0));
    }
}
