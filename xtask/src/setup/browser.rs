//! Chromium and its driver; where they are asked for, Firefox and WebKit too.

use super::{apt, tools};
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

/// A browser that is driven by WebDriver (`tests/browsers`), got only where it is asked for.
pub(crate) struct Driven {
    /// What the tests call it.
    pub(crate) name: &'static str,
    /// The browser itself.
    pub(crate) binary: PathBuf,
    /// The program that drives it.
    pub(crate) driver: PathBuf,
    /// A screen in memory, where it wants one and there is none.
    pub(crate) screen: Option<PathBuf>,
}

/// Finds or installs Firefox and its driver.
pub(crate) fn firefox(step: &mut Step) -> Result<Driven> {
    let find = || {
        named("FIREFOX").or_else(|| ["firefox-esr", "firefox"].iter().find_map(|it| on_path(it)))
    };
    let binary = found(step, "Firefox", &["firefox-esr"], "FIREFOX", find)?;
    let (driver, _) = tools::GECKODRIVER.get(step)?;
    Ok(Driven {
        name: "firefox",
        binary,
        driver,
        screen: None,
    })
}

/// Finds or installs WebKit's own small browser, its driver and a screen for it.
pub(crate) fn webkit(step: &mut Step) -> Result<Driven> {
    let packages = ["webkit2gtk-driver", "xvfb"];
    let driver = found(step, "WebKit's driver", &packages, "WEBKIT_DRIVER", || {
        named("WEBKIT_DRIVER").or_else(|| on_path("WebKitWebDriver"))
    })?;
    let binary = found(
        step,
        "WebKit's MiniBrowser",
        &packages,
        "MINI_BROWSER",
        || named("MINI_BROWSER").or_else(mini_browser),
    )?;
    let screen = if env::var_os("DISPLAY").is_some() {
        None
    } else {
        Some(found(step, "Xvfb", &packages, "DISPLAY", || {
            on_path("Xvfb")
        })?)
    };
    Ok(Driven {
        name: "webkit",
        binary,
        driver,
        screen,
    })
}

/// It is no command: Debian has it with the library, for each machine in a folder of its own.
fn mini_browser() -> Option<PathBuf> {
    let machines = fs::read_dir("/usr/lib").ok()?.flatten();
    let mut dirs: Vec<_> = machines.map(|machine| machine.path()).collect();
    dirs.push(PathBuf::from("/usr/libexec"));
    dirs.push(PathBuf::from("/usr/lib64"));
    dirs.into_iter()
        .flat_map(|dir| ["webkitgtk-6.0", "webkit2gtk-4.1"].map(|version| dir.join(version)))
        .map(|dir| dir.join("MiniBrowser"))
        .find(|path| path.is_file())
}

/// What `find` finds, if need be once `packages` are installed.
fn found(
    step: &mut Step,
    what: &str,
    packages: &[&str],
    variable: &str,
    find: impl Fn() -> Option<PathBuf>,
) -> Result<PathBuf> {
    if let Some(path) = find() {
        return Ok(path);
    }
    if apt::usable() {
        apt::install(step, packages)?;
        if let Some(path) = find() {
            return Ok(path);
        }
    }
    bail!(
        "{what} is missing: install it (on Debian `apt-get install {}` as root), or set {variable} to where it is, and try again",
        packages.join(" ")
    );
}

/// The file that a variable of the environment names.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_file())
}

fn runs(program: &Path) -> bool {
    output_of(Command::new(program).arg("--version")).is_some()
}
