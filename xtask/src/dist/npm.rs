//! The package for npm, into `dist/npm`: the core with its types, the element, and the files of the
//! frame that the element shows.

use crate::{
    cache,
    page::{copy_dir, optimisation},
    progress::Step,
    project::{self, WASM},
    setup::PageTools,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the crate is called by the files that come of it.
const CORE: &str = "stagecraft_wasm";

/// Files of the site that no frame needs.
const NOT_FRAMED: [&str; 11] = [
    "404.html",
    "element.js",
    "index.html",
    "lessons",
    "manifest.webmanifest",
    "robots.txt",
    "rules",
    "sitemap.xml",
    "sw.js",
    "upgrade.js",
    "README.txt",
];

/// Makes the package in `out` of the site in `site`, and packs it beside. Returns the name of that file.
pub(crate) fn build(step: &mut Step, tools: &PageTools, site: &Path, out: &Path) -> Result<String> {
    let root = project::root();
    cache::remove(out)?;
    fs::create_dir_all(out.join("types"))?;
    core(step, tools, out)?;
    for name in ["index.js", "index.d.ts", "README.md"] {
        fs::copy(root.join("npm").join(name), out.join(name))
            .with_context(|| format!("cannot copy npm/{name}"))?;
    }
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root.join(name), out.join(name))?;
    }
    let manifest = fs::read_to_string(root.join("npm/package.json"))?;
    let version = project::workspace_value("version")?;
    fs::write(
        out.join("package.json"),
        manifest.replacen("\"0.0.0\"", &format!("\"{version}\""), 1),
    )?;
    element(step, tools, out)?;
    frame(site, &out.join("site"))?;
    let mut pack = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    pack.args(["pack", "--silent", "--pack-destination", ".."])
        .current_dir(out);
    let said = step
        .run(&mut pack)?
        .or_stop(|| "npm cannot pack the package".to_owned())?;
    Ok(said.trim().to_owned())
}

/// The core as JavaScript that starts from bytes, and those bytes as text.
fn core(step: &mut Step, tools: &PageTools, out: &Path) -> Result<()> {
    let mut cargo = tools.wasm.cargo();
    cargo.args([
        "build",
        "--locked",
        "--package",
        "stagecraft-wasm",
        "--target",
        WASM,
        "--profile",
        "wasm",
    ]);
    step.run(&mut cargo)?
        .or_stop(|| "cargo stopped at the error above".to_owned())?;
    let built = project::target_dir()?
        .join(WASM)
        .join("wasm")
        .join(format!("{CORE}.wasm"));
    let bound = project::work_dir()?.join("npm-bind");
    cache::remove(&bound)?;
    let mut bind = Command::new(&tools.wasm_bindgen.command);
    bind.args(["--target=web", "--no-typescript", "--out-name=core"])
        .arg(format!("--out-dir={}", bound.display()))
        .arg(&built);
    step.run(&mut bind)?
        .or_stop(|| "wasm-bindgen stopped at the error above".to_owned())?;
    let small = bound.join("small.wasm");
    let mut shrink = tools.packages.command("wasm-opt");
    shrink
        .args(optimisation()?)
        .arg(bound.join("core_bg.wasm"))
        .arg("-o")
        .arg(&small);
    step.run(&mut shrink)?
        .or_stop(|| "wasm-opt stopped at the error above".to_owned())?;
    // Node has an encoder, so no crate is built for it.
    let script = "process.stdout.write('export default \"' + require('fs').readFileSync(process.argv[1]).toString('base64') + '\";\\n')";
    let text = project::output_of(Command::new("node").args(["--eval", script]).arg(&small))
        .context("Node.js cannot write the WebAssembly as text")?;
    fs::write(out.join("wasm.js"), text)?;
    // Bundlers follow `new URL(…)` to a file that is not there: what is inside is never asked for.
    let glue = fs::read_to_string(bound.join("core.js"))?;
    let glue = glue.replace("new URL('core_bg.wasm', import.meta.url)", "undefined");
    fs::write(out.join("core.js"), glue)?;
    Ok(())
}

/// The element as a module, with its types.
fn element(step: &mut Step, tools: &PageTools, out: &Path) -> Result<()> {
    let mut bundle = tools.packages.command("esbuild");
    bundle
        .args([
            "web/js/src/element.ts",
            "--bundle",
            "--format=esm",
            "--target=es2022",
            "--log-level=warning",
        ])
        .arg(format!("--outfile={}", out.join("element.js").display()));
    step.run(&mut bundle)?
        .or_stop(|| "esbuild stopped at the error above".to_owned())?;
    let types = out.join("types");
    let mut tsc = tools.packages.command("tsc");
    tsc.args([
        "web/js/src/element.ts",
        "--declaration",
        "--emitDeclarationOnly",
        "--allowImportingTsExtensions",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--types",
        "",
        "--lib",
        "es2022,dom,dom.iterable",
        "--outDir",
    ])
    .arg(&types);
    step.run(&mut tsc)?
        .or_stop(|| "the types could not be written".to_owned())?;
    for entry in fs::read_dir(&types)? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        fs::write(&path, text.replace(".ts\";", ".js\";"))?;
    }
    Ok(())
}

/// The files that the frame of the element loads, without their compressed copies and pictures.
fn frame(site: &Path, out: &Path) -> Result<()> {
    copy_dir(site, out)?;
    for name in NOT_FRAMED {
        cache::remove(&out.join(name)).or_else(|_| fs::remove_file(out.join(name)))?;
    }
    let mut open = vec![out.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path: PathBuf = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                open.push(path);
            } else if [".br", ".gz", ".png"].iter().any(|end| name.ends_with(end)) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}
