//! `cargo xtask dist`: all that is handed out, into `dist/`. The page is built here; the forms of it
//! are made by the command (`crates/site`), as whoever has lessons of their own makes them.

pub(crate) mod npm;

use crate::{
    cache,
    page::{self, Mode},
    progress::{Progress, Step},
    project, setup,
};
use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser, ValueExt};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What a person asks for.
pub(crate) struct Options {
    /// Where the site will be, for canonical links and the sitemap.
    pub(crate) address: Option<String>,
    /// Whether to build the command with the page inside.
    pub(crate) command: bool,
}

impl Options {
    /// Reads what stands behind the task.
    pub(crate) fn read(arguments: &mut Parser) -> Result<Self> {
        let mut options = Self {
            address: None,
            command: true,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("address") => options.address = Some(arguments.value()?.string()?),
                Arg::Long("no-command") => options.command = false,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// The most that the page as one file may be, in bytes.
const SINGLE_BUDGET: u64 = 1_200_000;

/// Builds all of it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let out = project::root().join("dist");
    let work = project::work_dir()?;
    let page = work.join("dist-page");
    let mut progress = Progress::new(setup::PAGE_STEPS + 3 + usize::from(options.command));
    let tools = setup::for_page(&mut progress)?;
    progress.step("page", |step| {
        Ok(((), page::build(step, &tools, Mode::Release, &page)?))
    })?;
    let said = progress.step("site, archive and file", |step| {
        clear(&out)?;
        Ok((
            forms(step, &page, &out, options.address.as_deref())?,
            "made".to_owned(),
        ))
    })?;
    progress.step("package for npm", |step| {
        Ok((
            (),
            npm::build(step, &tools, &out.join("site"), &out.join("npm"))?,
        ))
    })?;
    if options.command {
        progress.step("command with the page inside", |step| {
            Ok(((), command(step, &out)?))
        })?;
    }
    println!("\n{said}\nin {}", out.display());
    Ok(())
}

/// Makes the forms of the page in `page` in `out`, and returns what the command says of them.
pub(crate) fn forms(
    step: &mut Step,
    page: &Path,
    out: &Path,
    address: Option<&str>,
) -> Result<String> {
    let shell = shell_dir()?;
    cache::remove(&shell)?;
    page::copy_dir(page, &shell)?;
    let root = project::root();
    page::copy_dir(&root.join("web/js/out/parts"), &shell.join("parts"))?;
    page::copy_dir(&root.join("web/icons"), &shell.join("parts/icons"))?;
    fs::copy(
        root.join("web/js/out/static.css"),
        shell.join("parts/static.css"),
    )
    .context("cannot copy static.css")?;
    let mut export = Command::new(env!("CARGO"));
    export
        .args([
            "run",
            "--quiet",
            "--package",
            "stagecraft-cli",
            "--",
            "export",
        ])
        .arg("--page")
        .arg(&shell)
        .arg("--guide")
        .arg(root.join("guide"))
        .arg("--out")
        .arg(out)
        .current_dir(&root);
    if let Some(address) = address {
        export.args(["--address", address]);
    }
    let said = step
        .run(&mut export)?
        .or_stop(|| "the forms could not be made".to_owned())?;
    let size = fs::metadata(out.join("stagecraft.html"))?.len();
    if size > SINGLE_BUDGET {
        bail!("stagecraft.html is {size} bytes, its budget is {SINGLE_BUDGET}");
    }
    Ok(said)
}

/// Builds the command for this system with the page that [`forms`] has laid out inside.
fn command(step: &mut Step, out: &Path) -> Result<String> {
    let archive = project::work_dir()?.join("page.zip");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "run",
            "--quiet",
            "--package",
            "stagecraft-cli",
            "--",
            "pack-page",
        ])
        .arg(shell_dir()?)
        .arg(&archive)
        .current_dir(project::root());
    step.run(&mut cargo)?
        .or_stop(|| "the page could not be packed".to_owned())?;
    let mut build = project::cargo();
    build
        .args([
            "build",
            "--locked",
            "--release",
            "--package",
            "stagecraft-cli",
            "--features",
            "page",
        ])
        .env("STAGECRAFT_PAGE", &archive);
    step.run(&mut build)?
        .or_stop(|| "cargo stopped at the error above".to_owned())?;
    let name = format!("stagecraft{}", std::env::consts::EXE_SUFFIX);
    fs::copy(
        project::target_dir()?.join("release").join(&name),
        out.join(&name),
    )
    .context("cannot copy the command")?;
    Ok("built".to_owned())
}

/// Where the page is laid out for the command.
fn shell_dir() -> Result<PathBuf> {
    Ok(project::work_dir()?.join("shell"))
}

/// Takes away what an earlier build has left in `dist/`: a page, or what this task makes.
fn clear(out: &Path) -> Result<()> {
    let known = ["index.html", "site", "stagecraft.html"];
    let ours = known.iter().any(|name| out.join(name).exists());
    if out.exists() && !ours && fs::read_dir(out)?.next().is_some() {
        bail!("{} holds something that was not built here", out.display());
    }
    cache::remove(out)
}
