//! `stagecraft lint`: what is wrong with a file.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::lint::{Config, Profile, Subject, lint};
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

/// What is asked for besides the profile.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What is asked of the rules.
    pub config: Config,
    /// Rules that are not to be heard of, by name or code.
    pub ignored: Vec<String>,
}

/// What that profile finds: the default one has the errors of the text and of its stages too.
pub fn chosen(
    analysis: &Analysis,
    dockerignore: Option<&str>,
    profile: Profile,
    settings: &Settings,
) -> Vec<Diagnostic> {
    let plain = settings.config == Config::default();
    let mut found = if profile == Profile::Default && plain {
        analysis.findings.clone()
    } else {
        let subject = Subject {
            file: &analysis.file,
            model: &analysis.model,
            dockerignore,
            config: &settings.config,
        };
        lint(subject, profile)
    };
    let ignored = |name: &str| {
        settings
            .ignored
            .iter()
            .any(|it| it.eq_ignore_ascii_case(name))
    };
    found.retain_mut(|finding| {
        let coded = !finding.codes.is_empty();
        finding.codes.retain(|code| !ignored(code.code));
        !ignored(finding.rule) && !(coded && finding.codes.is_empty())
    });
    found
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
