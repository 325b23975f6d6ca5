//! From a logical line to its instruction, flags and arguments: a grammar for each kind of
//! instruction, as BuildKit has it.

use crate::error::{ErrorKind, Phase};
use crate::instruction::{Kind, Pair};
use crate::json;
use crate::parser::Parser;
use crate::scan::{
    EACH, HIGH, first_of, is_blank, is_space, leading_space, leading_space_in, skip_blanks,
    trimmed_end, up_to_space, word_end, zero,
};
use crate::tree::{Flag, Form, Instruction, Keyword, Span, Text, Word, may_have_small};

/// Deepest chain of ONBUILD that is looked into; BuildKit refuses the second.
const DEEPEST_ONBUILD: usize = 100;

impl Parser {
    /// Splits a logical line into its instruction, flags and arguments.
    pub(crate) fn node(&mut self, line: Text, comments: Span, depth: usize) -> Instruction {
        let text = self.str(line);
        // The line starts with no white space, but a continuation can bring some in.
        let start = leading_space(text);
        let end = trimmed_end(text).max(start);
        let trimmed = text.as_bytes().get(..end).unwrap_or_default();
        let name_end = word_end(trimmed, start);
        let from_name = trimmed.get(start..).unwrap_or_default();
        let keyword = Keyword::at_start(from_name, name_end - start);
        let small_letters = may_have_small(from_name, name_end - start);
        let rest_start = skip_blanks(trimmed, name_end);
        let rest_start = rest_start + leading_space_in(text, rest_start, end);
        let behind_name = trimmed.get(rest_start..).unwrap_or_default();
        let has_flags = behind_name.starts_with(b"--");
        self.out.small_letters |= small_letters;
        let name = self.word_of(line.sub(start, name_end));
        let rest = line.sub(rest_start, end);
        let flags_start = self.out.flags.len();
        let rest = if has_flags { self.flags(rest) } else { rest };
        let flags = Span::new(flags_start..self.out.flags.len());
        let rest = self.word_of(rest);
        let Arguments { form, args, kind } = self.arguments(keyword, rest, depth);
        // Made at once, where it will stay: to move it about would take longer.
        Instruction {
            keyword,
            name,
            range: name.range,
            lines: self.lines(),
            text: line,
            rest,
            form,
            flags,
            args,
            heredocs: Span::default(),
            comments,
            kind,
            broken: false,
            empty_continuation: false,
        }
    }

    /// Reads the flags at the start of `rest`; gives what follows them.
    ///
    /// Quotes and escapes in flags are taken out here, with `\` as the escape character
    /// whatever the directive says, and byte by byte: BuildKit turns each byte that is not
    /// ASCII into a character of its own.
    fn flags(&mut self, rest: Text) -> Text {
        let mut at = 0;
        loop {
            let text = self.str(rest);
            at += leading_space_bytes(text, at);
            let bytes = text.as_bytes();
            if bytes.get(at) != Some(&b'-') || bytes.get(at + 1) != Some(&b'-') {
                break;
            }
            let word = flag_word(bytes, at);
            if word.plain && bytes.get(at..word.end) == Some(b"--") {
                at = word.end;
                break;
            }
            let text = if word.plain {
                rest.sub(at, word.end)
            } else {
                self.unquoted_flag(rest, at, word.end)
            };
            // BuildKit sees blanks in the middle of some wide characters; we go on behind them.
            let mut end = word.end;
            while !self.str(rest).is_char_boundary(end) {
                end += 1;
            }
            if self.str(text) == "--" {
                at = end;
                break;
            }
            let range = self.out.range(rest.sub(at, end));
            self.push_flag(Word { text, range });
            at = end;
        }
        let text = self.str(rest);
        let start = at + leading_space(text.get(at..).unwrap_or_default());
        rest.sub(start, rest.len())
    }

    fn push_flag(&mut self, word: Word) {
        let text = self.str(word.text);
        let dashes = text.len().min(2);
        let (name_end, value) = match text.find('=') {
            Some(at) => (at, Some(at + 1)),
            None => (text.len(), None),
        };
        let end = text.len();
        let name = self.word_of(word.text.sub(dashes, name_end));
        let value = value.map(|start| self.word_of(word.text.sub(start, end)));
        self.out.flags.push(Flag { word, name, value });
    }

    /// Writes the flag at `from..to` without its quotes and escapes.
    fn unquoted_flag(&mut self, rest: Text, from: usize, to: usize) -> Text {
        let start = self.out.stitched.len();
        let mut quote = None;
        let mut at = from;
        while at < to {
            let byte = self.str(rest).as_bytes().get(at).copied().unwrap_or(b' ');
            let place = self.out.range(rest.sub(at, at + 1)).start();
            match (quote, byte) {
                (None, b'\'' | b'"') => quote = Some(byte),
                (Some(open), _) if byte == open => quote = None,
                (_, b'\\') => {
                    at += 1;
                    if at < to {
                        let escaped = self.str(rest).as_bytes().get(at).copied();
                        self.stitch_byte(escaped.unwrap_or(b'\\'), place);
                    }
                }
                _ => self.stitch_byte(byte, place),
            }
            at += 1;
        }
        Text::stitched(start, self.out.stitched.len())
    }

    /// Reads what follows the flags, in the way of each instruction.
    fn arguments(&mut self, keyword: Keyword, rest: Word, depth: usize) -> Arguments {
        let start = self.out.words.len();
        let (mut form, mut kind) = (Form::Shell, Kind::Words);
        match keyword {
            Keyword::Unknown => kind = Kind::Unknown,
            _ if rest.text.is_empty() && keyword != Keyword::Onbuild => {
                if matches!(keyword, Keyword::Arg | Keyword::Env | Keyword::Label) {
                    kind = Kind::Pairs(Span::default());
                }
            }
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => {
                form = self.json_words(rest);
                if form == Form::Shell {
                    self.out.words.push(rest);
                }
            }
            Keyword::Add | Keyword::Copy | Keyword::Volume => {
                form = self.json_words(rest);
                if form == Form::Shell {
                    self.blank_separated(rest.text);
                }
            }
            Keyword::Expose | Keyword::From => self.blank_separated(rest.text),
            Keyword::Maintainer | Keyword::Stopsignal | Keyword::User | Keyword::Workdir => {
                self.out.words.push(rest);
            }
            Keyword::Env | Keyword::Label => kind = Kind::Pairs(self.pairs(keyword, rest)),
            Keyword::Arg => kind = Kind::Pairs(self.names(rest.text)),
            Keyword::Healthcheck => form = self.healthcheck_words(rest.text),
            Keyword::Onbuild => {
                kind = Kind::Onbuild(None);
                if !rest.text.is_empty() && depth < DEEPEST_ONBUILD {
                    let inner = self.node(rest.text, Span::default(), depth + 1);
                    // The words belong to the inner one.
                    return Arguments {
                        form,
                        args: Span::new(start..start),
                        kind: Kind::Onbuild(Some(Box::new(inner))),
                    };
                }
            }
        }
        let args = Span::new(start..self.out.words.len());
        Arguments { form, args, kind }
    }

    /// Reads `rest` as a JSON array of strings, where it is one.
    fn json_words(&mut self, rest: Word) -> Form {
        if self.out.bytes(rest.text).first() != Some(&b'[') {
            return Form::Shell;
        }
        self.json_array(rest)
    }

    /// Reads `rest`, which starts like a JSON array.
    fn json_array(&mut self, rest: Word) -> Form {
        let mut strings = std::mem::take(&mut self.strings);
        strings.clear();
        let array = json::array(self.str(rest.text), &mut strings);
        match array {
            json::Array::Not => return Form::Shell,
            json::Array::NotStrings(from, to) => {
                let range = self.out.range(rest.text.sub(from, to));
                self.error(ErrorKind::JsonNotStrings, range, self.lines(), Phase::Tree);
            }
            json::Array::Strings => {
                for &string in &strings {
                    let range = self
                        .out
                        .range(rest.text.sub(string.start - 1, string.end + 1));
                    let text = if string.escaped {
                        self.unescaped_json(rest.text, string)
                    } else {
                        rest.text.sub(string.start, string.end)
                    };
                    self.out.words.push(Word { text, range });
                }
            }
        }
        self.strings = strings;
        Form::Json
    }

    fn unescaped_json(&mut self, rest: Text, string: json::JsonString) -> Text {
        let pieces = json::pieces(self.str(rest), string);
        let start = self.out.stitched.len();
        for (from, to, value) in pieces {
            let piece = rest.sub(from, to);
            match value {
                None => self.stitch_text(piece),
                Some(c) => {
                    let place = self.out.range(piece).start();
                    self.stitch_char(c, place);
                }
            }
        }
        Text::stitched(start, self.out.stitched.len())
    }

    /// Words between blanks, whatever else is in them.
    fn blank_separated(&mut self, rest: Text) {
        let mut at = 0;
        loop {
            let text = self.out.bytes(rest);
            if at >= text.len() {
                return;
            }
            let end = word_end(text, at);
            let next = skip_blanks(text, end);
            let word = self.word_of(rest.sub(at, end));
            self.out.words.push(word);
            at = next;
        }
    }

    /// `ARG name name=value`
    fn names(&mut self, rest: Text) -> Span {
        let start = self.out.pairs.len();
        let mut at = 0;
        while let Some(word) = self.quoted_word(rest, &mut at) {
            self.out.words.push(word);
            let pair = self.pair(word);
            self.out.pairs.push(pair);
        }
        Span::new(start..self.out.pairs.len())
    }

    /// `ENV name=value …` or `ENV name value`
    fn pairs(&mut self, keyword: Keyword, whole: Word) -> Span {
        let start = self.out.pairs.len();
        let rest = whole.text;
        let mut first = true;
        let mut legacy = false;
        let mut at = 0;
        while let Some(word) = self.quoted_word(rest, &mut at) {
            let pair = self.pair(word);
            if pair.value.is_some() {
                self.out.pairs.push(pair);
            } else if first {
                legacy = true;
            } else if !legacy {
                let lines = self.lines();
                self.error(ErrorKind::MissingEquals, word.range, lines, Phase::Tree);
            }
            first = false;
        }
        if legacy {
            self.out.pairs.truncate(start);
            let text = self.out.bytes(rest);
            let name_end = word_end(text, 0);
            let value_start = skip_blanks(text, name_end);
            let name = self.word_of(rest.sub(0, name_end));
            if name_end == text.len() {
                let kind = ErrorKind::MissingValue(keyword);
                self.error(kind, name.range, self.lines(), Phase::Tree);
            } else {
                let value = self.word_of(rest.sub(value_start, rest.len()));
                self.out.pairs.push(Pair {
                    word: whole,
                    name,
                    value: Some(value),
                    legacy: true,
                });
            }
        }
        Span::new(start..self.out.pairs.len())
    }

    fn pair(&self, word: Word) -> Pair {
        let text = self.out.bytes(word.text);
        // Names are short.
        let (name_end, value) = match text.iter().position(|&byte| byte == b'=') {
            Some(at) => (at, Some(self.word_of(word.text.sub(at + 1, text.len())))),
            None => (text.len(), None),
        };
        Pair {
            word,
            name: self.word_of(word.text.sub(0, name_end)),
            value,
            legacy: false,
        }
    }

    /// The next word from `at` on, between white space that is neither quoted nor escaped; quotes
    /// and escapes stay.
    fn quoted_word(&self, rest: Text, at: &mut usize) -> Option<Word> {
        loop {
            let (start, end, next) = quoted_word(self.str(rest), *at, self.escape_byte())?;
            *at = next;
            if start < end {
                return Some(self.word_of(rest.sub(start, end)));
            }
        }
    }

    /// `HEALTHCHECK CMD command` or `HEALTHCHECK NONE`
    fn healthcheck_words(&mut self, rest: Text) -> Form {
        let text = self.str(rest);
        let kind_end = text
            .char_indices()
            .find(|(_, c)| c.is_whitespace())
            .map_or(text.len(), |(at, _)| at);
        let command = kind_end + leading_space(text.get(kind_end..).unwrap_or_default());
        let kind = self.word_of(rest.sub(0, kind_end));
        self.out.words.push(kind);
        let command = self.word_of(rest.sub(command, rest.len()));
        if command.text.is_empty() {
            return Form::Shell;
        }
        let form = self.json_words(command);
        if form == Form::Shell {
            self.out.words.push(command);
        }
        form
    }
}

/// What follows the flags of an instruction.
struct Arguments {
    form: Form,
    args: Span,
    kind: Kind,
}

/// How far a flag reaches.
struct FlagEnd {
    end: usize,
    /// Neither quotes nor escapes nor anything but ASCII in it.
    plain: bool,
}

fn flag_word(bytes: &[u8], start: usize) -> FlagEnd {
    let mut quote = None;
    let mut plain = true;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (None, _) if is_flag_space(byte) => break,
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                plain = false;
            }
            (Some(open), _) if byte == open => quote = None,
            (_, b'\\') => {
                at += 1;
                plain = false;
            }
            _ => plain &= byte.is_ascii(),
        }
        at += 1;
    }
    FlagEnd {
        end: at.min(bytes.len()),
        plain,
    }
}

/// White space between flags: BuildKit looks at single bytes, so that two bytes which are
/// parts of longer characters count as well.
fn is_flag_space(byte: u8) -> bool {
    is_blank(byte) || byte == b'\n' || byte == 0x85 || byte == 0xA0
}

fn leading_space_bytes(text: &str, from: usize) -> usize {
    text.as_bytes()
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&byte| is_flag_space(byte))
        .count()
}

/// The next word from `from` on (where a character starts): its start, its end, and where to go on; `None` at the end.
///
/// An escape character takes the next character with it; within single quotes it does not. A
/// lone one at the very end is dropped.
#[inline]
fn quoted_word(text: &str, from: usize, escape: u8) -> Option<(usize, usize, usize)> {
    let bytes = text.as_bytes();
    let start = from + leading_space_in(text, from, text.len());
    if start >= bytes.len() {
        return None;
    }
    let mut quote = None;
    let mut at = start;
    loop {
        at = plain_end(bytes, at, escape);
        let Some(&byte) = bytes.get(at) else {
            return Some((start, bytes.len(), bytes.len()));
        };
        if byte == escape && quote != Some(b'\'') {
            let Some(next) = text.get(at + 1..).and_then(|rest| rest.chars().next()) else {
                return Some((start, at, bytes.len()));
            };
            at += 1 + next.len_utf8();
            continue;
        }
        if let Some(open) = quote {
            quote = (byte != open).then_some(open);
        } else if byte == b'\'' || byte == b'"' {
            quote = Some(byte);
        } else if is_space_at(text, at, byte) {
            return Some((start, at, at));
        }
        at += 1;
    }
}

/// The first byte from `at` on that may mean something else than itself.
fn plain_end(bytes: &[u8], mut at: usize, escape: u8) -> usize {
    let escapes = EACH * u64::from(escape);
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let eight = u64::from_le_bytes(*eight);
        let special = up_to_space(eight)
            | zero(eight ^ (EACH * u64::from(b'"')))
            | zero(eight ^ (EACH * u64::from(b'\'')))
            | zero(eight ^ escapes)
            | eight & HIGH;
        at += first_of(special);
        if special != 0 {
            return at;
        }
    }
    let is_special =
        |&byte: &u8| byte <= b' ' || byte >= 0x80 || byte == escape || b"\"'".contains(&byte);
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Whether the character that starts with `byte` at `at` is white space.
fn is_space_at(text: &str, at: usize, byte: u8) -> bool {
    if byte.is_ascii() {
        return is_space(byte);
    }
    text.get(at..)
        .and_then(|rest| rest.chars().next())
        .is_some_and(char::is_whitespace)
}
