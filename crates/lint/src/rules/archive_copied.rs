//! An archive is copied, then unpacked.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "archive-copied",
    codes: &["DL3010"],
    severity: Severity::Info,
    by_default: true,
    why: "The archive stays in its layer beside what is in it. ADD unpacks a local archive and keeps only the content.",
    bad: "FROM alpine:3.20\nCOPY app.tar.gz /\nRUN tar -xf /app.tar.gz\n",
    good: "FROM alpine:3.20\nADD app.tar.gz /\n",
    check,
};

const ENDINGS: [&str; 12] = [
    ".tar",
    ".tar.bz2",
    ".tar.gz",
    ".tar.lz",
    ".tar.lzma",
    ".tar.xz",
    ".tb2",
    ".tbz2",
    ".tgz",
    ".tlz",
    ".tpz",
    ".txz",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        if item.instruction.keyword != Keyword::Copy || transfer.from.is_some() {
            continue;
        }
        let destination = transfer
            .destination
            .map(|word| base_name(facts.file.word(word)));
        let names: Vec<&str> = facts
            .file
            .sources(item.instruction)
            .iter()
            .map(|word| base_name(facts.file.word(*word)))
            .filter(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)))
            .collect();
        if names.is_empty() {
            continue;
        }
        let behind = facts.items.iter().skip(at + 1);
        let runs = behind
            .filter(|other| other.stage == item.stage)
            .filter_map(|other| facts.run(other));
        let unpacked = runs.flat_map(|run| &run.calls).any(|call| {
            let tar = call.is(&["tar"])
                && (call.flag("x", &["extract", "get"])
                    || call
                        .words
                        .first()
                        .is_some_and(|word| word.text.contains('x')));
            (tar || call.is(&[
                "unzip",
                "gunzip",
                "bunzip2",
                "unlzma",
                "unxz",
                "zgz",
                "uncompress",
                "zcat",
                "gzcat",
            ])) && call.words.iter().any(|word| {
                let name = base_name(&word.text);
                names.contains(&name) || Some(name) == destination
            })
        });
        if unpacked {
            let range = item.instruction.name.range;
            found.report(
                item.instruction,
                range,
                "ADD unpacks this, and leaves no archive behind",
            );
        }
    }
}

fn base_name(path: &str) -> &str {
    let path = path.trim_matches(['"', '\'']);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
