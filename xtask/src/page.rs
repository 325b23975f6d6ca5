//! Building the page: what Trunk would make of `index.html` and `Trunk.toml`, without Trunk.

mod index;
mod sizes;
mod split;

pub(crate) use sizes::measure;

use crate::{
    cache,
    progress::Step,
    project::{self, WASM},
    setup::{PageTools, node::Packages},
};
use anyhow::{Context, Result, bail};
use index::{App, Asset, Index, Kind};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What esbuild is always told.
const ESBUILD: [&str; 10] = [
    "--bundle",
    "--target=es2022,chrome111,firefox113,safari16.4",
    "--charset=utf8",
    "--log-level=warning",
    "--loader:.svg=dataurl",
    "--loader:.bin=file",
    "--loader:.lazy.css=text",
    "--legal-comments=none",
    "--alias:@codemirror/language=./web/js/src/no-language.ts",
    "--alias:@lezer/common=./web/js/src/no-language.ts",
];
/// Where it puts what only some forms of the page need.
const PARTS: &str = "--outdir=web/js/out/parts";

/// For whom a page is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For whoever works on it: built quickly.
    Dev,
    /// For everybody else: as small as it gets.
    Release,
}

/// Builds the page into `out`, which holds the old one until the new one is whole. Returns what
/// came of it, for people.
pub(crate) fn build(step: &mut Step, tools: &PageTools, mode: Mode, out: &Path) -> Result<String> {
    let index = Index::read()?;
    let app = index.app()?;
    bundle(step, &tools.packages, mode)?;
    let wasm = compile(step, tools, mode, &app)?;
    let parts = bind(step, tools, mode, &app, &wasm)?;
    let stage = project::work_dir()?.join("stage");
    cache::remove(&stage)?;
    fs::create_dir_all(&stage)?;
    assemble(&index, &parts, &stage)?;
    if mode == Mode::Release {
        finish(step, &tools.packages, &stage)?;
    }
    swap(&stage, out)?;
    let shown = out.strip_prefix(project::root()).unwrap_or(out);
    Ok(format!("built, in {}", shown.display()))
}

/// Bundles the TypeScript, the styles and the files that they name into `web/js/out`, where
/// `index.html` finds them.
pub(crate) fn bundle(step: &mut Step, packages: &Packages, mode: Mode) -> Result<()> {
    let root = project::root();
    fs::create_dir_all(root.join("web/js/assets"))?;
    // Their names change with their content, so that old ones would pile up.
    cache::remove(&root.join("web/js/out"))?;
    let mut lessons = Command::new(env!("CARGO"));
    lessons.args(["run", "--quiet", "--package", "stagecraft-cli", "--"]);
    lessons.args([
        "lessons",
        "pack",
        "guide",
        "--out",
        "web/js/assets/lessons.bin",
        "--beginning",
        "web/js/assets/first-lesson.bin",
    ]);
    step.run(&mut lessons)?
        .or_stop(|| "the lessons have the mistakes that are named above".to_owned())?;
    fs::copy(
        root.join("crates/sizes/data/packages.bin"),
        root.join("web/js/assets/packages.bin"),
    )
    .context("cannot copy the tables of packages")?;
    let esbuild = |entries: &[&str], options: &[&str]| {
        let mut command = packages.command("esbuild");
        command.args(entries).args(ESBUILD).args(options);
        match mode {
            Mode::Dev => command.arg("--sourcemap=inline"),
            Mode::Release => command.arg("--minify"),
        };
        command
    };
    for mut command in [
        esbuild(
            &[
                "main=web/js/src/main.ts",
                "style=web/styles/main.css",
                "static=web/styles/static.css",
            ],
            &[
                "--format=esm",
                "--splitting",
                "--outdir=web/js/out",
                "--loader:.woff2=file",
                "--asset-names=assets/[name]-[hash]",
                "--chunk-names=assets/[name]-[hash]",
            ],
        ),
        esbuild(
            &["single=web/js/src/single.ts"],
            &["--format=esm", PARTS, "--loader:.woff2=binary"],
        ),
        esbuild(
            &[
                "sw=web/js/src/sw.ts",
                "element=web/js/src/element-script.ts",
                "upgrade=web/js/src/upgrade.ts",
            ],
            &["--format=iife", PARTS],
        ),
    ] {
        step.run(&mut command)?
            .or_stop(|| "esbuild stopped at the error above".to_owned())?;
    }
    Ok(())
}

/// What is left to do when Trunk has laid all files of a page into `dir`: the app is cut at what a
/// first visit runs. Their names stay, as `index.html` has them already.
pub(crate) fn finish_trunk(step: &mut Step, packages: &Packages, dir: &Path) -> Result<()> {
    let index = Index::read()?;
    let script = of_app(&index, dir, "js")?;
    let wasm = of_app(&index, dir, "wasm")?;
    let work = project::target_dir()?.join("xtask/trunk");
    cache::remove(&work)?;
    fs::create_dir_all(&work)?;
    let halves = split::at_first_visit(step, &work, &script, &wasm)?;
    let rest = format!("rest-{:016x}.wasm", seahash::hash(&halves.first));
    fs::write(&wasm, halves.first)?;
    fs::write(dir.join(&rest), halves.rest)?;
    let page = dir.join("index.html");
    let mut html = fs::read_to_string(&page).context("cannot read index.html")?;
    let head_end = html.find("</head>").context("index.html has no </head>")?;
    html.insert_str(head_end, &late_links(&index.trunk.public_url, Some(&rest))?);
    fs::write(&page, html).context("cannot write index.html")?;
    finish(step, packages, dir)
}

/// What is left to do when all files of a page stand in `dir`: wasm-bindgen's JavaScript is made
/// small. Its name stays.
fn finish(step: &mut Step, packages: &Packages, dir: &Path) -> Result<()> {
    let script = of_app(&Index::read()?, dir, "js")?;
    let mut esbuild = packages.command("esbuild");
    esbuild
        .arg(&script)
        .args([
            "--minify",
            "--format=esm",
            "--charset=utf8",
            "--allow-overwrite",
            "--log-level=error",
        ])
        .arg(format!("--outfile={}", script.display()));
    step.run(&mut esbuild)?
        .or_stop(|| format!("esbuild cannot read {}", script.display()))?;
    Ok(())
}

/// The file of the app in `dir` with that ending.
fn of_app(index: &Index, dir: &Path, ending: &str) -> Result<PathBuf> {
    let stem = format!("{}-", index.app()?.bin);
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&stem) && path.extension().is_some_and(|it| it == ending) {
            return Ok(path);
        }
    }
    anyhow::bail!("{} has no {stem}….{ending}", dir.display())
}

/// What `wasm-opt` is told for a release.
pub(crate) fn optimisation() -> Result<Vec<String>> {
    Ok(Index::read()?.app()?.optimisation)
}

/// Compiles the app and returns the wasm file.
fn compile(step: &mut Step, tools: &PageTools, mode: Mode, app: &App) -> Result<PathBuf> {
    let profile = match mode {
        Mode::Dev => &app.profile_dev,
        Mode::Release => &app.profile_release,
    };
    let mut cargo = tools.wasm.cargo();
    cargo.args([
        "build",
        "--target",
        WASM,
        "--manifest-path",
        &app.manifest,
        "--bin",
        &app.bin,
        "--profile",
        profile,
    ]);
    if mode == Mode::Release {
        cargo.arg("--locked");
    }
    step.run(&mut cargo)?
        .or_stop(|| "cargo stopped at the error above".to_owned())?;
    // The profile `dev` is the one whose folder has another name.
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(project::target_dir()?
        .join(WASM)
        .join(folder)
        .join(format!("{}.wasm", app.bin)))
}

/// The app's files, with the names that their content gives them.
struct Parts {
    js: PathBuf,
    js_name: String,
    wasm: PathBuf,
    wasm_name: String,
    /// What is fetched behind the first analysis, for a release.
    rest: Option<(PathBuf, String)>,
}

/// Runs wasm-bindgen, and for a release wasm-opt, and cuts off what a first visit does not run;
/// nothing of it where it has been done for these files.
fn bind(step: &mut Step, tools: &PageTools, mode: Mode, app: &App, wasm: &Path) -> Result<Parts> {
    let (dir_name, optimise) = match mode {
        Mode::Dev => ("bind-dev", None),
        Mode::Release => ("bind-release", Some(&app.optimisation)),
    };
    let dir = project::work_dir()?.join(dir_name);
    let bound = dir.join(format!("{}_bg.wasm", app.bin));
    let small = dir.join("small.wasm");
    let (first, rest) = (dir.join("first.wasm"), dir.join("rest.wasm"));
    let stamp = dir.join("stamp");
    let source = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let version = project::locked_version("wasm-bindgen")?;
    let tools_lock = fs::read(project::root().join("web/js/package-lock.json"))?;
    let mut key = vec![
        source,
        version.into_bytes(),
        tools_lock,
        app.optimisation.join(" ").into_bytes(),
    ];
    for input in split::INPUTS {
        key.push(fs::read(project::root().join(input))?);
    }
    let key = project::fingerprint(&key.iter().map(Vec::as_slice).collect::<Vec<_>>());

    if fs::read_to_string(&stamp).ok().as_deref() != Some(&key) {
        cache::remove(&dir)?;
        fs::create_dir_all(&dir)?;
        let mut command = Command::new(&tools.wasm_bindgen.command);
        command
            .args(["--target=web", "--no-typescript"])
            .arg(format!("--out-name={}", app.bin))
            .arg(format!("--out-dir={}", dir.display()))
            .arg(wasm);
        step.run(&mut command)?
            .or_stop(|| "wasm-bindgen stopped at the error above".to_owned())?;
        if let Some(optimisation) = optimise {
            let mut command = tools.packages.command("wasm-opt");
            command.args(optimisation).arg(&bound).arg("-o").arg(&small);
            step.run(&mut command)?
                .or_stop(|| "wasm-opt stopped at the error above".to_owned())?;
            let js = dir.join(format!("{}.js", app.bin));
            let halves = split::at_first_visit(step, &dir, &js, &small)?;
            fs::write(&first, halves.first)?;
            fs::write(&rest, halves.rest)?;
        }
        fs::write(&stamp, &key)?;
    }

    let js = dir.join(format!("{}.js", app.bin));
    // Named for what wasm-bindgen wrote, as Trunk does it.
    let js_name = format!("{}-{:x}.js", app.bin, seahash::hash(&fs::read(&js)?));
    let wasm = if optimise.is_some() { first } else { bound };
    // Another cut changes both halves.
    let hash = format!("{:016x}", seahash::hash(&fs::read(&wasm)?));
    if optimise.is_some() {
        let whole = project::root().join("web/js/out/parts/app.wasm");
        fs::copy(&small, whole).context("cannot copy the whole app")?;
    }
    Ok(Parts {
        js,
        js_name,
        wasm,
        wasm_name: format!("{}-{hash}_bg.wasm", app.bin),
        rest: optimise.map(|_| (rest, format!("rest-{hash}.wasm"))),
    })
}

/// Lays all files of the page into `dir`.
fn assemble(index: &Index, parts: &Parts, dir: &Path) -> Result<()> {
    let base = &index.trunk.public_url;
    let mut replacements = Vec::new();
    for asset in &index.assets {
        let replacement = match asset.kind {
            Kind::Rust => {
                fs::copy(&parts.js, dir.join(&parts.js_name))
                    .context("cannot copy wasm-bindgen's JavaScript")?;
                fs::copy(&parts.wasm, dir.join(&parts.wasm_name)).context("cannot copy the app")?;
                fill(&index.trunk.script, base, parts)
            }
            Kind::Css => {
                format!(
                    r#"<link rel="stylesheet" href="{base}{}"{}/>"#,
                    hashed_copy(asset, dir)?,
                    asset.other_attributes(&["href", "rel"])
                )
            }
            Kind::Script => {
                format!(
                    r#"<script src="{base}{}"{}></script>"#,
                    hashed_copy(asset, dir)?,
                    asset.other_attributes(&["src"])
                )
            }
            Kind::Icon => format!(
                r#"<link rel="icon" href="{base}{}"/>"#,
                hashed_copy(asset, dir)?
            ),
            Kind::CopyFile => {
                let target = target_folder(asset, dir)?.join(
                    asset
                        .path
                        .file_name()
                        .context("a copied file needs a name")?,
                );
                fs::copy(&asset.path, &target)
                    .with_context(|| format!("cannot copy {}", asset.path.display()))?;
                String::new()
            }
            Kind::CopyDir => {
                let name = asset
                    .path
                    .file_name()
                    .context("a copied folder needs a name")?;
                let target = if asset.attribute("data-target-path").is_some() {
                    target_folder(asset, dir)?
                } else {
                    dir.join(name)
                };
                copy_dir(&asset.path, &target)?;
                String::new()
            }
        };
        replacements.push((asset.span.clone(), replacement));
    }
    let mut html = index.html.clone();
    for (span, replacement) in replacements.into_iter().rev() {
        html.replace_range(span, &replacement);
    }
    let head_end = html.find("</head>").context("index.html has no </head>")?;
    let mut links = fill(&index.trunk.preload, base, parts);
    let rest = parts.rest.as_ref();
    if let Some((rest, name)) = rest {
        fs::copy(rest, dir.join(name)).context("cannot copy the rest of the app")?;
    }
    links.push_str(&late_links(base, rest.map(|(_, name)| name.as_str()))?);
    html.insert_str(head_end, &links);
    fs::write(dir.join("index.html"), html).context("cannot write index.html")
}

/// The links at the end of the head to what belongs to the script and to the app.
fn late_links(base: &str, rest: Option<&str>) -> Result<String> {
    let chunks = shared_chunks()?.into_iter();
    let chunks = chunks.map(|chunk| format!(r#"<link rel="modulepreload" href="{base}{chunk}"/>"#));
    let rest = rest.map(|rest| format!(r#"<link rel="rest" href="{base}{rest}"/>"#));
    Ok(chunks.chain(rest).collect())
}

/// What the page's script shares with what it loads later, and so waits for: esbuild makes files of
/// their own of that.
fn shared_chunks() -> Result<Vec<String>> {
    let script = fs::read_to_string(project::root().join("web/js/out/main.js"))
        .context("cannot read the page's script")?;
    let imports = script
        .split("from\"./")
        .skip(1)
        .chain(script.split("from \"./").skip(1));
    let mut chunks: Vec<String> = imports
        .filter_map(|rest| rest.split_once('"'))
        .map(|(path, _)| path.to_owned())
        .filter(|path| path.starts_with("assets/chunk-"))
        .collect();
    chunks.sort();
    chunks.dedup();
    Ok(chunks)
}

/// One of Trunk's patterns with its placeholders filled.
fn fill(pattern: &str, base: &str, parts: &Parts) -> String {
    pattern
        .replace("{base}", base)
        .replace("{js}", &parts.js_name)
        .replace("{wasm}", &parts.wasm_name)
}

/// Copies a file under a name that its content gives it.
fn hashed_copy(asset: &Asset, dir: &Path) -> Result<String> {
    let bytes =
        fs::read(&asset.path).with_context(|| format!("cannot read {}", asset.path.display()))?;
    let part =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let name = format!(
        "{}-{:016x}.{}",
        part(asset.path.file_stem()),
        seahash::hash(&bytes),
        part(asset.path.extension())
    );
    fs::write(dir.join(&name), bytes).with_context(|| format!("cannot write {name}"))?;
    Ok(name)
}

/// The folder of the page that an asset asks to be in.
fn target_folder(asset: &Asset, dir: &Path) -> Result<PathBuf> {
    let target = dir.join(asset.attribute("data-target-path").unwrap_or_default());
    fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
    Ok(target)
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// Puts `stage` in the place of `out`.
fn swap(stage: &Path, out: &Path) -> Result<()> {
    let built = ["index.html", "site"].map(|name| out.join(name));
    let ours = built.iter().any(|path| path.exists());
    if out.exists() && !ours && fs::read_dir(out)?.next().is_some() {
        bail!(
            "{} is not a page that was built here: name another folder",
            out.display()
        );
    }
    cache::remove(out)?;
    if let Some(parent) = out.parent() {
        fs::create_dir_all(parent)?;
    }
    if fs::rename(stage, out).is_err() {
        // Another file system.
        copy_dir(stage, out)?;
        cache::remove(stage)?;
    }
    Ok(())
}
