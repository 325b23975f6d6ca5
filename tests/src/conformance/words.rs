//! Variables and quotes as the builder reads them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stagecraft_engine::syntax::expand::{self, ExpandError, Expander, Quotes};

use super::{Report, corpus};

/// Compares every case; `None` where they are not there.
pub fn reports() -> Option<Vec<Report>> {
    let mut report = Report::new("words buildkit-shell.jsonl");
    for row in corpus::rows("buildkit-shell.jsonl")? {
        report.case(&corpus::text(&row, "id"), difference(&row));
    }
    Some(vec![report])
}

fn difference(row: &Value) -> Option<String> {
    let input = corpus::text(row, "input");
    let variables: BTreeMap<&str, &str> = row["env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.as_str()?.split_once('='))
        .collect();
    let lookup = |name: &str| variables.get(name).copied();
    let flag = |key: &str| row[key].as_bool().unwrap_or_default();
    let expander = Expander {
        quotes: if flag("raw_quotes") {
            Quotes::Keep
        } else {
            Quotes::Remove
        },
        skip_unset: flag("skip_unset"),
        ..Expander::new('\\', &lookup)
    };
    let ours = if row["kind"] == "words" {
        expand::words(&input, &expander).map(|words| {
            let words: Vec<String> = words.into_iter().map(|word| word.text).collect();
            Value::from(words)
        })
    } else {
        expand::word(&input, &expander).map(|expanded| Value::from(expanded.text))
    };
    match (&ours, row["error"].as_str()) {
        (Ok(ours), None) if *ours == row["expected"] => {}
        (Ok(ours), None)
            if ours.is_array() && row["expected"].is_null() && *ours == Value::Array(vec![]) => {}
        (Err(error), Some(message)) if message.ends_with(&as_buildkit(error)) => return None,
        _ => return Some(format!("ours {ours:?}, theirs {row}")),
    }
    if row["kind"] == "words" || row["matched"].is_null() {
        return None;
    }
    let references = expand::word(&input, &expander).ok()?.references;
    for (key, set) in [("matched", true), ("unmatched", false)] {
        let ours: BTreeSet<&str> = references
            .iter()
            .filter(|reference| reference.set == set)
            .map(|reference| reference.name.as_str())
            .collect();
        let theirs: BTreeSet<&str> = row[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if ours != theirs {
            return Some(format!("{key}: ours {ours:?}, theirs {theirs:?}"));
        }
    }
    None
}

/// How BuildKit's message for the same mistake ends. It names a missing character U+FFFD.
fn as_buildkit(error: &ExpandError) -> String {
    match error {
        ExpandError::UnclosedQuote(quote) => {
            let quote = if *quote == '"' { "double" } else { "single" };
            format!("looking for matching {quote}-quote")
        }
        ExpandError::BadSubstitution => "bad substitution".to_owned(),
        ExpandError::UnsupportedModifier(modifier) => {
            let modifier = if modifier.is_empty() {
                "\u{fffd}"
            } else {
                modifier
            };
            format!("unsupported modifier ({modifier}) in substitution")
        }
        ExpandError::MissingBrace => "missing '}'".to_owned(),
        ExpandError::MissingSlash => "missing '/' in ${}".to_owned(),
        ExpandError::NotSet {
            name,
            message,
            empty,
        } => match (message.as_str(), empty) {
            ("", true) => format!("{name}: is not allowed to be empty"),
            ("", false) => format!("{name}: is not allowed to be unset"),
            (message, _) => format!("{name}: {message}"),
        },
        ExpandError::BadPattern | ExpandError::TooMuch => "(no case of it)".to_owned(),
    }
}
