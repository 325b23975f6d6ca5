//! An archive is fetched and unpacked, and stays.

use stagecraft_diagnostics::{Applicability, Severity};

use crate::facts::Facts;
use crate::files;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "archive-kept",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "The archive lies in the layer beside what came out of it, and nobody needs it any more. Remove it in the same RUN, or send it to `tar` through a pipe; a later RUN only hides it.",
    bad: "FROM alpine:3.20\nRUN wget https://example.org/app.tar.gz && tar -xf app.tar.gz\n",
    good: "FROM alpine:3.20\nRUN wget https://example.org/app.tar.gz && tar -xf app.tar.gz && rm app.tar.gz\n",
    when: When::calls(programs!["wget", "curl"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in facts.runs_with(programs!["wget", "curl"]) {
        if !facts.ships(run.stage) || run.onbuild || !run.has_any(files::UNPACKS) {
            continue;
        }
        for (at, file) in files::downloads(facts, run) {
            let Some(call) = run.calls.get(*at).filter(|call| !call.is(programs!["git"])) else {
                continue;
            };
            let behind = files::calls(facts, run).behind(*at);
            if files::is_unpacked(facts, run, behind, file)
                && files::stays(facts, run, behind, file)
            {
                let name = files::base_name(file);
                let message = format!("`{name}` stays in the layer once it is unpacked");
                let report = found.report(run.instruction, call.range(), message);
                if let Some(end) = facts.end_of_run(run).filter(|_| !file.contains('…')) {
                    report.fix(
                        Applicability::Unsafe,
                        "remove it in the same step",
                        end,
                        format!(" && rm {file}"),
                    );
                }
            }
        }
    }
}
