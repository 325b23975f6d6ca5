//! The tree, the errors and the warnings of BuildKit's parser.

use serde_json::Value;

use super::{Report, corpus};

/// Compares every corpus that holds parses; `None` where they are not there.
pub fn reports() -> Option<Vec<Report>> {
    let mut reports = Vec::new();
    for name in ["buildkit-parser.jsonl", "edge.jsonl"] {
        let mut report = Report::new(format!("parse {name}"));
        for row in corpus::rows(name)? {
            report.case(&corpus::text(&row, "id"), difference(&row, &row["parse"]));
        }
        reports.push(report);
    }
    let mut report = Report::new("parse wild.jsonl.gz");
    for (row, answer) in corpus::wild()? {
        report.case(
            &corpus::text(&row, "id"),
            difference(&row, &answer["parse"]),
        );
    }
    reports.push(report);
    Some(reports)
}

fn difference(row: &Value, theirs: &Value) -> Option<String> {
    let source = corpus::dockerfile(row);
    let line = stagecraft_cli::commands::parse::json_line("-", &source).expect("JSON");
    let ours: Value = serde_json::from_str(&line).expect("JSON");
    for key in ["ok", "escape", "ast"] {
        if ours[key] != theirs[key] {
            return Some(first_difference(key, &ours[key], &theirs[key]));
        }
    }
    for key in ["error", "instr_error"] {
        let (our, their) = (&ours[key]["lines"], &theirs[key]["lines"]);
        let there = !theirs[key].is_null();
        if there == ours[key].is_null() || (there && our != their) {
            return Some(format!("{key}: ours {}, theirs {}", ours[key], theirs[key]));
        }
    }
    let lines = |of: &Value| -> Vec<(Value, Value)> {
        let warnings = of["warnings"].as_array().cloned().unwrap_or_default();
        warnings
            .iter()
            .map(|warning| (warning["line"].clone(), warning["end"].clone()))
            .collect()
    };
    let (our, their) = (lines(&ours), lines(theirs));
    (our != their).then(|| format!("warnings: ours {our:?}, theirs {their:?}"))
}

/// The smallest part on which two values differ.
pub fn first_difference(path: &str, ours: &Value, theirs: &Value) -> String {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                if a != b {
                    return first_difference(&format!("{path}[{index}]"), a, b);
                }
            }
        }
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()) {
                let (a, b) = (&ours[key], &theirs[key]);
                if a != b {
                    return first_difference(&format!("{path}.{key}"), a, b);
                }
            }
        }
        _ => {}
    }
    format!("{path}: ours {ours}, theirs {theirs}")
}
