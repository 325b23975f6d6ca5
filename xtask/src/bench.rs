//! `cargo xtask bench`: the core over the wild files, natively and in Chromium, beside what others
//! need for the same files on this machine in the same run.

#![expect(
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    reason = "figures to look at; what JSON does not have is null"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    page,
    progress::{Progress, Step},
    project::{self, WASM, output_of},
    setup::{self, TestTools, browser, node},
};

/// BuildKit's own parser needs so many times less than the older one of the package `dockerfile`: measured side
/// by side once (`conformance/PEERS.md`).
const STAND_IN: f64 = 3.1;

/// BuildKit's parse and check, and hadolint, in units of BuildKit's parser: measured side by side
/// once (`conformance/PEERS.md`).
const BUILDKIT_CHECK: f64 = 431.0 / 162.0;
const HADOLINT: f64 = 30_200.0 / 162.0;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    let dir = project::work_dir()?.join("bench");
    fs::create_dir_all(&dir)?;
    let files = dir.join("files.json");
    let mut progress = Progress::new(setup::TEST_STEPS + 4);
    let tools = setup::for_tests(&mut progress)?;
    progress.step("npm packages of the others", |step| {
        node::packages(step, "tests/bench")
    })?;
    let native = progress.step("natively", |step| Ok((native(step, &files)?, done())))?;
    let browser = progress.step("in Node.js and in Chromium", |step| {
        Ok((in_browser(step, &tools, &dir, &files)?, done()))
    })?;
    let buildkit = progress.step("BuildKit's parser, by its stand-in", |step| {
        let found = stand_in(step, &dir, &files);
        let word = if found.is_some() {
            "measured"
        } else {
            "not to be had here"
        };
        Ok((found, word.to_owned()))
    })?;
    println!("\n{}", table(&native, &browser, buildkit));
    Ok(())
}

fn done() -> String {
    "measured".to_owned()
}

fn native(step: &mut Step, files: &Path) -> Result<Value> {
    let mut build = Command::new("cargo");
    build.current_dir(project::root()).args([
        "bench",
        "--locked",
        "--quiet",
        "--package",
        "stagecraft-tests",
        "--bench",
        "speed",
        "--no-run",
    ]);
    step.run(&mut build)?
        .or_stop(|| "cargo stopped at the error above".to_owned())?;
    let mut bench = Command::new("cargo");
    bench
        .current_dir(project::root())
        .env("STAGECRAFT_BENCH_FILES", files)
        .args([
            "bench",
            "--locked",
            "--quiet",
            "--package",
            "stagecraft-tests",
            "--bench",
            "speed",
        ]);
    let text = output_of(&mut bench).context("the benchmark did not run")?;
    let result: Value = serde_json::from_str(text.trim())?;
    if result["files"].is_null() {
        bail!("the wild files are not there (see CONTRIBUTING.md)");
    }
    Ok(result)
}

/// Our module as bundlers find it.
struct Module {
    script: PathBuf,
    wasm: PathBuf,
}

/// Builds our module as the page is built, with these options for its features, into that folder.
fn module(step: &mut Step, tools: &TestTools, dir: &Path, features: &[&str]) -> Result<Module> {
    let mut cargo = tools.page.wasm.cargo();
    cargo
        .args(["build", "--locked", "--target", WASM])
        .args(["--package", "stagecraft-wasm", "--features", "bench"])
        .args(features)
        .args(["--profile", "wasm"]);
    step.run(&mut cargo)?
        .or_stop(|| "cargo stopped at the error above".to_owned())?;
    let wasm = project::target_dir()?
        .join(WASM)
        .join("wasm/stagecraft_wasm.wasm");
    let mut bind = Command::new(&tools.page.wasm_bindgen.command);
    bind.arg(&wasm)
        .args(["--target", "web", "--out-dir"])
        .arg(dir);
    step.run(&mut bind)?
        .or_stop(|| "wasm-bindgen stopped at the error above".to_owned())?;
    let bound = dir.join("stagecraft_wasm_bg.wasm");
    let small = dir.join("small.wasm");
    let mut optimise = tools.page.packages.command("wasm-opt");
    optimise
        .args(page::optimisation()?)
        .arg(&bound)
        .arg("-o")
        .arg(&small);
    step.run(&mut optimise)?
        .or_stop(|| "wasm-opt stopped at the error above".to_owned())?;
    Ok(Module {
        script: dir.join("stagecraft_wasm.js"),
        wasm: small,
    })
}

fn in_browser(step: &mut Step, tools: &TestTools, dir: &Path, files: &Path) -> Result<Value> {
    let of_page = module(step, tools, &dir.join("page"), &["--no-default-features"])?;
    let whole = module(step, tools, &dir.join("whole"), &[])?;
    let bundle = |step: &mut Step, format: &str, out: &Path| -> Result<()> {
        let mut esbuild = tools.page.packages.command("esbuild");
        esbuild
            .arg("tests/bench/page.mjs")
            .args([
                "--bundle",
                "--minify",
                "--log-level=error",
                "--global-name=bench",
            ])
            .arg(format!("--format={format}"))
            .arg(format!("--outfile={}", out.display()));
        for (name, module) in [("page", &of_page), ("whole", &whole)] {
            let script = module.script.display();
            esbuild.arg(format!("--alias:stagecraft-{name}={script}"));
        }
        step.run(&mut esbuild)?
            .or_stop(|| "esbuild stopped at the error above".to_owned())?;
        Ok(())
    };
    let (page_script, in_node) = (dir.join("page.js"), dir.join("node.mjs"));
    bundle(step, "iife", &page_script)?;
    bundle(step, "esm", &in_node)?;
    let mut node = Command::new("node");
    node.current_dir(project::root())
        .env("STAGECRAFT_CHROMIUM", &tools.browser.chromium)
        .env(
            "STAGECRAFT_CHROMIUM_ARGUMENTS",
            browser::ARGUMENTS.join("\n"),
        )
        .arg("tests/bench/run.mjs")
        .args([files, &of_page.wasm, &whole.wasm, &page_script, &in_node]);
    let text = output_of(&mut node).context("the page did not answer")?;
    Ok(serde_json::from_str(text.trim())?)
}

/// Microseconds a file of BuildKit's own parser; `None` where its stand-in cannot be had.
fn stand_in(step: &mut Step, dir: &Path, files: &Path) -> Option<f64> {
    let python = dir.join("python/bin/python");
    if !python.is_file() {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(dir.join("python"));
        step.run(&mut venv).ok()?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "dockerfile==3.4.0"]);
        step.run(&mut pip).ok()?;
    }
    let mut run = Command::new(&python);
    run.current_dir(project::root())
        .arg("tests/bench/stand_in.py")
        .arg(files);
    let text = output_of(&mut run)?;
    Some(text.trim().parse::<f64>().ok()? / STAND_IN)
}

/// What the page needs, in microseconds a file, and by how many times others need more.
fn in_page(browser: &Value) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for (place, name) in [("node", "in Node.js"), ("page", "in Chromium")] {
        line(format!("\n{name:<46} {:>10}", "µs a file"));
        let rows = &browser[place];
        let value = |key: &str| rows[key].as_f64().unwrap_or(f64::NAN);
        // The goal is for the first.
        for (ours, theirs, goal) in [
            (&["stagecraft, parse"][..], "dockerfile-ast, parse", 40),
            (
                &[
                    "stagecraft, parse and lint with all rules",
                    "stagecraft, parse and lint as the page does",
                ],
                "dockerfile-utils, validate",
                20,
            ),
            (
                &["stagecraft, all after a key"],
                "dockerfile-utils, validate after a key",
                10,
            ),
        ] {
            line(format!("{theirs:<46} {:>10.1}", value(theirs)));
            for (&ours, goal) in ours.iter().zip([format!(" (goal {goal})"), String::new()]) {
                let times = value(theirs) / value(ours);
                line(format!(
                    "{ours:<46} {:>10.1} {times:>8.1} times as fast{goal}",
                    value(ours)
                ));
            }
        }
    }
    out
}

/// All of it, in microseconds a file, and by how many times others need more.
fn table(native: &Value, browser: &Value, buildkit: Option<f64>) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let micros = |key: &str| native[key]["ns_per_file"].as_f64().unwrap_or(f64::NAN) / 1000.0;
    line(format!(
        "{} files, {} bytes",
        native["files"], native["bytes"]
    ));
    line(format!(
        "{:<46} {:>10} {:>8} {:>14}",
        "natively", "µs a file", "MB/s", "allocations"
    ));
    for (key, name) in [
        ("parse", "parse"),
        ("lint_default", "parse and lint, our choice"),
        ("lint_all", "parse and lint, all rules"),
        ("analyze", "everything, plan and graph included"),
    ] {
        line(format!(
            "{name:<46} {:>10.1} {:>8} {:>7} a line",
            micros(key),
            native[key]["mb_per_s"],
            native[key]["allocations_per_line"],
        ));
    }
    line(format!(
        "{:<46} {:>10.1}",
        "all after a key: 20 stages, 5,000 files",
        native["rebuild"]["analysis_us"]
            .as_f64()
            .unwrap_or(f64::NAN)
    ));
    line(format!(
        "{:<46} {:>10.1} (goal 2,000)",
        "which of its steps are cached, and why",
        native["rebuild"]["verdicts_us"]
            .as_f64()
            .unwrap_or(f64::NAN)
    ));
    if let Some(buildkit) = buildkit {
        for (name, ours, theirs, goal) in [
            ("BuildKit, parse", micros("parse"), buildkit, 30),
            (
                "BuildKit, parse and check",
                micros("lint_all"),
                buildkit * BUILDKIT_CHECK,
                8,
            ),
            ("hadolint", micros("lint_all"), buildkit * HADOLINT, 500),
        ] {
            let times = theirs / ours;
            line(format!(
                "{name:<46} {theirs:>10.1} {times:>8.1} times ours (goal {goal})"
            ));
        }
    }
    line(in_page(browser).trim_end().to_owned());
    line(format!(
        "\n{:<46} {:>10} {:>10} {:>8}",
        "texts made to hurt, ns a byte", "100 kB", "10 MB", "ratio"
    ));
    for row in native["hostile"].as_array().into_iter().flatten() {
        let value = |key: &str| row[key].as_f64().unwrap_or(f64::NAN);
        line(format!(
            "{:<46} {:>10.2} {:>10.2} {:>8.2}",
            row["name"].as_str().unwrap_or_default(),
            value("small"),
            value("large"),
            value("ratio")
        ));
    }
    out
}
