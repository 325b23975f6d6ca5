//! What one redirection leads somewhere, the next one leads elsewhere.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Command, Joint, RedirectOp, Redirection};
use stagecraft_syntax::Keyword;
use stagecraft_text::{TextRange, TextSize, has_part};

use super::version_redirected::is_version;
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "redirections-compete",
    codes: &["SC2259", "SC2260", "SC2261"],
    severity: Severity::Warning,
    by_default: true,
    why: "Each redirection takes the place of the one before. Of two files only the last gets the output, the first is left empty; and what goes to a file does not go through the pipe. `tee` writes to several places at once.",
    bad: "FROM debian:12\nRUN make > /var/log/make.log > /dev/stdout\n",
    good: "FROM debian:12\nRUN make | tee /var/log/make.log\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        let script = checked.script;
        // Most have none, or one and no pipe.
        let few = if script.may_pipe() { 1 } else { 2 };
        if script.redirections().take(few).count() < few {
            continue;
        }
        let mut seen = BTreeSet::new();
        for command in script.redirections().filter_map(|it| it.command()) {
            let range = command.range();
            if !seen.insert((range.start(), range.end())) {
                continue;
            }
            let all: Vec<_> = command.redirections().take(MOST).collect();
            // Where one follows another on purpose, who wrote it knows what they do.
            if all.iter().any(|it| is_copied(*it)) {
                continue;
            }
            if let Some((first, last)) = competing(&all) {
                let message = ["only the last of these is ", done(last)].concat();
                let range = checked.source(first.range());
                let report = found.shell(&checked, "SC2261", place(last), message);
                let report = report.label(range, "overridden");
                // That the version is lost is what matters there.
                if all.iter().any(|it| is_version(*it)) {
                    report.elsewhere(&["SC2261"]);
                }
            } else if let Some((code, last, message)) = bypassed(command, &all) {
                found.shell(&checked, code, place(last), message);
            }
        }
    }
}

/// More are not compared.
const MOST: usize = 64;

/// What is done with the file of a redirection.
fn done(redirection: Redirection<'_>) -> &'static str {
    if redirection.op().writes() {
        "written to"
    } else {
        "read"
    }
}

/// Whether it leads where a descriptor leads already, or nowhere: `2>&1`, `>&-`.
fn is_copied(redirection: Redirection<'_>) -> bool {
    match redirection.op() {
        RedirectOp::DuplicateIn => true,
        RedirectOp::DuplicateOut => !is_file(redirection),
        _ => false,
    }
}

/// Whether the target of `>&` is a file.
fn is_file(redirection: Redirection<'_>) -> bool {
    let target = redirection.target().map_or("", |word| word.text());
    let digits = target.strip_suffix('-').unwrap_or(target);
    !digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last two redirections of one descriptor, if any has two.
fn competing<'a>(all: &[Redirection<'a>]) -> Option<(Redirection<'a>, Redirection<'a>)> {
    (1..all.len()).rev().find_map(|at| {
        let (before, rest) = all.split_at_checked(at)?;
        let last = *rest.first()?;
        let same = |it: &&Redirection<'_>| leads(**it).any(|one| leads(last).any(|it| it == one));
        Some((*before.iter().rev().find(same)?, last))
    })
}

/// The descriptors that a redirection leads to a file or from one.
fn leads(redirection: Redirection<'_>) -> impl Iterator<Item = u32> {
    let (own, errors) = match redirection.op() {
        RedirectOp::WriteBoth | RedirectOp::AppendBoth => (Some(1), Some(2)),
        RedirectOp::DuplicateOut if redirection.text().starts_with('>') => (Some(1), Some(2)),
        // ShellCheck counts none of these.
        RedirectOp::ReadWrite | RedirectOp::HereDoc | RedirectOp::HereDocStripped => (None, None),
        _ => (redirection.descriptor(), None),
    };
    own.into_iter().chain(errors)
}

/// What leads past a pipe, with its code.
fn bypassed<'a>(
    command: Command<'a>,
    all: &[Redirection<'a>],
) -> Option<(&'static str, Redirection<'a>, &'static str)> {
    let of = |descriptor: u32| {
        let mut last = all.iter().rev().copied();
        last.find(|it| leads(*it).any(|lead| lead == descriptor))
    };
    // What names another file reads or writes several.
    let names = |start: &str| {
        let mut words = command.simple().into_iter().flat_map(|it| it.words());
        words.any(|word| has_part(word.text(), start))
    };
    let from = command.joint().is_pipe().then(|| of(0)).flatten();
    let from = from.filter(|_| !names("<("));
    let from = from.map(|last| ("SC2259", last, "what comes through the pipe is not read"));
    // Errors go through `|&`.
    let next = command.next().filter(|next| next.joint() == Joint::Pipe);
    let to = next.and_then(|_| of(1));
    let to = to.filter(|_| !names(">("));
    let to = to.map(|last| ("SC2260", last, "nothing goes through the pipe behind this"));
    // The last one is what hadolint says.
    from.into_iter()
        .chain(to)
        .max_by_key(|(_, last, _)| last.range().start())
}

/// Where ShellCheck sees a redirection.
fn place(redirection: Redirection<'_>) -> TextRange {
    let range = redirection.range();
    match redirection.op() {
        // Behind the `&`.
        RedirectOp::WriteBoth | RedirectOp::AppendBoth => {
            TextRange::new(range.start() + TextSize::new(1), range.end())
        }
        _ => range,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(code: &str, command: &str, expected: &[&str]) {
        assert_eq!(marked(code, command), expected, "{command}");
    }

    #[test]
    fn two_of_one_descriptor_compete() {
        check(
            "SC2261",
            "a >b >c; a <b >c <d; a 2>b 2>>c 3>d",
            &[">c", "<d", "2>>c"],
        );
        check(
            "SC2261",
            "while a; do b; done >c >|d; { a; } &>b 2>c",
            &[">|d", "2>c"],
        );
        check("SC2261", "a $(b >c >d) | e >f >g", &[">d", ">g"]);
        check(
            "SC2261",
            "a >b 2>c <d; a >b && c >d; a {x}>b {y}>c; a <>b <c",
            &[],
        );
    }

    #[test]
    fn where_one_follows_another_none_does() {
        check(
            "SC2261",
            "a >b 2>&1 >c; a >&2 >b; a >b >&-; a >b >c 3>&1",
            &[],
        );
        check("SC2261", "a >&b >c", &[">c"]);
        check("SC2260", "a >b 2>&1 | c; a >&2 | b", &[]);
    }

    #[test]
    fn a_file_takes_what_was_for_the_pipe() {
        check(
            "SC2260",
            "a >b | c; { a; } >>b | c; a | b &>c | d",
            &[">b", ">>b", ">c"],
        );
        check("SC2260", "a 2>b | c; a | b >c; a 3>b | c", &[]);
        check(
            "SC2259",
            "a | b <c; a | while b; do c; done <d",
            &["<c", "<d"],
        );
        check("SC2259", "a <b | c; a | b 3<c", &[]);
    }
}
