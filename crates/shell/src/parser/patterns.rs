//! Globs, braces and tildes, and what must be looked at in advance for them.

use crate::node::Kind;

use super::Parser;
use super::words::{
    BACKSLASH, DOUBLE, EXPANSION, META, Mode, SINGLE, class, is_meta, is_name_byte, is_name_start,
};

impl Parser<'_> {
    /// `@(…)` and its like: one leaf up to the closing parenthesis.
    pub(super) fn extended_glob(&mut self, flags: u8) {
        let start = self.pos;
        self.pos += 1;
        self.skip_parenthesis();
        let id = self.leaf(Kind::Glob, start);
        self.mark(id, flags);
    }

    /// How much of a bracket expression is a part of its own here: all of it where it is plain,
    /// its `[` where quotes or expansions are in it, 0 where it is none.
    pub(super) fn bracket(&mut self, mode: Mode) -> usize {
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
                    if name
                        .get(letters..)
                        .is_some_and(|rest| rest.starts_with(b":]"))
                    {
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
    pub(super) fn tilde(&self, mode: Mode, start: usize) -> usize {
        let starts = match self.slice(start, self.pos) {
            [] => true,
            [.., b':'] => mode == Mode::VALUE,
            // bash: `make x=~/y`
            [first, name @ .., b'='] => {
                is_name_start(*first) && name.iter().all(|&b| is_name_byte(b))
            }
            _ => false,
        };
        if !starts {
            return 0;
        }
        let rest = self.rest();
        let user = rest
            .iter()
            .skip(1)
            .take_while(|&&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'+'));
        let length = 1 + user.count();
        match rest.get(length) {
            None | Some(b'/' | b':') => length,
            Some(&b) if is_meta(b) || class(b) & mode.ends != 0 => length,
            Some(_) => 0,
        }
    }

    // Braces.

    /// Where the `{` here is closed, if it starts a brace expansion: `{a,b}` or `{1..9}`.
    pub(super) fn brace_end(&mut self) -> Option<usize> {
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
    pub(super) fn brace(&mut self, end: usize) {
        let id = self.open(Kind::Brace);
        self.pos += 1;
        // What is too deep is opaque up to the closing brace, not behind it.
        self.within(end, |parser| {
            parser.deeper(Kind::Opaque, |parser| {
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
                b'\'' | b'"' => {
                    length += quote_length(rest.get(length..).unwrap_or_default(), byte);
                }
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
