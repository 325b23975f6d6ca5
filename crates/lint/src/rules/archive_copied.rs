//! An archive is copied, then unpacked.

use std::collections::BTreeMap;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::StageId;
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::{Call, Facts};
use crate::letters::ends;
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "archive-copied",
    codes: &["DL3010"],
    severity: Severity::Info,
    by_default: true,
    why: "The archive stays in its layer beside what is in it. ADD unpacks a local archive and keeps only the content.",
    bad: "FROM alpine:3.20\nCOPY app.tar.gz /\nRUN tar -xf /app.tar.gz\n",
    good: "FROM alpine:3.20\nADD app.tar.gz /\n",
    when: When::has(&[Keyword::Copy]),
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

/// Where each name is unpacked for the last time, and where hadolint sees that.
type Unpacked<'a> = BTreeMap<(Option<StageId>, &'a str), (usize, Option<usize>)>;

fn unpacked<'a>(facts: &Facts<'a>) -> Unpacked<'a> {
    let mut unpacked = Unpacked::new();
    for run in &facts.runs {
        for call in run.calls.iter().filter(|call| unpacks(call)) {
            let seen = has_dash(call).then_some(run.item);
            for word in call.words() {
                let key = (run.stage, base_name(&word.text));
                let last = unpacked.entry(key).or_insert((run.item, None));
                *last = (run.item, seen.or(last.1));
            }
        }
    }
    unpacked
}

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // Few files copy an archive.
    let mut known = None;
    for (at, item) in facts.items.iter().enumerate() {
        let instruction = item.instruction;
        let Kind::Transfer(transfer) = &instruction.kind else {
            continue;
        };
        if instruction.keyword != Keyword::Copy || transfer.from.is_some() {
            continue;
        }
        let sources = facts.file.sources(instruction).iter();
        let mut names: Vec<&str> = sources
            .map(|word| base_name(facts.file.word(*word)))
            .filter(|name| ENDINGS.iter().any(|ending| ends(name, ending)))
            .collect();
        if names.is_empty() {
            continue;
        }
        let destination = transfer.destination.map(|word| facts.file.word(word));
        names.extend(destination.map(base_name));
        let unpacked = known.get_or_insert_with(|| unpacked(facts));
        let later = names.iter().filter_map(|name| {
            let &(ours, theirs) = unpacked.get(&(item.stage, *name))?;
            (ours > at).then_some(theirs.is_some_and(|theirs| theirs > at))
        });
        // Whether hadolint sees it too.
        let Some(theirs) = later.max() else {
            continue;
        };
        let message = "ADD unpacks this, and leaves no archive behind";
        let place = instruction.name.range;
        let report = found.report(instruction, place, message);
        let report = if theirs { report } else { report.only(&[]) };
        report.fix(Applicability::Unsafe, "write ADD", place, "ADD");
    }
}

/// Whether a call unpacks archives.
fn unpacks(call: &Call<'_>) -> bool {
    const PROGRAMS: Programs = programs![
        "unzip",
        "gunzip",
        "bunzip2",
        "unlzma",
        "unxz",
        "zgz",
        "uncompress",
        "zcat",
        "gzcat",
    ];
    // The options of tar need no dash.
    let first = |call: &Call<'_>| {
        call.words()
            .first()
            .is_some_and(|word| word.text.contains('x'))
    };
    call.is(PROGRAMS) || call.is(programs!["tar"]) && (has_dash(call) || first(call))
}

/// Whether its options are written as those of other programs are.
fn has_dash(call: &Call<'_>) -> bool {
    !call.is(programs!["tar"]) || call.flag("x", &["extract", "get"])
}

fn base_name(path: &str) -> &str {
    let path = path.trim_matches(['"', '\'']);
    let separator = path.bytes().rposition(|byte| matches!(byte, b'/' | b'\\'));
    let name = separator.and_then(|at| path.get(at + 1..));
    name.unwrap_or(path)
}
