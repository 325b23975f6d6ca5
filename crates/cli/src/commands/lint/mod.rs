//! `stagecraft lint`: what is wrong with files.

mod formats;
mod sarif;

use serde::Serialize;
use stagecraft_engine::diagnostics::{Fix, Severity};
use stagecraft_engine::lint::{Profile, silence};
use stagecraft_engine::report::{FindingOut, FixOut, findings, fix};
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
    pub findings: Vec<Listed<'a>>,
}

/// A finding and how not to hear of it.
#[derive(Debug, Serialize)]
pub struct Listed<'a> {
    /// The finding.
    #[serde(flatten)]
    pub finding: FindingOut<'a>,
    /// The change that silences it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<FixOut<'a>>,
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
    let silences: Vec<Option<Fix>> = checked
        .findings
        .iter()
        .map(|finding| silence(&checked.file, finding))
        .collect();
    let findings = findings(&checked.lines, &checked.findings).into_iter();
    let listed = findings.zip(&silences).map(|(finding, silence)| Listed {
        finding,
        silence: silence.as_ref().map(|it| fix(&checked.lines, it)),
    });
    serde_json::to_string(&Output {
        path,
        findings: listed.collect(),
    })
}
