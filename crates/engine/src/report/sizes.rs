//! How large steps, stages and the image are.

use std::borrow::Cow;

use serde::Serialize;
use stagecraft_plan::{Span, Step};

use crate::Analysis;

/// A range of bytes; null where nothing is known.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SizeOut {
    /// The least.
    pub low: u64,
    /// The best guess.
    pub likely: Option<u64>,
    /// The most.
    pub high: Option<u64>,
}

impl From<Span> for SizeOut {
    fn from(Span { low, likely, high }: Span) -> Self {
        Self { low, likely, high }
    }
}

/// What a stage's image holds.
#[derive(Debug, Clone, Serialize)]
pub struct StageSizeOut<'a> {
    /// Its number from 0.
    pub index: u32,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Bytes of its files.
    #[serde(flatten)]
    pub size: SizeOut,
    /// Bytes as a registry transfers them.
    pub compressed: SizeOut,
}

/// What a step adds.
#[derive(Debug, Clone, Serialize)]
pub struct StepSizeOut<'a> {
    /// Its stage.
    pub stage: u32,
    /// First and last line.
    pub lines: (u32, u32),
    /// As one line.
    pub instruction: Cow<'a, str>,
    /// Bytes of its files.
    #[serde(flatten)]
    pub size: SizeOut,
    /// Bytes as a registry transfers them.
    pub compressed: SizeOut,
    /// Why that is believed.
    pub basis: Vec<String>,
}

/// Bytes that nobody sees.
#[derive(Debug, Clone, Serialize)]
pub struct WasteOut<'a> {
    /// What they are.
    pub what: &'a str,
    /// First line of the step that wrote them.
    pub wrote: u32,
    /// First line of the step that hid them.
    pub hid: u32,
    /// How many.
    #[serde(flatten)]
    pub size: SizeOut,
}

/// The sizes of a build.
#[derive(Debug, Clone, Serialize)]
pub struct ImageOut<'a> {
    /// Stage by stage.
    pub stages: Vec<StageSizeOut<'a>>,
    /// Step by step; those that make a layer, and every FROM.
    pub steps: Vec<StepSizeOut<'a>>,
    /// The image that is built.
    pub image: Option<SizeOut>,
    /// The images of all stages together, where each layer that several have counts once.
    pub together: SizeOut,
    /// The same, were it built in one stage.
    pub single_stage: Option<SizeOut>,
    /// Bytes that nobody sees.
    pub waste: Vec<WasteOut<'a>>,
}

/// A row of `docker history`.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryOut {
    /// The instruction as the image has it.
    pub created_by: String,
    /// First and last line of what is behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<(u32, u32)>,
    /// Bytes of its layer.
    #[serde(flatten)]
    pub size: SizeOut,
    /// Who wrote it down.
    pub comment: &'static str,
}

/// The rows of `docker history`, the newest first.
pub fn history(analysis: &Analysis) -> Vec<HistoryOut> {
    let rows = analysis.history().into_iter();
    rows.map(|row| HistoryOut {
        lines: row
            .step
            .and_then(|at| analysis.plan.steps.get(at))
            .map(|step| step.lines),
        size: row.size.span().into(),
        created_by: row.created_by,
        comment: row.comment,
    })
    .collect()
}

/// The sizes of that analysis.
pub fn sizes(analysis: &Analysis) -> ImageOut<'_> {
    let plan = &analysis.plan;
    let step = |at: usize| plan.steps.get(at).map_or(0, |step| step.lines.0);
    ImageOut {
        stages: plan
            .images
            .iter()
            .map(|image| StageSizeOut {
                index: image.stage.0,
                name: analysis
                    .model
                    .stage(image.stage)
                    .and_then(|stage| stage.name.as_deref()),
                size: image.total.into(),
                compressed: image.compressed.into(),
            })
            .collect(),
        steps: plan
            .steps
            .iter()
            .filter(|step| step.layer || step.command.is_none())
            .map(|step| step_size(analysis, step))
            .collect(),
        image: plan
            .images
            .iter()
            .find(|image| Some(image.stage) == analysis.model.target())
            .map(|image| image.total.into()),
        together: plan.together().together.into(),
        single_stage: plan.single_stage.map(Into::into),
        waste: plan
            .waste
            .iter()
            .map(|waste| WasteOut {
                what: &waste.what,
                wrote: step(waste.wrote),
                hid: step(waste.hid),
                size: waste.size.span().into(),
            })
            .collect(),
    }
}

fn step_size<'a>(analysis: &'a Analysis, step: &Step) -> StepSizeOut<'a> {
    StepSizeOut {
        stage: step.stage.0,
        lines: step.lines,
        instruction: analysis.instruction(step),
        size: step.size.span().into(),
        compressed: step.compressed.into(),
        basis: step
            .size
            .basis
            .iter()
            .map(stagecraft_plan::Basis::words)
            .collect(),
    }
}
