//! Variables, quotes and escapes in words, as the builder (not the shell) reads them.
//!
//! BuildKit expands the arguments of ADD, COPY, ENV, EXPOSE, FROM, LABEL, ONBUILD, STOPSIGNAL,
//! USER, VOLUME and WORKDIR by rules of its own that look like a shell's and are not: there is
//! no field splitting of quoted text, `${x=y}` is an error, and both sides of `${x:-y}` are
//! read whether they are needed or not. RUN, CMD and ENTRYPOINT are left to the real shell.
//!
//! ```
//! use stagecraft_syntax::expand::{Expander, word};
//!
//! let lookup = |name: &str| (name == "V").then_some("1.22");
//! let out = word("golang:${V:-latest}-alpine", &Expander::new('\\', &lookup)).unwrap();
//! assert_eq!(out.text, "golang:1.22-alpine");
//! ```

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use stagecraft_text::{TextRange, size};

/// Longest text that an expansion makes, in bytes. A file can double a variable on every line,
/// so without a limit thirty lines would fill the memory. Linux hands no longer text to a program
/// (`MAX_ARG_STRLEN`).
pub const LONGEST: usize = 1 << 17;

/// Deepest nesting of `${a:-${b:-…}}`.
const DEEPEST: usize = 64;

/// How much the expansions of a file may come to together, so that none makes a page hang or fills
/// its memory, however often it repeats a long value: bytes of values and steps of matching patterns.
#[derive(Debug)]
pub struct Room(Cell<usize>);

impl Room {
    /// That of a file: far more than anybody's needs.
    pub const fn of_file() -> Self {
        Self(Cell::new(1 << 24))
    }

    /// That of a line which is only shown, shortened.
    pub const fn of_line() -> Self {
        Self(Cell::new(1 << 13))
    }

    fn take(&self, amount: usize) -> Result<(), ExpandError> {
        let left = self.0.get().checked_sub(amount);
        self.0.set(left.unwrap_or(0));
        left.map(drop).ok_or(ExpandError::TooMuch)
    }
}

/// What quotes in a word are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quotes {
    /// Signs that hold text together and are not part of it.
    Remove,
    /// The same, but they stay.
    Keep,
    /// Characters like others, as in the lines of a heredoc.
    Ignore,
}

/// How to read a word, and where the values come from.
#[derive(Clone, Copy)]
pub struct Expander<'a> {
    /// The escape character in force.
    pub escape: char,
    /// What quotes are.
    pub quotes: Quotes,
    /// Keep escape characters in the result.
    pub raw_escapes: bool,
    /// Leave references to variables without a value as they stand.
    pub skip_unset: bool,
    /// Value of a variable; `None` where it is not set.
    pub lookup: &'a dyn Fn(&str) -> Option<&'a str>,
    /// What is left for the file; with `None` each expansion may take as much as a file may.
    pub room: Option<&'a Room>,
}

impl fmt::Debug for Expander<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expander")
            .field("escape", &self.escape)
            .field("quotes", &self.quotes)
            .field("raw_escapes", &self.raw_escapes)
            .field("skip_unset", &self.skip_unset)
            .finish_non_exhaustive()
    }
}

impl<'a> Expander<'a> {
    /// Takes quotes and escapes away and puts the empty text for unset variables.
    pub fn new(escape: char, lookup: &'a dyn Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            escape,
            quotes: Quotes::Remove,
            raw_escapes: false,
            skip_unset: false,
            lookup,
            room: None,
        }
    }

    /// Only splits: quotes, escapes and variables stay as they stand.
    pub fn raw(escape: char) -> Expander<'static> {
        Expander {
            escape,
            quotes: Quotes::Keep,
            raw_escapes: true,
            skip_unset: true,
            lookup: &|_| None,
            room: None,
        }
    }
}

/// A reference to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// From `$` to the end of the name or to the closing brace, in bytes of the input.
    pub range: TextRange,
    /// Whether it has a value.
    pub set: bool,
}

/// What a word becomes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// The variables that were looked up, in order, again for each time.
    pub references: Vec<Reference>,
}

/// One of the words that a text splits into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitWord {
    /// The word.
    pub text: String,
    /// What it was made of, in bytes of the input. Words that come out of one variable have
    /// the place of the variable.
    pub range: TextRange,
}

/// Why a word cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpandError {
    /// A quote without its partner.
    UnclosedQuote(char),
    /// `${}` or a brace followed by no name.
    BadSubstitution,
    /// `${x` and no more, or one of the operators that are not supported.
    UnsupportedModifier(String),
    /// `${x:-y` without `}`.
    MissingBrace,
    /// `${x/y}` without the second `/`.
    MissingSlash,
    /// `${x?message}` of a variable that is not set.
    NotSet {
        /// The variable.
        name: String,
        /// What the file says; empty for nothing.
        message: String,
        /// Whether it is set, but to nothing.
        empty: bool,
    },
    /// A pattern of `${x#p}` and the like that ends in an escape character.
    BadPattern,
    /// Nested deeper, or longer, than Stagecraft follows; or no [`Room`] is left.
    TooMuch,
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnclosedQuote('\'') => f.write_str("the single quote is never closed"),
            Self::UnclosedQuote(_) => f.write_str("the double quote is never closed"),
            Self::BadSubstitution => f.write_str("`${` needs the name of a variable behind it"),
            Self::UnsupportedModifier(modifier) if modifier.is_empty() => {
                f.write_str("`${` is never closed with `}`")
            }
            Self::UnsupportedModifier(modifier) => {
                write!(
                    f,
                    "the builder does not know `{modifier}` inside of `${{…}}`"
                )
            }
            Self::MissingBrace => f.write_str("`${` is never closed with `}`"),
            Self::MissingSlash => f.write_str("`${name/pattern` needs `/replacement}` behind it"),
            Self::NotSet {
                name,
                message,
                empty,
            } => {
                let state = if *empty { "empty" } else { "not set" };
                write!(f, "the file demands a value for `{name}`, which is {state}")?;
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
                Ok(())
            }
            Self::BadPattern => f.write_str("the pattern ends in an escape character"),
            Self::TooMuch => write!(
                f,
                "the text is nested more than {DEEPEST} deep or grows beyond {LONGEST} bytes, or the \
                 variables of this file take too long to follow"
            ),
        }
    }
}

impl std::error::Error for ExpandError {}

/// Whether `text` stands for itself whatever the variables are.
pub fn is_plain(text: &str, escape: char) -> bool {
    !text
        .bytes()
        .any(|byte| matches!(byte, b'$' | b'\'' | b'"') || u32::from(byte) == u32::from(escape))
}

/// Expands `text` as one word; blanks stay.
///
/// # Errors
/// [`ExpandError`] where BuildKit refuses it, too.
pub fn word(text: &str, expander: &Expander<'_>) -> Result<Expanded, ExpandError> {
    let mut run = Run::new(text, expander);
    let mut out = Out {
        text: String::with_capacity(text.len()),
    };
    run.until(None, expander.raw_escapes, &mut out, None, 0)?;
    Ok(Expanded {
        text: out.text,
        references: run.references,
    })
}

/// Like [`word`], without a copy where nothing is to be expanded; the references are dropped.
///
/// # Errors
/// As for [`word`].
pub fn text<'t>(text: &'t str, expander: &Expander<'_>) -> Result<Cow<'t, str>, ExpandError> {
    if is_plain(text, expander.escape) {
        return Ok(Cow::Borrowed(text));
    }
    let mut run = Run::new(text, expander);
    run.notes = false;
    let mut out = Out {
        text: String::with_capacity(text.len()),
    };
    run.until(None, expander.raw_escapes, &mut out, None, 0)?;
    Ok(Cow::Owned(out.text))
}

/// Expands `text` and splits it at blanks that are not quoted.
///
/// # Errors
/// As for [`word`].
pub fn words(text: &str, expander: &Expander<'_>) -> Result<Vec<SplitWord>, ExpandError> {
    let mut run = Run::new(text, expander);
    let mut out = Out::default();
    let mut split = Splitter::default();
    run.until(None, expander.raw_escapes, &mut out, Some(&mut split), 0)?;
    split.finish();
    Ok(split.words)
}

/// The text that is made.
#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn push(&mut self, c: char) -> Result<(), ExpandError> {
        self.push_str(c.encode_utf8(&mut [0; 4]))
    }

    fn push_str(&mut self, text: &str) -> Result<(), ExpandError> {
        if self.text.len() + text.len() > LONGEST {
            return Err(ExpandError::TooMuch);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// Collects words.
#[derive(Default)]
struct Splitter {
    words: Vec<SplitWord>,
    word: String,
    start: usize,
    end: usize,
}

impl Splitter {
    /// Adds a piece that is not split, made of bytes `start..end` of the input.
    fn push(&mut self, text: &str, start: usize, end: usize) {
        if self.word.is_empty() {
            self.start = start;
        }
        self.word.push_str(text);
        self.end = end;
    }

    /// Adds a piece that ends words at its blanks.
    fn push_splitting(&mut self, text: &str, start: usize, end: usize) {
        for c in text.chars() {
            if !c.is_whitespace() {
                self.push(c.encode_utf8(&mut [0; 4]), start, end);
            } else if !self.word.ends_with("<<") {
                // `<< NAME` starts a heredoc just as `<<NAME` does.
                self.finish();
            }
        }
    }

    fn finish(&mut self) {
        if !self.word.is_empty() {
            self.words.push(SplitWord {
                text: std::mem::take(&mut self.word),
                range: TextRange::new(size(self.start), size(self.end)),
            });
        }
    }
}

/// A character of one byte, to be looked for; else one that means something anyway.
fn byte_of(c: Option<char>) -> u8 {
    let byte = c.and_then(|c| u8::try_from(u32::from(c)).ok());
    byte.unwrap_or(b'$')
}

/// The way through one text.
struct Run<'r, 'a> {
    text: &'r str,
    at: usize,
    expander: &'r Expander<'a>,
    /// Whether anybody wants to know the references.
    notes: bool,
    references: Vec<Reference>,
    /// Where nobody counts.
    own: Room,
}

impl<'r, 'a> Run<'r, 'a> {
    fn new(text: &'r str, expander: &'r Expander<'a>) -> Self {
        Self {
            text,
            at: 0,
            expander,
            notes: true,
            references: Vec::new(),
            own: Room::of_file(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// How many bytes there are from the plain character `first` on up to the next one that may
    /// mean something.
    fn plain(&self, stop: Option<char>, first: char) -> usize {
        let (escape, stop) = (byte_of(Some(self.expander.escape)), byte_of(stop));
        self.up_to(first, [b'$', b'\'', b'"', escape, stop])
    }

    /// The same between double quotes.
    fn plain_in_quotes(&self, first: char) -> usize {
        self.up_to(first, [b'$', b'"', byte_of(Some(self.expander.escape))])
    }

    fn up_to<const N: usize>(&self, first: char, signs: [u8; N]) -> usize {
        let rest = self.text.get(self.at + first.len_utf8()..);
        let rest = rest.unwrap_or_default().as_bytes();
        // Many at once, as long as none of them means anything.
        let any_of = |any: u8, byte: &u8| {
            let same = signs.iter().map(|sign| u8::from(sign == byte));
            same.fold(any, |any, is| any | is)
        };
        let (chunks, _) = rest.as_chunks::<16>();
        let plain = chunks
            .iter()
            .take_while(|chunk| chunk.iter().fold(0, any_of) == 0);
        let plain = 16 * plain.count();
        let rest = rest.get(plain..).unwrap_or_default();
        let more = rest.iter().position(|byte| signs.contains(byte));
        first.len_utf8() + plain + more.unwrap_or(rest.len())
    }

    /// Reads to the end, or to `stop`, which is then read as well.
    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
        out: &mut Out,
        mut split: Option<&mut Splitter>,
        depth: usize,
    ) -> Result<(), ExpandError> {
        if depth > DEEPEST {
            return Err(ExpandError::TooMuch);
        }
        let quoting = self.expander.quotes != Quotes::Ignore;
        while let Some(c) = self.peek() {
            let start = self.at;
            let made = out.text.len();
            if Some(c) == stop {
                self.next();
                return Ok(());
            }
            let mut splits = false;
            match c {
                '\'' if quoting => self.single_quoted(out)?,
                '"' if quoting => {
                    self.double_quoted(raw_escapes, out, depth)?;
                }
                '$' => {
                    self.dollar(raw_escapes, out, depth)?;
                    splits = true;
                }
                _ if c == self.expander.escape => {
                    self.next();
                    if raw_escapes {
                        out.push(c)?;
                    }
                    if let Some(escaped) = self.next() {
                        out.push(escaped)?;
                    }
                }
                _ => {
                    // Each character of a word that is split has a place of its own.
                    let length = match split {
                        Some(_) => c.len_utf8(),
                        None => self.plain(stop, c),
                    };
                    let plain = self.text.get(start..start + length).unwrap_or_default();
                    self.at += length;
                    out.push_str(plain)?;
                    splits = true;
                }
            }
            if let Some(split) = split.as_deref_mut() {
                let piece = out.text.get(made..).unwrap_or_default();
                if splits {
                    split.push_splitting(piece, start, self.at);
                } else {
                    split.push(piece, start, self.at);
                }
            }
        }
        match stop {
            None => Ok(()),
            Some(_) => Err(ExpandError::MissingBrace),
        }
    }

    fn single_quoted(&mut self, out: &mut Out) -> Result<(), ExpandError> {
        let start = self.at;
        self.next();
        let length = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.find('\''))
            .ok_or(ExpandError::UnclosedQuote('\''))?;
        self.at += length + 1;
        let quote = usize::from(self.expander.quotes != Quotes::Keep);
        let inside = self.text.get(start + quote..self.at - quote);
        out.push_str(inside.unwrap_or_default())
    }

    fn double_quoted(
        &mut self,
        raw_escapes: bool,
        out: &mut Out,
        depth: usize,
    ) -> Result<(), ExpandError> {
        let keep = self.expander.quotes == Quotes::Keep;
        let quote = |out: &mut Out| if keep { out.push('"') } else { Ok(()) };
        self.next();
        quote(out)?;
        loop {
            match self.peek() {
                None => return Err(ExpandError::UnclosedQuote('"')),
                Some('"') => {
                    self.next();
                    return quote(out);
                }
                Some('$') => self.dollar(raw_escapes, out, depth)?,
                Some(c) if c != self.expander.escape => {
                    let end = self.at + self.plain_in_quotes(c);
                    out.push_str(self.text.get(self.at..end).unwrap_or_default())?;
                    self.at = end;
                }
                Some(c) => {
                    self.next();
                    if raw_escapes {
                        out.push(c)?;
                    }
                    match self.peek() {
                        // At the very end the quote is missing; the loop says so.
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == c => {
                            self.next();
                            out.push(next)?;
                        }
                        Some(_) if raw_escapes => {}
                        // Before anything else it is a character like others.
                        Some(_) => out.push(c)?,
                    }
                }
            }
        }
    }

    /// The name at this place: letters, digits and `_`, or digits, or one special character.
    fn name(&mut self) -> &'r str {
        let start = self.at;
        match self.peek() {
            Some(c) if c.is_numeric() => {
                while self.peek().is_some_and(char::is_numeric) {
                    self.next();
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                self.at += rest.bytes().take_while(of_name).count();
                while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    self.next();
                }
            }
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The value of `name`, which stands behind the `$` at `start`.
    fn value(
        &mut self,
        name: &str,
        start: usize,
        end: usize,
    ) -> Result<Option<&'a str>, ExpandError> {
        let value = (self.expander.lookup)(name);
        if self.notes {
            self.references.push(Reference {
                name: name.to_owned(),
                range: TextRange::new(size(start), size(end)),
                set: value.is_some(),
            });
        }
        self.take(value.map_or(0, str::len))?;
        Ok(value)
    }

    fn take(&self, amount: usize) -> Result<(), ExpandError> {
        self.expander.room.unwrap_or(&self.own).take(amount)
    }

    fn dollar(
        &mut self,
        raw_escapes: bool,
        out: &mut Out,
        depth: usize,
    ) -> Result<(), ExpandError> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return out.push('$');
            }
            return match self.value(name, start, self.at)? {
                Some(value) => out.push_str(value),
                None if self.expander.skip_unset => self.keep(start, out),
                None => Ok(()),
            };
        }
        self.next();
        if matches!(self.peek(), Some('{' | '}' | ':')) {
            return Err(ExpandError::BadSubstitution);
        }
        let name = self.name();
        let operator = self.next();
        match operator {
            Some('}') => match self.value(name, start, self.at)? {
                Some(value) => out.push_str(value),
                None if self.expander.skip_unset => self.keep(start, out),
                None => Ok(()),
            },
            Some(':') => match self.next() {
                Some(c @ ('+' | '-' | '?')) => {
                    self.alternative(c, true, name, start, raw_escapes, out, depth)
                }
                other => Err(ExpandError::UnsupportedModifier(
                    [':'].into_iter().chain(other).collect(),
                )),
            },
            Some(c @ ('+' | '-' | '?')) => {
                self.alternative(c, false, name, start, raw_escapes, out, depth)
            }
            Some(c @ ('#' | '%')) => self.strip(c, name, start, out, depth),
            Some('/') => self.replace(name, start, out, depth),
            other => Err(ExpandError::UnsupportedModifier(
                other.into_iter().collect(),
            )),
        }
    }

    /// Copies what was read since `start`.
    fn keep(&self, start: usize, out: &mut Out) -> Result<(), ExpandError> {
        out.push_str(self.text.get(start..self.at).unwrap_or_default())
    }

    /// `${x-y}`, `${x+y}`, `${x?y}`; with `colon`, an empty value counts as none.
    #[expect(clippy::too_many_arguments, reason = "the state of one substitution")]
    fn alternative(
        &mut self,
        operator: char,
        colon: bool,
        name: &str,
        start: usize,
        raw_escapes: bool,
        out: &mut Out,
        depth: usize,
    ) -> Result<(), ExpandError> {
        let mut other = Out::default();
        let name_end = self.at;
        let first = self.references.len();
        self.until(Some('}'), raw_escapes, &mut other, None, depth + 1)?;
        let value = self.value(name, start, name_end)?;
        self.take(other.text.len())?;
        // In the order in which a reader meets them.
        if let Some(tail) = self.references.get_mut(first..).filter(|it| !it.is_empty()) {
            tail.rotate_right(1);
        }
        if let Some(reference) = self.references.get_mut(first) {
            reference.range = TextRange::new(size(start), size(self.at));
        }
        let there = match value {
            Some("") => !colon,
            Some(_) => true,
            None => false,
        };
        if value.is_none() && self.expander.skip_unset {
            return self.keep(start, out);
        }
        match operator {
            '-' if there => out.push_str(value.unwrap_or_default()),
            '-' => out.push_str(&other.text),
            '+' if there => out.push_str(&other.text),
            '+' => Ok(()),
            _ if there => out.push_str(value.unwrap_or_default()),
            _ => Err(ExpandError::NotSet {
                name: name.to_owned(),
                message: other.text,
                empty: value.is_some(),
            }),
        }
    }

    /// `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`.
    fn strip(
        &mut self,
        operator: char,
        name: &str,
        start: usize,
        out: &mut Out,
        depth: usize,
    ) -> Result<(), ExpandError> {
        let mut pattern = Out::default();
        self.until(Some('}'), true, &mut pattern, None, depth + 1)?;
        let value = self.value(name, start, self.at)?;
        let Some(value) = value else {
            return if self.expander.skip_unset {
                self.keep(start, out)
            } else {
                Ok(())
            };
        };
        let (greedy, pattern) = match pattern.text.strip_prefix(operator) {
            Some(rest) => (true, rest),
            None => (false, pattern.text.as_str()),
        };
        let pattern = Pattern::new(pattern, self.expander.escape)?;
        self.take(pattern.steps(value))?;
        out.push_str(match operator {
            '#' => pattern.strip_prefix(value, greedy),
            _ => pattern.strip_suffix(value, greedy),
        })
    }

    /// `${x/p/r}`, `${x//p/r}`.
    fn replace(
        &mut self,
        name: &str,
        start: usize,
        out: &mut Out,
        depth: usize,
    ) -> Result<(), ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let (mut pattern, mut replacement) = (Out::default(), Out::default());
        self.until(Some('/'), true, &mut pattern, None, depth + 1)
            .map_err(|error| match error {
                ExpandError::MissingBrace => ExpandError::MissingSlash,
                other => other,
            })?;
        self.until(Some('}'), true, &mut replacement, None, depth + 1)?;
        let value = self.value(name, start, self.at)?;
        let Some(value) = value else {
            return if self.expander.skip_unset {
                self.keep(start, out)
            } else {
                Ok(())
            };
        };
        let pattern = Pattern::new(&pattern.text, self.expander.escape)?;
        self.take(pattern.steps(value))?;
        let starts = pattern.starts(value);
        let mut at = 0;
        while let Some(from) = starts.get(at..).and_then(|it| it.iter().position(|it| *it)) {
            let from = at + from;
            let to = from + pattern.longest(value.get(from..).unwrap_or_default());
            self.take(replacement.text.len())?;
            out.push_str(value.get(at..from).unwrap_or_default())?;
            out.push_str(&replacement.text)?;
            let after = value.get(to..).unwrap_or_default();
            at = to;
            if from == to {
                // An empty match: go on behind the next character.
                let step = after.chars().next().map_or(0, char::len_utf8);
                out.push_str(after.get(..step).unwrap_or_default())?;
                at += step;
                if step == 0 {
                    return Ok(());
                }
            }
            if !all {
                break;
            }
        }
        out.push_str(value.get(at..).unwrap_or_default())
    }
}

/// A shell pattern of `*`, `?` and characters.
struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Is(char),
}

impl Pattern {
    fn new(text: &str, escape: char) -> Result<Self, ExpandError> {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let part = match c {
                '*' if parts.last() == Some(&Part::Any) => continue,
                '*' => Part::Any,
                '?' => Part::One,
                _ if c == escape || c == '\\' => {
                    Part::Is(chars.next().ok_or(ExpandError::BadPattern)?)
                }
                _ => Part::Is(c),
            };
            parts.push(part);
        }
        Ok(Self { parts })
    }

    /// Ends of the matches that start where `text` starts, the shortest first.
    fn ends<'t>(&self, text: impl Iterator<Item = (usize, char)> + 't, end: usize) -> Vec<usize> {
        // Which prefixes of the pattern match what was read so far.
        let mut state = vec![false; self.parts.len() + 1];
        let close = |state: &mut [bool]| {
            for (i, part) in self.parts.iter().enumerate() {
                if *part == Part::Any
                    && state.get(i) == Some(&true)
                    && let Some(next) = state.get_mut(i + 1)
                {
                    *next = true;
                }
            }
        };
        if let Some(first) = state.first_mut() {
            *first = true;
        }
        close(&mut state);
        let mut ends = Vec::new();
        for (at, c) in text {
            if state.last() == Some(&true) {
                ends.push(at);
            }
            if let Some(whole) = state.last_mut() {
                *whole = false;
            }
            for (i, part) in self.parts.iter().enumerate().rev() {
                let here = state.get(i) == Some(&true);
                let step = here && (*part == Part::One || *part == Part::Is(c));
                if let Some(next) = state.get_mut(i + 1) {
                    *next |= step;
                }
                if let Some(this) = state.get_mut(i) {
                    *this = here && *part == Part::Any;
                }
            }
            close(&mut state);
            if !state.contains(&true) {
                return ends;
            }
        }
        if state.last() == Some(&true) {
            ends.push(end);
        }
        ends
    }

    fn strip_prefix<'t>(&self, text: &'t str, greedy: bool) -> &'t str {
        let ends = self.ends(text.char_indices(), text.len());
        let end = if greedy { ends.last() } else { ends.first() };
        end.and_then(|&end| text.get(end..)).unwrap_or(text)
    }

    fn strip_suffix<'t>(&self, text: &'t str, greedy: bool) -> &'t str {
        let backwards = Self {
            parts: self.parts.iter().rev().copied().collect(),
        };
        let reversed = text
            .char_indices()
            .rev()
            .map(|(at, c)| (text.len() - at - c.len_utf8(), c));
        let ends = backwards.ends(reversed, text.len());
        let end = if greedy { ends.last() } else { ends.first() };
        end.and_then(|&end| text.get(..text.len() - end))
            .unwrap_or(text)
    }

    /// About how many steps it takes to match it with all of a text.
    fn steps(&self, text: &str) -> usize {
        text.len().saturating_mul(self.parts.len() + 1)
    }

    /// For each byte of a text and its end, whether a match starts there. One pass from the end: to
    /// try each start by itself takes as many steps as the square of the length.
    fn starts(&self, text: &str) -> Vec<bool> {
        let count = self.parts.len();
        let mut starts = vec![false; text.len() + 1];
        // Which ends of the pattern match from here on, and from the next character on.
        let (mut here, mut next) = (vec![false; count + 1], vec![false; count + 1]);
        let ends = text.char_indices().map(|(at, c)| (at, Some(c)));
        for (at, c) in ends.chain([(text.len(), None)]).rev() {
            std::mem::swap(&mut here, &mut next);
            let mut behind = true;
            if let Some(end) = here.last_mut() {
                *end = true;
            }
            for (number, part) in self.parts.iter().enumerate().rev() {
                let later = |at: usize| c.is_some() && next.get(at) == Some(&true);
                let matches = match part {
                    Part::Any => behind || later(number),
                    Part::One => later(number + 1),
                    Part::Is(wanted) => c == Some(*wanted) && later(number + 1),
                };
                if let Some(this) = here.get_mut(number) {
                    *this = matches;
                }
                behind = matches;
            }
            if let Some(start) = starts.get_mut(at) {
                *start = behind;
            }
        }
        starts
    }

    /// Where the longest match ends that starts where the text does.
    fn longest(&self, text: &str) -> usize {
        let ends = self.ends(text.char_indices(), text.len());
        ends.last().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expanded(text: &str, value: &str, room: &Room) -> Result<String, ExpandError> {
        let lookup = |name: &str| (name == "A").then_some(value);
        let expander = Expander {
            room: Some(room),
            ..Expander::new('\\', &lookup)
        };
        word(text, &expander).map(|expanded| expanded.text)
    }

    /// The first match, the longest there, by trying each start.
    fn found(pattern: &Pattern, text: &str) -> Option<(usize, usize)> {
        let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        starts.into_iter().find_map(|start| {
            let rest = &text[start..];
            let ends = pattern.ends(rest.char_indices(), rest.len());
            Some((start, start + ends.last()?))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        #[test]
        fn what_is_replaced_is_what_trying_each_start_finds(
            pattern in "[ab?*é]{1,5}",
            value in "[abcé]{0,12}",
        ) {
            let read = Pattern::new(&pattern, '\\').unwrap();
            let mut expected = String::new();
            let mut rest = value.as_str();
            while let Some((from, to)) = found(&read, rest) {
                expected += &rest[..from];
                expected += "x";
                rest = &rest[to..];
                if from == to {
                    let Some(next) = rest.chars().next() else { break };
                    expected.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
            expected += rest;
            let text = format!("${{A//{pattern}/x}}");
            prop_assert_eq!(expanded(&text, &value, &Room::of_file()), Ok(expected));
        }
    }

    #[test]
    fn a_pattern_takes_about_as_long_as_the_value_is() {
        let value = "a".repeat(20_000);
        let room = Room::of_file();
        for text in [
            "${A//*a*a*a*b/x}",
            "${A/a*b/x}",
            "${A//a?b/x}",
            "${A##*a*b}",
            "${A%%a*b}",
        ] {
            assert_eq!(
                expanded(text, &value, &room).as_deref(),
                Ok(&*value),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_file_expands_has_an_end() {
        let value = "a".repeat(100_000);
        for text in ["$A", "${A:+$A}", "${A//*b/x}"] {
            let room = Room::of_file();
            let times = (0..1_000).take_while(|_| expanded(text, &value, &room).is_ok());
            let times = times.count();
            assert!((2..200).contains(&times), "{text}: {times}");
            assert_eq!(expanded(text, &value, &room), Err(ExpandError::TooMuch));
            // What takes nothing is read all the same.
            assert_eq!(expanded("a\"b\"$C", &value, &room).as_deref(), Ok("ab"));
        }
    }
}
