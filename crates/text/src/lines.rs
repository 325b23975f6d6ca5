use crate::{TextRange, TextSize, length, size};

/// A place as a person counts it, together with its byte offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1. Lines end at `\n` only, as BuildKit's do.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
    /// Offset in bytes, from 0.
    pub offset: TextSize,
}

/// Turns byte offsets of one text into lines, columns and UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    /// Offset of the first byte of each line; the first is 0.
    starts: Vec<TextSize>,
    /// Every character that is more than one byte long, in order.
    wide: Vec<Wide>,
    end: TextSize,
}

/// What the wide characters up to and with this one save against their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wide {
    /// Offset just behind the character.
    end: TextSize,
    /// Bytes minus characters, summed from the start of the text.
    chars: u32,
    /// Bytes minus UTF-16 units, summed from the start of the text.
    utf16: u32,
}

/// As many bytes has a line at least in most texts.
const USUAL_LINE: usize = 24;

/// Where every line of `text` but the first starts: behind each line feed.
pub fn line_starts(text: &str) -> Vec<TextSize> {
    let mut starts = Vec::with_capacity(text.len() / USUAL_LINE + AT_ONCE + 1);
    let (blocks, rest) = text.as_bytes().as_chunks();
    let mut behind = 1;
    for block in blocks {
        // Most lines are so short that to look for the end of each would take longer.
        push_starts(&mut starts, behind, feeds(block));
        behind += BLOCK;
    }
    let mut last = [0; BLOCK];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    push_starts(&mut starts, behind, feeds(&last));
    starts
}

/// Adds what follows each of the line feeds of a block; what follows its first byte is at `behind`.
#[inline]
fn push_starts(starts: &mut Vec<TextSize>, behind: usize, mut feeds: u64) {
    // Always as many, and what is too much goes again: how many there are is hard to foresee for
    // the processor.
    let mut left = feeds.count_ones() as usize;
    let behind = u32::from(size(behind));
    loop {
        let mut next = || {
            // Bit 63 changes nothing where another is set, and saves the case that none is.
            let at = (feeds | 1 << 63).trailing_zeros();
            feeds &= feeds.wrapping_sub(1);
            TextSize::new(behind.saturating_add(at))
        };
        starts.extend_from_slice(&[next(), next(), next(), next()]);
        if left <= AT_ONCE {
            starts.truncate(starts.len() - (AT_ONCE - left));
            return;
        }
        left -= AT_ONCE;
    }
}

/// Most blocks have not more line feeds.
const AT_ONCE: usize = 4;

/// Bytes of a block.
const BLOCK: usize = 64;

/// One bit for each byte of the block, the first one lowest, set where it is a line feed. The
/// compiler makes steps for many bytes of it, but for browsers not the best ones.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline]
fn feeds(block: &[u8; BLOCK]) -> u64 {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    // In each of eight bytes the bit of its place.
    const PLACES: u64 = u64::from_le_bytes([1, 2, 4, 8, 16, 32, 64, 128]);
    // All bits of a line feed and none of others, which is one step for many bytes.
    let mut found = *block;
    for byte in &mut found {
        *byte = 0_u8.wrapping_sub(u8::from(*byte == b'\n'));
    }
    let (eights, _) = found.as_chunks();
    eights.iter().rev().fold(0, |feeds, eight| {
        // The highest byte becomes the sum of all.
        let places = u64::from_le_bytes(*eight) & PLACES;
        feeds << 8 | places.wrapping_mul(EACH) >> 56
    })
}

/// The same in the browser, which compares sixteen bytes at once.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn feeds(block: &[u8; BLOCK]) -> u64 {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2};
    let (eights, _) = block.as_chunks();
    let (sixteens, _) = eights.as_chunks();
    let line_feeds = u8x16_splat(b'\n');
    sixteens.iter().rev().fold(0, |feeds, [low, high]| {
        let bytes = u64x2(u64::from_le_bytes(*low), u64::from_le_bytes(*high));
        feeds << 16 | u64::from(u8x16_bitmask(u8x16_eq(bytes, line_feeds)))
    })
}

/// The characters of a text that are more than one byte long.
fn wide_of(text: &str) -> Vec<Wide> {
    let mut wide: Vec<Wide> = Vec::new();
    let (mut chars, mut utf16) = (0, 0);
    let mut from = 0;
    while let Some((offset, byte)) = next_wide(text.as_bytes(), from) {
        from = offset + 1;
        // The first byte of a character says how long it is.
        let (bytes, units) = match byte {
            0xF0.. => (4, 2),
            0xE0.. => (3, 1),
            _ => (2, 1),
        };
        chars += bytes - 1;
        utf16 += bytes - units;
        wide.push(Wide {
            end: size(offset) + TextSize::new(bytes),
            chars,
            utf16,
        });
    }
    wide
}

/// The first byte from that place on with which a character of more than one starts, with its place.
fn next_wide(bytes: &[u8], from: usize) -> Option<(usize, u8)> {
    const HIGH: u64 = u64::from_ne_bytes([1 << 7; 8]);
    let mut at = from;
    let (eights, _) = bytes.get(from..)?.as_chunks();
    for eight in eights {
        let eight = u64::from_le_bytes(*eight);
        // It has the two highest bits; most texts have few of them.
        let found = eight & eight << 1 & HIGH;
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            return Some((at, *bytes.get(at)?));
        }
        at += 8;
    }
    let mut rest = bytes.iter().copied().enumerate().skip(at);
    rest.find(|(_, byte)| *byte >= 0xC0)
}

impl LineIndex {
    /// Reads `text` once.
    pub fn new(text: &str) -> Self {
        Self::with_starts(text, &line_starts(text))
    }

    /// Of a text of which it is known where every line but the first starts.
    pub fn with_starts(text: &str, behind_first: &[TextSize]) -> Self {
        let mut starts = Vec::with_capacity(behind_first.len() + 1);
        starts.push(TextSize::new(0));
        starts.extend_from_slice(behind_first);
        Self {
            starts,
            wide: if text.is_ascii() {
                Vec::new()
            } else {
                wide_of(text)
            },
            end: length(text),
        }
    }

    /// Number of lines; a text that ends in `\n` has an empty last one.
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// Line of `offset`, from 1.
    pub fn line(&self, offset: TextSize) -> u32 {
        let after = self.starts.partition_point(|&start| start <= offset);
        u32::try_from(after).unwrap_or(u32::MAX)
    }

    /// The bytes of `line` (from 1) without its `\n`; the last line where there are fewer.
    pub fn line_range(&self, line: u32) -> TextRange {
        let at = (line.max(1) as usize - 1).min(self.starts.len() - 1);
        let start = self.starts.get(at).copied().unwrap_or_default();
        let end = match self.starts.get(at + 1) {
            Some(&next) => next - TextSize::new(1),
            None => self.end,
        };
        TextRange::new(start, end)
    }

    /// Line and column of `offset`.
    pub fn position(&self, offset: TextSize) -> Position {
        let offset = offset.min(self.end);
        let line = self.line(offset);
        let start = self.line_range(line).start();
        let saved = self.saved(offset).0 - self.saved(start).0;
        Position {
            line,
            column: u32::from(offset - start) - saved + 1,
            offset,
        }
    }

    /// `offset` in UTF-16 units from the start of the text, as JavaScript counts.
    pub fn utf16(&self, offset: TextSize) -> u32 {
        let offset = offset.min(self.end);
        u32::from(offset) - self.saved(offset).1
    }

    /// The byte offset of a place given in UTF-16 units from the start of the text; the end of
    /// the text where there are fewer, the end of the character where it lies inside of one.
    pub fn from_utf16(&self, units: u32) -> TextSize {
        let before = self
            .wide
            .partition_point(|wide| u32::from(wide.end) - wide.utf16 <= units);
        let saved = before
            .checked_sub(1)
            .and_then(|i| self.wide.get(i))
            .map_or(0, |wide| wide.utf16);
        let offset = TextSize::new(units.saturating_add(saved));
        // Inside a wide character the sum falls short of its end.
        let offset = match self.wide.get(before) {
            Some(next) if self.inside(next, before, offset) => next.end,
            _ => offset,
        };
        offset.min(self.end)
    }

    /// Whether `offset` lies inside the wide character `at` (the one with number `index`).
    fn inside(&self, at: &Wide, index: usize, offset: TextSize) -> bool {
        let before = index
            .checked_sub(1)
            .and_then(|i| self.wide.get(i))
            .map_or(0, |wide| wide.chars);
        let bytes = at.chars - before + 1;
        at.end - TextSize::new(bytes) < offset && offset < at.end
    }

    /// What wide characters before `offset` save: (characters, UTF-16 units).
    fn saved(&self, offset: TextSize) -> (u32, u32) {
        let before = self.wide.partition_point(|wide| wide.end <= offset);
        before
            .checked_sub(1)
            .and_then(|i| self.wide.get(i))
            .map_or((0, 0), |wide| (wide.chars, wide.utf16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_feeds_are_found_wherever_they_stand() {
        let mut block = [b'x'; BLOCK];
        for at in 0..BLOCK {
            block[at] = b'\n';
            // What comes close to a line feed, and what is no ASCII.
            block[(at * 7 + 3) % BLOCK] = [0x0B, 0x8A, 0xFF, 0][at % 4];
            let want = (0..BLOCK).filter(|&at| block[at] == b'\n');
            let want = want.fold(0, |feeds, at| feeds | 1_u64 << at);
            assert_eq!(feeds(&block), want);
        }
    }

    #[test]
    fn wide_characters_are_found_wherever_they_stand() {
        for before in 0..20 {
            for wide in ['é', '\u{7ff}', '中', '🚀'] {
                let text = ["x".repeat(before), wide.to_string(), "x".repeat(9)].concat();
                let text = text.repeat(3);
                let mut found = Vec::new();
                let mut from = 0;
                while let Some((at, byte)) = next_wide(text.as_bytes(), from) {
                    assert_eq!(text.as_bytes()[at], byte);
                    found.push(at);
                    from = at + 1;
                }
                let want = text.char_indices().filter(|(_, c)| !c.is_ascii());
                assert!(found.into_iter().eq(want.map(|(at, _)| at)), "{text}");
            }
        }
    }

    fn at(text: &str, offset: u32) -> (u32, u32) {
        let place = LineIndex::new(text).position(offset.into());
        (place.line, place.column)
    }

    #[test]
    fn lines_start_behind_line_feeds_only_wherever_those_are() {
        for every in 1..80 {
            for length in 0..200 {
                // What is near a line feed by one bit or by one is none.
                let others = ['\t', '\u{b}', 'J', '\u{8a}', '\0', 'x'];
                let mut others = others.into_iter().cycle();
                let text: String = (0..length)
                    .filter_map(|at| {
                        if at % every == 0 {
                            Some('\n')
                        } else {
                            others.next()
                        }
                    })
                    .collect();
                let expected: Vec<TextSize> = text
                    .match_indices('\n')
                    .map(|(at, _)| size(at + 1))
                    .collect();
                assert_eq!(line_starts(&text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn an_empty_text_has_one_line() {
        assert_eq!(LineIndex::new("").line_count(), 1);
        assert_eq!(at("", 0), (1, 1));
    }

    #[test]
    fn a_line_ends_behind_its_line_feed() {
        assert_eq!(at("ab\ncd", 2), (1, 3));
        assert_eq!(at("ab\ncd", 3), (2, 1));
        assert_eq!(at("ab\ncd", 99), (2, 3));
    }

    #[test]
    fn a_carriage_return_alone_ends_no_line() {
        assert_eq!(at("a\rb\r\nc", 5), (2, 1));
        assert_eq!(LineIndex::new("a\rb").line_count(), 1);
    }

    #[test]
    fn columns_count_characters() {
        // é is 2 bytes, 한 is 3, 🚀 is 4.
        let text = "é한🚀x\né";
        assert_eq!(at(text, 9), (1, 4));
        assert_eq!(at(text, 11), (2, 1));
        assert_eq!(at(text, 13), (2, 2));
    }

    #[test]
    fn utf16_counts_a_rocket_as_two() {
        let index = LineIndex::new("é한🚀x\né");
        let units: Vec<u32> = [0, 2, 5, 9, 10, 11, 13]
            .iter()
            .map(|&offset| index.utf16(TextSize::new(offset)))
            .collect();
        assert_eq!(units, [0, 1, 2, 4, 5, 6, 7]);
    }

    #[test]
    fn utf16_there_and_back_is_the_same_place() {
        let text = "a é\n한 🚀🚀 x\r\n\u{feff}z";
        let index = LineIndex::new(text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let offset = size(offset);
            assert_eq!(index.from_utf16(index.utf16(offset)), offset);
        }
        assert_eq!(index.from_utf16(1_000), size(text.len()));
    }

    #[test]
    fn the_middle_of_a_surrogate_pair_is_the_end_of_its_character() {
        assert_eq!(LineIndex::new("🚀x").from_utf16(1), TextSize::new(4));
    }

    #[test]
    fn a_line_range_leaves_out_the_line_feed() {
        let index = LineIndex::new("ab\ncd\n");
        assert_eq!(index.line_range(2), TextRange::new(3.into(), 5.into()));
        assert_eq!(index.line_range(3), TextRange::empty(6.into()));
        assert_eq!(index.line_range(9), TextRange::empty(6.into()));
    }
}
