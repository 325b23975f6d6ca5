//! The values that a plan is.

use std::collections::BTreeSet;
use std::fmt;
use std::iter::successors;
use std::ops::Deref;
use std::sync::Arc;

use stagecraft_semantic::{CommandId, StageId};
use stagecraft_sizes::{Basis, Estimate, Span};
use stagecraft_text::TextRange;

use crate::context::Context;
use crate::key::Keys;

/// The size of something that a command makes, as the lesson or the person states it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What is made: an absolute path in the image.
    pub path: String,
    /// The instruction that makes it contains this text.
    pub step: String,
    /// Bytes.
    pub size: u64,
    /// How one knows.
    pub because: String,
}

/// What a build does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The steps of all stages, stage by stage in the order of the file; FROM is the first step
    /// of a stage that starts from an image. Stages that the target does not need are there too.
    pub steps: Vec<Step>,
    /// What each stage's image holds, by the stage's number.
    pub images: Vec<Image>,
    /// The image that the target would be if everything it needs were done in one stage; `None`
    /// where the target needs no other stage.
    pub single_stage: Option<Span>,
    /// Bytes that are in the target's layers and cannot be seen in it.
    pub waste: Vec<Waste>,
    /// Secrets that steps of built stages cannot do without and that are not given. Empty where
    /// nobody knows which are.
    pub missing_secrets: Vec<MissingSecret>,
}

/// A secret that a mount with `required` asks for and that is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSecret {
    /// Its id.
    pub id: String,
    /// Index of the step that asks for it.
    pub step: usize,
    /// The mount.
    pub range: TextRange,
}

/// A step.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is true of a step whatever the others are"
)]
pub struct Step {
    /// Its stage.
    pub stage: StageId,
    /// Its command; `None` for FROM.
    pub command: Option<CommandId>,
    /// As the builder's progress shows it: `[build 2/4]`; empty for what is no step there
    /// (CMD, ENV, LABEL and the like).
    pub label: Label,
    /// First and last line, from 1.
    pub lines: (u32, u32),
    /// The place of the instruction.
    pub range: TextRange,
    /// Whether the target needs it.
    pub built: bool,
    /// Whether its files are put onto what is below by a step of their own (`--link`).
    pub link: bool,
    /// Whether it is run in every build: WORKDIR as the first step of an empty image.
    pub always: bool,
    /// Index of the earlier step that is the same: the builder runs it once, and shows it there.
    pub same_as: Option<usize>,
    /// Whether it is one of those that labels count.
    pub(crate) counted: bool,
    /// The stage that its own is based on.
    pub(crate) base: Option<StageId>,
    /// What a later build knows it by.
    pub(crate) keys: Keys,
    /// Index of the step that it stands on, and of those that it takes files from.
    pub(crate) below: Option<usize>,
    pub(crate) others: Vec<usize>,
    pub(crate) outcome: Arc<Outcome>,
}

/// What the builder's progress calls a step: `[build 2/4]`, the number as wide as the last one.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// That of the stage; `None` where it has none there.
    name: Option<Arc<str>>,
    number: u32,
    /// How many there are; 0 for what is no step.
    total: u32,
}

impl Label {
    pub(crate) const fn new(name: Option<Arc<str>>, number: u32, total: u32) -> Self {
        Self {
            name,
            number,
            total,
        }
    }

    /// Whether it is that of no step.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            number,
            total,
        } = self;
        if self.is_empty() {
            return Ok(());
        }
        let width = 1 + total.checked_ilog10().map_or(0, |more| more as usize);
        let (name, space) = name.as_deref().map_or(("", ""), |name| (name, " "));
        write!(f, "[{name}{space}{number:width$}/{total}]")
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

/// What a step comes to, whatever it stands on. A step can be asked for it as for what is its own;
/// plans of nearly the same text share it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether it makes a layer.
    pub layer: bool,
    /// Indices of the files of the context that it reads.
    pub reads: Arc<[usize]>,
    /// The key of what is in them.
    pub(crate) content: u64,
    /// Folders given by `--build-context` that it takes files of, with the key of those files.
    pub(crate) folders: Vec<(String, u64)>,
    /// Bytes of file content that its layer adds; for FROM the image's.
    pub size: Estimate,
    /// The same as a registry transfers it.
    pub compressed: Span,
    /// The key of the instruction alone.
    pub(crate) own: u64,
}

impl Outcome {
    /// What most steps come to.
    pub(crate) fn nothing() -> Self {
        Self {
            layer: false,
            reads: Arc::default(),
            content: 0,
            folders: Vec::new(),
            size: Estimate::zero(),
            compressed: Span::exact(0),
            own: 0,
        }
    }
}

impl Deref for Step {
    type Target = Outcome;

    fn deref(&self) -> &Outcome {
        &self.outcome
    }
}

impl Step {
    /// Indices of the steps whose results it starts from: first the one that it stands on.
    pub fn needs(&self) -> impl DoubleEndedIterator<Item = usize> + Clone {
        self.below.into_iter().chain(self.others.iter().copied())
    }
}

impl Plan {
    /// What a stage's image holds.
    pub fn image(&self, stage: StageId) -> Option<&Image> {
        self.images.iter().find(|image| image.stage == stage)
    }

    /// Why the size of a stage's image is believed: each reason once.
    pub fn reasons<'p>(&'p self, image: &'p Image) -> Vec<&'p Basis> {
        let below = |image: &&Image| self.images.get(image.below?.index());
        let chain: Vec<&Image> = successors(Some(image), below).collect();
        let base = chain.last().map_or(&[][..], |lowest| &lowest.base.basis);
        let mut all: Vec<&Basis> = base.iter().collect();
        for image in chain.into_iter().rev() {
            let own = self.steps.iter().filter(|step| step.stage == image.stage);
            for basis in own.filter(|step| step.layer).flat_map(|it| &it.size.basis) {
                if !all.contains(&basis) {
                    all.push(basis);
                }
            }
        }
        all
    }

    /// What the images of all stages take together, where each layer that several of them have
    /// counts once.
    pub fn together(&self) -> Together {
        let mut seen = BTreeSet::new();
        let weighed = self.steps.iter();
        let layers = weighed
            .filter(|step| step.layer || step.command.is_none())
            .filter(|step| seen.insert(step.keys.whole))
            .map(|step| step.size.span());
        // Folders and what is not known are no steps.
        let outside = self.images.iter().filter(|image| image.is_from_outside);
        let outside = outside.map(|image| image.base.span());
        Together {
            apart: self.images.iter().map(|image| image.total).sum(),
            together: layers.chain(outside).sum(),
        }
    }

    /// How many percent smaller the target is than the same in one stage; `None` where that is
    /// not known, or it is not smaller.
    pub fn saved_percent(&self, target: StageId) -> Option<u64> {
        let single = self.single_stage.as_ref()?.likely?;
        let image = self.image(target)?.total.likely?;
        let saved = single.checked_sub(image)?;
        saved
            .saturating_mul(100)
            .checked_div(single)
            .filter(|&percent| percent > 0)
    }

    /// Which steps a second build runs again after the file of that path has changed in the
    /// context; the others come from the cache.
    ///
    /// A step runs again where it reads the file, or starts from one that runs again. What a
    /// command writes is taken to differ, so `COPY --from` of a stage that runs again does so
    /// too. Steps that make no layer never run.
    pub fn runs_after(&self, context: &Context, path: &str) -> Vec<bool> {
        let edited = |&file: &usize| {
            context.files.get(file).is_some_and(|file| {
                file.path == path || file.path.ends_with('/') && path.starts_with(&file.path)
            })
        };
        let mut runs: Vec<bool> = Vec::with_capacity(self.steps.len());
        // What a step needs stands before it.
        for step in &self.steps {
            let again = step.reads.iter().any(edited)
                || (step.needs()).any(|need| runs.get(need).copied().unwrap_or(false));
            runs.push(again && step.layer);
        }
        runs
    }
}

/// What several images take.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// The sum of what each would take alone.
    pub apart: Span,
    /// What all of them take, where each layer counts once.
    pub together: Span,
}

impl Together {
    /// Bytes that count once though several images have them; `None` where they share nothing, or
    /// it is not known how large that is.
    pub fn shared(&self) -> Option<u64> {
        let shared = self.apart.likely?.checked_sub(self.together.likely?)?;
        (shared > 0).then_some(shared)
    }
}

/// What a stage's image holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// The stage.
    pub stage: StageId,
    /// What it starts from: the image below, through all stages that it is based on.
    pub base: Estimate,
    /// The stage that it is based on.
    pub(crate) below: Option<StageId>,
    /// Whether what it starts from is neither a stage nor an image, and not empty.
    pub(crate) is_from_outside: bool,
    /// Everything, base included; [`Plan::reasons`] says why that is believed.
    pub total: Span,
    /// The same as a registry transfers it.
    pub compressed: Span,
}

/// Bytes that a layer holds and a later one hides.
#[derive(Debug, Clone, PartialEq)]
pub struct Waste {
    /// Index of the step that wrote them.
    pub wrote: usize,
    /// Index of the step that hides them.
    pub hid: usize,
    /// What they are.
    pub what: Arc<str>,
    /// How many.
    pub size: Estimate,
}
