//! A repository is cloned with all of its history.

use std::collections::BTreeSet;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::{Call, Facts};
use crate::files;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "git-history-kept",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "Every version of every file comes along in `.git`, mostly many times as much as the files themselves. `--depth 1` fetches the newest only; ADD takes a repository without its history.",
    bad: "FROM alpine/git:2.45.2\nRUN git clone https://example.org/app.git /app\n",
    good: "FROM alpine/git:2.45.2\nRUN git clone --depth 1 https://example.org/app.git /app\n",
    when: When::calls(programs!["git"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let clones = |call: &Call<'_>| call.verb_of(&["clone"]).is_some();
    if !facts.calls(programs!["git"]).any(|(_, call)| clones(call)) {
        return;
    }
    // What a later step removes is a fault of that.
    let mut removed = BTreeSet::new();
    for (run, call) in facts.calls(programs!["rm"]) {
        let names = call.operands().map(|word| files::base_name(&word.text));
        removed.extend(names.map(|name| (run.stage, name)));
    }
    for run in facts.runs_with(programs!["git"]) {
        if !facts.ships(run.stage) || run.onbuild || !run.has_any(programs!["git"]) {
            continue;
        }
        let calls = files::calls(facts, run);
        for (at, call, _) in calls.of(programs!["git"]) {
            let Some(verb) = call.verb_of(&["clone"]) else {
                continue;
            };
            let shallow = call.flag(
                "",
                &[
                    "depth",
                    "shallow-since",
                    "bare",
                    "mirror",
                    "shallow-exclude",
                ],
            );
            let mut downloads = files::downloads(facts, run).iter();
            let to = downloads.find(|(number, _)| *number == at);
            let to = to.map(|(_, to)| to);
            let picks = |call: &Call<'_>| {
                call.is(programs!["git"])
                    && call
                        .verb_of(&["checkout", "reset", "describe", "merge", "cherry-pick"])
                        .is_some()
            };
            let behind = calls.behind(at);
            let history = |to: &String| {
                !removed.contains(&(run.stage, files::base_name(to)))
                    && files::stays(facts, run, behind, to)
                    && files::stays(facts, run, behind, &format!("{to}/.git"))
            };
            if shallow || !to.is_some_and(history) {
                continue;
            }
            let report = found.report(
                run.instruction,
                verb.range(),
                "the whole history is fetched, and stays in the layer",
            );
            if !run.calls.iter().skip(at + 1).any(picks) {
                report.fix(
                    Applicability::Unsafe,
                    "fetch the newest version only",
                    TextRange::empty(verb.range().end()),
                    " --depth 1",
                );
            }
        }
    }
}
