//! Stages in the shape that the corpora call `graph`.

use std::borrow::Cow;

use serde::Serialize;
use stagecraft_semantic::{Dependency, Model, Source, Stage};
use stagecraft_syntax::Parse;

use stagecraft_plan::Verdict;

use crate::Analysis;

/// A stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageOut<'a> {
    /// Its number from 0.
    pub index: u32,
    /// Its name in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The base as written.
    pub base: &'a str,
    /// The base once variables are expanded.
    pub base_resolved: &'a str,
    /// `--platform` as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<&'a str>,
    /// What the comment above says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<&'a str>,
    /// First line of FROM.
    pub start: u32,
    /// Last line of FROM.
    pub end: u32,
    /// Its instructions, as written.
    pub commands: Vec<&'a str>,
    /// What it needs.
    pub deps: Vec<DependencyOut<'a>>,
    /// Whether the target needs it.
    pub reachable: bool,
}

/// A need of a stage.
#[derive(Debug, Clone, Serialize)]
pub struct DependencyOut<'a> {
    /// `from`, `copy` or `mount`
    pub kind: &'static str,
    /// The name.
    #[serde(rename = "ref")]
    pub reference: &'a str,
    /// The stage; null for an image or a folder.
    pub stage: Option<u32>,
    /// First line of the instruction.
    pub line: u32,
}

/// The stages in the shape that the corpora call `graph`.
pub fn stages<'a>(file: &'a Parse, model: &'a Model) -> Vec<StageOut<'a>> {
    model
        .stages()
        .iter()
        .map(|stage| stage_out(file, model, stage))
        .collect()
}

fn stage_out<'a>(file: &'a Parse, model: &'a Model, stage: &'a Stage) -> StageOut<'a> {
    let from = stage.from_instruction(file);
    let lines = from.map(|(instruction, _)| instruction.lines);
    let word = |word: Option<_>| word.map(|word| file.word(word));
    StageOut {
        index: stage.id.0,
        name: stage.name.as_deref(),
        base: word(from.and_then(|(_, from)| from.image)).unwrap_or_default(),
        base_resolved: &stage.base_text,
        platform: word(from.and_then(|(_, from)| from.platform)),
        doc: word(stage.description),
        start: lines.map_or(0, |lines| lines.first),
        end: lines.map_or(0, |lines| lines.last),
        commands: model
            .own_instructions(file, stage)
            .map(|(_, instruction)| file.word(instruction.name))
            .collect(),
        deps: stage.dependencies.iter().map(dependency_out).collect(),
        reachable: stage.reachable,
    }
}

fn dependency_out(dependency: &Dependency) -> DependencyOut<'_> {
    DependencyOut {
        kind: dependency.kind.name(),
        reference: &dependency.name,
        stage: match dependency.source {
            Source::Stage(stage) => Some(stage.0),
            _ => None,
        },
        line: dependency.line,
    }
}

/// A step.
#[derive(Debug, Clone, Serialize)]
pub struct StepOut<'a> {
    /// Its stage.
    pub stage: u32,
    /// As the builder's progress shows it; empty where it shows nothing.
    pub label: String,
    /// As one line.
    pub instruction: Cow<'a, str>,
    /// First and last line.
    pub lines: (u32, u32),
    /// Whether it makes a layer.
    pub layer: bool,
    /// Whether it is built: the target needs it, or the builder goes through it anyway.
    pub built: bool,
    /// Indices of the steps that it starts from.
    pub needs: Vec<usize>,
    /// Index of the earlier step that is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<usize>,
    /// What becomes of it after another build: `cached`, `perhaps` or `runs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<&'static str>,
    /// Why it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// The steps of that analysis; with `verdicts`, what becomes of each.
pub fn steps<'a>(analysis: &'a Analysis, verdicts: &[Verdict]) -> Vec<StepOut<'a>> {
    let steps = &analysis.plan.steps;
    let line = |at: usize| steps.get(at).map_or(0, |step| step.lines.0);
    steps
        .iter()
        .enumerate()
        .map(|(at, step)| StepOut {
            same_as: step.same_as,
            verdict: verdicts.get(at).and_then(Verdict::name),
            because: match verdicts.get(at) {
                Some(Verdict::Runs(cause)) => Some(cause.words(line)),
                _ => None,
            },
            stage: step.stage.0,
            label: step.label.to_string(),
            instruction: analysis.instruction(step),
            lines: step.lines,
            layer: step.layer,
            built: analysis.is_built(at),
            needs: step.needs().collect(),
        })
        .collect()
}
