use crate::{TextRange, TextSize, slice};

/// Where a piece of a joined text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Offset in the joined text at which the piece starts.
    pub at: TextSize,
    /// Offset in the source at which the same piece starts.
    pub source: TextSize,
}

/// Maps offsets of a joined text back to the source.
///
/// The segments are in order of [`Segment::at`]; each reaches to the start of the next. With no
/// segments the text is one piece of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceMap<'a> {
    segments: &'a [Segment],
    /// Where the joined text itself starts: in what the segments count, or in the source.
    base: TextSize,
}

impl<'a> SourceMap<'a> {
    /// A map over `segments`, which must be sorted by `at`.
    pub fn new(segments: &'a [Segment]) -> Self {
        Self::with_base(segments, TextSize::new(0))
    }

    /// A map over `segments` for a text that starts at `base` of what they count.
    pub fn with_base(segments: &'a [Segment], base: TextSize) -> Self {
        Self { segments, base }
    }

    /// The map of a text that lies in one piece at `start` of the source.
    pub fn shifted(start: TextSize) -> Self {
        Self {
            segments: &[],
            base: start,
        }
    }

    /// The map for the part of the text that starts at `offset`.
    #[must_use]
    pub fn advanced(self, offset: TextSize) -> Self {
        Self {
            base: self.base + offset,
            ..self
        }
    }

    /// The place in the source of the byte at `offset`.
    ///
    /// At a seam this is the start of the later piece; see [`SourceMap::end`] for the other side.
    pub fn start(&self, offset: TextSize) -> TextSize {
        let offset = self.base + offset;
        let (segment, _) = self.around(offset);
        segment.map_or(offset, |it| it.source + (offset - it.at))
    }

    /// The segment in which an offset is, counted as they count, and the one behind it.
    fn around(&self, offset: TextSize) -> (Option<Segment>, Option<Segment>) {
        let behind = self
            .segments
            .partition_point(|segment| segment.at <= offset);
        let own = behind.checked_sub(1).and_then(|at| self.segments.get(at));
        (own.copied(), self.segments.get(behind).copied())
    }

    /// The place in the source just behind the byte before `offset`: at a seam the end of the
    /// earlier piece.
    pub fn end(&self, offset: TextSize) -> TextSize {
        match offset.checked_sub(TextSize::new(1)) {
            Some(before) => self.start(before) + TextSize::new(1),
            None => self.start(offset),
        }
    }

    /// The smallest range of the source that covers `range` of the joined text.
    pub fn range(&self, range: TextRange) -> TextRange {
        let from = self.base + range.start();
        let (segment, behind) = self.around(from);
        let start = segment.map_or(from, |it| it.source + (from - it.at));
        // Most lie in one piece, be it because they are empty.
        if behind.is_none_or(|behind| from + range.len() <= behind.at) {
            return TextRange::at(start, range.len());
        }
        TextRange::new(start, self.end(range.end()).max(start))
    }
}

/// A text whose bytes lie somewhere in a source, not always in one piece: the logical line of
/// an instruction with its continuations taken out, or the body of a heredoc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined<'a> {
    /// The text itself.
    pub text: &'a str,
    /// Where its bytes are in the source.
    pub map: SourceMap<'a>,
}

impl<'a> Joined<'a> {
    /// A text that is its own source.
    pub fn identity(text: &'a str) -> Self {
        Self {
            text,
            map: SourceMap::default(),
        }
    }

    /// The part of the text that `range` names; empty where the range does not lie on it.
    pub fn slice(&self, range: TextRange) -> &'a str {
        slice(self.text, range)
    }

    /// The part that `range` names as a joined text of its own.
    #[must_use]
    pub fn part(&self, range: TextRange) -> Self {
        Self {
            text: self.slice(range),
            map: self.map.advanced(range.start()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Source: "RUN a \\\n  b\n"; joined: "RUN a   b".
    const SEGMENTS: &[Segment] = &[
        Segment {
            at: TextSize::new(0),
            source: TextSize::new(0),
        },
        Segment {
            at: TextSize::new(6),
            source: TextSize::new(8),
        },
    ];

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    #[test]
    fn a_range_before_the_seam_stays_where_it_is() {
        assert_eq!(SourceMap::new(SEGMENTS).range(range(4, 5)), range(4, 5));
    }

    #[test]
    fn a_range_behind_the_seam_moves_by_the_continuation() {
        assert_eq!(SourceMap::new(SEGMENTS).range(range(8, 9)), range(10, 11));
    }

    #[test]
    fn a_range_across_the_seam_covers_the_continuation() {
        assert_eq!(SourceMap::new(SEGMENTS).range(range(4, 9)), range(4, 11));
    }

    #[test]
    fn a_range_that_ends_at_the_seam_does_not_reach_over_it() {
        assert_eq!(SourceMap::new(SEGMENTS).range(range(4, 6)), range(4, 6));
    }

    #[test]
    fn an_empty_range_at_the_seam_is_the_start_of_the_later_piece() {
        assert_eq!(SourceMap::new(SEGMENTS).range(range(6, 6)), range(8, 8));
    }

    #[test]
    fn a_part_of_a_text_maps_like_the_whole() {
        let part = SourceMap::new(SEGMENTS).advanced(TextSize::new(4));
        assert_eq!(part.range(range(0, 5)), range(4, 11));
        assert_eq!(SourceMap::shifted(7.into()).range(range(1, 2)), range(8, 9));
    }

    #[test]
    fn a_range_goes_from_where_it_starts_to_where_it_ends() {
        for base in 0..4 {
            let map = SourceMap::with_base(SEGMENTS, base.into());
            for start in 0..12 {
                for end in start + 1..12 {
                    let (from, to) = (map.start(start.into()), map.end(end.into()));
                    assert_eq!(map.range(range(start, end)), TextRange::new(from, to));
                }
            }
        }
    }

    #[test]
    fn no_segments_are_the_identity() {
        assert_eq!(SourceMap::default().range(range(3, 7)), range(3, 7));
    }
}
