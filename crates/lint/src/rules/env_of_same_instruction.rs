//! A value uses a variable of the same ENV.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::files::has_any;
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
        let pairs = facts.file.pairs(item.instruction);
        let mut values = pairs.iter().filter_map(|pair| pair.value);
        if pairs.len() < 2 || !values.any(|value| has_any(facts.file.word(value), b"$")) {
            continue;
        }
        let own: Vec<&str> = pairs
            .iter()
            .map(|pair| facts.file.word(pair.name))
            .filter(|name| !facts.is_assigned_above(name, at))
            .collect();
        for pair in pairs {
            let Some(value) = pair.value else {
                continue;
            };
            if !has_any(facts.file.word(value), b"$") {
                continue;
            }
            let this = facts.file.word(pair.name);
            let others = own.iter().filter(|name| **name != this);
            if let Some(name) = others
                .into_iter()
                .find(|name| uses(facts.file.word(value), name))
            {
                found.report(
                    item.instruction,
                    value.range,
                    format!("`{name}` is not set yet here"),
                );
            }
        }
    }
}

/// Whether a text has `$name` or `${name`.
fn uses(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(part))
    })
}
