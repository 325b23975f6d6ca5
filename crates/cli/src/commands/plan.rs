//! `stagecraft plan`: stages and steps.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::Analysis;
use stagecraft_engine::plan::Verdict;
use stagecraft_engine::report::{StageOut, StepOut, stages, steps};

/// What is printed for one file.
#[derive(Debug, Serialize)]
pub struct Output<'a> {
    /// The file's path as given; `-` for standard input.
    pub path: &'a str,
    /// The stage that is built.
    pub target: Option<u32>,
    /// The stages.
    pub stages: Vec<StageOut<'a>>,
    /// The steps.
    pub steps: Vec<StepOut<'a>>,
}

/// The line of JSON for one file.
///
/// # Errors
/// Never in practice: there is nothing that JSON cannot hold.
pub fn json_line(
    path: &str,
    analysis: &Analysis,
    verdicts: &[Verdict],
) -> serde_json::Result<String> {
    serde_json::to_string(&Output {
        path,
        target: analysis.model.target().map(|stage| stage.0),
        stages: stages(&analysis.file, &analysis.model),
        steps: steps(analysis, verdicts),
    })
}

/// For people: the steps of the stages that are built, as the builder's progress names them, and
/// behind each what becomes of it after another build.
pub fn text(analysis: &Analysis, verdicts: &[Verdict]) -> String {
    let steps = &analysis.plan.steps;
    let line = |at: usize| steps.get(at).map_or(0, |step| step.lines.0);
    let mut out = String::new();
    let mut number = 0;
    for (at, step) in steps.iter().enumerate() {
        if !step.built || step.label.is_empty() || step.same_as.is_some() {
            continue;
        }
        number += 1;
        // Writing to a string does not fail.
        let _ = writeln!(out, "#{number} {} {}", step.label, step.instruction);
        let Some(verdict) = verdicts.get(at).filter(|_| step.command.is_some()) else {
            continue;
        };
        let _ = match verdict {
            Verdict::Cached => writeln!(out, "#{number} CACHED"),
            Verdict::Perhaps => writeln!(
                out,
                "#{number} CACHED if the files that it takes from another stage come out as before"
            ),
            Verdict::Runs(cause) => writeln!(out, "#{number} RUNS: {}", cause.words(line)),
            Verdict::Nothing => Ok(()),
        };
    }
    out
}
