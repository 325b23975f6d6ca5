//! A command's output without quotes, which a shell splits.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::{Part, PartKinds};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::splits;

pub(super) const RULE: Rule = Rule {
    name: "unquoted-command",
    codes: &["SC2046"],
    severity: Severity::Warning,
    by_default: false,
    why: "A shell splits the output of an unquoted command at its blanks and takes each piece for a pattern of file names.",
    bad: "FROM debian:12\nRUN cp $(which python3) /opt/\n",
    good: "FROM debian:12\nRUN cp \"$(which python3)\" /opt/\n",
    when: When::parts(PartKinds::COMMAND_SUBSTITUTION),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let substitutions = PartKinds::COMMAND_SUBSTITUTION;
    for checked in facts.checked_having(substitutions) {
        for part in checked.script.parts_of(substitutions) {
            if part.is_quoted()
                || !part
                    .word()
                    .is_some_and(|word| splits(word, checked.shell()))
                || is_meant(part)
            {
                continue;
            }
            let message = "the output of this command is split at its blanks";
            let report = found.shell(&checked, "SC2046", part.range(), message);
            if checked.can_quote() {
                let quoted = ["\"", checked.written(part.range()), "\""].concat();
                report.fix(
                    Applicability::Unsafe,
                    "quote it",
                    part.source_range(),
                    quoted,
                );
            }
        }
    }
}

/// Whether it prints nothing, or numbers that are meant to be split.
fn is_meant(part: Part<'_>) -> bool {
    let mut commands = part.list().into_iter().flat_map(|list| list.commands());
    let only = match (commands.next(), commands.next()) {
        (None, _) => return true,
        (Some(only), None) => only,
        _ => return false,
    };
    if only
        .redirections()
        .any(|it| it.op().writes() && it.descriptor().is_none_or(|it| it == 1))
    {
        return true;
    }
    let name = only.simple().and_then(|simple| simple.name());
    let name = name.and_then(|name| name.as_static());
    name.is_some_and(|name| matches!(&*name, "seq" | "pgrep"))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2046", command), expected, "{command}");
    }

    #[test]
    fn it_is_about_words_that_a_shell_splits() {
        check("a $(b) x$(c)y `d` >$(e)", &["$(b)", "$(c)", "`d`", "$(e)"]);
        check("a \"$(b)\"; x=$(c); $(d) e; for i in $(f); do :; done", &[]);
        check("export a=$(b)", &["$(b)"]);
        check("a \"$(b $(c))\"", &["$(c)"]);
        check("a ${b:-$(c)}", &[]);
    }

    #[test]
    fn numbers_may_be_split() {
        check("a $(seq 3) $(pgrep b) $(nproc)", &["$(nproc)"]);
    }
}
