//! What a Dockerfile means: its stages and what they need, and the variables, folder, user and
//! shell that hold at each instruction.
//!
//! ```
//! use stagecraft_semantic::{Base, NoImages, Options, analyze};
//! use stagecraft_syntax::parse;
//!
//! let file = parse("ARG V=3.20\nFROM alpine:$V AS base\nFROM base\nWORKDIR /app\n");
//! let model = analyze(&file, &Options::default(), &NoImages);
//! let [base, last] = model.stages() else { unreachable!() };
//! assert_eq!(base.base, Base::Image("alpine:3.20".into()));
//! assert_eq!(last.base, Base::Stage(base.id));
//! assert_eq!(model.scopes().workdir(last.end), Some("/app"));
//! ```
//!
//! Facts about BuildKit here are those of its `dockerfile2llb` package, settled by its own
//! answers for the corpora in `tests/`.

pub mod archive;
mod arguments;
mod commands;
mod evaluate;
mod graph;
pub mod ignore;
mod model;
mod options;
pub mod paths;
mod problem;
mod scope;
mod script;

pub use arguments::PROXY_ARGUMENTS;
pub use evaluate::analyze;
pub use model::{
    Base, Command, CommandId, Dependency, DependencyKind, Expanded, Global, Model, Reference, Role,
    Source, Stage, StageId, Written,
};
pub use options::{Images, NamedContext, NoImages, Options};
pub use problem::{Problem, ProblemKind, ProblemPhase};
pub use scope::{Origin, Scopes, State, Variable};
pub use script::ShellScript;
