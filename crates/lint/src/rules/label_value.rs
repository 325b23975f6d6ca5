//! The value of a label is not of its kind.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::config::LabelKind;
use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "label-value",
    codes: &[
        "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058",
    ],
    severity: Severity::Warning,
    by_default: true,
    why: "The project says of what kind this label's value is (`--require-label name:kind`), and tools rely on it.",
    bad: "FROM alpine:3.20\nLABEL version=one\n",
    good: "FROM alpine:3.20\nLABEL version=1.0.0\n",
    when: When::has(&[Keyword::Label]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        if item.instruction.keyword != Keyword::Label {
            continue;
        }
        for pair in facts.file.pairs(item.instruction) {
            let key = unquoted(facts.file.word(pair.name));
            let Some(kind) = facts.config.labels.get(key) else {
                continue;
            };
            let value = pair
                .value
                .map_or("", |value| unquoted(facts.file.word(value)));
            if let Some((code, what)) = fault(*kind, value) {
                found
                    .report(
                        item.instruction,
                        pair.word.range,
                        format!("the value of `{key}` is {what}"),
                    )
                    .only(&[code]);
            }
        }
    }
}

/// What is wrong with a value, with hadolint's code for it.
fn fault(kind: LabelKind, value: &str) -> Option<(&'static str, &'static str)> {
    let (good, code, what) = match kind {
        _ if value.is_empty() => (false, "DL3051", "empty"),
        LabelKind::Text => (true, "DL3051", "empty"),
        LabelKind::Url => (is_url(value), "DL3052", "no link"),
        LabelKind::Rfc3339 => (is_time(value), "DL3053", "no time as in RFC 3339"),
        LabelKind::Spdx => (
            is_spdx(value),
            "DL3054",
            "no name of a licence in SPDX's list",
        ),
        LabelKind::Hash => (is_hash(value), "DL3055", "no hash of a commit"),
        LabelKind::SemVer => (is_version(value), "DL3056", "no semantic version"),
        LabelKind::Email => (is_mail(value), "DL3058", "no mail address"),
    };
    (!good).then_some((code, what))
}

fn is_url(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && !rest.is_empty()
            && !value.contains(char::is_whitespace)
    })
}

fn is_hash(value: &str) -> bool {
    matches!(value.len(), 7 | 40) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_mail(value: &str) -> bool {
    value.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.contains(['@', ' '])
            && !host.starts_with('.')
            && !host.ends_with('.')
    })
}

/// `2026-01-02T03:04:05Z`, with a fraction or an offset.
fn is_time(value: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let (Some(head), Some(tail)) = (value.get(..shape.len()), value.get(shape.len()..)) else {
        return false;
    };
    let fits = head.chars().zip(shape.chars()).all(|(c, s)| match s {
        'd' => c.is_ascii_digit(),
        'T' => matches!(c, 'T' | 't' | ' '),
        other => c == other,
    });
    let number =
        |range: std::ops::Range<usize>| head.get(range).and_then(|it| it.parse::<u32>().ok());
    let within = number(5..7).is_some_and(|month| (1..=12).contains(&month))
        && number(8..10).is_some_and(|day| (1..=31).contains(&day))
        && number(11..13).is_some_and(|hour| hour < 24)
        && number(14..16).is_some_and(|minute| minute < 60);
    let tail = match tail.strip_prefix('.') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => tail,
    };
    let offset = |rest: &str| {
        rest.len() == 5
            && rest.bytes().enumerate().all(|(at, byte)| {
                if at == 2 {
                    byte == b':'
                } else {
                    byte.is_ascii_digit()
                }
            })
    };
    let zone = matches!(tail, "Z" | "z") || tail.strip_prefix(['+', '-']).is_some_and(offset);
    fits && within && zone
}

/// `1.2.3`, with `-pre.1` and `+build` behind it.
fn is_version(value: &str) -> bool {
    let (rest, build) = value
        .split_once('+')
        .map_or((value, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest
        .split_once('-')
        .map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let core: Vec<&str> = core.split('.').collect();
    core.len() == 3
        && core.iter().all(|part| number(part))
        && pre.is_none_or(|pre| {
            pre.split('.').all(|part| {
                let digits = part.bytes().all(|byte| byte.is_ascii_digit());
                word(part) && (!digits || number(part))
            })
        })
        && build.is_none_or(|build| build.split('.').all(word))
}

/// Names of SPDX's list that images really carry, and expressions of them.
fn is_spdx(value: &str) -> bool {
    const KNOWN: [&str; 58] = [
        "0BSD",
        "AFL-3.0",
        "AGPL-3.0",
        "AGPL-3.0-only",
        "AGPL-3.0-or-later",
        "Apache-1.1",
        "Apache-2.0",
        "APSL-2.0",
        "Artistic-1.0",
        "Artistic-2.0",
        "BlueOak-1.0.0",
        "BSD-1-Clause",
        "BSD-2-Clause",
        "BSD-2-Clause-Patent",
        "BSD-3-Clause",
        "BSD-3-Clause-Clear",
        "BSD-4-Clause",
        "BSL-1.0",
        "BUSL-1.1",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC0-1.0",
        "CDDL-1.0",
        "CDDL-1.1",
        "CECILL-2.1",
        "CPL-1.0",
        "ECL-2.0",
        "EPL-1.0",
        "EPL-2.0",
        "EUPL-1.1",
        "EUPL-1.2",
        "GFDL-1.3",
        "GPL-2.0",
        "GPL-2.0-only",
        "GPL-2.0-or-later",
        "GPL-3.0",
        "GPL-3.0-only",
        "GPL-3.0-or-later",
        "ISC",
        "LGPL-2.0",
        "LGPL-2.1",
        "LGPL-2.1-only",
        "LGPL-2.1-or-later",
        "LGPL-3.0",
        "LGPL-3.0-only",
        "LGPL-3.0-or-later",
        "MIT",
        "MIT-0",
        "MPL-1.1",
        "MPL-2.0",
        "MulanPSL-2.0",
        "NCSA",
        "OFL-1.1",
        "PostgreSQL",
        "Python-2.0",
        "SSPL-1.0",
        "Unlicense",
    ];
    const MORE: [&str; 6] = ["Vim", "W3C", "WTFPL", "X11", "Zlib", "ZPL-2.1"];
    let words = value.split(|c: char| c.is_whitespace() || c == '(' || c == ')');
    words.filter(|word| !word.is_empty()).all(|word| {
        matches!(word, "AND" | "OR" | "WITH")
            || word.ends_with("-exception")
            || KNOWN.contains(&word)
            || MORE.contains(&word)
    })
}
