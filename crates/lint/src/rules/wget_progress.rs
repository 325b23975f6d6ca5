//! wget draws a progress bar into the log.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "wget-progress",
    codes: &["DL3047"],
    severity: Severity::Hint,
    by_default: false,
    why: "Each step of the bar is a line of the build's log. `--progress=dot:giga` draws few of them, `-q` none.",
    bad: "FROM debian:12\nRUN wget https://example.com/a\n",
    good: "FROM debian:12\nRUN wget --progress=dot:giga https://example.com/a\n",
    when: When::calls(programs!["wget"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["wget"]) {
        let quiet = call.flag(
            "qoa",
            &[
                "progress",
                "quiet",
                "no-verbose",
                "nv",
                "output-file",
                "append-output",
            ],
        );
        if !quiet
            && call
                .words()
                .iter()
                .all(|word| !word.text.starts_with("-nv"))
        {
            found
                .call(run, call, call.range(), "the progress bar fills the log")
                .fix(
                    Applicability::Safe,
                    "add `--progress=dot:giga`",
                    TextRange::empty(call.range().end()),
                    " --progress=dot:giga",
                );
        }
    }
}
