//! A variable that nothing reads.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::PartKinds;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::{Checked, SETTING, kept};

pub(super) const RULE: Rule = Rule {
    name: "unused-variable",
    codes: &["SC2034"],
    severity: Severity::Warning,
    by_default: false,
    why: "What a shell sets without export ends with its RUN, and no program sees it: where the script does not read it either, it does nothing. Often the name is misspelt, or export is missing.",
    bad: "FROM debian:12\nRUN GOFLAGS=-mod=vendor; go build ./...\n",
    good: "FROM debian:12\nRUN export GOFLAGS=-mod=vendor; go build ./...\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let checked = facts.checked().filter(sets_any);
    for checked in checked.filter(|it| !is_all_read(it)) {
        let usage = checked.usage();
        for (name, range) in usage.set.iter() {
            let used = usage.read.has(name)
                || usage.handed.has(name)
                || facts.is_exported(checked.run, name);
            if !used && !name.starts_with('_') && !is_of_shell(name) {
                let message = ["nothing reads ", name].concat();
                found.shell(&checked, "SC2034", range, message);
            }
        }
    }
}

/// Whether it may set a variable at all.
fn sets_any(checked: &Checked<'_, '_>) -> bool {
    let script = checked.script;
    let assigns = || script.assignments().next().is_some();
    let may_loop = || {
        let text = script.text();
        script.has_compound() && (text.contains("for ") || text.contains("(("))
    };
    let mut redirections = script.redirections();
    assigns()
        || checked.calls(SETTING)
        || may_loop()
        || script.has_any(PartKinds::ARITHMETIC)
        || script.assigns_or_redirects() && redirections.any(|it| it.text().starts_with('{'))
}

/// Whether something reads all that it sets, at a glance: mostly it is said right before.
fn is_all_read(checked: &Checked<'_, '_>) -> bool {
    const FEW: usize = 8;
    let script = checked.script;
    let is_read = |name: &str| {
        let mut parts = script.parts_of(PartKinds::PARAMETERS);
        parts.any(|part| part.parameter().is_some_and(|it| it.name() == name))
    };
    let by_other_ways = checked.calls(programs!["let"])
        || script.has_any(PartKinds::ARITHMETIC)
        || script.has_compound() && script.text().contains("((")
        || script.redirections().any(|it| it.text().starts_with('{'));
    if by_other_ways {
        return false;
    }
    let mut names = kept(script, checked.run.simple);
    let mut few = names.by_ref().take(FEW);
    few.all(|name| is_of_shell(name) || is_read(name)) && names.next().is_none()
}

/// Whether shells or what they start read it.
fn is_of_shell(name: &str) -> bool {
    matches!(
        name,
        "" | "CDPATH"
            | "COLUMNS"
            | "EDITOR"
            | "ENV"
            | "FCEDIT"
            | "FIGNORE"
            | "HISTFILE"
            | "HISTSIZE"
            | "HOME"
            | "HOSTNAME"
            | "IFS"
            | "LANG"
            | "LINENO"
            | "LINES"
            | "MAIL"
            | "MAILCHECK"
            | "MAILPATH"
            | "OLDPWD"
            | "OPTARG"
            | "OPTERR"
            | "OPTIND"
            | "PATH"
            | "PPID"
            | "PROMPT_COMMAND"
            | "PS1"
            | "PS2"
            | "PS3"
            | "PS4"
            | "PWD"
            | "RANDOM"
            | "REPLY"
            | "SECONDS"
            | "SHELL"
            | "SHLVL"
            | "TERM"
            | "TMOUT"
            | "TMPDIR"
            | "USER"
            | "VISUAL"
    ) || name.starts_with("LC_")
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2034", command), expected, "{command}");
    }

    #[test]
    fn what_is_set_and_not_read_counts_where_it_is_set_last() {
        check("a=1; b", &["a"]);
        check("A=1 && b; (c=2); read d", &["A", "c", "d"]);
        check("for a in b c; do d; done", &["for"]);
        check("a=1; b \\$a '$a'", &["a"]);
        check("printf -v a b; printf -- -v c; read -r d; e $d", &["a"]);
        check("for a in b; do for c in d; do e $a; done; done", &["for"]);
        check("a=1; b=2; c=3 d $a", &["b"]);
    }

    #[test]
    fn whatever_reads_it_or_hands_it_on_will_do() {
        for command in [
            "a=1; b $a",
            "a=1 b",
            "export a=1",
            "a=1; export a",
            "a=1; b $((a + 1))",
            "a+=1",
            "_a=1",
            "PATH=a; LC_ALL=C; IFS=:",
        ] {
            check(command, &[]);
        }
    }
}
