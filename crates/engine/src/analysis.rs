//! From a workspace to everything that can be said of it.

use std::sync::Arc;

use stagecraft_diagnostics::{Diagnostic, Severity};
use stagecraft_lint::{Config, Profile, Subject, lint};
use stagecraft_plan::{Context, Plan, Surroundings, Told, plan};
use stagecraft_semantic::{Model, NoImages, Options, analyze as model};
use stagecraft_syntax::{Parse, parse};
use stagecraft_text::LineIndex;

use crate::graph::StageGraph;

/// What a person has written and chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Workspace {
    /// The Dockerfile.
    pub dockerfile: Arc<str>,
    /// The `.dockerignore`, if there is one.
    pub dockerignore: Option<Arc<str>>,
    /// The files that are sent to the builder; `None` where nothing is known of them.
    pub context: Option<Context>,
    /// Sizes that the lesson or the person states.
    pub told: Vec<Told>,
    /// What the build is asked for.
    pub options: Options,
}

/// Everything that can be said of a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The Dockerfile, read.
    pub file: Parse,
    /// Its lines, for whoever counts otherwise than in bytes.
    pub lines: LineIndex,
    /// What it means.
    pub model: Model,
    /// What is wrong with it, in order of place.
    pub findings: Vec<Diagnostic>,
    /// The stage graph.
    pub graph: StageGraph,
    /// What a build does, and how large it gets.
    pub plan: Plan,
}

/// Says everything that can be said of a workspace.
pub fn analyze(workspace: &Workspace) -> Analysis {
    let file = parse(&workspace.dockerfile);
    let model = model(&file, &workspace.options, &NoImages);
    let findings = findings(&file, &model, workspace.dockerignore.as_deref());
    let graph = StageGraph::draw(&file, &model);
    let around = Surroundings {
        context: workspace.context.clone(),
        dockerignore: workspace.dockerignore.clone(),
        told: workspace.told.clone(),
    };
    Analysis {
        plan: plan(&file, &model, &around),
        lines: LineIndex::new(file.source()),
        findings,
        graph,
        file,
        model,
    }
}

fn findings(file: &Parse, model: &Model, dockerignore: Option<&str>) -> Vec<Diagnostic> {
    let syntax = file.errors().iter().map(|error| {
        let mut finding =
            Diagnostic::new("syntax", Severity::Error, error.range, error.kind.message());
        finding.help = error
            .kind
            .expected()
            .map(|expected| format!("expected {expected}").into());
        finding
    });
    let name = |id| {
        model
            .stage(id)
            .map_or_else(String::new, stagecraft_semantic::Stage::display_name)
    };
    let problems = model.problems().iter().map(|problem| {
        let message = problem.kind.message(name);
        Diagnostic::new("resolution", Severity::Error, problem.range, message)
    });
    let subject = Subject {
        file,
        model,
        dockerignore,
        config: &Config::default(),
    };
    let mut all: Vec<Diagnostic> = syntax.chain(problems).collect();
    all.extend(lint(subject, Profile::Default));
    all.sort_by_key(|finding| finding.range.start());
    all
}
