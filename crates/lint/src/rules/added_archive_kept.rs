//! ADD fetches an archive from the web, which it does not unpack.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Keyword, Kind};

use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::files;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "added-archive-kept",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "ADD unpacks archives of the context, not those of the web: the archive is a layer of its own, whatever later steps unpack or remove. Fetch, unpack and remove it in one RUN, or have ADD do it with `--unpack=true`.",
    bad: "FROM alpine:3.20\nADD https://example.org/app.tar.gz /tmp/\nRUN tar -xf /tmp/app.tar.gz -C /opt\n",
    good: "FROM alpine:3.20\nADD --unpack=true https://example.org/app.tar.gz /opt/\n",
    when: When::has(&[Keyword::Add]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        if item.instruction.keyword != Keyword::Add
            || item.onbuild
            || transfer.unpack.is_some()
            || !facts.ships(item.stage)
        {
            continue;
        }
        for word in facts.file.sources(item.instruction) {
            let text = facts.file.word(*word);
            if files::is_address(text) && files::is_archive(text) {
                let message = "an archive of the web is not unpacked, and stays in this layer";
                found.report(item.instruction, word.range, message).fix(
                    Applicability::DisplayOnly,
                    "have ADD unpack it, and leave that out further down",
                    TextRange::empty(item.instruction.name.range.end()),
                    " --unpack=true",
                );
            }
        }
    }
}
