//! The `stagecraft` command as a library, so that tests see exactly what it prints.

pub mod build;
pub mod commands;
pub mod context;
pub mod input;
pub mod page;
pub mod scenario;
pub mod settings;
