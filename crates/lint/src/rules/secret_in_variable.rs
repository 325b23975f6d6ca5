//! A secret is put into ARG or ENV.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "secret-in-variable",
    codes: &["SecretsUsedInArgOrEnv", "DL3064"],
    severity: Severity::Warning,
    by_default: true,
    why: "Both are kept in the image's history and configuration, where everybody who has the image can read them. A secret mount is in no layer.",
    bad: "FROM alpine:3.20\nENV DB_PASSWORD=x\n",
    good: "FROM alpine:3.20\nRUN --mount=type=secret,id=db cat /run/secrets/db\n",
    when: When::has(&[Keyword::Arg, Keyword::Env]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        if !matches!(item.instruction.keyword, Keyword::Arg | Keyword::Env) {
            continue;
        }
        for pair in facts.file.pairs(item.instruction) {
            let name = facts.file.word(pair.name);
            let (buildkit, hadolint) = (is_secret(name), has_secret(name));
            if !buildkit && !hadolint {
                continue;
            }
            let report = found
                .report(
                    item.instruction,
                    pair.name.range,
                    format!("`{name}` looks like a secret, and stays in the image"),
                )
                .help("hand it over with `RUN --mount=type=secret`");
            match (buildkit && !item.onbuild, hadolint) {
                (true, true) => {}
                (true, false) => {
                    report.only(&["SecretsUsedInArgOrEnv"]);
                }
                (false, _) => {
                    report.elsewhere(&["DL3064"]);
                }
            }
        }
    }
}

/// The bit that makes a letter a small one.
const LOWER: u8 = 0x20;

/// Whether hadolint takes it for the name of a secret: it looks for parts of the name.
fn has_secret(name: &str) -> bool {
    const PARTS: [&str; 8] = [
        "access_key_id",
        "api_key",
        "client_key",
        "password",
        "private",
        "secret",
        "token",
        "username",
    ];
    let name = name.as_bytes();
    // Most pairs of letters start none of them.
    name.windows(2).enumerate().any(|(at, pair)| {
        matches!(
            pair,
            [b'a' | b'A', b'c' | b'C' | b'p' | b'P']
                | [b'c' | b'C', b'l' | b'L']
                | [b'p' | b'P', b'a' | b'A' | b'r' | b'R']
                | [b's' | b'S', b'e' | b'E']
                | [b't' | b'T', b'o' | b'O']
                | [b'u' | b'U', b's' | b'S']
        ) && PARTS.iter().any(|part| {
            let start = name.get(at..at + part.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(part.as_bytes()))
        })
    })
}

/// Words that a name is made of, where it is that of a secret; and those that it then has not.
fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 10] = [
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "password",
        "pword",
        "passwd",
        "secret",
        "token",
    ];
    // What is not ASCII may become it in lower case.
    let same = |word: &[u8], other: &str| word.eq_ignore_ascii_case(other.as_bytes());
    // Most words have another first letter.
    let starts = |word: &[u8]| {
        let first = word.first().map(|first| first | LOWER);
        matches!(first, Some(b'a' | b'c' | b'k' | b'p' | b's' | b't'))
    };
    let may_be = |word: &[u8]| starts(word) && SECRET.iter().any(|secret| same(word, secret));
    let mut words = name.as_bytes().split(|byte| *byte == b'_');
    if name.is_ascii() && !words.any(may_be) {
        return false;
    }
    let lower = name.to_lowercase();
    let mut words = lower.split('_');
    words.clone().any(|word| SECRET.contains(&word))
        && !words.any(|word| matches!(word, "public" | "file" | "version"))
}
