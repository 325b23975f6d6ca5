//! Findings with lines and columns.

use serde::Serialize;
use stagecraft_diagnostics::{Diagnostic, Fix};
use stagecraft_text::{Edit, LineIndex, TextRange, TextSize};

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingOut<'a> {
    /// The rule's name.
    pub rule: &'static str,
    /// What other tools call it.
    pub codes: Vec<&'static str>,
    /// `error`, `warning`, `info` or `hint`
    pub severity: &'static str,
    /// What is wrong.
    pub message: &'a str,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'a str>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
    /// Where.
    pub range: RangeOut,
    /// Where the tool that owns the first code reports it.
    pub line: u32,
    /// Ways to mend it.
    pub fixes: Vec<FixOut<'a>>,
}

/// From one place up to another.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RangeOut {
    /// Its first character.
    pub start: PlaceOut,
    /// Behind its last one.
    pub end: PlaceOut,
}

/// A place.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PlaceOut {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Bytes from the start of the text.
    pub offset: u32,
}

/// A way to mend a finding.
#[derive(Debug, Clone, Serialize)]
pub struct FixOut<'a> {
    /// What it does.
    pub title: &'a str,
    /// `safe`, `unsafe` or `display-only`
    pub applicability: &'static str,
    /// Changes of the text.
    pub edits: Vec<EditOut<'a>>,
}

/// A change of the text.
#[derive(Debug, Clone, Serialize)]
pub struct EditOut<'a> {
    /// What goes.
    pub range: RangeOut,
    /// What comes in its place.
    pub text: &'a str,
}

/// Findings as data; `lines` are those of the text.
pub fn findings<'a>(lines: &LineIndex, findings: &'a [Diagnostic]) -> Vec<FindingOut<'a>> {
    findings.iter().map(|found| finding(lines, found)).collect()
}

/// One of them.
pub fn finding<'a>(lines: &LineIndex, finding: &'a Diagnostic) -> FindingOut<'a> {
    let range = range(lines, finding.range);
    FindingOut {
        rule: finding.rule,
        codes: finding.codes.iter().map(|code| code.code).collect(),
        severity: finding.severity.name(),
        message: &finding.message,
        why: finding.why.as_deref(),
        help: finding.help.as_deref(),
        line: finding
            .codes
            .first()
            .map_or(range.start.line, |code| code.line),
        range,
        fixes: finding
            .fixes
            .iter()
            .map(|wanted| fix(lines, wanted))
            .collect(),
    }
}

fn range(lines: &LineIndex, range: TextRange) -> RangeOut {
    let place = |offset: TextSize| {
        let position = lines.position(offset);
        PlaceOut {
            line: position.line,
            column: position.column,
            offset: position.offset.into(),
        }
    };
    RangeOut {
        start: place(range.start()),
        end: place(range.end()),
    }
}

/// A fix.
pub fn fix<'a>(lines: &LineIndex, fix: &'a Fix) -> FixOut<'a> {
    let edit = |edit: &'a Edit| EditOut {
        range: range(lines, edit.range),
        text: &edit.insert,
    };
    FixOut {
        title: &fix.title,
        applicability: fix.applicability.name(),
        edits: fix.edits.iter().map(edit).collect(),
    }
}
