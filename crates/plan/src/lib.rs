//! What a build does: the steps of each stage, what they need, what they take from the build
//! context, and how large they are.
//!
//! Facts about BuildKit here are those of its `dockerfile2llb` package and its progress output.

mod again;
mod bases;
mod build;
mod cache;
mod changes;
mod context;
mod downloads;
mod held;
mod key;
mod legacy;
mod model;
mod packed;
pub mod rebuild;
mod run;
mod schedule;
mod selected;
mod shown;
mod usual;

pub use cache::{Asked, Cache, Cause, Change, NoCache, Verdict};
pub use context::{Context, ContextFile};
pub use model::{Image, Label, MissingSecret, Outcome, Plan, Step, Together, Told, Waste};
pub use schedule::{BuilderKind, Costs, Schedule, Slot};
pub use selected::Memory;
pub use stagecraft_sizes::{Basis, Estimate, Span, Tables, binary_words, docker_words, words};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stagecraft_image::Platform;
use stagecraft_semantic::Model;
use stagecraft_syntax::Parse;

/// What is known besides the Dockerfile.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    /// The build context; `None` where nothing is known of it.
    pub context: Option<Arc<Context>>,
    /// The text of `.dockerignore`, if there is one.
    pub dockerignore: Option<Arc<str>>,
    /// Folders given by `--build-context`, by the name that
    /// [`Source::Folder`](stagecraft_semantic::Source::Folder) has; what their own `.dockerignore`
    /// leaves out is not among the files. Of one that is not here nothing is known.
    pub folders: BTreeMap<String, Arc<Context>>,
    /// The secrets that are given, by id; `None` where that is not known.
    pub secrets: Option<BTreeSet<String>>,
    /// What the image is for; `linux/amd64` where nothing says.
    pub platform: Option<Platform>,
    /// The tables of packages.
    pub tables: Tables,
    /// Sizes that somebody states.
    pub told: Vec<Told>,
    /// Who builds: the builder before BuildKit keeps nothing of what RUN writes into a volume.
    pub builder: BuilderKind,
    /// Bytes of base images that the person states, on disk, by the name that FROM has for them.
    pub bases: BTreeMap<String, u64>,
}

/// Says what a build of `file` does.
pub fn plan(file: &Parse, model: &Model, around: &Surroundings) -> Plan {
    plan_again(file, model, around, &mut Memory::once())
}

/// The same, with what earlier plans have left in `memory`.
pub fn plan_again(file: &Parse, model: &Model, around: &Surroundings, memory: &mut Memory) -> Plan {
    build::build(file, model, around, memory)
}
