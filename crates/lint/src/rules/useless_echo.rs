//! echo prints what a command prints, or prints what could stand there itself.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Part, PartKind, PartKinds, Simple, Word};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "useless-echo",
    codes: &["SC2005", "SC2116"],
    severity: Severity::Hint,
    by_default: false,
    why: "echo around a command prints what the command prints by itself, only with its blanks changed. A command around echo gives the words that could stand there without both.",
    bad: "FROM debian:12\nRUN echo \"$(date)\" > /built\n",
    good: "FROM debian:12\nRUN date > /built\n",
    when: When::calls(programs!["echo"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_with(programs!["echo"]) {
        if !checked.script.has_any(PartKinds::COMMAND_SUBSTITUTION) {
            continue;
        }
        for simple in checked.run.simple_of(programs!["echo"]) {
            if let Some(word) = only_argument(simple).filter(|word| is_one_command(*word)) {
                let message = "the command prints this without echo";
                found.shell(&checked, "SC2005", word.range(), message);
            }
        }
        for part in checked
            .script
            .expansions()
            .filter(|part| only_echoes(*part))
        {
            let message = "this can stand here without echo";
            found.shell(&checked, "SC2116", part.range(), message);
        }
    }
}

fn is_echo(simple: Simple<'_>) -> bool {
    simple.name().is_some_and(|name| name.text() == "echo")
}

fn only_argument(simple: Simple<'_>) -> Option<Word<'_>> {
    let mut words = simple.arguments();
    let word = words.next()?;
    (is_echo(simple) && words.next().is_none()).then_some(word)
}

/// Whether a command's output is all of a word.
fn is_one_command(word: Word<'_>) -> bool {
    let mut parts = word.parts();
    let (Some(mut part), None) = (parts.next(), parts.next()) else {
        return false;
    };
    if part.kind() == PartKind::DoubleQuoted {
        let mut inner = part.parts();
        let (Some(only), None) = (inner.next(), inner.next()) else {
            return false;
        };
        part = only;
    }
    let Some(list) = part
        .list()
        .filter(|_| part.kind() == PartKind::CommandSubstitution)
    else {
        return false;
    };
    let mut commands = list.commands();
    let one = commands
        .next()
        .is_some_and(|it| it.simple().is_some_and(|it| it.name().is_some()));
    one && commands.all(|it| it.joint().is_pipe())
}

/// Whether a substitution is an echo of plain words.
fn only_echoes(part: Part<'_>) -> bool {
    let Some(list) = part
        .list()
        .filter(|_| part.kind() == PartKind::CommandSubstitution)
    else {
        return false;
    };
    let mut commands = list.commands();
    let (Some(only), None) = (commands.next(), commands.next()) else {
        return false;
    };
    let Some(simple) = only.simple().filter(|it| is_echo(*it)) else {
        return false;
    };
    let plain = |word: Word<'_>| {
        !word.text().starts_with('-')
            && !word.has_glob()
            && word.parts().all(|part| part.kind() != PartKind::Brace)
    };
    let mut words = simple.arguments().peekable();
    words.peek().is_some() && words.all(plain) && simple.redirections().next().is_none()
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn a_word_that_is_all_output_counts() {
        let command = "echo $(a); echo \"$(b)\"; echo `c`; echo $(d | e)";
        assert_eq!(
            marked("SC2005", command),
            ["$(a)", "\"$(b)\"", "`c`", "$(d | e)"]
        );
        let command = "echo x$(a); echo $(b) c; echo $(d; e); echo -n $(f); printf $(g)";
        assert_eq!(marked("SC2005", command), [""; 0]);
    }

    #[test]
    fn an_echo_that_is_all_of_a_substitution_counts() {
        let command = "x=$(echo $a); y=\"b $(echo c d)\"";
        assert_eq!(marked("SC2116", command), ["$(echo $a)", "$(echo c d)"]);
        let command = "x=$(echo a | b); y=$(echo -e c); z=$(echo d*)";
        assert_eq!(marked("SC2116", command), [""; 0]);
    }
}
