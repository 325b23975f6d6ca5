//! A file with secrets is copied into the image.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Keyword, Kind};

use crate::calls::base;
use crate::facts::Facts;
use crate::letters::ends;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "secret-file-copied",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "It stays in the layer, whatever later steps remove. A secret mount is in no layer.",
    bad: "FROM alpine:3.20\nCOPY .env /app/\n",
    good: "FROM alpine:3.20\nRUN --mount=type=secret,id=env cat /run/secrets/env\n",
    when: When::has(&[Keyword::Add, Keyword::Copy]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    const NAMES: [&str; 8] = [
        ".env",
        "id_rsa",
        "id_ed25519",
        ".netrc",
        ".npmrc",
        ".pypirc",
        "credentials",
        ".git-credentials",
    ];
    for instruction in facts.file.instructions() {
        let Kind::Transfer(transfer) = &instruction.kind else {
            continue;
        };
        for word in facts
            .file
            .sources(instruction)
            .iter()
            .filter(|_| transfer.from.is_none())
        {
            let text = facts.file.word(*word);
            let name = base(text);
            // Most names start and end otherwise.
            let first = name.as_bytes().first();
            if !matches!(first, Some(b'.' | b'c' | b'i')) && !ends(name, ".pem") {
                continue;
            }
            let key = name
                .rsplit_once('.')
                .is_some_and(|(stem, ending)| ending == "pem" && stem.contains("key"));
            if NAMES.contains(&name) || key {
                found.report(
                    instruction,
                    word.range,
                    format!("`{name}` mostly holds secrets, and stays in the image"),
                );
            }
        }
    }
}
