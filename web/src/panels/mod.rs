//! The parts of the desk. Each gets what it shows and calls back; none computes anything about a
//! Dockerfile.

mod build;
mod context;
mod editor;
mod goals;
mod graph;
mod header;
mod inspector;
mod lesson;
mod options;
mod problems;
mod rule;
mod sizes;

pub(crate) use build::BuildPanel;
pub(crate) use context::ContextPanel;
pub(crate) use editor::{EditorPanel, edits};
pub(crate) use graph::GraphPanel;
pub(crate) use header::Header;
pub(crate) use inspector::Inspector;
pub(crate) use lesson::LessonPanel;
pub(crate) use problems::ProblemsPanel;
pub(crate) use rule::RulePanel;
pub(crate) use sizes::SizesPanel;
