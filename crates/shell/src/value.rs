//! Values of words that no run of a shell is needed for.

use std::borrow::Cow;

use crate::Dialect;
use crate::node::{Kind, flag};
use crate::script::At;
use crate::word::{Part, PartKind, PartKinds, Parts};

/// The characters that a pattern gives a meaning to.
const SPECIAL: [char; 5] = ['*', '?', '[', ']', '\\'];

/// What the parts give together, where no expansion is among them.
pub(crate) fn parts_value(parts: Parts<'_>) -> Option<Cow<'_, str>> {
    join(parts, part_value)
}

/// As [`parts_value`], with globs; what is quoted gets backslashes where it needs them.
pub(crate) fn parts_pattern(parts: Parts<'_>) -> Option<Cow<'_, str>> {
    join(parts, |part| match part.kind() {
        PartKind::Glob | PartKind::Literal => Some(Cow::Borrowed(part.text())),
        _ => part_value(part).map(|value| {
            if !value.contains(SPECIAL) {
                return value;
            }
            let mut pattern = String::with_capacity(value.len() + 4);
            for char in value.chars() {
                if SPECIAL.contains(&char) {
                    pattern.push('\\');
                }
                pattern.push(char);
            }
            Cow::Owned(pattern)
        }),
    })
}

/// What the parts up to the first expansion give.
pub(crate) fn parts_prefix(parts: Parts<'_>) -> Cow<'_, str> {
    let mut whole = Cow::Borrowed("");
    for part in parts {
        if let Some(value) = part_value(part) {
            add(&mut whole, value);
        } else {
            if part.kind() == PartKind::DoubleQuoted && is_certain(part) {
                add(&mut whole, parts_prefix(part.parts()));
            }
            break;
        }
    }
    whole
}

/// What one part gives, if it is no expansion.
pub(crate) fn part_value(part: Part<'_>) -> Option<Cow<'_, str>> {
    let content = || part.script().slice(part.content_range());
    match part.kind() {
        PartKind::Literal => Some(Cow::Borrowed(part.text())),
        PartKind::Escape => {
            let quoted = part.text().get(1..).unwrap_or_default();
            // A line feed: the line goes on.
            Some(Cow::Borrowed(if quoted.starts_with('\n') {
                ""
            } else {
                quoted
            }))
        }
        PartKind::SingleQuoted => Some(Cow::Borrowed(content())),
        PartKind::AnsiQuoted if is_certain(part) => ansi(content()),
        PartKind::DoubleQuoted if is_certain(part) => parts_value(part.parts()),
        _ => None,
    }
}

/// Whether all shells of the dialect agree on what the part means: `$'…'` and `$"…"` are a
/// `$` and a quoted text for some `sh`.
fn is_certain(part: Part<'_>) -> bool {
    let newer = part.kind() == PartKind::AnsiQuoted || part.is_other_form();
    !newer || part.script().dialect() == Dialect::Bash
}

fn join<'a>(
    parts: Parts<'a>,
    value: impl Fn(Part<'a>) -> Option<Cow<'a, str>>,
) -> Option<Cow<'a, str>> {
    let mut whole = Cow::Borrowed("");
    for part in parts {
        add(&mut whole, value(part)?);
    }
    Some(whole)
}

fn add<'a>(whole: &mut Cow<'a, str>, value: Cow<'a, str>) {
    if whole.is_empty() {
        *whole = value;
    } else if !value.is_empty() {
        whole.to_mut().push_str(&value);
    }
}

/// Whether the node is in backquotes and has backslashes, some of which may belong to the
/// backquotes.
pub(crate) fn in_backquotes_with_escapes(at: At<'_>) -> bool {
    at.script.has_any(PartKinds::COMMAND_SUBSTITUTION)
        && at.text().contains('\\')
        && std::iter::successors(Some(at), |at| at.parent())
            .any(|at| at.kind() == Kind::CommandSubstitution && at.node().has(flag::OTHER_FORM))
}

/// The text that stands for `content` between `$'` and `'`; `None` where it is not UTF-8 or
/// has a NUL, which no value can have.
fn ansi(content: &str) -> Option<Cow<'_, str>> {
    if !content.contains('\\') {
        return Some(Cow::Borrowed(content));
    }
    let mut value = Vec::with_capacity(content.len());
    let mut rest = content.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let (b'\\', [escape, tail @ ..]) = (byte, rest) else {
            value.push(*byte);
            continue;
        };
        rest = tail;
        let number = match escape {
            b'0'..=b'7' => {
                let mut number = u32::from(escape - b'0');
                (number, rest) = digits(number, rest, 8, 2);
                number & 0xFF
            }
            b'x' | b'u' | b'U' => {
                let most = match escape {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let (number, after) = digits(0, rest, 16, most);
                if after.len() == rest.len() {
                    value.extend([b'\\', *escape]);
                    continue;
                }
                rest = after;
                if *escape != b'x' {
                    let char = char::from_u32(number).filter(|&char| char != '\0')?;
                    value.extend(char.encode_utf8(&mut [0; 4]).bytes());
                    continue;
                }
                number
            }
            b'c' => {
                let [control, after @ ..] = rest else {
                    return None;
                };
                rest = after;
                u32::from(control & 0x1F)
            }
            b'a' => 0x07,
            b'b' => 0x08,
            b'e' | b'E' => 0x1B,
            b'f' => 0x0C,
            b'n' => 0x0A,
            b'r' => 0x0D,
            b't' => 0x09,
            b'v' => 0x0B,
            b'\\' | b'\'' | b'"' | b'?' => u32::from(*escape),
            _ => {
                value.extend([b'\\', *escape]);
                continue;
            }
        };
        value.push(u8::try_from(number).ok().filter(|&byte| byte != 0)?);
    }
    String::from_utf8(value).ok().map(Cow::Owned)
}

/// Reads at most so many digits on top of `number`; what is left comes second.
fn digits(mut number: u32, mut text: &[u8], radix: u32, most: usize) -> (u32, &[u8]) {
    for _ in 0..most {
        let [first, rest @ ..] = text else { break };
        let Some(digit) = char::from(*first).to_digit(radix) else {
            break;
        };
        number = number.wrapping_mul(radix).wrapping_add(digit);
        text = rest;
    }
    (number, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;
    use crate::testing::with_word;
    use stagecraft_text::Joined;

    fn value(word: &str) -> Option<String> {
        with_word(&format!("echo {word}"), word, |word| {
            word.as_static().map(Cow::into_owned)
        })
    }

    #[test]
    fn a_static_word_has_a_value_without_its_quotes() {
        let cases: &[(&str, &str)] = &[
            ("abc", "abc"),
            ("'a b'", "a b"),
            ("\"a b\"", "a b"),
            ("a'b'\"c\"\\d", "abcd"),
            ("''", ""),
            ("a\\\nb", "ab"),
            ("\"a\\\nb\"", "ab"),
            ("\"\\$a \\n\"", "$a \\n"),
            ("\\é", "é"),
            (r"$'a\tb\x41\u00e9\101\'\\\q'", "a\tbAéA'\\\\q"),
            ("{}", "{}"),
            ("a$", "a$"),
        ];
        for (word, expected) in cases {
            assert_eq!(value(word).as_deref(), Some(*expected), "{word}");
        }
    }

    #[test]
    fn what_the_shell_expands_has_no_static_value() {
        for word in [
            "$a", "a$b", "\"$a\"", "${a:-b}", "$(a)", "`a`", "$((1))", "*.c", "[ab]", "{a,b}",
            "~/a", "<(a)", r"$'\xff'", r"$'a\0'",
        ] {
            assert_eq!(value(word), None, "{word}");
        }
    }

    #[test]
    fn a_value_is_borrowed_where_it_stands_in_one_piece() {
        for word in ["abc", "'abc'", "\"abc\"", "''abc", "$'abc'"] {
            let borrowed = with_word(&format!("echo {word}"), word, |word| {
                matches!(word.as_static(), Some(Cow::Borrowed("abc")))
            });
            assert!(borrowed, "{word}");
        }
    }

    #[test]
    fn newer_quotes_have_no_certain_value_in_sh() {
        for text in ["$'a'", "$\"a\""] {
            let tree = Tree::parse(text, Dialect::Posix);
            let script = tree.script(Joined::identity(text));
            assert_eq!(script.words().next().unwrap().as_static(), None);
        }
    }

    #[test]
    fn a_backslash_in_backquotes_may_be_the_backquotes_own() {
        let read = |text: &str, word: &str| {
            with_word(text, word, |word| word.as_static().map(Cow::into_owned))
        };
        assert_eq!(read("echo `a '\\$b'`", "'\\$b'"), None);
        assert_eq!(read("echo $(a '\\$b')", "'\\$b'").as_deref(), Some("\\$b"));
    }

    #[test]
    fn a_pattern_keeps_its_globs_and_escapes_what_is_quoted() {
        let pattern = |word: &str| {
            with_word(&format!("echo {word}"), word, |word| {
                word.as_pattern().map(Cow::into_owned)
            })
        };
        assert_eq!(pattern("/a/*.[ch]").as_deref(), Some("/a/*.[ch]"));
        assert_eq!(pattern("'*'*\\?").as_deref(), Some("\\**\\?"));
        assert_eq!(pattern("plain").as_deref(), Some("plain"));
        assert_eq!(pattern("$a/*"), None);
        assert_eq!(pattern("{a,b}*"), None);
    }

    #[test]
    fn a_prefix_ends_at_the_first_expansion() {
        let prefix = |word: &str| {
            with_word(&format!("echo {word}"), word, |word| {
                word.static_prefix().into_owned()
            })
        };
        assert_eq!(prefix("--to=$x"), "--to=");
        assert_eq!(prefix("\"--to=$x\""), "--to=");
        assert_eq!(prefix("'--'\"to=$x\"y"), "--to=");
        assert_eq!(prefix("$x"), "");
        assert_eq!(prefix("abc"), "abc");
    }
}
