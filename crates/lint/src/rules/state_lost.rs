//! A step changes nothing but its own shell.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::{Argument, Call, Facts};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "state-lost",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Each RUN has a shell of its own. Its folder, variables and aliases end with it; the next step starts as if it had never run. WORKDIR and ENV hold for all that follows.",
    bad: "FROM alpine:3.20\nRUN export NAME=value\n",
    good: "FROM alpine:3.20\nENV NAME=value\n",
    when: When::calls(OWN),
    check,
};

/// What works on the shell itself; what `source` reads may do anything.
const OWN: Programs = programs![
    "cd", "export", "alias", "umask", "set", "ulimit", "unset", "pushd",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in &facts.runs {
        let lost = |call: &Call<'_>| call.is(OWN) && call.output().is_none();
        let Some(last) = run.calls.last() else {
            continue;
        };
        // A program or an assignment beside it, or one whose name is not known.
        if run.commands == run.calls.len() && run.calls.iter().all(lost) && !run.foreign {
            let instead = match &*last.name {
                "cd" | "pushd" => "WORKDIR goes there for all that follows",
                "export" => "ENV sets it for all that follows",
                _ => "what it sets is gone when the step ends",
            };
            let message = "nothing of this step is left for the next one";
            let report = found.report(run.instruction, last.range(), message);
            // A single command whose words mean the same to ENV and WORKDIR.
            let alone = run.calls.len() == 1 && facts.end_of_run(run).is_some();
            let plain =
                |word: &&Argument<'_>| !word.is_flag() && !word.text.contains([' ', '`', '(']);
            let mut words = last.words().iter();
            let keyword = match (words.next().filter(plain), words.next(), &*last.name) {
                (Some(_), None, "cd") => "WORKDIR",
                (Some(word), None, "export") if word.text.contains('=') => "ENV",
                _ => "",
            };
            if alone && !keyword.is_empty() {
                let start = run.instruction.range.start();
                let operand = last
                    .words()
                    .first()
                    .map_or(last.range().end(), |it| it.range().start());
                report.help(instead).fix(
                    Applicability::Unsafe,
                    format!("write {keyword}"),
                    TextRange::new(start, operand),
                    format!("{keyword} "),
                );
            } else {
                report.help(instead);
            }
        }
    }
}
