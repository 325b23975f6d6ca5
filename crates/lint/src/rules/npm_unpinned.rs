//! npm installs packages without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "npm-unpinned",
    codes: &["DL3016"],
    severity: Severity::Hint,
    by_default: false,
    why: "npm installs whatever version is newest today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM node:22-slim\nRUN npm install -g typescript\n",
    good: "FROM node:22-slim\nRUN npm install -g typescript@5.5.4\n",
    when: When::calls(programs!["npm"]),
    check,
};

/// Options whose value is the next word.
const WITH_VALUE: [&str; 6] = [
    "--prefix",
    "--registry",
    "--loglevel",
    "--cache",
    "--userconfig",
    "--tag",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["npm"]) {
        let mut operands = call.operands_without(&WITH_VALUE);
        if operands.next().is_some_and(|verb| verb.text == "install") {
            let loose = operands.filter(|package| !pinned(&package.text));
            packages::report_unpinned(found, run, call, loose);
        }
    }
}

/// Whether it has a version, or is a file.
fn pinned(name: &str) -> bool {
    if name.starts_with("git") && name.contains("://") {
        return name.contains('#');
    }
    let behind_scope = name.strip_prefix('@').unwrap_or(name);
    behind_scope.contains('@')
        || name.starts_with(['/', '.', '~'])
        || [".tar", ".tar.gz", ".tgz"]
            .iter()
            .any(|ending| name.ends_with(ending))
}
