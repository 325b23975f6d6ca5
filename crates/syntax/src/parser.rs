//! From text to tree: lines, continuations, comments, directives, heredocs.
//!
//! The order of what is done here is BuildKit's, because its results depend on it; what comes
//! after a mistake is ours: the reading goes on at the next logical line.

use std::ops::Range;

use stagecraft_text::{Segment, TextRange, TextSize, line_starts, size, sort_by_start};

use crate::error::{ErrorKind, Phase, SyntaxError};
use crate::heredoc::{Ends, has_heredoc, takes_heredocs};
use crate::json::JsonString;
use crate::scan::{Line, continued, leading_space, leading_space_in, trimmed_end};
use crate::tree::{Comment, CommentKind, Directive, DirectiveLine, Lines, Parse, Span, Text, Word};

/// Largest source that is read, in bytes. What is larger is one error and no instructions.
pub const MAX_SOURCE: usize = 256 << 20;

/// Reads a Dockerfile. Never fails: see [`Parse::errors`].
pub fn parse(source: &str) -> Parse {
    let too_long = source.len() > MAX_SOURCE;
    let source = if too_long { "" } else { source };
    let mut parser = Parser::new(source);
    if too_long {
        parser.error(
            ErrorKind::SourceTooLong,
            TextRange::empty(TextSize::new(0)),
            Lines { first: 1, last: 1 },
            Phase::Tree,
        );
    } else {
        parser.file();
    }
    parser.finish();
    parser.out
}

/// The state of one reading.
pub(crate) struct Parser {
    pub(crate) out: Parse,
    /// Where the next line starts.
    pub(crate) pos: usize,
    /// Number of the line that was read last, from 1.
    pub(crate) line: u32,
    /// Number of the line on which the instruction at hand starts.
    pub(crate) first: u32,
    /// Whether there was a FROM.
    pub(crate) has_stage: bool,
    /// Where the first `<` is: no heredoc is announced before.
    first_less: Option<usize>,
    /// Where heredocs could end; known as soon as one ends nowhere.
    pub(crate) ends: Option<Ends>,
    /// The strings of the JSON array that was read last: kept, so that there is room for the next.
    pub(crate) strings: Vec<JsonString>,
    /// Whether parser directives may still come.
    directives_open: bool,
    /// BuildKit's reading ended at a line that is too long.
    cut_short: bool,
}

impl Parser {
    fn new(source: &str) -> Self {
        // What real files have for their size, and a little more, so that lists rarely grow.
        let room = |bytes_each: usize| (source.len() / bytes_each + 4).min(1 << 20);
        Self {
            out: Parse {
                source: source.into(),
                stitched: String::new(),
                segments: Vec::new(),
                instructions: Vec::with_capacity(room(60)),
                words: Vec::with_capacity(room(40)),
                flags: Vec::new(),
                heredocs: Vec::new(),
                comments: Vec::with_capacity(room(150)),
                pairs: Vec::with_capacity(room(300)),
                mounts: Vec::new(),
                mount_options: Vec::new(),
                directives: Vec::new(),
                errors: Vec::new(),
                small_letters: false,
                line_starts: line_starts(source),
                escape: '\\',
            },
            pos: 0,
            line: 0,
            first: 0,
            has_stage: false,
            first_less: memchr::memchr(b'<', source.as_bytes()),
            directives_open: true,
            cut_short: false,
            ends: None,
            strings: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn escape_byte(&self) -> u8 {
        if self.out.escape == '`' { b'`' } else { b'\\' }
    }

    #[inline]
    pub(crate) fn str(&self, text: Text) -> &str {
        self.out.str(text)
    }

    #[cold]
    pub(crate) fn error(&mut self, kind: ErrorKind, range: TextRange, lines: Lines, phase: Phase) {
        self.out.errors.push(SyntaxError {
            kind,
            range,
            lines,
            phase,
            stops: false,
        });
    }

    fn next_line(&mut self) -> Option<Line> {
        let line = self.line_at(self.pos, self.line)?;
        if line.is_too_long(&self.out.source) {
            self.too_long(line);
        }
        self.pos = line.next;
        self.line = self.line.saturating_add(1);
        Some(line)
    }

    /// The line that starts at `start` and has as many lines above it; `None` at the end.
    #[inline]
    pub(crate) fn line_at(&self, start: usize, above: u32) -> Option<Line> {
        let source = &self.out.source;
        if start >= source.len() {
            return None;
        }
        let next = self.out.line_starts.get(above as usize);
        let feed = next.map_or(source.len(), |&next| usize::from(next) - 1);
        Some(Line::new(source, start, feed))
    }

    #[cold]
    fn too_long(&mut self, line: Line) {
        if self.cut_short {
            return;
        }
        self.cut_short = true;
        self.error(
            ErrorKind::LineTooLong,
            TextRange::new(size(line.start), size(line.end)),
            Lines {
                first: self.line,
                last: self.line,
            },
            Phase::Tree,
        );
    }

    #[inline]
    fn source_byte(&self, at: usize) -> Option<u8> {
        self.out.source.as_bytes().get(at).copied()
    }

    #[inline]
    fn source_bytes(&self, line: Line) -> &[u8] {
        let source = self.out.source.as_bytes();
        source.get(line.start..line.end).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn source_slice(&self, range: Range<usize>) -> &str {
        self.out.source.get(range).unwrap_or_default()
    }

    fn file(&mut self) {
        // Where the run of comments directly above starts.
        let mut above = 0;
        while let Some(mut line) = self.next_line() {
            if line.start == 0 && self.out.source.starts_with('\u{feff}') {
                line.start = '\u{feff}'.len_utf8();
            }
            let raw = line.start;
            line.start += leading_space_in(&self.out.source, line.start, line.end);
            if self.source_byte(line.start) == Some(b'#') {
                let empty = self.comment(line, raw, CommentKind::Plain);
                let directive = self.directives_open && self.directive(line);
                if empty || directive {
                    above = self.out.comments.len();
                }
                continue;
            }
            self.directives_open = false;
            if line.start < line.end {
                self.instruction(line, above..self.out.comments.len());
                above = self.out.comments.len();
            }
        }
        if self.out.instructions.is_empty() {
            self.error(
                ErrorKind::NoInstructions,
                TextRange::empty(size(self.out.source.len())),
                Lines {
                    first: self.line,
                    last: self.line,
                },
                Phase::Tree,
            );
        }
    }

    /// Keeps the comment that `line` is from `#` on; its line starts at `raw`. Says whether
    /// there is nothing in it.
    fn comment(&mut self, line: Line, raw: usize, kind: CommentKind) -> bool {
        let trimmed = |from: usize| {
            let text = self.source_slice(from..line.end);
            let start = from + leading_space(text);
            Text::source(start, (from + trimmed_end(text)).max(start))
        };
        let text = trimmed(line.start + 1);
        self.out.comments.push(Comment {
            range: TextRange::new(size(line.start), size(line.end)),
            text,
            as_buildkit: if raw == line.start {
                text
            } else {
                trimmed(raw + 1)
            },
            line: self.line,
            kind,
        });
        text.is_empty()
    }

    /// Reads the comment that was kept last as a parser directive; the first comment that is
    /// none ends them.
    fn directive(&mut self, line: Line) -> bool {
        let Some((directive, from, to)) = directive_in(self.source_slice(line.start..line.end))
        else {
            self.directives_open = false;
            return false;
        };
        let value = Text::source(line.start + from, line.start + to);
        let value = Word {
            text: value,
            range: TextRange::new(size(line.start + from), size(line.start + to)),
        };
        // BuildKit counts lines from 0 as long as it looks for directives.
        let lines = Lines {
            first: self.line - 1,
            last: self.line - 1,
        };
        if let Some(comment) = self.out.comments.last_mut() {
            comment.kind = CommentKind::Directive(directive);
        }
        let known = &self.out.directives;
        if known.iter().any(|known| known.directive == directive) {
            self.error(
                ErrorKind::RepeatedDirective(directive),
                TextRange::new(size(line.start), size(line.end)),
                lines,
                Phase::Tree,
            );
            return true;
        }
        if directive == Directive::Escape {
            match self.str(value.text) {
                "\\" => self.out.escape = '\\',
                "`" => self.out.escape = '`',
                other => {
                    let kind = ErrorKind::UnknownEscape(other.to_owned());
                    self.error(kind, value.range, lines, Phase::Tree);
                }
            }
        }
        self.out.directives.push(DirectiveLine {
            directive,
            value,
            line: self.line,
        });
        true
    }

    /// Reads the instruction that starts with `line`.
    fn instruction(&mut self, line: Line, above: Range<usize>) {
        self.first = self.line;
        let (text, empty_continuation, mut end) = self.logical_line(line);
        // It is large, and so worked on where it stays.
        let mut all = std::mem::take(&mut self.out.instructions);
        let instruction = all.push_mut(self.node(text, Span::new(above), 0));
        instruction.empty_continuation = empty_continuation;
        if self.first_less.is_some_and(|less| less < self.pos)
            && takes_heredocs(instruction)
            && has_heredoc(self.str(text))
        {
            end = self.heredocs(text, instruction).unwrap_or(end);
        }
        instruction.lines = self.lines();
        instruction.range = TextRange::new(size(line.start), size(end.max(line.start)));
        self.settle(instruction);
        self.out.instructions = all;
    }

    /// The lines of the instruction at hand, as far as it is read.
    pub(crate) fn lines(&self) -> Lines {
        Lines {
            first: self.first,
            last: self.line,
        }
    }

    /// Joins `line` with those that continue it. Gives the joined text, whether there is an
    /// empty line in it, and where it ends in the source.
    fn logical_line(&mut self, line: Line) -> (Text, bool, usize) {
        let escape = self.escape_byte();
        let Some(cut) = continued(self.source_bytes(line), escape) else {
            return (Text::source(line.start, line.end), false, line.end);
        };
        if self.out.segments.is_empty() {
            // Most of a file can be commands over many lines: room for them all, up to a point.
            let rest = self.out.source.len() - line.start;
            self.out.stitched.reserve(rest.min(1 << 13));
            self.out.segments.reserve((rest / 30).min(1 << 8) + 4);
        }
        let start = self.out.stitched.len();
        self.stitch(line.start, line.start + cut);
        let mut empty = false;
        let mut end = line.end;
        while let Some(line) = self.next_line() {
            let indent = leading_space_in(&self.out.source, line.start, line.end);
            if line.start + indent == line.end {
                empty = true;
                end = line.end;
                continue;
            }
            let raw = line.start;
            if self.source_byte(raw + indent) == Some(b'#') {
                let line = Line {
                    start: raw + indent,
                    ..line
                };
                self.comment(line, raw, CommentKind::Inside);
                continue;
            }
            end = line.end;
            let cut = continued(self.source_bytes(line), escape);
            self.stitch(line.start, cut.map_or(line.end, |cut| line.start + cut));
            if cut.is_none() {
                break;
            }
        }
        (Text::stitched(start, self.out.stitched.len()), empty, end)
    }

    /// Adds a piece of the source to the stitched texts.
    #[inline]
    pub(crate) fn stitch(&mut self, start: usize, end: usize) {
        self.out.segments.push(Segment {
            at: size(self.out.stitched.len()),
            source: size(start),
        });
        let piece = self.out.source.get(start..end).unwrap_or_default();
        self.out.stitched.push_str(piece);
    }

    /// Adds a piece of some text to the stitched texts, with the places it has in the source.
    pub(crate) fn stitch_text(&mut self, text: Text) {
        if !text.is_stitched() {
            return self.stitch(text.start(), text.end());
        }
        let (start, end) = (text.start(), text.end());
        let shift = self.out.stitched.len() - start;
        let first = self
            .out
            .segments
            .partition_point(|segment| usize::from(segment.at) <= start)
            .saturating_sub(1);
        let mut at = first;
        while let Some(&segment) = self.out.segments.get(at) {
            let from = usize::from(segment.at).max(start);
            if from >= end {
                break;
            }
            self.out.segments.push(Segment {
                at: size(from + shift),
                source: segment.source + (size(from) - segment.at),
            });
            at += 1;
        }
        self.out.stitched.extend_from_within(start..end);
    }

    /// Adds a character to the stitched texts that stands for something else at `source`.
    pub(crate) fn stitch_char(&mut self, c: char, source: TextSize) {
        self.out.segments.push(Segment {
            at: size(self.out.stitched.len()),
            source,
        });
        self.out.stitched.push(c);
    }

    /// Adds a byte of the source as the character of that number. Where that takes two bytes,
    /// both stand for the one byte, so that nothing reaches beyond it.
    pub(crate) fn stitch_byte(&mut self, byte: u8, source: TextSize) {
        self.stitch_char(char::from(byte), source);
        if !byte.is_ascii() {
            self.out.segments.push(Segment {
                at: size(self.out.stitched.len() - 1),
                source,
            });
        }
    }

    #[inline]
    pub(crate) fn word_of(&self, text: Text) -> Word {
        let range = self.out.range(text);
        Word { text, range }
    }

    /// Puts the errors in order and finds the one that a build ends with.
    fn finish(&mut self) {
        let errors = &mut self.out.errors;
        sort_by_start(errors, |error| error.range.start());
        // The tree is complete before instructions are looked at; and a line that is too long
        // is only noticed when everything before it was read.
        let stops = errors
            .iter_mut()
            .filter(|error| error.phase <= Phase::Instruction)
            .min_by_key(|error| (error.phase, error.range.start()));
        if let Some(error) = stops {
            error.stops = true;
        }
    }
}

/// Reads `# key = value` with a key that BuildKit knows; gives where the value is.
fn directive_in(line: &str) -> Option<(Directive, usize, usize)> {
    let space = |from: usize| {
        line.get(from..)
            .unwrap_or_default()
            .bytes()
            .take_while(|&byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0C))
            .count()
    };
    let key_start = 1 + space(1);
    let key_length = line
        .get(key_start..)?
        .bytes()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let key = line.get(key_start..key_start + key_length)?;
    let equals = key_start + key_length + space(key_start + key_length);
    if line.as_bytes().get(equals) != Some(&b'=') {
        return None;
    }
    let value_start = equals + 1 + space(equals + 1);
    let value = line.get(value_start..)?;
    let value = value.trim_end_matches([' ', '\t', '\r', '\n', '\u{c}']);
    if value.is_empty() {
        return None;
    }
    let directive = [Directive::Syntax, Directive::Escape, Directive::Check]
        .into_iter()
        .find(|directive| key.eq_ignore_ascii_case(directive.name()))?;
    Some((directive, value_start, value_start + value.len()))
}
