//! Character classes and line reading as BuildKit does them.

/// Blanks between words of an instruction: what BuildKit's splitting pattern matches.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C)
}

/// Length of the white space (as Unicode has it) at the start of `text`.
pub(crate) fn leading_space(text: &str) -> usize {
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
pub(crate) fn is_space(byte: u8) -> bool {
    is_blank(byte) || byte == b'\n'
}

/// The end of the word that starts at `from`: the next blank or the end.
pub(crate) fn word_end(text: &str, from: usize) -> usize {
    text.as_bytes()
        .get(from..)
        .and_then(|rest| rest.iter().position(|&byte| is_blank(byte)))
        .map_or(text.len(), |at| from + at)
}

/// The first byte from `from` on that is no blank.
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
    let rest = source
        .as_bytes()
        .get(start..)
        .filter(|rest| !rest.is_empty())?;
    let (length, next) = match memchr::memchr(b'\n', rest) {
        Some(at) => (at, start + at + 1),
        None => (rest.len(), source.len()),
    };
    let mut end = start + length;
    while end > start && source.as_bytes().get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    Some(Line { start, end, next })
}

/// Longest line that BuildKit reads, its line feed included, in bytes; without a line feed at
/// the end of the file it is one less.
const LONGEST_LINE: usize = 65_536;

impl Line {
    /// Whether BuildKit gives up at this line.
    pub(crate) fn is_too_long(self, source: &str) -> bool {
        let bytes = self.next - self.start;
        let has_feed = source.as_bytes().get(self.next.wrapping_sub(1)) == Some(&b'\n');
        bytes > LONGEST_LINE || (bytes == LONGEST_LINE && !has_feed)
    }
}

/// Where `line` ends if its last character (blanks and tabs behind it aside) is a lone escape
/// character, so that the next line belongs to it.
pub(crate) fn continued(line: &str, escape: u8) -> Option<usize> {
    let bytes = line.as_bytes();
    let last = bytes
        .iter()
        .rposition(|&byte| byte != b' ' && byte != b'\t')?;
    let before = last.checked_sub(1).and_then(|at| bytes.get(at));
    (bytes.get(last) == Some(&escape) && before != Some(&escape)).then_some(last)
}
