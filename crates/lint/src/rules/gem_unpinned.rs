//! gem installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::{Argument, Facts};
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
        let is_verb = |word: &Argument<'_>| matches!(&*word.text, "install" | "i");
        if !call.operands().any(is_verb) {
            continue;
        }
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
            .filter(|word| !is_verb(word) && !word.text.contains(':'));
        let loose: Vec<_> = loose.collect();
        let file = |word: &&Argument<'_>| packages::is_file(&word.text, ".gem");
        let ours = !call.flag("v", &["version"]) && !loose.iter().all(file);
        if let Some(report) = packages::report_unpinned(found, run, call, loose.into_iter()) {
            report.said_by(ours, true);
        }
    }
}
