//! An analysis as plain data to print: what the command and the JavaScript API hand out.

mod findings;
mod sizes;
mod stages;

pub use findings::{EditOut, FindingOut, FixOut, PlaceOut, RangeOut, finding, findings, fix};
pub use sizes::{
    HistoryOut, ImageOut, SizeOut, StageSizeOut, StepSizeOut, WasteOut, history, sizes,
};
pub use stages::{DependencyOut, StageOut, StepOut, stages, steps};

use serde::Serialize;

use crate::Analysis;

/// All of an analysis.
#[derive(Debug, Clone, Serialize)]
pub struct AnalysisOut<'a> {
    /// What is wrong.
    pub findings: Vec<FindingOut<'a>>,
    /// The stage that is built; null where there is none.
    pub target: Option<u32>,
    /// The stages.
    pub stages: Vec<StageOut<'a>>,
    /// The steps.
    pub steps: Vec<StepOut<'a>>,
    /// How large it gets.
    pub sizes: ImageOut<'a>,
}

/// Everything that is handed out of an analysis.
pub fn report(analysis: &Analysis) -> AnalysisOut<'_> {
    AnalysisOut {
        findings: findings(&analysis.lines, &analysis.findings),
        target: analysis.model.target().map(|stage| stage.0),
        stages: stages(&analysis.file, &analysis.model),
        steps: steps(analysis, &[]),
        sizes: sizes(analysis),
    }
}
