//! From a workspace to everything that can be said of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use stagecraft_diagnostics::{Diagnostic, Severity};
use stagecraft_image::{Platform, Reference};
use stagecraft_lint::{Bases, Config, Profile, Slim, Subject, lint};
use stagecraft_plan::{
    Asked, Cache, Context, NoCache, Plan, Surroundings, Tables, Told, Verdict, plan_again,
};
use stagecraft_semantic::{Model, NoImages, Options, ProblemKind, analyze as model};
use stagecraft_sizes::words;
use stagecraft_syntax::{Parse, parse};
use stagecraft_text::{LineIndex, sort_by_start};

use crate::graph::{LastPicture, StageGraph};

/// What a person has written and chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Workspace {
    /// The Dockerfile.
    pub dockerfile: Arc<str>,
    /// The `.dockerignore`, if there is one.
    pub dockerignore: Option<Arc<str>>,
    /// The files that are sent to the builder; `None` where nothing is known of them.
    pub context: Option<Arc<Context>>,
    /// The tables of packages.
    pub tables: Tables,
    /// Sizes that the lesson or the person states.
    pub told: Vec<Told>,
    /// Bytes of base images that the person states, by the name that FROM has for them.
    pub bases: BTreeMap<String, u64>,
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

impl Analysis {
    /// What becomes of each step with that cache.
    pub fn verdicts(
        &self,
        cache: &Cache,
        context: Option<&Context>,
        no_cache: &NoCache,
    ) -> Vec<Verdict> {
        self.plan.verdicts(cache, &self.asked(context, no_cache))
    }

    /// Has the cache remember the build.
    pub fn remember(&self, cache: &mut Cache, context: Option<&Context>) {
        cache.remember(&self.plan, &self.asked(context, &NoCache::Nothing));
    }

    fn asked<'a>(&'a self, context: Option<&'a Context>, no_cache: &'a NoCache) -> Asked<'a> {
        Asked {
            file: &self.file,
            model: &self.model,
            context,
            no_cache,
        }
    }
}

/// What can be said of a text without a plan of its build.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The Dockerfile, read.
    pub file: Parse,
    /// Its lines, for whoever counts otherwise than in bytes.
    pub lines: LineIndex,
    /// What it means.
    pub model: Model,
    /// What is wrong with it, in order of place.
    pub findings: Vec<Diagnostic>,
}

/// Says what is wrong with a Dockerfile: for our own rules with the errors of the text and of its
/// stages, for the profile of another tool only what that tool says.
pub fn check(
    source: &str,
    dockerignore: Option<&str>,
    options: &Options,
    profile: Profile,
    config: &Config,
) -> Checked {
    let file = parse(source);
    let model = model(&file, options, &NoImages);
    let subject = Subject {
        file: &file,
        model: &model,
        dockerignore,
        config,
        bases: &Known(&options.platform),
    };
    let findings = match profile {
        Profile::Default | Profile::All => with_errors(subject, profile),
        Profile::Buildkit | Profile::Hadolint => lint(subject, profile),
    };
    Checked {
        lines: LineIndex::new(file.source()),
        findings,
        file,
        model,
    }
}

/// What the tables say of base images for a platform.
#[derive(Debug)]
struct Known<'a>(&'a Platform);

impl Bases for Known<'_> {
    fn slim(&self, image: &Reference<'_>) -> Option<Slim> {
        let slim = stagecraft_sizes::slim(image, self.0)?;
        Some(Slim {
            words: (words(slim.size), words(slim.from)),
            tag: slim.tag,
            size: slim.size,
            from: slim.from,
        })
    }
}

/// What an analysis leaves for the next one of nearly the same workspace. It changes no answer,
/// only how long one takes.
#[derive(Debug, Default)]
pub struct Memory {
    plan: stagecraft_plan::Memory,
    picture: LastPicture,
}

/// Says everything that can be said of a workspace.
pub fn analyze(workspace: &Workspace) -> Analysis {
    analyze_again(workspace, &mut Memory::default())
}

/// The same, faster where `memory` is that of earlier analyses with the same context.
pub fn analyze_again(workspace: &Workspace, memory: &mut Memory) -> Analysis {
    let Checked {
        file,
        lines,
        model,
        findings,
    } = check(
        &workspace.dockerfile,
        workspace.dockerignore.as_deref(),
        &workspace.options,
        Profile::Default,
        &Config::default(),
    );
    let graph = StageGraph::draw_again(&file, &model, &mut memory.picture);
    let around = Surroundings {
        context: workspace.context.clone(),
        dockerignore: workspace.dockerignore.clone(),
        platform: Some(workspace.options.platform.clone()),
        tables: workspace.tables.clone(),
        told: workspace.told.clone(),
        bases: workspace.bases.clone(),
    };
    Analysis {
        plan: plan_again(&file, &model, &around, &mut memory.plan),
        lines,
        findings,
        graph,
        file,
        model,
    }
}

/// What the rules find, and the errors of the text and of its stages.
fn with_errors(subject: Subject<'_>, profile: Profile) -> Vec<Diagnostic> {
    let Subject {
        file,
        model,
        config,
        ..
    } = subject;
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
    let problems = model.problems().iter();
    // What the rule about names of bases says, with its codes and its reason.
    let by_rule = |kind: &ProblemKind| {
        let base = matches!(kind, ProblemKind::BlankBase | ProblemKind::BaseName(_));
        base && !config.build_args_given
    };
    let problems = problems.filter(|problem| !by_rule(&problem.kind));
    let problems = problems.map(|problem| {
        let message = problem.kind.message(name);
        Diagnostic::new("resolution", Severity::Error, problem.range, message)
    });
    let mut all: Vec<Diagnostic> = syntax.chain(problems).collect();
    all.extend(lint(subject, profile));
    sort_by_start(&mut all, |finding| finding.range.start());
    all
}

#[cfg(test)]
mod tests {
    use stagecraft_plan::ContextFile;

    use super::*;

    #[test]
    fn what_is_kept_changes_no_answer() {
        let file = |path: &str| ContextFile {
            path: path.to_owned(),
            size: 7,
            count: 1,
            content: 1,
            mode: 0,
        };
        let context = |paths: &[&str]| Context {
            files: paths.iter().map(|path| file(path)).collect(),
            ..Context::default()
        };
        let (two, three) = (context(&["a", "b/c"]), context(&["a", "b/c", "b/d"]));
        let (two, three) = (Some(Arc::new(two)), Some(Arc::new(three)));
        let copies = "FROM a AS x\nCOPY b /b\nFROM c\nCOPY --from=x /b /\n";
        let mut memory = Memory::default();
        for (text, ignore, context) in [
            (copies, None, &two),
            (copies, Some("b/c"), &two),
            (copies, Some("b/c"), &three),
            ("FROM a\nCOPY b a* /b/\n", None, &three),
            (copies, None, &three),
            (copies, None, &None),
            (
                "FROM a\nRUN --mount=type=bind,source=b,target=/b x\n",
                None,
                &two,
            ),
        ] {
            let workspace = Workspace {
                dockerfile: text.into(),
                dockerignore: ignore.map(Into::into),
                context: context.clone(),
                ..Workspace::default()
            };
            for _ in 0..2 {
                let again = analyze_again(&workspace, &mut memory);
                assert_eq!(again, analyze(&workspace), "{text} {ignore:?}");
            }
        }
    }
}
