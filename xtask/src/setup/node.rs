//! Node.js, which must be there, and the npm packages that lock files name.

use crate::{
    progress::Step,
    project::{self, fingerprint, on_path, output_of},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest Node.js that runs our scripts.
const OLDEST: u32 = 20;

/// An installed `node_modules`.
pub(crate) struct Packages {
    dir: PathBuf,
}

impl Packages {
    /// A command that one of the packages brings.
    pub(crate) fn command(&self, name: &str) -> Command {
        let suffix = if cfg!(windows) { ".cmd" } else { "" };
        let mut command = Command::new(self.bin().join(format!("{name}{suffix}")));
        command.current_dir(project::root());
        command
    }

    /// The folder of the packages' commands.
    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.join("node_modules/.bin")
    }
}

/// Installs the packages of `dir` as its lock file names them, without running any of their scripts.
pub(crate) fn packages(step: &mut Step, dir: &str) -> Result<(Packages, String)> {
    let node = version()?;
    let dir = project::root().join(dir);
    let packages = Packages { dir: dir.clone() };
    let read = |name: &str| {
        fs::read(dir.join(name))
            .with_context(|| format!("cannot read {}", dir.join(name).display()))
    };
    let key = fingerprint(&[
        &read("package.json")?,
        &read("package-lock.json")?,
        node.as_bytes(),
    ]);
    let stamp = dir.join("node_modules/.stagecraft");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == key) {
        return Ok((packages, "installed already".to_owned()));
    }
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&dir);
    step.run(&mut npm)?.or_stop(|| {
        format!(
            "the npm packages of {} cannot be installed: npm's lines above say why",
            shown(&dir)
        )
    })?;
    fs::write(&stamp, key).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok((packages, "installed".to_owned()))
}

fn shown(dir: &Path) -> String {
    dir.strip_prefix(project::root())
        .unwrap_or(dir)
        .display()
        .to_string()
}

/// Node's version, where it is new enough and npm is there too.
fn version() -> Result<String> {
    let found = output_of(Command::new("node").arg("--version"));
    let major = found.as_deref().and_then(|version| {
        version
            .strip_prefix('v')?
            .split('.')
            .next()?
            .parse::<u32>()
            .ok()
    });
    let npm = on_path("npm").is_some() || cfg!(windows);
    match (found, major) {
        (Some(version), Some(major)) if major >= OLDEST && npm => Ok(version),
        (Some(version), _) if npm => {
            bail!(
                "Node.js {version} is too old: install Node.js {OLDEST} or newer (nodejs.org) and try again"
            )
        }
        _ => bail!(
            "Node.js with npm is missing: install Node.js {OLDEST} or newer (nodejs.org) and try again"
        ),
    }
}
