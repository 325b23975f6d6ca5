//! What the page knows: plain values and the actions that change them.

mod desk;
mod settings;
mod shelf;

pub(crate) use desk::{Action, BuildOption, ContextEdit, Desk, OpenFile, Sought};
pub(crate) use settings::{Settings, SettingsAction, Theme, View};
pub(crate) use shelf::Shelf;
