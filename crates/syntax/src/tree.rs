//! What a parse is made of: flat lists of plain values that name places in two texts.

use std::num::NonZeroU32;
use std::ops::Range;

use stagecraft_text::{Joined, LineIndex, Segment, SourceMap, TextRange, TextSize, size};

use crate::error::SyntaxError;
use crate::instruction::{Kind, Mount, MountOption, Pair};

/// A piece of text: of the source, or of the texts that were put together from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// One more than where it starts, so that an `Option` of it is no longer than itself: trees
    /// are mostly made of these.
    start: NonZeroU32,
    len: u32,
}

impl Default for Text {
    fn default() -> Self {
        Self::source(0, 0)
    }
}

/// Marks a [`Text`] of the put-together texts; sources are shorter than this (`MAX_SOURCE`).
const STITCHED: u32 = 1 << 31;

impl Text {
    pub(crate) fn source(start: usize, end: usize) -> Self {
        Self {
            start: NonZeroU32::MIN.saturating_add(u32::from(size(start))),
            len: u32::from(size(end.saturating_sub(start))),
        }
    }

    pub(crate) fn stitched(start: usize, end: usize) -> Self {
        let text = Self::source(start, end);
        Self {
            start: text.start | STITCHED,
            ..text
        }
    }

    pub(crate) fn is_stitched(self) -> bool {
        self.start.get() & STITCHED != 0
    }

    pub(crate) fn start(self) -> usize {
        ((self.start.get() & !STITCHED) - 1) as usize
    }

    pub(crate) fn end(self) -> usize {
        self.start() + self.len as usize
    }

    /// The part from byte `from` to byte `to` of this text.
    #[must_use]
    pub fn sub(self, from: usize, to: usize) -> Self {
        let from = u32::from(size(from)).min(self.len);
        let to = u32::from(size(to)).clamp(from, self.len);
        Self {
            start: self.start.saturating_add(from),
            len: to - from,
        }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = if self.is_stitched() {
            "stitched"
        } else {
            "source"
        };
        write!(f, "{of}[{}..{}]", self.start(), self.end())
    }
}

/// A text together with the smallest place of the source that covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// What BuildKit sees: continuations taken out, JSON strings decoded, quotes kept.
    pub text: Text,
    /// Where it is. Inside a JSON array this is the string with its quotes.
    pub range: TextRange,
}

impl Default for Word {
    fn default() -> Self {
        Self {
            text: Text::default(),
            range: TextRange::empty(TextSize::new(0)),
        }
    }
}

/// A run of elements of one of the lists of a [`Parse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(range: Range<usize>) -> Self {
        Self {
            start: u32::from(size(range.start)),
            end: u32::from(size(range.end)),
        }
    }

    pub(crate) fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// Number of elements.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// First and last line, from 1, as BuildKit counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lines {
    /// The first line.
    pub first: u32,
    /// The last line, the heredocs included.
    pub last: u32,
}

/// The word that an instruction starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the word of its name")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// No instruction that BuildKit knows.
    Unknown,
}

impl Keyword {
    /// Every instruction, in alphabetical order.
    pub const ALL: [Self; 18] = [
        Self::Add,
        Self::Arg,
        Self::Cmd,
        Self::Copy,
        Self::Entrypoint,
        Self::Env,
        Self::Expose,
        Self::From,
        Self::Healthcheck,
        Self::Label,
        Self::Maintainer,
        Self::Onbuild,
        Self::Run,
        Self::Shell,
        Self::Stopsignal,
        Self::User,
        Self::Volume,
        Self::Workdir,
    ];

    /// The word in upper case; empty for [`Keyword::Unknown`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Arg => "ARG",
            Self::Cmd => "CMD",
            Self::Copy => "COPY",
            Self::Entrypoint => "ENTRYPOINT",
            Self::Env => "ENV",
            Self::Expose => "EXPOSE",
            Self::From => "FROM",
            Self::Healthcheck => "HEALTHCHECK",
            Self::Label => "LABEL",
            Self::Maintainer => "MAINTAINER",
            Self::Onbuild => "ONBUILD",
            Self::Run => "RUN",
            Self::Shell => "SHELL",
            Self::Stopsignal => "STOPSIGNAL",
            Self::User => "USER",
            Self::Volume => "VOLUME",
            Self::Workdir => "WORKDIR",
            Self::Unknown => "",
        }
    }

    /// The instruction that `word` names, in whatever case.
    pub fn from_word(word: &str) -> Self {
        Self::at_start(word.as_bytes(), word.len())
    }

    /// The instruction that the first `length` bytes of `text` name, in whatever case.
    #[inline]
    pub(crate) fn at_start(text: &[u8], length: usize) -> Self {
        // As numbers: this is asked for every instruction of a file.
        match packed(text, length) {
            RUN => Self::Run,
            ENV => Self::Env,
            ARG => Self::Arg,
            CMD => Self::Cmd,
            ADD => Self::Add,
            COPY => Self::Copy,
            FROM => Self::From,
            USER => Self::User,
            LABEL => Self::Label,
            SHELL => Self::Shell,
            EXPOSE => Self::Expose,
            VOLUME => Self::Volume,
            WORKDIR => Self::Workdir,
            ONBUILD => Self::Onbuild,
            0 => Self::from_long_word(text.get(..length).unwrap_or_default()),
            _ => Self::Unknown,
        }
    }

    fn from_long_word(word: &[u8]) -> Self {
        let long = [
            Self::Entrypoint,
            Self::Healthcheck,
            Self::Maintainer,
            Self::Stopsignal,
        ];
        let named = |keyword: &Self| word.eq_ignore_ascii_case(keyword.name().as_bytes());
        long.into_iter().find(named).unwrap_or(Self::Unknown)
    }
}

/// The longest word that [`packed`] makes a number of.
const LONGEST_PACKED: usize = 7;

/// The word that the first `length` of these bytes are, as a number; 0 for one that is longer.
///
/// Each byte has the bit that makes a capital letter a small one, which makes a small letter of
/// nothing else.
fn packed(bytes: &[u8], length: usize) -> u64 {
    if length > LONGEST_PACKED {
        return 0;
    }
    (first_eight(bytes) | SMALL) & !(u64::MAX << (8 * length)) | NAMED
}

/// Whether the word that the first `length` of these bytes are may have a small letter: not where
/// it is of capital letters only.
pub(crate) fn may_have_small(bytes: &[u8], length: usize) -> bool {
    if length > LONGEST_PACKED {
        let word = bytes.get(..length).unwrap_or_default();
        return !word.iter().all(u8::is_ascii_uppercase);
    }
    first_eight(bytes) & SMALL & !(u64::MAX << (8 * length)) != 0
}

/// In each of eight bytes the bit that tells a small letter from a capital one.
const SMALL: u64 = u64::from_le_bytes([b' '; 8]);

/// The first eight bytes as a number, zeros behind the last.
#[inline]
fn first_eight(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        for (to, from) in eight.iter_mut().zip(bytes) {
            *to = *from;
        }
        eight
    }))
}

const RUN: u64 = name(b"run");
const ENV: u64 = name(b"env");
const ARG: u64 = name(b"arg");
const CMD: u64 = name(b"cmd");
const ADD: u64 = name(b"add");
const COPY: u64 = name(b"copy");
const FROM: u64 = name(b"from");
const USER: u64 = name(b"user");
const LABEL: u64 = name(b"label");
const SHELL: u64 = name(b"shell");
const EXPOSE: u64 = name(b"expose");
const VOLUME: u64 = name(b"volume");
const WORKDIR: u64 = name(b"workdir");
const ONBUILD: u64 = name(b"onbuild");

/// Tells any word from one that is too long.
const NAMED: u64 = 1 << 63;

/// What [`packed`] makes of a word in small letters.
const fn name(word: &[u8]) -> u64 {
    let mut number = 0;
    let mut rest = word;
    while let [before @ .., last] = rest {
        number = number << 8 | *last as u64;
        rest = before;
    }
    number | NAMED
}

/// How the arguments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Plain text, for the shell or as words.
    Shell,
    /// A JSON array of strings.
    Json,
}

/// A flag of an instruction, such as `--from=build`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// The whole word with quotes and escapes taken out, as BuildKit reads it.
    pub word: Word,
    /// The part between `--` and `=`.
    pub name: Word,
    /// The part behind `=`; `None` where there is no `=`.
    pub value: Option<Word>,
}

/// A document written below its instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heredoc {
    /// The name that ends it, quotes taken out.
    pub name: Text,
    /// Where the `<<NAME` is.
    pub marker: TextRange,
    /// The lines between, as written, each with its line feed.
    pub content: Text,
    /// The line that ends it, without its line feed.
    pub terminator: TextRange,
    /// The number before `<<`; 0 where there is none.
    pub fd: u64,
    /// Whether variables in it are expanded: no part of the name is quoted.
    pub expand: bool,
    /// Whether leading tabs of each line are taken away: `<<-`.
    pub chomp: bool,
}

/// What a comment line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommentKind {
    /// `# syntax=`, `# escape=` or `# check=` at the top.
    Directive(Directive),
    /// On its own.
    Plain,
    /// Between the lines of an instruction.
    Inside,
}

/// A comment line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub range: TextRange,
    /// What stands behind `#`, blanks around it taken away.
    pub text: Text,
    /// What BuildKit takes for the text: the line without its first byte, which is not the `#`
    /// where the line is indented.
    pub as_buildkit: Text,
    /// Its line, from 1.
    pub line: u32,
    /// What it is for.
    pub kind: CommentKind,
}

/// The parser directives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Directive {
    /// Which frontend reads the file.
    Syntax,
    /// The escape character, `\` or `` ` ``.
    Escape,
    /// What `docker build --check` looks for.
    Check,
}

impl Directive {
    /// Its key, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Escape => "escape",
            Self::Check => "check",
        }
    }
}

/// A parser directive that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectiveLine {
    /// Which one.
    pub directive: Directive,
    /// What stands behind `=`.
    pub value: Word,
    /// Its line, from 1.
    pub line: u32,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// Which one.
    pub keyword: Keyword,
    /// Its first word as written.
    pub name: Word,
    /// From the first word to the end of the last line, heredocs included.
    pub range: TextRange,
    /// The same in lines.
    pub lines: Lines,
    /// The logical line: from the first word on, continuations and comments taken out.
    pub text: Text,
    /// What follows the flags, blanks around it taken away.
    pub rest: Word,
    /// How the arguments are written.
    pub form: Form,
    pub(crate) flags: Span,
    pub(crate) args: Span,
    pub(crate) heredocs: Span,
    pub(crate) comments: Span,
    /// The arguments by what they mean.
    pub kind: Kind,
    /// Whether BuildKit refuses it (see [`Parse::errors`]).
    pub broken: bool,
    /// The line of the last empty line inside of it, which BuildKit warns about.
    pub empty_continuation: bool,
}

/// A Dockerfile, read.
///
/// Owns a copy of its source. Everything in it names places of that source, so that nothing
/// is copied and nothing borrows.
#[derive(Debug, Clone, PartialEq)]
pub struct Parse {
    pub(crate) source: Box<str>,
    /// The texts that do not lie in one piece in the source.
    pub(crate) stitched: String,
    /// Where each piece of `stitched` came from.
    pub(crate) segments: Vec<Segment>,
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) words: Vec<Word>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) heredocs: Vec<Heredoc>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) mount_options: Vec<MountOption>,
    pub(crate) directives: Vec<DirectiveLine>,
    pub(crate) errors: Vec<SyntaxError>,
    /// See [`Parse::has_small_letters`].
    pub(crate) small_letters: bool,
    /// Where each line but the first starts; see [`Parse::lines`].
    pub(crate) line_starts: Vec<TextSize>,
    pub(crate) escape: char,
}

impl Parse {
    /// The text that was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The lines of the text that was read.
    pub fn lines(&self) -> LineIndex {
        LineIndex::with_starts(&self.source, &self.line_starts)
    }

    /// The escape character in force, `\` or `` ` ``.
    pub fn escape(&self) -> char {
        self.escape
    }

    /// Whether the name of any instruction may have a small letter, those behind ONBUILD among
    /// them.
    pub fn has_small_letters(&self) -> bool {
        self.small_letters
    }

    /// The instructions in order; those wrapped by ONBUILD are inside it.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Everything that is wrong, in order of place. BuildKit stops at the one that says so.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The error that a build ends with, if there is one.
    pub fn stopping_error(&self) -> Option<&SyntaxError> {
        self.errors.iter().find(|error| error.stops)
    }

    /// Every comment line, parser directives included, in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// The parser directives in force, in order.
    pub fn directives(&self) -> &[DirectiveLine] {
        &self.directives
    }

    /// The parser directive of that kind, if it is there.
    pub fn directive(&self, directive: Directive) -> Option<&DirectiveLine> {
        self.directives
            .iter()
            .find(|line| line.directive == directive)
    }

    /// The characters of a text.
    #[inline]
    pub fn str(&self, text: Text) -> &str {
        let whole: &str = if text.is_stitched() {
            &self.stitched
        } else {
            &self.source
        };
        whole.get(text.start()..text.end()).unwrap_or_default()
    }

    /// The bytes of a text: quicker to get at than its characters.
    #[inline]
    pub(crate) fn bytes(&self, text: Text) -> &[u8] {
        let whole: &str = if text.is_stitched() {
            &self.stitched
        } else {
            &self.source
        };
        let range = text.start()..text.end();
        whole.as_bytes().get(range).unwrap_or_default()
    }

    /// The characters of a word.
    #[inline]
    pub fn word(&self, word: Word) -> &str {
        self.str(word.text)
    }

    /// A text with the places that its bytes have in the source.
    pub fn joined(&self, text: Text) -> Joined<'_> {
        let start = size(text.start());
        Joined {
            text: self.str(text),
            map: if text.is_stitched() {
                SourceMap::with_base(&self.segments, start)
            } else {
                SourceMap::shifted(start)
            },
        }
    }

    /// The pieces of the source that a text is made of: the offset in the text at which each
    /// starts, and its place.
    pub fn pieces(&self, text: Text) -> Vec<(TextSize, TextSize)> {
        let start = size(text.start());
        if !text.is_stitched() {
            return vec![(TextSize::new(0), start)];
        }
        let end = size(text.end());
        let first = self
            .segments
            .partition_point(|segment| segment.at <= start)
            .saturating_sub(1);
        self.segments
            .iter()
            .skip(first)
            .take_while(|segment| segment.at < end)
            .map(|segment| {
                let at = segment.at.max(start);
                (at - start, segment.source + (at - segment.at))
            })
            .collect()
    }

    /// The smallest place of the source that covers a text.
    #[inline]
    pub fn range(&self, text: Text) -> TextRange {
        if text.is_stitched() {
            self.range_of_stitched(text)
        } else {
            TextRange::at(size(text.start()), text.len.into())
        }
    }

    fn range_of_stitched(&self, text: Text) -> TextRange {
        let (start, end) = (size(text.start()), size(text.end()));
        let after = self.segments.partition_point(|segment| segment.at <= start);
        let piece = after.checked_sub(1).and_then(|at| self.segments.get(at));
        let next = self.segments.get(after);
        let range = match piece {
            // Most words lie in one piece.
            Some(piece) if next.is_none_or(|next| end <= next.at) => {
                TextRange::at(piece.source + (start - piece.at), end - start)
            }
            _ => {
                let map = SourceMap::with_base(&self.segments, start);
                map.range(TextRange::up_to(end - start))
            }
        };
        // What stands for an escape or for a part of a character is as long in the map as it is
        // in the text, which need not be its length in the source: the place is whole characters
        // of the source.
        let last = self.source.len();
        let mut start = usize::from(range.start()).min(last);
        let mut end = usize::from(range.end()).min(last);
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        while !self.source.is_char_boundary(end) {
            end += 1;
        }
        TextRange::new(size(start), size(end))
    }

    /// A part of a word, from byte `from` to byte `to`, with its own place.
    pub fn part(&self, word: Word, from: usize, to: usize) -> Word {
        let text = word.text.sub(from, to);
        Word {
            text,
            range: self.range(text),
        }
    }

    /// The last line of an instruction, from 1, its heredocs left out.
    pub fn last_of_line(&self, instruction: &Instruction) -> u32 {
        let below: usize = self
            .heredocs(instruction)
            .iter()
            .map(|heredoc| self.str(heredoc.content).matches('\n').count() + 1)
            .sum();
        instruction
            .lines
            .last
            .saturating_sub(u32::try_from(below).unwrap_or(u32::MAX))
    }

    /// The flags of an instruction, in order.
    pub fn flags(&self, instruction: &Instruction) -> &[Flag] {
        instruction.flags.of(&self.flags)
    }

    /// Whether any instruction has flags.
    pub fn has_flags(&self) -> bool {
        !self.flags.is_empty()
    }

    /// The flag of that name, the last one where it is given more than once.
    pub fn flag(&self, instruction: &Instruction, name: &str) -> Option<&Flag> {
        self.flags(instruction)
            .iter()
            .rfind(|flag| self.word(flag.name) == name)
    }

    /// The value of the flag of that name, such as `chown` or `checksum`; the last one where it is
    /// given more than once, `None` where it is given without one.
    pub fn flag_value(&self, instruction: &Instruction, name: &str) -> Option<Word> {
        self.flag(instruction, name).and_then(|flag| flag.value)
    }

    /// The arguments as BuildKit splits them: words, JSON strings, or the whole text at once,
    /// by instruction. For ENV and LABEL see [`Kind`].
    #[inline]
    pub fn args(&self, instruction: &Instruction) -> &[Word] {
        instruction.args.of(&self.words)
    }

    /// The words of a span, as [`Kind`] holds them.
    pub fn words(&self, span: Span) -> &[Word] {
        span.of(&self.words)
    }

    /// The heredocs of an instruction, in order of their markers.
    pub fn heredocs(&self, instruction: &Instruction) -> &[Heredoc] {
        instruction.heredocs.of(&self.heredocs)
    }

    /// The comment lines above an instruction that belong to it: those since the last
    /// instruction, the last empty comment and the parser directives. Empty lines between do
    /// not count.
    pub fn comments_above(&self, instruction: &Instruction) -> &[Comment] {
        instruction.comments.of(&self.comments)
    }
}
