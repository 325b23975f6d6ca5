//! JSON arrays of strings, with the place of each string.
//!
//! BuildKit hands the arguments to Go's JSON decoder and goes by what it says, so this decides
//! three ways: an array of strings, valid JSON that is none, and no JSON at all.

/// What a text is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Array {
    /// An array of strings.
    Strings,
    /// An array with something else in it; the place of the first such thing.
    NotStrings(usize, usize),
    /// Not a JSON array.
    Not,
}

/// A string in an array.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct JsonString {
    /// Offset behind the opening quote.
    pub(crate) start: usize,
    /// Offset of the closing quote.
    pub(crate) end: usize,
    /// Whether there is an escape in it.
    pub(crate) escaped: bool,
}

/// Nesting at which Go's decoder gives up.
const DEEPEST: usize = 10_000;

/// What the scanner may see next.
#[derive(Clone, Copy, PartialEq)]
enum Want {
    Value,
    /// A value, or the end of the list that was just opened.
    ValueOrEnd,
    /// A key, or the end of the object that was just opened.
    KeyOrEnd,
    Key,
    Colon,
    /// A comma, or the end of the list or object.
    More,
}

/// Reads `text`, which starts with `[`. Adds to `strings` the place of what is between the quotes
/// of each string in the array.
pub(crate) fn array(text: &str, strings: &mut Vec<JsonString>) -> Array {
    let bytes = text.as_bytes();
    let mut foreign = None;
    // What is open inside of the array, innermost last: true for a list.
    let mut open: Vec<bool> = Vec::new();
    let mut want = Want::ValueOrEnd;
    let mut at = 1;
    loop {
        while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        let Some(&byte) = bytes.get(at) else {
            return Array::Not;
        };
        let start = at;
        match (want, byte) {
            (Want::Value | Want::ValueOrEnd, b'[' | b'{') => {
                if open.len() + 1 >= DEEPEST {
                    return Array::Not;
                }
                if open.is_empty() {
                    foreign = foreign.or(Some((start, start + 1)));
                }
                open.push(byte == b'[');
                want = if byte == b'[' {
                    Want::ValueOrEnd
                } else {
                    Want::KeyOrEnd
                };
                at += 1;
            }
            (Want::ValueOrEnd | Want::More, b']') | (Want::KeyOrEnd | Want::More, b'}') => {
                let is_whole = open.is_empty();
                if open.pop().unwrap_or(true) != (byte == b']') {
                    return Array::Not;
                }
                at += 1;
                want = Want::More;
                if is_whole {
                    break;
                }
            }
            (Want::Value | Want::ValueOrEnd | Want::Key | Want::KeyOrEnd, b'"') => {
                let Some(string) = string(bytes, at + 1) else {
                    return Array::Not;
                };
                at = string.end + 1;
                let key = matches!(want, Want::Key | Want::KeyOrEnd);
                if open.is_empty() && !key {
                    strings.push(string);
                }
                want = if key { Want::Colon } else { Want::More };
            }
            (Want::Value | Want::ValueOrEnd, _) => {
                let Some(end) = literal(bytes, at) else {
                    return Array::Not;
                };
                if open.is_empty() {
                    foreign = foreign.or(Some((start, end)));
                }
                at = end;
                want = Want::More;
            }
            (Want::Colon, b':') => {
                at += 1;
                want = Want::Value;
            }
            (Want::More, b',') => {
                at += 1;
                want = if open.last() == Some(&false) {
                    Want::Key
                } else {
                    Want::Value
                };
            }
            _ => return Array::Not,
        }
    }
    let behind = bytes.get(at..).unwrap_or_default();
    if !behind
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    {
        return Array::Not;
    }
    match foreign {
        Some((start, end)) => Array::NotStrings(start, end),
        None => Array::Strings,
    }
}

/// The string whose first byte behind the quote is at `start`.
fn string(bytes: &[u8], start: usize) -> Option<JsonString> {
    let mut at = start;
    let mut escaped = false;
    loop {
        match *bytes.get(at)? {
            b'"' => {
                return Some(JsonString {
                    start,
                    end: at,
                    escaped,
                });
            }
            b'\\' => {
                escaped = true;
                at += match *bytes.get(at + 1)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                    b'u' => {
                        let digits = bytes.get(at + 2..at + 6)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        6
                    }
                    _ => return None,
                };
            }
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// The end of a number, `true`, `false` or `null`.
fn literal(bytes: &[u8], start: usize) -> Option<usize> {
    for word in ["true", "false", "null"] {
        if bytes.get(start..start + word.len()) == Some(word.as_bytes()) {
            return Some(start + word.len());
        }
    }
    let digits = |from: usize| {
        let length = bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        (length > 0).then_some(from + length)
    };
    let first = start + usize::from(bytes.get(start) == Some(&b'-'));
    let mut at = if bytes.get(first) == Some(&b'0') {
        first + 1
    } else {
        digits(first)?
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    Some(at)
}

/// The pieces of a string with escapes: `(start, end, replacement)`, in order; without a
/// replacement the piece stands for itself.
pub(crate) fn pieces(text: &str, string: JsonString) -> Vec<(usize, usize, Option<char>)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut plain = string.start;
    let mut at = string.start;
    while at < string.end {
        if bytes.get(at) != Some(&b'\\') {
            at += 1;
            continue;
        }
        if plain < at {
            out.push((plain, at, None));
        }
        let (length, value) = match bytes.get(at + 1) {
            Some(b'b') => (2, '\u{8}'),
            Some(b'f') => (2, '\u{c}'),
            Some(b'n') => (2, '\n'),
            Some(b'r') => (2, '\r'),
            Some(b't') => (2, '\t'),
            Some(b'u') => unicode(text, at),
            Some(&other) => (2, char::from(other)),
            None => (1, '\\'),
        };
        out.push((at, at + length, Some(value)));
        at += length;
        plain = at;
    }
    if plain < string.end {
        out.push((plain, string.end, None));
    }
    out
}

/// The character of the `\u` escape at `at`, and its length; two escapes where they make a
/// surrogate pair, U+FFFD for half a pair.
fn unicode(text: &str, at: usize) -> (usize, char) {
    let unit = |at: usize| {
        text.get(at..at + 2)
            .filter(|prefix| *prefix == "\\u")
            .and_then(|_| text.get(at + 2..at + 6))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let Some(first) = unit(at) else {
        return (2, char::REPLACEMENT_CHARACTER);
    };
    if let (0xD800..0xDC00, Some(second @ 0xDC00..0xE000)) = (first, unit(at + 6)) {
        let scalar = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (
            12,
            char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER),
        );
    }
    (
        6,
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Array {
        array(text, &mut Vec::new())
    }

    fn strings(text: &str) -> Option<Vec<String>> {
        let mut list = Vec::new();
        match array(text, &mut list) {
            Array::Strings => Some(
                list.into_iter()
                    .map(|string| {
                        pieces(text, string)
                            .into_iter()
                            .map(|(start, end, value)| match value {
                                Some(value) => value.to_string(),
                                None => text[start..end].to_owned(),
                            })
                            .collect()
                    })
                    .collect(),
            ),
            _ => None,
        }
    }

    #[test]
    fn an_array_of_strings_is_read_with_its_escapes() {
        for (text, want) in [
            ("[]", vec![]),
            ("[ ]", vec![]),
            (r#"["a"]"#, vec!["a"]),
            (r#"["a", "b" ,"c"] "#, vec!["a", "b", "c"]),
            (r#"["a\"b\\c\/d"]"#, vec!["a\"b\\c/d"]),
            (r#"["\u00e9\ud83d\ude00\n"]"#, vec!["é😀\n"]),
            (r#"["\ud83dx\ude00"]"#, vec!["\u{fffd}x\u{fffd}"]),
            (r#"["é"]"#, vec!["é"]),
        ] {
            let want: Vec<String> = want.into_iter().map(str::to_owned).collect();
            assert_eq!(strings(text), Some(want), "{text}");
        }
    }

    #[test]
    fn an_array_with_anything_else_in_it_says_where() {
        for (text, start, end) in [
            ("[1]", 1, 2),
            (r#"["a", -1.5e+3]"#, 6, 13),
            ("[null]", 1, 5),
            ("[[]]", 1, 2),
            (r#"[{"a": [true, false], "b": {}}]"#, 1, 2),
        ] {
            assert_eq!(kind(text), Array::NotStrings(start, end), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_no_array() {
        for text in [
            "[",
            "[a]",
            "['a']",
            r#"["a",]"#,
            r#"["a" "b"]"#,
            r#"["a"] b"#,
            r#"["a"#,
            "[01]",
            "[1.]",
            "[+1]",
            "[\"\t\"]",
            r#"["\x"]"#,
            r#"["\u12"]"#,
            "[}",
            "[{]",
            r#"[{"a"}]"#,
            "[,]",
            "]",
        ] {
            assert_eq!(kind(text), Array::Not, "{text}");
        }
    }

    #[test]
    fn endless_nesting_is_no_json() {
        assert_eq!(kind(&"[".repeat(200_000)), Array::Not);
        let deep = 10_001;
        let text = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        assert_eq!(kind(&text), Array::Not);
    }
}
