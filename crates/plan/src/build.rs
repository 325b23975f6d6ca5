//! From a model to the steps of a build.

mod archives;
mod known;
mod layer;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_image::{Platform, Reference};
use stagecraft_semantic::paths::join;
use stagecraft_semantic::{
    Base, Command, CommandId, Dependency, DependencyKind, Model, Role, Source, Stage, StageId,
    Written,
};
use stagecraft_sizes::{BaseSize, Basis, Estimate, Reasons, Span, unknown};
use stagecraft_syntax::{Instruction, Keyword, Kind, MountKind, Parse, expand};
use stagecraft_text::TextRange;

use crate::Surroundings;
use crate::again::{Asked, Ended, Kept, Land};
use crate::bases::{BaseImage, Bases};
use crate::held::{By, Files, Work, is_below};
use crate::key::{Environment, Keys, Parts, Upon, hash, of_image};
use crate::model::{Image, Label, MissingSecret, Outcome, Plan, Step};
use crate::packed::Share;
use crate::run::{Placed, Room};
use crate::schedule::BuilderKind;
use crate::selected::{Memory, Selections, Taken};
use known::Known;

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
