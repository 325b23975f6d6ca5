//! Arrays of strings as hadolint reads them.

/// What stands behind the array that a text starts with; `None` where hadolint takes it for none. A
/// quote behind one backslash is a letter, and none stands behind more.
pub(crate) fn behind_array(text: &str) -> Option<&str> {
    let mut rest = text.trim_start().strip_prefix('[')?;
    if let Some(behind) = rest.trim_start().strip_prefix(']') {
        return Some(behind);
    }
    loop {
        let inner = rest.trim_start().strip_prefix('"')?;
        let mut backslashes = 0;
        let end = inner.bytes().position(|byte| {
            let ends = byte == b'"' && backslashes != 1;
            backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
            ends
        })?;
        let (string, behind) = inner.split_at_checked(end)?;
        if string.ends_with('\\') {
            return None;
        }
        let behind = behind.get(1..)?.trim_start();
        match behind.strip_prefix(',') {
            Some(more) => rest = more,
            None => return behind.strip_prefix(']'),
        }
    }
}

/// Whether a text is such an array and no more.
pub(crate) fn is_array(text: &str) -> bool {
    behind_array(text).is_some_and(|behind| behind.trim().is_empty())
}

/// Whether something stands behind one.
pub(crate) fn has_more_than_array(text: &str) -> bool {
    behind_array(text).is_some_and(|behind| !behind.trim().is_empty())
}

/// The arguments of `HEALTHCHECK CMD`.
pub(crate) fn array_of_check(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_once([' ', '\t'])?;
    kind.eq_ignore_ascii_case("cmd").then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_behind_more_than_one_backslash_and_commas_at_the_end_make_it_none() {
        let cases = [
            (r#"["a"]"#, Some("")),
            (r#" [ "a" , "b" ] c"#, Some(" c")),
            ("[] c", Some(" c")),
            (r#"["a\"b\x"]"#, Some("")),
            (r#"["a\\b"]"#, Some("")),
            (r#"["a\\"]"#, None),
            (r#"["a\\\"b"]"#, None),
            (r#"["a",]"#, None),
            (r#"["a", 1]"#, None),
            (r#"["a" "b"]"#, None),
            (r#"["a"#, None),
            ("[ -f a ] && b", None),
            ("a", None),
        ];
        for (text, behind) in cases {
            assert_eq!(behind_array(text), behind, "{text}");
        }
    }
}
