//! `cargo xtask shots`: screenshots for people to look at, in both widths and both themes.

use crate::{
    page::{self, Mode},
    progress::Progress,
    project, setup, test,
};
use anyhow::{Context, Result};
use std::{fs, path::Path};

/// Builds the page and writes its pictures into `out`.
pub(crate) fn run(out: &Path) -> Result<()> {
    let mut progress = Progress::new(setup::TEST_STEPS + 2);
    let tools = setup::for_tests(&mut progress)?;
    let dir = project::work_dir()?.join("shots");
    progress.step("page", |step| {
        Ok(((), page::build(step, &tools.page, Mode::Release, &dir)?))
    })?;
    let out = std::path::absolute(out).context("cannot resolve the folder for the pictures")?;
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    progress.step("pictures", |step| {
        let mut node = test::node(&tools.browser, &dir.display().to_string());
        node.arg("tests/e2e/shots.mjs").arg(&out);
        let text = step
            .run(&mut node)?
            .or_stop(|| "the page could not be pictured".to_owned())?;
        Ok(((), format!("{} in {}", text.lines().count(), out.display())))
    })
}
