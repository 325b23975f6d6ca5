//! From a workspace to everything that can be said of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stagecraft_diagnostics::{Diagnostic, Severity};
use stagecraft_image::{Platform, Reference};
use stagecraft_lint::{Bases, Config, Profile, Slim, Subject, lint};
use stagecraft_plan::{
    Asked, BuilderKind, Cache, Context, NoCache, Plan, Step, Surroundings, Tables, Told, Verdict,
    plan_again,
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
    /// Who builds.
    pub builder: BuilderKind,
    /// The files of folders given by `--build-context`, by the name that
    /// [`NamedContext::Folder`](stagecraft_semantic::NamedContext::Folder) has.
    pub folders: BTreeMap<String, Arc<Context>>,
    /// The secrets that are given, by id; `None` where that is not known.
    pub secrets: Option<BTreeSet<String>>,
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
    /// Who builds.
    pub builder: BuilderKind,
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

    /// The instruction of a step as one line, as the builder's progress shows it.
    pub fn instruction(&self, step: &Step) -> Cow<'_, str> {
        step.instruction(&self.file, &self.model)
    }

    /// Whether the builder goes through a step of the plan.
    pub fn is_built(&self, at: usize) -> bool {
        match self.builder {
            BuilderKind::Buildkit => self.plan.steps.get(at).is_some_and(|step| step.built),
            BuilderKind::Legacy => {
                let asked = self.asked(None, &NoCache::Nothing);
                self.plan.is_legacy_step(at, &asked)
            }
        }
    }

    /// What makes the build fail though the Dockerfile is well: secrets that are not given, and what
    /// the builder does not know.
    fn failures(&self) -> Vec<Diagnostic> {
        let failure =
            |range, message: String| Diagnostic::new("build", Severity::Error, range, message);
        if self.builder == BuilderKind::Legacy {
            let asked = self.asked(None, &NoCache::Nothing);
            let message = |what| format!("{what} is unknown to the builder before BuildKit");
            let unknown = self.plan.unknown_to_legacy(&asked).into_iter();
            return unknown
                .map(|(range, what)| failure(range, message(what)))
                .collect();
        }
        let message = |id| format!("there is no secret `{id}`");
        let missing = self.plan.missing_secrets.iter();
        missing
            .map(|missing| failure(missing.range, message(&missing.id)))
            .collect()
    }

    fn asked<'a>(&'a self, context: Option<&'a Context>, no_cache: &'a NoCache) -> Asked<'a> {
        Asked {
            file: &self.file,
            model: &self.model,
            context,
            no_cache,
            builder: self.builder,
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
        lines: file.lines(),
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
    let mut memory = Memory {
        plan: stagecraft_plan::Memory::once(),
        picture: LastPicture::default(),
    };
    analyze_again(workspace, &mut memory)
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
        builder: workspace.builder,
        bases: workspace.bases.clone(),
        folders: workspace.folders.clone(),
        secrets: workspace.secrets.clone(),
    };
    let mut analysis = Analysis {
        plan: plan_again(&file, &model, &around, &mut memory.plan),
        lines,
        findings,
        graph,
        file,
        model,
        builder: workspace.builder,
    };
    let failures = analysis.failures();
    if !failures.is_empty() {
        analysis.findings.extend(failures);
        sort_by_start(&mut analysis.findings, |finding| finding.range.start());
    }
    analysis
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
    let errors: Vec<Diagnostic> = syntax.chain(problems).collect();
    let mut all = lint(subject, profile);
    if errors.is_empty() {
        return all;
    }
    // An error goes before what the rules say of the same place.
    all.splice(..0, errors);
    sort_by_start(&mut all, |finding| finding.range.start());
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stagecraft_plan::{Cause, ContextFile};

    use super::*;

    fn context(paths: &[&str]) -> Context {
        let file = |path: &&str| ContextFile {
            path: (*path).to_owned(),
            size: 7,
            count: 1,
            content: 1,
            mode: 0,
        };
        Context {
            files: paths.iter().map(file).collect(),
            ..Context::default()
        }
    }

    fn errors(workspace: &Workspace) -> Vec<String> {
        let findings = analyze(workspace).findings.into_iter();
        let errors = findings.filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.message.into_owned()).collect()
    }

    #[test]
    fn a_secret_that_is_needed_and_not_given_fails_the_build() {
        let source = "FROM a AS x\nRUN --mount=type=secret,id=t,required=true b\nFROM a AS y\n\
                      RUN --mount=type=secret,target=/run/u c\nRUN --mount=type=secret,target=/run/v,required d\n";
        let mut workspace = Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        };
        assert!(errors(&workspace).is_empty(), "nobody knows");
        workspace.secrets = Some(BTreeSet::new());
        assert_eq!(errors(&workspace), ["there is no secret `v`"]);
        workspace.options.target = Some("x".to_owned());
        assert_eq!(errors(&workspace), ["there is no secret `t`"]);
        workspace.secrets = Some(BTreeSet::from(["t".to_owned()]));
        assert!(errors(&workspace).is_empty());
    }

    #[test]
    fn what_a_named_context_has_is_copied_with_its_size_and_looked_at() {
        let source = "FROM a\nCOPY --from=data /x /x\nRUN --mount=from=data,target=/d b\n";
        let named = |files: &[&str]| {
            let mut workspace = Workspace {
                dockerfile: source.into(),
                ..Workspace::default()
            };
            let folder = stagecraft_semantic::NamedContext::Folder("./d".to_owned());
            let contexts = &mut workspace.options.contexts;
            contexts.insert("data".to_owned(), folder);
            let folders = &mut workspace.folders;
            folders.insert("./d".to_owned(), Arc::new(context(files)));
            analyze(&workspace)
        };
        let first = named(&["x/a", "x/b", "y"]);
        let size = |at: usize| first.plan.steps.get(at).unwrap().size.likely;
        assert_eq!(size(1), Some(14));
        let mut cache = Cache::default();
        first.remember(&mut cache, None);
        let verdicts = |files: &[&str]| {
            let again = named(files);
            again.verdicts(&cache, None, &NoCache::Nothing)
        };
        assert!(
            verdicts(&["x/a", "x/b", "y"])
                .iter()
                .all(|it| *it == Verdict::Cached)
        );
        let cause = Verdict::Runs(Cause::NamedContext("data".to_owned()));
        assert_eq!(verdicts(&["x/a", "y"])[1], cause);
        let elsewhere = verdicts(&["x/a", "x/b"]);
        assert_eq!(elsewhere[1], Verdict::Cached);
        assert_eq!(elsewhere[2], cause);
    }

    #[test]
    fn the_old_builder_goes_through_all_and_knows_its_images_by_all_instructions() {
        let workspace = |label: &str, user: &str| Workspace {
            dockerfile: format!(
                "FROM a AS x\nLABEL a={label}\nRUN b\nFROM a AS y\nRUN c\nFROM a\nUSER {user}\n\
                 COPY --from=x /b /\nARG V=1\nRUN d\n"
            )
            .into(),
            builder: BuilderKind::Legacy,
            ..Workspace::default()
        };
        let mut cache = Cache::default();
        analyze(&workspace("1", "me")).remember(&mut cache, None);
        let runs = |workspace: &Workspace| {
            let analysis = analyze(workspace);
            let verdicts = analysis.verdicts(&cache, None, &NoCache::Nothing);
            let steps = analysis.plan.steps.iter().zip(verdicts);
            let runs = steps.filter(|(_, verdict)| matches!(verdict, Verdict::Runs(_)));
            runs.map(|(step, _)| step.lines.0).collect::<Vec<_>>()
        };
        assert_eq!(runs(&workspace("1", "me")), [0; 0]);
        assert_eq!(runs(&workspace("2", "me")), [2, 3, 8, 9, 10]);
        assert_eq!(runs(&workspace("1", "you")), [7, 8, 9, 10]);
        let mut early = workspace("2", "you");
        early.options.target = Some("x".to_owned());
        assert_eq!(runs(&early), [2, 3]);
        let source = "FROM a\nRUN --mount=type=cache,target=/c b\nCOPY --link --chown=me a /\n";
        early.dockerfile = source.into();
        early.options.target = None;
        assert_eq!(
            errors(&early),
            [
                "`--mount` is unknown to the builder before BuildKit",
                "`--link` is unknown to the builder before BuildKit"
            ]
        );
    }

    #[test]
    fn nothing_is_left_of_what_stood_at_a_place_before() {
        let mut memory = Memory::default();
        for builder in [BuilderKind::Buildkit, BuilderKind::Legacy] {
            for dockerfile in [
                "FROM a\nRUN b\nRUN c\n",
                "FROM a\nENV B=1\nRUN c\n",
                "FROM a\nENV B=1\nRUN c\n",
                "FROM a AS x\nENV B=1\nRUN c\nFROM x\nCOPY --from=x / /\n",
                "FROM scratch AS y\nENV B=1\nRUN c\nFROM y\nCOPY --from=y / /\n",
                "FROM a\nVOLUME /d\nRUN printf 1 > /d/x\n",
                "FROM a\nVOLUME /e\nRUN printf 1 > /d/x\n",
                "FROM a\nVOLUME /d\nRUN printf 1 > /d/x\n",
            ] {
                let workspace = Workspace {
                    dockerfile: dockerfile.into(),
                    builder,
                    ..Workspace::default()
                };
                let again = analyze_again(&workspace, &mut memory);
                assert_eq!(again, analyze(&workspace), "{dockerfile}");
                if dockerfile.contains("VOLUME /d") {
                    let size = again.plan.steps.last().unwrap().size.likely;
                    let is_kept = builder == BuilderKind::Buildkit;
                    assert_eq!(size, Some(u64::from(is_kept)));
                }
            }
        }
    }

    /// Texts as people write them, for edits.
    const WRITTEN: [&str; 4] = [
        "ARG BASE=python:3.12-slim\nFROM $BASE AS build\nWORKDIR /app\nENV PIP_NO_CACHE_DIR=1\n\
         RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev \\\n    \
         && rm -rf /var/lib/apt/lists/*\nCOPY requirements.txt .\n\
         RUN python -m venv /venv && pip install -r requirements.txt\nCOPY . .\nFROM python:3.12-slim\n\
         COPY --from=build /venv /venv\nCOPY --from=build --chown=app /app /app\nUSER app\n\
         ENTRYPOINT [\"python\", \"-m\", \"app\"]\n",
        "FROM node:22 AS deps\nWORKDIR /srv\nCOPY package.json ./\n\
         RUN --mount=type=cache,target=/root/.npm npm ci\nFROM deps AS test\nCOPY . .\nRUN npm test\n\
         FROM node:22-slim\nWORKDIR /srv\nCOPY --from=deps /srv/node_modules ./node_modules\n\
         COPY src ./src\nRUN chown -R node /srv && echo $HOME > home\nUSER node\n\
         CMD [\"node\", \"src/index.js\"]\n",
        "FROM alpine:3.20\nARG V=1\nRUN apk add --no-cache curl git && curl -o /tmp/a.key https://e.org/a.key\n\
         RUN <<EOF\nset -e\ndd if=/dev/zero of=/big bs=1M count=$V\ncp /big /copy\nEOF\nRUN rm /big && make\n\
         FROM scratch\nCOPY --link --from=0 /copy /\nWORKDIR /x\nONBUILD COPY . /y\n",
        "FROM a AS one\nRUN mkdir -p out && cp -r src out\nCOPY src/ /app/src/\nRUN mv /app/src /lib2\n\
         FROM one AS two\nRUN rm -rf /lib2/b\nCOPY --from=one /app /app\nRUN chmod -R a+x /app\nFROM two\n\
         RUN --mount=from=one,target=/m cp /m/x /x\nCOPY --from=two /app /app\n",
    ];

    /// What is typed or pasted.
    const TYPED: [&str; 16] = [
        "a",
        " ",
        "\n",
        "$V",
        "\\\n",
        "/",
        "1",
        "\"",
        " && make",
        "RUN rm -rf /app\n",
        "ENV V=2\n",
        "COPY . /app\n",
        "FROM node:22\n",
        "USER you\n",
        "WORKDIR sub\n",
        " pip install flask",
    ];

    /// A text with a key pressed in it: at a place, something is written or, of `None`, taken away.
    fn edited(text: &str, at: usize, typed: Option<usize>) -> String {
        let at = text.floor_char_boundary(at % (text.len() + 1));
        let (before, after) = text.split_at(at);
        if let Some(typed) = typed.and_then(|typed| TYPED.get(typed)) {
            return [before, typed, after].concat();
        }
        let mut rest = after.chars();
        rest.next();
        [before, rest.as_str()].concat()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_key_after_the_other_comes_to_what_the_text_comes_to(
            text in prop::sample::select(&WRITTEN[..]),
            keys in prop::collection::vec((0..2_000_usize, prop::option::of(0..TYPED.len())), 1..24),
            builder in prop::sample::select(&[BuilderKind::Buildkit, BuilderKind::Legacy][..]),
        ) {
            let mut context = context(&["package.json", "requirements.txt", "src/b/c", "src/x"]);
            let list = |path: &str, text: &str| (path.to_owned(), Arc::from(text));
            context.lists.extend([
                list("package.json", "{\"dependencies\": {\"express\": \"4\"}}"),
                list("requirements.txt", "flask\nrequests==2\n"),
            ]);
            let mut workspace = Workspace {
                dockerfile: text.into(),
                context: Some(Arc::new(context)),
                builder,
                secrets: Some(BTreeSet::new()),
                ..Workspace::default()
            };
            let mut memory = Memory::default();
            let mut before = analyze_again(&workspace, &mut memory);
            prop_assert_eq!(&before, &analyze(&workspace));
            for (at, typed) in keys {
                workspace.dockerfile = edited(&workspace.dockerfile, at, typed).into();
                let now = analyze_again(&workspace, &mut memory);
                prop_assert_eq!(&now, &analyze(&workspace));
                // And back, as `undo` does.
                workspace.dockerfile = before.file.source().into();
                prop_assert_eq!(&analyze_again(&workspace, &mut memory), &before);
                workspace.dockerfile = now.file.source().into();
                before = now;
            }
        }
    }

    #[test]
    fn what_is_kept_changes_no_answer() {
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
