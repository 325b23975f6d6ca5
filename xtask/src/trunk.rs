//! Trunk, for whoever has it: the steps that its hooks call, and a build with it.

use crate::{
    page::{self, Mode},
    progress::{Progress, Step},
    project::{self, on_path, output_of},
    setup::{PageTools, node},
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One of the steps that `Trunk.toml` names as hooks.
pub(crate) fn hook(name: &str) -> Result<()> {
    let mut progress = Progress::new(2);
    let packages = progress.step("npm packages of the page", |step| {
        node::packages(step, "web/js")
    })?;
    let release = env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    match name {
        "bundle" => progress.step("loader, editor and styles (esbuild)", |step| {
            page::bundle(
                step,
                &packages,
                if release { Mode::Release } else { Mode::Dev },
            )?;
            Ok(((), "bundled".to_owned()))
        }),
        "finish" => progress.step("the app in two parts, its JavaScript (esbuild)", |step| {
            let dir = env::var_os("TRUNK_STAGING_DIR").context("only Trunk calls this")?;
            if !release {
                return Ok(((), "left as it is".to_owned()));
            }
            page::finish_trunk(step, &packages, Path::new(&dir))?;
            Ok(((), "made small".to_owned()))
        }),
        other => bail!("there is no step `{other}`"),
    }
}

/// Where Trunk is, if it is.
pub(crate) fn find() -> Option<PathBuf> {
    let named = env::var_os("TRUNK")
        .map(PathBuf::from)
        .filter(|path| path.is_file());
    named.or_else(|| on_path("trunk"))
}

/// Builds the page for a release with Trunk, into `out`. It takes the tools that we have.
pub(crate) fn build(step: &mut Step, trunk: &Path, tools: &PageTools, out: &Path) -> Result<bool> {
    let mut path = vec![tools.wasm_bindgen.dir.clone(), tools.packages.bin()];
    path.extend(shim(tools)?);
    let mut command = Command::new(trunk);
    command
        .args([
            "build",
            "--release",
            "--offline",
            "--skip-version-check",
            "--color",
            "never",
            "--dist",
        ])
        .arg(out)
        .current_dir(project::root())
        .env("PATH", project::path_with(&path)?)
        // Trunk reads it as a switch of its own.
        .env_remove("NO_COLOR");
    let finished = step.run(&mut command)?;
    if !finished.ok {
        finished.show();
    }
    Ok(finished.ok)
}

/// Says in what way two builds of the page differ, but for the names that a file's content gives it.
pub(crate) fn difference(ours: &Path, trunks: &Path) -> Result<Option<String>> {
    let (our_names, trunks_names) = (names(ours)?, names(trunks)?);
    if our_names != trunks_names {
        return Ok(Some(format!(
            "xtask's files are {our_names:?}, Trunk's are {trunks_names:?}"
        )));
    }
    let page =
        |dir: &Path| fs::read_to_string(dir.join("index.html")).map(|html| without_hashes(&html));
    Ok((page(ours)? != page(trunks)?)
        .then(|| "xtask and Trunk make different index.html".to_owned()))
}

/// The names of a page's files, without hashes.
fn names(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // Trunk leaves a lock behind.
        if !name.starts_with('.') {
            names.push(without_hashes(&name));
        }
    }
    names.sort();
    Ok(names)
}

/// A text with every long hexadecimal number as `#`.
fn without_hashes(text: &str) -> String {
    text.split('-')
        .map(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
            let rest = part.get(digits..).unwrap_or_default();
            if digits >= 12 {
                format!("#{rest}")
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("-")
}

/// A folder with a `cargo` that takes the compiler for wasm for wasm alone. Trunk calls cargo for
/// other things too, and its hooks call us.
fn shim(tools: &PageTools) -> Result<Option<PathBuf>> {
    let mut command = Command::new("");
    tools.wasm.apply(&mut command);
    let settings: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}='{}'", name.to_str()?, value?.to_str()?)))
        .collect();
    if settings.is_empty() {
        return Ok(None);
    }
    let dir = project::work_dir()?.join("shim");
    fs::create_dir_all(&dir)?;
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *--target={}*) export {} ;; esac\nexec '{cargo}' \"$@\"\n",
        project::WASM,
        settings.join(" ")
    );
    let file = dir.join("cargo");
    fs::write(&file, script)?;
    make_executable(&file)?;
    Ok(Some(dir))
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", file.display()))
}

/// Only Debian's Rust needs the shim.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}

/// Trunk's version.
pub(crate) fn version(trunk: &Path) -> String {
    output_of(Command::new(trunk).arg("--version")).unwrap_or_else(|| "trunk".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_do_not_count_and_all_else_does() {
        let name = "stagecraft-web-86777b1f1766a495_bg.wasm";
        assert_eq!(without_hashes(name), "stagecraft-web-#_bg.wasm");
        assert_eq!(without_hashes("a-face.css"), "a-face.css");
    }
}
