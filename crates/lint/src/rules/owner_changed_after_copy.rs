//! Owner or mode of what was copied are changed by a step of their own.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Kind;
use stagecraft_text::{Edit, TextRange};

use crate::facts::{Argument, Facts};
use crate::files::{self, Layers};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "owner-changed-after-copy",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "A layer holds whole files. One whose owner or mode changes is stored a second time, and with `-R` that is every file of the folder. COPY sets both as it copies, with `--chown` and `--chmod`.",
    bad: "FROM alpine:3.20\nCOPY app /app\nRUN chown -R 1000:1000 /app\n",
    good: "FROM alpine:3.20\nCOPY --chown=1000:1000 app /app\n",
    when: When::calls(PROGRAMS),
    check,
};

const PROGRAMS: Programs = programs!["chown", "chmod", "chgrp"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let (mut all, mut files) = (Layers::default(), Layers::default());
    let runs = facts
        .runs_with(PROGRAMS)
        .filter(|run| run.has_any(PROGRAMS));
    for run in runs.filter(|run| facts.ships(run.stage) && !run.onbuild) {
        files.turn_to(facts, run);
        for at in all.turn_to(facts, run) {
            let Some(item) = facts.items.get(at).filter(|item| !item.onbuild) else {
                continue;
            };
            if let Kind::Transfer(_) = item.instruction.kind {
                for placed in files::placed(facts, at) {
                    if !placed.folder {
                        files.put(&placed.path, at);
                    }
                    all.put(&placed.path, at);
                }
            }
        }
        if all.is_empty() {
            continue;
        }
        'calls: for (_, call, here) in files::calls(facts, run).of(PROGRAMS) {
            // `--chmod` sets no more than these bits on every file.
            let special = |word: &Argument<'_>| {
                let mode = word.text.trim_start_matches('=');
                mode.len() == 4 && !mode.starts_with('0')
            };
            if call.name == "chmod" && call.verb().is_some_and(special) {
                continue;
            }
            let recursive = call.flag("R", &["recursive"]);
            for word in call.operands().skip(1) {
                let deep = recursive || word.text.ends_with("/*");
                let text = word.text.trim_end_matches("/*");
                let Some(path) = files::path(facts, run, here, text) else {
                    continue;
                };
                let put = if deep {
                    all.below(&path)
                } else {
                    files.at(&path)
                };
                let put = put.and_then(|at| Some((at, facts.items.get(at)?)));
                let Some((place, put)) = put else {
                    continue;
                };
                let flag = if call.name == "chmod" {
                    "chmod"
                } else {
                    "chown"
                };
                let message = format!(
                    "what line {} has copied is stored a second time; `--{flag}` there does it at once",
                    put.instruction.lines.first
                );
                let report = found
                    .report(run.instruction, call.range(), message)
                    .label(put.instruction.name.range, "copied here");
                let value = call.verb().map(|word| &*word.text).unwrap_or_default();
                let value = if flag == "chmod" && value.ends_with("+x") {
                    "755"
                } else {
                    value
                };
                let plain = |c: char| c.is_ascii_alphanumeric() || ":_-".contains(c);
                // The whole step is about this one place.
                let same = files::placed(facts, place).iter().all(|it| it.path == path);
                let alone = run.calls.len() == 1 && call.operands().count() == 2 && same;
                let given = facts.file.flag(put.instruction, flag).is_some();
                if alone && !given && call.name != "chgrp" && value.chars().all(plain) {
                    let start = TextRange::empty(put.instruction.name.range.end());
                    report.fix_all(
                        Applicability::Unsafe,
                        "set it as it is copied",
                        vec![
                            Edit::replace(start, format!(" --{flag}={value}")),
                            Edit::delete(facts.lines_of(run.instruction)),
                        ],
                    );
                }
                break 'calls;
            }
        }
    }
}
