//! Chromium and its driver.

use super::apt;
use crate::{
    progress::Step,
    project::{self, on_path, output_of},
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const DEBIAN_PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const BROWSERS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
/// Where it is when it is on no `PATH`.
const BROWSER_PATHS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/// The browser of the tests.
pub(crate) struct Browser {
    /// Chromium itself.
    pub(crate) chromium: PathBuf,
    /// The program that drives it for the wasm tests.
    pub(crate) chromedriver: PathBuf,
}

/// How Chromium is started by all tests: without a window, and without a word to the network.
/// The sandbox is off, as it does not start for root; the tests open no page but our own.
pub(crate) const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
];

impl Browser {
    /// Writes the file that tells `wasm-bindgen-test-runner` how to start Chromium.
    pub(crate) fn write_webdriver_json(&self) -> Result<PathBuf> {
        let path = project::work_dir()?.join("webdriver.json");
        let json = serde_json::json!({
            "goog:chromeOptions": { "binary": self.chromium, "args": ARGUMENTS }
        });
        fs::write(&path, json.to_string())
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// Finds or installs both.
pub(crate) fn get(step: &mut Step) -> Result<(Browser, String)> {
    if let Some(found) = find() {
        return Ok((found, "found".to_owned()));
    }
    if apt::usable() {
        apt::install(step, &DEBIAN_PACKAGES)?;
        if let Some(found) = find() {
            return Ok((found, "installed by apt".to_owned()));
        }
    }
    bail!(
        "Chromium or chromedriver is missing: install both (on Debian `apt-get install {}` as root), or set CHROMIUM and \
         CHROMEDRIVER to where they are, and try again",
        DEBIAN_PACKAGES.join(" ")
    );
}

fn find() -> Option<Browser> {
    let named = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_file())
    };
    let elsewhere = || {
        BROWSER_PATHS
            .iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
    };
    let chromium = named("CHROMIUM")
        .or_else(|| BROWSERS.iter().find_map(|name| on_path(name)))
        .or_else(elsewhere)?;
    let chromedriver = named("CHROMEDRIVER").or_else(|| on_path("chromedriver"))?;
    runs(&chromedriver).then_some(Browser {
        chromium,
        chromedriver,
    })
}

fn runs(program: &Path) -> bool {
    output_of(Command::new(program).arg("--version")).is_some()
}
