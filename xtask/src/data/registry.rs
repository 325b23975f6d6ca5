//! Packages of `PyPI` and npm, as they were weighed when they were installed
//! (`xtask/measure/pypi.py`, `npm.mjs` and `npm-ranges.mjs`).

use super::graph::{Graph, Node};
use super::rows;
use anyhow::{Context, Result, bail};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
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
            hard: needs(&row, 6).collect(),
            ..Node::default()
        };
        graph.insert(name.clone(), node);
    }
    Ok(graph)
}

/// A version of a package, of which the numbers tell which is newer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    name: String,
    numbers: Vec<u32>,
}

impl Version {
    /// Reads `name@1.2.3`; `None` for what comes before a release.
    fn read(text: &str) -> Option<Self> {
        let (name, version) = text.rsplit_once('@')?;
        let numbers = version.split('.').map(|number| number.parse().ok());
        Some(Self {
            name: name.to_owned(),
            numbers: numbers.collect::<Option<_>>()?,
        })
    }

    fn major(&self) -> u32 {
        self.numbers.first().copied().unwrap_or(0)
    }

    /// `name@major`, by which who asks for another one is told.
    fn key(&self) -> String {
        format!("{}@{}", self.name, self.major())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        write!(f, "{}@{}", self.name, numbers.join("."))
    }
}

/// The versions that can be asked for: those that were, and of the same packages the newest of each
/// older major version that came along with others.
fn named_versions(roots: &BTreeMap<String, String>, graph: &Graph) -> Vec<Version> {
    let asked = roots.values().filter_map(|text| Version::read(text));
    let mut named: BTreeMap<String, Version> =
        asked.map(|version| (version.key(), version)).collect();
    let mut newest: BTreeMap<String, u32> = BTreeMap::new();
    for version in named.values() {
        let major = newest.entry(version.name.clone()).or_default();
        *major = version.major().max(*major);
    }
    let was_asked: BTreeSet<String> = named.keys().cloned().collect();
    for version in graph.keys().filter_map(|text| Version::read(text)) {
        let older = newest
            .get(&version.name)
            .is_some_and(|newest| version.major() < *newest);
        let key = version.key();
        let newer = named
            .get(&key)
            .is_none_or(|known| known.numbers < version.numbers);
        if older && newer && !was_asked.contains(&key) {
            named.insert(key, version);
        }
    }
    named.into_values().collect()
}

/// Of what was needed and could have been of another major version: whichever of those somebody
/// asks for will do. And what packages work with, but do without (`xtask/measure/npm-ranges.mjs`).
fn take_others(graph: &mut Graph, measured: &Path) -> Result<()> {
    let file = measured.join("npm-ranges.tsv");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    for line in text.lines() {
        let [package, need, listed] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("{}: {line}", file.display());
        };
        if need == "-" {
            let keys = graph.iter().filter(|(_, node)| node.asked);
            let beside: BTreeSet<String> = keys
                .map(|(key, _)| key)
                .filter(|key| {
                    key.rsplit_once('@')
                        .is_some_and(|(name, _)| listed.split(' ').any(|peer| peer == name))
                })
                .cloned()
                .collect();
            if let Some(node) = graph.get_mut(package) {
                node.beside = beside;
            }
            continue;
        }
        let name = need.rsplit_once('@').map_or(need, |(name, _)| name);
        let others: BTreeSet<String> = listed
            .split(' ')
            .map(|major| format!("{name}@{major}"))
            .filter(|key| graph.contains_key(key))
            .collect();
        if let Some(node) = graph.get_mut(package)
            && !others.is_empty()
            && node.hard.remove(need)
        {
            node.loose.insert(need.to_owned(), others);
        }
    }
    Ok(())
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
            hard: needs(&row, 4).collect(),
            ..Node::default()
        };
        peers.insert(name.clone(), needs(&row, 5).collect::<Vec<_>>());
        graph.insert(name.clone(), node);
    }
    for_musl(&mut graph);
    let mut names = BTreeSet::new();
    for version in named_versions(&roots, &graph) {
        names.insert(version.name.clone());
        let node = Node {
            asked: true,
            hard: [version.to_string()].into(),
            ..Node::default()
        };
        graph.insert(version.key(), node);
    }
    take_others(&mut graph, measured)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    /// Names that were chosen to be measured and were not.
    fn unmeasured(chosen: &str, measured: impl Fn(&str) -> bool) -> Vec<String> {
        let folder = project::root().join("xtask/measure");
        let chosen = fs::read_to_string(folder.join(chosen)).unwrap();
        let chosen: BTreeSet<&str> = chosen.split_whitespace().collect();
        let missing = chosen.into_iter().filter(|name| !measured(name));
        missing.map(str::to_owned).collect()
    }

    #[test]
    fn a_measurement_that_stopped_half_way_is_noticed() {
        let folder = project::root().join("xtask/measure");
        let npm = rows(&folder.join("npm.tsv.gz")).unwrap();
        let asked: BTreeSet<&str> = npm
            .iter()
            .filter(|row| row[0] == "root" && row[2] != "-")
            .map(|row| row[1].as_str())
            .collect();
        let missing = unmeasured("npm-roots.txt", |name| asked.contains(name));
        // See docs/sizes.md for why.
        let failed = "polymer-cli sfdx-cli storjshare-daemon strongloop vercel";
        assert_eq!(missing.join(" "), failed);
        // As the index of Python writes a name.
        let plain = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
        let pypi = rows(&folder.join("pypi.tsv.gz")).unwrap();
        let measured = pypi.iter().filter(|row| row[1] != "-");
        let measured: BTreeSet<String> = measured.map(|row| plain(&row[0])).collect();
        let missing = unmeasured("pip-roots.txt", |name| measured.contains(&plain(name)));
        let failed =
            "dbt-core docker-compose mod-wsgi mysqlclient pycrypto pyminifier python-ldap visdom";
        assert_eq!(missing.join(" "), failed);
    }

    #[test]
    fn older_versions_that_came_along_can_be_asked_for_and_newer_ones_cannot() {
        let roots = [("a", "a@3.1.0"), ("b@2", "b@2.0.0"), ("b", "b@4.0.0")];
        let roots = roots.map(|(root, version)| (root.to_owned(), version.to_owned()));
        let graph: Graph = [
            "a@1.9.0",
            "a@1.10.0",
            "a@2.0.0-rc.1",
            "a@3.2.0",
            "a@4.0.0",
            "b@2.9.0",
            "b@3.0.0",
            "c@1.0.0",
        ]
        .map(|name| (name.to_owned(), Node::default()))
        .into();
        let named = named_versions(&roots.into(), &graph);
        let named: Vec<String> = named.iter().map(Version::to_string).collect();
        assert_eq!(
            named,
            ["a@1.10.0", "a@3.1.0", "b@2.0.0", "b@3.0.0", "b@4.0.0"]
        );
    }
}
