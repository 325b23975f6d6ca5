//! A tree as one line of text, for tests.
//!
//! Commands stand in parentheses with a word for their kind (none for simple ones), lists in
//! square brackets, parts of a word are joined by `·`:
//!
//! - `abc` literal, `\x` escape, `'abc'` and `$'abc'` quoted as written
//! - `"…"` double quoted with its parts between
//! - `$x`, `${x}`, `${x:- word}`; `$[…]` command substitution, `` `[…]` `` in backquotes
//! - `$((…))` arithmetic, `<[…]` process substitution
//! - `‹&&›` operator of `[[ ]]`
//! - `<*>` glob, `{a|b}` brace expansion, `<~>` tilde, `?(…)` opaque

use std::fmt::Write as _;

use stagecraft_text::Joined;

use crate::{
    Assignment, Command, CommandKind, Dialect, Joint, List, Part, PartKind, Redirection, Script,
    Tree, Word,
};

/// Checks the tree of `input`, read as bash, against its dump.
#[track_caller]
pub(crate) fn check(input: &str, expected: &str) {
    let dumped = dump(input, Dialect::Bash);
    assert_eq!(dumped, expected, "\n   input: {input}");
}

/// Checks the notes of `input`, read as bash: kind and marked text of each.
#[track_caller]
pub(crate) fn check_notes(input: &str, expected: &[&str]) {
    let tree = Tree::parse(input, Dialect::Bash);
    let notes: Vec<String> = tree
        .notes()
        .iter()
        .map(|note| {
            let text = stagecraft_text::slice(input, note.range);
            format!("{:?} {text}", note.kind)
        })
        .collect();
    assert_eq!(notes, expected, "\n   input: {input}");
}

pub(crate) fn dump(input: &str, dialect: Dialect) -> String {
    let tree = Tree::parse(input, dialect);
    let script = tree.script(Joined::identity(input));
    let mut out = String::new();
    commands(&mut out, script.root());
    out
}

/// Parses `input` as bash and hands the script over.
pub(crate) fn with_script<T>(input: &str, read: impl FnOnce(Script<'_>) -> T) -> T {
    with_dialect(input, Dialect::Bash, read)
}

pub(crate) fn with_dialect<T>(
    input: &str,
    dialect: Dialect,
    read: impl FnOnce(Script<'_>) -> T,
) -> T {
    let tree = Tree::parse(input, dialect);
    read(tree.script(Joined::identity(input)))
}

/// The first word of `input` with the text `word`.
#[track_caller]
pub(crate) fn with_word<T>(input: &str, word: &str, read: impl FnOnce(Word<'_>) -> T) -> T {
    with_script(input, |script| {
        let found = script
            .simple_commands()
            .find_map(|(simple, _)| simple.words().find(|found| found.text() == word));
        read(found.unwrap_or_else(|| panic!("no word {word} in {input}")))
    })
}

fn commands(out: &mut String, list: List<'_>) {
    for command in list.commands() {
        out.push_str(match command.joint() {
            Joint::First => "",
            Joint::Pipe => " | ",
            Joint::PipeBoth => " |& ",
            Joint::And => " && ",
            Joint::Or => " || ",
            Joint::Semicolon => "; ",
            Joint::Newline => " ⏎ ",
            Joint::Ampersand => " & ",
        });
        one(out, command);
    }
    let background = list.commands().last();
    if background.is_some_and(|command| command.is_background()) {
        out.push_str(" &");
    }
}

fn bracketed(out: &mut String, list: List<'_>) {
    out.push('[');
    commands(out, list);
    out.push(']');
}

fn one(out: &mut String, command: Command<'_>) {
    if command.is_negated() {
        out.push_str("! ");
    }
    if command.is_timed() {
        out.push_str("time ");
    }
    out.push('(');
    let mut items: Vec<String> = Vec::new();
    let kind = match command.kind() {
        CommandKind::Simple => "",
        CommandKind::Subshell => "subshell",
        CommandKind::Group => "group",
        CommandKind::If => "if",
        CommandKind::For => "for",
        CommandKind::ArithmeticFor => "for((",
        CommandKind::While => "while",
        CommandKind::Until => "until",
        CommandKind::Case => "case",
        CommandKind::Select => "select",
        CommandKind::Function => "function",
        CommandKind::Test => "test",
        CommandKind::Arithmetic => "arithmetic",
        CommandKind::Opaque => "opaque",
    };
    if !kind.is_empty() {
        items.push(kind.to_owned());
    }
    if let Some(simple) = command.simple() {
        items.extend(simple.assignments().map(assignment));
        items.extend(simple.words().map(word));
    } else {
        items.extend(command.leading_word().map(word));
        if command.kind() == CommandKind::Test {
            items.extend(command.test_items().map(|item| match item {
                crate::TestItem::Word(found) => word(found),
                crate::TestItem::Operator(range) => format!("‹{}›", command.script().slice(range)),
            }));
        } else {
            items.extend(command.words().map(word));
        }
    }
    if command.kind() == CommandKind::Opaque {
        items.push(command.text().to_owned());
    }
    for item in command.case_items() {
        let patterns: Vec<String> = item.patterns().map(word).collect();
        let mut text = format!("{}) ", patterns.join("|"));
        if let Some(list) = item.body() {
            bracketed(&mut text, list);
        }
        items.push(text);
    }
    for list in command.lists() {
        let mut text = String::new();
        bracketed(&mut text, list);
        items.push(text);
    }
    if let Some(body) = command.function_body() {
        let mut text = String::new();
        one(&mut text, body);
        items.push(text);
    }
    items.extend(command.redirections().map(redirection));
    out.push_str(&items.join(" "));
    out.push(')');
}

fn assignment(assignment: Assignment<'_>) -> String {
    let mut out = assignment.name().to_owned();
    if let Some(subscript) = assignment.subscript() {
        write!(out, "[{}]", word(subscript)).unwrap();
    }
    out.push_str(if assignment.is_append() { "+=" } else { "=" });
    if let Some(value) = assignment.value() {
        out.push_str(&word(value));
    }
    if let Some(array) = assignment.array() {
        let words = array.words().map(word);
        let items: Vec<String> = words
            .chain(array.assignments().map(self::assignment))
            .collect();
        write!(out, "({})", items.join(" ")).unwrap();
    }
    out
}

fn redirection(redirection: Redirection<'_>) -> String {
    let mut out = match redirection.descriptor() {
        Some(descriptor) => format!("{descriptor}:{:?}", redirection.op()),
        None => format!("?:{:?}", redirection.op()),
    };
    if let Some(target) = redirection.target() {
        write!(out, ":{}", word(target)).unwrap();
    }
    if let Some(here_doc) = redirection.here_doc() {
        let raw = if here_doc.is_raw() { "raw" } else { "" };
        let parts: Vec<String> = here_doc.parts().map(part).collect();
        let body = parts.join("·").replace('\n', "⏎");
        write!(out, "={raw}«{body}»").unwrap();
    }
    out
}

fn word(word: Word<'_>) -> String {
    if let Some(assigns) = word.assignment() {
        return format!("@{}", assignment(assigns));
    }
    parts(word.parts())
}

fn parts<'a>(parts: impl Iterator<Item = Part<'a>>) -> String {
    let parts: Vec<String> = parts.map(part).collect();
    parts.join("·")
}

fn part(part: Part<'_>) -> String {
    match part.kind() {
        PartKind::Literal | PartKind::SingleQuoted | PartKind::AnsiQuoted | PartKind::Variable => {
            part.text().to_owned()
        }
        PartKind::Escape => part.text().replace('\n', "⏎"),
        PartKind::DoubleQuoted => {
            let dollar = if part.is_other_form() { "$" } else { "" };
            format!("{dollar}\"{}\"", parts(part.parts()))
        }
        PartKind::Parameter => parameter(part),
        PartKind::CommandSubstitution | PartKind::ProcessSubstitution => {
            let mut list = String::new();
            if let Some(found) = part.list() {
                bracketed(&mut list, found);
            }
            match (part.kind(), part.is_other_form()) {
                (PartKind::ProcessSubstitution, _) => format!("{}{list}", &part.text()[..1]),
                (_, true) => format!("`{list}`"),
                (_, false) => format!("${list}"),
            }
        }
        PartKind::Arithmetic => format!("$(({}))", parts(part.parts())),
        PartKind::Glob | PartKind::Tilde => format!("<{}>", part.text()),
        PartKind::Brace => {
            let words: Vec<String> = part.words().map(word).collect();
            format!("{{{}}}", words.join("|"))
        }
        PartKind::Opaque => format!("?({})", part.text()),
    }
}

fn parameter(part: Part<'_>) -> String {
    let parameter = part.parameter().unwrap();
    let mut out = "${".to_owned();
    if parameter.is_indirect() {
        out.push('!');
    }
    out.push_str(parameter.name());
    if let Some(subscript) = parameter.subscript() {
        write!(out, "[{}]", word(subscript)).unwrap();
    }
    if parameter.op() != crate::ParameterOp::None {
        let colon = if parameter.has_colon() { ":" } else { "" };
        write!(out, " {colon}{:?}", parameter.op()).unwrap();
    }
    for operand in parameter.operands() {
        write!(out, " {}", word(operand)).unwrap();
    }
    out.push('}');
    out
}
