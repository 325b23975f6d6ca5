//! Questions about the letters of short texts.

/// Whether a text has one of these bytes.
///
/// Texts are short here, and the compiler makes one or two comparisons of a pattern; to call what
/// looks for bytes would take longer.
macro_rules! has_any {
    ($text:expr, $bytes:pat) => {
        $text.bytes().any(|byte| matches!(byte, $bytes))
    };
}

/// Whether a text ends like that. Most end in another letter.
#[inline]
pub(crate) fn ends(text: &str, ending: &str) -> bool {
    text.as_bytes().last() == ending.as_bytes().last() && text.ends_with(ending)
}

/// Whether a text starts like that. Most start with another letter.
#[inline]
pub(crate) fn starts(text: &str, start: &str) -> bool {
    text.as_bytes().first() == start.as_bytes().first() && text.starts_with(start)
}
