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
#[derive(Clone)]
pub(super) struct Words<'a> {
    place: &'a Place<'a>,
    system: System,
    set: BTreeMap<&'a str, Cow<'a, str>>,
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

    /// Notes the assignments of a command that is nothing else, or an `export`, by its first word
    /// where nothing in that is quoted or expanded.
    #[inline]
    pub(super) fn assign(&mut self, simple: Simple<'a>, is_named: bool, name: Option<&str>) {
        match name {
            None if !is_named => self.set_all(simple.assignments()),
            // Others have none among their words.
            Some("export" | "readonly" | "local" | "declare" | "typeset") => {
                self.set_all(simple.words().filter_map(|word| word.assignment()));
            }
            _ => {}
        }
    }

    fn set_all(&mut self, all: impl Iterator<Item = Assignment<'a>>) {
        for assignment in all {
            let value = assignment.value();
            let mut value = value.map_or(Cow::Borrowed(""), |word| self.one(word));
            let name = assignment.name();
            if assignment.is_append() {
                let before = self.value(name).unwrap_or_default();
                value.to_mut().insert_str(0, before);
            }
            if value.len() > LONGEST {
                value = UNKNOWN.to_string().into();
            }
            self.set.insert(name, value);
        }
    }

    /// Goes to another folder.
    pub(super) fn go(&mut self, path: &str) {
        self.folder = self.path(path).into();
    }

    /// Where it is. What is not known of that is the letter that stands for anything.
    pub(super) fn folder(&self) -> &str {
        &self.folder
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
        let set = self.set.get(name).map(|value| &**value);
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
        let Room { list, made, others } = room;
        made.clear();
        others.clear();
        let mut all: Vec<&str> = std::mem::take(list);
        // Few have more.
        all.reserve(16);
        for word in words {
            if let Some(text) = literal(word) {
                all.push(text);
                continue;
            }
            let start = made.len();
            if start == 0 {
                // Mostly that is enough.
                made.reserve(200);
                others.reserve(8);
            }
            self.parts(word.parts(), made, start + LONGEST, 0);
            let is_split = word.has_unquoted_expansion() && {
                let text = made.get(start..).unwrap_or_default();
                text.is_empty() || has_space(text)
            };
            others.push((all.len(), made.len(), is_split));
            all.push("");
        }
        let (mut start, mut are_split) = (0, false);
        for &(at, end, is_split) in &*others {
            if let Some(place) = all.get_mut(at) {
                *place = made.get(start..end).unwrap_or_default();
            }
            (start, are_split) = (end, are_split || is_split);
        }
        if are_split { split(&all, others) } else { all }
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
            match part.kind() {
                PartKind::Literal | PartKind::Glob | PartKind::Brace | PartKind::Tilde => {
                    out.push_str(part.text());
                }
                PartKind::Escape => {
                    let text = part.text();
                    let rest = text.strip_prefix('\\').unwrap_or(text);
                    out.extend(rest.chars().filter(|c| *c != '\n' && *c != '\\'));
                }
                PartKind::SingleQuoted => out.push_str(part.text().trim_matches('\'')),
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
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// Empty between two calls.
    pub(super) list: Vec<&'static str>,
    /// Those that are not as they are written, one behind the other.
    made: String,
    /// Their places in the list, where each ends, and whether it is split.
    others: Vec<(usize, usize, bool)>,
}

/// An empty list in the same place, for other words.
pub(super) fn emptied(mut list: Vec<&str>) -> Vec<&'static str> {
    list.clear();
    list.into_iter().map(|_| "").collect()
}

/// Words of which some are split.
fn split<'r>(all: &[&'r str], others: &[(usize, usize, bool)]) -> Vec<&'r str> {
    let mut places = others.iter().filter(|(.., is_split)| *is_split).peekable();
    let mut filled = Vec::with_capacity(2 * all.len());
    for (at, word) in all.iter().enumerate() {
        if places.next_if(|(place, ..)| *place == at).is_some() {
            filled.extend(word.split_whitespace());
        } else {
            filled.push(*word);
        }
    }
    filled
}

/// Whether there is a space in a text, of whatever kind.
fn has_space(text: &str) -> bool {
    let is_space = |byte| matches!(byte, b'\t'..=b'\r' | b' ');
    text.bytes().any(is_space) || !text.is_ascii() && text.contains(char::is_whitespace)
}

/// A word that is as it is written, but for quotes around all of it.
#[inline]
pub(super) fn literal(word: Word<'_>) -> Option<&str> {
    match word.as_plain() {
        Some((text, _)) => Some(text),
        None => word.only_quotes(),
    }
}

/// Whether anything in a text is not known.
pub(super) fn has_unknown(text: &str) -> bool {
    !text.is_ascii() && text.contains(UNKNOWN)
}

/// The value of the first of some options: the next word, or what stands behind `=`.
pub(super) fn value_of<'w>(words: &[&'w str], names: &[&str]) -> Option<&'w str> {
    let at = words.iter().position(|word| names.contains(word));
    let next = at.and_then(|at| words.get(at + 1).copied());
    next.or_else(|| {
        let mut pairs = words.iter().filter_map(|word| word.split_once('='));
        pairs.find_map(|(name, value)| names.contains(&name).then_some(value))
    })
}

/// The operands among words, where those options have their value in the next word.
#[derive(Clone)]
pub(super) struct Operands<'l, 'w> {
    words: std::slice::Iter<'l, &'w str>,
    with_value: &'l [&'static str],
}

pub(super) fn operands<'l, 'w>(
    words: &'l [&'w str],
    with_value: &'l [&'static str],
) -> Operands<'l, 'w> {
    Operands {
        words: words.iter(),
        with_value,
    }
}

impl<'w> Iterator for Operands<'_, 'w> {
    type Item = &'w str;

    fn next(&mut self) -> Option<&'w str> {
        while let Some(&word) = self.words.next() {
            if !word.starts_with('-') {
                return Some(word);
            }
            if self.with_value.contains(&word) {
                self.words.next();
            }
        }
        None
    }
}
