//! COPY to a relative path without WORKDIR.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::{Form, Keyword, Kind};

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copy-to-relative",
    codes: &["DL3045"],
    severity: Severity::Warning,
    by_default: true,
    why: "The files land in whatever folder the base image has set, which another version of it may change.",
    bad: "FROM alpine:3.20\nCOPY app bin/app\n",
    good: "FROM alpine:3.20\nWORKDIR /srv\nCOPY app bin/app\n",
    when: When::has(&[Keyword::Copy]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        let Kind::Transfer(transfer) = &item.instruction.kind else {
            continue;
        };
        let Some(word) = transfer
            .destination
            .filter(|_| item.instruction.keyword == Keyword::Copy && !item.onbuild)
        else {
            continue;
        };
        // hadolint leaves out a quote that stands first, whether or not another one ends it.
        let written = unquoted(facts.file.word(word));
        let text = written.trim_start_matches(['"', '\'']);
        let drive = text.get(1..2) == Some(":");
        if text.starts_with(['/', '$', '\\']) || drive || text.is_empty() {
            continue;
        }
        let ours = !facts.has_workdir(item, at);
        let theirs = !facts.has_taken_workdir(item, at);
        if !ours && !theirs {
            continue;
        }
        let message = ["`", text, "` is relative to a folder of the base image"].concat();
        let report = found.report(item.instruction, word.range, message);
        let report = report.said_by(ours, theirs);
        let rest = text.trim_start_matches("./");
        if item.instruction.form == Form::Shell
            && !text.starts_with("..")
            && !written.contains(['"', '\''])
        {
            let rest = if rest == "." { "" } else { rest };
            report.fix(
                Applicability::Unsafe,
                "start at the root",
                word.range,
                ["/", rest].concat(),
            );
        }
    }
}
