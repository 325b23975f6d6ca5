//! Expansions: variables, parameters, substitutions, arithmetic.

use crate::node::{Kind, flag};
use crate::note::{Construct, NoteKind};
use crate::{ListRole, ParameterOp};

use super::words::{COLON, DOUBLE, META, Mode, SLASH, class, is_name_byte, is_name_start};
use super::{Closers, Parser};

/// What a `$` starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dollar {
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
    /// What the `$` here starts.
    pub(super) fn dollar(&mut self, mode: Mode) -> Dollar {
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

    pub(super) fn expansion(&mut self, dollar: Dollar, flags: u8) {
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
    pub(super) fn process_substitution(&mut self, flags: u8) {
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
    pub(super) fn backquoted(&mut self, flags: u8) {
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
        // What is too deep is opaque up to the closing backquote, not behind it.
        self.within(end, |parser| {
            parser.deeper(Kind::Opaque, |parser| {
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
        let is_end = |b: &u8| matches!(b, b'}' | b'\n');
        // The same line is not searched again and again.
        let end = (self.pos >= self.no_brace_before)
            .then(|| rest.iter().position(is_end).unwrap_or(rest.len()));
        if let Some(length) = end.filter(|&length| rest.get(length) == Some(&b'}')) {
            self.pos += length + 1;
            self.note(NoteKind::BadParameter, start, self.pos);
        } else {
            let ends = |b: &u8| *b == b'\n' || class(*b) & (META | DOUBLE) != 0;
            let word = rest.iter().position(ends).unwrap_or(rest.len());
            if let Some(length) = end {
                self.no_brace_before = self.pos + length;
            }
            self.pos += word;
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
}
