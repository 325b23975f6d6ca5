//! apt asks, and nobody answers.

use stagecraft_diagnostics::Severity;

use crate::facts::{Call, Facts};
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
        let (letters, words) = quiet(call);
        is_answered(call) || letters + words > 1
    });
    if !facts.others {
        return;
    }
    // hadolint wants it to be quiet twice, and not more often.
    for (run, call) in facts.calls(packages::APT.programs) {
        let (letters, words) = quiet(call);
        let only_ours = letters + words > 1 && letters != 2 && words != 2 && !is_answered(call);
        if let Some(verb) = packages::APT.install(call).filter(|_| only_ours) {
            let message = "hadolint wants another word for yes";
            found
                .call(run, call, verb.range(), message)
                .elsewhere(&["DL3014"]);
        }
    }
}

/// Whether it is said to go on, in so many words.
fn is_answered(call: &Call<'_>) -> bool {
    let mut words = call.words().iter();
    call.flag("y", &["yes", "assume-yes"]) || words.any(|word| word.text == "-q=2")
}

/// How often it is said to be quiet, by letters and by words: twice is to go on as well.
fn quiet(call: &Call<'_>) -> (usize, usize) {
    let (mut letters, mut words) = (0, 0);
    for word in call.words() {
        let text = &*word.text;
        let bundle = text.strip_prefix('-').filter(|it| !it.starts_with('-'));
        words += usize::from(text == "--quiet");
        letters += bundle.map_or(0, |it| it.matches('q').count());
    }
    (letters, words)
}
