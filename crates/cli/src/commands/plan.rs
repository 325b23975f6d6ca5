//! `stagecraft plan`: stages and steps.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::Analysis;
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
pub fn json_line(path: &str, analysis: &Analysis) -> serde_json::Result<String> {
    serde_json::to_string(&Output {
        path,
        target: analysis.model.target().map(|stage| stage.0),
        stages: stages(&analysis.file, &analysis.model),
        steps: steps(analysis),
    })
}

/// For people: the steps of the stages that are built, as the builder's progress names them.
pub fn text(analysis: &Analysis) -> String {
    let mut out = String::new();
    for step in &analysis.plan.steps {
        if step.built && !step.label.is_empty() {
            // Writing to a string does not fail.
            let _ = writeln!(out, "{} {}", step.label, step.instruction);
        }
    }
    out
}
