//! SARIF 2.1.0 (OASIS standard).

use serde_json::{Value, json};
use stagecraft_engine::Checked;
use stagecraft_engine::diagnostics::{Applicability, Diagnostic, Fix, Severity};
use stagecraft_engine::lint::rules;
use stagecraft_engine::text::TextRange;

/// One finding.
pub(super) fn result(path: &str, checked: &Checked, finding: &Diagnostic) -> Value {
    let fixes = finding
        .fixes
        .iter()
        .filter(|fix| fix.applicability != Applicability::DisplayOnly);
    json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": finding.message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(path) },
                "region": region(checked, finding.range),
            }
        }],
        "fixes": fixes.map(|fix| fix_of(path, checked, fix)).collect::<Vec<_>>(),
        "properties": {
            "codes": finding.codes.iter().map(|code| code.code).collect::<Vec<_>>(),
        },
    })
}

/// The document around these findings, which are JSON already.
pub(super) fn document(results: &str) -> serde_json::Result<String> {
    let rules: Vec<Value> = rules()
        .iter()
        .map(|rule| {
            json!({
                "id": rule.name,
                "fullDescription": { "text": rule.why },
                "defaultConfiguration": { "level": level(rule.severity) },
                "properties": { "codes": rule.codes },
            })
        })
        .collect();
    let driver = json!({
        "name": "stagecraft",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    // Columns of ours are characters.
    Ok(format!(
        "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{}}},\"columnKind\":\"unicodeCodePoints\",\"results\":[{results}]}}]}}\n",
        serde_json::to_string(&driver)?
    ))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

fn region(checked: &Checked, range: TextRange) -> Value {
    let start = checked.lines.position(range.start());
    let end = checked.lines.position(range.end());
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn fix_of(path: &str, checked: &Checked, fix: &Fix) -> Value {
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({
                "deletedRegion": region(checked, edit.range),
                "insertedContent": { "text": edit.insert },
            })
        })
        .collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(path) },
            "replacements": replacements,
        }],
    })
}

/// A path as a relative reference of RFC 3986: everything that is not plain is written as numbers.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a b/é.Dockerfile"), "a%20b/%C3%A9.Dockerfile");
    }
}
