//! Builds without a builder: what runs, what comes from the cache, what files each layer holds.
//!
//! A [`Builder`] is what a builder has on its disk. Each [`Builder::build`] goes through the steps
//! as BuildKit does: a step is looked up by its own words and what it stands on, then by the
//! content that it takes, and runs where neither is known. What a command writes is worked out
//! where `stagecraft-files` knows the command; elsewhere its files are unknown, and are taken to
//! be others each time it runs.
//!
//! Source: recorded builds of BuildKit, which `tests/` compare with.

mod config;
mod run;
mod solve;
#[cfg(test)]
mod tests;
mod transfer;

use std::collections::BTreeMap;
use std::sync::Arc;

use stagecraft_files::{Clock, Dir, Entry, Node, Tree};
use stagecraft_image::{ImageConfig, Platform, Reference};
use stagecraft_semantic::{Model, Options, PROXY_ARGUMENTS};
use stagecraft_syntax::Parse;

use crate::model::Plan;
use crate::{NoCache, Surroundings, plan};
pub use config::history;
use solve::{Run, Stored};

/// An image that a build can start from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BaseImage {
    /// What its layer is called in images that are made of it.
    pub name: String,
    /// Its files.
    pub tree: Tree,
    /// What it says of itself.
    pub config: ImageConfig,
    /// How it came about, oldest first.
    pub history: Vec<History>,
    /// The size of its one layer in bytes, unpacked.
    pub size: u64,
}

/// Who knows the images.
pub trait BaseImages {
    /// The image of that name; `None` where there is none.
    fn image(&self, name: &Reference<'_>, platform: &Platform) -> Option<BaseImage>;
}

/// A build that is asked for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The Dockerfile.
    pub file: &'a Parse,
    /// What it means, target and arguments in it.
    pub model: &'a Model,
    /// The build context as it is sent: without what `.dockerignore` leaves out.
    pub context: Tree,
    /// Folders given by `--build-context`, by the name that [`stagecraft_semantic::Source::Folder`] has.
    pub folders: BTreeMap<String, Tree>,
    /// What the image is for.
    pub platform: Platform,
    /// `--no-cache`, `--no-cache-filter`
    pub no_cache: NoCache,
    /// `--secret`, by id.
    pub secrets: BTreeMap<String, String>,
    /// Proxies that RUN finds in its environment without an ARG, and that no key looks at.
    pub proxies: BTreeMap<String, String>,
    /// `--label`
    pub labels: BTreeMap<String, String>,
    /// `BUILDKIT_CACHE_MOUNT_NS`: which cache mounts are meant.
    pub cache_namespace: String,
    /// `SOURCE_DATE_EPOCH`, in seconds.
    pub epoch: Option<u64>,
}

impl<'a> Request<'a> {
    /// A build of `file` with these options, over an empty context.
    pub fn new(file: &'a Parse, model: &'a Model, options: &Options) -> Self {
        let arguments = &options.build_args;
        let epoch = arguments.get("SOURCE_DATE_EPOCH").map(String::as_str);
        let epoch = epoch.or_else(|| model.global_value("SOURCE_DATE_EPOCH"));
        let namespace = arguments.get("BUILDKIT_CACHE_MOUNT_NS");
        let proxies = arguments
            .iter()
            .filter(|(name, _)| PROXY_ARGUMENTS.contains(&name.as_str()));
        Self {
            file,
            model,
            context: Tree::default(),
            folders: BTreeMap::new(),
            platform: options.platform.clone(),
            no_cache: NoCache::Nothing,
            secrets: BTreeMap::new(),
            proxies: proxies
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            labels: BTreeMap::new(),
            cache_namespace: namespace.cloned().unwrap_or_default(),
            epoch: epoch.and_then(|seconds| seconds.parse().ok()),
        }
    }
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It ran.
    Done,
    /// It came from the cache.
    Cached,
    /// It failed.
    Error,
    /// It was running when another failed.
    Canceled,
    /// It had not started when another failed.
    NotRun,
}

impl StepState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cached => "cached",
            Self::Error => "error",
            Self::Canceled => "canceled",
            Self::NotRun => "not-run",
        }
    }
}

/// A step as the builder's progress shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vertex {
    /// Its name: `[build 2/4] RUN make`.
    pub name: String,
    /// What became of it.
    pub state: StepState,
    /// Index of its step in the plan.
    pub step: usize,
    /// Equal for steps that are one and the same in builds for several platforms.
    pub identity: u64,
    /// When it started and ended, in thousandths of a second of the model's own clock: a RUN
    /// takes 100 and what it sleeps, another step 10, from the cache none.
    pub time: (u64, u64),
}

/// Why a build ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The line that the builder points at.
    pub line: Option<u32>,
    /// What went wrong.
    pub message: String,
}

/// An entry of an image's history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// The instruction, as the image has it.
    pub created_by: String,
    /// A note; empty where there is none.
    pub comment: String,
    /// Whether no layer belongs to it.
    pub empty_layer: bool,
}

/// A layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltLayer {
    /// Its size in bytes, unpacked; `None` where what is in it is not known.
    pub size: Option<u64>,
    /// The image that it comes from.
    pub base: Option<String>,
    /// What is in it; empty for a layer of a base.
    pub entries: Vec<Entry>,
}

/// An image.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltImage {
    /// What it says of itself.
    pub config: ImageConfig,
    /// MAINTAINER
    pub author: String,
    /// How it came about, oldest first.
    pub history: Vec<History>,
    /// Its layers, oldest first.
    pub layers: Vec<Arc<BuiltLayer>>,
}

/// What came of a build.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// The steps that the builder shows.
    pub vertices: Vec<Vertex>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// The image, if there is one.
    pub image: Option<BuiltImage>,
    /// The steps as the plan has them.
    pub plan: Plan,
}

/// A builder with what earlier builds have left on its disk.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    /// Results by all keys that lead to them.
    results: BTreeMap<u64, Stored>,
    /// Folders of the person as they were sent last, by name.
    sent: BTreeMap<String, Tree>,
    /// Cache mounts by id.
    caches: BTreeMap<String, Node>,
    /// How many steps have run.
    runs: u64,
}

impl Builder {
    /// Builds, and keeps what a builder would keep for the next time.
    pub fn build(&mut self, request: &Request<'_>, images: &impl BaseImages) -> Built {
        let around = Surroundings {
            platform: Some(request.platform.clone()),
            ..Surroundings::default()
        };
        let plan = plan(request.file, request.model, &around);
        let (vertices, failure, image) = Run::new(request, &plan, self).all(images);
        Built {
            vertices,
            failure,
            image,
            plan,
        }
    }

    /// The time of the step that runs now.
    fn clock(&mut self) -> Clock {
        self.runs += 1;
        Clock::step(self.runs)
    }

    /// A folder of the person as the builder has it after it is sent: files whose size, time and
    /// mode are as before are not sent again, and a folder that is there stays as it is.
    /// Source: recorded builds (`copykey/fsutil-same-size-mtime`, `dirmode/*`).
    fn send(&mut self, name: &str, now: &Tree) -> Tree {
        let before = self.sent.get(name).cloned().unwrap_or_default();
        let root = Arc::new(sent(Some(before.root()), now.root()));
        let tree = Tree::of(root);
        self.sent.insert(name.to_owned(), tree.clone());
        tree
    }
}

fn sent(before: Option<&Dir>, now: &Dir) -> Dir {
    let mut dir = Dir {
        meta: before.map_or(now.meta, |before| before.meta),
        ..Dir::default()
    };
    for (name, node) in &now.entries {
        let old = before.and_then(|before| before.entries.get(name));
        let kept = match (old, node) {
            (Some(Node::Dir(old)), Node::Dir(new)) => Node::Dir(Arc::new(sent(Some(old), new))),
            (_, Node::Dir(new)) => Node::Dir(Arc::new(sent(None, new))),
            (Some(Node::File(old)), Node::File(new))
                if old.meta == new.meta && old.content.size() == new.content.size() =>
            {
                Node::File(Arc::clone(old))
            }
            _ => node.clone(),
        };
        dir.entries.insert(name.clone(), kept);
    }
    dir
}
