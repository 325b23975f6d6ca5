//! The front matter of a lesson and the order of the guide. Both are closed: an unknown key is a
//! mistake.

use serde::Deserialize;

use super::sizes::Size;
use crate::check::Check;

/// `guide.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub(super) title: String,
    pub(super) part: Vec<PartOrder>,
}

/// Lessons that belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartOrder {
    pub(super) title: String,
    pub(super) lessons: Vec<String>,
}

/// What stands between the lines of `+++`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Front {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) minutes: u8,
    pub(super) target: Option<String>,
    pub(super) hints: Vec<String>,
    #[serde(default)]
    pub(super) goal: Vec<Goal>,
    #[serde(default)]
    pub(super) context: Vec<Context>,
    #[serde(default)]
    pub(super) told: Vec<Told>,
    #[serde(default)]
    pub(super) source: Vec<Source>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Goal {
    pub(super) say: String,
    pub(super) check: Check,
}

/// A file of the context whose content does not matter, or a folder of many.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    pub(super) path: String,
    pub(super) size: Size,
    pub(super) files: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub(super) path: String,
    pub(super) step: String,
    pub(super) size: Size,
    pub(super) because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) title: String,
    pub(super) url: String,
}

/// The line around front matter.
const FENCE: &str = "+++";

/// Splits a lesson into front matter, body, and the line on which the body starts.
pub(super) fn split(text: &str) -> Result<(&str, &str, u32), &'static str> {
    let rest = text
        .strip_prefix(FENCE)
        .and_then(|rest| rest.strip_prefix('\n'))
        .ok_or("a lesson starts with a line of `+++`, its front matter, and another such line")?;
    let end = rest
        .find("\n+++\n")
        .ok_or("the front matter never ends with a line of `+++`")?;
    let front = rest.get(..=end).unwrap_or_default();
    let body = rest.get(end + "\n+++\n".len()..).unwrap_or_default();
    let lines = u32::try_from(front.matches('\n').count()).unwrap_or(u32::MAX);
    Ok((front, body, lines.saturating_add(3)))
}
