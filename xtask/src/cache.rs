//! Things that are made once and kept: under a name that carries their version, whole or not at all.

use crate::project;
use anyhow::{Context, Result};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// The file that says that a kept thing is whole.
const STAMP: &str = "complete";

/// The folder `name` of the cache. Where it is missing, `make` fills a new one, which takes its
/// place only when it is whole. Two clones that want the same thing wait for each other.
pub(crate) fn kept(
    name: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<(PathBuf, Origin)> {
    let cache = project::cache_dir()?;
    let place = cache.join(name);
    if place.join(STAMP).is_file() {
        return Ok((place, Origin::Cache));
    }
    let lock = File::create(cache.join("lock")).context("cannot write to the cache")?;
    lock.lock().context("cannot lock the cache")?;
    if place.join(STAMP).is_file() {
        return Ok((place, Origin::Cache));
    }
    // Made where it will stay, as some of it names its own path; the stamp says that it is whole.
    remove(&place)?;
    fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
    make(&place)?;
    fs::write(place.join(STAMP), "")
        .with_context(|| format!("cannot write to {}", place.display()))?;
    Ok((place, Origin::Made))
}

/// Whether the folder `name` of the cache is there.
pub(crate) fn has(name: &str) -> Result<bool> {
    Ok(project::cache_dir()?.join(name).join(STAMP).is_file())
}

/// Where a kept thing came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was there.
    Cache,
    /// It was made just now.
    Made,
}

/// Removes a folder with all that is in it; it may be missing.
pub(crate) fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
