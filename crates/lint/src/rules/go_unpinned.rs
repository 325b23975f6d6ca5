//! go builds a program without a version.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "go-unpinned",
    codes: &["DL3062"],
    severity: Severity::Hint,
    by_default: false,
    why: "go fetches whatever version is newest today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM golang:1.22\nRUN go install example.com/tool@latest\n",
    good: "FROM golang:1.22\nRUN go install example.com/tool@v1.2.3\n",
    when: When::calls(programs!["go"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["go"]) {
        // A folder may be named before it.
        let first = call.words().first();
        let before = usize::from(first.is_some_and(|word| word.text == "-C"));
        let operands = || call.operands().skip(before);
        let verb = operands().next().map_or("", |verb| &*verb.text);
        if !matches!(verb, "install" | "get" | "run") {
            continue;
        }
        let most = if verb == "run" { 1 } else { usize::MAX };
        let loose = operands().skip(1).take(most);
        let loose = loose.filter(|package| !pinned(&package.text));
        // All tools that the module names, with its versions.
        let tools = verb != "run" && operands().skip(1).all(|word| word.text == "tool");
        let loose = loose.filter(|_| !tools);
        packages::report_unpinned(found, run, call, loose);
    }
}

/// Whether it has a version, or is a folder of the module at hand.
fn pinned(name: &str) -> bool {
    match name.split_once('@') {
        Some((_, version)) => version != "latest",
        None => name.starts_with(['.', '/']),
    }
}
