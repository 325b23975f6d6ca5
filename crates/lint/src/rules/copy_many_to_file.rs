//! COPY of several files to one.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Form, Instruction, Keyword, Kind};
use stagecraft_text::TextRange;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copy-many-to-file",
    codes: &["DL3021"],
    severity: Severity::Error,
    by_default: true,
    why: "Several files go into a folder, and a folder is written with `/` at its end.",
    bad: "FROM alpine:3.20\nCOPY a b /c\n",
    good: "FROM alpine:3.20\nCOPY a b /c/\n",
    when: When::has(&[Keyword::Copy]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        let sources = facts.file.sources(item.instruction).len();
        let theirs = || sources + bare_flags(facts, item.instruction) > 1;
        let many = sources > 1 || facts.others && sources > 0 && theirs();
        let Some(word) = transfer
            .destination
            .filter(|_| many && item.instruction.keyword == Keyword::Copy)
        else {
            continue;
        };
        let text = unquoted(facts.file.word(word));
        if !text.ends_with(['/', '\\']) {
            let report = found.report(
                item.instruction,
                word.range,
                format!("`{text}` is to be a folder; write `{text}/`"),
            );
            let code: &[&str] = if item.onbuild { &[] } else { &["DL3021"] };
            if matches!(text, "." | "..") || sources < 2 {
                report.elsewhere(code);
            } else {
                let report = report.only(code);
                let end = TextRange::empty(word.range.end());
                report.fix(Applicability::Unsafe, "add `/`", end, "/");
            }
        }
    }
}

/// How many words hadolint takes for sources because they are no flags for it: those without a
/// value, but for two.
fn bare_flags(facts: &Facts<'_>, instruction: &Instruction) -> usize {
    if instruction.form == Form::Json {
        return 0;
    }
    let words = facts.file.str(instruction.text).split_ascii_whitespace();
    let flags = words.skip(1).take_while(|word| word.starts_with("--"));
    let bare = |word: &&str| !word.contains('=') && !matches!(*word, "--link" | "--parents");
    flags.filter(bare).count()
}
