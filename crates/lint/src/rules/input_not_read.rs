//! A program is given something to read, and reads nothing.

use std::borrow::Cow;

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::{Command, Joint, RedirectOp, Redirection, Simple, Word};

use crate::calls::base;
use crate::facts::Facts;
use crate::programs::{Bits, Programs};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "input-not-read",
    codes: &["SC2216", "SC2217"],
    severity: Severity::Warning,
    by_default: true,
    why: "A pipe gives the output of one program to the next to read. This one reads nothing: both run at the same time, and whether the first fails is lost. To run one after the other, write `&&`.",
    bad: "FROM debian:12\nRUN mkdir /srv/data | chown www-data /srv/data\n",
    good: "FROM debian:12\nRUN mkdir /srv/data && chown www-data /srv/data\n",
    when: When::Names(FIRST),
    check,
};

/// What reads nothing but what its words name.
#[rustfmt::skip]
const NAMES: Programs = programs![
    "alias", "basename", "bg", "cal", "cd", "chgrp", "chmod", "chown", "cp", "du", "echo", "export",
    "fg", "fuser", "getopts", "jobs", "kill", "ln", "locale", "ls", "mv", "printf", "ps", "pwd",
    "renice", "rm", "rmdir", "set", "sleep", "touch", "trap", "ulimit", "unalias", "uname",
];

/// What stands before another program, and reads what that reads.
const BEFORE: Programs = programs!["builtin", "busybox", "command", "exec"];

/// Those that a command may start with.
const FIRST: Bits = NAMES.bits.and(BEFORE.bits);

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        let script = checked.script;
        // Most give their programs nothing.
        let gives = script.redirections().any(is_given);
        if !script.may_pipe() && !gives {
            continue;
        }
        let simple = checked.run.simple.iter();
        for single in simple.filter(|it| it.may_be.meet(FIRST)) {
            let command = single.simple.command();
            let file = gives.then(|| command.redirections().find(|it| is_given(*it)));
            let (file, piped) = (file.flatten(), command.joint().is_pipe());
            // Where both are there, the file is read in place of the pipe.
            if piped == file.is_some() {
                continue;
            }
            let Some(name) = idle(single.simple, piped) else {
                continue;
            };
            let range = single.simple.range();
            if let Some(file) = file {
                let message = ["`", &*name, "` does not read what it is given"].concat();
                let report = found.shell(&checked, "SC2217", range, message);
                report.label(checked.source(file.range()), "for nobody");
                continue;
            }
            let message = ["`", &*name, "` reads nothing from the pipe"].concat();
            let report = found.shell(&checked, "SC2216", range, message);
            if let Some(pipe) = command.pipe().filter(|_| command.joint() == Joint::Pipe) {
                let range = checked.source(pipe);
                report.fix(
                    Applicability::Unsafe,
                    "run it behind the other",
                    range,
                    "&&",
                );
            }
        }
    }
}

/// Whether a program is given something to read.
fn is_given(redirection: Redirection<'_>) -> bool {
    let reads = matches!(redirection.op(), RedirectOp::Read | RedirectOp::HereString);
    reads && redirection.descriptor() == Some(0)
}

/// The name of a simple command that reads nothing, neither from a pipe, if it is `piped`, nor from
/// a file.
fn idle(simple: Simple<'_>, piped: bool) -> Option<Cow<'_, str>> {
    let mut words = simple.words();
    let mut name = words.next()?.as_static()?;
    if is(BEFORE, &name) {
        name = words.next()?.as_static()?;
    }
    if !is(NAMES, &name) {
        return None;
    }
    // What is substituted may read in its place.
    if simple.substitutes() {
        return None;
    }
    let asks = match base(&name) {
        "cp" | "mv" | "rm" => words.map_while(option).any(|it| asks(&it)),
        "du" => piped && words.any(|word| word.text().starts_with("--files0-from")),
        _ => false,
    };
    (!asks).then(|| match name {
        Cow::Borrowed(name) => base(name).into(),
        Cow::Owned(name) => base(&name).to_owned().into(),
    })
}

fn is(programs: Programs, name: &str) -> bool {
    let name = base(name);
    programs.has(Bits::of(name), name)
}

/// The text of a word in front of `--`; empty where nobody knows it.
fn option(word: Word<'_>) -> Option<Cow<'_, str>> {
    let text = word.as_static().unwrap_or_default();
    (text != "--").then_some(text)
}

/// Whether an option makes a program ask before it does something.
fn asks(text: &str) -> bool {
    match text.strip_prefix("--") {
        Some(long) => long.starts_with("interactive"),
        None => text
            .strip_prefix('-')
            .is_some_and(|short| short.contains('i')),
    }
}

/// Whether nothing reads what goes through the pipe before a command.
pub(super) fn is_idle(command: Command<'_>) -> bool {
    command
        .simple()
        .is_some_and(|simple| idle(simple, true).is_some())
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, marked};
    use crate::{NoBases, Profile};

    #[track_caller]
    fn check(code: &str, command: &str, expected: &[&str]) {
        assert_eq!(marked(code, command), expected, "{command}");
    }

    #[test]
    fn a_pipe_is_for_what_reads() {
        check(
            "SC2216",
            "a | rm b; a | /bin/ls |& c | cd d",
            &["rm b", "/bin/ls", "cd d"],
        );
        check(
            "SC2216",
            "a | command rm b | exec cp c d",
            &["command rm b", "exec cp c d"],
        );
        check(
            "SC2216",
            "a | cat; a | (rm b); a | sudo rm b; rm b | a; a | mkdir b; a | xargs rm; a | du --files0-from=-",
            &[],
        );
    }

    #[test]
    fn so_is_a_file() {
        check("SC2217", "rm a <b; ls 0<c d", &["rm a <b", "ls 0<c d"]);
        check(
            "SC2217",
            "cat <a; rm b 3<c; rm a <&3; { rm a; } <b; a | rm b <c",
            &[],
        );
    }

    #[test]
    fn who_asks_reads_the_answer() {
        check(
            "SC2216",
            "a | rm -i b; a | cp -ri b c; a | mv --interactive b c",
            &[],
        );
        check("SC2216", "a | rm -- -i; a | ls -i", &["rm -- -i", "ls -i"]);
        check(
            "SC2216",
            "a | echo \"b$(cat)\"; a | echo `cat`; a | x=$(b) rm",
            &[],
        );
    }

    #[test]
    fn the_other_runs_before_it() {
        let source = "FROM debian:12\nRUN a \\\n  | rm b\n";
        let found = findings(source, Profile::Default, &NoBases);
        // That the pipe hides a failure is no fault of its own then.
        let rules: Vec<_> = found.iter().map(|it| it.rule).collect();
        assert_eq!(rules, ["input-not-read"]);
        let edit = &found[0].fixes.iter().next().unwrap().edits[0];
        assert_eq!(stagecraft_text::slice(source, edit.range), "|");
    }
}
