//! One module a sub-command.

pub mod parse;
