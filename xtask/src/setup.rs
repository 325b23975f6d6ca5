//! Getting what is missing. Every module here looks for what is there, takes it if it fits, else
//! gets it, and stops with one sentence where it cannot.

mod apt;
pub(crate) mod browser;
pub(crate) mod node;
pub(crate) mod tools;
pub(crate) mod wasm_std;

use crate::progress::Progress;
use anyhow::Result;
use browser::Browser;
use node::Packages;
use tools::WasmBindgen;
use wasm_std::WasmToolchain;

/// How many steps [`for_page`] has.
pub(crate) const PAGE_STEPS: usize = 3;
/// How many steps [`for_tests`] has.
pub(crate) const TEST_STEPS: usize = PAGE_STEPS + 3;

/// What building the page needs.
pub(crate) struct PageTools {
    /// The compiler for the page.
    pub(crate) wasm: WasmToolchain,
    /// The command that makes JavaScript of what it compiles, and its test runner.
    pub(crate) wasm_bindgen: WasmBindgen,
    /// The npm packages of `web/js`.
    pub(crate) packages: Packages,
}

/// What testing it needs on top.
pub(crate) struct TestTools {
    /// What building the page needs.
    pub(crate) page: PageTools,
    /// Chromium and its driver.
    pub(crate) browser: Browser,
}

/// Gets what building the page needs.
pub(crate) fn for_page(progress: &mut Progress) -> Result<PageTools> {
    let packages = progress.step("npm packages of the page", |step| {
        node::packages(step, "web/js")
    })?;
    let wasm = progress.step("wasm standard library", wasm_std::get)?;
    let wasm_bindgen = progress.step("wasm-bindgen", tools::wasm_bindgen)?;
    Ok(PageTools {
        wasm,
        wasm_bindgen,
        packages,
    })
}

/// Gets what the tests need.
pub(crate) fn for_tests(progress: &mut Progress) -> Result<TestTools> {
    let browser = progress.step("Chromium and chromedriver", browser::get)?;
    progress.step("npm packages of the browser tests", |step| {
        node::packages(step, "tests/e2e")
    })?;
    progress.step("npm packages of the package's tests", |step| {
        node::packages(step, "tests/npm")
    })?;
    let page = for_page(progress)?;
    Ok(TestTools { page, browser })
}
