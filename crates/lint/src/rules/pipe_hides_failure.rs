//! A pipe hides that its first command failed.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::Dialect;

use stagecraft_syntax::Keyword;
use stagecraft_text::{TextRange, has_part};

use super::input_not_read::is_idle;
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "pipe-hides-failure",
    codes: &["DL4006"],
    severity: Severity::Warning,
    by_default: true,
    why: "A shell takes a pipeline for good when its last command is. A download that fails in the middle goes on to the next step.",
    bad: "FROM debian:12\nRUN wget -O - https://example.com/a | sh\n",
    good: "FROM debian:12\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN wget -O - https://example.com/a | sh\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in facts.runs.iter().filter(|run| !run.onbuild) {
        let Some(script) = run.script else {
            continue;
        };
        // Most have none.
        if !script.may_pipe() {
            continue;
        }
        let Some(pipe) = script.commands().find(|command| command.joint().is_pipe()) else {
            continue;
        };
        if script.dialect() == Dialect::Opaque {
            continue;
        }
        let strings = run.shell.as_deref().unwrap_or_default();
        let ours =
            !strings.is_empty() && covers(&strings.iter().map(String::as_str).collect::<Vec<_>>());
        // hadolint does not know that a stage keeps the shell of the one that it starts from.
        let theirs = covers(&facts.own_shell(run.item).unwrap_or_default());
        if ours && theirs {
            continue;
        }
        let range = pipe.source_range();
        let report = found.report(
            run.instruction,
            range,
            "this pipe hides a failure of what is before it",
        );
        // `set -o pipefail` in the script itself does as well.
        let sets = run
            .calls_of(programs!["set"])
            .any(|call| call.has("pipefail"));
        // Where nothing reads, the pipe is no pipe that is meant.
        let mut pipes = script.commands().filter(|it| it.joint().is_pipe());
        let idle = is_idle(pipe) && pipes.all(is_idle);
        if ours || sets || idle || run.foreign {
            report.elsewhere(&["DL4006"]);
            continue;
        }
        // Which shell there is depends on the base.
        let image = facts.root_image(run.stage);
        let small = image.is_none_or(|it| {
            it.official() == Some("alpine") || it.tag().is_some_and(|tag| has_part(tag, "alpine"))
        });
        let shell = if small {
            "/bin/ash\", \"-eo"
        } else {
            "/bin/bash\", \"-o"
        };
        report.fix(
            Applicability::Unsafe,
            "have the shell notice it",
            TextRange::empty(run.instruction.range.start()),
            ["SHELL [\"", shell, "\", \"pipefail\", \"-c\"]\n"].concat(),
        );
    }
}

/// Whether SHELL sets pipefail in a shell that knows it.
fn covers(shell: &[&str]) -> bool {
    let Some((program, options)) = shell.split_first() else {
        return false;
    };
    let name = program.rsplit('/').next().unwrap_or_default();
    let knows = matches!(name, "bash" | "zsh" | "ash");
    let sets = options.windows(2).any(|pair| {
        let [flag, value] = pair else {
            return false;
        };
        flag.starts_with('-') && flag.ends_with('o') && *value == "pipefail"
    });
    knows && sets
}
