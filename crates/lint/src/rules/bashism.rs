//! What bash added, in a command that `/bin/sh` reads.

mod calls;

use std::cell::Cell;

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::StageId;
use stagecraft_shell::{
    Assignment, Command, CommandKind, Joint, Parameter, ParameterOp, Part, PartKind, PartKinds,
    RedirectOp, Redirection, TestItem, WordRole,
};
use stagecraft_syntax::Keyword;
use stagecraft_text::{TextRange, TextSize, size};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::{Checked, Shell};
use calls::{LOOKED_AT, called, tested};

pub(super) const RULE: Rule = Rule {
    name: "bashism",
    codes: &[
        "SC2112", "SC2113", "SC3001", "SC3002", "SC3003", "SC3004", "SC3005", "SC3006", "SC3007",
        "SC3008", "SC3009", "SC3010", "SC3011", "SC3012", "SC3014", "SC3015", "SC3016", "SC3018",
        "SC3019", "SC3020", "SC3021", "SC3022", "SC3024", "SC3025", "SC3026", "SC3028", "SC3029",
        "SC3030", "SC3032", "SC3033", "SC3034", "SC3036", "SC3037", "SC3038", "SC3039", "SC3040",
        "SC3041", "SC3043", "SC3044", "SC3045", "SC3046", "SC3047", "SC3048", "SC3050", "SC3052",
        "SC3053", "SC3054", "SC3056", "SC3057", "SC3059", "SC3060",
    ],
    severity: Severity::Warning,
    by_default: true,
    why: "RUN is read by /bin/sh, which is dash on Debian and Ubuntu, not bash. What only bash knows is an error there, or quietly does something else. SHELL can name bash, where it is installed.",
    bad: "FROM debian:12\nRUN mkdir -p /srv/{log,data}\n",
    good: "FROM debian:12\nRUN mkdir -p /srv/log /srv/data\n",
    when: When::has(&[Keyword::Run]),
    check,
};

/// Those that dash fails at, or does something else for.
const FAILS: [&str; 30] = [
    "SC2112", "SC2113", "SC3001", "SC3003", "SC3006", "SC3009", "SC3010", "SC3011", "SC3014",
    "SC3018", "SC3019", "SC3020", "SC3025", "SC3030", "SC3032", "SC3033", "SC3034", "SC3036",
    "SC3037", "SC3038", "SC3039", "SC3044", "SC3046", "SC3050", "SC3052", "SC3053", "SC3054",
    "SC3057", "SC3059", "SC3060",
];

/// The parts of words that may be only bash's.
const PARTS: PartKinds = PartKinds::of(&[
    PartKind::AnsiQuoted,
    PartKind::DoubleQuoted,
    PartKind::Arithmetic,
    PartKind::CommandSubstitution,
    PartKind::Brace,
    PartKind::ProcessSubstitution,
    PartKind::Glob,
    PartKind::Variable,
    PartKind::Parameter,
]);

/// Those of them that dash may fail at.
const FAILING_PARTS: PartKinds = PartKinds::of(&[
    PartKind::AnsiQuoted,
    PartKind::Arithmetic,
    PartKind::CommandSubstitution,
    PartKind::Brace,
    PartKind::ProcessSubstitution,
    PartKind::Parameter,
]);

/// What is said, and where.
type Say<'s> = dyn FnMut(&'static str, TextRange, &str) + 's;

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let parts = if facts.others { PARTS } else { FAILING_PARTS };
    // Of one stage it is the same for all.
    let dash: Cell<Option<(Option<StageId>, bool)>> = Cell::new(None);
    for checked in facts.checked().filter(|it| it.shell().is_plain()) {
        let script = checked.script;
        let is_read_by_dash = || match dash.get() {
            Some((stage, is_dash)) if stage == checked.run.stage => is_dash,
            _ => {
                let is_dash = checked.is_read_by_dash();
                dash.set(Some((checked.run.stage, is_dash)));
                is_dash
            }
        };
        let ours = || checked.ours.is_some_and(Shell::is_plain) && is_read_by_dash();
        let has_any = || {
            let mut simple = checked.run.simple.iter();
            script.has_any(parts)
                || script.has_compound()
                || script.assigns_or_redirects()
                || simple.any(|it| it.may_be.meet(LOOKED_AT))
        };
        let matters = facts.others || has_any() && ours();
        if !matters {
            continue;
        }
        let mut say = |code: &'static str, range: TextRange, what: &str| {
            let report = found.shell(&checked, code, range, ["only bash knows ", what].concat());
            // dash knows `echo -n`.
            let fails = FAILS.contains(&code) && script.slice(range) != "-n";
            if !fails || !ours() {
                report.elsewhere(&[code]);
            }
        };
        for part in script.parts_of(parts) {
            part_of(&checked, part, &mut say);
        }
        if script.pipes_both() {
            for command in script.commands() {
                if command.joint() == Joint::PipeBoth {
                    let start = TextRange::empty(command.range().start());
                    say("SC3029", command.pipe().unwrap_or(start), "`|&`");
                }
                compound(command, &mut say);
            }
        } else {
            for command in script.compounds() {
                compound(command, &mut say);
            }
        }
        let simple = checked.run.simple.iter();
        for single in simple.filter(|it| it.may_be.meet(LOOKED_AT)) {
            called(&checked, single, &mut say);
        }
        for redirection in script.redirections() {
            redirected(redirection, &mut say);
        }
        for assignment in script.assignments() {
            assigned(assignment, &mut say);
        }
        if facts.others && script.has_compound() {
            compared(&checked, found);
        }
    }
}

/// What stands in `[[`, which hadolint reports on top of that: one fault for us.
fn compared(checked: &Checked<'_, '_>, found: &mut Found<'_>) {
    let mut say = |code: &'static str, range: TextRange, what: &str| {
        let message = format!("only bash knows {what}");
        found
            .shell(checked, code, range, message)
            .elsewhere(&[code]);
    };
    for command in checked.script.compounds() {
        for item in command.test_items() {
            match item {
                TestItem::Word(word) => tested(word, &mut say),
                TestItem::Operator(range) if matches!(checked.script.slice(range), "<" | ">") => {
                    say("SC3012", range, "an order of texts in a test");
                }
                TestItem::Operator(_) => {}
            }
        }
    }
}

fn part_of(checked: &Checked<'_, '_>, part: Part<'_>, say: &mut Say<'_>) {
    let kind = part.kind();
    // Most are these, and of no use but for their names.
    if kind == PartKind::Variable {
        let name = part.text().get(1..).unwrap_or_default();
        let other = checked.shell() == Shell::Dash && is_array_of_bash(name);
        if is_variable_of_bash(name) && !other {
            named(checked, name, part.range(), say);
        }
        return;
    }
    let range = part.range();
    match kind {
        PartKind::AnsiQuoted => say("SC3003", range, "`$'...'`"),
        PartKind::DoubleQuoted if part.is_other_form() => say("SC3004", range, "`$\"...\"`"),
        PartKind::Arithmetic if part.is_other_form() => say("SC3007", range, "`$[...]`"),
        PartKind::Arithmetic => calculated(part.parts(), say),
        PartKind::CommandSubstitution if is_file_read(part) => {
            say("SC3034", range, "`$(<file)`");
        }
        PartKind::Brace => say("SC3009", range, "braces with a list"),
        PartKind::ProcessSubstitution => say("SC3001", range, "`<(...)`"),
        PartKind::Glob => {
            let text = part.text();
            let pattern = part.word().map(|word| word.role());
            if text.starts_with("[^") && pattern != Some(WordRole::ParameterOperand) {
                say("SC3026", range, "`^` in brackets");
            } else if text.contains('(') {
                say("SC3002", range, "patterns with parentheses");
            }
        }
        PartKind::Parameter => {
            if let Some(parameter) = part.parameter() {
                expanded(checked, parameter, say);
            }
        }
        _ => {}
    }
}

/// Whether it is the content of a file: a redirection without a command.
fn is_file_read(part: Part<'_>) -> bool {
    let mut commands = part.list().into_iter().flat_map(|list| list.commands());
    let only = commands.next().filter(|_| commands.next().is_none());
    let simple = only.and_then(|only| only.simple());
    simple.is_some_and(|simple| {
        let bare = simple.words().next().is_none() && simple.assignments().next().is_none();
        bare && simple.redirections().next().is_some()
    })
}

/// What is calculated, in its pieces.
fn calculated<'a>(parts: impl Iterator<Item = Part<'a>>, say: &mut Say<'_>) {
    for literal in parts.filter(|it| it.kind() == PartKind::Literal) {
        expression(literal.text(), literal.range().start(), say);
    }
}

fn expression(text: &str, start: TextSize, say: &mut Say<'_>) {
    let at = |place: usize| TextRange::at(start + size(place), 2.into());
    if let Some(place) = text.find("++").or_else(|| text.find("--")) {
        say("SC3018", at(place), "`++` and `--`");
    }
    if let Some(place) = text.find("**") {
        say("SC3019", at(place), "`**`");
    }
    let based = |(place, _): &(usize, &str)| {
        let before = text.get(..*place).unwrap_or_default();
        before.ends_with(|c: char| c.is_ascii_digit())
    };
    if let Some((place, _)) = text.match_indices('#').find(based) {
        let range = TextRange::at(start + size(place), 1.into());
        say("SC3052", range, "numbers with a base");
    }
}

fn expanded(checked: &Checked<'_, '_>, parameter: Parameter<'_>, say: &mut Say<'_>) {
    let range = parameter.part().range();
    if parameter.is_indirect() {
        say("SC3053", range, "`${!...}`");
    }
    match parameter.op() {
        ParameterOp::Names => say("SC3056", range, "names by their prefix"),
        ParameterOp::Substring => say("SC3057", range, "a part of a value by its place"),
        ParameterOp::UppercaseFirst
        | ParameterOp::Uppercase
        | ParameterOp::LowercaseFirst
        | ParameterOp::Lowercase => say("SC3059", range, "a change of case"),
        ParameterOp::Replace
        | ParameterOp::ReplaceAll
        | ParameterOp::ReplacePrefix
        | ParameterOp::ReplaceSuffix => say("SC3060", range, "a replacement in a value"),
        ParameterOp::Length => {}
        _ if parameter.subscript().is_some() => say("SC3054", range, "elements of arrays"),
        _ => {}
    }
    // Of an array, dash is told that it is one.
    let whole = parameter.subscript().is_none() && parameter.op() == ParameterOp::None;
    if !(whole && is_array_of_bash(parameter.name()) && checked.shell() == Shell::Dash) {
        named(checked, parameter.name(), range, say);
    }
}

fn named(checked: &Checked<'_, '_>, name: &str, range: TextRange, say: &mut Say<'_>) {
    if is_variable_of_bash(name) {
        let own = checked.script.assignments().any(|it| it.name() == name);
        if !own && !checked.facts.is_exported(checked.run, name) {
            say("SC3028", range, "this variable");
        }
    }
}

fn is_variable_of_bash(name: &str) -> bool {
    // Most names start with another letter.
    let first = name.as_bytes().first();
    let may_be = matches!(
        first,
        Some(b'B' | b'D'..=b'H' | b'M' | b'O' | b'P' | b'R'..=b'U')
    );
    may_be
        && matches!(
            name,
            "BASHPID"
                | "BASH_REMATCH"
                | "BASH_SOURCE"
                | "BASH_VERSINFO"
                | "DIRSTACK"
                | "EPOCHREALTIME"
                | "EPOCHSECONDS"
                | "EUID"
                | "FUNCNAME"
                | "GROUPS"
                | "HOSTNAME"
                | "HOSTTYPE"
                | "MACHTYPE"
                | "OSTYPE"
                | "PIPESTATUS"
                | "RANDOM"
                | "SECONDS"
                | "SHELLOPTS"
                | "SHLVL"
                | "UID"
        )
}

/// Whether such a variable is an array.
fn is_array_of_bash(name: &str) -> bool {
    matches!(
        name,
        "BASH_REMATCH"
            | "BASH_SOURCE"
            | "BASH_VERSINFO"
            | "DIRSTACK"
            | "FUNCNAME"
            | "GROUPS"
            | "PIPESTATUS"
    )
}

fn compound(command: Command<'_>, say: &mut Say<'_>) {
    let range = command.range();
    let start = |length: u32| TextRange::at(range.start(), length.into());
    match command.kind() {
        CommandKind::Test => say("SC3010", range, "`[[`"),
        CommandKind::Arithmetic => say("SC3006", range, "`((...))`"),
        CommandKind::ArithmeticFor => say("SC3005", start(4), "`for ((...))`"),
        CommandKind::Function => function(command, say),
        CommandKind::Select => say("SC3008", start(6), "`select`"),
        _ => {}
    }
    if matches!(
        command.kind(),
        CommandKind::Arithmetic | CommandKind::ArithmeticFor
    ) {
        calculated(command.words().flat_map(|word| word.parts()), say);
    }
}

/// A function with a keyword, or with a name that is none in POSIX.
fn function(command: Command<'_>, say: &mut Say<'_>) {
    let Some(name) = command.leading_word() else {
        return;
    };
    let start = command.range().start();
    if start < name.range().start() {
        let text = command.script().text();
        let behind = text.get(usize::from(name.range().end())..);
        let parentheses = behind.is_some_and(|it| it.trim_start().starts_with('('));
        let code = if parentheses { "SC2112" } else { "SC2113" };
        say(code, TextRange::at(start, 8.into()), "`function`");
    } else if has_any!(name.text(), b'-' | b'.' | b':' | b'+' | b'@' | b'/') {
        say("SC3033", name.range(), "this name of a function");
    }
}

fn redirected(redirection: Redirection<'_>, say: &mut Say<'_>) {
    let range = redirection.range();
    if redirection.text().starts_with('{') {
        say("SC3022", range, "descriptors with names");
    }
    let operator = |length: u32| TextRange::at(range.start(), length.into());
    if let Some(target) = redirection.target()
        && (target.text().starts_with("/dev/tcp/") || target.text().starts_with("/dev/udp/"))
    {
        say("SC3025", target.range(), "connections by such names");
    }
    match redirection.op() {
        RedirectOp::WriteBoth => say("SC3020", operator(2), "`&>`"),
        RedirectOp::HereString => say("SC3011", operator(3), "`<<<`"),
        RedirectOp::DuplicateOut if redirection.text().starts_with('>') => {
            let target = redirection.target().and_then(|word| word.as_static());
            let file =
                target.is_some_and(|it| it.starts_with(|c: char| c != '-' && !c.is_ascii_digit()));
            if file {
                say("SC3021", range, "`>&` before a file");
            }
        }
        _ => {}
    }
}

fn assigned(assignment: Assignment<'_>, say: &mut Say<'_>) {
    if assignment.is_append() {
        say("SC3024", assignment.name_range(), "`+=`");
    }
    if let Some(array) = assignment.array() {
        say("SC3030", array.range(), "arrays");
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{marked, marked_in};

    #[test]
    fn each_has_its_code() {
        for (code, command, place) in [
            ("SC3001", "a <(b)", "<(b)"),
            ("SC3003", "a $'b'", "$'b'"),
            ("SC3005", "for ((i=0;i<3;i++)); do a; done", "for "),
            ("SC3006", "((x=1))", "((x=1))"),
            ("SC3009", "a b{c,d}", "{c,d}"),
            ("SC3009", "for i in {1..3}; do a; done", "{1..3}"),
            ("SC3010", "[[ a ]]", "[[ a ]]"),
            ("SC3011", "a <<< b", "<<<"),
            ("SC3012", "[ a > b ] > c", ">"),
            ("SC3014", "[ a == b ]", "=="),
            ("SC3014", "test a == b", "=="),
            ("SC3016", "test -v a", "-v"),
            ("SC3018", "a $((b++))", "++"),
            ("SC3019", "a $((b**2))", "**"),
            ("SC3020", "a &> b", "&>"),
            ("SC3021", "a >& b", ">& b"),
            ("SC3022", "a {b}>c", "{b}>c"),
            ("SC2112", "function a() { b; }", "function"),
            ("SC2113", "function a { b; }", "function"),
            ("SC3024", "a+=b", "a"),
            ("SC3025", "a > /dev/tcp/b/80", "/dev/tcp/b/80"),
            ("SC3026", "rm [^a]*", "[^a]"),
            ("SC3028", "a \"$RANDOM\"", "$RANDOM"),
            ("SC3030", "a=(b c)", "(b c)"),
            ("SC3032", "coproc a", "coproc a"),
            ("SC3033", "a-b() { c; }", "a-b"),
            ("SC3038", "exec -a b c", "-a"),
            ("SC3037", "echo -e a", "-e"),
            ("SC3037", "echo -ne a", "-ne"),
            ("SC3040", "set -euo pipefail", "pipefail"),
            ("SC3043", "local a=b", "local a=b"),
            ("SC3044", "pushd a", "pushd a"),
            ("SC3045", "read -p a b", "-p"),
            ("SC3045", "export -f a", "-f"),
            ("SC3045", "printf -v a b", "-v"),
            ("SC3045", "trap -p", "-p"),
            ("SC3050", "printf %q a", "%q"),
            ("SC3052", "a $((16#ff))", "#"),
            ("SC3046", "source a", "source a"),
            ("SC3054", "a \"${b[0]}\"", "${b[0]}"),
            ("SC3057", "a \"${b:1}\"", "${b:1}"),
            ("SC3060", "a \"${b//c/d}\"", "${b//c/d}"),
        ] {
            assert_eq!(marked(code, command), [place], "{command}");
            let bash = "SHELL [\"/bin/bash\", \"-c\"]\n";
            assert_eq!(marked_in(bash, code, command), [""; 0], "{command}");
        }
    }

    #[test]
    fn what_every_shell_has_is_all_right() {
        for command in [
            "echo -x; echo a -e; echo - b; echo \"{a,b}\" {a} {}",
            "a 2>&1 >&2 >&-; rm [!a]*; a \"${b#[^c]}\" \"[^d]\"",
            "read -r a; export -p; set -eux -o errexit; type a; unset -f b; ulimit -f 1",
            "[ a = b ] && . c; x=$((1 + 2)); a \"${b:-c}\" \"${#d}\"",
            "[ a -nt b ]; trap - EXIT; exec a -c; f_1() { a; }; printf '%s' q > /dev/null",
        ] {
            for code in super::RULE.codes {
                assert_eq!(marked(code, command), [""; 0], "{code} {command}");
            }
        }
    }

    /// What our own choice of rules says of a Dockerfile.
    fn ours(source: &str) -> usize {
        let findings = crate::testing::findings(source, crate::Profile::Default, &crate::NoBases);
        findings.iter().filter(|it| it.rule == "bashism").count()
    }

    #[test]
    fn we_say_it_only_where_the_shell_is_known_to_be_dash() {
        assert_eq!(ours("FROM debian:12 AS a\nFROM a\nRUN source /a\n"), 1);
        assert_eq!(ours("FROM python:3-slim\nRUN echo -e a; [ b == c ]\n"), 2);
        for source in [
            "FROM python:3-alpine\nRUN source /a\n",
            "FROM fedora:40\nRUN source /a\n",
            "FROM someone/debian\nRUN source /a\n",
            "FROM debian:12\nRUN echo -n a; set -o pipefail; [ b -nt c ]\n",
            "FROM debian:12\nRUN [\"bash\", \"-c\", \"source /a\"]\n",
            "FROM debian:12\nRUN <<E\n#!/bin/bash\nsource /a\nE\n",
            "FROM debian:12\nSHELL [\"bash\", \"-c\"]\nENV A=b\nRUN source /a\n",
        ] {
            assert_eq!(ours(source), 0, "{source}");
        }
    }

    #[test]
    fn what_a_stage_below_sets_is_set() {
        let below = "ENV HOSTNAME=a\nFROM debian:12 AS b\nENV HOSTNAME=a\nFROM b\n";
        let found = crate::testing::marked_in(below, "SC3028", "echo $HOSTNAME");
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn dash_has_a_little_more_than_posix() {
        let dash = "SHELL [\"/bin/dash\", \"-c\"]\n";
        for (code, command) in [
            ("SC3037", "echo -n a"),
            ("SC3040", "set -o pipefail"),
            ("SC3041", "set -E"),
            ("SC3043", "local a"),
            ("SC3045", "read -p a b"),
        ] {
            assert_eq!(marked_in(dash, code, command), [""; 0], "{command}");
        }
    }
}
