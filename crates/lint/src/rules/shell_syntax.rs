//! A command that a shell refuses to read.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Command, CommandKind, Joint, Note, NoteKind, Simple, TestItem};
use stagecraft_syntax::{Form, Keyword};
use stagecraft_text::{TextRange, sort_by};

use crate::calls::{Single, has_byte};
use crate::facts::{Facts, Letters, RunFacts};
use crate::heredoc::unnamed_heredoc;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::{self, Checked, is_condition};

pub(super) const RULE: Rule = Rule {
    name: "shell-syntax",
    codes: &[
        "SC1065", "SC1070", "SC1072", "SC1088", "SC1089", "SC1133", "SC1141",
    ],
    severity: Severity::Error,
    by_default: true,
    why: "A shell reads a command before it runs it. What it cannot read ends the build.",
    bad: "FROM debian:12\nRUN if [ -f /a ]; then rm /a\n",
    good: "FROM debian:12\nRUN if [ -f /a ]; then rm /a; fi\n",
    when: When::has(&[Keyword::Run]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        // What comes behind the first mistake is read wrongly.
        if let Some((code, range, message)) = mistake(&checked) {
            found.shell(&checked, code, range, message);
            continue;
        }
        // A shell would read it, or fail only once it runs.
        let other = || misunderstood(&checked, facts.letters());
        if let Some((range, message)) = facts.others.then(other).flatten() {
            let report = found.shell(&checked, "SC1072", range, message);
            report.elsewhere(&["SC1072"]);
        }
    }
}

/// How many commands hadolint sees in a RUN: those that stand before the place where ShellCheck
/// stops.
pub(super) fn commands_seen<'a>(facts: &Facts<'a>, run: &RunFacts<'a>) -> usize {
    let checked = facts.checked_run(run).filter(|_| run.commands > 1);
    let mistake = checked.and_then(|checked| mistake(&checked));
    let Some((_, range, _)) = mistake else {
        return run.commands;
    };
    let simple = run.simple.iter().map(|single| single.simple.range());
    let before = simple.filter(|it| it.start() < range.start()).count();
    run.commands.min(before)
}

/// Whether hadolint finds no command in a RUN, because ShellCheck cannot read it.
pub(super) fn is_unread<'a>(facts: &Facts<'a>, run: &RunFacts<'a>) -> bool {
    let Some(checked) = facts.checked_run(run) else {
        return false;
    };
    match mistake(&checked) {
        Some((code, range, _)) => {
            let before = checked.script.text().get(..usize::from(range.start()));
            let first = before.is_none_or(|before| before.trim().is_empty());
            shellcheck::fails(code) || first
        }
        None => misread(&checked, facts.letters()).is_some(),
    }
}

type Mistake = (&'static str, TextRange, &'static str);

fn mistake(checked: &Checked<'_, '_>) -> Option<Mistake> {
    let mut notes = checked.script.notes().iter();
    notes.find_map(|note| named(checked, note))
}

fn named(checked: &Checked<'_, '_>, note: &Note) -> Option<Mistake> {
    let text = checked.script.text();
    let before = text
        .get(..usize::from(note.range.start()))
        .unwrap_or_default();
    let before = before.trim_end();
    let (code, message) = match note.kind {
        NoteKind::Unclosed(_) => ("SC1072", "nothing closes this"),
        NoteKind::MissingCommand => ("SC1072", "a command is missing here"),
        NoteKind::MissingKeyword => ("SC1072", "a part of this is missing"),
        NoteKind::MissingWord => ("SC1072", "a word is missing behind this"),
        NoteKind::Parenthesis => ("SC1088", "a parenthesis cannot stand here"),
        NoteKind::FunctionParameters => {
            let inside = text
                .get(usize::from(note.range.end())..)
                .unwrap_or_default();
            let (inside, ends) = match inside.split_once(')') {
                Some((inside, _)) => (inside, true),
                None => (inside, false),
            };
            let code = if !ends || inside.contains(['{', '}', '\n']) {
                "SC1065"
            } else {
                "SC1072"
            };
            (code, "a function's parameters are not named")
        }
        // hadolint knows heredocs with simple names only.
        NoteKind::MissingHereDoc if is_missing(checked, note.range) => {
            // It takes some for such with a name of no letters, and those have their line.
            if unnamed_heredoc(checked.facts, checked.run.instruction).is_some() {
                return None;
            }
            ("SC1072", "the lines of this heredoc are missing")
        }
        NoteKind::Unexpected => {
            let token = checked.script.slice(note.range);
            let operator = matches!(token, ";" | "&" | "|" | "&&" | "||");
            let closer = matches!(
                token,
                ")" | "}" | "then" | "elif" | "else" | "fi" | "do" | "done" | "esac"
            ) || token.starts_with(";;");
            let chained = before.ends_with("&&") || before.ends_with("||");
            let waits = chained || before.ends_with('|');
            // `a & & b`
            let before_last = before.get(before.len().saturating_sub(1)..);
            let twice = token == "&" && before_last == Some("&");
            let code = match () {
                () if is_inside(checked, note.range) || token == "!" => "SC1072",
                () if operator && waits || closer && chained => "SC1072",
                () if twice || matches!(token, ";" | ";&") => "SC1070",
                () if operator => "SC1133",
                () if closer => "SC1089",
                () => "SC1141",
            };
            (code, "this cannot stand here")
        }
        _ => return None,
    };
    Some((code, note.range, message))
}

/// Whether a place is in a command that goes on behind it.
fn is_inside(checked: &Checked<'_, '_>, place: TextRange) -> bool {
    let mut commands = checked.script.root().commands();
    commands.any(|command| {
        let range = command.range();
        range.start() < place.start() && place.start() < range.end()
    })
}

/// What ShellCheck does not understand although a shell does.
fn misunderstood(checked: &Checked<'_, '_>, letters: Letters) -> Option<(TextRange, &'static str)> {
    if checked.facts.exports_nonsense(checked.run) {
        let start = TextRange::at(0.into(), 1.into());
        return Some((start, "a variable is set above whose name is none"));
    }
    misread(checked, letters)
}

/// The same by the command alone.
fn misread(checked: &Checked<'_, '_>, letters: Letters) -> Option<(TextRange, &'static str)> {
    let script = checked.script;
    if checked.ends_in_escape() {
        let end = TextRange::empty(script.text().trim_end().len().try_into().ok()?);
        return Some((end, "a line goes on here, and there is none"));
    }
    let may_be = match checked.run.instruction.form {
        Form::Json => has_byte(checked.facts.file.source(), b'<'),
        Form::Shell => letters.heredoc,
    };
    if may_be
        && checked.has(b'<')
        && let Some(at) = spaced_heredoc(checked)
    {
        return Some((at, "this is read as a heredoc, whose lines are missing"));
    }
    if letters.carriage_return && checked.has(b'\r') {
        let lone = script.words().find(|word| {
            let behind = script.text().get(usize::from(word.range().end())..);
            let behind = behind.unwrap_or_default().trim_start_matches(' ');
            word.text().ends_with('\r') && behind.starts_with(['&', '|', ';'])
        });
        if let Some(word) = lone {
            return Some((word.range(), "this line ends with a carriage return"));
        }
    }
    let mut notes = script.notes().iter();
    let bad = notes.find(|note| {
        note.kind == NoteKind::BadParameter
            && script
                .slice(note.range)
                .get(2..)
                .is_some_and(|it| it.starts_with([' ', '\t', '|']))
    });
    if let Some(note) = bad {
        return Some((note.range, "this is read as a command of another shell"));
    }
    if checked.run.names.brace {
        let simple = checked.run.simple.iter();
        let names = simple.filter_map(|single| single.simple.name());
        let mut glued = names.filter(|name| name.text().starts_with('{'));
        if let Some(name) = glued.next()
            && !notes_token(checked, "}")
        {
            return Some((name.range(), "this is read as a group"));
        }
    }
    no_condition(checked)
}

/// What stands in brackets and is none.
fn no_condition(checked: &Checked<'_, '_>) -> Option<(TextRange, &'static str)> {
    let script = checked.script;
    let is_none = |test: &Command<'_>| {
        let items = test.test_items().map(|item| match item {
            TestItem::Word(word) => word.text(),
            TestItem::Operator(range) => script.slice(range),
        });
        !is_condition(&items.collect::<Vec<_>>())
    };
    let mut tests = script
        .compounds()
        .filter(|it| it.kind() == CommandKind::Test);
    if script.has_compound()
        && let Some(test) = tests.find(is_none)
    {
        return Some((test.range(), "this is no condition"));
    }
    if !checked.run.names.bracket {
        return None;
    }
    let singles = checked.run.simple.iter();
    let mut brackets = singles.filter(|single| single.bracket);
    brackets.find_map(|&Single { simple, .. }| {
        let name = simple.name()?;
        let message = match bracketed(simple) {
            Bracketed::Condition => return None,
            Bracketed::Open if goes_on(simple) => return None,
            Bracketed::Open => "nothing closes this bracket",
            Bracketed::Other => "this is no condition",
        };
        Some((name.range(), message))
    })
}

/// Whether a token stands where none can.
fn notes_token(checked: &Checked<'_, '_>, token: &str) -> bool {
    let mut notes = checked.script.notes().iter();
    notes.any(|note| note.kind == NoteKind::Unexpected && checked.script.slice(note.range) == token)
}

/// What stands in brackets.
enum Bracketed {
    /// A condition, and whatever behind it.
    Condition,
    /// No condition.
    Other,
    /// Nothing closes them.
    Open,
}

fn bracketed(simple: Simple<'_>) -> Bracketed {
    let name = simple.name().map_or("", |name| name.text());
    let Some(glued) = name.strip_prefix('[').filter(|it| !it.starts_with('[')) else {
        return Bracketed::Open;
    };
    let words = simple
        .arguments()
        .map(|word| (word.range().start(), word.text()));
    let mut items: Vec<_> = words.collect();
    // `>` is an order of texts here.
    for redirection in simple.redirections() {
        let text = redirection.text();
        let operator = text.get(..text.len().min(1)).unwrap_or_default();
        items.push((redirection.range().start(), operator));
        if let Some(target) = redirection.target() {
            items.push((target.range().start(), target.text()));
        }
    }
    sort_by(&mut items, |one, other| one.0.cmp(&other.0));
    let end = items
        .iter()
        .position(|(_, text)| text.starts_with(']') && (glued.is_empty() || *text == "]"));
    let Some(end) = end else {
        return Bracketed::Open;
    };
    let first = Some(glued).filter(|it| !it.is_empty());
    let inside = items.iter().take(end).map(|(_, text)| *text);
    let items: Vec<&str> = first.into_iter().chain(inside).collect();
    if is_condition(&items) {
        Bracketed::Condition
    } else {
        Bracketed::Other
    }
}

/// Whether the bracket of a command is closed by the next: `[ a = b && c = d ]`.
fn goes_on(simple: Simple<'_>) -> bool {
    let next = simple.command().next();
    let joined = next.filter(|next| matches!(next.joint(), Joint::And | Joint::Or));
    let next = joined.and_then(|next| next.simple());
    let last = next.and_then(|next| next.words().last());
    last.is_some_and(|word| word.text() == "]")
}

/// Whether the lines of a heredoc with that delimiter are not there: those of BuildKit's have
/// theirs elsewhere.
fn is_missing(checked: &Checked<'_, '_>, delimiter: TextRange) -> bool {
    let delimiter = checked.script.slice(delimiter);
    let heredocs = || checked.facts.file.heredocs(checked.run.instruction);
    is_name(delimiter) || delimiter.starts_with(['"', '\'']) && heredocs().is_empty()
}

/// `<< 8` in whatever context, with an empty line below or nothing: hadolint takes that for a
/// heredoc.
fn spaced_heredoc(checked: &Checked<'_, '_>) -> Option<TextRange> {
    let heredocs = checked.facts.file.heredocs(checked.run.instruction);
    let unnamed = || unnamed_heredoc(checked.facts, checked.run.instruction).is_some();
    if !heredocs.is_empty() || !(unnamed() || is_last(checked)) {
        return None;
    }
    let text = checked.script.text();
    text.match_indices("<< ").find_map(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let name = text
            .get(at + 2..)
            .unwrap_or_default()
            .trim_start_matches(' ');
        let named = is_name(name);
        let at = stagecraft_text::size(at);
        (named && !before.ends_with('<')).then(|| TextRange::at(at, 2.into()))
    })
}

/// Whether nothing stands behind the instruction.
fn is_last(checked: &Checked<'_, '_>) -> bool {
    let end = usize::from(checked.run.instruction.range.end());
    let behind = checked.facts.file.source().get(end..);
    behind.is_none_or(|behind| behind.trim().is_empty())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn each_mistake_has_its_code() {
        for (code, command, place) in [
            ("SC1072", "if a; then b", "if"),
            ("SC1072", "if a then b; fi", "if"),
            ("SC1072", "for i in a; b; done", "for"),
            ("SC1072", "a &&", "&&"),
            ("SC1072", "a 'b", "'"),
            ("SC1072", "( a", "("),
            ("SC1072", "a >", ">"),
            ("SC1072", "a && && b", "&&"),
            ("SC1072", "a (b)", "("),
            ("SC1065", "a ( b", "("),
            ("SC1072", "a ${ b; }", "${ b; }"),
            ("SC1072", "a; {b", "{b"),
            ("SC1072", "[ a b ]", "["),
            ("SC1072", "[ a = ]", "["),
            ("SC1072", "[\"a\", b]", "[\"a\","),
            ("SC1072", "[[ a = b c ]]", "[[ a = b c ]]"),
            ("SC1065", "a ('{0}' b)", "("),
            ("SC1088", "a b (c)", "("),
            ("SC1088", "a=(b) (c)", "("),
            ("SC1089", "a; fi", "fi"),
            ("SC1089", "a)", ")"),
            ("SC1070", "a; ; b", ";"),
        ] {
            assert_eq!(marked(code, command), [place], "{command}");
        }
    }

    #[test]
    fn what_a_shell_reads_is_all_right() {
        for command in [
            "if a; then b; else c; fi && (d; e) || { f; }",
            "a 'b' \"c\" `d` $(e) ${f} [ g ] \\( h \\)",
            "f() { a; }; f; case a in b) c;; esac; for i in a b; do c; done &",
            "[ a = b -a ! -f c ] && [ d > e ] 2> f; [a ]; [ a = b && c = d ]",
            "a {b} {c,d} \"{\" b{c}; e {f}>g; h '${ i'",
        ] {
            for code in super::RULE.codes {
                assert_eq!(marked(code, command), [""; 0], "{command}");
            }
        }
    }
}
