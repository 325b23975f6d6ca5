//! useradd with a large user id.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::Facts;
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
        let id = call.words().iter().enumerate().find_map(|(at, word)| {
            let text = &*word.text;
            if matches!(text, "-u" | "--uid") {
                return call.words().get(at + 1);
            }
            text.starts_with("--uid=").then_some(word)
        });
        let digits = |text: &str| {
            let id = packages::expanded(facts, run, text.trim_start_matches("--uid="));
            id.len() > 5 && id.bytes().all(|byte| byte.is_ascii_digit())
        };
        if let Some(id) = id.filter(|id| digits(&id.text) && !call.flag("l", &["no-log-init"])) {
            found
                .call(
                    run,
                    call,
                    id.range(),
                    "this id makes useradd write a huge log",
                )
                .fix(
                    Applicability::Safe,
                    "add `-l`",
                    TextRange::empty(call.range().end()),
                    " -l",
                );
        }
    }
}
