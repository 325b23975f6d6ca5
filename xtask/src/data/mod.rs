//! `cargo xtask data`: makes the committed tables of `crates/sizes/data` from measured figures.

#![expect(
    clippy::indexing_slicing,
    reason = "a mistake in the figures may stop it"
)]

mod debian;
mod graph;
mod php;
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
    let shared = std::env::var_os("STAGECRAFT_SHARED").map(PathBuf::from);
    shared
        .unwrap_or_else(|| project::root().join("../shared"))
        .join("data")
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

/// The tables of packages.
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
    tables.push((
        graph::compact(&registry::pypi(&measured)?),
        registry("PyPI"),
        [6, 4, 4],
    ));
    tables.push((
        graph::compact(&registry::npm(&measured)?),
        registry("npm"),
        [6, 4, 3],
    ));
    tables.push((php::graph(&measured)?, php::SOURCE.to_owned(), [6, 4, 4]));
    for (graph, source, _) in &tables {
        let names = graph.values().filter(|node| node.asked).count();
        println!("{source}: {names} names, {} nodes", graph.len());
    }
    graph::file(&tables)
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
    let mut out =
        String::from("image\ttag\taliases\tcompressed\tsize\tarm64\tdate\tsource\tsystem\n");
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
        system(row),
    ];
    if let Some(bad) = columns.iter().find(|column| column.contains(['\t', '\n'])) {
        bail!("`{bad}` does not fit into a table with tabs");
    }
    Ok(columns.join("\t"))
}

/// Names of releases, as tags and labels have them.
const RELEASES: [&str; 10] = [
    "trixie", "bookworm", "bullseye", "buster", "noble", "jammy", "focal", "24.04", "22.04",
    "alpine",
];

/// The layer of a Debian image with documentation and translations is at least so large, compressed.
const NOT_SLIM: u64 = 40_000_000;

/// Instructions are cut to so many characters.
const CUT: usize = 160;

/// The last layer of `buildpack-deps`, of which the row shows only the start.
/// Source: its Dockerfile, docker-library/buildpack-deps.
const BUILDPACK: &str = "autoconf automake bzip2 default-libmysqlclient-dev dpkg-dev file g++ gcc \
    imagemagick libbz2-dev libc6-dev libcurl4-openssl-dev libdb-dev libevent-dev libffi-dev \
    libgdbm-dev libglib2.0-dev libgmp-dev libjpeg-dev libkrb5-dev liblzma-dev libmagickcore-dev \
    libmagickwand-dev libmaxminddb-dev libncurses5-dev libncursesw5-dev libpng-dev libpq-dev \
    libreadline-dev libsqlite3-dev libssl-dev libtool libwebp-dev libxml2-dev libxslt-dev libyaml-dev \
    make patch unzip xz-utils zlib1g-dev";

/// The release that an image is made from, `-slim` where documentation is left out, and the
/// packages that its instructions install and leave; empty where nothing tells.
fn system(row: &Value) -> String {
    let texts = |key: &str| {
        let items = row[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let history = texts("history");
    let tags = texts("aliases").into_iter().chain(row["tag"].as_str());
    let built = history.iter().find_map(|line| {
        let suite = line.split_once("out/ '").map(|(_, rest)| rest);
        suite.and_then(|rest| rest.split('\'').next())
    });
    let alpine = history
        .iter()
        .any(|line| line.contains("alpine-minirootfs"));
    let label = history
        .iter()
        .find_map(|line| line.strip_prefix("LABEL org.opencontainers.image.version="));
    let first = row["layers"][0].as_u64().unwrap_or(u64::MAX);
    let rpm = history.iter().any(|line| line.contains("rpm "));
    let mut out = match built.or(label).map(str::trim) {
        _ if alpine => "alpine".to_owned(),
        Some(suite) => suite.to_owned(),
        None if rpm => "rpm".to_owned(),
        None => {
            let named = |tag: &str| RELEASES.into_iter().find(|release| tag.contains(release));
            tags.into_iter()
                .find_map(named)
                .unwrap_or_default()
                .to_owned()
        }
    };
    if out.is_empty() {
        return out;
    }
    if built.is_some() && first < NOT_SLIM {
        out.push_str("-slim");
    }
    let mut packages = BTreeSet::new();
    for line in &history {
        let Some((_, list)) = ["apt-get install", "apk add"]
            .iter()
            .find_map(|verb| line.split_once(verb))
        else {
            continue;
        };
        // What is built with is taken away again, as far as one can see.
        if ["purge", "apt-mark", "--virtual", "apk del"]
            .iter()
            .any(|word| line.contains(word))
        {
            continue;
        }
        if list.contains("\tautoconf \t\tautomake") {
            packages.extend(BUILDPACK.split_whitespace().map(str::to_owned));
            continue;
        }
        let is_cut = line.chars().count() >= CUT && !line.ends_with("buildkit");
        let end = list.find([';', '&', '#', '|']);
        let mut words: Vec<&str> = list[..end.unwrap_or(list.len())]
            .split_whitespace()
            .collect();
        if is_cut && end.is_none() {
            words.pop();
        }
        let named = words
            .into_iter()
            .filter(|word| {
                word.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            })
            .filter(|word| !word.starts_with('-'));
        packages.extend(named.map(str::to_owned));
    }
    for package in packages {
        out.push(' ');
        out.push_str(&package);
    }
    out
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
    use stagecraft_sizes::{Installed, Repository, Tables, Weight};

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
    fn the_committed_packages_weigh_what_was_measured() {
        let measured = project::root().join("xtask/measure");
        let tables = Tables::default();
        let npm = registry::npm(&measured).unwrap();
        let asked = npm.values().filter(|node| node.asked).count();
        let again = "run `cargo xtask data`";
        let table = tables.packages(Repository::Npm);
        assert_eq!(table.len(), asked, "{again}");
        for (name, _) in npm.iter().filter(|(_, node)| node.asked) {
            let found = table.install(&mut Installed::default(), name, false);
            assert!(found.is_some(), "{name} is not there: {again}");
        }
        let pypi = registry::pypi(&measured).unwrap();
        let table = tables.packages(Repository::PyPi);
        assert_eq!(table.len(), pypi.len(), "{again}");
        for name in pypi.keys() {
            let mut all = BTreeSet::from([name]);
            let mut waiting = vec![name];
            while let Some(name) = waiting.pop() {
                let needs = pypi[name].hard.iter();
                waiting.extend(needs.filter(|need| pypi.contains_key(*need) && all.insert(need)));
            }
            let sum = all.into_iter().fold([0; 3], |mut sum, name| {
                for (sum, more) in sum.iter_mut().zip(pypi[name].bytes) {
                    *sum += more;
                }
                sum
            });
            let found = table.install(&mut Installed::default(), name, false);
            assert_weighs(name, found, sum);
        }
        let php = php::graph(&measured).unwrap();
        let table = tables.packages(Repository::Php);
        assert_eq!(table.len(), php.len(), "{again}");
        for (name, node) in &php {
            assert_weighs(name, table.own(name), node.bytes);
        }
    }

    /// Both of the last numbers are kept with two bits less.
    fn assert_weighs(name: &str, found: Option<Weight>, sum: [u64; 3]) {
        let found = found.unwrap_or_else(|| panic!("{name} is not there: run `cargo xtask data`"));
        for (at, most) in [1, 4, 4].into_iter().enumerate() {
            assert!(
                found.bytes[at].abs_diff(sum[at]) * 100 <= sum[at] * most,
                "{name}: {} and {}, run `cargo xtask data`",
                found.bytes[at],
                sum[at]
            );
        }
    }

    #[test]
    fn a_row_keeps_its_figures_source_and_date() {
        let row = serde_json::json!({
            "image": "a", "tag": "1", "aliases": ["latest", "1.0"], "compressed_bytes": 5,
            "uncompressed_bytes": null, "arm64_compressed_bytes": 4, "created": "2026-01-02",
            "source": [format!("list@{}", "0".repeat(40))], "layers": [28_000_000],
            "history": ["RUN # debian.sh out/ 'bookworm' '@1'", "RUN apt-get install -y curl; rm x",
                "RUN apt-get install -y gcc && apt-get purge gcc"],
        });
        assert_eq!(
            base_image(&row).unwrap(),
            "a\t1\tlatest 1.0\t5\t\t4\t2026-01-02\tlist@0000000000\tbookworm-slim curl"
        );
    }
}
