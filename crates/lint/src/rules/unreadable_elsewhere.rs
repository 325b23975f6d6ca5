//! hadolint cannot read the file.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{ErrorKind, Form, Instruction, Keyword, Kind};

use crate::facts::Facts;
use crate::files::has_any;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "unreadable-elsewhere",
    codes: &["DL1000"],
    severity: Severity::Hint,
    by_default: false,
    why: "hadolint has a grammar of its own and refuses some Dockerfiles that Docker builds. It then says nothing else about them.",
    bad: "FROM alpine:3.20\nEXPOSE 3000:3000\n",
    good: "FROM alpine:3.20\nEXPOSE 3000\n",
    when: When::Always,
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let file = facts.file;
    let instructions = file.instructions();
    let error = file.errors().iter().find(|error| refuses(&error.kind));
    let error = error.and_then(|error| {
        let after = instructions.partition_point(|it| it.range.start() <= error.range.start());
        Some((after.checked_sub(1)?, error))
    });
    let until = error.map_or(instructions.len(), |(at, _)| at);
    for instruction in instructions.iter().take(until) {
        let inner = match &instruction.kind {
            Kind::Onbuild(Some(inner)) => inner,
            _ => instruction,
        };
        if let Some(line) = own_fault(facts, inner, instruction.empty_continuation) {
            found
                .report(instruction, instruction.range, MESSAGE)
                .line(line);
            return;
        }
    }
    let found_in = error.and_then(|(at, error)| Some((instructions.get(at)?, error)));
    if let Some((instruction, error)) = found_in {
        let before = file.source().get(..usize::from(error.range.start()));
        let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        found.report(instruction, error.range, MESSAGE).line(line);
    }
}

const MESSAGE: &str = "hadolint cannot read this";

/// Whether hadolint refuses what BuildKit refuses for that reason.
fn refuses(kind: &ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::UnknownEscape(_)
            | ErrorKind::RepeatedDirective(_)
            | ErrorKind::LineTooLong
            | ErrorKind::SourceTooLong
            | ErrorKind::NoInstructions
            | ErrorKind::JsonNotStrings
            | ErrorKind::UnterminatedHeredoc(_)
            | ErrorKind::StageName
            | ErrorKind::NoStage(_)
            | ErrorKind::ChainedOnbuild
            | ErrorKind::NotInOnbuild(_)
            | ErrorKind::ShellNotJson
            | ErrorKind::BlankName(_)
            | ErrorKind::UnknownFlag(Keyword::Run, _)
    )
}

/// The line of something that Docker builds and hadolint refuses; `blanks`: whether lines of blanks
/// alone stand in it.
fn own_fault(facts: &Facts<'_>, instruction: &Instruction, blanks: bool) -> Option<u32> {
    let first = instruction.lines.first;
    if let Some(heredoc) = facts.file.heredocs(instruction).last() {
        // Behind a heredoc it wants an empty line.
        let end = usize::from(heredoc.terminator.end());
        let behind = facts.file.source().get(end..)?;
        let mut lines = behind.split('\n');
        let _ = lines.next();
        let next = lines.next()?;
        return (!next.trim().is_empty()).then_some(instruction.lines.last + 1);
    }
    if blanks && let Some(line) = behind_blanks(facts, instruction) {
        return Some(line);
    }
    let refused = match instruction.keyword {
        Keyword::Expose => facts.file.args(instruction).iter().any(|word| {
            let port = facts.file.word(*word);
            let protocol = port
                .split_once('/')
                .map(|(_, protocol)| protocol.to_ascii_lowercase());
            port.contains(':') && !port.contains('$')
                || port.starts_with(['/', '#'])
                || protocol.is_some_and(|it| it != "tcp" && it != "udp" && !it.contains('$'))
        }),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => {
            let text = facts.file.word(instruction.rest);
            text.is_empty() || instruction.form == Form::Shell && has_more_than_array(text)
        }
        Keyword::Env | Keyword::Label => facts.file.pairs(instruction).iter().any(|pair| {
            !pair.legacy
                && pair
                    .value
                    .is_some_and(|value| is_open(facts.file.word(value)))
        }),
        _ => false,
    };
    refused.then_some(first)
}

/// The line that goes on behind a line of nothing but blanks, which ends the instruction for
/// hadolint; an empty line does not.
fn behind_blanks(facts: &Facts<'_>, instruction: &Instruction) -> Option<u32> {
    let range = instruction.range;
    let source = facts.file.source();
    let text = source.get(range.start().into()..range.end().into())?;
    let mut blank = false;
    for (line, text) in (instruction.lines.first..).zip(text.split('\n')) {
        let content = text.trim();
        if content.is_empty() {
            blank |= !text.trim_end_matches('\r').is_empty();
        } else if blank && !content.starts_with('#') {
            return Some(line);
        }
    }
    None
}

/// Whether something stands behind an array of strings.
fn has_more_than_array(text: &str) -> bool {
    // Most commands start with a letter.
    if text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return false;
    }
    let Some(mut rest) = text.trim_start().strip_prefix('[') else {
        return false;
    };
    loop {
        rest = rest.trim_start();
        let Some(inner) = rest.strip_prefix('"') else {
            return false;
        };
        let mut escaped = false;
        let end = inner.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(behind) = end.and_then(|end| inner.get(end + 1..)) else {
            return false;
        };
        rest = behind.trim_start();
        if let Some(more) = rest.strip_prefix(',') {
            rest = more;
        } else {
            let behind = rest.strip_prefix(']');
            return behind.is_some_and(|behind| !behind.trim().is_empty());
        }
    }
}

/// Whether a quote is opened and not closed.
fn is_open(text: &str) -> bool {
    if !has_any(text, b"\"'") {
        return false;
    }
    let mut open = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (open, c) {
            (_, '\\') => {
                chars.next();
            }
            (None, '"' | '\'') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            _ => {}
        }
    }
    open.is_some()
}
