//! `stagecraft lint`: what is wrong with a file.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::lint::{Profile, Subject, lint};
use stagecraft_engine::report::{FindingOut, findings};
use stagecraft_engine::{Analysis, diagnostics::Diagnostic};

/// What is printed for one file.
#[derive(Debug, Serialize)]
pub struct Output<'a> {
    /// The file's path as given; `-` for standard input.
    pub path: &'a str,
    /// What is wrong.
    pub findings: Vec<FindingOut<'a>>,
}

/// What that profile finds: the default one has the errors of the text and of its stages too.
pub fn chosen(
    analysis: &Analysis,
    dockerignore: Option<&str>,
    profile: Profile,
) -> Vec<Diagnostic> {
    if profile == Profile::Default {
        return analysis.findings.clone();
    }
    let subject = Subject {
        file: &analysis.file,
        model: &analysis.model,
        dockerignore,
    };
    lint(subject, profile)
}

/// The line of JSON for one file.
///
/// # Errors
/// Never in practice: there is nothing that JSON cannot hold.
pub fn json_line(
    path: &str,
    analysis: &Analysis,
    found: &[Diagnostic],
) -> serde_json::Result<String> {
    serde_json::to_string(&Output {
        path,
        findings: findings(analysis, found),
    })
}

/// For people: a line for each finding with its place, then why, and what to do.
pub fn text(path: &str, analysis: &Analysis, found: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings(analysis, found) {
        let place = finding.range.start;
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{path}:{}:{}: {}: {} [{}]",
            place.line, place.column, finding.severity, finding.message, finding.rule
        );
        if let Some(help) = finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
        for fix in &finding.fixes {
            let _ = writeln!(out, "  fix ({}): {}", fix.applicability, fix.title);
        }
    }
    out
}
