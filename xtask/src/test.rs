//! `cargo xtask test`: every test there is, in stages that are counted and timed.

mod counts;
mod examples;

use crate::{
    dist as forms,
    page::{self, Mode},
    progress::{Progress, Step, duration},
    project::{self, WASM, cargo, output_of},
    setup::{self, TestTools, browser},
    trunk,
};
use anyhow::{Result, bail};
use counts::{Counts, Runner};
use lexopt::{Arg, Parser, ValueExt};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

/// The crates that are tested in a browser too.
const WASM_TESTED: [&str; 2] = ["stagecraft-wasm", "stagecraft-tests"];
/// The crates that are compiled for wasm and so are linted for it. The rest comes with them.
const WASM_BUILT: [&str; 3] = ["stagecraft-web", "stagecraft-wasm", "stagecraft-tests"];

/// A stage, in the order in which they run: the quick ones first.
struct Stage {
    /// What `--only` calls it.
    name: &'static str,
    /// What it is called in the table.
    label: &'static str,
    /// The stages that make what it tests: they run with it, so that no old build is tested.
    needs: &'static [&'static str],
    run: fn(&mut Step, &TestTools) -> Result<Counts>,
}

impl Stage {
    const fn new(
        name: &'static str,
        label: &'static str,
        needs: &'static [&'static str],
        run: fn(&mut Step, &TestTools) -> Result<Counts>,
    ) -> Self {
        Self {
            name,
            label,
            needs,
            run,
        }
    }
}

/// The browsers that are tested only when they are asked for: they are large to install.
const BROWSERS: [&str; 2] = ["firefox", "webkit"];

const STAGES: [Stage; 19] = [
    Stage::new("format", "format", &[], format),
    Stage::new("clippy", "clippy, native", &[], clippy),
    Stage::new("clippy-wasm", "clippy, wasm", &[], clippy_wasm),
    Stage::new("types", "types of the TypeScript", &[], types),
    Stage::new("native", "native tests", &[], native),
    Stage::new("page-rules", "rules as the page has them", &[], page_rules),
    Stage::new("doctests", "documentation tests", &[], doctests),
    Stage::new("docs", "documentation", &[], docs),
    Stage::new("wasm", "wasm tests in Chromium", &[], wasm),
    Stage::new("page", "release page, within its budget", &[], release_page),
    Stage::new("e2e", "end to end in Chromium", &["page"], end_to_end),
    Stage::new("dist", "site, archive and one file", &["page"], make_forms),
    Stage::new(
        "dist-e2e",
        "all of them in Chromium",
        &["page", "dist"],
        forms_end_to_end,
    ),
    Stage::new("npm", "package for npm", &["page", "dist"], npm_package),
    Stage::new(
        "examples",
        "examples in Chromium",
        &["page", "dist"],
        examples_end_to_end,
    ),
    Stage::new("trunk", "page built by Trunk", &["page"], trunk_page),
    Stage::new(
        "trunk-e2e",
        "Trunk's page in Chromium",
        &["page", "trunk"],
        trunk_end_to_end,
    ),
    Stage::new(
        "firefox",
        "all of them in Firefox",
        &["page", "dist"],
        in_firefox,
    ),
    Stage::new(
        "webkit",
        "all of them in WebKit",
        &["page", "dist"],
        in_webkit,
    ),
];

/// A stage that has run.
struct Row {
    name: &'static str,
    label: &'static str,
    counts: Counts,
    time: Duration,
}

/// What a person asks for.
#[derive(Default)]
pub(crate) struct Options {
    /// The stages to run, with what they need; all but those of [`BROWSERS`] where none is named.
    only: Vec<String>,
    /// The browsers whose stages run besides.
    browsers: Vec<&'static str>,
}

impl Options {
    /// Reads what stands behind the task.
    pub(crate) fn read(arguments: &mut Parser) -> Result<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("only") => {
                    let names = arguments.value()?.string()?;
                    options.only.extend(names.split(',').map(str::to_owned));
                }
                Arg::Long("browsers") => {
                    options.browsers = browsers(&arguments.value()?.string()?)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// The browsers of a list, such as `all` or `firefox`; Chromium is tested anyway.
fn browsers(list: &str) -> Result<Vec<&'static str>> {
    let mut chosen = Vec::new();
    for name in list.split(',') {
        let known = |known: &&str| name == "all" || name == *known;
        if name != "chromium" && !BROWSERS.iter().any(known) {
            bail!(
                "there is no browser `{name}`: there are all, chromium, {}",
                BROWSERS.join(", ")
            );
        }
        chosen.extend(BROWSERS.into_iter().filter(known));
    }
    Ok(chosen)
}

/// Runs the stages that are asked for. The last line says how many tests passed and failed.
pub(crate) fn run(Options { only, browsers }: &Options) -> Result<ExitCode> {
    if let Some(unknown) = only
        .iter()
        .find(|name| !STAGES.iter().any(|stage| stage.name == name.as_str()))
    {
        let names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        bail!(
            "there is no stage `{unknown}`: there are {}",
            names.join(", ")
        );
    }
    let started = Instant::now();
    let named = |stage: &&Stage| {
        browsers.contains(&stage.name) || only.iter().any(|name| name == stage.name)
    };
    let needed: Vec<_> = STAGES
        .iter()
        .filter(named)
        .flat_map(|stage| stage.needs)
        .collect();
    let chosen: Vec<_> = STAGES
        .iter()
        .filter(|stage| {
            (only.is_empty() && !BROWSERS.contains(&stage.name))
                || named(stage)
                || needed.contains(&&stage.name)
        })
        .collect();
    let mut progress = Progress::new(setup::TEST_STEPS + chosen.len());
    let tools = match setup::for_tests(&mut progress) {
        Ok(tools) => tools,
        Err(error) => {
            println!("error: {error:#}\n0 passed, 1 failed");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("got what was missing after {}", duration(started.elapsed()));

    let mut rows: Vec<Row> = Vec::new();
    for stage in chosen {
        let begun = Instant::now();
        let failed = rows
            .iter()
            .find(|row| stage.needs.contains(&row.name) && row.counts.failed > 0);
        let counts = progress.step(stage.label, |step| {
            let counts = match failed {
                Some(row) => Counts::broken(&format!("not run, as `{}` failed", row.label)),
                None => (stage.run)(step, &tools)
                    .unwrap_or_else(|error| Counts::broken(&format!("{error:#}"))),
            };
            let outcome = counts.to_string();
            Ok((counts, outcome))
        })?;
        rows.push(Row {
            name: stage.name,
            label: stage.label,
            counts,
            time: begun.elapsed(),
        });
    }
    Ok(summary(&rows, started.elapsed()))
}

/// Prints the table and the last line.
fn summary(rows: &[Row], time: Duration) -> ExitCode {
    println!(
        "\n{:<34} {:>7} {:>7} {:>8}  {:>13}",
        "stage", "passed", "failed", "skipped", "time"
    );
    for Row {
        label,
        counts,
        time,
        ..
    } in rows
    {
        let Counts {
            passed,
            failed,
            skipped,
            ..
        } = counts;
        println!(
            "{label:<34} {passed:>7} {failed:>7} {skipped:>8}  {:>13}",
            duration(*time)
        );
    }
    println!(
        "{:<34} {:>7} {:>7} {:>8}  {:>13}",
        "with the set-up",
        "",
        "",
        "",
        duration(time)
    );
    for Row { label, counts, .. } in rows {
        if let Some(remark) = &counts.remark {
            println!("{label}: {remark}");
        }
    }
    let passed: usize = rows.iter().map(|row| row.counts.passed).sum();
    let failed: usize = rows.iter().map(|row| row.counts.failed).sum();
    println!("{passed} passed, {failed} failed");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A check that counts as one.
fn check(step: &mut Step, command: &mut Command) -> Result<Counts> {
    let finished = step.run(command)?;
    if !finished.ok {
        finished.show();
    }
    Ok(Counts::one(finished.ok))
}

/// Tests that count themselves.
fn tests(step: &mut Step, command: &mut Command, runner: Runner) -> Result<Counts> {
    let finished = step.run(command)?;
    let counts = runner.read(&finished);
    if counts.failed > 0 {
        finished.show();
    }
    Ok(counts)
}

fn format(step: &mut Step, _: &TestTools) -> Result<Counts> {
    check(step, cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(step: &mut Step, _: &TestTools) -> Result<Counts> {
    check(
        step,
        cargo().args([
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    )
}

fn clippy_wasm(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let mut command = tools.page.wasm.clippy();
    // All but the benchmarks, which are native only.
    command.args(["--locked", "--lib", "--bins", "--tests", "--target", WASM]);
    for package in WASM_BUILT {
        command.args(["--package", package]);
    }
    check(step, command.args(["--", "-D", "warnings"]))
}

fn types(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    check(
        step,
        tools
            .page
            .packages
            .command("tsc")
            .args(["--project", "web/js"]),
    )
}

fn native(step: &mut Step, _: &TestTools) -> Result<Counts> {
    if output_of(cargo().args(["nextest", "--version"])).is_some() {
        let mut command = cargo();
        command.args([
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--no-fail-fast",
        ]);
        return tests(step, &mut command, Runner::Nextest);
    }
    let mut command = cargo();
    command.args([
        "test",
        "--locked",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
        "--no-fail-fast",
    ]);
    tests(step, &mut command, Runner::Cargo)
}

/// The rules without those that the page does not have: by itself the crate has no other features.
fn page_rules(step: &mut Step, _: &TestTools) -> Result<Counts> {
    let mut command = cargo();
    command.args(["test", "--locked", "--package", "stagecraft-lint", "--lib"]);
    tests(step, command.arg("--no-fail-fast"), Runner::Cargo)
}

fn doctests(step: &mut Step, _: &TestTools) -> Result<Counts> {
    tests(
        step,
        cargo().args(["test", "--locked", "--workspace", "--doc", "--no-fail-fast"]),
        Runner::CargoMaybeNone,
    )
}

fn docs(step: &mut Step, _: &TestTools) -> Result<Counts> {
    check(
        step,
        cargo()
            .args(["doc", "--locked", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn wasm(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let mut command = tools.page.wasm.cargo();
    command
        .args([
            "test",
            "--locked",
            "--no-fail-fast",
            "--tests",
            "--target",
            WASM,
        ])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            &tools.page.wasm_bindgen.test_runner,
        )
        .env("CHROMEDRIVER", &tools.browser.chromedriver)
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            tools.browser.write_webdriver_json()?,
        )
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    for package in WASM_TESTED {
        command.args(["--package", package]);
    }
    tests(step, &mut command, Runner::Cargo)
}

fn release_page(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let out = dist()?;
    page::build(step, &tools.page, Mode::Release, &out)?;
    let sizes = page::measure(&out)?;
    for line in sizes.table().lines() {
        step.note(line);
    }
    Ok(Counts::one(sizes.within_budget()))
}

fn end_to_end(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    browser_tests(step, tools, &dist()?, "tests/e2e/")
}

fn make_forms(step: &mut Step, _: &TestTools) -> Result<Counts> {
    let out = forms_dir()?;
    crate::cache::remove(&out)?;
    let said = forms::forms(step, &dist()?, &out, None)?;
    for line in said.lines() {
        step.note(line);
    }
    Ok(Counts::one(true))
}

/// The tests of the forms, and the smoke test on the site and on the one file.
fn forms_end_to_end(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let [site, file] = form_pages()?;
    let smoke = "tests/e2e/smoke.test.mjs";
    let mut all = Counts::default();
    for (page, tests_in) in [(site, vec!["tests/forms/", smoke]), (file, vec![smoke])] {
        let mut node = node(&tools.browser, &page);
        node.env("STAGECRAFT_DIST", forms_dir()?)
            .args(["--test", "--test-reporter=tap"])
            .args(tests_in);
        all.add(tests(step, &mut node, Runner::Node)?);
    }
    Ok(all)
}

fn in_firefox(step: &mut Step, _: &TestTools) -> Result<Counts> {
    let firefox = browser::firefox(step)?;
    in_browser(step, &firefox)
}

fn in_webkit(step: &mut Step, _: &TestTools) -> Result<Counts> {
    let webkit = browser::webkit(step)?;
    in_browser(step, &webkit)
}

/// The smoke test of another browser, on the page, on the site and on the one file.
fn in_browser(step: &mut Step, browser: &browser::Driven) -> Result<Counts> {
    let [site, file] = form_pages()?;
    let mut all = Counts::default();
    for page in [dist()?.display().to_string(), site, file] {
        let mut node = Command::new("node");
        node.current_dir(project::root())
            .env("STAGECRAFT_PAGE", &page)
            .env("STAGECRAFT_BROWSER", browser.name)
            .env("STAGECRAFT_BROWSER_BINARY", &browser.binary)
            .env("STAGECRAFT_DRIVER", &browser.driver)
            .args(["--test", "--test-reporter=tap", "tests/browsers/"]);
        if let Some(screen) = &browser.screen {
            node.env("STAGECRAFT_XVFB", screen);
        }
        let counts = tests(step, &mut node, Runner::Node)?;
        step.note(&format!("{page}: {counts}"));
        all.add(counts);
    }
    Ok(all)
}

/// Packs the package, and lets tests install it into an empty project.
fn npm_package(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let out = forms_dir()?;
    let site = out.join("site");
    let file = forms::npm::build(step, &tools.page, &site, &out.join("npm"))?;
    let mut node = node(&tools.browser, &site.display().to_string());
    node.env("STAGECRAFT_PACKAGE", out.join(file)).args([
        "--test",
        "--test-reporter=tap",
        "tests/npm/",
    ]);
    tests(step, &mut node, Runner::Node)
}

/// The sites of `examples/`, built by their generators.
fn examples_end_to_end(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let built = examples::build(step)?;
    let out = forms_dir()?;
    let mut node = node(&tools.browser, &out.join("site").display().to_string());
    node.env("STAGECRAFT_DIST", &out)
        .env("STAGECRAFT_EXAMPLES", built)
        .args(["--test", "--test-reporter=tap", "tests/examples/"]);
    tests(step, &mut node, Runner::Node)
}

fn forms_dir() -> Result<PathBuf> {
    Ok(project::work_dir()?.join("forms"))
}

/// What is opened of the forms: the site, as a folder, and the one file, as an address.
fn form_pages() -> Result<[String; 2]> {
    let out = forms_dir()?;
    let file = out.join("stagecraft.html");
    Ok([
        out.join("site").display().to_string(),
        format!("file://{}", file.display()),
    ])
}

fn trunk_page(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    let Some(trunk) = trunk::find() else {
        return Ok(Counts::skipped(
            "skipped, as Trunk is not installed (`cargo install trunk --locked`)",
        ));
    };
    let out = trunk_dir()?;
    crate::cache::remove(&out)?;
    step.note(&trunk::version(&trunk));
    if !trunk::build(step, &trunk, &tools.page, &out)? {
        return Ok(Counts::one(false));
    }
    Ok(match trunk::difference(&dist()?, &out)? {
        Some(difference) => Counts::broken(&difference),
        None => Counts::one(true),
    })
}

fn trunk_end_to_end(step: &mut Step, tools: &TestTools) -> Result<Counts> {
    if trunk::find().is_none() {
        return Ok(Counts::skipped("skipped, as Trunk is not installed"));
    }
    browser_tests(step, tools, &trunk_dir()?, "tests/e2e/smoke.test.mjs")
}

/// Where the release page is. What a person has in `dist/` stays there.
fn dist() -> Result<PathBuf> {
    Ok(project::work_dir()?.join("page"))
}

fn trunk_dir() -> Result<PathBuf> {
    Ok(project::work_dir()?.join("trunk-dist"))
}

/// Drives the page in `dir` through a file or a folder of tests.
fn browser_tests(step: &mut Step, tools: &TestTools, dir: &Path, tests_in: &str) -> Result<Counts> {
    let mut node = node(&tools.browser, &dir.display().to_string());
    node.args(["--test", "--test-reporter=tap", tests_in]);
    tests(step, &mut node, Runner::Node)
}

/// Node with what `tests/e2e/page.mjs` wants to know; `page` is an address or a folder, which each
/// file of tests serves itself, so that nothing is shared between them.
pub(crate) fn node(browser: &browser::Browser, page: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(project::root())
        .env("STAGECRAFT_PAGE", page)
        .env("STAGECRAFT_CHROMIUM", &browser.chromium)
        .env(
            "STAGECRAFT_CHROMIUM_ARGUMENTS",
            browser::ARGUMENTS.join("\n"),
        );
    node
}
