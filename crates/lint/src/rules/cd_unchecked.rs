//! A folder is changed to, and what follows runs whether that worked or not.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::{Command, CommandKind, Context, Simple};
use stagecraft_text::TextRange;

use crate::facts::{Facts, RunFacts};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::{is_errexit, sets_errexit};

pub(super) const RULE: Rule = Rule {
    name: "cd-unchecked",
    codes: &["SC2164", "SC2103"],
    severity: Severity::Warning,
    by_default: true,
    why: "Where the folder is missing, cd fails, and the commands behind it do their work in another place: rm -rf * there removes what was not meant.",
    bad: "FROM debian:12\nRUN cd /opt/app; rm -rf *\n",
    good: "FROM debian:12\nRUN cd /opt/app && rm -rf ./*\n",
    when: When::calls(programs!["cd", "pushd", "popd"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    const NAMES: Programs = programs!["cd", "pushd", "popd"];
    for checked in facts.checked_with(NAMES) {
        if is_every_one_depended_on(checked.run) || sets_errexit(checked.run) {
            continue;
        }
        let options = checked.run.shell.as_deref().unwrap_or_default();
        let ends = options.iter().skip(1).any(|word| is_errexit(word));
        // The lists in which a folder was changed to.
        let mut left: Vec<TextRange> = Vec::new();
        for (simple, context) in checked.script.simple_commands() {
            if let Some((list, back)) = own_list(simple, context) {
                if !back {
                    left.push(list);
                } else if left.contains(&list) {
                    // hadolint would have a subshell there, where nothing has to lead back.
                    let message = "a subshell would leave the folder by itself";
                    let report = found.shell(&checked, "SC2103", simple.range(), message);
                    report.elsewhere(&["SC2103"]);
                }
            }
            let Some(range) = changes(simple) else {
                continue;
            };
            let around = simple.command().enclosing();
            let depends = context.in_condition || context.after.is_some();
            if depends || around.into_iter().any(is_depended_on) {
                continue;
            }
            let message = "what follows runs even where this folder cannot be entered";
            let report = found.shell(&checked, "SC2164", range, message);
            if ends || nothing_follows(simple) {
                report.elsewhere(&["SC2164"]);
            } else if context.pipeline.count == 1 && !context.negated {
                let end = TextRange::empty(checked.source(range).end());
                report.fix(Applicability::Unsafe, "end where it fails", end, " || exit");
            }
        }
    }
}

/// Whether `&&` or `||` stands behind all that may change the folder, at a glance: in most commands
/// it does.
fn is_every_one_depended_on(run: &RunFacts<'_>) -> bool {
    const FEW: usize = 8;
    const MAY_CHANGE: Programs = programs!["builtin", "cd", "command", "popd", "pushd"];
    let mut all = run.simple_of(MAY_CHANGE);
    let mut few = all.by_ref().take(FEW);
    few.all(|simple| is_depended_on(simple.command())) && all.next().is_none()
}

/// The list of a `cd` that stands there by itself, and whether it leads back to where it was.
fn own_list(simple: Simple<'_>, context: Context) -> Option<(TextRange, bool)> {
    let command = simple.command();
    let alone = context.pipeline.count == 1 && !context.negated && !command.joint().is_chain();
    if !alone || context.in_condition || is_depended_on(command) {
        return None;
    }
    let mut words = simple.words();
    words.next().filter(|name| name.text() == "cd")?;
    let to = words.next().and_then(|to| to.as_static());
    let back = to.is_some_and(|to| matches!(&*to, ".." | "-")) && words.next().is_none();
    Some((command.list()?.range(), back))
}

/// The range of a command that changes the folder and may fail.
fn changes(simple: Simple<'_>) -> Option<TextRange> {
    let mut words = simple.words();
    let mut name = words.next()?.as_static()?;
    if matches!(&*name, "builtin" | "command") {
        name = words.next()?.as_static()?;
    }
    let target = words.next();
    let changes = match &*name {
        "cd" => !target
            .and_then(|word| word.as_static())
            .is_some_and(|it| is_there(&it)),
        "pushd" => target.is_some_and(|word| word.text() != "-n"),
        "popd" => target.is_none_or(|word| word.text() != "-n"),
        _ => false,
    };
    changes.then(|| simple.range())
}

/// Whether the folder always is there: the root, and what is above.
fn is_there(path: &str) -> bool {
    path.split('/').all(|name| matches!(name, "" | "." | ".."))
}

/// Whether `&&` or `||` stands behind its pipeline.
fn is_depended_on(command: Command<'_>) -> bool {
    let mut behind = std::iter::successors(command.next(), Command::next);
    let next = behind.find(|it| !it.joint().is_pipe());
    next.is_some_and(|it| it.joint().is_chain())
}

/// Whether it is the last command of the script or of a subshell: nothing depends on it.
fn nothing_follows(simple: Simple<'_>) -> bool {
    let command = simple.command();
    let around = command.list().and_then(|list| list.owner());
    let apart = around.is_none_or(|owner| owner.kind() == CommandKind::Subshell);
    apart && command.next().is_none()
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2164", command), expected, "{command}");
    }

    #[test]
    fn it_is_about_what_nothing_depends_on() {
        check("cd a; b", &["cd a"]);
        check("cd a && b", &[]);
        check("cd a || exit 1; b", &[]);
        check(
            "(cd a; b) && c; { cd d; e; } || f; g && (cd h; i)",
            &["cd h"],
        );
        check("if cd a; then b; fi; while cd c; do d; done", &[]);
        check(
            "b && cd a; c; (cd d; e); f() { cd g; h; }",
            &["cd a", "cd d", "cd g"],
        );
        check("pushd a; popd", &["pushd a", "popd"]);
        check("command cd a; b", &["command cd a"]);
    }

    #[test]
    fn hadolint_has_another_code_for_what_leads_back() {
        let back = |command: &str, expected: &[&str]| {
            assert_eq!(marked("SC2103", command), expected, "{command}");
        };
        back("cd a; b; cd ..", &["cd .."]);
        back("cd a; b; cd \"..\"; c", &["cd \"..\""]);
        back("cd a; cd b && c; d; cd -", &["cd -"]);
        back("(cd a; b; cd ..)", &["cd .."]);
        back("cd a; b; cd ../..", &[]);
        back("cd a; b; cd .. c", &[]);
        back("cd a && b; cd ..", &[]);
        back("cd a; b && cd ..", &[]);
        back("cd a; (b; cd ..)", &[]);
    }

    #[test]
    fn some_folders_are_always_there() {
        check("cd /; cd ..; cd .; cd ../..; cd '/'", &[]);
        check(
            "cd; a; cd -; a; cd ~; a; cd ../b; a",
            &["cd", "cd -", "cd ~", "cd ../b"],
        );
    }

    #[test]
    fn a_shell_that_ends_at_failures_needs_no_care() {
        check("set -e; cd a; b", &[]);
        check("set -ux -e; cd a; b", &[]);
        check("set -o errexit; cd a; b", &[]);
        check("set -o pipefail; cd a; b", &["cd a"]);
        check("set -- -e; cd a; b", &["cd a"]);
    }
}
