//! An empty line stands inside of an instruction.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::{Edit, TextRange, size};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "empty-continuation",
    codes: &["NoEmptyContinuation"],
    severity: Severity::Warning,
    by_default: true,
    why: "It is skipped today, and will be an error. It looks as if the instruction ended there.",
    bad: "FROM alpine:3.20\nRUN echo a \\\n\n  && echo b\n",
    good: "FROM alpine:3.20\nRUN echo a \\\n  && echo b\n",
    when: When::With(Mark::EmptyLines),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for instruction in facts.file.instructions() {
        if instruction.empty_continuation {
            let message = "an empty line stands inside of this instruction";
            let report = found
                .report(instruction, instruction.name.range, message)
                .line(facts.file.last_of_line(instruction));
            if facts.file.heredocs(instruction).is_empty() {
                let edits = empty_lines(facts.file.source(), instruction.range);
                report.fix_all(Applicability::Safe, "take the empty lines away", edits);
            }
        }
    }
}

/// Takes away the lines of a place that hold nothing but blanks.
fn empty_lines(source: &str, range: TextRange) -> Vec<Edit> {
    let start = usize::from(range.start());
    let text = source
        .get(start..usize::from(range.end()))
        .unwrap_or_default();
    let mut at = start;
    let lines = text.split_inclusive('\n').map(|line| {
        let from = at;
        at += line.len();
        (line, TextRange::new(size(from), size(at)))
    });
    lines
        .filter(|(line, _)| line.trim().is_empty())
        .map(|(_, range)| Edit::delete(range))
        .collect()
}
