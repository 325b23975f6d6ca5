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

/// Options whose value is the next word, as hadolint knows them.
const WITH_VALUE: [&str; 2] = ["--registry", "--loglevel"];

/// Others, whose value it takes for a package.
const WITH_VALUE_TOO: [&str; 6] = [
    "-C",
    "--cache",
    "--omit",
    "--prefix",
    "--tag",
    "--userconfig",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["npm"]) {
        let mut operands = call.operands_without(&WITH_VALUE);
        if operands.next().is_some_and(|verb| verb.text == "install") {
            let loose = operands.filter(|package| !pinned(&package.text));
            let loose: Vec<_> = loose.collect();
            let own = loose.iter().copied();
            let own = own.filter(|package| {
                package.text != "." && !packages::is_value_of(call, package, &WITH_VALUE_TOO)
            });
            let all = loose.iter().copied();
            if own.clone().next().is_some() {
                packages::report_unpinned(found, run, call, own);
            } else if let Some(report) = packages::report_unpinned(found, run, call, all) {
                report.said_by(false, true);
            }
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
        || name.starts_with(['/', '~'])
        || name.len() > 1 && name.starts_with('.')
        || [".tar", ".tar.gz", ".tgz"]
            .iter()
            .any(|ending| name.ends_with(ending))
}
