//! A value uses a variable of the same ENV.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "env-of-same-instruction",
    codes: &["DL3044"],
    severity: Severity::Error,
    by_default: true,
    why: "All values of one ENV are worked out before any of them is set, so the variable still has its old value or none.",
    bad: "FROM alpine:3.20\nENV A=1 B=$A/b\n",
    good: "FROM alpine:3.20\nENV A=1\nENV B=$A/b\n",
    when: When::has(&[Keyword::Env]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        if item.instruction.keyword != Keyword::Env {
            continue;
        }
        let code: &[&str] = if item.onbuild { &[] } else { &["DL3044"] };
        let pairs = facts.file.pairs(item.instruction);
        let mut values = pairs.iter().filter_map(|pair| pair.value);
        if pairs.len() < 2 || !values.any(|value| has_any!(facts.file.word(value), b'$')) {
            continue;
        }
        let own: Vec<&str> = pairs
            .iter()
            .map(|pair| facts.file.word(pair.name))
            .filter(|name| !facts.is_assigned_above(name, at))
            .collect();
        for (number, pair) in pairs.iter().enumerate() {
            let Some(value) = pair.value else {
                continue;
            };
            let (this, text) = (facts.file.word(pair.name), facts.file.word(value));
            // Most values name no variable.
            if !has_any!(text, b'$') {
                continue;
            }
            // Its own name counts where it is set twice.
            let before = pairs.get(..number).unwrap_or_default().iter();
            let twice = before
                .map(|it| facts.file.word(it.name))
                .any(|it| it == this);
            let used = own
                .iter()
                .filter(|name| **name != this || twice)
                .filter_map(|name| Some((*name, uses(text, name)?)));
            // The plain ones that hadolint knows come first, and those of others.
            let worst = used.max_by_key(|&(name, plain)| (plain, name != this));
            let Some((name, plain)) = worst else {
                continue;
            };
            let message = format!("`{name}` is not set yet here");
            let report = found.report(item.instruction, value.range, message);
            let codes = if plain { code } else { &[] };
            if name == this {
                report.elsewhere(codes);
            } else {
                report.only(codes);
            }
        }
    }
}

/// Whether a text has `$name` or `${name}`; `Some(false)` where it does more with it.
fn uses(text: &str, name: &str) -> Option<bool> {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let parts = text.as_bytes().split(|byte| *byte == b'$');
    let uses = parts.skip(1).filter_map(|rest| {
        let (braces, rest) = match rest.strip_prefix(b"{") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let behind = rest.strip_prefix(name.as_bytes())?.first();
        (!behind.is_some_and(part)).then(|| !braces || behind == Some(&b'}'))
    });
    uses.max()
}
