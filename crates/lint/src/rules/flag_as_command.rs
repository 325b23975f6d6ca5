//! An option stands where a program is named.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Flag, Keyword};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::run_flags::is_known;

pub(super) const RULE: Rule = Rule {
    name: "flag-as-command",
    codes: &["SC2215"],
    severity: Severity::Warning,
    by_default: false,
    why: "What starts a command is the program that runs, and none is called like an option. Mostly the line above ends without a backslash, or a word is missing before it.",
    bad: "FROM debian:12\nRUN apt-get install curl && --yes\n",
    good: "FROM debian:12\nRUN apt-get install --yes curl\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    if facts.file.has_flags() {
        check_flags(facts, found);
    }
    if !facts.has_odd_names() {
        return;
    }
    for checked in facts.checked() {
        let flags = checked.run.simple.iter();
        for single in flags.filter(|it| it.name.starts_with('-')) {
            let Some(word) = single.simple.name() else {
                continue;
            };
            let bare = word.text().starts_with('-') && word.expansions().next().is_none();
            if bare && single.simple.assignments().next().is_none() {
                let message = "an option stands where a program is to be named";
                found.shell(&checked, "SC2215", word.range(), message);
            }
        }
    }
}

/// Flags of RUN that hadolint does not know are the command for it.
fn check_flags(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in facts.runs.iter().filter(|run| run.checked.is_some()) {
        let unknown = |flag: &&Flag| !is_known(facts.file.word(flag.name)) || flag.value.is_none();
        if let Some(flag) = facts.file.flags(run.instruction).iter().find(unknown) {
            let message = "hadolint takes this flag for a command";
            let report = found.report(run.instruction, flag.word.range, message);
            report.elsewhere(RULE.codes);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2215", command), expected, "{command}");
    }

    #[test]
    fn an_option_is_no_program() {
        check("-x; a && --foo b", &["-x", "--foo"]);
        check("if -y; then a; fi", &["-y"]);
        check("'-x' a; ./-x; sudo -x; -$a; A=b -x", &[]);
    }
}
