//! Lessons: what they say, what they start from, and when their goals are met.
//!
//! An author writes a folder of Markdown and Dockerfiles; [`author`] turns it into a [`Guide`]
//! and says with file and line what is wrong with it. [`Guide::pack`] makes bytes of it for the
//! page, which needs no Markdown. Goals are predicates over what the engine says of a
//! workspace, never over its text: see [`Check`].

#[cfg(feature = "author")]
pub mod author;
mod check;
mod evaluate;
mod guide;
mod transcript;

pub use check::{Check, EditStep};
pub use evaluate::met;
pub use guide::{
    Block, CalloutKind, ContextFile, DockerCommand, Files, Goal, Guide, Inline, Lesson, Link,
    ListItem, Part, Source, Told, plain,
};
pub use transcript::transcript;
