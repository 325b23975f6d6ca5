//! What the page weighs over the wire.

use crate::project;
use anyhow::{Context, Result};
use serde_json::Value;
use std::{fmt::Write as _, fs, path::Path, process::Command};

/// The most that a first visit may load until it has an analysis, in bytes after brotli.
///
/// 305,000 are in use: 206,000 of the part of the app that a first visit runs, of which 55,000 are
/// data; 86,000 of the editor, of which CodeMirror's view and state alone are 67,000; and 13,000 of
/// styles, wasm-bindgen's JavaScript, the first lesson and the page. The figure is to go down, not up.
pub(crate) const BUDGET: u64 = 330_000;

/// Node has both compressors, so no crate is built for them.
const SCRIPT: &str = r#"
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
const rows = process.argv.slice(1).map((path) => {
  const bytes = readFileSync(path);
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
});
console.log(JSON.stringify(rows));
"#;

/// The sizes of the files that a first visit loads.
pub(crate) struct Sizes {
    rows: Vec<(String, [u64; 3])>,
}

/// Measures `index.html` in `dir`, the files of that folder that it names, and the first lesson,
/// for which the loader waits as well.
pub(crate) fn measure(dir: &Path) -> Result<Sizes> {
    let html = fs::read_to_string(dir.join("index.html"))
        .with_context(|| format!("{} holds no page", dir.display()))?;
    let mut names = vec!["index.html".to_owned()];
    for folder in ["", "assets/"] {
        for entry in fs::read_dir(dir.join(folder))? {
            let name = format!("{folder}{}", entry?.file_name().to_string_lossy());
            // What is fetched behind the first analysis.
            let is_later = name.starts_with("rest-");
            let is_named = html.contains(&format!("\"./{name}\"")) && !is_later;
            if name != "index.html" && (is_named || name.starts_with("assets/first-lesson-")) {
                names.push(name);
            }
        }
    }
    names.sort();
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", SCRIPT, "--"])
        .args(names.iter().map(|name| dir.join(name)));
    let json = project::output_of(&mut node).context("Node.js cannot measure the page")?;
    let rows: Vec<[u64; 3]> = serde_json::from_str::<Value>(&json)
        .ok()
        .and_then(|rows| {
            let row = |row: &Value| {
                Some([
                    row.get(0)?.as_u64()?,
                    row.get(1)?.as_u64()?,
                    row.get(2)?.as_u64()?,
                ])
            };
            rows.as_array()?.iter().map(row).collect()
        })
        .context("Node.js has printed no sizes")?;
    Ok(Sizes {
        rows: names.into_iter().zip(rows).collect(),
    })
}

impl Sizes {
    /// The sum of a first visit, in bytes after brotli.
    pub(crate) fn first_load(&self) -> u64 {
        self.rows.iter().map(|(_, [_, _, brotli])| brotli).sum()
    }

    /// Whether that is within the budget.
    pub(crate) fn within_budget(&self) -> bool {
        self.first_load() <= BUDGET
    }

    /// The sizes as a table, in bytes.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let width = self
            .rows
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or(0)
            .max(10);
        let _ = writeln!(
            table,
            "{:width$} {:>10} {:>10} {:>10}",
            "first load", "raw", "gzip -9", "brotli 11"
        );
        let mut sum = [0; 3];
        for (name, [raw, gzip, brotli]) in &self.rows {
            let _ = writeln!(table, "{name:width$} {raw:>10} {gzip:>10} {brotli:>10}");
            for (sum, size) in sum.iter_mut().zip([raw, gzip, brotli]) {
                *sum += size;
            }
        }
        let [raw, gzip, brotli] = sum;
        let _ = writeln!(table, "{:width$} {raw:>10} {gzip:>10} {brotli:>10}", "sum");
        let _ = write!(
            table,
            "{:width$} {:>10} {:>10} {BUDGET:>10}",
            "budget", "", ""
        );
        table
    }
}
