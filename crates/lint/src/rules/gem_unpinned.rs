//! gem installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "gem-unpinned",
    codes: &["DL3028"],
    severity: Severity::Hint,
    by_default: false,
    why: "gem installs whatever version is newest today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM ruby:3.3-slim\nRUN gem install rails\n",
    good: "FROM ruby:3.3-slim\nRUN gem install rails:7.1.3\n",
    when: When::calls(programs!["gem"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["gem"]) {
        let Some(_) = call.verb_of(&["install", "i"]) else {
            continue;
        };
        // hadolint knows the option only with its value as a word of its own, or behind `=`.
        let theirs =
            |text: &str| matches!(text, "-v" | "--version") || text.starts_with("--version=");
        if call.words().iter().any(|word| theirs(&word.text)) {
            continue;
        }
        // A word behind an option may be its value.
        let mut value = false;
        let own = call.words().iter().take_while(|word| word.text != "--");
        let loose = own
            .filter(|word| {
                let is_value = std::mem::take(&mut value);
                let flag = word.text.starts_with('-');
                value = flag && !is_value && !word.text.contains('=');
                !flag && !is_value
            })
            .skip(1)
            .filter(|word| !word.text.contains(':') && !packages::is_file(&word.text, ".gem"));
        if let Some(report) = packages::report_unpinned(found, run, call, loose) {
            report.said_by(!call.flag("v", &["version"]), true);
        }
    }
}
