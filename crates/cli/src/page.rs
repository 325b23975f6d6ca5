//! Where `export` and `serve` have the built page and the lessons from.

use std::fs;
use std::path::Path;

use stagecraft_lessons::Guide;
use stagecraft_site::Shell;

use crate::commands::lessons;
use crate::input::files_below;

/// The page that this command carries, as an archive.
#[cfg(feature = "page")]
const PAGE: Option<&[u8]> = Some(include_bytes!(env!("STAGECRAFT_PAGE")));
/// This command carries no page.
#[cfg(not(feature = "page"))]
const PAGE: Option<&[u8]> = None;

/// The page in `folder`, else the one that the command carries.
///
/// # Errors
/// Where there is none, in a sentence.
pub fn shell(folder: Option<&Path>) -> Result<Shell, String> {
    let files = match (folder, PAGE) {
        (Some(folder), _) => files_below(folder)
            .map_err(|error| format!("cannot read the page in {}: {error}", folder.display()))?,
        (None, Some(archive)) => stagecraft_site::unpacked(archive)
            .map_err(|error| format!("the page in this command is broken: {error}"))?,
        (None, None) => {
            return Err("this command carries no page: name the folder of one with --page".into());
        }
    };
    Shell::new(files).map_err(|problem| problem.to_string())
}

/// Packs the page in `folder` as the feature `page` wants it.
///
/// # Errors
/// Where it cannot be read or written, in a sentence.
pub fn pack(folder: &Path, out: &Path) -> Result<(), String> {
    let files = files_below(folder)
        .map_err(|error| format!("cannot read the page in {}: {error}", folder.display()))?;
    let archive = stagecraft_site::archive("page", &files).map_err(|error| error.to_string())?;
    fs::write(out, archive).map_err(|error| format!("cannot write {}: {error}", out.display()))
}

/// The lessons in `folder`, else those of the page.
///
/// # Errors
/// Every mistake in them, a line each.
pub fn guide(folder: Option<&Path>, shell: &Shell) -> Result<Guide, String> {
    let Some(folder) = folder else {
        return shell.guide().map_err(|problem| problem.to_string());
    };
    lessons::read(folder)
        .map(|authored| authored.guide)
        .map_err(|mistakes| {
            let lines = mistakes
                .iter()
                .map(|mistake| format!("{}/{mistake}", folder.display()));
            lines.collect::<Vec<_>>().join("\n")
        })
}
