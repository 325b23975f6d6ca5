//! `cargo xtask data`: makes the committed tables of `crates/sizes/data` from measured figures.

#![expect(clippy::indexing_slicing, reason = "a mistake in the figures may stop it")]

mod debian;
mod graph;
mod registry;

use crate::project;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// When packages were measured.
const DATE: &str = "2026-11-27";

/// Where the figures stand beside the repository.
pub(crate) fn default_folder() -> PathBuf {
    project::root().join("../shared/data")
}

/// Writes the tables anew; the same figures give the same bytes.
pub(crate) fn run(from: &Path) -> Result<()> {
    let table = base_images(from)?;
    let out = project::root().join("crates/sizes/data/base-images.tsv");
    fs::write(&out, &table).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{} images in {}", table.lines().count() - 1, out.display());
    let out = project::root().join("crates/sizes/data/packages.bin");
    fs::write(&out, packages(from)?).with_context(|| format!("cannot write {}", out.display()))?;
    println!("packages in {}", out.display());
    Ok(())
}

/// The tables of packages, one behind the other: first how long each is, four bytes a table.
pub(crate) fn packages(from: &Path) -> Result<Vec<u8>> {
    let measured = project::root().join("xtask/measure");
    let asked: BTreeSet<String> = fs::read_to_string(measured.join("debian-roots.txt"))?
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut tables = Vec::new();
    for suite in debian::SUITES {
        let debian::Suite { graph, source } = debian::suite(from, &measured, suite, &asked)?;
        tables.push((graph::compact(&graph), source, [6, 2, 3]));
    }
    let registry = |name: &str| format!("{name}, as installed\t{DATE}");
    tables.push((graph::compact(&registry::pypi(&measured)?), registry("PyPI"), [6, 4, 4]));
    tables.push((graph::compact(&registry::npm(&measured)?), registry("npm"), [6, 4, 3]));
    let mut lengths = Vec::new();
    let mut out = Vec::new();
    for (graph, source, bits) in tables {
        let names = graph.values().filter(|node| node.asked).count();
        println!("{source}: {names} names, {} nodes", graph.len());
        let table = graph::encode(&graph, &source, bits)?;
        lengths.extend(u32::try_from(table.len())?.to_le_bytes());
        out.extend(table);
    }
    lengths.extend(out);
    Ok(lengths)
}

/// The lines of a packed file, cut at tabs.
fn rows(file: &Path) -> Result<Vec<Vec<String>>> {
    let out = Command::new("gzip")
        .arg("-dc")
        .arg(file)
        .output()
        .context("cannot start gzip")?;
    if !out.status.success() {
        bail!("{} cannot be read", file.display());
    }
    let text = String::from_utf8(out.stdout)?;
    Ok(text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect())
}

/// The table of base images: one image a line, sorted by name, figures in bytes.
pub(crate) fn base_images(from: &Path) -> Result<String> {
    let file = from.join("base-images.jsonl");
    let Ok(text) = fs::read_to_string(&file) else {
        bail!(
            "the measured figures are not in {}: name their folder with --from",
            from.display()
        );
    };
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let row: Value =
            serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), at + 1))?;
        lines.push(base_image(&row)?);
    }
    lines.sort();
    let mut out = String::from("image\ttag\taliases\tcompressed\tsize\tarm64\tdate\tsource\n");
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out)
}

fn base_image(row: &Value) -> Result<String> {
    let text = |key: &str| {
        row[key]
            .as_str()
            .with_context(|| format!("no {key} in {row}"))
    };
    let bytes = |key: &str| {
        row[key]
            .as_u64()
            .map_or_else(String::new, |bytes| bytes.to_string())
    };
    let list = |key: &str| {
        let items = row[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let source = list("source")
        .first()
        .map_or_else(String::new, |source| short(source));
    let columns = [
        text("image")?.to_owned(),
        text("tag")?.to_owned(),
        list("aliases").join(" "),
        bytes("compressed_bytes"),
        bytes("uncompressed_bytes"),
        bytes("arm64_compressed_bytes"),
        text("created")?.to_owned(),
        source,
    ];
    if let Some(bad) = columns.iter().find(|column| column.contains(['\t', '\n'])) {
        bail!("`{bad}` does not fit into a table with tabs");
    }
    Ok(columns.join("\t"))
}

/// A source with its commit cut to ten digits, which still name it.
fn short(source: &str) -> String {
    match source.rsplit_once('@') {
        Some((path, commit)) if commit.len() == 40 => {
            format!("{path}@{}", commit.get(..10).unwrap_or(commit))
        }
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_what_the_figures_give() {
        let folder = default_folder();
        if !folder.is_dir() {
            eprintln!("skipped: the measured figures are not there");
            return;
        }
        let committed =
            fs::read_to_string(project::root().join("crates/sizes/data/base-images.tsv")).unwrap();
        assert!(
            base_images(&folder).unwrap() == committed,
            "run `cargo xtask data`"
        );
    }

    #[test]
    fn a_row_keeps_its_figures_source_and_date() {
        let row = serde_json::json!({
            "image": "a", "tag": "1", "aliases": ["latest", "1.0"], "compressed_bytes": 5,
            "uncompressed_bytes": null, "arm64_compressed_bytes": 4, "created": "2026-01-02",
            "source": [format!("list@{}", "0".repeat(40))],
        });
        assert_eq!(
            base_image(&row).unwrap(),
            "a\t1\tlatest 1.0\t5\t\t4\t2026-01-02\tlist@0000000000"
        );
    }
}
