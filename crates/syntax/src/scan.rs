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
    leading_space_in(text, 0, text.len())
}

/// Length of the white space at the start of the part of `text` between two of its characters.
#[inline]
pub(crate) fn leading_space_in(text: &str, from: usize, to: usize) -> usize {
    // Bytes first: to cut a text takes a look at whether characters end there.
    let bytes = text.as_bytes().get(from..to).unwrap_or_default();
    match bytes.first() {
        // Most texts start with none.
        Some(b'!'..=b'~') | None => return 0,
        _ => {}
    }
    // And most of the others with less than eight spaces.
    if let Some(eight) = bytes.first_chunk() {
        let spaces = first_of(u64::from_le_bytes(*eight) ^ SPACES);
        if let Some(b'!'..=b'~') = eight.get(spaces) {
            return spaces;
        }
    }
    some_leading_space(text.get(from..to).unwrap_or_default())
}

/// Eight of them.
const SPACES: u64 = EACH * b' ' as u64;

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
pub(crate) fn word_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    // Eight bytes at a time: where a loop over each byte ends is hard to foresee for the processor.
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let low = first_of(up_to_space(u64::from_le_bytes(*eight)));
        if low == 8 {
            at += 8;
        } else if eight.get(low).is_some_and(|&byte| is_blank(byte)) {
            return at + low;
        } else {
            at += low + 1;
        }
    }
    bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|&byte| is_blank(byte)))
        .map_or(bytes.len(), |blanks| at + blanks)
}

/// One in each of eight bytes.
pub(crate) const EACH: u64 = u64::from_ne_bytes([1; 8]);
/// The highest bit of each of eight bytes.
pub(crate) const HIGH: u64 = EACH << 7;

/// Sets the highest bit of the first of eight bytes that is zero; those behind it mean nothing.
#[inline]
pub(crate) fn zero(eight: u64) -> u64 {
    eight.wrapping_sub(EACH) & !eight & HIGH
}

/// Sets the highest bit of the first of eight bytes that is a space or below; those behind it mean
/// nothing.
#[inline]
pub(crate) fn up_to_space(eight: u64) -> u64 {
    eight.wrapping_sub(EACH * u64::from(b' ' + 1)) & !eight & HIGH
}

/// Which of eight bytes is the first with a bit set; 8 where none is.
#[inline]
pub(crate) fn first_of(bits: u64) -> usize {
    bits.trailing_zeros() as usize / 8
}

/// The first byte from `from` on that is no blank.
#[inline]
pub(crate) fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    bytes
        .get(from..)
        .and_then(|rest| rest.iter().position(|&byte| !is_blank(byte)))
        .map_or(bytes.len(), |at| from + at)
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

/// Longest line that BuildKit reads, its line feed included, in bytes; without a line feed at
/// the end of the file it is one less.
const LONGEST_LINE: usize = 65_536;

impl Line {
    /// The line of `source` that starts at `start` and has its line feed (or the end of the source)
    /// at `feed`.
    #[inline]
    pub(crate) fn new(source: &str, start: usize, feed: usize) -> Self {
        let bytes = source.as_bytes();
        let end = match bytes.get(feed.wrapping_sub(1)) {
            Some(b'\r') => without_returns(bytes, start, feed),
            _ => feed,
        };
        let next = bytes.len().min(feed + 1);
        Self { start, end, next }
    }

    /// Whether BuildKit gives up at this line.
    #[inline]
    pub(crate) fn is_too_long(self, source: &str) -> bool {
        let bytes = self.next - self.start;
        let has_feed = || source.as_bytes().get(self.next.wrapping_sub(1)) == Some(&b'\n');
        bytes >= LONGEST_LINE && (bytes > LONGEST_LINE || !has_feed())
    }
}

/// The end of a line without the carriage returns before it.
#[cold]
fn without_returns(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && bytes.get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    end
}

/// Where `line` ends if its last character (blanks and tabs behind it aside) is a lone escape
/// character, so that the next line belongs to it.
#[inline]
pub(crate) fn continued(line: &[u8], escape: u8) -> Option<usize> {
    let last = line
        .iter()
        .rposition(|&byte| byte != b' ' && byte != b'\t')?;
    let before = last.checked_sub(1).and_then(|at| line.get(at));
    (line.get(last) == Some(&escape) && before != Some(&escape)).then_some(last)
}
