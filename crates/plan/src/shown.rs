//! Instructions as the builder's progress shows them, which are made when somebody asks.

use std::borrow::Cow;

use memchr::memchr_iter;
use stagecraft_image::Reference;
use stagecraft_semantic::{Base, Command, Model, Written};
use stagecraft_syntax::expand::{self, Expander, Quotes, Room};
use stagecraft_syntax::{Instruction, Keyword, Parse};

use crate::model::Step;

/// Longer instructions are cut where they are shown.
const LONGEST: usize = 2_000;

/// Stands before an instruction that an image brings along.
const ONBUILD: &str = "ONBUILD ";

impl Step {
    /// The instruction as one line, variables expanded as the builder's progress shows them. `file`
    /// and `model` are those that were planned.
    pub fn instruction<'a>(&self, file: &'a Parse, model: &'a Model) -> Cow<'a, str> {
        let Some(id) = self.command else {
            return from(model.stage(self.stage).map(|stage| &stage.base)).into();
        };
        let command = model.command(id);
        let text = command.and_then(|it| Some((it, model.instruction(file, it)?)));
        text.map_or_else(Cow::default, |(command, (file, instruction))| {
            shown(model, command, file, instruction)
        })
    }
}

/// A FROM with the name of its image in full; as written where it is none.
fn from(base: Option<&Base>) -> String {
    let name = match base {
        Some(Base::Image(name)) => name,
        _ => "",
    };
    match Reference::parse(name) {
        Ok(reference) => ["FROM ", &reference.normalized()].concat(),
        Err(_) => ["FROM ", name].concat(),
    }
}

fn shown<'a>(
    model: &'a Model,
    command: &'a Command,
    file: &'a Parse,
    instruction: &'a Instruction,
) -> Cow<'a, str> {
    let line = file.str(instruction.text);
    let text = expanded(model, command, file, shortened(line));
    let end = text.bytes().position(|byte| matches!(byte, b' ' | b'\t'));
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    let is_here = matches!(command.written, Written::Here(_));
    let is_upper_case = word.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_here && is_upper_case && file.heredocs(instruction).is_empty() {
        let end = word.len() + rest.trim_end().len();
        return match text {
            Cow::Borrowed(text) => text.get(..end).unwrap_or(text).into(),
            Cow::Owned(mut text) => {
                text.truncate(end);
                text.into()
            }
        };
    }
    let mut out = String::with_capacity(ONBUILD.len() + text.len());
    if !is_here {
        out.push_str(ONBUILD);
    }
    out.extend(word.chars().flat_map(char::to_uppercase));
    out.push_str(rest.trim_end());
    if instruction.keyword == Keyword::Run
        && let Some(heredoc) = file.heredocs(instruction).first()
        && let Some(sole) = file.args(instruction).first()
        && sole.range == heredoc.marker
    {
        let content = file.str(heredoc.content);
        let mut lines = content.lines();
        let first = lines.next().unwrap_or_default();
        let more = if lines.next().is_some() { "..." } else { "" };
        for part in [" (", first, more, ")"] {
            out.push_str(part);
        }
    }
    out.into()
}

/// A text with the variables in it that have values. Quotes and escapes stay, so that nothing
/// else changes.
fn expanded<'t>(model: &Model, command: &Command, file: &Parse, text: &'t str) -> Cow<'t, str> {
    let scopes = model.scopes();
    let lookup = |name: &str| scopes.value(command.before, name);
    let has_value = |dollar: usize| {
        let name = text.get(dollar + 1..).and_then(named);
        name.is_none_or(|name| lookup(name).is_some())
    };
    if !memchr_iter(b'$', text.as_bytes()).any(has_value) {
        return text.into();
    }
    let room = Room::of_line();
    let expander = Expander {
        escape: file.escape(),
        quotes: Quotes::Keep,
        raw_escapes: true,
        skip_unset: true,
        lookup: &lookup,
        room: Some(&room),
    };
    expand::text(text, &expander).unwrap_or(text.into())
}

/// The first characters of a text that is longer.
fn shortened(line: &str) -> &str {
    let end = match line.as_bytes().get(..LONGEST) {
        Some(first) if first.is_ascii() => LONGEST,
        Some(_) => match line.char_indices().nth(LONGEST) {
            Some((end, _)) => end,
            None => line.len(),
        },
        None => line.len(),
    };
    line.get(..end).unwrap_or(line)
}

/// The name of a variable that stands behind a `$`; `None` where it has other letters than most.
fn named(text: &str) -> Option<&str> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let mut bytes = text.bytes();
    let end = match bytes.next() {
        Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => Some(1),
        Some(b'0'..=b'9') => text.bytes().position(|byte| !byte.is_ascii_digit()),
        _ => (text.bytes()).position(|byte| !byte.is_ascii_alphanumeric() && byte != b'_'),
    };
    let (name, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    (!rest.starts_with(|next: char| !next.is_ascii())).then_some(name)
}
