//! ADD copies files that COPY could copy.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;
use stagecraft_text::has_part;

use crate::facts::{Facts, unquoted};
use crate::letters::ends;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "add-for-local-files",
    codes: &["DL3020"],
    severity: Severity::Warning,
    by_default: true,
    why: "ADD also unpacks archives and downloads, depending on what the source happens to be; COPY only copies.",
    bad: "FROM alpine:3.20\nADD app /app\n",
    good: "FROM alpine:3.20\nCOPY app /app\n",
    when: When::has(&[Keyword::Add]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // What hadolint takes for an archive.
    const ARCHIVES: [&str; 14] = [
        ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tar", ".tb2", ".tbz2", ".tgz", ".tlz",
        ".tpz", ".txz", ".xz",
    ];
    // What else may be one.
    const ARCHIVES_TOO: [&str; 2] = [".lz4", ".zst"];
    for item in &facts.items {
        let instruction = item.instruction;
        if instruction.keyword != Keyword::Add {
            continue;
        }
        let texts = || {
            facts
                .file
                .sources(instruction)
                .iter()
                .map(|word| unquoted(facts.file.word(*word)))
        };
        let any = |text: &str, endings: &[&str]| endings.iter().any(|it| ends(text, it));
        // hadolint knows links by their first letters, and no repositories.
        let seen = |text: &str| {
            text.starts_with("http://") || text.starts_with("https://") || any(text, &ARCHIVES)
        };
        let special = texts().any(|text| {
            seen(text)
                || any(text, &ARCHIVES_TOO)
                || has_part(text, "://")
                || text.contains('$')
                || text.starts_with("git@")
                || text.starts_with("<<")
        });
        if texts().all(seen) {
            continue;
        }
        let report = found.report(
            instruction,
            instruction.name.range,
            "COPY does this, and nothing else",
        );
        if special {
            report.elsewhere(&["DL3020"]);
            continue;
        }
        if item.onbuild {
            report.only(&[])
        } else {
            report
        }
        .fix(
            Applicability::Unsafe,
            "use `COPY`",
            instruction.name.range,
            "COPY",
        );
    }
}
