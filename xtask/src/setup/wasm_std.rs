//! The standard library for `wasm32-unknown-unknown`, in one of three ways:
//!
//! 1. The toolchain in use has it.
//! 2. rustup adds it to the toolchain in use.
//! 3. On Debian and Ubuntu, as root: Debian's own newer Rust (`rustc-web` and its sources) is
//!    installed beside the toolchain in use, the library is built from those sources once, and a
//!    wrapper of that compiler finds it. Only builds for wasm use it.
//!
//! No toolchain is upgraded, and no setting of rustup is changed.

use super::apt;
use crate::{
    cache::{self, Origin},
    progress::Step,
    project::{self, WASM, cargo, on_path, output_of},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Debian's Rust: compiler, cargo, sources of the standard library, the linker's name, clippy.
const DEBIAN_PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "rust-web-clippy",
];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
/// A link to the linker. The package that brings the linker has the name that the link points at.
const DEBIAN_LINKER: &str = "/usr/bin/rust-lld";

/// A compiler that has the standard library.
pub(crate) struct WasmToolchain {
    /// Set where it is not the toolchain in use.
    other: Option<Other>,
}

/// The compiler of the third way.
struct Other {
    /// A wrapper that tells the compiler its sysroot.
    rustc: PathBuf,
    sysroot: PathBuf,
}

impl WasmToolchain {
    /// `cargo` with this compiler.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        self.apply(&mut command);
        command
    }

    /// `cargo clippy` with this compiler.
    pub(crate) fn clippy(&self) -> Command {
        let mut command = if self.other.is_some() {
            Command::new(DEBIAN_CLIPPY)
        } else {
            cargo()
        };
        command.current_dir(project::root()).arg("clippy");
        self.apply(&mut command);
        command
    }

    /// Makes any program that calls cargo use this compiler.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Some(other) = &self.other {
            command.env("RUSTC", &other.rustc);
            // clippy-driver asks for no compiler, only for this.
            command.env("SYSROOT", &other.sysroot);
        }
    }
}

/// Finds or gets the standard library.
pub(crate) fn get(step: &mut Step) -> Result<(WasmToolchain, String)> {
    let in_use_with = |how: &str| Ok((WasmToolchain { other: None }, how.to_owned()));
    if in_use() {
        return in_use_with("the toolchain in use has it");
    }
    // What was made once is taken again, before a network is asked for anything.
    if let Some(made) = of_debian(step, false)? {
        return Ok(made);
    }
    if added_by_rustup(step)? {
        return in_use_with("rustup added it to the toolchain in use");
    }
    if let Some(made) = of_debian(step, true)? {
        return Ok(made);
    }
    bail!(
        "the standard library for {WASM} is missing: run `rustup target add {WASM}`, or on Debian and Ubuntu, as root, \
         `apt-get install {} lld-NN` (NN: where /usr/bin/rust-lld points) with a Rust of {} or newer, and try again",
        DEBIAN_PACKAGES.join(" "),
        project::workspace_value("rust-version")?,
    );
}

/// The first way.
fn in_use() -> bool {
    let mut rustc = Command::new("rustc");
    let dir = output_of(
        rustc
            .args(["--print", "target-libdir", "--target", WASM])
            .current_dir(project::root()),
    );
    dir.is_some_and(|dir| has_std(Path::new(&dir)))
}

/// Whether a folder of libraries has the standard one.
fn has_std(dir: &Path) -> bool {
    let Ok(entries) = fs::read_dir(dir) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// The second way.
fn added_by_rustup(step: &mut Step) -> Result<bool> {
    if on_path("rustup").is_none() {
        return Ok(false);
    }
    let added = step
        .run(
            Command::new("rustup")
                .args(["target", "add", WASM])
                .current_dir(project::root()),
        )?
        .ok;
    Ok(added && in_use())
}

/// The third way; nothing where this is no Debian, or its Rust is too old for us, or where it has
/// not been gone before and `may_get` forbids to.
fn of_debian(step: &mut Step, may_get: bool) -> Result<Option<(WasmToolchain, String)>> {
    if !(debian_rust_fits() || may_get && get_debian_rust(step)?) {
        return Ok(None);
    }
    let identity = output_of(Command::new(DEBIAN_RUSTC).arg("-vV")).unwrap_or_default();
    let release = release(&identity).unwrap_or_default();
    let name = format!(
        "wasm-std/{release}-{}",
        project::fingerprint(&[identity.as_bytes()])
    );
    if !may_get && !cache::has(&name)? {
        return Ok(None);
    }
    let (place, origin) = cache::kept(&name, |place| build(step, place))?;
    let made = match origin {
        Origin::Cache => "from the cache",
        Origin::Made => "built from its sources",
    };
    let other = Other {
        rustc: wrapper(&place),
        sysroot: sysroot(&place),
    };
    Ok(Some((
        WasmToolchain { other: Some(other) },
        format!("Debian's Rust {release}, {made}"),
    )))
}

/// Installs Debian's Rust where that can be done; false where it is too old or cannot be had.
fn get_debian_rust(step: &mut Step) -> Result<bool> {
    if !apt::usable() {
        return Ok(false);
    }
    step.note(
        "rustup cannot add it here: taking Debian's Rust for wasm, beside the toolchain in use",
    );
    if !apt::install(step, &DEBIAN_PACKAGES)? {
        return Ok(false);
    }
    if !Path::new(DEBIAN_LINKER).exists() {
        let linker = fs::read_link(DEBIAN_LINKER).unwrap_or_default();
        let package = linker
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if package.is_empty() || !apt::install(step, &[&package])? {
            return Ok(false);
        }
    }
    Ok(debian_rust_fits())
}

/// Whether all of Debian's Rust is there and new enough.
fn debian_rust_fits() -> bool {
    let Some(identity) = output_of(Command::new(DEBIAN_RUSTC).arg("-vV")) else {
        return false;
    };
    let (Some(have), Ok(want)) = (release(&identity), project::workspace_value("rust-version"))
    else {
        return false;
    };
    let sources = format!("/usr/src/rustc-{have}/library/std/Cargo.toml");
    version(have) >= version(&want)
        && [DEBIAN_CARGO, DEBIAN_CLIPPY, DEBIAN_LINKER, &sources]
            .iter()
            .all(|path| Path::new(path).is_file())
}

/// The release in what `rustc -vV` prints.
fn release(identity: &str) -> Option<&str> {
    identity
        .lines()
        .find_map(|line| line.strip_prefix("release: "))
}

/// The numbers of a version, to compare.
fn version(text: &str) -> Vec<u32> {
    text.split(['.', '-'])
        .map_while(|number| number.parse().ok())
        .collect()
}

fn wrapper(place: &Path) -> PathBuf {
    place.join("rustc")
}

fn sysroot(place: &Path) -> PathBuf {
    place.join("sysroot")
}

/// Builds the library into `place` and lays a sysroot around it: the host's part is Debian's own.
#[cfg(unix)]
fn build(step: &mut Step, place: &Path) -> Result<()> {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let identity = output_of(Command::new(DEBIAN_RUSTC).arg("-vV")).unwrap_or_default();
    let host = identity
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not name its host")?;

    // An empty package: cargo builds the standard library for it.
    let package = place.join("build");
    fs::create_dir_all(package.join("src"))?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.release]\npanic = \"unwind\"\n",
    )?;
    fs::write(package.join("src/lib.rs"), "#![no_std]\n")?;
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .args([
            "build",
            "--release",
            "--target",
            WASM,
            "--target-dir",
            "target",
        ])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test")
        .current_dir(&package)
        .env("RUSTC", DEBIAN_RUSTC)
        // The one switch that lets a stable compiler build its own standard library.
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            "RUSTFLAGS",
            "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked",
        );
    for name in [
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
        "RUSTUP_TOOLCHAIN",
        "RUSTC_WRAPPER",
    ] {
        command.env_remove(name);
    }
    step.run(&mut command)?.or_stop(|| {
        format!("the standard library for {WASM} cannot be built from Debian's rust-web-src: the lines above say why")
    })?;

    let rustlib = sysroot(place).join("lib/rustlib");
    let library = rustlib.join(WASM).join("lib");
    fs::create_dir_all(&library)?;
    for entry in fs::read_dir(package.join("target").join(WASM).join("release/deps"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_library = path
            .extension()
            .is_some_and(|kind| kind == "rlib" || kind == "rmeta");
        if is_library && !name.starts_with("libempty-") {
            fs::copy(&path, library.join(name))?;
        }
    }
    symlink(Path::new("/usr/lib/rustlib").join(host), rustlib.join(host))?;
    let script = wrapper(place);
    fs::write(
        &script,
        format!(
            "#!/bin/sh\nexec {DEBIAN_RUSTC} --sysroot '{}' \"$@\"\n",
            sysroot(place).display()
        ),
    )?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    cache::remove(&package)?;
    if has_std(&library) {
        Ok(())
    } else {
        bail!("the build of the standard library for {WASM} left no library behind")
    }
}

/// Debian is a Unix.
#[cfg(not(unix))]
fn build(_: &mut Step, _: &Path) -> Result<()> {
    bail!(
        "the standard library for {WASM} is missing: run `rustup target add {WASM}` and try again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(version("1.100.0") > version("1.96"));
        assert!(version("1.96.0") >= version("1.96"));
        assert!(version("1.85.0-nightly") < version("1.95"));
    }
}
