//! Goes through the steps of a build: from the cache where their key is known, else done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stagecraft_files::{Dir, Node, Tree, entries, tar_size};
use stagecraft_image::{Platform, Reference};
use stagecraft_semantic::{
    Base, Command, CommandId, Dependency, DependencyKind, Model, ProblemPhase, Source, Stage,
    StageId,
};
use stagecraft_syntax::{Instruction, Keyword, Kind, MountKind, Parse, Phase};

use super::{
    BaseImage, BaseImages, Builder, BuiltImage, BuiltLayer, Failure, Request, StepState, Vertex,
};
use crate::key::{Environment, Parts, hash};
use crate::model::{Plan, Step};

/// More files than that in one image are not gone through one by one.
const MOST_FILES: usize = 200_000;
/// What a step takes where nothing says otherwise, in thousandths of a second.
pub(super) const RUN_TIME: u64 = 100;
pub(super) const FILE_TIME: u64 = 10;

/// The files that a step leaves.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) tree: Tree,
    pub(super) layers: Vec<Arc<BuiltLayer>>,
    /// Whether all of it is known.
    pub(super) known: bool,
}

impl Snapshot {
    fn empty() -> Self {
        Self {
            tree: Tree::default(),
            layers: Vec::new(),
            known: true,
        }
    }

    /// The same with a layer that makes `tree` of it.
    fn with(&self, tree: Tree, known: bool) -> Self {
        let layer = if known && self.known {
            let entries = entries(&self.tree, &tree);
            BuiltLayer {
                size: Some(tar_size(&entries)),
                base: None,
                entries,
            }
        } else {
            BuiltLayer {
                size: None,
                base: None,
                entries: Vec::new(),
            }
        };
        let mut layers = self.layers.clone();
        layers.push(Arc::new(layer));
        Self {
            tree,
            layers,
            known: known && self.known,
        }
    }
}

/// A result in the cache: what it is known by, and what is in it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) identity: u64,
    pub(super) snapshot: Arc<Snapshot>,
}

/// What is known of a step in the build that is going on.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) identity: u64,
    pub(super) snapshot: Arc<Snapshot>,
    /// Whether it had to run although the cache held it.
    pub(super) forced: bool,
}

/// A step that has been looked at.
pub(super) struct Seen {
    pub(super) state: StepState,
    pub(super) time: (u64, u64),
    pub(super) failure: Option<String>,
    /// What it left; `None` where it failed or never ran.
    pub(super) done: Option<Done>,
    /// Keys that it put into the cache.
    pub(super) keys: Vec<u64>,
}

/// Files that a step takes from somewhere else.
pub(super) struct Taken {
    pub(super) identity: u64,
    /// Whether they are made anew although the cache held them.
    pub(super) forced: bool,
    pub(super) snapshot: Arc<Snapshot>,
    /// Whether it is a folder of the person, which is known by its content alone.
    pub(super) is_folder: bool,
    /// When it is there.
    pub(super) ready: u64,
}

/// A step's instruction with all that belongs to it.
pub(super) struct Task<'a> {
    pub(super) stage: &'a Stage,
    pub(super) command: &'a Command,
    /// The text that its words are in.
    pub(super) text: &'a Parse,
    pub(super) instruction: &'a Instruction,
    pub(super) parts: Parts<'a>,
}

/// The instruction of a command.
pub(super) fn task<'a>(
    file: &'a Parse,
    model: &'a Model,
    stage: &Stage,
    id: CommandId,
) -> Option<Task<'a>> {
    let command = model.command(id)?;
    let (text, instruction) = model.instruction(file, command)?;
    Some(Task {
        stage: model.stage(stage.id)?,
        command,
        text,
        instruction,
        parts: Parts {
            model,
            command,
            file: text,
            instruction,
            has_context: false,
            content: 0,
            expansions: None,
        },
    })
}

/// One build.
pub(super) struct Run<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) plan: &'a Plan,
    pub(super) builder: &'a mut Builder,
    /// Images that are used, by name and platform; `None` where there is none.
    pub(super) images: BTreeMap<(String, Platform), Option<BaseImage>>,
    /// By step, and whether it is the second one of a `--link`.
    pub(super) seen: BTreeMap<(usize, bool), Seen>,
}

/// The steps, what went wrong, and the image.
type Ended = (Vec<Vertex>, Option<Failure>, Option<BuiltImage>);

impl<'a> Run<'a> {
    pub(super) fn new(request: &'a Request<'a>, plan: &'a Plan, builder: &'a mut Builder) -> Self {
        Self {
            request,
            plan,
            builder,
            images: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Does all of it.
    pub(super) fn all(mut self, images: &impl BaseImages) -> Ended {
        if let Some(failure) = self.before(images) {
            return (Vec::new(), Some(failure), None);
        }
        let plan: &'a Plan = self.plan;
        for (at, step) in plan.steps.iter().enumerate() {
            if step.built && step.same_as.is_none() {
                self.step(at, step);
            }
        }
        let failure = self.settle();
        let vertices = self.vertices();
        let image = match (&failure, self.request.model.target()) {
            (None, Some(target)) => self.image(target),
            _ => None,
        };
        (vertices, failure, image)
    }

    /// What ends a build before its first step: mistakes, and images that are not there.
    fn before(&mut self, images: &impl BaseImages) -> Option<Failure> {
        let (file, model) = (self.request.file, self.request.model);
        if let Some(error) = file.stopping_error() {
            return Some(Failure {
                line: Some(error.lines.first.max(1)),
                message: error.to_string(),
            });
        }
        let stage_name = |id: StageId| {
            let stage = model.stage(id);
            stage.map_or_else(String::new, Stage::display_name)
        };
        let problem = model.stopping_problem();
        let failed = problem.map(|problem| Failure {
            line: problem.line,
            message: problem.kind.message(stage_name),
        });
        let is_early = |phase| phase < ProblemPhase::Commands;
        if problem.is_some_and(|problem| is_early(problem.phase)) {
            return failed;
        }
        for stage in model.stages().iter().filter(|stage| stage.reachable) {
            let platform = self.platform(stage);
            if let Base::Image(name) = &stage.base {
                let (instruction, _) = stage.from_instruction(file)?;
                if !self.fetch(name, &platform, images) {
                    return Some(Failure {
                        line: Some(instruction.lines.first),
                        message: format!("there is no image `{name}` for {platform}"),
                    });
                }
            }
            for need in &stage.dependencies {
                if let Source::Image(name) = &need.source
                    && !self.fetch(name, &platform, images)
                {
                    return Some(Failure {
                        line: Some(need.line),
                        message: format!("there is no image `{name}` for {platform}"),
                    });
                }
            }
        }
        let of_words = self.mistake_of_a_step();
        let problem = problem.map(|problem| (problem.stage, problem.line));
        match of_words {
            Some((stage, failure))
                if problem.is_none_or(|problem| (Some(stage), failure.line) < problem) =>
            {
                Some(failure)
            }
            _ => failed,
        }
    }

    /// The first mistake that is noticed when an instruction becomes a step, in a stage that is
    /// built.
    fn mistake_of_a_step(&self) -> Option<(StageId, Failure)> {
        let (file, model) = (self.request.file, self.request.model);
        let mistakes = file.errors().iter();
        let mistakes = mistakes.filter(|error| error.phase == Phase::Convert);
        let found = mistakes.filter_map(|error| {
            let after = file.instructions();
            let after = after.partition_point(|it| it.range.start() <= error.range.start());
            let stage = model.stage_of_instruction(after.checked_sub(1)?)?;
            let failure = Failure {
                line: Some(error.lines.first),
                message: error.to_string(),
            };
            stage.reachable.then_some((stage.id, failure))
        });
        found.min_by_key(|(stage, failure)| (*stage, failure.line))
    }

    fn fetch(&mut self, name: &str, platform: &Platform, images: &impl BaseImages) -> bool {
        let key = (name.to_owned(), platform.clone());
        let known = self.images.entry(key).or_insert_with(|| {
            let name = Reference::parse(name).ok()?;
            images.image(&name, platform)
        });
        known.is_some()
    }

    pub(super) fn platform(&self, stage: &Stage) -> Platform {
        let own = stage.platform.clone();
        own.unwrap_or_else(|| self.request.platform.clone())
    }

    /// The files of an image.
    fn image_files(&self, name: &str, platform: &Platform) -> Taken {
        let key = (name.to_owned(), platform.clone());
        let short = familiar(name);
        let snapshot = match self.images.get(&key).and_then(Option::as_ref) {
            Some(image) => Snapshot {
                tree: image.tree.clone(),
                layers: vec![Arc::new(BuiltLayer {
                    size: Some(image.size),
                    base: Some(image.name.clone()),
                    entries: Vec::new(),
                })],
                known: true,
            },
            None => Snapshot::empty(),
        };
        Taken {
            identity: hash(&("image", short, platform.to_string())),
            forced: false,
            snapshot: Arc::new(snapshot),
            is_folder: false,
            ready: 0,
        }
    }

    /// A step and, for `--link`, the one that puts its files onto what is below.
    fn step(&mut self, at: usize, step: &Step) {
        let model = self.request.model;
        let Some(stage) = model.stage(step.stage) else {
            return;
        };
        let Some(id) = step.command else {
            if let Base::Image(name) = &stage.base {
                let image = self.image_files(name, &self.platform(stage));
                let seen = Seen {
                    state: StepState::Done,
                    time: (0, 0),
                    failure: None,
                    done: Some(Done {
                        identity: image.identity,
                        snapshot: image.snapshot,
                        forced: false,
                    }),
                    keys: Vec::new(),
                };
                self.seen.insert((at, false), seen);
            }
            return;
        };
        if !step.layer {
            return;
        }
        let Some(task) = self.task(stage, id) else {
            return;
        };
        let below = match step.below {
            Some(below) => self.left_by(below),
            None if matches!(stage.base, Base::Folder(_)) => {
                let Base::Folder(name) = stage.base.clone() else {
                    return;
                };
                Ok(self.folder_as_base(&name))
            }
            None => Ok((
                Done {
                    identity: hash(&"scratch"),
                    snapshot: Arc::new(Snapshot::empty()),
                    forced: false,
                },
                0,
            )),
        };
        let taken = self.taken(stage, id, &task);
        let not_run = || Seen {
            state: StepState::NotRun,
            time: (u64::MAX, u64::MAX),
            failure: None,
            done: None,
            keys: Vec::new(),
        };
        if !step.link {
            let seen = match (below, taken) {
                (Ok((below, ready)), Ok(taken)) => self.look_up(step, &task, &below, ready, &taken),
                (_, Ok(taken)) if Self::is_missing(&task, &taken).is_some() => {
                    Self::missing(&task, &taken)
                }
                _ => not_run(),
            };
            self.seen.insert((at, false), seen);
            return;
        }
        let alone = Done {
            identity: hash(&"link"),
            snapshot: Arc::new(Snapshot::empty()),
            forced: false,
        };
        let seen = match taken {
            Ok(taken) => self.look_up(step, &task, &alone, 0, &taken),
            Err(()) => not_run(),
        };
        let linked = match (&seen.done, below) {
            (Some(files), Ok((below, ready))) => {
                let ready = ready.max(seen.time.1);
                self.link(step, &files.clone(), &below, ready)
            }
            _ => not_run(),
        };
        self.seen.insert((at, false), seen);
        self.seen.insert((at, true), linked);
    }

    /// The instruction of a command.
    pub(super) fn task(&self, stage: &Stage, id: CommandId) -> Option<Task<'a>> {
        let request: &'a Request<'a> = self.request;
        task(request.file, request.model, stage, id)
    }

    /// What a step left, and when; `Err` where it left nothing.
    fn left_by(&self, at: usize) -> Result<(Done, u64), ()> {
        let at = self
            .plan
            .steps
            .get(at)
            .and_then(|step| step.same_as)
            .unwrap_or(at);
        let linked = self.seen.get(&(at, true));
        let seen = linked.or_else(|| self.seen.get(&(at, false))).ok_or(())?;
        let done = seen.done.clone().ok_or(())?;
        Ok((done, seen.time.1))
    }

    /// What the steps of a stage left.
    fn left_by_stage(&self, id: StageId) -> Result<(Done, u64), ()> {
        let steps = self.plan.steps.iter().enumerate();
        let mut own =
            steps.filter(|(_, step)| step.stage == id && (step.layer || step.command.is_none()));
        if let Some((last, _)) = own.next_back() {
            return self.left_by(last);
        }
        match self.request.model.stage(id).map(|stage| &stage.base) {
            Some(Base::Stage(below)) if *below < id => self.left_by_stage(*below),
            _ => Ok((
                Done {
                    identity: hash(&"scratch"),
                    snapshot: Arc::new(Snapshot::empty()),
                    forced: false,
                },
                0,
            )),
        }
    }

    /// Where the command's files come from: for COPY and ADD one place, for RUN one a mount that
    /// has files from somewhere. `Err` where it is not there because another step failed.
    fn taken(&mut self, stage: &Stage, id: CommandId, task: &Task<'_>) -> Result<Vec<Taken>, ()> {
        let needs: Vec<Dependency> = stage
            .dependencies
            .iter()
            .filter(|need| need.command == Some(id))
            .cloned()
            .collect();
        let platform = self.platform(stage);
        let mut needs = needs.into_iter();
        let mut from = |run: &mut Self, kind: DependencyKind| match needs
            .next()
            .filter(|need| need.kind == kind)
            .map(|need| need.source)
        {
            Some(Source::Stage(other)) => run.left_by_stage(other).map(|(done, ready)| Taken {
                identity: done.identity,
                forced: done.forced,
                snapshot: done.snapshot,
                is_folder: false,
                ready,
            }),
            Some(Source::Image(name)) => Ok(run.image_files(&name, &platform)),
            Some(Source::Folder(name)) => Ok(run.folder(&name)),
            Some(Source::Scratch | Source::Unknown) | None => Ok(Taken {
                identity: hash(&"scratch"),
                forced: false,
                snapshot: Arc::new(Snapshot::empty()),
                is_folder: false,
                ready: 0,
            }),
        };
        match &task.instruction.kind {
            Kind::Transfer(transfer) => {
                let named = transfer
                    .from
                    .filter(|word| !task.text.word(*word).is_empty());
                Ok(vec![match named {
                    Some(_) => from(self, DependencyKind::Copy)?,
                    None => self.context(),
                }])
            }
            Kind::Run(_) => {
                let mut all = Vec::new();
                for mount in task.text.mounts(task.instruction) {
                    let named = task.text.mount_option(mount, "from").is_some();
                    all.push(if named {
                        from(self, DependencyKind::Mount)?
                    } else {
                        self.context()
                    });
                }
                Ok(all)
            }
            _ => Ok(Vec::new()),
        }
    }

    fn context(&mut self) -> Taken {
        let tree = self.builder.send("", &self.request.context);
        Self::of_folder(tree)
    }

    fn folder(&mut self, name: &str) -> Taken {
        let now = self.request.folders.get(name).cloned().unwrap_or_default();
        let tree = self.builder.send(name, &now);
        Self::of_folder(tree)
    }

    /// `FROM` of a folder given by `--build-context`: known by its content, and a layer of its own.
    fn folder_as_base(&mut self, name: &str) -> (Done, u64) {
        let tree = self.folder(name).snapshot.tree.clone();
        let picked = tree.pick("/", false).unwrap_or_default();
        let identity = hash(&("folder", tree.fingerprint("/", &picked, &|_| false)));
        let done = Done {
            identity,
            snapshot: Arc::new(Snapshot::empty().with(tree, true)),
            forced: false,
        };
        (done, 0)
    }

    fn of_folder(tree: Tree) -> Taken {
        Taken {
            identity: 0,
            forced: false,
            snapshot: Arc::new(Snapshot {
                tree,
                layers: Vec::new(),
                known: true,
            }),
            is_folder: true,
            ready: 0,
        }
    }

    fn own_key(&self, task: &Task<'_>) -> u64 {
        let mut own = task.parts.own(true, &Environment::default());
        let mounts = task.text.mounts(task.instruction);
        if mounts.iter().any(|mount| mount.kind == MountKind::Cache) {
            own = hash(&(own, &self.request.cache_namespace));
        }
        // Folders that are made have that time.
        match self.request.epoch {
            Some(epoch) if task.instruction.keyword != Keyword::Run => hash(&(own, epoch)),
            _ => own,
        }
    }

    /// Takes a step from the cache or runs it.
    fn look_up(
        &mut self,
        step: &Step,
        task: &Task<'_>,
        below: &Done,
        ready: u64,
        taken: &[Taken],
    ) -> Seen {
        let own = self.own_key(task);
        let start = taken.iter().fold(ready, |start, it| start.max(it.ready));
        // What stands on a step that had to run is done again, too: `random/r075` of the recordings.
        let forced = self
            .request
            .no_cache
            .forces(task.stage, task.instruction.keyword);
        let is_run = forced || step.always || below.forced;
        let mut keys = Vec::new();
        // Files that are made anew are known by their content alone.
        if taken.iter().all(|it| !it.is_folder && !it.forced) {
            let from: Vec<u64> = taken.iter().map(|it| it.identity).collect();
            keys.push(hash(&(own, below.identity, "names", from)));
        }
        let known = |keys: &[u64], run: &Self| {
            let results = &run.builder.results;
            keys.iter().find_map(|key| results.get(key).cloned())
        };
        let mut found = known(&keys, self);
        if found.is_none() && !taken.is_empty() {
            if Self::is_missing(task, taken).is_some() {
                return Self::missing(task, taken);
            }
            if let Some(content) = Self::content_key(task, taken) {
                keys.push(hash(&(own, below.identity, content)));
                found = known(&keys, self);
            }
        }
        if let Some(stored) = found.as_ref().filter(|_| !is_run) {
            for &key in &keys {
                self.builder.results.insert(key, stored.clone());
            }
            return Seen {
                state: StepState::Cached,
                time: (start, start),
                failure: None,
                done: Some(Done {
                    identity: stored.identity,
                    snapshot: Arc::clone(&stored.snapshot),
                    forced: false,
                }),
                keys,
            };
        }
        let identity = found.map(|stored| stored.identity);
        let mut seen = self.run_step(task, below, start, taken, keys, identity);
        if let Some(done) = &mut seen.done {
            done.forced = forced;
        }
        seen
    }

    fn run_step(
        &mut self,
        task: &Task<'_>,
        below: &Done,
        start: u64,
        taken: &[Taken],
        keys: Vec<u64>,
        identity: Option<u64>,
    ) -> Seen {
        let too_many = below.snapshot.tree.count(MOST_FILES) >= MOST_FILES;
        let (result, took) = match task.instruction.keyword {
            _ if too_many => (Ok((below.snapshot.tree.clone(), false)), FILE_TIME),
            Keyword::Run => self.run(task, below, taken),
            Keyword::Workdir => (self.workdir(task, below), FILE_TIME),
            _ => (self.transfer(task, below, taken), FILE_TIME),
        };
        let end = start.saturating_add(took);
        match result {
            Ok((tree, known)) => {
                let snapshot = Arc::new(below.snapshot.with(tree, known));
                self.builder.runs += 1;
                let identity = identity.unwrap_or_else(|| hash(&("run", self.builder.runs)));
                for &key in &keys {
                    let stored = Stored {
                        identity,
                        snapshot: Arc::clone(&snapshot),
                    };
                    self.builder.results.insert(key, stored);
                }
                Seen {
                    state: StepState::Done,
                    time: (start, end),
                    failure: None,
                    done: Some(Done {
                        identity,
                        snapshot,
                        forced: false,
                    }),
                    keys,
                }
            }
            Err(message) => Seen {
                state: StepState::Error,
                time: (start, end),
                failure: Some(message),
                done: None,
                keys: Vec::new(),
            },
        }
    }

    /// The step that puts the files of a `--link` onto what is below.
    fn link(&mut self, step: &Step, files: &Done, below: &Done, ready: u64) -> Seen {
        let key = hash(&("onto", files.identity, below.identity));
        let forced = match step.command.and_then(|id| {
            let stage = self.request.model.stage(step.stage)?;
            self.task(stage, id)
        }) {
            Some(task) => (self.request.no_cache).forces(task.stage, task.instruction.keyword),
            None => false,
        };
        if let Some(stored) = self.builder.results.get(&key).filter(|_| !forced) {
            return Seen {
                state: StepState::Cached,
                time: (ready, ready),
                failure: None,
                done: Some(Done {
                    identity: stored.identity,
                    snapshot: Arc::clone(&stored.snapshot),
                    forced: false,
                }),
                keys: Vec::new(),
            };
        }
        let mut layers = below.snapshot.layers.clone();
        layers.extend(files.snapshot.layers.last().cloned());
        let root = over(below.snapshot.tree.root(), files.snapshot.tree.root());
        let snapshot = Arc::new(Snapshot {
            tree: Tree::of(Arc::new(root)),
            layers,
            known: below.snapshot.known && files.snapshot.known,
        });
        let stored = Stored {
            identity: key,
            snapshot: Arc::clone(&snapshot),
        };
        self.builder.results.insert(key, stored);
        Seen {
            state: StepState::Done,
            time: (ready, ready.saturating_add(1)),
            failure: None,
            done: Some(Done {
                identity: key,
                snapshot,
                forced,
            }),
            keys: vec![key],
        }
    }

    /// Finds the failure that ends the build, and what had become of the other steps by then.
    fn settle(&mut self) -> Option<Failure> {
        let failed = self.seen.iter().filter(|(_, seen)| seen.failure.is_some());
        let (&(at, _), first) = failed.min_by_key(|(_, seen)| seen.time.1)?;
        let message = first.failure.clone().unwrap_or_default();
        let end = first.time.1;
        for (&(other, _), seen) in &mut self.seen {
            if other == at || seen.state == StepState::Cached {
                continue;
            }
            let is_step = self
                .plan
                .steps
                .get(other)
                .is_some_and(|step| step.command.is_some());
            let state = if seen.time.1 <= end && seen.failure.is_none() {
                continue;
            } else if seen.time.0 < end {
                StepState::Canceled
            } else {
                StepState::NotRun
            };
            if is_step {
                seen.state = state;
                for key in seen.keys.drain(..) {
                    self.builder.results.remove(&key);
                }
            }
        }
        let line = self.plan.steps.get(at).map(|step| step.lines.0);
        Some(Failure { line, message })
    }

    /// The steps with the names that they are shown under: of a step that stages share, the one
    /// that is met last on the way down from the target, what it stands on first.
    /// Source: recorded builds (`labels/dedupe-names`, `labels/two-copies-of-context`).
    fn vertices(&self) -> Vec<Vertex> {
        let mut names: BTreeMap<usize, usize> = BTreeMap::new();
        if let Some(last) = self.request.model.target().and_then(|id| self.last_of(id)) {
            let mut visited = BTreeSet::new();
            let mut left = vec![(last, false)];
            while let Some((at, is_left)) = left.pop() {
                let Some(step) = self.plan.steps.get(at) else {
                    continue;
                };
                if is_left {
                    names.insert(step.same_as.unwrap_or(at), at);
                    continue;
                }
                if !visited.insert(at) {
                    continue;
                }
                left.push((at, true));
                left.extend(step.needs().rev().map(|need| (need, false)));
            }
        }
        let mut vertices = Vec::new();
        for (&(at, link), seen) in &self.seen {
            let shown = names.get(&at).copied().unwrap_or(at);
            let Some(step) = self.plan.steps.get(shown) else {
                continue;
            };
            let gap = if link { " LINK " } else { " " };
            let name = if step.label.is_empty() {
                continue;
            } else {
                let Request { file, model, .. } = self.request;
                format!("{}{gap}{}", step.label, step.instruction(file, model))
            };
            vertices.push((
                shown,
                Vertex {
                    name,
                    state: seen.state,
                    step: shown,
                    identity: seen.done.as_ref().map_or(0, |done| done.identity),
                    time: seen.time,
                },
            ));
        }
        vertices.sort_by_key(|(shown, _)| *shown);
        vertices.into_iter().map(|(_, vertex)| vertex).collect()
    }

    /// The last step of a stage, or of those that it is based on.
    fn last_of(&self, id: StageId) -> Option<usize> {
        let steps = self.plan.steps.iter().enumerate();
        let mut own =
            steps.filter(|(_, step)| step.stage == id && (step.layer || step.command.is_none()));
        match own.next_back() {
            Some((last, _)) => Some(last),
            None => match self.request.model.stage(id)?.base {
                Base::Stage(below) if below < id => self.last_of(below),
                _ => None,
            },
        }
    }

    fn image(&self, target: StageId) -> Option<BuiltImage> {
        let (done, _) = self.left_by_stage(target).ok()?;
        let (config, author, history) = self.config(target)?;
        Some(BuiltImage {
            config,
            author,
            history,
            layers: done.snapshot.layers.clone(),
        })
    }
}

/// A name as people write it: without what stands for the Docker Hub.
fn familiar(name: &str) -> String {
    let whole = Reference::parse(name).map_or_else(|_| name.to_owned(), |it| it.normalized());
    let short = whole.strip_prefix("docker.io/").unwrap_or(&whole);
    short.strip_prefix("library/").unwrap_or(short).to_owned()
}

/// One tree over another: folders become one, anything else takes the place of what is below.
fn over(below: &Dir, above: &Dir) -> Dir {
    let mut dir = Dir {
        meta: below.meta,
        entries: below.entries.clone(),
    };
    for (name, node) in &above.entries {
        let node = match (dir.entries.get(name), node) {
            (Some(Node::Dir(old)), Node::Dir(new)) => {
                let mut merged = over(old, new);
                merged.meta = new.meta;
                Node::Dir(Arc::new(merged))
            }
            _ => node.clone(),
        };
        dir.entries.insert(name.clone(), node);
    }
    dir
}
