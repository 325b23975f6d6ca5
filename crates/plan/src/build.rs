//! From a model to the steps of a build.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_image::{Platform, Reference};
use stagecraft_semantic::archive::packing;
use stagecraft_semantic::paths::join;
use stagecraft_semantic::{
    Base, Command, CommandId, Dependency, DependencyKind, Model, Role, ShellScript, Source, Stage,
    StageId, Written,
};
use stagecraft_sizes::{BaseSize, Basis, Estimate, Reasons, Span, rule, unknown};
use stagecraft_syntax::{Instruction, Keyword, Kind, MountKind, Parse, expand};
use stagecraft_text::TextRange;

use crate::Surroundings;
use crate::again::{Asked, Ended, Kept, Land};
use crate::bases::{BaseImage, Bases};
use crate::changes::{self, names_elsewhere, owner_of, removed};
use crate::context::{Context, ContextFile};
use crate::held::{By, Copied, Files, Work, is_below, joined};
use crate::key::{Environment, Keys, Parts, Upon, hash, of_image};
use crate::model::{Image, Label, MissingSecret, Outcome, Plan, Step, Told};
use crate::packed::{self, Share};
use crate::run::{Given, Inner, Place, Placed, Program, Room, added, has_scheme, is_below_any};
use crate::schedule::BuilderKind;
use crate::selected::{Memory, Selection, Selections, Taken};
use crate::usual;

/// Further volumes of a stage are not looked at: nobody has so many, and each step keeps a list.
const MOST_VOLUMES: usize = 200;

struct Builder<'a> {
    file: &'a Parse,
    model: &'a Model,
    around: &'a Surroundings,
    /// What stages are built for that say nothing else.
    platform: &'a Platform,
    selections: &'a mut Selections,
    /// The same of the folders that are given by `--build-context`.
    folders: BTreeMap<&'a str, Selections>,
    plan: Plan,
    bases: &'a mut Bases,
    /// What steps came to in the plan before.
    kept: Option<&'a mut Kept>,
    /// The stages before.
    ended: Vec<Ended>,
    /// The first step with each key, of those that are built and that another can be the same as.
    known: Option<Known>,
    work: Work,
    environment: Environment,
    room: Room,
    /// What is left for the lines of heredocs.
    expansions: expand::Room,
    /// Whose files are where nothing says.
    root: Option<Arc<str>>,
    /// What steps come to that make no layer.
    nothing: Option<Arc<Outcome>>,
}

/// Says what a build of `file` does.
pub(crate) fn build(
    file: &Parse,
    model: &Model,
    around: &Surroundings,
    memory: &mut Memory,
) -> Plan {
    let usual = Platform::linux_amd64();
    let platform = around.platform.as_ref().unwrap_or(&usual);
    let (selections, bases, mut kept) = memory.parts(around);
    bases.begin(around);
    if let Some(kept) = &mut kept {
        kept.begin(file, around);
    }
    let commands = model.stages().iter().map(|it| model.commands(it).len() + 1);
    let (steps, stages) = (commands.sum(), model.stages().len());
    let mut builder = Builder {
        file,
        model,
        around,
        platform,
        selections,
        folders: BTreeMap::new(),
        plan: Plan::default(),
        bases,
        kept,
        ended: Vec::with_capacity(stages),
        known: None,
        work: Work::default(),
        room: Room::default(),
        expansions: expand::Room::of_file(),
        environment: Environment::default(),
        root: None,
        nothing: None,
    };
    for (name, folder) in &around.folders {
        let selections = Selections::new(Some(Arc::clone(folder)), None);
        builder.folders.insert(name, selections);
    }
    builder.plan.steps.reserve_exact(steps);
    builder.plan.images.reserve_exact(stages);
    for stage in model.stages() {
        builder.stage(stage);
    }
    if let Some(kept) = &mut builder.kept {
        kept.end(builder.plan.steps.len());
    }
    builder.plan.single_stage = builder.single_stage();
    builder.plan
}

impl<'a> Builder<'a> {
    fn stage(&mut self, stage: &'a Stage) {
        let earlier = |id: StageId| (id < stage.id).then_some(id.index());
        let below = match stage.base {
            Base::Stage(id) => earlier(id),
            _ => None,
        };
        let first = self.plan.steps.len();
        let image = match &stage.base {
            Base::Image(name) => Some(self.bases.get(name)),
            _ => None,
        };
        let image = image.as_deref();
        let mut land = self.land(stage, below, image, first);
        let mut last = below.and_then(|at| self.last_of(at));
        let platform = stage.platform.as_ref().unwrap_or(self.platform);
        let base = match &stage.base {
            Base::Stage(_) => below
                .and_then(|at| self.plan.images.get(at))
                .map(|image| BaseSize {
                    size: Estimate::of(image.total, Reasons::default()),
                    compressed: image.compressed,
                }),
            Base::Scratch => Some(BaseSize::zero()),
            Base::Image(name) => image.map(|image| image.size(name, platform, self.around)),
            Base::Folder(name) => self.around.folders.get(name).map(|folder| {
                let bytes = folder.files.iter().map(|file| file.size);
                let bytes = bytes.fold(0, u64::saturating_add);
                let size = Estimate::known(bytes, Basis::Context);
                let compressed = Share::ANY.of(size.span());
                BaseSize { size, compressed }
            }),
            Base::Unknown => None,
        };
        let base = base.unwrap_or_else(|| BaseSize::open(unknown!("the size of the base")));
        if let Some(step) = self.fetch_step(stage, image, &base, platform) {
            last = Some(self.plan.steps.len());
            if stage.reachable {
                let at = self.plan.steps.len();
                self.know(step.keys, at);
            }
            self.plan.steps.push(step);
        }
        let mut needs = Needs(&stage.dependencies);
        for (id, command) in self.model.numbered_commands(stage) {
            let at = self.plan.steps.len();
            let needs = needs.of(id);
            self.step(stage, (id, command), needs, last, &mut land);
            if let Some(step) = self.plan.steps.get(at).filter(|step| step.layer) {
                last = Some(at);
                if stage.reachable {
                    self.know(step.keys, at);
                }
            }
        }
        self.only_one_is_looked_up(first);
        self.label(stage, first);
        self.image(stage, first, base);
        self.ended.push(Ended { land, last });
    }

    /// The last step of the stage of that number.
    fn last_of(&self, stage: usize) -> Option<usize> {
        self.ended.get(stage)?.last
    }

    /// Notes what a step is known by. In a single stage none can be the same as another but those
    /// that do not depend on what is below them.
    #[inline]
    fn know(&mut self, keys: Keys, at: usize) {
        if self.model.stages().len() > 1 || keys.left.0 != keys.whole {
            let most = self.plan.steps.capacity();
            let known = self.known.get_or_insert_with(|| Known::for_steps(most));
            known.add(keys.whole, at);
        }
    }

    /// The step before that is the same.
    fn same_as(&self, keys: &Keys) -> Option<usize> {
        self.known.as_ref()?.get(keys.whole)
    }

    /// Whose files are where nothing says.
    fn root(&mut self) -> Arc<str> {
        Arc::clone(self.root.get_or_insert_with(|| "0:0".into()))
    }

    /// What a stage has on its disk, by its number.
    fn files_of(&self, stage: usize) -> Option<&Files> {
        Some(&self.ended.get(stage)?.land.files)
    }

    /// Adds what the stage with that first step comes to.
    fn image(&mut self, stage: &Stage, first: usize, base: BaseSize) {
        let (mut total, mut compressed) = (base.size.span(), base.compressed);
        let steps = self.plan.steps.get(first..).unwrap_or_default();
        for step in steps.iter().filter(|step| step.layer) {
            total.add(step.size.span());
            compressed.add(step.compressed);
        }
        let below = match stage.base {
            Base::Stage(below) if below < stage.id => self.plan.images.get(below.index()),
            _ => None,
        };
        self.plan.images.push(Image {
            stage: stage.id,
            base: below.map_or(base.size, |image| image.base.clone()),
            below: below.map(|image| image.stage),
            is_from_outside: matches!(stage.base, Base::Folder(_) | Base::Unknown),
            total,
            compressed,
        });
    }

    /// What a stage starts with: that of the stage below, else what its image has.
    fn land(
        &mut self,
        stage: &'a Stage,
        below: Option<usize>,
        image: Option<&BaseImage>,
        first: usize,
    ) -> Land {
        if let Some(ended) = below.and_then(|at| self.ended.get(at)) {
            return ended.land.clone();
        }
        let machine = match image {
            Some(image) => Rc::clone(&image.machine),
            None => self.bases.unknown(),
        };
        let empty = Files::new(!matches!(stage.base, Base::Scratch));
        let brought = machine.brings();
        let owner = brought.is_some().then(|| self.root());
        let write = |files: &mut Files| {
            if let Some(Placed { path, size, folder }) = brought {
                files.write(path, size, folder, By { step: first, owner });
            }
        };
        let files = if let Some(kept) = &mut self.kept {
            kept.start(first, &machine, empty, write)
        } else {
            let mut files = empty;
            write(&mut files);
            files
        };
        Land {
            files,
            machine,
            volumes: None,
        }
    }

    /// Adds the step of a command, which stands on the step `below`.
    fn step(
        &mut self,
        stage: &Stage,
        (id, command): (CommandId, &Command),
        dependencies: &[Dependency],
        below: Option<usize>,
        land: &mut Land,
    ) {
        let Some((text, instruction)) = self.model.instruction(self.file, command) else {
            return;
        };
        let at = self.plan.steps.len();
        let asked = Asked {
            model: self.model,
            command,
            file: text,
            instruction,
            needs: dependencies,
            at,
        };
        let outcome = self.outcome(asked, land);
        let Instruction { lines, range, .. } = *self.written(stage, command, instruction);
        let stand = if outcome.layer {
            self.missing_secrets(stage, asked, range, outcome.content);
            self.stand(stage, asked, below, outcome.own)
        } else {
            Stand::default()
        };
        self.plan.steps.push(Step {
            stage: stage.id,
            command: Some(id),
            label: Label::default(),
            counted: match command.written {
                Written::Here(_) => outcome.layer || instruction.keyword == Keyword::Workdir,
                Written::OnBuild(_) => outcome.layer,
                Written::InImage(_) => false,
            },
            link: stand.link && below.is_some(),
            always: outcome.layer && below.is_none() && instruction.keyword == Keyword::Workdir,
            same_as: stand.same_as,
            keys: stand.keys,
            below,
            lines: (lines.first, lines.last),
            range,
            built: stage.reachable,
            others: stand.others,
            base: match stage.base {
                Base::Stage(below) if below < stage.id => Some(below),
                _ => None,
            },
            outcome,
        });
    }

    /// What a step that makes a layer stands on, and by what it is known for that.
    fn stand(&self, stage: &Stage, asked: Asked<'_>, below: Option<usize>, own: u64) -> Stand {
        let (mut images, mut others) = (Vec::new(), Vec::new());
        // Most need nothing else.
        for need in asked.needs {
            match need.source {
                Source::Stage(other) if other < stage.id => {
                    others.extend(self.last_of(other.index()));
                }
                Source::Stage(_) => {}
                _ => images.push(&*need.name),
            }
        }
        let upon = Upon {
            steps: &self.plan.steps,
            below,
            others: &others,
            images: &images,
            link: is_link(asked.file, asked.instruction),
        };
        let keys = upon.keys(own);
        Stand {
            link: upon.link,
            same_as: self.same_as(&keys),
            keys,
            others,
        }
    }

    /// Notes the secrets that a step cannot do without and that are not given.
    fn missing_secrets(&mut self, stage: &Stage, asked: Asked<'_>, range: TextRange, content: u64) {
        if !stage.reachable || self.around.secrets.is_none() {
            return;
        }
        let Asked {
            command,
            file,
            instruction,
            ..
        } = asked;
        let range = |mount: TextRange| match command.written {
            Written::Here(_) => mount,
            _ => range,
        };
        let parts = self.parts(command, file, instruction, content);
        let missing = missing_secrets(&parts, self.around).into_iter();
        let missing = missing.map(|(id, mount)| MissingSecret {
            id,
            step: asked.at,
            range: range(mount),
        });
        self.plan.missing_secrets.extend(missing);
    }

    /// What a step is made of, without what it stands on.
    fn parts<'p>(
        &'p self,
        command: &'p Command,
        file: &'p Parse,
        instruction: &'p Instruction,
        content: u64,
    ) -> Parts<'p> {
        Parts {
            model: self.model,
            command,
            file,
            instruction,
            has_context: self.around.context.is_some(),
            content,
            expansions: Some(&self.expansions),
        }
    }

    /// What a step comes to: what it came to in the plan before, where it is made of the same and
    /// stands on the same.
    fn outcome(&mut self, asked: Asked<'_>, land: &mut Land) -> Arc<Outcome> {
        // What an image brings along is written elsewhere.
        let kept = match asked.command.written {
            Written::Here(_) => self.kept.take(),
            Written::OnBuild(_) | Written::InImage(_) => None,
        };
        let Some(kept) = kept else {
            return self.outcome_anew(asked, land);
        };
        let scopes = kept.scopes(asked);
        let record = kept.take(asked, scopes, land, &self.ended, self.work.left());
        let outcome = if let Some(record) = record {
            let (outcome, after, waste, work) = record.parts();
            self.work.take(work);
            if let Some(after) = after {
                *land = after.clone();
            }
            if !waste.is_empty() {
                self.plan.waste.extend_from_slice(waste);
            }
            Arc::clone(outcome)
        } else {
            let before = land.clone();
            let (work, wasted) = (self.work.left(), self.plan.waste.len());
            let outcome = self.outcome_anew(asked, land);
            let waste = self.plan.waste.get(wasted..).unwrap_or_default();
            let work = work - self.work.left();
            // Where too much was looked at, it is by what came before that nothing is known.
            if self.work.left() > 0 && !self.selections.is_spent() {
                let after = (&outcome, &mut *land);
                kept.keep((asked, scopes), before, &self.ended, after, (waste, work));
            }
            outcome
        };
        self.kept = Some(kept);
        outcome
    }

    fn outcome_anew(&mut self, asked: Asked<'_>, land: &mut Land) -> Arc<Outcome> {
        let Asked {
            command,
            file,
            instruction,
            needs,
            at,
            ..
        } = asked;
        if !self.makes_layer(command, file, instruction) {
            if instruction.keyword == Keyword::Volume {
                self.add_volumes(command, file, land);
            }
            let new = || Arc::new(Outcome::nothing());
            return Arc::clone(self.nothing.get_or_insert_with(new));
        }
        let taken = self.taken(command, file, instruction);
        let folders = self.taken_of_folders(command, file, instruction, needs);
        let (size, compressed) = self.layer(command, file, instruction, (at, needs), land);
        let content = hash(&(taken.content, &folders));
        let parts = self.parts(command, file, instruction, content);
        let own = parts.own_key(&self.environment);
        Arc::new(Outcome {
            layer: true,
            reads: taken.files,
            content,
            folders,
            size,
            compressed,
            own,
        })
    }

    /// Notes what VOLUME names, for a builder that runs what follows with a fresh volume there.
    fn add_volumes(&self, command: &Command, file: &Parse, land: &mut Land) {
        if self.around.builder == BuilderKind::Buildkit {
            return;
        }
        // The root cannot be one, nor what is no absolute path.
        let named = words_of(self.model, command, file, Role::Argument);
        let paths = { named.into_iter() }.filter(|path| path.starts_with('/'));
        let paths: Vec<String> = paths.map(|path| join("/", path)).collect();
        let all = land.volumes.get_or_insert_default();
        for path in paths.into_iter().filter(|path| path != "/") {
            let is_named = all.iter().any(|volume| is_below(&path, volume));
            if !is_named && all.len() < MOST_VOLUMES {
                Rc::make_mut(all).push(path);
            }
        }
    }

    /// A folder in an empty image that is all of the stage is taken from the cache after all.
    fn only_one_is_looked_up(&mut self, first: usize) {
        let Some(steps) = self.plan.steps.get_mut(first..) else {
            return;
        };
        if steps.iter().filter(|step| step.layer).count() == 1 {
            for step in steps {
                step.always = false;
            }
        }
    }

    /// FROM is a step where it fetches an image.
    fn fetch_step(
        &mut self,
        stage: &'a Stage,
        image: Option<&BaseImage>,
        base: &BaseSize,
        platform: &Platform,
    ) -> Option<Step> {
        let image = image?;
        let (instruction, _) = stage.from_instruction(self.file)?;
        let keys = of_image(image.key, platform);
        let outcome = Outcome {
            size: base.size.clone(),
            compressed: base.compressed,
            ..Outcome::nothing()
        };
        Some(Step {
            stage: stage.id,
            command: None,
            label: Label::default(),
            counted: true,
            link: false,
            always: false,
            same_as: self.same_as(&keys),
            below: None,
            keys,
            lines: (instruction.lines.first, instruction.lines.last),
            range: instruction.range,
            built: stage.reachable,
            others: Vec::new(),
            base: None,
            outcome: outcome.into(),
        })
    }

    /// The instruction of the file that a command stands for, for its place.
    fn written<'b>(
        &'b self,
        stage: &Stage,
        command: &Command,
        instruction: &'b Instruction,
    ) -> &'b Instruction {
        match command.written {
            Written::InImage(_) => self
                .file
                .instructions()
                .get(stage.from)
                .unwrap_or(instruction),
            _ => instruction,
        }
    }

    /// Source: BuildKit's dispatchers for each instruction; WORKDIR of the root makes nothing.
    fn makes_layer(&self, command: &Command, file: &Parse, instruction: &Instruction) -> bool {
        // What an image brings along stands in no stage, and is fine.
        if instruction.broken && !matches!(command.written, Written::InImage(_)) {
            return false;
        }
        match instruction.keyword {
            Keyword::Run | Keyword::Copy | Keyword::Add => true,
            Keyword::Workdir => {
                let path = self.model.scopes().workdir(command.after);
                path != Some("/") && !file.args(instruction).is_empty()
            }
            _ => false,
        }
    }

    /// The labels of a stage's steps, which count up over all that BuildKit counts.
    fn label(&mut self, stage: &Stage, first: usize) {
        let Some(steps) = self.plan.steps.get(first..) else {
            return;
        };
        // What an image brings along is counted whatever it is, and not for its FROM.
        let own = steps.iter().filter(|step| step.counted).count();
        let brought = self.model.commands(stage).iter();
        let brought = brought.filter(|command| matches!(command.written, Written::InImage(_)));
        let total = own + brought.count();
        let [own, total] = [own, total].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let name = (!self.is_plain(stage)).then(|| Arc::from(stage.display_name()));
        // An image that `--build-context` puts in the place of another has a name of its own.
        let is_from_shown = !is_replaced(stage);
        let mut number = 0;
        for step in self.plan.steps.iter_mut().skip(first) {
            let is_from = step.command.is_none();
            // A WORKDIR that is there already is counted, and not shown.
            let is_shown = if is_from { is_from_shown } else { step.layer };
            if is_shown {
                number += 1;
                let total = if is_from { own } else { total };
                step.label = Label::new(name.clone(), number, total);
            }
        }
    }

    /// Whether the labels of a stage go without its name: a single stage is named once anything but
    /// the context is read.
    fn is_plain(&self, stage: &Stage) -> bool {
        let mut needs = stage.dependencies.iter();
        self.model.stages().len() == 1
            && needs.all(|need| need.kind == DependencyKind::From)
            && !self.mounts_anything(stage)
    }

    fn mounts_anything(&self, stage: &Stage) -> bool {
        self.model.commands(stage).iter().any(|command| {
            self.model
                .instruction(self.file, command)
                .is_some_and(|(file, instruction)| !file.mounts(instruction).is_empty())
        })
    }

    /// The files of the context that a step takes: those of COPY and ADD, and those that a bind
    /// mount without `from` shows.
    fn taken(&mut self, command: &Command, file: &Parse, instruction: &Instruction) -> Taken {
        if self.around.context.is_none() {
            return Taken::default();
        }
        match &instruction.kind {
            Kind::Transfer(transfer) if transfer.from.is_none() => {
                let words = |role| words_of(self.model, command, file, role);
                let mut sources = words(Role::Argument);
                // The destination.
                sources.pop();
                self.selections.copied(&sources, &words(Role::Exclude))
            }
            Kind::Run(_) => {
                let mounts = file.mounts(instruction).iter();
                let value = |mount, key| {
                    let option = file.mount_option(mount, key)?;
                    option.value.map(|word| file.word(word))
                };
                let bound = mounts
                    .filter(|mount| matches!(value(mount, "type"), None | Some("bind")))
                    .filter(|mount| value(mount, "from").is_none());
                let sources = bound.map(|mount| value(mount, "source").unwrap_or("."));
                self.selections.mounted(&sources.collect::<Vec<_>>())
            }
            _ => Taken::default(),
        }
    }

    /// The folders given by `--build-context` that a step takes files of, with the key of those
    /// files.
    fn taken_of_folders(
        &mut self,
        command: &Command,
        file: &Parse,
        instruction: &Instruction,
        dependencies: &[Dependency],
    ) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        for need in dependencies {
            let Source::Folder(name) = &need.source else {
                continue;
            };
            let Some(selections) = self.folders.get_mut(name.as_str()) else {
                continue;
            };
            let taken = if let DependencyKind::Copy = need.kind {
                let words = |role| words_of(self.model, command, file, role);
                let mut sources = words(Role::Argument);
                sources.pop();
                selections.copied(&sources, &words(Role::Exclude))
            } else {
                let mounts = file.mounts(instruction).iter();
                let value = |mount, key| {
                    let option = file.mount_option(mount, key)?;
                    option.value.map(|word| file.word(word))
                };
                let own = mounts.filter(|mount| value(mount, "from") == Some(&*need.name));
                let sources = own.map(|mount| value(mount, "source").unwrap_or("."));
                selections.mounted(&sources.collect::<Vec<_>>())
            };
            all.push((need.name.as_ref().to_owned(), taken.content));
        }
        all
    }

    /// What a step that makes a layer adds to it, on disk and as transferred.
    fn layer(
        &mut self,
        command: &Command,
        file: &Parse,
        instruction: &Instruction,
        (at, dependencies): (usize, &[Dependency]),
        land: &mut Land,
    ) -> (Estimate, Span) {
        match &instruction.kind {
            Kind::Transfer(transfer) => {
                let from = transfer.from.filter(|from| !file.word(*from).is_empty());
                let heredocs = file.heredocs(instruction).iter();
                let text: usize = heredocs.map(|heredoc| heredoc.content.len()).sum();
                let mut words = texts_of(self.model, command, file, Role::Argument);
                let Some(destination) = words.next_back() else {
                    return (Estimate::zero(), Span::exact(0));
                };
                let workdir = self.model.scopes().workdir(command.before).unwrap_or("/");
                let target = joined(workdir, destination);
                let owner = file.flag_value(instruction, "chown");
                let owner = owner.map(|word| owner_of(file.word(word)));
                let by = By {
                    step: at,
                    owner: Some(owner.unwrap_or_else(|| self.root())),
                };
                let is_folder = destination.ends_with('/') || destination == ".";
                if from.is_none() && self.around.context.is_none() {
                    let (size, compressed, many) = copied_unseen(words, text);
                    let path = target.into_owned().into();
                    land.files.write(path, size.clone(), is_folder || many, by);
                    return (size, compressed);
                }
                let sources: Vec<&str> = words.collect();
                let sources = &sources[..];
                let folder = sources.len() > 1 || is_folder;
                let target = (&*target, folder);
                if from.is_none() {
                    let unpacks =
                        instruction.keyword == Keyword::Add && transfer.unpack != Some(false);
                    let how = (text, unpacks);
                    return self.copy_from_context(sources, target, None, how, &by, land);
                }
                let kind = DependencyKind::Copy;
                let from = dependencies.iter().find(|need| need.kind == kind);
                let folder = from.and_then(|need| match &need.source {
                    Source::Folder(name) => self.around.folders.get_key_value(name),
                    _ => None,
                });
                if let Some((name, context)) = folder {
                    let from = Some((&**name, context));
                    return self.copy_from_context(sources, target, from, (0, false), &by, land);
                }
                let from = (command.stage, from);
                self.copy_from_stage(from, sources, target, &by, &mut land.files)
            }
            Kind::Run(_) => self.run(command, file, instruction, at, land),
            // WORKDIR makes a folder, which has no bytes of its own.
            _ => (Estimate::zero(), Span::exact(0)),
        }
    }

    /// Copies files of a context: those that `sources` name, of which archives are taken apart where
    /// that is said, and so many bytes that are written in the Dockerfile.
    fn copy_from_context(
        &mut self,
        sources: &[&str],
        (target, folder): (&str, bool),
        from: Option<(&str, &'a Arc<Context>)>,
        (text, unpacks): (usize, bool),
        by: &By,
        land: &mut Land,
    ) -> (Estimate, Span) {
        let mut total = written_here(text);
        let mut transferred = Span::exact(0);
        for source in files_of_context(sources.iter().copied()) {
            let around = self.around;
            let context = from.map(|(_, folder)| folder).or(around.context.as_ref());
            let Some(context) = context.filter(|_| !is_remote(source)) else {
                total.add(&unseen(source));
                continue;
            };
            let folder = folder || sources.len() > 1;
            let folder_of = from.and_then(|(name, _)| self.folders.get_mut(name));
            let selections = folder_of.unwrap_or(&mut *self.selections);
            let mut selection = selections.of(source);
            if unpacks && let Some(split) = Split::of(context, &selection, source) {
                total.add(&split.size);
                transferred.add(split.compressed);
                // More comes to a folder that is there.
                let there = land.files.thing(target, &self.work);
                let size = match there {
                    Some((there, true)) => there.plus(&split.size),
                    _ => split.size,
                };
                land.files
                    .write(target.to_owned().into(), size, true, by.clone());
                if split.others.files.is_empty() {
                    continue;
                }
                selection = Rc::new(split.others);
            }
            let copied = Copied::new(context, &selection, source, (target, folder));
            if selection.is_unknown {
                total.add(&Estimate::open(unknown!("more files than are looked at")));
            } else if !selection.files.is_empty() {
                let files = Estimate::known(selection.bytes, Basis::Context);
                transferred.add(packed::of_files(selection.bytes, selection.compressed));
                total.add(&files);
            }
            for (place, list) in copied.lists(&selection) {
                let machine = Rc::make_mut(&mut land.machine);
                let lists = machine.lists.get_or_insert_default();
                Rc::make_mut(lists).insert(place, Arc::clone(list));
            }
            land.files.copy(copied, by.clone());
        }
        transferred.add(Share::TEXT.of(written_here(text).span()));
        // What is not known is not known packed either.
        if total.likely.is_none() {
            transferred.likely = None;
            transferred.high = transferred.high.filter(|_| total.high.is_some());
        }
        (total, transferred)
    }

    /// The name of the image that a source of files is, or starts from.
    fn image_of(&self, source: &'a Source) -> Option<&'a str> {
        match source {
            Source::Image(name) => Some(name),
            Source::Stage(id) => match &self.model.chain(*id).last()?.base {
                Base::Image(name) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    fn copy_from_stage(
        &mut self,
        (stage, source): (StageId, Option<&Dependency>),
        sources: &[&str],
        (target, folder): (&str, bool),
        by: &By,
        files: &mut Files,
    ) -> (Estimate, Span) {
        let from = source.and_then(|need| match need.source {
            Source::Stage(other) if other < stage => Some(other.index()),
            _ => None,
        });
        let name = source.map_or("", |need| &need.name);
        let image = source.and_then(|need| self.image_of(&need.source));
        let mut total = Estimate::zero();
        for path in sources {
            let path = joined("/", path);
            let from = from.and_then(|other| self.files_of(other));
            let known = from.and_then(|files| files.at(&path, &self.work));
            // Of a folder the content is copied.
            let (size, is_folder) = match known {
                Some(size) => {
                    let thing = from.and_then(|files| files.thing(&path, &self.work));
                    let is_folder = thing.map_or(size.likely.is_some(), |(_, it)| it);
                    let mut size = size;
                    size.basis.add(&Basis::Stage.into());
                    (size, is_folder)
                }
                None => usual::held(image, &path).unwrap_or_else(|| {
                    let what = ["what `", name, "` holds at ", &path].concat();
                    (Estimate::unknown(what), false)
                }),
            };
            total = total.plus(&size);
            let place = if folder && !is_folder {
                join(target, path.rsplit('/').next().unwrap_or_default())
            } else {
                target.to_owned()
            };
            files.write(place.into(), size, is_folder, by.clone());
        }
        let compressed = Share::ANY.of(total.span());
        (total, compressed)
    }

    fn run(
        &mut self,
        command: &Command,
        file: &Parse,
        instruction: &Instruction,
        at: usize,
        land: &mut Land,
    ) -> (Estimate, Span) {
        let line = file.str(instruction.text);
        let mounts = mounted(file, instruction);
        let program;
        let script = match self.model.script(self.file, command) {
            None => {
                program = ShellScript::of_program(file, instruction);
                program.as_ref().map(|program| program.script(file))
            }
            script => script,
        };
        // Read where a shell is given any.
        let (inner, inner_scripts) = (OnceCell::new(), OnceCell::new());
        let is_told = |one: &&Told| !one.step.is_empty() && line.contains(&one.step);
        let told: Vec<&Told> = self.around.told.iter().filter(is_told).collect();
        let scopes = self.model.scopes();
        let Land {
            files,
            machine,
            volumes,
        } = land;
        let volumes = volumes.as_deref().map_or(&[][..], Vec::as_slice);
        let lists = machine.lists.clone();
        let workdir = scopes.workdir(command.before).unwrap_or("/");
        let place = Place {
            mounts: &mounts,
            volumes,
            value: &|name| scopes.value(command.before, name),
            list: &|path| lists.as_ref()?.get(path).map(|text| &**text),
            is_bare: files.is_nothing(),
            at: &|path| files.at(path, &self.work),
            workdir,
        };
        // What is told stands for all that the step adds, as far as it is kept, but for what is known
        // to be elsewhere; what it installs is there afterwards.
        let mut rewrites = Vec::new();
        // What removes where there is nothing does nothing.
        let removes = !files.is_nothing() || !told.is_empty();
        let mut take = |inner| {
            rewrites.clear();
            added(
                script.as_ref(),
                inner,
                &place,
                machine,
                &mut self.room,
                |simple, program, folder| {
                    let matters = removes || !matches!(program, Program::Remove);
                    if matters && let Some(call) = simple.invocation() {
                        rewrites.push((call, (folder != workdir).then(|| folder.to_owned())));
                    }
                },
            )
        };
        let mut guess = take(None);
        if guess.has_inner {
            let inner = inner.get_or_init(|| script.as_ref().map(Inner::of).unwrap_or_default());
            let scripts = inner_scripts.get_or_init(|| inner.scripts());
            guess = take(Some(scripts.as_slice()));
        }
        let by = By {
            step: at,
            owner: None,
        };
        if told.is_empty() {
            let changes = (!rewrites.is_empty()).then(|| {
                let made = |path: &str, word: &str| {
                    let is_placed =
                        |one: &Placed| is_below(&one.path, path) || is_below(path, &one.path);
                    guess.brings_files || guess.placed.iter().any(is_placed) || {
                        let inner = inner_scripts.get().into_iter().flatten();
                        let inner = inner.map(|given: &Given<'_>| &given.script);
                        let mut scripts = script.iter().chain(inner);
                        scripts.any(|script| names_elsewhere(script, path, word, workdir))
                    }
                };
                let step = changes::Step {
                    number: at,
                    workdir,
                    volumes,
                    made: &made,
                };
                step.changes(&rewrites, files, &self.work, &mut self.plan.waste)
            });
            put(guess.placed, guess.made, files, &self.work, &by);
            files.lose(&guess.loose);
            let (mut size, mut compressed) = (guess.size, guess.compressed);
            if let Some(changed) = changes {
                size.add(&changed);
                compressed.add(Share::ANY.of(changed.span()));
            }
            // The archive of a layer has a head for each file.
            if compressed != Span::UNKNOWN {
                compressed.add(Span::between(29, 150, 1_000));
            }
            return (size, compressed);
        }
        let gone = removed(&rewrites, workdir);
        let is_kept = |path: &str| {
            let folders = [volumes, &mounts, &gone];
            !folders.iter().any(|folders| is_below_any(path, folders))
        };
        as_told(&told, guess.placed, is_kept, files, &by)
    }

    /// The target as one stage: its build stage with every layer of all stages that are built,
    /// without what is only carried from stage to stage. Where several bases are used, the
    /// largest counts, as one would start from it and add the others' few tools.
    fn single_stage(&mut self) -> Option<Span> {
        let target = self.model.target()?;
        let others = self
            .model
            .stages()
            .iter()
            .any(|stage| stage.reachable && stage.id != target);
        // Waste in a stage that is not the target's own chain is in no image.
        if !self.plan.waste.is_empty() {
            let mut is_in_chain = vec![false; self.model.stages().len()];
            for stage in self.model.chain(target) {
                if let Some(is_in) = is_in_chain.get_mut(stage.id.index()) {
                    *is_in = true;
                }
            }
            let steps = &self.plan.steps;
            self.plan.waste.retain(|waste| {
                let stage = steps.get(waste.hid).map(|step| step.stage.index());
                stage.is_some_and(|stage| is_in_chain.get(stage) == Some(&true))
            });
        }
        if !others {
            return None;
        }
        let bases = self.plan.images.iter().filter(|image| {
            self.model
                .stage(image.stage)
                .is_some_and(|stage| stage.reachable)
        });
        let largest = bases
            .map(|image| &image.base)
            .max_by_key(|base| base.likely.unwrap_or(base.low))?;
        let needs = self.model.stages().iter().flat_map(|it| &it.dependencies);
        let copies = needs.filter(|need| {
            need.kind == DependencyKind::Copy && matches!(need.source, Source::Stage(_))
        });
        // In their order, as stages and what they need are.
        let copies: Vec<CommandId> = copies.filter_map(|need| need.command).collect();
        let is_copy = |id: CommandId| copies.binary_search(&id).is_ok();
        let carried = |step: &Step| step.command.is_some_and(is_copy);
        let layers = self
            .plan
            .steps
            .iter()
            .filter(|step| step.built && step.layer && !carried(step));
        let mut total = largest.span();
        layers.for_each(|step| total.add(step.size.span()));
        Some(total)
    }
}

/// Notes what a RUN has put at places that are known, and the folders that it has made.
fn put(placed: Vec<Placed>, made: Vec<String>, files: &mut Files, work: &Work, by: &By) {
    for Placed { path, size, folder } in placed {
        // More packages come to those that are there.
        let there = folder.then(|| files.thing(&path, work)).flatten();
        let size = match there {
            Some((there, true)) => there.plus(&size),
            _ => size,
        };
        files.write(path, size, folder, by.clone());
    }
    for path in made {
        if files.parts(&path, work).is_empty() {
            files.write(path.into(), Estimate::zero(), true, by.clone());
        }
    }
}

/// What a RUN adds of which a lesson tells something, on disk and as transferred: that, as far as it
/// is kept, and what is known to be elsewhere.
fn as_told(
    told: &[&Told],
    placed: Vec<Placed>,
    is_kept: impl Fn(&str) -> bool,
    files: &mut Files,
    by: &By,
) -> (Estimate, Span) {
    let mut total = Estimate::zero();
    let paths: Vec<String> = told.iter().map(|told| join("/", &told.path)).collect();
    for Placed { path, size, folder } in placed {
        if !is_below_any(&path, &paths) {
            total = total.plus(&size);
            files.write(path, size, folder, by.clone());
        }
    }
    for (told, path) in told.iter().zip(paths).filter(|(_, path)| is_kept(path)) {
        let size = Estimate::known(told.size, Basis::Told(told.because.clone().into()));
        total = total.plus(&size);
        files.write(path.into(), size, false, by.clone());
    }
    let compressed = Share::ANY.of(total.span());
    (total, compressed)
}

/// The first step with each key.
struct Known {
    /// As many as a power of two has, at least half of them free. A key is at the place that it says
    /// or soon behind. With it is the number of the step, from 1; 0 is free.
    near: Vec<(u64, usize)>,
    /// Those that are farther away.
    far: BTreeMap<u64, usize>,
}

impl Known {
    /// More places are not looked at.
    const FARTHEST: usize = 16;

    fn for_steps(count: usize) -> Self {
        Self {
            near: vec![(0, 0); (2 * count).next_power_of_two()],
            far: BTreeMap::new(),
        }
    }

    /// The place of a key, or the free one where it belongs.
    fn place(&self, key: u64) -> Option<usize> {
        let last = self.near.len() - 1;
        let first = usize::try_from(key & u64::try_from(last).unwrap_or(0)).unwrap_or(0);
        let mut places = (first..first + Self::FARTHEST).map(|at| at & last);
        places.find(|at| match self.near.get(*at) {
            Some((own, step)) => *own == key || *step == 0,
            None => true,
        })
    }

    fn get(&self, key: u64) -> Option<usize> {
        match self.place(key) {
            Some(at) => self.near.get(at)?.1.checked_sub(1),
            None => self.far.get(&key).copied(),
        }
    }

    fn add(&mut self, key: u64, step: usize) {
        match self.place(key).and_then(|at| self.near.get_mut(at)) {
            Some(place) if place.1 == 0 => *place = (key, step + 1),
            Some(_) => {}
            None => {
                self.far.entry(key).or_insert(step);
            }
        }
    }
}

/// What COPY or ADD writes of the text in the Dockerfile.
fn written_here(text: usize) -> Estimate {
    match u64::try_from(text).unwrap_or(u64::MAX) {
        0 => Estimate::zero(),
        bytes => Estimate::known(bytes, rule!("the text in the Dockerfile")),
    }
}

/// The sources of COPY or ADD that are not written in the Dockerfile.
fn files_of_context<'s>(sources: impl Iterator<Item = &'s str>) -> impl Iterator<Item = &'s str> {
    sources.filter(|source| !source.starts_with("<<"))
}

/// The archives among what ADD takes, which it takes apart, and the other files.
struct Split {
    /// What the archives hold, on disk and as transferred.
    size: Estimate,
    compressed: Span,
    others: Selection,
}

impl Split {
    /// `None` where there is no archive. Those in a folder that is named stay as they are.
    fn of(context: &Context, selection: &Selection, source: &str) -> Option<Self> {
        let depth = |path: &str| path.matches('/').count();
        let source = source.trim_start_matches("./").trim_matches('/');
        let is_named = |file: &ContextFile| {
            file.path == source
                || source.contains(['*', '?', '[']) && depth(&file.path) == depth(source)
        };
        let kind = |file: &ContextFile| {
            let kind = packing(&file.path).filter(|it| it.is_unpacked_by_add());
            kind.filter(|_| is_named(file))
        };
        let file = |at: &usize| context.files.get(*at);
        selection.files.iter().filter_map(file).find_map(kind)?;
        let mut split = Self {
            size: Estimate::zero(),
            compressed: Span::exact(0),
            others: Selection::default(),
        };
        let mut others = Vec::new();
        for (at, file) in selection
            .files
            .iter()
            .filter_map(|at| Some((*at, file(at)?)))
        {
            let Some(kind) = kind(file) else {
                others.push(at);
                split.others.add(file);
                continue;
            };
            let packed = Span::exact(file.size);
            split.size.add(&match context.archives.get(&file.path) {
                Some(bytes) => Estimate::known(*bytes, Basis::Context),
                None => packed::unpacked(kind, packed),
            });
            split.compressed.add(packed::compressed(kind, packed));
        }
        let is_other = |at: &usize| others.binary_search(at).is_ok();
        split.others.lists = selection.lists.iter().copied().filter(is_other).collect();
        split.others.files = others.into();
        split.others.is_unknown = selection.is_unknown;
        Some(split)
    }
}

/// Whether ADD fetches a source.
fn is_remote(source: &str) -> bool {
    has_scheme(source) || source.starts_with("git@")
}

/// The size of a source whose files are not known.
fn unseen(source: &str) -> Estimate {
    Estimate::open(if is_remote(source) {
        unknown!("the size of a download")
    } else {
        unknown!("the build context")
    })
}

/// What COPY or ADD writes where nothing is known of the context, on disk and as transferred, and
/// whether it is more than one file for sure.
fn copied_unseen<'s>(
    sources: impl Iterator<Item = &'s str>,
    text: usize,
) -> (Estimate, Span, bool) {
    let mut total = written_here(text);
    let (mut count, mut many) = (0, false);
    for source in sources {
        count += 1;
        many |= count > 1 || source.ends_with('/') || matches!(source, "." | "./");
        if !source.starts_with("<<") {
            total.add(&unseen(source));
        }
    }
    let compressed = Share::ANY.of(total.span());
    (total, compressed, many)
}

/// What a step stands on besides the one below it, and by what it is known for that.
#[derive(Default)]
struct Stand {
    others: Vec<usize>,
    keys: Keys,
    same_as: Option<usize>,
    /// Whether its files do not depend on what is below them.
    link: bool,
}

/// What the commands of a stage need that are still to come, in their order.
struct Needs<'s>(&'s [Dependency]);

impl<'s> Needs<'s> {
    /// What the next one needs.
    fn of(&mut self, command: CommandId) -> &'s [Dependency] {
        let mut rest = self.0;
        while let Some((first, others)) = rest.split_first()
            && first.command < Some(command)
        {
            rest = others;
        }
        let mut count = 0;
        while rest
            .get(count)
            .is_some_and(|need| need.command == Some(command))
        {
            count += 1;
        }
        let (own, rest) = rest.split_at_checked(count).unwrap_or_default();
        self.0 = rest;
        own
    }
}

/// Whether what a step copies does not depend on what is below.
fn is_link(file: &Parse, instruction: &Instruction) -> bool {
    match &instruction.kind {
        // With `--chmod` the builder does as if it were not there.
        Kind::Transfer(transfer) => {
            transfer.link && file.flag_value(instruction, "chmod").is_none()
        }
        _ => false,
    }
}

/// The expanded words of that role.
fn texts_of<'m>(
    model: &'m Model,
    command: &Command,
    file: &'m Parse,
    role: Role,
) -> impl DoubleEndedIterator<Item = &'m str> {
    let words = model.words(command).iter();
    let words = words.filter(move |word| word.role == role);
    words.map(move |word| model.text(file, command, word))
}

fn words_of<'m>(model: &'m Model, command: &Command, file: &'m Parse, role: Role) -> Vec<&'m str> {
    texts_of(model, command, file, role).collect()
}

/// The secrets that a step cannot do without and that are not given, with the mounts that ask for
/// them.
fn missing_secrets(parts: &Parts<'_>, around: &Surroundings) -> Vec<(String, TextRange)> {
    let Some(given) = &around.secrets else {
        return Vec::new();
    };
    let mounts = parts.file.mounts(parts.instruction).iter().enumerate();
    mounts
        .filter(|(_, mount)| mount.kind == MountKind::Secret)
        .filter_map(|(at, mount)| {
            let (id, required) = parts.secret(at, mount);
            (required && !given.contains(id)).then(|| (id.to_owned(), mount.range))
        })
        .collect()
}

/// The paths of a RUN's mounts.
fn mounted(file: &Parse, instruction: &Instruction) -> Vec<String> {
    let targets = file.mounts(instruction).iter().filter_map(|mount| {
        let target = file.mount_option(mount, "target")?.value?;
        Some(file.word(target).to_owned())
    });
    targets.collect()
}

/// Whether a stage starts from another image than its FROM names.
fn is_replaced(stage: &Stage) -> bool {
    let Base::Image(name) = &stage.base else {
        return false;
    };
    let normal = |name: &str| Reference::parse(name).ok().map(|name| name.normalized());
    *name != stage.base_text && normal(name) != normal(&stage.base_text)
}

#[cfg(test)]
mod tests;
