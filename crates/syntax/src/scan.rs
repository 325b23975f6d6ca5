//! Character classes and line reading as BuildKit does them.

/// Blanks between words of an instruction: what BuildKit's splitting pattern matches.
#[inline]
pub(crate) fn is_blank(byte: u8) -> bool {
    // Most bytes are letters: one comparison for them.
    byte <= b' ' && matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C)
}

/// Length of the white space (as Unicode has it) at the start of `text`.
#[inline]
pub(crate) fn leading_space(text: &str) -> usize {
    match text.as_bytes().first() {
        // Most texts start with none.
        Some(b'!'..=b'~') | None => 0,
        _ => some_leading_space(text),
    }
}

fn some_leading_space(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ascii = bytes
        .iter()
        .position(|&byte| !is_space(byte))
        .unwrap_or(bytes.len());
    if bytes.get(ascii).is_some_and(|byte| !byte.is_ascii()) {
        return text.len() - text.trim_start().len();
    }
    ascii
}

/// The end of `text` without the white space behind it.
#[inline]
pub(crate) fn trimmed_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ascii = bytes
        .iter()
        .rposition(|&byte| !is_space(byte))
        .map_or(0, |last| last + 1);
    if ascii > 0 && bytes.get(ascii - 1).is_some_and(|byte| !byte.is_ascii()) {
        return text.trim_end().len();
    }
    ascii
}

/// ASCII white space, the vertical tab among it.
#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    is_blank(byte) || byte == b'\n'
}

/// The end of the word that starts at `from`: the next blank or the end.
#[inline]
pub(crate) fn word_end(text: &str, from: usize) -> usize {
    text.as_bytes()
        .get(from..)
        .and_then(|rest| rest.iter().position(|&byte| is_blank(byte)))
        .map_or(text.len(), |at| from + at)
}

/// The first byte from `from` on that is no blank.
#[inline]
pub(crate) fn skip_blanks(text: &str, from: usize) -> usize {
    text.as_bytes()
        .get(from..)
        .and_then(|rest| rest.iter().position(|&byte| !is_blank(byte)))
        .map_or(text.len(), |at| from + at)
}

/// A line of the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// Offset of its first byte.
    pub(crate) start: usize,
    /// Offset behind its last byte, line feed and the carriage returns before it left out.
    pub(crate) end: usize,
    /// Offset of the next line.
    pub(crate) next: usize,
}

/// Reads the line that starts at `start`; `None` at the end of the source.
pub(crate) fn line_at(source: &str, start: usize) -> Option<Line> {
    let rest = source.as_bytes().get(start..).unwrap_or_default();
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    line(source.as_bytes(), start, start + length)
}

/// The line that starts at `start` and has its line feed (or the end of the source) at `feed`.
#[inline]
fn line(bytes: &[u8], start: usize, feed: usize) -> Option<Line> {
    if start >= bytes.len() {
        return None;
    }
    let mut end = feed;
    while end > start && bytes.get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    let next = bytes.len().min(feed + 1);
    Some(Line { start, end, next })
}

/// Reads line after line: where the line feeds of a block of the source are is worked out for the
/// whole block, because most lines are so short that to look for the end of each takes longer.
pub(crate) struct LineReader {
    /// Where the block starts.
    block: usize,
    /// One bit for each byte of the block, the first one lowest.
    feeds: u64,
}

/// Bytes of a block.
const BLOCK: usize = 64;

impl LineReader {
    /// For a source that is read from the start.
    pub(crate) fn new(source: &str) -> Self {
        Self {
            block: 0,
            feeds: feeds(source.as_bytes(), 0),
        }
    }

    /// [`line_at`]
    #[inline]
    pub(crate) fn line_at(&mut self, source: &str, start: usize) -> Option<Line> {
        let bytes = source.as_bytes();
        let mut block = start & !(BLOCK - 1);
        if block != self.block {
            self.feeds = feeds(bytes, block);
        }
        let mut left = self.feeds & (u64::MAX << (start % BLOCK));
        while left == 0 && block + BLOCK < bytes.len() {
            block += BLOCK;
            left = feeds(bytes, block);
            self.feeds = left;
        }
        self.block = block;
        let feed = block + left.trailing_zeros() as usize;
        line(bytes, start, feed.min(bytes.len()))
    }
}

/// One bit for each byte of the block that starts at `start`, set where it is a line feed.
fn feeds(bytes: &[u8], start: usize) -> u64 {
    let bytes = bytes.get(start..).unwrap_or_default();
    match bytes.first_chunk() {
        Some(block) => feeds_of(block),
        None => feeds_at_end(bytes),
    }
}

/// The same for what is less than a block.
#[cold]
fn feeds_at_end(bytes: &[u8]) -> u64 {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
    feeds_of(&block)
}

fn feeds_of(block: &[u8; BLOCK]) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const LOW: u64 = ONES * 0x7F;
    let (eights, _) = block.as_chunks::<8>();
    eights.iter().rev().fold(0, |found, eight| {
        // Line feeds become zeros, then the highest bit of each zero is set and no other bit,
        // and then these are moved together.
        let zeros = u64::from_le_bytes(*eight) ^ (ONES * u64::from(b'\n'));
        let high = !(((zeros & LOW) + LOW) | zeros | LOW);
        found << 8 | (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Longest line that BuildKit reads, its line feed included, in bytes; without a line feed at
/// the end of the file it is one less.
const LONGEST_LINE: usize = 65_536;

impl Line {
    /// Whether BuildKit gives up at this line.
    #[inline]
    pub(crate) fn is_too_long(self, source: &str) -> bool {
        let bytes = self.next - self.start;
        let has_feed = || source.as_bytes().get(self.next.wrapping_sub(1)) == Some(&b'\n');
        bytes >= LONGEST_LINE && (bytes > LONGEST_LINE || !has_feed())
    }
}

/// Where `line` ends if its last character (blanks and tabs behind it aside) is a lone escape
/// character, so that the next line belongs to it.
#[inline]
pub(crate) fn continued(line: &str, escape: u8) -> Option<usize> {
    let bytes = line.as_bytes();
    let last = bytes
        .iter()
        .rposition(|&byte| byte != b' ' && byte != b'\t')?;
    let before = last.checked_sub(1).and_then(|at| bytes.get(at));
    (bytes.get(last) == Some(&escape) && before != Some(&escape)).then_some(last)
}
