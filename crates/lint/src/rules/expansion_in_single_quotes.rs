//! A variable or a command in single quotes, where it stands for itself.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Part, PartKind, PartKinds};

use crate::calls::has_byte;
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::command_of;

pub(super) const RULE: Rule = Rule {
    name: "expansion-in-single-quotes",
    codes: &["SC2016"],
    severity: Severity::Info,
    by_default: false,
    why: "Nothing is expanded in single quotes: what is written there is what the program gets.",
    bad: "FROM debian:12\nRUN echo 'built on $TARGETPLATFORM' > /about\n",
    good: "FROM debian:12\nRUN echo \"built on $TARGETPLATFORM\" > /about\n",
    when: When::parts(QUOTED),
    check,
};

const QUOTED: PartKinds = PartKinds::of(&[PartKind::SingleQuoted]);

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_having(QUOTED) {
        for part in checked.script.parts_of(QUOTED) {
            if expands(part.text()) && !is_meant(part) {
                let message = "nothing is expanded in single quotes";
                found.shell(&checked, "SC2016", part.range(), message);
            }
        }
    }
}

/// Whether it would be more than text without the quotes.
fn expands(text: &str) -> bool {
    // Some are long: scripts for other programs.
    if !has_byte(text, b'$') && !has_byte(text, b'`') {
        return false;
    }
    let starts = |rest: &[u8]| {
        let first = rest.first();
        first.is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'{' | b'('))
    };
    let bytes = text.as_bytes();
    let mut parts = bytes.split(|byte| *byte == b'`').skip(1);
    // Something stands between the first two.
    let between = parts.next().is_some_and(|part| !part.is_empty()) && parts.next().is_some();
    between || bytes.split(|byte| *byte == b'$').skip(1).any(starts)
}

/// Whether what reads it gives `$` a meaning of its own.
fn is_meant(part: Part<'_>) -> bool {
    let Some(word) = part.word() else {
        return false;
    };
    if let Some(assignment) = word.assigned_by() {
        let name = assignment.name();
        return matches!(name, "PS1" | "PS2" | "PS3" | "PS4" | "PROMPT_COMMAND");
    }
    let Some(name) = command_of(word) else {
        return false;
    };
    let words = || {
        word.simple()
            .into_iter()
            .flat_map(|simple| simple.arguments())
    };
    let has = |wanted: &str| words().any(|it| it.text() == wanted);
    match name.as_str() {
        "alias" | "bash" | "docker" | "dpkg-query" | "eval" | "jq" | "ksh" | "mumps" | "oc"
        | "podman" | "rename" | "rg" | "sh" | "ssh" | "sudo" | "trap" | "unset" | "xprop"
        | "zsh" => name != "oc",
        "git" => has("filter-branch"),
        // The shell that it starts for each file.
        "find" | "exec" | "command" | "time" => words().any(|it| {
            let base = it.text().rsplit('/').next().unwrap_or_default();
            matches!(base, "sh" | "bash" | "ksh" | "zsh")
        }),
        "busybox" => has("awk") || has("sh"),
        "sed" => !expands(&without_addresses(part.text())),
        other => other.ends_with("awk") || other.starts_with("perl"),
    }
}

/// What is left of a script for sed without the last line's address before a command.
fn without_addresses(text: &str) -> String {
    let mut left = String::new();
    for (at, piece) in text.split('$').enumerate() {
        let mut letters = piece.chars();
        let command = letters.next().is_some_and(|c| "{dpsaic".contains(c));
        let alone = letters.next().is_none_or(|c| !c.is_ascii_alphabetic());
        if at > 0 && !(command && alone) {
            left.push('$');
        }
        left.push_str(piece);
    }
    left
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2016", command), expected, "{command}");
    }

    #[test]
    fn only_what_would_be_expanded_counts() {
        check(
            "a '$b' '${c}' '$(d)' '`e`' 'x $1'",
            &["'$b'", "'${c}'", "'$(d)'", "'`e`'", "'x $1'"],
        );
        check("a '$' '$ b' 'c$' '$?' '$@' '`' '``' '$.d'", &[]);
        check(
            "a=b'$c'; export d='$e'; [ '$f' = g ]",
            &["'$c'", "'$e'", "'$f'"],
        );
    }

    #[test]
    fn programs_with_variables_of_their_own_are_left_alone() {
        check(
            "awk '{print $1}'; perl -e '$a'; sh -c 'b $c'; /bin/sh -c '$d'",
            &[],
        );
        check(
            "sudo a '$b'; trap 'a $b' 0; dpkg-query -f '${Version}'; eval '$c'",
            &[],
        );
        check("find . -exec sh -c 'a $1' \\;; PS1='$a'", &[]);
        check("find . -name '$a'; su -c 'b $c'", &["'$a'", "'b $c'"]);
    }

    #[test]
    fn the_last_line_of_sed_is_no_variable() {
        check("sed '$d'; sed '$a b'; sed '$s/c/d/'; sed 's/e$/f/'", &[]);
        check(
            "sed 's/a/$b/'; sed 's/a/${s}/'; sed '$q'",
            &["'s/a/$b/'", "'s/a/${s}/'", "'$q'"],
        );
    }
}
