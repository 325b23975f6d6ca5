//! Commands from crates.io that are kept in the cache.

use crate::{
    cache::{self, Origin},
    progress::Step,
    project::{self, cargo, on_path, output_of},
};
use anyhow::Result;
use std::{env, path::PathBuf, process::Command};

/// Where `wasm-bindgen` and its test runner are.
pub(crate) struct WasmBindgen {
    /// The folder that holds both.
    pub(crate) dir: PathBuf,
    /// The command.
    pub(crate) command: PathBuf,
    /// Runs the tests of a wasm file in a browser.
    pub(crate) test_runner: PathBuf,
}

impl WasmBindgen {
    fn in_dir(dir: PathBuf) -> Self {
        let program = |name: &str| dir.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        Self {
            command: program("wasm-bindgen"),
            test_runner: program("wasm-bindgen-test-runner"),
            dir,
        }
    }

    /// Whether both are there in this version.
    fn fits(&self, version: &str) -> bool {
        [&self.command, &self.test_runner].iter().all(|program| {
            let says = output_of(Command::new(program).arg("--version"));
            says.is_some_and(|says| says.split(' ').nth(1) == Some(version))
        })
    }
}

/// Finds or installs the `wasm-bindgen` command that fits the crate of that name.
pub(crate) fn wasm_bindgen(step: &mut Step) -> Result<(WasmBindgen, String)> {
    let version = project::locked_version("wasm-bindgen")?;
    if let Some(dir) = on_path("wasm-bindgen").and_then(|path| path.parent().map(PathBuf::from)) {
        let found = WasmBindgen::in_dir(dir);
        if found.fits(&version) {
            return Ok((found, format!("{version}, on PATH")));
        }
    }
    let (dir, made) = installed(step, "wasm-bindgen", "wasm-bindgen-cli", &version)?;
    Ok((WasmBindgen::in_dir(dir), format!("{version}, {made}")))
}

/// A command that is taken from PATH in whatever version, as nothing here depends on that.
pub(crate) struct Tool {
    /// What it is called, and its crate.
    name: &'static str,
    /// The version that is installed where there is none.
    version: &'static str,
}

/// Drives Firefox.
pub(crate) const GECKODRIVER: Tool = Tool {
    name: "geckodriver",
    version: "0.37.1",
};
/// Builds one of the examples. Without what it is compiled with otherwise, a server and a search.
pub(crate) const MDBOOK: Tool = Tool {
    name: "mdbook",
    version: "0.5.4",
};

impl Tool {
    /// Finds or installs it, and says where it comes from.
    pub(crate) fn get(&self, step: &mut Step) -> Result<(PathBuf, String)> {
        let Self { name, version } = self;
        if let Some(found) = on_path(name) {
            return Ok((found, "on PATH".to_owned()));
        }
        let (dir, made) = installed(step, name, name, version)?;
        let program = dir.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        Ok((program, format!("{version}, {made}")))
    }
}

/// The folder of the commands of a crate in the cache, without its default features.
fn installed(
    step: &mut Step,
    name: &str,
    package: &str,
    version: &str,
) -> Result<(PathBuf, &'static str)> {
    let (place, origin) = cache::kept(&format!("{name}/{version}"), |place| {
        let install = |locked: bool| {
            let mut command = cargo();
            command
                .args(["install", package, "--version", version])
                .args(locked.then_some("--locked"))
                .args(["--no-default-features", "--root"])
                .arg(place)
                .env("CARGO_TARGET_DIR", place.join("build"))
                .current_dir(place)
                // It runs for a second: what counts is how long it takes to build.
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
                .env_remove("CARGO_BUILD_TARGET")
                .env_remove("RUSTFLAGS");
            command
        };
        let mut finished = step.run(&mut install(true))?;
        // A mirror that is some days behind has not all that the lock file of a new version names.
        if !finished.ok && finished.text.contains("failed to select a version") {
            step.note("not all that its lock file names can be had: taking what can be");
            finished = step.run(&mut install(false))?;
        }
        finished.or_stop(|| {
            format!(
                "{name} {version} cannot be installed: run `cargo install {package} --version {version}` and try again"
            )
        })?;
        cache::remove(&place.join("build"))
    })?;
    let made = match origin {
        Origin::Cache => "from the cache",
        Origin::Made => "installed into the cache",
    };
    Ok((place.join("bin"), made))
}
