//! A command needs a shell, and the image has none.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, Role, StageId};
use stagecraft_syntax::{Form, Keyword, Kind};
use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "shell-missing",
    codes: &[],
    severity: Severity::Error,
    by_default: true,
    why: "A command that is no array is handed to `/bin/sh`. An image from scratch, or a distroless one, has no such file, and the command fails.",
    bad: "FROM scratch\nCOPY app /app\nCMD /app --quiet\n",
    good: "FROM scratch\nCOPY app /app\nCMD [\"/app\", \"--quiet\"]\n",
    when: When::Always,
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut stages = facts.model.stages().iter();
    if !stages.any(|stage| has_no_shell(&stage.base)) {
        return;
    }
    // Stages into which something was put that may be a whole system.
    let mut filled: BTreeSet<StageId> = BTreeSet::new();
    for item in &facts.items {
        let instruction = item.instruction;
        let Some(stage) = item.stage.filter(|_| !item.onbuild) else {
            continue;
        };
        match instruction.keyword {
            Keyword::From => {
                let base = facts.model.stage(stage).map(|stage| &stage.base);
                if matches!(base, Some(Base::Stage(id)) if filled.contains(id)) {
                    filled.insert(stage);
                }
            }
            Keyword::Copy | Keyword::Add => {
                let words = item
                    .command()
                    .map(|it| facts.model.words(it))
                    .unwrap_or_default();
                let to = words.iter().rfind(|word| word.role == Role::Argument);
                let to = to.and_then(|to| Some(facts.model.text(facts.file, item.command()?, to)));
                let system = |to: &str| {
                    let to = to.trim_end_matches('/');
                    matches!(to, "" | "." | "/bin" | "/usr" | "/usr/bin")
                        || to.contains('$')
                        || to.ends_with("/sh")
                        || to.ends_with("busybox")
                };
                if to.is_none_or(system) {
                    filled.insert(stage);
                }
            }
            _ => {}
        }
        let asks = match (&instruction.kind, instruction.keyword) {
            (Kind::Healthcheck(check), _) => !check.none,
            (_, keyword) => matches!(keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint),
        };
        if !asks
            || instruction.form == Form::Json
            || instruction.rest.text.is_empty()
            || filled.contains(&stage)
            || facts.has_shell(item.stage)
        {
            continue;
        }
        let none = facts.root(item.stage).is_some_and(has_no_shell);
        if none {
            let word = instruction.keyword.name();
            found.report(
                instruction,
                instruction.name.range,
                format!("{word} needs a shell, and this image has none"),
            );
        }
    }
}

/// Whether there is no shell in what a stage starts from, as far as its name says.
fn has_no_shell(base: &Base) -> bool {
    match base {
        Base::Scratch => true,
        Base::Image(name) => {
            let bare = || name.split('@').next().unwrap_or(name);
            (name.starts_with("gcr.io/distroless/") || name.starts_with("scratch:"))
                && !bare().contains("debug")
        }
        _ => false,
    }
}
