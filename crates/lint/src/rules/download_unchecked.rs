//! A failed download goes unnoticed.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::{TextRange, has_part};

use crate::facts::{Call, Facts};
use crate::files;
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "download-unchecked",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Without `-f`, curl takes the page of an error for the file: the step succeeds, and so does the build, with `404: Not Found` in the place of a program.",
    bad: "FROM alpine:3.20\nRUN curl -sSLo /bin/app https://example.org/app\n",
    good: "FROM alpine:3.20\nRUN curl -fsSLo /bin/app https://example.org/app\n",
    when: When::calls(programs!["curl"]),
    check,
};

/// Endings of files that whatever reads them will not take when they are something else.
const LOUD: [&str; 5] = [".deb", ".rpm", ".gz", ".bz2", ".py"];

/// What tells one content from another.
const CHECKS: Programs = programs!["sha256sum", "sha512sum", "gpg", "sha1sum", "md5sum"];

/// Whether curl itself notices an error of the server.
fn notices(call: &Call<'_>) -> bool {
    call.flag("fI", &["fail", "fail-with-body", "head"])
}

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in facts.runs_with(programs!["curl"]) {
        let mut calls = run.calls_of(programs!["curl"]);
        if calls.all(notices) || run.has_any(CHECKS) {
            continue;
        }
        for &(at, ref file) in files::downloads(facts, run) {
            let Some(call) = run.calls.get(at).filter(|call| call.is(programs!["curl"])) else {
                continue;
            };
            if notices(call) {
                continue;
            }
            // What unpacks or installs it will notice, and FTP has no pages of errors.
            let loud = files::is_archive(file) || LOUD.iter().any(|ending| file.ends_with(ending));
            if loud
                || call
                    .words()
                    .iter()
                    .any(|word| has_part(&word.text, "ftp://"))
            {
                continue;
            }
            // Whatever reads the file in the same step may notice.
            let name = files::base_name(file);
            let reads = |call: &Call<'_>| {
                !call.is(programs![
                    "chmod", "chown", "mv", "cp", "mkdir", "echo", "install"
                ]) && call
                    .words()
                    .iter()
                    .any(|word| word.text.contains(name) || word.text.contains(['$', '*']))
            };
            if !run.calls.iter().skip(at + 1).any(reads) {
                found
                    .report(
                        run.instruction,
                        call.range(),
                        format!("an error of the server would become the content of `{name}`"),
                    )
                    .fix(
                        Applicability::Unsafe,
                        "add `-f`",
                        TextRange::empty(call.range().end()),
                        " -f",
                    );
            }
        }
    }
}
