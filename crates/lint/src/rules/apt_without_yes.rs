//! apt asks, and nobody answers.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apt-without-yes",
    codes: &["DL3014"],
    severity: Severity::Warning,
    by_default: true,
    why: "Nobody sits at a build. Without an answer the installation gets none and stops.",
    bad: "FROM debian:12\nRUN apt-get install curl\n",
    good: "FROM debian:12\nRUN apt-get install -y curl\n",
    when: When::calls(packages::APT.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::without_yes(facts, found, &packages::APT, |call| {
        let quiet = call.words().iter().map(|word| match &*word.text {
            "--quiet" => 1,
            text if text.starts_with("--") => 0,
            text => text
                .strip_prefix('-')
                .map_or(0, |bundle| bundle.matches('q').count()),
        });
        call.flag("y", &["yes", "assume-yes"])
            || quiet.sum::<usize>() > 1
            || call
                .words()
                .iter()
                .any(|word| word.text == "-q=2" || word.text == "-qq")
    });
}
