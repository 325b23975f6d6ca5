//! What is asked of the files of the repository.

use crate::repository::{members, metadata, metadata_for, read, root, text, tracked_files};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const OUR_LICENCE: &str = "MIT OR Apache-2.0";

/// Licences that what we ship may be under.
const LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The packages that are shipped: as the page, from npm, as a command.
const SHIPPED: [&str; 3] = ["stagecraft-web", "stagecraft-wasm", "stagecraft-cli"];

#[test]
fn every_crate_takes_the_workspaces_lints_and_licence() {
    for package in members(&metadata()) {
        let name = text(package, "name");
        let manifest = std::fs::read_to_string(text(package, "manifest_path")).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true\n"),
            "{name}: [lints] workspace = true is missing"
        );
        assert_eq!(text(package, "license"), OUR_LICENCE, "{name}");
    }
    assert!(read("LICENSE-MIT").contains("MIT License"));
    assert!(read("LICENSE-APACHE").contains("Apache License"));
    for file in tracked_files()
        .iter()
        .filter(|file| file.ends_with("package.json") && !file.starts_with("guide/"))
    {
        let package: Value = serde_json::from_str(&read(file)).unwrap();
        assert_eq!(text(&package, "license"), OUR_LICENCE, "{file}");
    }
}

#[test]
fn every_crate_says_what_it_is() {
    for package in members(&metadata()) {
        for target in package["targets"].as_array().unwrap() {
            let source = text(target, "src_path");
            let start = std::fs::read_to_string(source).unwrap();
            let says: String = start
                .lines()
                .map_while(|line| line.strip_prefix("//!"))
                .collect();
            assert!(
                says.trim().len() >= 10,
                "{source} must start with what it is (`//! …`)"
            );
        }
    }
}

#[test]
fn wasm_bindgen_is_pinned_once() {
    let manifest = read("Cargo.toml");
    let pin = manifest
        .lines()
        .find_map(|line| line.strip_prefix("wasm-bindgen = \"=")?.strip_suffix('"'));
    let pin = pin.expect("Cargo.toml must pin wasm-bindgen to one version");
    let lock = read("Cargo.lock");
    let locked: Vec<_> = lock
        .split("[[package]]")
        .filter(|package| package.contains("name = \"wasm-bindgen\"\n"))
        .collect();
    assert_eq!(locked.len(), 1, "Cargo.lock must hold one wasm-bindgen");
    assert!(
        locked[0].contains(&format!("version = \"{pin}\"\n")),
        "Cargo.lock: {}",
        locked[0]
    );
    for file in tracked_files() {
        if file.ends_with("Cargo.toml") && file != "Cargo.toml" {
            let dependency = read(&file)
                .lines()
                .any(|line| line.starts_with("wasm-bindgen =") && !line.contains("workspace"));
            assert!(
                !dependency,
                "{file}: the version of wasm-bindgen is given in the workspace's Cargo.toml alone"
            );
        }
    }
}

#[test]
fn trunk_takes_the_wasm_opt_that_the_lock_file_names() {
    let lock: Value = serde_json::from_str(&read("web/js/package-lock.json")).unwrap();
    let version = text(&lock["packages"]["node_modules/binaryen"], "version");
    let (major, _) = version.split_once('.').unwrap();
    assert!(read("Trunk.toml").contains(&format!("wasm_opt = \"version_{major}\"")));
}

#[test]
fn npm_lock_files_name_exact_versions_and_no_host() {
    for dir in ["web/js", "tests/e2e", "tests/npm", "examples/vitepress"] {
        let package: Value = serde_json::from_str(&read(&format!("{dir}/package.json"))).unwrap();
        for kind in ["dependencies", "devDependencies"] {
            for (name, version) in package[kind].as_object().into_iter().flatten() {
                let version = version.as_str().unwrap();
                assert!(
                    version.starts_with(|c: char| c.is_ascii_digit()),
                    "{dir}: {name} {version}"
                );
            }
        }
        let lock = read(&format!("{dir}/package-lock.json"));
        assert!(
            !lock.contains("\"resolved\""),
            "{dir}: npm with omit-lockfile-registry-resolved=true writes it"
        );
        assert!(lock.contains("\"integrity\""), "{dir}");
    }
}

#[test]
fn no_file_names_a_place_of_the_machine_that_it_was_written_on() {
    // Written in two parts, so that this file does not name them.
    let mut forbidden: Vec<String> = [
        ("/work/", "shared"),
        ("/work/", "main"),
        ("/work/", ".library"),
        ("/root/.", "cargo"),
        ("/root/.", "rustup"),
        ("/root/.cache/", "stagecraft"),
        ("registry.", "npmjs.org"),
        ("static.", "crates.io"),
        ("index.", "crates.io"),
        ("deb.", "debian.org"),
        ("files.", "pythonhosted.org"),
    ]
    .iter()
    .map(|(start, end)| format!("{start}{end}"))
    .collect();
    // A short one (`/app`) is a word that Dockerfiles use.
    if root().components().count() > 3 {
        forbidden.push(root().display().to_string());
    }
    let mut wrong = Vec::new();
    for file in tracked_files() {
        // What is not text names nothing.
        let Ok(content) = std::fs::read_to_string(root().join(&file)) else {
            continue;
        };
        wrong.extend(
            forbidden
                .iter()
                .filter(|place| content.contains(*place))
                .map(|place| format!("{file}: {place}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_has_a_strict_policy_and_nothing_inline() {
    let html = read("index.html");
    let policy = html.split_once("Content-Security-Policy\"").unwrap().1;
    let policy = policy
        .split_once("content=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0;
    let sources: BTreeMap<_, _> = policy
        .split(';')
        .filter_map(|part| part.trim().split_once(' '))
        .collect();
    assert_eq!(sources.get("default-src"), Some(&"'none'"));
    assert_eq!(
        sources.get("script-src"),
        Some(&"'self' 'wasm-unsafe-eval'")
    );
    assert_eq!(sources.get("style-src"), Some(&"'self'"));
    assert_eq!(sources.get("base-uri"), Some(&"'none'"));
    for (name, values) in &sources {
        for value in values.split(' ') {
            assert!(
                ["'self'", "'none'", "data:", "'wasm-unsafe-eval'"].contains(&value),
                "{name} {value}"
            );
        }
    }
    for (at, _) in html.match_indices("<script") {
        let tag = html[at..].split_once('>').unwrap();
        assert!(
            tag.0.contains("src=") && tag.1.starts_with("</script>"),
            "an inline script: {}",
            tag.0
        );
    }
    for word in [
        "<style",
        " style=",
        " onclick=",
        " onload=",
        "javascript:",
        "http://",
        "https://",
        "href=\"/",
        "src=\"/",
    ] {
        assert!(!html.contains(word), "index.html must not contain {word}");
    }
}

#[test]
fn ci_runs_what_a_person_runs() {
    let script = read(".ci/run");
    let lines: Vec<_> = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert_eq!(
        lines,
        [
            "set -euo pipefail",
            "cd \"$(dirname \"$0\")/..\"",
            "exec cargo xtask test"
        ]
    );
}

#[test]
fn what_is_shipped_is_under_licences_that_allow_it() {
    let mut wrong = BTreeSet::new();
    for platform in ["wasm32-unknown-unknown", "x86_64-unknown-linux-gnu"] {
        wrong.extend(wrong_licences(&metadata_for(platform)));
    }
    let lock: Value = serde_json::from_str(&read("web/js/package-lock.json")).unwrap();
    for (path, package) in lock["packages"].as_object().unwrap() {
        if package["dev"] != Value::Bool(true) && !allowed(text(package, "license")) {
            wrong.insert(format!("{path}: {:?}", text(package, "license")));
        }
    }
    assert!(wrong.is_empty(), "not allowed in what ships: {wrong:#?}");
}

/// The crates that are built into what we ship, where their licence is not allowed.
fn wrong_licences(metadata: &Value) -> BTreeSet<String> {
    let packages: BTreeMap<_, _> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (text(package, "id"), package))
        .collect();
    let nodes: BTreeMap<_, _> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (text(node, "id"), node))
        .collect();
    let shipped = |id: &&str| SHIPPED.contains(&text(packages[id], "name"));
    let mut todo: Vec<&str> = packages.keys().copied().filter(shipped).collect();
    assert_eq!(todo.len(), SHIPPED.len());
    let mut seen = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        let licence = text(packages[id], "license");
        if !allowed(licence) {
            wrong.insert(format!("{}: {licence:?}", text(packages[id], "name")));
        }
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            // What only builds or tests is not shipped.
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                todo.push(text(dependency, "pkg"));
            }
        }
    }
    assert!(
        seen.len() > SHIPPED.len() + 5,
        "outside crates must be among them"
    );
    wrong
}

/// Whether a licence expression can be met. `OR` and the old `/` give a choice, `AND` binds closer.
fn allowed(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let all_of = |part: &str| {
        part.split(" AND ")
            .all(|licence| LICENCES.contains(&licence.trim()))
    };
    // With brackets a choice may stand inside a conjunction: then every name must be allowed.
    if expression.contains('(') {
        return plain
            .split(" OR ")
            .flat_map(|part| part.split(" AND "))
            .all(|licence| LICENCES.contains(&licence.trim()));
    }
    plain.split(" OR ").any(all_of)
}
