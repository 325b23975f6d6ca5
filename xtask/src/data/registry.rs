//! Packages of `PyPI` and npm, as they were weighed when they were installed
//! (`xtask/measure/pypi.py` and `npm.mjs`).

use super::graph::{Graph, Node};
use super::rows;
use anyhow::Result;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// What npm's cache keeps of a package besides its archive: an entry of its index.
const NPM_INDEX: u64 = 1_000;

/// The page of a package in npm's index where it was not measured.
const NPM_PAGE: u64 = 30_000;

fn number(row: &[String], at: usize) -> u64 {
    row.get(at).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn needs(row: &[String], at: usize) -> impl Iterator<Item = String> {
    let text = row.get(at).map_or("", String::as_str);
    text.split(' ')
        .filter(|need| !need.is_empty())
        .map(str::to_owned)
}

/// Lock files that npm 10 and older ones write bring compiled packages for both C libraries: beside
/// each of those for glibc stands one for musl that weighs the same, as something that is only
/// recommended.
fn for_musl(graph: &mut Graph) {
    let musl = |name: &str| {
        let (base, version) = name.rsplit_once('@')?;
        let glibc = ["-linux-x64-gnu", "-linux-x64-glibc"];
        let stem = glibc.iter().find_map(|end| base.strip_suffix(end));
        let other = if let Some(stem) = stem {
            format!("{stem}-linux-x64-musl")
        } else if base.starts_with("@img/sharp") && base.ends_with("-linux-x64") {
            base.replace("-linux-x64", "-linuxmusl-x64")
        } else {
            return None;
        };
        Some(format!("{other}@{version}"))
    };
    let mut more = Graph::new();
    for node in graph.values_mut() {
        // The same for those that are for no processor of an image; newer ones of npm bring them
        // in any case.
        let wasm = |need: &String| need.contains("-wasm32-wasi@");
        node.soft
            .extend(node.hard.extract_if(.., |need| wasm(need)));
        let twins: Vec<(String, String)> = node
            .hard
            .iter()
            .filter_map(|need| Some((need.clone(), musl(need)?)))
            .collect();
        for (need, twin) in twins {
            node.soft.insert(twin.clone());
            more.entry(twin).or_insert(Node {
                // Filled in below.
                hard: [need].into(),
                ..Node::default()
            });
        }
    }
    for (name, node) in more {
        let Some(weight) = node.hard.first().and_then(|need| graph.get(need)) else {
            continue;
        };
        let node = Node {
            bytes: weight.bytes,
            ..Node::default()
        };
        graph.entry(name).or_insert(node);
    }
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
            soft: BTreeSet::default(),
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
    let mut peers = BTreeMap::new();
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
        let known = |at: usize, usual: u64| match number(&row, at) {
            0 => usual,
            bytes => bytes,
        };
        let node = Node {
            asked: false,
            bytes: [
                number(&row, 1),
                known(2, number(&row, 1) / 4) + NPM_INDEX,
                known(3, NPM_PAGE) + NPM_INDEX,
            ],
            mark: false,
            hard: needs(&row, 4).collect(),
            soft: BTreeSet::default(),
        };
        peers.insert(name.clone(), needs(&row, 5).collect::<Vec<_>>());
        graph.insert(name.clone(), node);
    }
    for_musl(&mut graph);
    let mut names = BTreeSet::new();
    for (root, version) in roots {
        // `name@major`, by which who asks for another one is told.
        let (name, number) = version.rsplit_once('@').unwrap_or((&version, ""));
        let major = number.split('.').next().unwrap_or_default();
        let key = format!("{name}@{major}");
        debug_assert!(root.starts_with(name));
        let node = Node {
            asked: true,
            hard: [version.clone()].into(),
            ..Node::default()
        };
        names.insert(name.to_owned());
        graph.insert(key, node);
    }
    // A peer that has a name of its own is named by whoever wants it; others come along.
    for (name, list) in peers {
        let own = list.into_iter().filter(|peer| {
            let base = peer
                .rsplit_once('@')
                .map_or(peer.as_str(), |(base, _)| base);
            !names.contains(base)
        });
        if let Some(node) = graph.get_mut(&name) {
            node.hard.extend(own);
        }
    }
    Ok(graph)
}
