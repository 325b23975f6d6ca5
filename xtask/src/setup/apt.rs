//! Packages of Debian and Ubuntu, for who is root there.

use crate::{
    progress::Step,
    project::{on_path, output_of},
};
use anyhow::Result;
use std::{fs, process::Command};

/// Whether packages can be installed here without asking anybody.
pub(crate) fn usable() -> bool {
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let debian = system
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .any(|ids| {
            ids.trim_matches('"')
                .split(' ')
                .any(|id| id == "debian" || id == "ubuntu")
        });
    debian
        && on_path("apt-get").is_some()
        && output_of(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Installs packages; false where apt refuses. Nothing that is installed is removed for them.
pub(crate) fn install(step: &mut Step, packages: &[&str]) -> Result<bool> {
    step.note(&format!("apt-get install {}", packages.join(" ")));
    // The lists may be missing or old. Where they cannot be renewed they may still do.
    step.run(Command::new("apt-get").args(["update", "-q"]))?;
    let mut command = Command::new("apt-get");
    command
        .args([
            "install",
            "-q",
            "-y",
            "--no-install-recommends",
            "--no-remove",
        ])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    Ok(step.run(&mut command)?.ok)
}
