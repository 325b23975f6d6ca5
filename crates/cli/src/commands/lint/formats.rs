//! How findings are written: for people, and for the programs that read them.

use std::borrow::Cow;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};
use stagecraft_engine::Checked;
use stagecraft_engine::diagnostics::{Diagnostic, Severity};
use stagecraft_engine::lint::silence;

use super::{json_line, sarif};

/// A way to write findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the lines that are meant.
    Text,
    /// One JSON object a line and file.
    Json,
    /// SARIF 2.1.0, as code scanning services read it.
    Sarif,
    /// Commands of GitHub's workflows.
    Github,
    /// The XML of Checkstyle.
    Checkstyle,
    /// The JSON of GitLab's code quality reports.
    Gitlab,
}

impl Format {
    /// Whether the parts stand alone, one after the other.
    pub fn is_streamed(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::Github)
    }

    /// The findings of one file; several of them make a [`document`](Self::document).
    ///
    /// # Errors
    /// Never in practice: there is nothing that JSON cannot hold.
    pub fn part(self, path: &str, checked: &Checked, colours: bool) -> serde_json::Result<String> {
        let list = |one: &dyn Fn(&Diagnostic) -> Value| -> serde_json::Result<String> {
            let all: Result<Vec<String>, _> = checked
                .findings
                .iter()
                .map(|finding| serde_json::to_string(&one(finding)))
                .collect();
            Ok(all?.join(","))
        };
        match self {
            Self::Text => Ok(text(path, checked, colours)),
            Self::Json => Ok(json_line(path, checked)? + "\n"),
            Self::Sarif => list(&|finding| sarif::result(path, checked, finding)),
            Self::Github => Ok(github(path, checked)),
            Self::Checkstyle => Ok(checkstyle(path, checked)),
            Self::Gitlab => list(&|finding| gitlab(path, checked, finding)),
        }
    }

    /// The parts of all files as one text.
    ///
    /// # Errors
    /// Never in practice: there is nothing that JSON cannot hold.
    pub fn document(self, parts: &[String]) -> serde_json::Result<String> {
        let joined = || {
            let parts = parts.iter().filter(|part| !part.is_empty());
            parts.map(String::as_str).collect::<Vec<_>>().join(",")
        };
        Ok(match self {
            Self::Text | Self::Json | Self::Github => parts.concat(),
            Self::Sarif => sarif::document(&joined())?,
            Self::Checkstyle => format!(
                "<?xml version='1.0' encoding='UTF-8'?>\n<checkstyle version='4.3'>\n{}</checkstyle>\n",
                parts.concat()
            ),
            Self::Gitlab => format!("[{}]\n", joined()),
        })
    }
}

/// The line that the owner of the finding's first code names, else the first one.
fn line(checked: &Checked, finding: &Diagnostic) -> u32 {
    let own = checked.lines.line(finding.range.start());
    finding.codes.first().map_or(own, |code| code.line)
}

/// What others know the finding by: its first code, else its rule.
fn id(finding: &Diagnostic) -> &'static str {
    finding.codes.first().map_or(finding.rule, |code| code.code)
}

/// As a compiler says it: the message, the place with its line, why, and what to do.
fn text(path: &str, checked: &Checked, colours: bool) -> String {
    let renderer = if colours {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for finding in &checked.findings {
        let codes = finding.codes.iter().map(|code| code.code);
        let id = std::iter::once(finding.rule)
            .chain(codes)
            .collect::<Vec<_>>()
            .join(", ");
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::NOTE,
            Severity::Hint => Level::HELP.with_name("hint"),
        };
        let (first, source, span) = excerpt(checked, finding);
        let snippet = Snippet::source(source)
            .path(path)
            .line_start(first)
            .annotation(AnnotationKind::Primary.span(span));
        let mut group = level
            .primary_title(&*finding.message)
            .id(id)
            .element(snippet);
        if let Some(why) = &finding.why {
            group = group.element(Level::NOTE.with_name("why").message(why.as_ref()));
        }
        if let Some(help) = &finding.help {
            group = group.element(Level::HELP.message(help.as_ref()));
        }
        for fix in &finding.fixes {
            let title = format!("{} ({})", fix.title, fix.applicability.name());
            group = group.element(Level::HELP.with_name("fix").message(title));
        }
        if let Some(silence) = silence(&checked.file, finding) {
            let title = silence.title.trim_start_matches("silence it: ").to_owned();
            group = group.element(Level::HELP.with_name("silence").message(title));
        }
        let groups: [Group<'_>; 1] = [group];
        // Writing to a string does not fail.
        let _ = writeln!(out, "{}\n", renderer.render(&groups));
    }
    out
}

/// The lines of a finding, the number of the first, and the finding's place in them. Of a long one
/// only the first line is shown.
fn excerpt<'a>(
    checked: &'a Checked,
    finding: &Diagnostic,
) -> (usize, Cow<'a, str>, std::ops::Range<usize>) {
    let source = checked.file.source();
    let start = usize::from(finding.range.start()).min(source.len());
    let end = usize::from(finding.range.end()).clamp(start, source.len());
    let before = source.get(..start).unwrap_or_default();
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = source.get(from..).unwrap_or_default();
    let to = from + rest.find('\n').unwrap_or(rest.len());
    let text = source.get(from..to).unwrap_or_default();
    let first = checked.lines.line(finding.range.start());
    let first = usize::try_from(first).unwrap_or(1);
    (
        first,
        Cow::Borrowed(text),
        start - from..end.min(to).max(start) - from,
    )
}

/// `::warning file=…,line=…::…`
fn github(path: &str, checked: &Checked) -> String {
    let mut out = String::new();
    for finding in &checked.findings {
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info | Severity::Hint => "notice",
        };
        let place = checked.lines.position(finding.range.start());
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "::{word} file={},line={},col={},title={}::{}",
            escaped(path, true),
            place.line,
            place.column,
            escaped(id(finding), true),
            escaped(&finding.message, false)
        );
    }
    out
}

/// A text in a command of GitHub's: what would end it is written as a number.
fn escaped(text: &str, property: bool) -> String {
    let text = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    if property {
        text.replace(':', "%3A").replace(',', "%2C")
    } else {
        text
    }
}

fn checkstyle(path: &str, checked: &Checked) -> String {
    let mut out = format!("<file name='{}'>\n", xml(path));
    for finding in &checked.findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info | Severity::Hint => "info",
        };
        let place = checked.lines.position(finding.range.start());
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "<error line='{}' column='{}' severity='{severity}' message='{}' source='{}'/>",
            line(checked, finding),
            place.column,
            xml(&finding.message),
            xml(id(finding))
        );
    }
    out + "</file>\n"
}

/// A text as an attribute of XML holds it; what XML cannot hold at all becomes U+FFFD.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            char if char < ' ' || matches!(char, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}

fn gitlab(path: &str, checked: &Checked, finding: &Diagnostic) -> Value {
    let severity = match finding.severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "minor",
        Severity::Hint => "info",
    };
    let line = line(checked, finding);
    json!({
        "description": finding.message,
        "check_name": id(finding),
        "fingerprint": fingerprint(&[path, id(finding), &finding.message, &line.to_string()]),
        "severity": severity,
        "location": { "path": path, "lines": { "begin": line } },
    })
}

/// The same for the same finding, in whichever run: the FNV-1a hash of its parts.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use stagecraft_engine::lint::Profile;

    use super::super::checked;
    use super::*;
    use crate::settings::Settings;

    fn parts(format: Format, source: &str) -> String {
        let checked = checked(
            source,
            None,
            &stagecraft_engine::semantic::Options::default(),
            Profile::Default,
            &Settings::default(),
        );
        let part = format.part("a/Dockerfile", &checked, false).unwrap();
        format.document(&[part]).unwrap()
    }

    const SOURCE: &str = "FROM alpine:latest AS é\nMAINTAINER <a&b>\n";

    #[test]
    fn people_see_the_line_and_the_reason() {
        let text = parts(Format::Text, SOURCE);
        assert!(text.contains("warning[latest-tag, DL3007]"), "{text}");
        assert!(text.contains("a/Dockerfile:1:6"), "{text}");
        assert!(text.contains("FROM alpine:latest AS é"), "{text}");
        assert!(text.contains("why: "), "{text}");
    }

    #[test]
    fn a_workflow_gets_commands() {
        let text = parts(Format::Github, SOURCE);
        let first = text.lines().next().unwrap();
        assert!(
            first.starts_with("::warning file=a/Dockerfile,line=1,col=6,title=DL3007::"),
            "{first}"
        );
        assert_eq!(escaped("50% a,b:c\n", true), "50%25 a%2Cb%3Ac%0A");
    }

    #[test]
    fn xml_and_json_are_whole() {
        let text = parts(Format::Checkstyle, SOURCE);
        assert!(text.ends_with("</file>\n</checkstyle>\n"), "{text}");
        assert_eq!(
            xml("<a & 'b'>\u{1}"),
            "&lt;a &amp; &apos;b&apos;&gt;\u{fffd}"
        );
        for format in [Format::Gitlab, Format::Sarif] {
            let value: Value = serde_json::from_str(&parts(format, SOURCE)).unwrap();
            let list = match format {
                Format::Sarif => &value["runs"][0]["results"],
                _ => &value,
            };
            assert!(list.as_array().unwrap().len() >= 2, "{value}");
            let empty: Value = serde_json::from_str(&format.document(&[]).unwrap()).unwrap();
            assert!(!empty.is_null());
        }
    }
}
