//! Errors go where the output was, not where it goes.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Command, ListRole, RedirectOp, Redirection};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "errors-stay",
    codes: &["SC2069"],
    severity: Severity::Warning,
    by_default: false,
    why: "Redirections are done from left to right: 2>&1 sends errors where the output goes at that moment, and what follows moves the output alone. To send both to the file, name the file first.",
    bad: "FROM debian:12\nRUN make 2>&1 > /var/log/make.log\n",
    good: "FROM debian:12\nRUN make > /var/log/make.log 2>&1\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // Most files have no `>&`.
    let source = facts.file.source().as_bytes();
    let mut all = memchr::memchr_iter(b'>', source);
    if !all.any(|at| source.get(at + 1) == Some(&b'&')) {
        return;
    }
    for checked in facts.checked().filter(|it| it.has(b'>')) {
        for command in checked.script.commands() {
            let mut all = command.redirections();
            let (Some(first), Some(last), None) = (all.next(), all.next(), all.next()) else {
                continue;
            };
            let piped = command.next().is_some_and(|next| next.joint().is_pipe());
            if !piped && joins_errors(first) && is_file(last) && !is_read(command) {
                let message = "errors do not go to that file: it is named too late";
                found.shell(&checked, "SC2069", first.range(), message);
            }
        }
    }
}

/// Whether a substitution reads its output.
fn is_read(command: Command<'_>) -> bool {
    let around = std::iter::once(command).chain(command.enclosing());
    around.filter_map(|command| command.list()).any(|list| {
        // That of a substitution belongs to no command.
        list.owner().is_none() && list.role() != ListRole::Root
    })
}

/// `2>&1`
fn joins_errors(redirection: Redirection<'_>) -> bool {
    let target = redirection.target();
    redirection.op() == RedirectOp::DuplicateOut
        && redirection.descriptor() == Some(2)
        && target.is_some_and(|target| target.text() == "1")
}

fn is_file(redirection: Redirection<'_>) -> bool {
    // ShellCheck knows no `>|` here.
    matches!(redirection.op(), RedirectOp::Write | RedirectOp::Append)
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2069", command), expected, "{command}");
    }

    #[test]
    fn the_file_is_named_before_what_joins_it() {
        check("a 2>&1 >b && { c; } 2>&1 >>d", &["2>&1", "2>&1"]);
        check(
            "a >b 2>&1; a 2>&1; a 2>&1 | b; a 2>&1 >b | c; a 2>&1 >&3; a 2>&1 <b; c $(a 2>&1 >b)",
            &[],
        );
    }
}
