//! Building the sites of `examples/` with their generators. Each is got into a folder of its own; what
//! cannot be got is left out, and its test says so.

use crate::{
    cache, page,
    progress::Step,
    project::{self, on_path},
    setup::tools,
};
use anyhow::Result;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What came of an example.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Its generator was there; whether it has built anything the test sees.
    Tried,
    /// Its generator cannot be had here.
    LeftOut,
}

/// In the folder of an example that was left out; the test skips it for that alone.
const LEFT_OUT: &str = "left-out";

/// Builds what can be built, in a copy of the folder, and returns where that is.
pub(super) fn build(step: &mut Step) -> Result<PathBuf> {
    let work = project::work_dir()?.join("examples");
    cache::remove(&work)?;
    page::copy_dir(&project::root().join("examples"), &work)?;
    for (name, build) in [
        ("mdbook", mdbook as fn(&mut Step, &Path) -> Result<Outcome>),
        ("vitepress", vitepress),
        ("mkdocs", mkdocs),
    ] {
        let dir = work.join(name);
        if build(step, &dir)? == Outcome::LeftOut {
            step.note(&format!("{name} cannot be had here: left out"));
            fs::write(dir.join(LEFT_OUT), "")?;
        }
    }
    Ok(work)
}

/// Whether a command did what it was to do.
fn did(step: &mut Step, command: &mut Command) -> Result<bool> {
    let finished = step.run(command)?;
    if !finished.ok {
        finished.show();
    }
    Ok(finished.ok)
}

fn mdbook(step: &mut Step, dir: &Path) -> Result<Outcome> {
    let mdbook = match tools::MDBOOK.get(step) {
        Ok((mdbook, from)) => {
            step.note(&format!("mdBook: {from}"));
            mdbook
        }
        Err(error) => {
            step.note(&format!("{error:#}"));
            return Ok(Outcome::LeftOut);
        }
    };
    did(step, Command::new(mdbook).arg("build").current_dir(dir))?;
    Ok(Outcome::Tried)
}

fn vitepress(step: &mut Step, dir: &Path) -> Result<Outcome> {
    let mut install = Command::new("npm");
    install
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(dir);
    if !did(step, &mut install)? {
        return Ok(Outcome::LeftOut);
    }
    let mut build = Command::new("npx");
    did(step, build.args(["vitepress", "build"]).current_dir(dir))?;
    Ok(Outcome::Tried)
}

fn mkdocs(step: &mut Step, dir: &Path) -> Result<Outcome> {
    let Some(python) = on_path("python3") else {
        return Ok(Outcome::LeftOut);
    };
    let venv = dir.join("venv");
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let mut install = Command::new(bin.join("pip"));
    install
        .args(["install", "--quiet", "--requirement", "requirements.txt"])
        .current_dir(dir);
    let has_venv = did(step, Command::new(python).args(["-m", "venv"]).arg(&venv))?;
    if !has_venv || !did(step, &mut install)? {
        return Ok(Outcome::LeftOut);
    }
    let mut build = Command::new(bin.join("mkdocs"));
    did(step, build.args(["build", "--quiet"]).current_dir(dir))?;
    Ok(Outcome::Tried)
}
