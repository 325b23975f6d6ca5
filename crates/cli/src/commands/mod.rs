//! One module a sub-command.

pub mod explain;
pub mod export;
pub mod fix;
pub mod lessons;
pub mod lint;
pub mod parse;
pub mod plan;
pub mod rebuild;
pub mod serve;
pub mod size;
