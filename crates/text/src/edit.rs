use std::fmt;

use crate::{TextRange, TextSize, length, sort_by_range};

/// Replaces a range of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes away; empty for an insertion.
    pub range: TextRange,
    /// What comes in its place; empty for a deletion.
    pub insert: String,
}

impl Edit {
    /// Puts `text` in place of `range`.
    pub fn replace(range: TextRange, text: impl Into<String>) -> Self {
        Self {
            range,
            insert: text.into(),
        }
    }

    /// Puts `text` at `offset`.
    pub fn insert(offset: TextSize, text: impl Into<String>) -> Self {
        Self::replace(TextRange::empty(offset), text)
    }

    /// Takes `range` away.
    pub fn delete(range: TextRange) -> Self {
        Self::replace(range, "")
    }
}

/// Why a set of edits cannot be applied; the text is left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditError {
    /// Two edits change the same bytes, or insert at the same place.
    Overlap(TextRange, TextRange),
    /// A range reaches beyond the text or cuts a character in two.
    OutOfText(TextRange),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap(a, b) => write!(f, "edits at {a:?} and {b:?} overlap"),
            Self::OutOfText(range) => write!(f, "edit at {range:?} does not lie on the text"),
        }
    }
}

impl std::error::Error for EditError {}

/// Applies `edits`, in whatever order they come, all of them or none.
///
/// All ranges are those of `text` as it is before the first edit.
pub fn apply_edits(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sort_by_range(&mut sorted, |edit| edit.range);
    let mut out = String::with_capacity(text.len());
    let mut done = TextSize::new(0);
    let mut last: Option<&Edit> = None;
    for edit in sorted {
        if let Some(last) = last
            && (edit.range.start() < last.range.end() || edit.range == last.range)
        {
            return Err(EditError::Overlap(last.range, edit.range));
        }
        let kept = text
            .get(done.into()..edit.range.start().into())
            .filter(|_| {
                edit.range.end() <= length(text) && text.is_char_boundary(edit.range.end().into())
            })
            .ok_or(EditError::OutOfText(edit.range))?;
        out.push_str(kept);
        out.push_str(&edit.insert);
        done = edit.range.end();
        last = Some(edit);
    }
    out.push_str(text.get(done.into()..).unwrap_or_default());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    #[test]
    fn edits_apply_in_any_order() {
        let edits = [
            Edit::replace(range(5, 8), "alpine"),
            Edit::insert(0.into(), "# x\n"),
        ];
        assert_eq!(
            apply_edits("FROM foo\n", &edits),
            Ok("# x\nFROM alpine\n".to_owned())
        );
    }

    #[test]
    fn edits_that_touch_do_not_overlap() {
        let edits = [Edit::delete(range(0, 2)), Edit::replace(range(2, 3), "z")];
        assert_eq!(apply_edits("abcd", &edits), Ok("zd".to_owned()));
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        let edits = [Edit::delete(range(0, 3)), Edit::delete(range(2, 4))];
        assert_eq!(
            apply_edits("abcd", &edits),
            Err(EditError::Overlap(range(0, 3), range(2, 4)))
        );
    }

    #[test]
    fn two_insertions_at_one_place_are_refused_because_their_order_is_unknown() {
        let edits = [Edit::insert(1.into(), "x"), Edit::insert(1.into(), "y")];
        assert!(apply_edits("abcd", &edits).is_err());
    }

    #[test]
    fn an_edit_inside_a_character_or_beyond_the_end_is_refused() {
        assert!(apply_edits("é", &[Edit::delete(range(0, 1))]).is_err());
        assert!(apply_edits("é", &[Edit::insert(1.into(), "x")]).is_err());
        assert!(apply_edits("é", &[Edit::delete(range(0, 9))]).is_err());
    }
}
