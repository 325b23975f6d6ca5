//! Small parts: properties in, callbacks out. They read no context and know no lesson.

mod icon;
mod inlines;
mod severity_badge;
mod snippet;

pub(crate) use icon::{Icon, Sign};
pub(crate) use inlines::inlines;
pub(crate) use severity_badge::SeverityBadge;
pub(crate) use snippet::Snippet;
