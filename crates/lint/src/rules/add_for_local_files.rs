//! ADD copies files that COPY could copy.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "add-for-local-files",
    codes: &["DL3020"],
    severity: Severity::Warning,
    by_default: true,
    why: "ADD also unpacks archives and downloads, depending on what the source happens to be; COPY only copies.",
    bad: "FROM alpine:3.20\nADD app /app\n",
    good: "FROM alpine:3.20\nCOPY app /app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    const ARCHIVES: [&str; 9] = [
        ".tar", ".tgz", ".gz", ".xz", ".bz2", ".txz", ".tbz2", ".zst", ".lz4",
    ];
    for instruction in facts.file.instructions() {
        if instruction.keyword != Keyword::Add {
            continue;
        }
        let special = facts.file.sources(instruction).iter().any(|word| {
            let text = facts.file.word(*word);
            text.contains("://")
                || text.contains('$')
                || text.starts_with("git@")
                || text.starts_with("<<")
                || ARCHIVES.iter().any(|ending| text.ends_with(ending))
        });
        if !special && !facts.file.sources(instruction).is_empty() {
            found
                .report(
                    instruction,
                    instruction.name.range,
                    "COPY does this, and nothing else",
                )
                .fix(
                    Applicability::Unsafe,
                    "use `COPY`",
                    instruction.name.range,
                    "COPY",
                );
        }
    }
}
