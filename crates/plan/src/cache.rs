//! What a build takes from the cache that earlier ones have left, and why not more.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use stagecraft_semantic::{Command, Model, Stage, Written};
use stagecraft_syntax::{Instruction, Keyword, Parse};
use stagecraft_text::{TextRange, slice, sort};

use crate::context::{Context, ContextFile};
use crate::model::{Plan, Step};
use crate::schedule::BuilderKind;

/// What becomes of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken from the cache.
    Cached,
    /// It is taken from the cache if what it copies out of a stage that runs again comes out as
    /// before: the builder looks at the content, which nobody knows beforehand.
    Perhaps,
    /// It runs.
    Runs(Cause),
    /// It never runs: it makes no layer, or is not built.
    Nothing,
}

/// The one thing that makes a step run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There was no earlier build that got here.
    First,
    /// One asked for it: `--no-cache`.
    NoCache,
    /// No earlier build has started from this image.
    Image,
    /// The image that its stage starts from is another one; the index of that FROM.
    Base(usize),
    /// The step that it stands on runs; its index.
    Below(usize),
    /// What it stands on is not what it was, though nothing there runs: a step before it is gone or
    /// stands elsewhere.
    Order,
    /// A step that it takes files from runs; its index.
    From(usize),
    /// A step whose files it mounts runs; its index.
    Mount(usize),
    /// A file of the context.
    File(String, Change),
    /// Files of the folder that `--build-context` gives under that name.
    NamedContext(String),
    /// A variable that it runs with; the place that sets it.
    Variable(String, Change, Option<TextRange>),
    /// The folder that it runs in.
    Folder,
    /// The user that it runs as.
    User,
    /// The shell that it runs in.
    Shell,
    /// It makes a folder in an image that is empty, which the builder never looks up.
    Empty,
    /// Its own words.
    Instruction,
}

/// What has become of something since the last build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another.
    Content,
    /// A file has other permissions and the same content.
    Mode,
}

/// What is asked to run whatever the cache holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NoCache {
    /// Nothing.
    #[default]
    Nothing,
    /// Every step: `--no-cache`.
    All,
    /// The steps of the stages with these names: `--no-cache-filter`.
    Stages(Vec<String>),
}

impl NoCache {
    /// Whether such a step of that stage has to run. WORKDIR never has to.
    pub(crate) fn forces(&self, stage: &Stage, keyword: Keyword) -> bool {
        let is_named = |own: &String, names: &[String]| {
            names.iter().any(|name| name.eq_ignore_ascii_case(own))
        };
        keyword != Keyword::Workdir
            && match self {
                Self::Nothing => false,
                Self::All => true,
                Self::Stages(names) => stage.name.as_ref().is_some_and(|own| is_named(own, names)),
            }
    }
}

/// A build, for the cache to look at.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The Dockerfile.
    pub file: &'a Parse,
    /// What it means.
    pub model: &'a Model,
    /// The files that are sent, where they are known.
    pub context: Option<&'a Context>,
    /// What runs whatever the cache holds.
    pub no_cache: &'a NoCache,
    /// Who builds. What one builder has left is nothing to the other.
    pub builder: BuilderKind,
}

impl<'a> Asked<'a> {
    /// The command of a step; `None` for FROM.
    pub(crate) fn command(&self, step: &Step) -> Option<(&'a Command, Keyword)> {
        let command = self.model.command(step.command?)?;
        let (_, instruction) = self.model.instruction(self.file, command)?;
        Some((command, instruction.keyword))
    }

    /// The instruction of a step, and the text that it is written in.
    pub(crate) fn instruction(&self, step: &Step) -> Option<(&'a Parse, &'a Instruction)> {
        let command = self.model.command(step.command?)?;
        self.model.instruction(self.file, command)
    }
}

impl Verdict {
    /// In a word; `None` for what never runs.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::Cached => Some("cached"),
            Self::Perhaps => Some("perhaps"),
            Self::Runs(_) => Some("runs"),
            Self::Nothing => None,
        }
    }
}

impl Cause {
    /// In one clause; `line` gives the first line of the step with an index.
    pub fn words(&self, line: impl Fn(usize) -> u32) -> String {
        match self {
            Self::First => "nothing is in the cache yet".to_owned(),
            Self::NoCache => "it is asked to run whatever the cache holds".to_owned(),
            Self::Image => "no build has started from this image yet".to_owned(),
            Self::Base(at) => format!(
                "the image in line {}, which it starts from, is another one",
                line(*at)
            ),
            Self::Below(at) => format!("the step in line {}, which it stands on, runs", line(*at)),
            Self::Order => "a step before it is gone or stands elsewhere".to_owned(),
            Self::From(at) => {
                format!("the step in line {}, whose files it takes, runs", line(*at))
            }
            Self::Mount(at) => format!(
                "the step in line {}, whose files it mounts, runs",
                line(*at)
            ),
            Self::File(path, change) => match change {
                Change::Added => format!("`{path}` is new"),
                Change::Removed => format!("`{path}` is gone"),
                Change::Content => format!("`{path}` has another content"),
                Change::Mode => format!("`{path}` has other permissions"),
            },
            Self::NamedContext(name) => {
                format!("files of the named build context `{name}` are others")
            }
            Self::Variable(name, change, _) => match change {
                Change::Added => format!("`{name}` has come into its environment"),
                Change::Removed => format!("`{name}` has gone from its environment"),
                Change::Content | Change::Mode => format!("`{name}` has another value"),
            },
            Self::Folder => "it runs in another folder".to_owned(),
            Self::User => "it runs as another user".to_owned(),
            Self::Shell => "it runs in another shell".to_owned(),
            Self::Empty => "a folder in an empty image is made anew each time".to_owned(),
            Self::Instruction => "its words are new".to_owned(),
        }
    }

    /// The place in the Dockerfile that is behind it, where there is one.
    pub fn range(&self, plan: &Plan) -> Option<TextRange> {
        match self {
            Self::Base(at) | Self::Below(at) | Self::From(at) | Self::Mount(at) => {
                plan.steps.get(*at).map(|step| step.range)
            }
            Self::Variable(_, _, range) => *range,
            _ => None,
        }
    }
}

/// What earlier builds have left, by all keys of their steps.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    whole: Set,
    loose: Set,
    /// Of what steps leave: `--link` puts it together in a step of its own.
    left: Set,
    left_loose: Set,
    /// Of the images that the builder before BuildKit makes.
    legacy: Set,
    /// What the steps with these words were made of in the last build that had them.
    past: BTreeMap<String, Vec<Made>>,
    filled: bool,
}

/// Keys in their order: they are added by a build and looked up with each edit.
#[derive(Debug, Clone, Default)]
struct Set(Vec<u64>);

impl Set {
    fn add(&mut self, keys: impl Iterator<Item = u64>) {
        let Self(all) = self;
        all.extend(keys);
        sort(all);
        all.dedup();
    }

    fn contains(&self, key: u64) -> bool {
        self.0.binary_search(&key).is_ok()
    }
}

/// What a step was made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Made {
    /// As the builder's progress shows it.
    instruction: Arc<str>,
    /// The variables that it finds, or whose names stand in it.
    variables: BTreeMap<String, String>,
    folder: Option<String>,
    user: Option<String>,
    shell: Option<Vec<String>>,
    /// Content and permissions of each file of the context that it reads.
    files: BTreeMap<String, (u64, u32)>,
    /// Keys of what it takes of named contexts.
    named: BTreeMap<String, u64>,
}

/// Of steps with the same words so many are remembered.
const MOST_ALIKE: usize = 16;
/// Of more variables than anybody has, the newest.
const MOST_VARIABLES: usize = 200;

impl Made {
    fn of(step: &Step, (command, keyword): (&Command, Keyword), asked: &Asked<'_>) -> Self {
        let text = &*written(step, command, asked);
        let scopes = asked.model.scopes();
        let before = command.before;
        let runs = keyword == Keyword::Run;
        let mut variables = BTreeMap::new();
        for variable in scopes.history(before).take(MOST_VARIABLES) {
            let name = variable.name();
            if let Some(value) = variable.value().filter(|_| runs || is_named(text, name)) {
                variables
                    .entry(name.to_owned())
                    .or_insert_with(|| value.to_owned());
            }
        }
        let files = files(step, asked.context);
        Self {
            instruction: (&*step.instruction(asked.file, asked.model)).into(),
            variables,
            folder: scopes.workdir(before).map(str::to_owned),
            user: scopes.user(before).filter(|_| runs).map(str::to_owned),
            shell: scopes
                .shell(before)
                .filter(|_| runs)
                .map(<[String]>::to_vec),
            files: files
                .map(|file| (file.path.clone(), (file.content, file.mode)))
                .collect(),
            named: step.folders.iter().cloned().collect(),
        }
    }

    /// In what it differs from what it was.
    fn differences(&self, past: &Self, place: impl Fn(&str) -> Option<TextRange>) -> Vec<Cause> {
        let mut all = Vec::new();
        for (name, change) in changes(&self.variables, &past.variables, |_, _| Change::Content) {
            all.push(Cause::Variable(name.clone(), change, place(name)));
        }
        let others = [
            (self.folder != past.folder, Cause::Folder),
            (self.user != past.user, Cause::User),
            (self.shell != past.shell, Cause::Shell),
        ];
        all.extend(
            others
                .into_iter()
                .filter_map(|(differs, cause)| differs.then_some(cause)),
        );
        let how = |now: &(u64, u32), then: &(u64, u32)| {
            if now.0 == then.0 {
                Change::Mode
            } else {
                Change::Content
            }
        };
        for (path, change) in changes(&self.files, &past.files, how) {
            all.push(Cause::File(path.clone(), change));
        }
        for (name, _) in changes(&self.named, &past.named, |_, _| Change::Content) {
            all.push(Cause::NamedContext(name.clone()));
        }
        if all.is_empty() && self.instruction != past.instruction {
            all.push(Cause::Instruction);
        }
        all
    }
}

/// What differs: changed and new entries, then those that are gone, by name.
fn changes<'a, T: PartialEq>(
    now: &'a BTreeMap<String, T>,
    then: &'a BTreeMap<String, T>,
    how: impl Fn(&T, &T) -> Change,
) -> Vec<(&'a String, Change)> {
    let mut all = Vec::new();
    for (name, value) in now {
        match then.get(name) {
            None => all.push((name, Change::Added)),
            Some(old) if old != value => all.push((name, how(value, old))),
            Some(_) => {}
        }
    }
    let gone = then.keys().filter(|name| !now.contains_key(*name));
    all.extend(gone.map(|name| (name, Change::Removed)));
    all
}

/// Whether a text speaks of a variable.
fn is_named(text: &str, name: &str) -> bool {
    let behind = text.split('$').skip(1);
    behind
        .map(|rest| rest.trim_start_matches('{'))
        .filter_map(|rest| rest.strip_prefix(name))
        .any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

/// What a step is remembered by: as it is written, so that it is known again with other values.
fn written<'a>(step: &Step, command: &Command, asked: &Asked<'a>) -> Cow<'a, str> {
    match command.written {
        Written::Here(_) => slice(asked.file.source(), step.range).into(),
        Written::OnBuild(_) | Written::InImage(_) => step.instruction(asked.file, asked.model),
    }
}

impl Cache {
    /// Whether the builder before BuildKit has an image of that key.
    pub(crate) fn has_legacy(&self, key: u64) -> bool {
        self.legacy.contains(key)
    }

    /// Remembers all steps of a build that went well.
    pub fn remember(&mut self, plan: &Plan, asked: &Asked<'_>) {
        self.filled = true;
        let is_legacy = asked.builder == BuilderKind::Legacy;
        if is_legacy {
            let keys = plan.legacy_keys(asked).into_iter().enumerate();
            let done = keys.filter(|(at, _)| plan.is_legacy_step(*at, asked));
            self.legacy.add(done.map(|(_, key)| key));
        }
        let steps = plan.steps.iter().enumerate();
        let steps = steps.filter(|(at, step)| {
            if is_legacy {
                plan.is_legacy_step(*at, asked)
            } else {
                is_run(step)
            }
        });
        let steps = steps.map(|(_, step)| step);
        if !is_legacy {
            let keys = || steps.clone().map(|step| &step.keys);
            self.whole.add(keys().map(|keys| keys.whole));
            self.loose.add(keys().map(|keys| keys.loose));
            self.left.add(keys().map(|keys| keys.left.0));
            self.left_loose.add(keys().map(|keys| keys.left.1));
        }
        let mut made: BTreeMap<Cow<'_, str>, Vec<Made>> = BTreeMap::new();
        for step in steps {
            note(step, asked, &mut made);
        }
        for (text, alike) in made {
            self.past.insert(text.into_owned(), alike);
        }
    }
}

/// Notes what a step is made of, by its words.
fn note<'a>(step: &'a Step, asked: &Asked<'a>, made: &mut BTreeMap<Cow<'a, str>, Vec<Made>>) {
    let Some(command) = asked.command(step) else {
        return;
    };
    let alike = made.entry(written(step, command.0, asked)).or_default();
    let one = Made::of(step, command, asked);
    if alike.len() < MOST_ALIKE && !alike.contains(&one) {
        alike.push(one);
    }
}

/// The files of the context that a step reads.
fn files<'a>(
    step: &'a Step,
    context: Option<&'a Context>,
) -> impl Iterator<Item = &'a ContextFile> {
    let files = context.map_or(&[][..], |context| &context.files);
    step.reads.iter().filter_map(move |&at| files.get(at))
}

/// Whether a build has something to do for it.
fn is_run(step: &Step) -> bool {
    step.built && (step.layer || step.command.is_none())
}

impl Plan {
    /// What becomes of each step with that cache.
    pub fn verdicts(&self, cache: &Cache, asked: &Asked<'_>) -> Vec<Verdict> {
        if asked.builder == BuilderKind::Legacy {
            return self.legacy_verdicts(cache, asked);
        }
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let verdict = if !is_run(step) {
                Verdict::Nothing
            } else if step.always {
                Verdict::Runs(Cause::Empty)
            } else if is_forced(step, asked) {
                Verdict::Runs(Cause::NoCache)
            } else if let Some(at) = forced_below(step, &verdicts) {
                Verdict::Runs(Cause::Below(at))
            } else if cache.whole.contains(step.keys.whole) && !needs_open(step, &verdicts) {
                Verdict::Cached
            } else if cache.loose.contains(step.keys.loose) {
                Verdict::Perhaps
            } else {
                Verdict::Runs(cause(step, self, cache, asked, &verdicts))
            };
            verdicts.push(verdict);
        }
        verdicts
    }

    /// What becomes of the second step of each `--link`, which puts its files onto what is below;
    /// the others have [`Verdict::Nothing`].
    pub fn link_verdicts(&self, cache: &Cache, asked: &Asked<'_>) -> Vec<Verdict> {
        let verdicts = self.verdicts(cache, asked);
        let linked = self.steps.iter().zip(verdicts.iter());
        linked
            .map(|(step, own)| {
                if !step.link || *own == Verdict::Nothing {
                    Verdict::Nothing
                } else if *own == Verdict::Runs(Cause::NoCache) {
                    own.clone()
                } else if cache.left.contains(step.keys.left.0) {
                    Verdict::Cached
                } else if cache.left_loose.contains(step.keys.left.1) {
                    Verdict::Perhaps
                } else {
                    match (own, step.needs().next()) {
                        (Verdict::Cached | Verdict::Perhaps, Some(below)) => {
                            Verdict::Runs(Cause::Below(below))
                        }
                        (own, _) => own.clone(),
                    }
                }
            })
            .collect()
    }
}

/// Whether a step has to run whatever the cache holds.
fn is_forced(step: &Step, asked: &Asked<'_>) -> bool {
    if *asked.no_cache == NoCache::Nothing {
        return false;
    }
    let stage = asked.model.stage(step.stage);
    stage
        .zip(asked.command(step))
        .is_some_and(|(stage, (_, keyword))| asked.no_cache.forces(stage, keyword))
}

/// The step below, where it had to run: what stands right on such a one is done again, too. Source:
/// `random/r075` of the recorded builds.
fn forced_below(step: &Step, verdicts: &[Verdict]) -> Option<usize> {
    let had_to = |at: &usize| matches!(verdicts.get(*at), Some(Verdict::Runs(Cause::NoCache)));
    step.below.filter(had_to)
}

/// Whether a step needs one that had to run, or of which nobody knows: what it leaves is looked at.
fn needs_open(step: &Step, verdicts: &[Verdict]) -> bool {
    step.needs().any(|at| {
        let verdict = verdicts.get(at);
        matches!(
            verdict,
            Some(Verdict::Perhaps | Verdict::Runs(Cause::NoCache))
        )
    })
}

/// Why a step runs.
fn cause(
    step: &Step,
    plan: &Plan,
    cache: &Cache,
    asked: &Asked<'_>,
    verdicts: &[Verdict],
) -> Cause {
    if !cache.filled {
        return Cause::First;
    }
    let Some((command, keyword)) = asked.command(step) else {
        return Cause::Image;
    };
    let runs = |at: &usize| {
        let verdict = verdicts.get(*at);
        matches!(verdict, Some(Verdict::Runs(cause)) if *cause != Cause::Empty)
    };
    if let Some(at) = step.needs().find(runs) {
        let is_below = step.below == Some(at);
        let is_from = |step: &Step| step.command.is_none();
        return match keyword {
            _ if is_below && plan.steps.get(at).is_some_and(is_from) => Cause::Base(at),
            _ if is_below => Cause::Below(at),
            Keyword::Run => Cause::Mount(at),
            _ => Cause::From(at),
        };
    }
    own_cause((step, command, keyword), cache, asked)
}

/// Why a step runs where all that it stands on is as it was.
pub(crate) fn cause_of_its_own(
    step: &Step,
    plan: &Plan,
    cache: &Cache,
    asked: &Asked<'_>,
) -> Cause {
    cause(step, plan, cache, asked, &[])
}

fn own_cause(
    (step, command, keyword): (&Step, &Command, Keyword),
    cache: &Cache,
    asked: &Asked<'_>,
) -> Cause {
    let text = written(step, command, asked);
    let Some(past) = cache.past.get(&*text) else {
        return Cause::Instruction;
    };
    let now = Made::of(step, (command, keyword), asked);
    let place = |name: &str| {
        let mut history = asked.model.scopes().history(command.before);
        history.find(|variable| variable.name() == name)?.range
    };
    // The nearest of those that it may have been.
    let differences = past.iter().map(|past| now.differences(past, place));
    let nearest = differences.min_by_key(Vec::len).unwrap_or_default();
    nearest.into_iter().next().unwrap_or(Cause::Order)
}

#[cfg(test)]
mod tests {
    use stagecraft_semantic::{NoImages, Options, analyze};
    use stagecraft_syntax::parse;

    use super::*;
    use crate::{Surroundings, plan};

    /// Files as `path content mode`.
    fn context(files: &str) -> Context {
        let file = |line: &str| {
            let mut parts = line.split(' ');
            ContextFile {
                path: parts.next().unwrap().to_owned(),
                content: parts.next().unwrap().parse().unwrap(),
                mode: parts.next().unwrap().parse().unwrap(),
                size: 1,
                count: 1,
            }
        };
        Context {
            files: files
                .split(", ")
                .filter(|it| !it.is_empty())
                .map(file)
                .collect(),
            ..Context::default()
        }
    }

    /// What becomes of the steps that are no FROM when the second text is built after the first:
    /// the causes in words, `-` for the cache.
    fn after(first: (&str, &str), second: (&str, &str), no_cache: &NoCache) -> Vec<String> {
        let mut cache = Cache::default();
        let mut said = Vec::new();
        for (at, (source, files)) in [first, second].into_iter().enumerate() {
            let file = parse(source);
            let model = analyze(&file, &Options::default(), &NoImages);
            let around = Surroundings {
                context: Some(context(files).into()),
                ..Surroundings::default()
            };
            let plan = plan(&file, &model, &around);
            let asked = Asked {
                builder: BuilderKind::Buildkit,
                file: &file,
                model: &model,
                context: around.context.as_deref(),
                no_cache,
            };
            if at == 1 {
                let verdicts = plan.verdicts(&cache, &asked);
                for (step, verdict) in plan.steps.iter().zip(verdicts) {
                    if step.command.is_none() || !is_run(step) {
                        continue;
                    }
                    said.push(match verdict {
                        Verdict::Runs(cause) => cause.words(|at| plan.steps[at].lines.0),
                        Verdict::Cached => "-".to_owned(),
                        Verdict::Perhaps => "?".to_owned(),
                        Verdict::Nothing => panic!("{step:?}"),
                    });
                }
            }
            cache.remember(&plan, &asked);
        }
        said
    }

    #[test]
    fn each_step_that_runs_says_what_has_changed() {
        let cases: [(&str, &str, &[&str]); 10] = [
            ("FROM a\nRUN x", "FROM a\nLABEL k=v\nRUN x\nCMD y", &["-"]),
            ("FROM a\nRUN x", "FROM a\nRUN y", &["its words are new"]),
            (
                "FROM a\nENV V=1\nRUN x\nRUN y",
                "FROM a\nENV V=2\nRUN x\nRUN y",
                &[
                    "`V` has another value",
                    "the step in line 3, which it stands on, runs",
                ],
            ),
            (
                "FROM a\nRUN x",
                "FROM a\nARG V=2\nRUN x",
                &["`V` has come into its environment"],
            ),
            (
                "FROM a\nARG V=2\nRUN x",
                "FROM a\nRUN x",
                &["`V` has gone from its environment"],
            ),
            (
                "FROM a\nUSER b\nRUN x",
                "FROM a\nUSER c\nRUN x",
                &["it runs as another user"],
            ),
            (
                "FROM a\nSHELL [\"sh\"]\nRUN x",
                "FROM a\nSHELL [\"bash\"]\nRUN x",
                &["it runs in another shell"],
            ),
            (
                "FROM a\nRUN x\nRUN y",
                "FROM a\nRUN y",
                &["a step before it is gone or stands elsewhere"],
            ),
            (
                "FROM a\nRUN x",
                "FROM b\nRUN x",
                &["the image in line 1, which it starts from, is another one"],
            ),
            (
                "ARG D=/x\nFROM a\nARG D\nCOPY f $D",
                "ARG D=/y\nFROM a\nARG D\nCOPY f $D",
                &["`D` has another value"],
            ),
        ];
        for (first, second, expected) in cases {
            let said = after((first, "f 1 0"), (second, "f 1 0"), &NoCache::Nothing);
            assert_eq!(said, expected, "{second}");
        }
    }

    #[test]
    fn a_file_of_the_context_is_named_with_what_became_of_it() {
        let source = "FROM a\nCOPY . /\n";
        let cases = [
            ("a 1 0, b 1 0", "a 1 0, b 2 0", "`b` has another content"),
            ("a 1 0, b 1 0", "a 1 7, b 1 0", "`a` has other permissions"),
            ("a 1 0", "a 1 0, b 1 0", "`b` is new"),
            ("a 1 0, b 1 0", "b 1 0", "`a` is gone"),
        ];
        for (first, second, expected) in cases {
            let said = after((source, first), (source, second), &NoCache::Nothing);
            assert_eq!(said, [expected]);
        }
    }

    #[test]
    fn what_must_not_come_from_the_cache_says_so() {
        let source = "FROM a AS one\nRUN x\nRUN y\nFROM b\nCOPY --from=one /x /\nRUN z\n";
        let all = after((source, ""), (source, ""), &NoCache::All);
        assert!(
            all.iter().all(|it| it.starts_with("it is asked")),
            "{all:?}"
        );
        let one = NoCache::Stages(vec!["one".to_owned()]);
        let some = after((source, ""), (source, ""), &one);
        assert_eq!(some[2..], ["?", "?"]);
    }
}
