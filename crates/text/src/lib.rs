//! Places in a text: byte ranges, lines and columns, texts put together from pieces of
//! another one, and edits.
//!
//! Everything below the edges of Stagecraft counts in bytes ([`TextSize`], [`TextRange`]).
//! [`LineIndex`] is the one place where bytes become lines, characters and UTF-16 units.
//!
//! ```
//! use stagecraft_text::{LineIndex, TextSize};
//!
//! let index = LineIndex::new("FROM scratch\nLABEL a=é b=c\n");
//! let place = index.position(TextSize::new(25));
//! assert_eq!((place.line, place.column), (2, 12));
//! ```
//!
//! This crate knows nothing of Docker and uses no other crate of the workspace.

mod edit;
mod joined;
mod lines;
mod order;

pub use edit::{Edit, EditError, apply_edits};
pub use joined::{Joined, Segment, SourceMap};
pub use lines::{LineIndex, Position, line_starts};
pub use order::{sort, sort_by, sort_by_range, sort_by_start, sort_outer_first};
pub use text_size::{TextRange, TextSize};

/// The length of `text` as a [`TextSize`].
///
/// Texts of 4 GiB and more do not fit: the length is then cut to the largest one, and
/// callers that take text from outside refuse it long before (see `syntax::MAX_SOURCE`).
pub fn length(text: &str) -> TextSize {
    size(text.len())
}

/// A byte count as a [`TextSize`], cut to the largest one.
pub fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// The part of `text` that `range` names, or the empty text where the range does not lie on it.
pub fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start().into()..range.end().into())
        .unwrap_or_default()
}

/// Whether `text` has `part` in it, for texts that are short, such as names: to look at each place
/// takes less time there, and less of a program, than to prepare the search that the standard
/// library has for long ones.
#[inline(never)]
pub fn has_part(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut places = text.windows(part.len().max(1));
    part.is_empty() || places.any(|place| place.first() == part.first() && place == part)
}

/// The candidate that `word` is most likely a slip of: at most a third of its letters differ
/// (two at least), whatever the case.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words are no slips, and the distance takes quadratic time.
    const LONGEST: usize = 64;
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let (length, letters) = (lower.chars().count(), letters_of(&lower));
    let most = (word.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        // What differs in length or in letters is as many slips away at least, which is quick to
        // know.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= most)
        .filter(|candidate| {
            let other = letters_of(candidate);
            let strangers = (letters & !other)
                .count_ones()
                .max((other & !letters).count_ones());
            strangers as usize <= most
        })
        .map(|candidate| {
            let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|&(distance, candidate)| distance <= most && distance < candidate.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// A bit for each character that there is, whatever the case; some share one.
fn letters_of(word: &str) -> u64 {
    word.chars().fold(0, |letters, c| {
        letters | 1 << (u32::from(c.to_ascii_lowercase()) & 63)
    })
}

#[cfg(test)]
mod tests {
    use super::{closest, has_part};

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        let text = "git+https://a.b/é";
        for part in ["git", "://", "é", "b/é", text, ""] {
            assert!(has_part(text, part), "{part}");
        }
        for part in ["gt", "//a/", "É", "git+https://a.b/é "] {
            assert!(!has_part(text, part), "{part}");
        }
        assert!(has_part("", "") && !has_part("", "a"));
    }

    #[test]
    fn the_closest_word_is_a_slip_away() {
        assert_eq!(closest("bulider", ["base", "builder"]), Some("builder"));
        assert_eq!(closest("FORM", ["FROM", "RUN"]), Some("FROM"));
        assert_eq!(closest("deploy", ["base", "builder"]), None);
        assert_eq!(closest("", ["a"]), None);
        assert_eq!(closest("x", ["y"]), None);
    }
}
