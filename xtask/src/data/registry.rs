//! Packages of PyPI and npm, as they were weighed when they were installed
//! (`xtask/measure/pypi.py` and `npm.mjs`).

use super::graph::{Graph, Node};
use super::rows;
use anyhow::Result;
use std::{collections::BTreeMap, path::Path};

/// What npm's cache keeps of a package besides its archive: an entry of its index.
const NPM_INDEX: u64 = 1_000;

fn number(row: &[String], at: usize) -> u64 {
    row.get(at).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn needs(row: &[String], at: usize) -> impl Iterator<Item = String> {
    let text = row.get(at).map_or("", String::as_str);
    text.split(' ')
        .filter(|need| !need.is_empty())
        .map(str::to_owned)
}

/// Bytes as installed, of these compiled ones, and what the cache keeps. Every name can be asked
/// for, with its extras as `name[extra]`.
pub(crate) fn pypi(measured: &Path) -> Result<Graph> {
    let mut graph = Graph::new();
    for row in rows(&measured.join("pypi.tsv.gz"))? {
        let (Some(name), Some(version)) = (row.first(), row.get(1)) else {
            continue;
        };
        if version == "-" {
            continue;
        }
        let node = Node {
            asked: true,
            bytes: [
                number(&row, 2),
                number(&row, 3),
                number(&row, 4) + number(&row, 5),
            ],
            mark: false,
            hard: needs(&row, 6).collect(),
            soft: Default::default(),
        };
        graph.insert(name.clone(), node);
    }
    Ok(graph)
}

/// Bytes as installed, what the cache keeps of it, and what it keeps in addition where no lock file
/// says which versions there are. Only what was asked for has a name.
pub(crate) fn npm(measured: &Path) -> Result<Graph> {
    let mut graph = Graph::new();
    let mut roots = BTreeMap::new();
    for row in rows(&measured.join("npm.tsv.gz"))? {
        let Some(name) = row.first() else { continue };
        if name == "root" {
            if let (Some(root), Some(version)) = (row.get(1), row.get(2))
                && version != "-"
            {
                roots.insert(root.clone(), version.clone());
            }
            continue;
        }
        let node = Node {
            asked: false,
            bytes: [
                number(&row, 1),
                number(&row, 2) + NPM_INDEX,
                number(&row, 3) + NPM_INDEX,
            ],
            mark: false,
            hard: needs(&row, 4).collect(),
            soft: Default::default(),
        };
        graph.insert(name.clone(), node);
    }
    for (root, version) in roots {
        let node = Node {
            asked: true,
            hard: [version].into(),
            ..Node::default()
        };
        graph.insert(root, node);
    }
    Ok(graph)
}
