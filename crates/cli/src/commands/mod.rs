//! One module a sub-command.

pub mod parse;
pub mod plan;
