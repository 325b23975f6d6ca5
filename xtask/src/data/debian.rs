//! Debian's packages: what `apt-get install` adds, from the archive's own index and from packages
//! that were opened and weighed (`xtask/measure/debian.py`).

use super::graph::{Graph, Node};
use super::{DATE, rows};
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The suites that the tables hold, oldest first.
pub(crate) const SUITES: [&str; 3] = ["bullseye", "bookworm", "trixie"];

/// Thousandths of what a package says it needs, where none of the suite was opened: files in slim
/// images, files, dpkg's record.
const USUAL: (u64, u64, u64) = (900, 960, 15);

/// What the packages of a suite weigh, and the source of that.
pub(crate) struct Suite {
    pub(crate) graph: Graph,
    pub(crate) source: String,
}

struct Package {
    installed: u64,
    deb: u64,
    depends: Vec<String>,
    recommends: Vec<String>,
    required: bool,
}

#[derive(Clone, Copy)]
struct Weight {
    files: u64,
    slim: u64,
    python: u64,
    record: u64,
    asks: bool,
}

struct Index {
    packages: BTreeMap<String, Package>,
    provided: BTreeMap<String, Vec<String>>,
}

impl Index {
    fn read(from: &Path, suite: &str) -> Result<Self> {
        let mut index = Self {
            packages: BTreeMap::new(),
            provided: BTreeMap::new(),
        };
        for row in rows(&from.join(format!("apt/{suite}.tsv.gz")))?
            .iter()
            .skip(1)
        {
            let [
                name,
                _,
                installed,
                deb,
                priority,
                depends,
                recommends,
                provides,
            ] = &row[..]
            else {
                anyhow::bail!("a line of {suite} has {} columns", row.len());
            };
            let list = |text: &str| -> Vec<String> {
                let parts = text.split(',').filter(|part| !part.is_empty());
                parts.map(str::to_owned).collect()
            };
            for other in provides.split(',') {
                let other = other.split([' ', '(', '=']).next().unwrap_or_default();
                index
                    .provided
                    .entry(other.to_owned())
                    .or_default()
                    .push(name.clone());
            }
            let package = Package {
                installed: installed.parse().unwrap_or(0) * 1024,
                deb: deb.parse().unwrap_or(0),
                depends: list(depends),
                recommends: list(recommends),
                required: priority == "required",
            };
            index.packages.insert(name.clone(), package);
        }
        Ok(index)
    }

    /// The package that a name stands for.
    fn real<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        if self.packages.contains_key(name) {
            return Some(name);
        }
        self.provided.get(name)?.first().map(String::as_str)
    }

    /// Which of the alternatives `a|b` apt takes where none is there yet; `None` where one is.
    fn chosen<'a>(&'a self, need: &'a str, there: &BTreeSet<String>) -> Option<&'a str> {
        let is_there = |name: &str| {
            there.contains(name)
                || self
                    .provided
                    .get(name)
                    .is_some_and(|by| by.iter().any(|package| there.contains(package)))
        };
        if need.split('|').any(is_there) {
            return None;
        }
        need.split('|').find_map(|name| self.real(name))
    }

    /// What the slim image has: debootstrap's smallest variant.
    fn base(&self) -> BTreeSet<String> {
        let required = self.packages.iter().filter(|(_, package)| package.required);
        let mut base: BTreeSet<String> = required.map(|(name, _)| name.clone()).collect();
        // debootstrap puts this one in the place of `usrmerge`, which comes first among the needs.
        for name in ["apt", "usr-is-merged"] {
            if self.packages.contains_key(name) {
                base.insert(name.to_owned());
            }
        }
        let mut waiting: Vec<String> = base.iter().cloned().collect();
        while let Some(name) = waiting.pop() {
            let needs = self.packages.get(&name).map(|package| &package.depends);
            for need in needs.into_iter().flatten() {
                if let Some(more) = self.chosen(need, &base).map(str::to_owned) {
                    base.insert(more.clone());
                    waiting.push(more);
                }
            }
        }
        base
    }
}

/// Reads what is known of a suite. `asked` are the names that the table answers to.
pub(crate) fn suite(
    from: &Path,
    measured: &Path,
    suite: &str,
    asked: &BTreeSet<String>,
) -> Result<Suite> {
    let index = Index::read(from, suite)?;
    let base = index.base();
    let mut weights = weights(measured, suite)?;
    by_interpreter(&mut weights);
    // Where a package was not opened: what others of the suite come to.
    let known = || {
        weights
            .iter()
            .filter_map(|(name, weight)| Some((index.packages.get(name)?.installed, weight)))
    };
    let installed: u64 = known().map(|(installed, _)| installed).sum();
    let share = |of: fn(&Weight) -> u64| {
        let sum: u64 = known().map(|(_, weight)| of(weight)).sum();
        (sum * 1000).checked_div(installed)
    };
    let (slim, files, record) = (
        share(|weight| weight.slim).unwrap_or(USUAL.0),
        share(|weight| weight.files).unwrap_or(USUAL.1),
        share(|weight| weight.record).unwrap_or(USUAL.2),
    );
    // Where only the version in a name differs, the newest one answers for it.
    let versionless = |name: &str| name.replace(|c: char| c.is_ascii_digit() || c == '.', "");
    let kin: BTreeMap<String, &String> = index
        .packages
        .keys()
        .map(|name| (versionless(name), name))
        .collect();
    let mut asked = asked.clone();
    let missing = asked.iter().filter(|name| index.real(name).is_none());
    let kin: Vec<String> = missing
        .filter_map(|name| kin.get(&versionless(name)))
        .map(|name| (*name).clone())
        .collect();
    asked.extend(kin);
    let mut graph = Graph::new();
    for (name, package) in &index.packages {
        if base.contains(name) {
            continue;
        }
        let weight = weights.get(name).copied().unwrap_or(Weight {
            files: package.installed * files / 1000,
            slim: package.installed * slim / 1000,
            python: 0,
            record: package.installed * record / 1000,
            asks: false,
        });
        let chosen = |needs: &[String]| -> BTreeSet<String> {
            let chosen = needs.iter().filter_map(|need| index.chosen(need, &base));
            chosen.map(str::to_owned).collect()
        };
        let node = Node {
            asked: asked.contains(name),
            bytes: [
                content(&weight),
                weight.files - weight.slim,
                // The archive without what slim images leave out of it.
                package.deb * weight.slim / weight.files.max(1),
            ],
            mark: weight.asks,
            hard: chosen(&package.depends),
            soft: chosen(&package.recommends),
            ..Node::default()
        };
        graph.insert(name.clone(), node);
    }
    // Names without a package of their own, and packages that are there already, weigh nothing.
    for name in &asked {
        if graph.contains_key(name) {
            continue;
        }
        let Some(real) = index.real(name) else {
            continue;
        };
        let mut node = Node {
            asked: true,
            ..Node::default()
        };
        if !base.contains(real) {
            node.hard.insert(real.to_owned());
        }
        graph.insert(name.clone(), node);
    }
    Ok(Suite {
        graph,
        source: format!("Debian {suite}\t{DATE}"),
    })
}

/// What one package adds to a layer of a slim image: its files, what Python compiles of them, and
/// what dpkg writes down, most of which is in the status file and in its copy. The factors are
/// those of steps that were really run (`measured-layers.jsonl`).
fn content(weight: &Weight) -> u64 {
    weight.slim + weight.python * 116 / 100 + weight.record * 112 / 100
}

/// The files of the standard library are compiled by the packages of the interpreter.
fn by_interpreter(weights: &mut BTreeMap<String, Weight>) {
    let libraries: Vec<String> = weights
        .keys()
        .filter(|name| name.starts_with("libpython3."))
        .cloned()
        .collect();
    for library in libraries {
        let owner = library.trim_start_matches("lib").replace("-stdlib", "");
        if owner == library || !weights.contains_key(&owner) {
            continue;
        }
        let sources = weights
            .get_mut(&library)
            .map(|weight| std::mem::take(&mut weight.python));
        if let (Some(sources), Some(weight)) = (sources, weights.get_mut(&owner)) {
            weight.python += sources;
        }
    }
}

fn weights(measured: &Path, suite: &str) -> Result<BTreeMap<String, Weight>> {
    let mut weights = BTreeMap::new();
    for row in rows(&measured.join(format!("debian-{suite}.tsv.gz")))? {
        let number = |at: usize| -> Result<u64> {
            let text = row.get(at).map_or("", String::as_str);
            text.parse()
                .with_context(|| format!("`{text}` in {suite} is no number"))
        };
        let weight = Weight {
            files: number(2)?,
            slim: number(3)?,
            python: number(4)?,
            record: number(5)?,
            asks: number(6)? == 1,
        };
        let name = row.first().context("a line without a name")?;
        weights.insert(name.clone(), weight);
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_what_the_slim_image_lists() {
        let from = super::super::default_folder();
        let Ok(text) = std::fs::read_to_string(from.join("packages-debian-bookworm-slim.json"))
        else {
            eprintln!("skipped: the measured figures are not there");
            return;
        };
        let listed: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap();
        let listed: BTreeSet<&str> = listed.keys().map(String::as_str).collect();
        let base = Index::read(&from, "bookworm").unwrap().base();
        let base: BTreeSet<&str> = base.iter().map(String::as_str).collect();
        assert_eq!(base, listed);
    }
}
