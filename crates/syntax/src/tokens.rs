//! The source as a gapless row of tokens, for highlighting and for showing that nothing of the
//! text is lost.

use stagecraft_text::{TextRange, TextSize, size, sort_by_start};

use crate::instruction::Kind;
use crate::scan::is_blank;
use crate::tree::{CommentKind, Form, Instruction, Keyword, Parse, Text, Word};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// Blanks and line ends; the byte order mark.
    Space,
    /// A comment line.
    Comment,
    /// A parser directive.
    Directive,
    /// An instruction, and words with a fixed meaning such as `AS`.
    Keyword,
    /// A word that is no instruction where one should be.
    UnknownKeyword,
    /// `--name` of a flag.
    FlagName,
    /// Any argument without a kind of its own.
    Argument,
    /// The image or stage of FROM, and of `--from`.
    Image,
    /// The name of a stage where it is given.
    StageName,
    /// The name of a variable or label where it is given.
    Name,
    /// `$name` or `${name…}`.
    Variable,
    /// A string of a JSON array with its quotes.
    String,
    /// `=`, and the brackets and commas of a JSON array.
    Punctuation,
    /// Text for the shell.
    Shell,
    /// `<<NAME`.
    HeredocMarker,
    /// The lines of a heredoc.
    HeredocBody,
    /// The line that ends a heredoc.
    HeredocEnd,
    /// The escape character at the end of a line.
    Continuation,
}

/// A piece of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is; never empty.
    pub range: TextRange,
}

impl Parse {
    /// All tokens in order. Their texts joined are the source.
    pub fn tokens(&self) -> Vec<Token> {
        let mut painter = Painter {
            file: self,
            base: Vec::new(),
            over: Vec::new(),
        };
        for comment in &self.comments {
            let kind = match comment.kind {
                CommentKind::Directive(_) => TokenKind::Directive,
                CommentKind::Plain | CommentKind::Inside => TokenKind::Comment,
            };
            painter.base.push(Token {
                kind,
                range: comment.range,
            });
        }
        for instruction in &self.instructions {
            painter.instruction(instruction);
        }
        painter.finish()
    }
}

/// Collects the places of things: first those that make a ground, then those that lie on it.
struct Painter<'a> {
    file: &'a Parse,
    base: Vec<Token>,
    over: Vec<Token>,
}

impl Painter<'_> {
    /// A text as ground, without the continuations in it.
    fn text(&mut self, text: Text, kind: TokenKind) {
        if text.is_empty() {
            return;
        }
        let mut pieces = self.file.pieces(text).into_iter().peekable();
        while let Some((offset, start)) = pieces.next() {
            let end = pieces.peek().map_or(size(text.len()), |&(next, _)| next);
            self.base.push(Token {
                kind,
                range: TextRange::at(start, end - offset),
            });
        }
    }

    fn place(&mut self, range: TextRange, kind: TokenKind) {
        if !range.is_empty() {
            self.base.push(Token { kind, range });
        }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        let known = instruction.keyword != Keyword::Unknown;
        self.text(
            instruction.name.text,
            if known {
                TokenKind::Keyword
            } else {
                TokenKind::UnknownKeyword
            },
        );
        for flag in self.file.flags(instruction) {
            self.place(flag.word.range, TokenKind::Argument);
            let start = flag.word.range.start();
            let name = TextRange::new(start, flag.name.range.end().max(start));
            self.over.push(Token {
                kind: TokenKind::FlagName,
                range: name,
            });
            if let Some(value) = flag.value {
                let kind = match self.file.word(flag.name) {
                    "from" => TokenKind::Image,
                    _ => TokenKind::Argument,
                };
                self.over.push(Token {
                    kind: TokenKind::Punctuation,
                    range: TextRange::new(name.end(), value.range.start().max(name.end())),
                });
                if kind == TokenKind::Image {
                    self.over.push(Token {
                        kind,
                        range: value.range,
                    });
                }
            }
        }
        self.arguments(instruction);
        for heredoc in self.file.heredocs(instruction) {
            self.over.push(Token {
                kind: TokenKind::HeredocMarker,
                range: heredoc.marker,
            });
            self.text(heredoc.content, TokenKind::HeredocBody);
            self.place(heredoc.terminator, TokenKind::HeredocEnd);
        }
    }

    fn arguments(&mut self, instruction: &Instruction) {
        let file = self.file;
        let args = file.args(instruction);
        if instruction.form == Form::Json {
            self.text(instruction.rest.text, TokenKind::Punctuation);
            for (index, word) in args.iter().enumerate() {
                let kind = match (instruction.keyword, index) {
                    (Keyword::Healthcheck, 0) => TokenKind::Keyword,
                    _ => TokenKind::String,
                };
                self.over.push(Token {
                    kind,
                    range: word.range,
                });
            }
            return;
        }
        match (&instruction.kind, instruction.keyword) {
            (Kind::From(from), _) => {
                let as_word = file.as_word(instruction);
                for &word in args {
                    let kind = if Some(word) == as_word {
                        TokenKind::Keyword
                    } else if Some(word) == from.name {
                        TokenKind::StageName
                    } else if Some(word) == from.image {
                        TokenKind::Image
                    } else {
                        TokenKind::Argument
                    };
                    self.expanded(word, kind);
                }
            }
            (Kind::Pairs(_), _) => {
                for pair in file.pairs(instruction) {
                    self.text(pair.name.text, TokenKind::Name);
                    if let Some(value) = pair.value {
                        if !pair.legacy {
                            let equals = pair.name.text.len();
                            let equals = pair.word.text.sub(equals, equals + 1);
                            self.text(equals, TokenKind::Punctuation);
                        }
                        self.expanded(value, TokenKind::Argument);
                    }
                }
            }
            (Kind::Onbuild(Some(inner)), _) => self.instruction(inner),
            (Kind::Healthcheck(_), _) => {
                if let Some((first, rest)) = args.split_first() {
                    self.text(first.text, TokenKind::Keyword);
                    for word in rest {
                        self.text(word.text, TokenKind::Shell);
                    }
                }
            }
            (_, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint) => {
                self.text(instruction.rest.text, TokenKind::Shell);
            }
            (_, Keyword::Maintainer | Keyword::Shell | Keyword::Unknown) => {
                self.text(instruction.rest.text, TokenKind::Argument);
            }
            _ => {
                for &word in args {
                    self.expanded(word, TokenKind::Argument);
                }
            }
        }
    }

    /// A word in which the builder expands variables.
    fn expanded(&mut self, word: Word, kind: TokenKind) {
        self.text(word.text, kind);
        let text = self.file.word(word);
        for (start, end) in variables(text, self.file.escape()) {
            let range = self.file.range(word.text.sub(start, end));
            self.over.push(Token {
                kind: TokenKind::Variable,
                range,
            });
        }
    }

    /// Lays the pieces side by side and fills what is between them.
    fn finish(mut self) -> Vec<Token> {
        sort_by_start(&mut self.base, |token| token.range.start());
        self.over.retain(|token| !token.range.is_empty());
        sort_by_start(&mut self.over, |token| token.range.start());
        let source = self.file.source();
        let mut row = Row {
            source,
            escape: self.file.escape(),
            tokens: Vec::with_capacity(2 * (self.base.len() + self.over.len())),
            at: TextSize::new(0),
        };
        let mut over = self.over.iter().peekable();
        for token in &self.base {
            while let Some(&top) = over.peek() {
                if top.range.start() >= token.range.end() {
                    break;
                }
                over.next();
                row.push(token.kind, token.range.start(), top.range.start());
                row.push(top.kind, top.range.start(), top.range.end());
            }
            row.push(token.kind, token.range.start(), token.range.end());
        }
        row.fill(size(source.len()));
        row.tokens
    }
}

/// The tokens so far.
struct Row<'a> {
    source: &'a str,
    escape: char,
    tokens: Vec<Token>,
    at: TextSize,
}

impl Row<'_> {
    /// Adds what is left of `start..end` behind the last token.
    fn push(&mut self, kind: TokenKind, start: TextSize, end: TextSize) {
        if start > self.at {
            self.fill(start);
        }
        if end > self.at {
            self.tokens.push(Token {
                kind,
                range: TextRange::new(self.at, end),
            });
            self.at = end;
        }
    }

    /// Fills up to `end` with blanks, continuations and what no one claimed.
    fn fill(&mut self, end: TextSize) {
        let text = self
            .source
            .get(self.at.into()..end.into())
            .unwrap_or_default();
        let start = usize::from(self.at);
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let kind = self.gap(c);
            let mut until = at + c.len_utf8();
            while let Some(&(_, next)) = chars.peek() {
                if self.gap(next) != kind {
                    break;
                }
                until += next.len_utf8();
                chars.next();
            }
            self.tokens.push(Token {
                kind,
                range: TextRange::new(size(start + at), size(start + until)),
            });
        }
        self.at = end.max(self.at);
    }

    fn gap(&self, c: char) -> TokenKind {
        if c.is_whitespace() || c == '\u{feff}' {
            TokenKind::Space
        } else if c == self.escape {
            TokenKind::Continuation
        } else {
            TokenKind::Argument
        }
    }
}

/// Where `$name` and `${…}` stand in a word of the builder.
fn variables(text: &str, escape: char) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    if !bytes.contains(&b'$') {
        return out;
    }
    let mut single = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if !single && u32::from(byte) == u32::from(escape) {
            at += 2;
            continue;
        }
        if byte == b'\'' {
            single = !single;
        }
        if single || byte != b'$' {
            at += 1;
            continue;
        }
        let end = variable_end(bytes, at);
        if end > at + 1 {
            out.push((at, end));
        }
        at = end;
    }
    out
}

fn variable_end(bytes: &[u8], dollar: usize) -> usize {
    if bytes.get(dollar + 1) == Some(&b'{') {
        let mut depth = 0_usize;
        for (at, byte) in bytes.iter().enumerate().skip(dollar + 1) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 || is_blank(*byte) {
                return at + usize::from(depth == 0);
            }
        }
        return bytes.len();
    }
    let name = bytes
        .get(dollar + 1..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    dollar + 1 + name
}
