//! A label's key breaks the rules for keys.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "label-key-invalid",
    codes: &["DL3048"],
    severity: Severity::Info,
    by_default: true,
    why: "Keys are lower-case letters, digits, dots and hyphens, start and end with a letter or digit, and leave some prefixes to Docker. Tools that read labels rely on it.",
    bad: "FROM alpine:3.20\nLABEL io.docker.app=a\n",
    good: "FROM alpine:3.20\nLABEL com.example.app=a\n",
    when: When::has(&[Keyword::Label]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        if item.instruction.keyword != Keyword::Label || item.onbuild {
            continue;
        }
        for pair in facts.file.pairs(item.instruction) {
            let key = unquoted(facts.file.word(pair.name));
            if !is_valid(key) {
                let message = format!("`{key}` is no key for a label");
                let report = found.report(item.instruction, pair.name.range, message);
                let better = key.to_lowercase().replace(['_', ' ', '/'], "-");
                if is_valid(&better) {
                    let title = format!("write `{better}`");
                    report.fix(Applicability::Unsafe, title, pair.name.range, better);
                }
            }
        }
    }
}

fn is_valid(key: &str) -> bool {
    const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'/');
    let doubled = |pair: &[u8]| matches!(pair, b".." | b"--");
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && key.bytes().all(allowed)
        && !key.as_bytes().windows(2).any(doubled)
        && !RESERVED.iter().any(|reserved| key.starts_with(reserved))
}
