//! Reading the corpora.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use base64::Engine as _;
use serde_json::Value;

/// The folder of the corpora, if it is there.
pub fn folder() -> Option<PathBuf> {
    let shared = match std::env::var_os("STAGECRAFT_SHARED") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let folder = shared.join("conformance");
    folder.is_dir().then_some(folder)
}

/// The rows of a file of the folder; `None` where the file is not there.
pub fn rows(name: &str) -> Option<Vec<Value>> {
    let file = File::open(folder()?.join(name)).ok()?;
    let reader: Box<dyn Read> = if name.strip_suffix(".gz").is_some() {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let rows = BufReader::new(reader)
        .lines()
        .map_while(Result::ok)
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(&line).expect("a row of JSON"))
        .collect();
    Some(rows)
}

/// The files of the wild corpus with the answers of the tools: `(row, answers)`.
pub fn wild() -> Option<Vec<(Value, Value)>> {
    let mut answers: HashMap<String, Value> = rows("wild-oracle.jsonl.gz")?
        .into_iter()
        .map(|row| (text(&row, "id"), row))
        .collect();
    let rows = rows("wild.jsonl.gz")?;
    Some(
        rows.into_iter()
            .filter_map(|row| {
                let answer = answers.remove(&text(&row, "id"))?;
                Some((row, answer))
            })
            .collect(),
    )
}

/// A string of a row; empty where there is none.
pub fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

/// The Dockerfile of a row, whatever its key is, decoded as the command decodes it.
pub fn dockerfile(row: &Value) -> String {
    for key in ["dockerfile", "text"] {
        if let Some(text) = row[key].as_str() {
            return text.to_owned();
        }
    }
    let encoded = row["b64"].as_str().unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .expect("base64");
    stagecraft_cli::input::decode(&bytes)
}
