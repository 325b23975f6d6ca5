//! `stagecraft size`: how large steps, stages and the image get.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::Analysis;
use stagecraft_engine::report::{ImageOut, sizes};

/// What is printed for one file.
#[derive(Debug, Serialize)]
pub struct Output<'a> {
    /// The file's path as given; `-` for standard input.
    pub path: &'a str,
    /// The sizes.
    #[serde(flatten)]
    pub sizes: ImageOut<'a>,
}

/// The line of JSON for one file.
///
/// # Errors
/// Never in practice: there is nothing that JSON cannot hold.
pub fn json_line(path: &str, analysis: &Analysis) -> serde_json::Result<String> {
    serde_json::to_string(&Output {
        path,
        sizes: sizes(analysis),
    })
}

/// For people: each stage, its steps with why each size is believed, and the sum.
pub fn text(analysis: &Analysis) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    for image in &analysis.plan.images {
        let stage = analysis.model.stage(image.stage);
        let name = stage.map_or_else(
            String::new,
            stagecraft_engine::semantic::Stage::display_name,
        );
        let _ = writeln!(out, "{name}: {}", image.total.words());
        let steps = analysis
            .plan
            .steps
            .iter()
            .filter(|step| step.stage == image.stage);
        for step in steps.filter(|step| step.layer || step.command.is_none()) {
            let basis: Vec<String> = step
                .size
                .basis
                .iter()
                .map(stagecraft_engine::plan::Basis::words)
                .collect();
            let _ = writeln!(
                out,
                "  {:>3}  {}  {}  ({})",
                step.lines.0,
                step.size.words(),
                step.instruction,
                basis.join("; ")
            );
        }
    }
    if let Some(single) = &analysis.plan.single_stage {
        let _ = writeln!(out, "the same in one stage: {}", single.words());
    }
    for waste in &analysis.plan.waste {
        let _ = writeln!(out, "hidden: {} of {}", waste.size.words(), waste.what);
    }
    out
}
