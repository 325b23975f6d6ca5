//! PHP's extensions: what building them leaves (`xtask/measure/php.py`).

use super::graph::{Graph, Node};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

/// What was built, and when.
pub(crate) const SOURCE: &str = "PHP 8.2, its extensions as built\t2026-11-30";

/// Reads what was measured; none of them needs another one.
pub(crate) fn graph(measured: &Path) -> Result<Graph> {
    let file = measured.join("php.tsv");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    text.lines().map(extension).collect()
}

fn extension(line: &str) -> Result<(String, Node)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [name, own, beside, left] = columns[..] else {
        bail!("`{line}` has {} columns", columns.len());
    };
    let number = |text: &str| {
        text.parse()
            .with_context(|| format!("`{text}` of {name} is no number"))
    };
    let node = Node {
        asked: true,
        bytes: [number(own)?, number(beside)?, number(left)?],
        ..Node::default()
    };
    Ok((name.to_owned(), node))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_extension_with_three_numbers() {
        let (name, node) = extension("pecl/redis\t3\t2\t1").unwrap();
        assert_eq!((name.as_str(), node.bytes), ("pecl/redis", [3, 2, 1]));
        assert!(node.asked && node.hard.is_empty());
        for line in ["redis\t1", "redis\tmuch\t1\t1"] {
            assert!(extension(line).is_err(), "{line}");
        }
    }
}
