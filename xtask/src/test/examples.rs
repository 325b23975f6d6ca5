//! Building the sites of `examples/` with their generators. Each is got into a folder of its own; what
//! cannot be got is left out, and its test says so.

use crate::{
    cache, page,
    progress::Step,
    project::{self, on_path},
};
use anyhow::Result;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Builds what can be built, in a copy of the folder, and returns where that is.
pub(super) fn build(step: &mut Step) -> Result<PathBuf> {
    let work = project::work_dir()?.join("examples");
    cache::remove(&work)?;
    page::copy_dir(&project::root().join("examples"), &work)?;
    for (name, built) in [
        ("mdBook", mdbook(step, &work)?),
        ("VitePress", vitepress(step, &work)?),
        ("MkDocs", mkdocs(step, &work)?),
    ] {
        step.note(&format!(
            "{name}: {}",
            if built { "built" } else { "left out" }
        ));
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

/// mdBook takes minutes to compile: it is used where it is there (`cargo install mdbook --locked`).
fn mdbook(step: &mut Step, work: &Path) -> Result<bool> {
    match on_path("mdbook") {
        Some(mdbook) => did(
            step,
            Command::new(mdbook)
                .arg("build")
                .current_dir(work.join("mdbook")),
        ),
        None => Ok(false),
    }
}

fn vitepress(step: &mut Step, work: &Path) -> Result<bool> {
    let dir = work.join("vitepress");
    let mut install = Command::new("npm");
    install
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&dir);
    let mut build = Command::new("npx");
    build.args(["vitepress", "build"]).current_dir(&dir);
    Ok(did(step, &mut install)? && did(step, &mut build)?)
}

fn mkdocs(step: &mut Step, work: &Path) -> Result<bool> {
    let dir = work.join("mkdocs");
    let Some(python) = on_path("python3") else {
        return Ok(false);
    };
    let venv = work.join("venv");
    fs::create_dir_all(&venv)?;
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let mut install = Command::new(bin.join("pip"));
    install
        .args(["install", "--quiet", "--requirement", "requirements.txt"])
        .current_dir(&dir);
    let mut build = Command::new(bin.join("mkdocs"));
    build.args(["build", "--quiet"]).current_dir(&dir);
    Ok(
        did(step, Command::new(python).args(["-m", "venv"]).arg(&venv))?
            && did(step, &mut install)?
            && did(step, &mut build)?,
    )
}
