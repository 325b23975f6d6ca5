//! What there is to know of stages, and of those that they start from.

use std::collections::BTreeMap;

use stagecraft_image::Reference as ImageName;
use stagecraft_semantic::{Base, Stage, StageId};
use stagecraft_syntax::{From, Keyword, Kind, Word};
use stagecraft_text::{has_part, sort};

use super::{Facts, Item, RunFacts, Told};
use crate::image_name::WrittenName;

/// What there is to know of a stage.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each asked for by its name"
)]
pub(super) struct StageFacts {
    /// Place of its first WORKDIR in the items.
    workdir: Option<usize>,
    /// Whether WORKDIR stands in it or in one below it.
    any_workdir: bool,
    /// The same of SHELL.
    any_shell: bool,
    /// Whether another stage starts from it.
    is_base: bool,
    /// The last [`Item::checked`] in it.
    checked: Option<Told>,
    /// The stage that hadolint takes it to go on from, and the one that it has ShellCheck go on
    /// from; see [`Facts::add_taken_bases`].
    taken_base: Option<StageId>,
    pub(super) checked_base: Option<StageId>,
    /// Whether WORKDIR stands in it or in one that it is taken to go on from.
    taken_workdir: bool,
    /// Whether its layers are those of the last image.
    ships: bool,
    /// The stage that it starts from in the end.
    root: Option<StageId>,
    /// Whether what it starts from in the end is for Windows, as far as the image's name says.
    windows: bool,
}

/// So many stages are looked at that start from each other.
pub(super) const MOST_BELOW: usize = 32;

impl<'a> Facts<'a> {
    /// Notes which stage hadolint takes each to go on from: the last one above that has the name
    /// behind its FROM, without registry and tag. It has that by AS, or, but for ShellCheck, by its
    /// own FROM. Where nobody asks for hadolint's verdicts it is the one that it starts from.
    pub(super) fn add_taken_bases(&mut self) {
        if !cfg!(feature = "elsewhere") {
            for (stage, facts) in self.model.stages().iter().zip(&mut self.stages) {
                if let Base::Stage(below) = stage.base {
                    facts.taken_base = Some(below);
                    facts.checked_base = Some(below);
                }
            }
            return;
        }
        let (mut known, mut named) = (BTreeMap::new(), BTreeMap::new());
        let stages = self.model.stages().iter().zip(&mut self.stages);
        for (stage, facts) in stages {
            let Some((_, from)) = stage.from_instruction(self.file) else {
                continue;
            };
            let image = from.image.map(|word| self.file.word(word));
            let Some(image) = image.and_then(WrittenName::read) else {
                continue;
            };
            facts.taken_base = known.get(image.name).copied();
            facts.checked_base = named.get(image.name).copied();
            let name = from.name.map(|name| self.file.word(name));
            known.insert(name.unwrap_or(image.name), stage.id);
            named.extend(name.map(|name| (name, stage.id)));
        }
    }

    /// What hadolint takes a stage to go on with.
    pub(super) fn checked_below(&self, stage: Option<StageId>) -> Option<Told> {
        let below = self.stage(stage).checked_base?;
        self.stage(Some(below)).checked
    }

    /// Notes what the instruction at that place means for its stage.
    pub(super) fn stage_at(&mut self, at: usize, checked: Option<Told>) {
        let Some(item) = self.items.get(at) else {
            return;
        };
        let own = match item.stage {
            Some(id) => self.stages.get_mut(id.index()),
            None => Some(&mut self.no_stage),
        };
        if let Some(facts) = own.filter(|_| !item.onbuild) {
            facts.checked = checked;
            match item.instruction.keyword {
                Keyword::Workdir => facts.workdir = facts.workdir.or(Some(at)),
                Keyword::Shell => facts.any_shell = true,
                _ => {}
            }
        }
    }

    /// Hands on what a stage has from the one that it starts from, which stands above it.
    pub(super) fn chain(&mut self) {
        for (at, stage) in self.model.stages().iter().enumerate() {
            let below = match stage.base {
                Base::Stage(id) => self.stages.get_mut(id.index()).map(|below| {
                    below.is_base = true;
                    *below
                }),
                _ => None,
            };
            let below = below.unwrap_or_default();
            let taken = self.stages.get(at).and_then(|facts| facts.taken_base);
            let taken_workdir = taken.is_some_and(|id| self.stage(Some(id)).taken_workdir);
            if let Some(facts) = self.stages.get_mut(at) {
                facts.taken_workdir = facts.workdir.is_some() || taken_workdir;
                facts.any_workdir = facts.workdir.is_some() || below.any_workdir;
                facts.any_shell |= below.any_shell;
                facts.root = match stage.base {
                    // Only an earlier one.
                    Base::Stage(_) => below.root.filter(|root| *root < stage.id),
                    _ => Some(stage.id),
                };
                facts.windows = match &stage.base {
                    Base::Image(name) => is_named_for_windows(name),
                    Base::Stage(_) => below.windows,
                    _ => false,
                };
            }
        }
        let mut next = self.model.stages().last();
        while let Some(stage) = next {
            if let Some(facts) = self.stages.get_mut(stage.id.index()) {
                facts.ships = true;
            }
            // Only an earlier one, so that this ends.
            next = match stage.base {
                Base::Stage(id) if id < stage.id => self.model.stage(id),
                _ => None,
            };
        }
    }

    /// Whether the layers of a stage are those of the last image.
    pub(crate) fn ships(&self, stage: Option<StageId>) -> bool {
        self.stage(stage).ships
    }

    /// What a stage starts from in the end, once stages that stand on others are followed.
    pub(crate) fn root(&self, stage: Option<StageId>) -> Option<&'a Base> {
        let root = self.stage(stage).root?;
        self.model.stage(root).map(|stage| &stage.base)
    }

    /// The image that a stage starts from in the end.
    pub(crate) fn root_image(&self, stage: Option<StageId>) -> Option<ImageName<'a>> {
        self.image(self.stage(stage).root?)
    }

    /// The image that a stage starts from, where it starts from one that can be.
    pub(crate) fn image(&self, stage: StageId) -> Option<ImageName<'a>> {
        self.model.stage(stage)?.image()
    }

    /// Whether the image that a stage starts from in the end is for Windows, by its name.
    pub(crate) fn is_windows_below(&self, stage: Option<StageId>) -> bool {
        self.stage(stage).windows
    }

    pub(super) fn stage(&self, stage: Option<StageId>) -> &StageFacts {
        let facts = stage.and_then(|id| self.stages.get(id.index()));
        facts.unwrap_or(&self.no_stage)
    }

    /// Whether SHELL stands in a stage or one below it.
    pub(crate) fn has_shell(&self, stage: Option<StageId>) -> bool {
        self.stage(stage).any_shell
    }

    /// Whether WORKDIR is set where an instruction stands, by its stage or one below.
    pub(crate) fn has_workdir(&self, item: &Item<'_>, at: usize) -> bool {
        let base = item.stage.and_then(|id| self.model.stage(id));
        let below = match base.map(|stage| &stage.base) {
            Some(Base::Stage(id)) => self.stage(Some(*id)).any_workdir,
            _ => false,
        };
        below || self.has_own_workdir(item, at)
    }

    /// Whether hadolint takes WORKDIR to be set there.
    pub(crate) fn has_taken_workdir(&self, item: &Item<'_>, at: usize) -> bool {
        let below = self.stage(item.stage).taken_base;
        below.is_some_and(|id| self.stage(Some(id)).taken_workdir) || self.has_own_workdir(item, at)
    }

    fn has_own_workdir(&self, item: &Item<'_>, at: usize) -> bool {
        let first = self.stage(item.stage).workdir;
        first.is_some_and(|first| first < at)
    }

    /// Whether nothing that a RUN leaves gets into the last image or one that it starts from.
    pub(crate) fn is_thrown_away(&self, run: &RunFacts<'_>) -> bool {
        let last = self.model.stages().last().map(|stage| stage.id);
        let stage = run.stage.filter(|_| !run.onbuild);
        stage.is_some() && stage != last && !self.stage(stage).is_base
    }

    /// The same as hadolint has it, which knows a stage by its name as written, and takes one
    /// without a name for the last where both start from the same.
    pub(crate) fn is_thrown_away_as_written(&self, run: &RunFacts<'_>) -> bool {
        let stage = run.stage.filter(|_| !run.onbuild);
        let Some(stage) = stage.and_then(|id| self.model.stage(id)) else {
            return false;
        };
        let from = |stage: &Stage| stage.from_instruction(self.file).map(|(_, from)| from);
        let last = self.model.stages().last();
        let Some((own, last)) = from(stage).zip(last.filter(|last| last.id != stage.id)) else {
            return false;
        };
        if let Some(name) = own.name {
            let started = self.started_from.get_or_init(|| self.all_started_from());
            if started.binary_search(&self.file.word(name)).is_ok() {
                return false;
            }
        }
        // What is written like the last one it takes for that.
        let written = |from: &From| {
            let word = |it: Option<Word>| it.map(|it| self.file.word(it));
            (word(from.image), word(from.name), word(from.platform))
        };
        from(last).is_none_or(|last| written(last) != written(own))
    }

    fn all_started_from(&self) -> Vec<&'a str> {
        let images = self
            .items
            .iter()
            .filter_map(|item| match &item.instruction.kind {
                Kind::From(from) => from.image,
                _ => None,
            });
        let names = images.filter_map(|image| self.file.word(image).split([':', '@']).next());
        let mut names: Vec<&str> = names.collect();
        sort(&mut names);
        names
    }

    /// Whether hadolint takes it that one of these places is above a RUN: in its stage, or in those
    /// that it takes to be below it.
    pub(crate) fn is_taken_over(
        &self,
        run: &RunFacts<'_>,
        places: &BTreeMap<Option<StageId>, usize>,
    ) -> bool {
        if places.is_empty() {
            return false;
        }
        let below = |stage: &Option<StageId>| Some(Some(self.stage(*stage).taken_base?));
        let mut stages = std::iter::successors(Some(run.stage), below).take(MOST_BELOW);
        stages.any(|stage| places.get(&stage).is_some_and(|place| *place < run.item))
    }
}

fn is_named_for_windows(image: &str) -> bool {
    let named = ["windows", "nanoserver", "servercore"];
    // Few names have any letter that all of these have one of.
    has_any!(image, b'v' | b'w') && named.iter().any(|name| has_part(image, name))
}
