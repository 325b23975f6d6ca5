//! `stagecraft lint`: what is wrong with files.

mod formats;
mod sarif;

use serde::Serialize;
use stagecraft_engine::diagnostics::Severity;
use stagecraft_engine::lint::Profile;
use stagecraft_engine::report::{FindingOut, findings};
use stagecraft_engine::semantic::Options;
use stagecraft_engine::{Checked, check};

pub use formats::Format;

use crate::settings::Settings;

/// What is printed for one file as JSON.
#[derive(Debug, Serialize)]
pub struct Output<'a> {
    /// The file's path as given; `-` for standard input.
    pub path: &'a str,
    /// What is wrong.
    pub findings: Vec<FindingOut<'a>>,
}

/// Looks at one Dockerfile.
pub fn checked(
    source: &str,
    dockerignore: Option<&str>,
    options: &Options,
    profile: Profile,
    settings: &Settings,
) -> Checked {
    let mut checked = check(source, dockerignore, options, profile, &settings.config);
    settings.apply(&mut checked.findings);
    checked
}

/// Whether something is at least as bad as that.
pub fn fails(checked: &Checked, threshold: Severity) -> bool {
    let mut findings = checked.findings.iter();
    findings.any(|finding| finding.severity >= threshold)
}

/// The line of JSON for one file.
///
/// # Errors
/// Never in practice: there is nothing that JSON cannot hold.
pub fn json_line(path: &str, checked: &Checked) -> serde_json::Result<String> {
    serde_json::to_string(&Output {
        path,
        findings: findings(&checked.lines, &checked.findings),
    })
}
