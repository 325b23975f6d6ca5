//! Which crate may use which: the table of ARCHITECTURE.md.

use crate::repository::{members, metadata, text};
use std::collections::BTreeMap;

/// Each of our crates with those of ours that it may use directly, for building or testing.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("layout", &[]),
    ("server", &[]),
    ("allocator", &[]),
    ("syntax", &["text"]),
    ("shell", &["text"]),
    ("diagnostics", &["text"]),
    ("image", &["text"]),
    ("files", &["shell", "text"]),
    ("sizes", &["image", "text"]),
    (
        "semantic",
        &["diagnostics", "image", "shell", "syntax", "text"],
    ),
    (
        "lint",
        &[
            "diagnostics",
            "image",
            "semantic",
            "shell",
            "syntax",
            "text",
        ],
    ),
    // Never lint: what a build does is not a matter of opinion.
    (
        "plan",
        &[
            "diagnostics",
            "files",
            "image",
            "semantic",
            "shell",
            "sizes",
            "syntax",
            "text",
        ],
    ),
    (
        "engine",
        &[
            "diagnostics",
            "files",
            "image",
            "layout",
            "lint",
            "plan",
            "semantic",
            "shell",
            "sizes",
            "syntax",
            "text",
        ],
    ),
    // What these need of the core, the engine hands on.
    ("lessons", &["engine"]),
    ("wasm", &["allocator", "engine"]),
    ("site", &["engine", "lessons"]),
    ("cli", &["engine", "lessons", "server", "site"]),
    ("web", &["allocator", "engine", "lessons"]),
    ("tests", &["cli", "engine", "lessons", "wasm"]),
    // Its tests read the tables that it writes.
    ("xtask", &["server", "sizes"]),
];

/// A package's name in the table.
fn short(name: &str) -> &str {
    name.strip_prefix("stagecraft-").unwrap_or(name)
}

#[test]
fn no_crate_uses_another_against_the_direction() {
    let metadata = metadata();
    let table: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let ours = members(&metadata);
    let mut wrong = Vec::new();
    for package in &ours {
        let user = short(text(package, "name"));
        let Some(allowed) = table.get(user) else {
            wrong.push(format!("{user} is not in the table"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = text(dependency, "name");
            let used = short(name);
            if ours.iter().any(|package| text(package, "name") == name) && !allowed.contains(&used)
            {
                wrong.push(format!("{user} must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        ours.len(),
        table.len(),
        "every crate of the table must be there"
    );
}
