//! useradd with a large user id.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::{Argument, Call, Facts};
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "useradd-high-uid",
    codes: &["DL3046"],
    severity: Severity::Warning,
    by_default: true,
    why: "useradd writes a log of last logins with room for every user id up to that one: gigabytes of nothing. `-l` leaves it out.",
    bad: "FROM debian:12\nRUN useradd -u 123456 app\n",
    good: "FROM debian:12\nRUN useradd -l -u 123456 app\n",
    when: When::calls(programs!["useradd"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["useradd"]) {
        if call.flag("l", &["no-log-init"]) {
            continue;
        }
        let ours = id_of(call).filter(|id| {
            let number = id.text.trim_start_matches("--uid=");
            let number = packages::known(facts, run, number).unwrap_or_default();
            number.len() > DIGITS && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        // hadolint counts the letters, with a variable's name and the braces that it may have.
        let theirs = last_of_bundle(call).find(|id| length(&id.text) > DIGITS);
        let Some(id) = ours.or(theirs) else {
            continue;
        };
        let message = "this id makes useradd write a huge log";
        let report = found.call(run, call, id.range(), message);
        let report = report.said_by(ours.is_some(), theirs.is_some());
        let behind = TextRange::empty(call.range().end());
        report.fix(Applicability::Safe, "add `-l`", behind, " -l");
    }
}

/// How many digits the log has room for without harm.
const DIGITS: usize = 5;

/// The word with the user's id.
fn id_of<'a>(call: &Call<'a>) -> Option<&'a Argument<'a>> {
    let mut words = call.words().iter();
    while let Some(word) = words.next() {
        if matches!(&*word.text, "-u" | "--uid") {
            return words.next();
        }
        if word.text.starts_with("--uid=") {
            return Some(word);
        }
    }
    None
}

/// The words behind options with `u` among their letters.
fn last_of_bundle<'a>(call: &Call<'a>) -> impl Iterator<Item = &'a Argument<'a>> {
    let pairs = call.words().windows(2);
    pairs.filter_map(|pair| {
        let (option, id) = (pair.first()?, pair.get(1)?);
        let letters = option.text.strip_prefix('-')?;
        let short = !letters.starts_with('-') && letters.contains('u');
        short.then_some(id)
    })
}

/// How long a word is with all its variables in braces.
fn length(text: &str) -> usize {
    let bare = text.match_indices('$').filter(|(at, _)| {
        let behind = text.get(at + 1..).unwrap_or_default();
        behind.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
    });
    text.chars().count() + 2 * bare.count()
}
