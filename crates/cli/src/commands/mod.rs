//! One module a sub-command.

pub mod lessons;
pub mod parse;
pub mod plan;
