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
            let letters = letters(name);
            let buildkit = is_secret(name, letters);
            let hadolint = (buildkit || facts.others) && has_secret(name, letters);
            if !buildkit && !hadolint {
                continue;
            }
            let report = found
                .report(
                    item.instruction,
                    pair.name.range,
                    ["`", name, "` looks like a secret, and stays in the image"].concat(),
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

/// A text that names of secrets have.
struct Secret {
    text: &'static str,
    letters: u32,
}

const fn secret(text: &'static str) -> Secret {
    let letters = letters(text);
    Secret { text, letters }
}

/// The letters of a text, a bit for each in whatever case.
const fn letters(text: &str) -> u32 {
    let (mut letters, mut rest) = (0, text.as_bytes());
    while let [letter, others @ ..] = rest {
        letters |= 1 << (*letter % 32);
        rest = others;
    }
    letters
}

/// Those whose letters all are in a name: few are in any.
fn possible(secrets: &[Secret], letters: u32) -> impl Iterator<Item = &Secret> {
    let secrets = secrets.iter();
    secrets.filter(move |secret| letters & secret.letters == secret.letters)
}

/// Whether hadolint takes it for the name of a secret: it looks for parts of the name.
fn has_secret(name: &str, letters: u32) -> bool {
    const PARTS: [Secret; 8] = [
        secret("access_key_id"),
        secret("api_key"),
        secret("client_key"),
        secret("password"),
        secret("private"),
        secret("secret"),
        secret("token"),
        secret("username"),
    ];
    possible(&PARTS, letters).any(|part| {
        let part = part.text.as_bytes();
        let mut places = name.as_bytes().windows(part.len());
        places.any(|place| place.eq_ignore_ascii_case(part))
    })
}

/// Whether BuildKit does: it looks for words of the name, and has others that say that it is none.
fn is_secret(name: &str, letters: u32) -> bool {
    const WORDS: [Secret; 10] = [
        secret("apikey"),
        secret("auth"),
        secret("credential"),
        secret("credentials"),
        secret("key"),
        secret("password"),
        secret("pword"),
        secret("passwd"),
        secret("secret"),
        secret("token"),
    ];
    // What is not ASCII may become it in lower case.
    if name.is_ascii() && possible(&WORDS, letters).next().is_none() {
        return false;
    }
    let lower = name.to_lowercase();
    let mut words = lower.split('_');
    words
        .clone()
        .any(|word| WORDS.iter().any(|it| it.text == word))
        && !words.any(|word| matches!(word, "public" | "file" | "version"))
}
