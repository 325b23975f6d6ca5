//! The name of an image as hadolint reads it: by its letters, with variables and quotes as they
//! stand there. Found out by what it says of names of all shapes.

/// The parts of a name that hadolint can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrittenName<'a> {
    /// Without its registry.
    pub(crate) name: &'a str,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
}

impl<'a> WrittenName<'a> {
    /// Reads a name as it is written in FROM; `None` where hadolint refuses it.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        // Most have neither a registry nor variables, nor a digest.
        if let Some(plain) = Self::plain(text) {
            return Some(plain);
        }
        let local = without_registry(text);
        let end = part_end(local, b":@");
        let (name, rest) = local.split_at_checked(end)?;
        let (tag, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                let (tag, rest) = rest.split_at_checked(part_end(rest, b":@"))?;
                (Some(tag), rest)
            }
            None => (None, rest),
        };
        let digest = match rest.as_bytes().first() {
            None => None,
            Some(b'@') => Some(rest.get(1..)?),
            Some(_) => return None,
        };
        let given = |part: Option<&str>| part != Some("");
        let whole = !name.is_empty() && given(tag) && given(digest);
        whole.then_some(Self { name, tag, digest })
    }

    /// A name and its tag, where there is no more to it.
    #[inline]
    fn plain(text: &'a str) -> Option<Self> {
        let mut colon = None;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'$' | b'@' => return None,
                // It may be the registry's.
                b'.' if colon.is_none() => return None,
                b':' if colon.is_some() => return None,
                b':' => colon = Some(at),
                _ => {}
            }
        }
        let (name, tag) = match colon {
            Some(colon) => (text.get(..colon)?, Some(text.get(colon + 1..)?)),
            None => (text, None),
        };
        let whole = !name.is_empty() && tag != Some("");
        whole.then_some(Self {
            name,
            tag,
            digest: None,
        })
    }
}

/// What stands behind the registry, which is a part with a dot before the first `/`.
fn without_registry(text: &str) -> &str {
    let end = part_end(text, b"/");
    let dot = part_end(text, b"./") < end;
    match text.get(end + 1..) {
        Some(rest) if dot => rest,
        _ => text,
    }
}

/// Where the first of these stands that is not in the braces of a variable, or the end.
fn part_end(text: &str, ends: &[u8]) -> usize {
    let (mut open, mut before) = (false, b' ');
    let end = text.bytes().position(|byte| {
        match byte {
            b'{' if before == b'$' => open = true,
            b'}' => open = false,
            _ => {}
        }
        before = byte;
        !open && ends.contains(&byte)
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_registry_a_tag_and_a_digest_by_its_letters_alone() {
        let cases = [
            ("a", Some(("a", None, None))),
            ("a/b:1", Some(("a/b", Some("1"), None))),
            ("r.io/a", Some(("a", None, None))),
            ("r.io:5/a:1", Some(("a", Some("1"), None))),
            ("r.io:5", Some(("r.io", Some("5"), None))),
            // A port without a dot is a tag, and so is what follows.
            ("localhost:5/a", Some(("localhost", Some("5/a"), None))),
            ("reg:5/a:1", None),
            ("a@b:c", Some(("a", None, Some("b:c")))),
            ("a:1@b", Some(("a", Some("1"), Some("b")))),
            ("$R:5/a:1", None),
            ("$R.io/a", Some(("a", None, None))),
            ("${X:-r.io}/a", Some(("${X:-r.io}/a", None, None))),
            ("${X:-a/b}", Some(("${X:-a/b}", None, None))),
            ("a${X:+@b}", Some(("a${X:+@b}", None, None))),
            ("a:${X:-1:2}", Some(("a", Some("${X:-1:2}"), None))),
            ("r.io/", None),
            ("a:", None),
            ("a@", None),
            ("a:1@", None),
            (":1", None),
            ("@A@:@B@", None),
        ];
        for (text, expected) in cases {
            let read = WrittenName::read(text);
            let parts = read.map(|it| (it.name, it.tag, it.digest));
            assert_eq!(parts, expected, "{text}");
        }
    }
}
