//! Words and their parts.

use crate::node::{Kind, flag};
use crate::note::{Construct, NoteKind};
use crate::{ListRole, ParameterOp};

use super::{Closers, Parser};

// Classes of bytes that end a run of literal text in one mode or another.

/// Blanks, line feeds and operators.
const META: u16 = 1;
/// `'`
const SINGLE: u16 = 1 << 1;
/// `"`
const DOUBLE: u16 = 1 << 2;
/// `\`
const BACKSLASH: u16 = 1 << 3;
/// `$` and `` ` ``
const EXPANSION: u16 = 1 << 4;
/// `*`, `?` and `[`
const GLOB: u16 = 1 << 5;
/// `{`
const OPEN_BRACE: u16 = 1 << 6;
/// `}`
const CLOSE_BRACE: u16 = 1 << 7;
/// `,`
const COMMA: u16 = 1 << 8;
/// `~`
const TILDE: u16 = 1 << 9;
/// `/`
const SLASH: u16 = 1 << 10;
/// `:`
const COLON: u16 = 1 << 11;

const fn class(byte: u8) -> u16 {
    match byte {
        b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => META,
        b'\'' => SINGLE,
        b'"' => DOUBLE,
        b'\\' => BACKSLASH,
        b'$' | b'`' => EXPANSION,
        b'*' | b'?' | b'[' => GLOB,
        b'{' => OPEN_BRACE,
        b'}' => CLOSE_BRACE,
        b',' => COMMA,
        b'~' => TILDE,
        b'/' => SLASH,
        b':' => COLON,
        _ => 0,
    }
}

/// Whether `byte` ends a plain word.
pub(super) const fn is_meta(byte: u8) -> bool {
    class(byte) == META
}

pub(super) const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What a backslash does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// It quotes any character.
    All,
    /// It quotes `$`, `` ` ``, `"`, `\`, and `}` where that ends the text.
    Double,
    /// It quotes `$`, `` ` `` and `\`.
    HereDoc,
}

/// What is special in a word at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    /// The classes that are looked at.
    special: u16,
    /// Those of them that end the word.
    ends: u16,
    escapes: Escapes,
    /// Values are not split here.
    quoted: bool,
}

impl Mode {
    /// A word of a command.
    pub(super) const NORMAL: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH | EXPANSION | GLOB | OPEN_BRACE | TILDE,
        ends: META,
        escapes: Escapes::All,
        quoted: false,
    };
    /// The value of an assignment: no globs, no braces.
    pub(super) const VALUE: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH | EXPANSION | TILDE,
        ..Self::NORMAL
    };
    /// The delimiter of a here-document: quotes only.
    pub(super) const DELIMITER: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH,
        ..Self::NORMAL
    };
    /// The pattern behind `=~`.
    pub(super) const REGEX: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH | EXPANSION,
        ..Self::NORMAL
    };
    /// Between braces that expand: `{a,b}`.
    const ALTERNATIVE: Self = Self {
        special: Self::NORMAL.special | COMMA | CLOSE_BRACE,
        ends: META | COMMA | CLOSE_BRACE,
        ..Self::NORMAL
    };
    /// Inside of `"…"`.
    const DOUBLE: Self = Self {
        special: DOUBLE | BACKSLASH | EXPANSION,
        ends: DOUBLE,
        escapes: Escapes::Double,
        quoted: true,
    };
    /// The lines of a here-document.
    pub(super) const HERE_DOC: Self = Self {
        special: BACKSLASH | EXPANSION,
        ends: 0,
        escapes: Escapes::HereDoc,
        quoted: true,
    };
    /// Inside of `((…))`.
    pub(super) const ARITHMETIC: Self = Self {
        special: BACKSLASH | EXPANSION,
        ends: 0,
        escapes: Escapes::Double,
        quoted: true,
    };
    /// Inside of `[…]` behind a name.
    const SUBSCRIPT: Self = Self {
        special: SINGLE | DOUBLE | BACKSLASH | EXPANSION,
        ends: 0,
        escapes: Escapes::All,
        quoted: true,
    };
    /// `y` of `${x:-y}`.
    const OPERAND: Self = Self {
        special: SINGLE | DOUBLE | BACKSLASH | EXPANSION | GLOB | CLOSE_BRACE | TILDE,
        ends: CLOSE_BRACE,
        escapes: Escapes::All,
        quoted: false,
    };
    /// `y` of `"${x:-y}"`: single quotes are ordinary.
    const QUOTED_OPERAND: Self = Self {
        special: DOUBLE | BACKSLASH | EXPANSION | CLOSE_BRACE,
        escapes: Escapes::Double,
        quoted: true,
        ..Self::OPERAND
    };
    /// `y` of `"${x#y}"`: a pattern has quotes of its own.
    const QUOTED_PATTERN: Self = Self {
        quoted: true,
        ..Self::OPERAND
    };

    const fn ending_at(self, class: u16) -> Self {
        Self {
            special: self.special | class,
            ends: self.ends | class,
            ..self
        }
    }

    const fn part_flags(self) -> u8 {
        if self.quoted { flag::QUOTED } else { 0 }
    }
}

/// What a `$` starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dollar {
    /// A variable; so many bytes with the `$`.
    Variable(usize),
    Parameter,
    Command,
    Arithmetic(usize),
    /// `$[…]`, the old form.
    OldArithmetic(usize),
    AnsiQuoted,
    Translated,
    Nothing,
}

impl Parser<'_> {
    /// The first word of a command.
    pub(super) fn leading_word(&mut self) {
        let id = self.open(Kind::Word);
        self.mark(id, flag::LEADING);
        self.parts(Mode::NORMAL);
        self.close(id);
    }

    /// The word that starts here; it may be empty.
    pub(super) fn word(&mut self, mode: Mode) {
        let id = self.open(Kind::Word);
        self.parts(mode);
        self.close(id);
    }

    /// Reads parts up to what ends them in `mode`, or to the end of the region.
    ///
    /// Where all is one literal, no part is made: the node that holds them says it all.
    pub(super) fn parts(&mut self, mode: Mode) {
        let first = self.tree.nodes.len();
        let start = self.pos;
        let flags = mode.part_flags();
        // Where the literal text started that goes on here.
        let mut run = start;
        // Open parentheses of a regular expression.
        let mut parentheses = 0_usize;
        loop {
            let rest = self.rest();
            let Some(length) = rest.iter().position(|&b| class(b) & mode.special != 0) else {
                self.pos = self.input.len();
                break;
            };
            self.pos += length;
            let Some(byte) = self.peek() else { break };
            if class(byte) & mode.ends != 0 {
                let next = self.peek_at(1);
                match byte {
                    b'<' | b'>' if next == Some(b'(') && mode != Mode::DELIMITER => {
                        self.literal(run, flags);
                        self.process_substitution(flags);
                    }
                    b'(' | b')' | b'|' | b' ' | b'\t' | b'<' | b'>' | b';' | b'&'
                        if mode == Mode::REGEX
                            && (parentheses > 0
                                || byte == b'('
                                || (byte == b'|' && next != Some(b'|'))) =>
                    {
                        match byte {
                            b'(' => parentheses += 1,
                            b')' => parentheses -= 1,
                            _ => {}
                        }
                        self.pos += 1;
                        continue;
                    }
                    b'(' if mode.special & GLOB != 0
                        && self.pos > run
                        && matches!(
                            self.text.get(self.pos - 1),
                            Some(b'@' | b'+' | b'!' | b'?' | b'*')
                        ) =>
                    {
                        self.pos -= 1;
                        self.literal(run, flags);
                        self.extended_glob(flags);
                    }
                    _ => break,
                }
                run = self.pos;
                continue;
            }
            match byte {
                b'\'' => {
                    self.literal(run, flags);
                    self.single_quoted(flags);
                }
                b'"' => {
                    self.literal(run, flags);
                    self.double_quoted(flags);
                }
                b'\\' => match self.escape(mode) {
                    Some(0) => break,
                    Some(length) => {
                        self.literal(run, flags);
                        let start = self.pos;
                        self.pos += length;
                        let id = self.leaf(Kind::Escape, start);
                        self.mark(id, flags);
                    }
                    None => {
                        self.pos += 1;
                        continue;
                    }
                },
                b'`' => {
                    self.literal(run, flags);
                    self.backquoted(flags);
                }
                b'$' => match self.dollar(mode) {
                    Dollar::Nothing => {
                        self.pos += 1;
                        continue;
                    }
                    dollar => {
                        self.literal(run, flags);
                        self.expansion(dollar, flags);
                    }
                },
                b'*' | b'?' => {
                    self.literal(run, flags);
                    if self.peek_at(1) == Some(b'(') && mode.ends & META != 0 {
                        self.extended_glob(flags);
                    } else {
                        let start = self.pos;
                        let rest = self.rest();
                        self.pos += rest
                            .iter()
                            .position(|b| !matches!(b, b'*' | b'?'))
                            .unwrap_or(rest.len());
                        let id = self.leaf(Kind::Glob, start);
                        self.mark(id, flags);
                    }
                }
                b'[' => match self.bracket(mode) {
                    0 => {
                        self.pos += 1;
                        continue;
                    }
                    length => {
                        self.literal(run, flags);
                        let start = self.pos;
                        self.pos += length;
                        let id = self.leaf(Kind::Glob, start);
                        self.mark(id, flags);
                    }
                },
                b'{' => match self.brace_end() {
                    Some(end) => {
                        self.literal(run, flags);
                        self.brace(end);
                    }
                    None => {
                        self.pos += 1;
                        continue;
                    }
                },
                b'~' => match self.tilde(mode, start) {
                    0 => {
                        self.pos += 1;
                        continue;
                    }
                    length => {
                        self.literal(run, flags);
                        let start = self.pos;
                        self.pos += length;
                        self.leaf(Kind::Tilde, start);
                    }
                },
                _ => {
                    self.pos += 1;
                    continue;
                }
            }
            run = self.pos;
        }
        if self.tree.nodes.len() > first {
            self.literal(run, flags);
        }
    }

    /// The literal text from `run` to here, if there is any.
    fn literal(&mut self, run: usize, flags: u8) {
        if run < self.pos {
            let id = self.leaf(Kind::Literal, run);
            self.mark(id, flags);
        }
    }

    /// How long the quoted character is that a backslash starts here; `None` where the
    /// backslash is ordinary, 0 where the word ends before it.
    fn escape(&self, mode: Mode) -> Option<usize> {
        let next = self.peek_at(1)?;
        if next == b'\n' {
            // All continuations at once. They belong to a word only if it goes on behind them.
            let pairs = self.rest().chunks_exact(2);
            let length = pairs.take_while(|&pair| pair == b"\\\n").count() * 2;
            let ends = mode.ends & META != 0 && self.peek_at(length).is_none_or(is_meta);
            return Some(if ends { 0 } else { length });
        }
        let escapes = match mode.escapes {
            Escapes::All => true,
            Escapes::Double => {
                matches!(next, b'$' | b'`' | b'"' | b'\\')
                    || class(next) & mode.ends & CLOSE_BRACE != 0
            }
            Escapes::HereDoc => matches!(next, b'$' | b'`' | b'\\'),
        };
        if !escapes {
            return None;
        }
        let more = self.rest().iter().skip(2);
        Some(2 + more.take_while(|&&b| b & 0xC0 == 0x80).count())
    }

    fn single_quoted(&mut self, flags: u8) {
        let start = self.pos;
        self.pos += 1;
        let rest = self.rest();
        let closed = rest.iter().position(|&b| b == b'\'');
        self.pos += closed.map_or(rest.len(), |length| length + 1);
        let id = self.leaf(Kind::SingleQuoted, start);
        self.mark(id, flags);
        if closed.is_none() {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::SingleQuote, start, 1);
        }
    }

    /// `$'…'`
    fn ansi_quoted(&mut self, flags: u8) {
        let start = self.pos;
        self.pos += 2;
        let mut closed = false;
        while let Some(byte) = self.peek() {
            self.pos += 1;
            if byte == b'\'' {
                closed = true;
                break;
            }
            if byte == b'\\' && self.peek().is_some() {
                self.pos = self.char_end();
            }
        }
        let id = self.leaf(Kind::AnsiQuoted, start);
        self.mark(id, flags);
        if !closed {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::SingleQuote, start, 2);
        }
    }

    /// `"…"` or `$"…"`
    fn double_quoted(&mut self, flags: u8) {
        let start = self.pos;
        let id = self.open(Kind::DoubleQuoted);
        self.mark(id, flags);
        let mut length = 1;
        if self.peek() == Some(b'$') {
            self.mark(id, flag::OTHER_FORM);
            length = 2;
        }
        self.pos += length;
        self.parts(Mode::DOUBLE);
        if self.peek() == Some(b'"') {
            self.pos += 1;
        } else {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::DoubleQuote, start, length);
        }
        self.close(id);
    }

    /// What the `$` here starts.
    fn dollar(&mut self, mode: Mode) -> Dollar {
        let rest = self.rest();
        match rest.get(1).copied() {
            Some(b) if is_name_start(b) => {
                let name = rest.iter().skip(1).take_while(|&&b| is_name_byte(b));
                Dollar::Variable(1 + name.count())
            }
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => {
                Dollar::Variable(2)
            }
            Some(b'{') => Dollar::Parameter,
            Some(b'(') if rest.get(2) == Some(&b'(') => match self.arithmetic_end(self.pos + 3) {
                Some(end) => Dollar::Arithmetic(end),
                None => Dollar::Command,
            },
            Some(b'(') => Dollar::Command,
            Some(b'[') => match self.subscript_end(self.pos + 1) {
                Some(end) => Dollar::OldArithmetic(end),
                None => Dollar::Nothing,
            },
            Some(b'\'') if !mode.quoted => Dollar::AnsiQuoted,
            Some(b'"') if !mode.quoted => Dollar::Translated,
            _ => Dollar::Nothing,
        }
    }

    fn expansion(&mut self, dollar: Dollar, flags: u8) {
        let start = self.pos;
        match dollar {
            Dollar::Variable(length) => {
                self.pos += length;
                let id = self.leaf(Kind::Variable, start);
                self.mark(id, flags);
            }
            Dollar::Parameter => {
                self.deeper(Kind::Opaque, |parser| parser.parameter(flags));
            }
            Dollar::Command => self.command_substitution(flags),
            Dollar::Arithmetic(end) => self.arithmetic(end, 3, 2, flags),
            Dollar::OldArithmetic(end) => self.arithmetic(end - 1, 2, 1, flags | flag::OTHER_FORM),
            Dollar::AnsiQuoted => self.ansi_quoted(flags),
            Dollar::Translated => self.double_quoted(flags),
            Dollar::Nothing => {}
        }
    }

    /// `$((…))` or `$[…]`: an expression up to `end` between so many bytes on either side.
    fn arithmetic(&mut self, end: usize, open: usize, close: usize, flags: u8) {
        let id = self.open(Kind::Arithmetic);
        self.mark(id, flags);
        self.pos += open;
        let read = self.deeper(Kind::Opaque, |parser| {
            parser.within(end, |parser| parser.parts(Mode::ARITHMETIC));
            parser.pos += close;
        });
        if !read {
            self.mark(id, flag::UNCLOSED);
        }
        self.close(id);
    }

    // Substitutions.

    /// `$(…)`
    fn command_substitution(&mut self, flags: u8) {
        let id = self.open(Kind::CommandSubstitution);
        self.mark(id, flags);
        self.substituted(2);
        self.close(id);
    }

    /// `<(…)` or `>(…)`
    fn process_substitution(&mut self, flags: u8) {
        let id = self.open(Kind::ProcessSubstitution);
        self.mark(id, flags);
        self.substituted(2);
        self.close(id);
    }

    /// Commands up to a `)`, behind an opening of so many bytes.
    fn substituted(&mut self, opening: usize) {
        let start = self.pos;
        self.pos += opening;
        let closers = std::mem::replace(&mut self.closers, Closers::NONE);
        let base = std::mem::replace(&mut self.pending_base, self.pending.len());
        self.deeper(Kind::Opaque, |parser| {
            parser.list(ListRole::Body, Closers::PARENTHESIS);
        });
        self.closers = closers;
        self.pending_base = base;
        if self.peek() == Some(b')') {
            self.pos += 1;
        } else {
            self.unclosed(Construct::Substitution, start, opening);
        }
    }

    /// `` `…` ``
    ///
    /// The first backquote without a backslash closes it, whatever quotes are around. Where it
    /// holds escaped backquotes, its text is not its source and stays opaque.
    fn backquoted(&mut self, flags: u8) {
        let start = self.pos;
        let id = self.open(Kind::CommandSubstitution);
        self.mark(id, flags | flag::OTHER_FORM);
        self.pos += 1;
        let inside = self.pos;
        let mut escaped = false;
        let mut closed = false;
        while let Some(byte) = self.peek() {
            if byte == b'`' {
                closed = true;
                break;
            }
            if byte == b'\\' {
                escaped |= self.peek_at(1) == Some(b'`');
                self.pos += 1;
            }
            self.pos += 1;
        }
        let end = self.pos.min(self.input.len());
        self.pos = inside;
        let closers = std::mem::replace(&mut self.closers, Closers::NONE);
        let base = std::mem::replace(&mut self.pending_base, self.pending.len());
        self.deeper(Kind::Opaque, |parser| {
            parser.within(end, |parser| {
                if escaped {
                    let list = parser.open(Kind::List(ListRole::Body));
                    parser.opaque_command();
                    parser.close(list);
                } else {
                    parser.list(ListRole::Body, Closers::NONE);
                }
            });
        });
        self.closers = closers;
        self.pending_base = base;
        self.pos = end;
        if closed {
            self.pos += 1;
        } else {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::Backquote, start, 1);
        }
        self.close(id);
    }

    // Parameters.

    /// `${…}`
    fn parameter(&mut self, flags: u8) {
        let start = self.pos;
        let id = self.open(Kind::Parameter(ParameterOp::None));
        self.mark(id, flags);
        self.pos += 2;
        let good = self.parameter_inside(id, flags & flag::QUOTED != 0);
        match self.peek() {
            Some(b'}') if good => self.pos += 1,
            None if good => {
                self.mark(id, flag::UNCLOSED);
                self.unclosed(Construct::Parameter, start, 2);
            }
            _ => self.bad_parameter(id, start),
        }
        self.close(id);
    }

    /// Gives up on a `${…}`: what it is goes to the next `}`, or where the line has none, to the
    /// end of the word.
    fn bad_parameter(&mut self, id: u32, start: usize) {
        self.rename(id, Kind::Opaque);
        let rest = self.rest();
        let line = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let line = rest.get(..line).unwrap_or_default();
        if let Some(length) = line.iter().position(|&b| b == b'}') {
            self.pos += length + 1;
            self.note(NoteKind::BadParameter, start, self.pos);
        } else {
            let end = line.iter().position(|&b| class(b) & (META | DOUBLE) != 0);
            self.pos += end.unwrap_or(line.len());
            self.unclosed(Construct::Parameter, start, 2);
        }
    }

    /// Everything between the braces; whether it is a parameter expansion.
    fn parameter_inside(&mut self, id: u32, quoted: bool) -> bool {
        let mut length = false;
        match *self.rest() {
            // `${#x}`, but `$#` in `${#}` and `${#-0}`.
            [b'#', next, after, ..]
                if is_name_byte(next)
                    || matches!(next, b'@' | b'*')
                    || (matches!(next, b'?' | b'-' | b'$' | b'!' | b'#') && after == b'}') =>
            {
                length = true;
                self.pos += 1;
            }
            [b'!', next, ..] if is_name_byte(next) || matches!(next, b'@' | b'*' | b'#') => {
                self.mark(id, flag::INDIRECT);
                self.pos += 1;
            }
            _ => {}
        }
        let rest = self.rest();
        self.pos += match rest.first().copied() {
            Some(b) if is_name_start(b) => rest.iter().take_while(|&&b| is_name_byte(b)).count(),
            Some(b'0'..=b'9') => rest.iter().take_while(|b| b.is_ascii_digit()).count(),
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            _ => return false,
        };
        if self.peek() == Some(b'[') {
            let start = self.pos;
            let Some(end) = self.subscript_end(start) else {
                return false;
            };
            self.mark(id, flag::SUBSCRIPT);
            self.subscript(start, end);
        }
        if length {
            self.rename(id, Kind::Parameter(ParameterOp::Length));
            return true;
        }
        self.parameter_operator(id, quoted)
    }

    /// The operator of a parameter expansion, if there is one, and its words.
    fn parameter_operator(&mut self, id: u32, quoted: bool) -> bool {
        use ParameterOp as Op;
        let value = |op| {
            let mode = if quoted {
                Mode::QUOTED_OPERAND
            } else {
                Mode::OPERAND
            };
            (op, mode)
        };
        let pattern = |op| {
            let mode = if quoted {
                Mode::QUOTED_PATTERN
            } else {
                Mode::OPERAND
            };
            (op, mode)
        };
        let mut rest = self.rest();
        if let [b':', b'-' | b'=' | b'?' | b'+', ..] = rest {
            self.mark(id, flag::COLON);
            self.pos += 1;
            rest = self.rest();
        }
        let indirect = self
            .tree
            .node(id)
            .is_some_and(|node| node.has(flag::INDIRECT));
        let ((op, mode), taken) = match *rest {
            [b'}', ..] | [] => return true,
            [b'-', ..] => (value(Op::Default), 1),
            [b'=', ..] => (value(Op::Assign), 1),
            [b'?', ..] => (value(Op::Error), 1),
            [b'+', ..] => (value(Op::Alternative), 1),
            [b'#', b'#', ..] => (pattern(Op::RemoveLongestPrefix), 2),
            [b'#', ..] => (pattern(Op::RemovePrefix), 1),
            [b'%', b'%', ..] => (pattern(Op::RemoveLongestSuffix), 2),
            [b'%', ..] => (pattern(Op::RemoveSuffix), 1),
            [b'/', b'/', ..] => (pattern(Op::ReplaceAll), 2),
            [b'/', b'#', ..] => (pattern(Op::ReplacePrefix), 2),
            [b'/', b'%', ..] => (pattern(Op::ReplaceSuffix), 2),
            [b'/', ..] => (pattern(Op::Replace), 1),
            [b'^', b'^', ..] => (pattern(Op::Uppercase), 2),
            [b'^', ..] => (pattern(Op::UppercaseFirst), 1),
            [b',', b',', ..] => (pattern(Op::Lowercase), 2),
            [b',', ..] => (pattern(Op::LowercaseFirst), 1),
            [b':', ..] => (value(Op::Substring), 1),
            [b'@' | b'*', b'}', ..] if indirect => (value(Op::Names), 1),
            [b'@', letter, b'}', ..] if letter.is_ascii_alphabetic() => (value(Op::Transform), 2),
            _ => return false,
        };
        self.rename(id, Kind::Parameter(op));
        self.pos += taken;
        match op {
            Op::Names | Op::Transform => {}
            Op::Replace | Op::ReplaceAll | Op::ReplacePrefix | Op::ReplaceSuffix => {
                self.word(mode.ending_at(SLASH));
                if self.peek() == Some(b'/') {
                    self.pos += 1;
                    self.word(mode);
                }
            }
            Op::Substring => {
                self.word(mode.ending_at(COLON));
                if self.peek() == Some(b':') {
                    self.pos += 1;
                    self.word(mode);
                }
            }
            _ => self.word(mode),
        }
        true
    }

    /// The word between the brackets from `start` to `end`.
    pub(super) fn subscript(&mut self, start: usize, end: usize) {
        self.pos = start + 1;
        self.within(end - 1, |parser| parser.word(Mode::SUBSCRIPT));
        self.pos = end;
    }

    // Patterns.

    /// `@(…)` and its like: one leaf up to the closing parenthesis.
    fn extended_glob(&mut self, flags: u8) {
        let start = self.pos;
        self.pos += 1;
        self.skip_parenthesis();
        let id = self.leaf(Kind::Glob, start);
        self.mark(id, flags);
    }

    /// How much of a bracket expression is a part of its own here: all of it where it is plain,
    /// its `[` where quotes or expansions are in it, 0 where it is none.
    fn bracket(&mut self, mode: Mode) -> usize {
        if self.pos < self.no_bracket_before {
            return 0;
        }
        if self.pos < self.bracket_before {
            return 1;
        }
        let rest = self.rest();
        let mut length = 1;
        if let Some(b'!' | b'^') = rest.get(length) {
            length += 1;
        }
        if rest.get(length) == Some(&b']') {
            length += 1;
        }
        let mut plain = true;
        while let Some(&byte) = rest.get(length) {
            let class = class(byte);
            match byte {
                b']' if plain => return length + 1,
                b']' => {
                    self.bracket_before = self.pos + length;
                    return 1;
                }
                b'[' if rest.get(length + 1) == Some(&b':') => {
                    // `[:alpha:]`
                    let name = rest.get(length + 2..).unwrap_or_default();
                    let letters = name.iter().take_while(|b| b.is_ascii_lowercase()).count();
                    if name.get(letters..).is_some_and(|rest| rest.starts_with(b":]")) {
                        length += letters + 3;
                    }
                }
                _ if class & (mode.ends | META) != 0 => break,
                _ if class & (SINGLE | DOUBLE | BACKSLASH | EXPANSION) != 0 => plain = false,
                _ => {}
            }
            length += 1;
        }
        self.no_bracket_before = self.pos + length;
        0
    }

    /// How long the `~` or `~user` is that starts here; 0 where it is ordinary.
    fn tilde(&self, mode: Mode, start: usize) -> usize {
        let starts = match self.slice(start, self.pos) {
            [] => true,
            [.., b':'] => mode == Mode::VALUE,
            // bash: `make x=~/y`
            [name @ .., b'='] => name.iter().all(|&b| is_name_byte(b)),
            _ => false,
        };
        if !starts {
            return 0;
        }
        let rest = self.rest();
        let user = rest.iter().skip(1).take_while(|&&b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'+')
        });
        let length = 1 + user.count();
        match rest.get(length) {
            None | Some(b'/' | b':') => length,
            Some(&b) if is_meta(b) || class(b) & mode.ends != 0 => length,
            Some(_) => 0,
        }
    }

    // Braces.

    /// Where the `{` here is closed, if it starts a brace expansion: `{a,b}` or `{1..9}`.
    fn brace_end(&mut self) -> Option<usize> {
        let rest = self.ahead(self.pos);
        let mut length = 1;
        let mut depth = 1_usize;
        let mut comma = false;
        let mut range = false;
        let mut plain = true;
        let found = loop {
            let Some(&byte) = rest.get(length) else {
                break None;
            };
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        break (comma || range && plain).then_some(self.pos + length);
                    }
                }
                b',' if depth == 1 => comma = true,
                b'.' if depth == 1 && rest.get(length + 1) == Some(&b'.') => range = true,
                b'\\' => {
                    plain = false;
                    length += 1;
                }
                b'\'' | b'"' => {
                    plain = false;
                    length += quote_length(rest.get(length + 1..).unwrap_or_default(), byte);
                }
                b'`' => break None,
                b'$' => {
                    plain = false;
                    let after = rest.get(length + 2..).unwrap_or_default();
                    length += match rest.get(length + 1) {
                        Some(b'{') => 1 + quote_length(after, b'}'),
                        Some(b'(') => 1 + parenthesis_length(after),
                        _ => 0,
                    };
                }
                _ if is_meta(byte) => break None,
                b'.' | b'-' | b'+' => {}
                _ => plain &= byte.is_ascii_alphanumeric(),
            }
            length += 1;
        };
        self.pay(length);
        found.filter(|&end| end < self.input.len())
    }

    /// `{…}` up to the `}` at `end`; each alternative is a word.
    fn brace(&mut self, end: usize) {
        let id = self.open(Kind::Brace);
        self.pos += 1;
        self.deeper(Kind::Opaque, |parser| {
            parser.within(end, |parser| {
                loop {
                    parser.word(Mode::ALTERNATIVE);
                    if parser.peek() != Some(b',') {
                        break;
                    }
                    parser.pos += 1;
                }
            });
        });
        self.pos = end + 1;
        self.close(id);
    }

    // Looking ahead.

    /// Where the `))` is that closes an arithmetic expression whose inside starts at `from`.
    /// `None` where the parentheses say that it is a subshell in a subshell.
    pub(super) fn arithmetic_end(&mut self, from: usize) -> Option<usize> {
        let rest = self.ahead(from);
        let length = parenthesis_length(rest);
        self.pay(length);
        let closes = length
            .checked_sub(1)
            .is_some_and(|last| rest.get(last) == Some(&b')'))
            && rest.get(length) == Some(&b')');
        closes.then(|| from + length - 1)
    }

    /// Where the subscript ends whose `[` is at `start`: behind its `]`, in the same line.
    pub(super) fn subscript_end(&mut self, start: usize) -> Option<usize> {
        let rest = self.ahead(start);
        let mut depth = 0_usize;
        let mut length = 0;
        let found = loop {
            let Some(&byte) = rest.get(length) else {
                break None;
            };
            length += 1;
            match byte {
                b'[' => depth += 1,
                b']' => {
                    depth -= 1;
                    if depth == 0 {
                        break Some(start + length);
                    }
                }
                b'\\' => length += 1,
                b'\'' | b'"' => length += quote_length(rest.get(length..).unwrap_or_default(), byte),
                b'$' if rest.get(length) == Some(&b'(') => {
                    let after = rest.get(length + 1..).unwrap_or_default();
                    length += 1 + parenthesis_length(after);
                }
                b'\n' => break None,
                _ => {}
            }
        };
        self.pay(length);
        found
    }
}

/// How many bytes up to and with the closing `quote`; all where there is none.
fn quote_length(text: &[u8], quote: u8) -> usize {
    let mut length = 0;
    while let Some(&byte) = text.get(length) {
        length += 1;
        if byte == quote {
            break;
        }
        if byte == b'\\' && quote != b'\'' {
            length += 1;
        }
    }
    length.min(text.len())
}

/// How many bytes up to and with the `)` that closes what was opened before `text`; all where
/// there is none.
fn parenthesis_length(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut length = 0;
    while let Some(&byte) = text.get(length) {
        length += 1;
        match byte {
            b'(' => depth += 1,
            b')' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => break,
            },
            b'\\' => length += 1,
            b'\'' | b'"' | b'`' => {
                length += quote_length(text.get(length..).unwrap_or_default(), byte);
            }
            _ => {}
        }
    }
    length.min(text.len())
}
