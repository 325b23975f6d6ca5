//! Where things are: the repository, its build output, the person's cache; and what the lock file pins.

use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The target that the page and its tests are built for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// Cargo's target folder: this program lies in it.
pub(crate) fn target_dir() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("CARGO_TARGET_DIR") {
        return Ok(root().join(dir));
    }
    let program = env::current_exe().context("cannot tell where xtask itself is")?;
    let dir = program
        .ancestors()
        .nth(2)
        .context("xtask is not in a target folder")?;
    Ok(dir.to_path_buf())
}

/// Our own folder in Cargo's target folder.
pub(crate) fn work_dir() -> Result<PathBuf> {
    let dir = target_dir()?.join("xtask");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}

/// The folder where tools are kept for all clones of this person.
pub(crate) fn cache_dir() -> Result<PathBuf> {
    let not_empty = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let dir = if let Some(dir) = not_empty("STAGECRAFT_CACHE") {
        PathBuf::from(dir)
    } else if let Some(dir) = not_empty("XDG_CACHE_HOME") {
        PathBuf::from(dir).join("stagecraft")
    } else if let Some(home) = env::home_dir() {
        home.join(".cache").join("stagecraft")
    } else {
        bail!("no folder for the tools: set STAGECRAFT_CACHE to one");
    };
    fs::create_dir_all(&dir).with_context(|| {
        format!(
            "cannot make {}: set STAGECRAFT_CACHE to a folder that can be written",
            dir.display()
        )
    })?;
    std::path::absolute(&dir).with_context(|| format!("cannot resolve {}", dir.display()))
}

/// The person's own cargo, run at the root of the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The version of an outside crate in `Cargo.lock`.
pub(crate) fn locked_version(name: &str) -> Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let mut lines = lock.lines();
    lines
        .by_ref()
        .find(|line| *line == format!("name = \"{name}\""))
        .and_then(|_| lines.next())
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock does not name {name}"))
}

/// A value of `[workspace.package]`.
pub(crate) fn workspace_value(key: &str) -> Result<String> {
    let manifest =
        fs::read_to_string(root().join("Cargo.toml")).context("cannot read Cargo.toml")?;
    manifest
        .lines()
        .find_map(|line| {
            line.strip_prefix(key)?
                .trim()
                .strip_prefix("= \"")?
                .strip_suffix('"')
        })
        .map(str::to_owned)
        .with_context(|| format!("Cargo.toml does not give a {key}"))
}

/// The whole path of a program that `PATH` finds.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file())
}

/// What a short command prints, trimmed; nothing where it cannot be run or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `PATH` with `dirs` in front.
pub(crate) fn path_with(dirs: &[PathBuf]) -> Result<std::ffi::OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    env::join_paths(dirs.iter().cloned().chain(env::split_paths(&old)))
        .context("a folder's name does not fit into PATH")
}

/// A short name for the content of some files: it changes when any of them does.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hasher = seahash::SeaHasher::new();
    for part in parts {
        std::hash::Hasher::write(&mut hasher, part);
        std::hash::Hasher::write_usize(&mut hasher, part.len());
    }
    format!("{:016x}", std::hash::Hasher::finish(&hasher))
}
