//! The words of commands with the variables in them filled in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use stagecraft_semantic::paths::join;
use stagecraft_shell::{
    Assignment, ParameterOp, Part, PartKind, Simple, Word, Words as ShellWords,
};

use stagecraft_sizes::System;

use super::Place;
use crate::held::joined;

/// Stands where a value is not known.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// Longer values are not filled in.
const LONGEST: usize = 20_000;

/// What is known of variables and of the folder at some place of a script.
pub(super) struct Words<'a> {
    place: &'a Place<'a>,
    system: System,
    set: BTreeMap<String, String>,
    folder: Cow<'a, str>,
}

impl<'a> Words<'a> {
    pub(super) fn new(place: &'a Place<'a>, system: System) -> Self {
        Self {
            place,
            system,
            set: BTreeMap::new(),
            folder: place.workdir.into(),
        }
    }

    /// Notes the assignments of a command that is nothing else, or an `export`, by its first word.
    pub(super) fn assign(&mut self, simple: Simple<'_>, name: Option<Word<'_>>) {
        match name.map(|name| name.text()) {
            None => self.set_all(simple.assignments()),
            // Others have none among their words.
            Some("export" | "readonly" | "local" | "declare" | "typeset") => {
                self.set_all(simple.words().filter_map(|word| word.assignment()));
            }
            Some(_) => {}
        }
    }

    fn set_all<'w>(&mut self, all: impl Iterator<Item = Assignment<'w>>) {
        for assignment in all {
            let mut value = assignment
                .value()
                .map_or_else(String::new, |word| self.filled_in(word));
            if assignment.is_append() {
                value.insert_str(0, self.value(assignment.name()).unwrap_or_default());
            }
            if value.len() > LONGEST {
                value = UNKNOWN.to_string();
            }
            self.set.insert(assignment.name().to_owned(), value);
        }
    }

    /// Goes to another folder.
    pub(super) fn go(&mut self, path: &str) {
        self.folder = self.path(path).into();
    }

    /// A path as the image knows it.
    pub(super) fn path(&self, path: &str) -> String {
        self.place_of(path).into_owned()
    }

    /// The same, without a copy where it is one already.
    pub(super) fn place_of<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match path.strip_prefix('~') {
            Some(rest) => join("/root", rest.trim_start_matches('/')).into(),
            None => joined(&self.folder, path),
        }
    }

    /// The value of a variable.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let set = self.set.get(name).map(String::as_str);
        set.or_else(|| (self.place.value)(name))
            .or_else(|| self.system.variable(name))
            .or_else(|| (name == "HOME").then_some("/root"))
    }

    /// A word as one; what is not known in it is [`UNKNOWN`].
    pub(super) fn one<'w>(&self, word: Word<'w>) -> Cow<'w, str> {
        match literal(word) {
            Some(text) => text.into(),
            None => self.filled_in(word).into(),
        }
    }

    fn filled_in(&self, word: Word<'_>) -> String {
        let mut out = String::with_capacity(word.text().len());
        self.parts(word.parts(), &mut out, LONGEST, 0);
        out
    }

    /// Words, split where the shell splits the values of variables. Those that are not as they are
    /// written are put into `room`.
    pub(super) fn all<'r, 'w: 'r>(
        &self,
        words: ShellWords<'w>,
        room: &'r mut Room,
    ) -> Vec<&'r str> {
        let Room { list, made, ends } = room;
        let mut all: Vec<&str> = std::mem::take(list);
        if all.capacity() == 0 {
            // Few have more.
            all.reserve(16);
        }
        for word in words.clone() {
            let Some(text) = literal(word) else {
                return self.filled(words, all, made, ends);
            };
            all.push(text);
        }
        all
    }

    /// The same where some are not as they are written.
    fn filled<'r, 'w: 'r>(
        &self,
        words: ShellWords<'w>,
        mut all: Vec<&'r str>,
        made: &'r mut String,
        ends: &mut Vec<usize>,
    ) -> Vec<&'r str> {
        made.clear();
        ends.clear();
        let others = words.clone().filter(|word| literal(*word).is_none());
        for word in others {
            let start = made.len();
            self.parts(word.parts(), made, start + LONGEST, 0);
            ends.push(made.len());
        }
        let made: &'r str = made;
        all.clear();
        let (mut ends, mut start) = (ends.iter(), 0);
        for word in words {
            if let Some(text) = literal(word) {
                all.push(text);
                continue;
            }
            let end = ends.next().copied().unwrap_or(start);
            let text = made.get(start..end).unwrap_or_default();
            start = end;
            let is_one = !text.is_empty() && !text.contains(char::is_whitespace);
            if !is_one && word.has_unquoted_expansion() {
                all.extend(text.split_whitespace());
            } else {
                all.push(text);
            }
        }
        all
    }

    /// Writes parts of a word, and no more once `out` is longer than `longest`.
    fn parts<'w>(
        &self,
        parts: impl Iterator<Item = Part<'w>>,
        out: &mut String,
        longest: usize,
        depth: u8,
    ) {
        for part in parts {
            if out.len() > longest {
                return;
            }
            let text = part.text();
            match part.kind() {
                PartKind::Literal | PartKind::Glob | PartKind::Brace | PartKind::Tilde => {
                    out.push_str(text);
                }
                PartKind::Escape => {
                    let rest = text.strip_prefix('\\').unwrap_or(text);
                    out.extend(rest.chars().filter(|c| *c != '\n' && *c != '\\'));
                }
                PartKind::SingleQuoted => out.push_str(text.trim_matches('\'')),
                PartKind::DoubleQuoted if depth < 8 => {
                    self.parts(part.parts(), out, longest, depth + 1);
                }
                PartKind::Variable | PartKind::Parameter => {
                    let value = part.parameter().and_then(|parameter| {
                        let known = self.value(parameter.name());
                        match parameter.op() {
                            ParameterOp::None => known,
                            ParameterOp::Default => {
                                known.or_else(|| Some(parameter.operands().next()?.text()))
                            }
                            _ => None,
                        }
                    });
                    match value {
                        Some(value) => out.push_str(value),
                        None => out.push(UNKNOWN),
                    }
                }
                _ => out.push(UNKNOWN),
            }
        }
    }
}

/// Names one behind the other, each with a mark.
#[derive(Debug, Clone, Default)]
pub(super) struct Names<M> {
    text: String,
    /// Where each ends.
    ends: Vec<(usize, M)>,
}

impl<M: Copy> Names<M> {
    pub(super) fn push(&mut self, name: &str, mark: M) {
        if self.ends.is_empty() {
            // Few have more.
            self.text.reserve(200);
            self.ends.reserve(16);
        }
        self.text.push_str(name);
        self.ends.push((self.text.len(), mark));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, M)> {
        let mut start = 0;
        self.ends.iter().map(move |&(end, mark)| {
            let name = self.text.get(start..end).unwrap_or_default();
            start = end;
            (name, mark)
        })
    }
}

/// Room for the words of one call after the other.
#[derive(Default)]
pub(super) struct Room {
    /// Empty between two calls.
    list: Vec<&'static str>,
    /// Those that are not as they are written, one behind the other, and where each ends.
    made: String,
    ends: Vec<usize>,
}

impl Room {
    /// The same with a list that was taken out of it.
    pub(super) fn with(self, list: Vec<&'static str>) -> Self {
        Self { list, ..self }
    }
}

/// An empty list in the same place, for other words.
pub(super) fn emptied(mut list: Vec<&str>) -> Vec<&'static str> {
    list.clear();
    list.into_iter().map(|_| "").collect()
}

/// A word that is as it is written, but for quotes around all of it.
#[inline]
pub(super) fn literal(word: Word<'_>) -> Option<&str> {
    match word.as_plain() {
        Some((text, _)) => Some(text),
        None => quoted(word),
    }
}

fn quoted(word: Word<'_>) -> Option<&str> {
    let mut parts = word.parts();
    let only = parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    let text = only.text();
    match only.kind() {
        PartKind::Literal => Some(text),
        PartKind::SingleQuoted => Some(text.trim_matches('\'')),
        PartKind::DoubleQuoted => {
            let mut parts = only.parts();
            let Some(only) = parts.next() else {
                return Some("");
            };
            let is_text = only.kind() == PartKind::Literal && parts.next().is_none();
            is_text.then(|| only.text())
        }
        _ => None,
    }
}

/// Whether anything in a text is not known.
pub(super) fn has_unknown(text: &str) -> bool {
    !text.is_ascii() && text.contains(UNKNOWN)
}

/// The operands among words, where those options have their value in the next word.
pub(super) fn operands<'w>(words: &[&'w str], with_value: &[&str]) -> Vec<&'w str> {
    let mut found = Vec::with_capacity(words.len());
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        if !word.starts_with('-') {
            found.push(word);
        } else if with_value.contains(&word) {
            words.next();
        }
    }
    found
}
