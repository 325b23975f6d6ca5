//! `stagecraft plan`: stages and steps.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::Analysis;
use stagecraft_engine::plan::{BuilderKind, Verdict};
use stagecraft_engine::report::{StageOut, StepOut, stages, steps};
use stagecraft_engine::syntax::Keyword;

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

/// For people: the steps as the builder's progress names them, and behind each what becomes of it
/// after another build.
pub fn text(analysis: &Analysis, verdicts: &[Verdict]) -> String {
    match analysis.builder {
        BuilderKind::Buildkit => buildkit(analysis, verdicts),
        BuilderKind::Legacy => legacy(analysis, verdicts),
    }
}

/// The instructions of all stages up to the target, as they are written.
fn legacy(analysis: &Analysis, verdicts: &[Verdict]) -> String {
    let steps = &analysis.plan.steps;
    let line = |at: usize| steps.get(at).map_or(0, |step| step.lines.0);
    let lines = legacy_lines(analysis);
    let total = lines.iter().filter(|line| !line.is_trigger).count();
    let mut out = String::new();
    let mut number = 0;
    for LegacyLine {
        text,
        step,
        is_trigger,
    } in lines
    {
        // Writing to a string does not fail.
        let _ = if is_trigger {
            writeln!(out, "# Executing a build trigger : {text}")
        } else {
            number += 1;
            writeln!(out, "Step {number}/{total} : {text}")
        };
        let _ = match step.and_then(|at| verdicts.get(at)) {
            Some(Verdict::Cached) => writeln!(out, " ---> Using cache"),
            Some(Verdict::Runs(cause)) => writeln!(out, " ---> RUNS: {}", cause.words(line)),
            _ => Ok(()),
        };
    }
    out
}

/// What the builder before BuildKit prints as a step.
struct LegacyLine<'a> {
    text: &'a str,
    /// Its step of the plan; `None` for ARG before the first FROM and for FROM.
    step: Option<usize>,
    /// The image brings it along; it is not counted.
    is_trigger: bool,
}

fn legacy_lines(analysis: &Analysis) -> Vec<LegacyLine<'_>> {
    let Analysis {
        file, model, plan, ..
    } = analysis;
    let line = |text| LegacyLine {
        text,
        step: None,
        is_trigger: false,
    };
    let before = model
        .stages()
        .first()
        .map_or(usize::MAX, |stage| stage.from);
    let global = file.instructions().iter().take(before);
    let global = global.filter(|instruction| instruction.keyword == Keyword::Arg);
    let mut lines: Vec<LegacyLine<'_>> = global
        .map(|instruction| line(file.str(instruction.text)))
        .collect();
    let mut steps = plan.steps.iter().enumerate().peekable();
    for stage in model.stages() {
        if model.target().is_some_and(|target| stage.id > target) {
            break;
        }
        let from = stage.from_instruction(file);
        lines.extend(from.map(|(instruction, _)| line(file.str(instruction.text))));
        while let Some((at, step)) = steps.next_if(|(_, step)| step.stage <= stage.id) {
            let command = step.command.and_then(|id| model.command(id));
            let Some((text, instruction)) = command.and_then(|it| model.instruction(file, it))
            else {
                continue;
            };
            lines.push(LegacyLine {
                text: text.str(instruction.text),
                step: Some(at),
                is_trigger: !std::ptr::eq(text, file),
            });
        }
    }
    lines
}

/// The steps of the stages that are built, as BuildKit's progress names them.
fn buildkit(analysis: &Analysis, verdicts: &[Verdict]) -> String {
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
        let _ = writeln!(
            out,
            "#{number} {} {}",
            step.label,
            analysis.instruction(step)
        );
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
