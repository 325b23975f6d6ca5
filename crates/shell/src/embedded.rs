//! Scripts in the arguments of a command: `sh -c '…'`.

use std::borrow::Cow;

use stagecraft_text::{Joined, Segment, SourceMap, TextRange, TextSize, length};

use crate::arguments::{Argument, OptionSpec};
use crate::invocation::Invocation;
use crate::value;
use crate::word::{PartKind, Parts, Word};
use crate::{Dialect, Tree};

/// A script in a word, without the word's quotes, and where its bytes are in the source.
#[derive(Debug, Clone)]
pub struct Embedded<'a> {
    word: Word<'a>,
    dialect: Dialect,
    text: Cow<'a, str>,
    segments: Vec<Segment>,
    exact: bool,
}

impl<'a> Embedded<'a> {
    /// The script in `word`, or `None` where it is written in a way in which its bytes cannot be
    /// found again (`$'a\tb'`, a backslash in backquotes).
    pub fn new(word: Word<'a>, dialect: Dialect) -> Option<Self> {
        if value::in_backquotes_with_escapes(word.0) {
            return None;
        }
        let mut embedded = Self {
            word,
            dialect,
            text: Cow::Borrowed(""),
            segments: Vec::new(),
            exact: true,
        };
        embedded.add_parts(word.parts())?;
        if embedded.segments.is_empty() {
            embedded.add(TextRange::empty(word.range().start()));
        }
        Some(embedded)
    }

    /// The script with its places in the source of the script around it.
    pub fn joined(&self) -> Joined<'_> {
        Joined {
            text: &self.text,
            map: SourceMap::new(&self.segments),
        }
    }

    /// Reads it.
    pub fn parse(&self) -> Tree {
        Tree::parse(&self.text, self.dialect)
    }

    /// The word that holds it.
    pub fn word(&self) -> Word<'a> {
        self.word
    }

    /// What will read it.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether its text is just what the inner shell reads. Otherwise the outer shell expands
    /// something in it first, and that stands in the text as written.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    fn add_parts(&mut self, parts: Parts<'a>) -> Option<()> {
        for part in parts {
            match part.kind() {
                PartKind::Literal => self.add(part.range()),
                PartKind::Escape => {
                    let quoted = TextRange::new(part.range().start() + SLASH, part.range().end());
                    if !part.text().ends_with('\n') {
                        self.add(quoted);
                    }
                }
                PartKind::SingleQuoted => self.add(part.content_range()),
                PartKind::AnsiQuoted if !part.text().contains('\\') => {
                    self.add(part.content_range());
                }
                PartKind::AnsiQuoted => return None,
                PartKind::DoubleQuoted => self.add_parts(part.parts())?,
                _ => {
                    self.exact = false;
                    self.add(part.range());
                }
            }
        }
        Some(())
    }

    /// Adds a piece of the outer text, which may itself lie in several pieces of the source.
    fn add(&mut self, range: TextRange) {
        let outer = self.word.script().source();
        let mut start = range.start();
        loop {
            let source = outer.map.start(start);
            let at = length(&self.text) + (start - range.start());
            self.segments.push(Segment { at, source });
            // The longest run of bytes that are neighbours in the source too.
            let (mut same, mut seam) = (start, range.end());
            while same + ONE < seam {
                let middle = same + TextSize::new((u32::from(seam) - u32::from(same)) / 2);
                if outer.map.start(middle).checked_sub(source) == middle.checked_sub(start) {
                    same = middle;
                } else {
                    seam = middle;
                }
            }
            if seam >= range.end() {
                break;
            }
            start = seam;
        }
        let text = outer.slice(range);
        if self.text.is_empty() {
            self.text = Cow::Borrowed(text);
        } else if !text.is_empty() {
            self.text.to_mut().push_str(text);
        }
    }
}

const SLASH: TextSize = TextSize::new(1);
const ONE: TextSize = TextSize::new(1);

impl<'a> Invocation<'a> {
    /// The script that it gives to a shell: `bash -lc '…'`, `su user -c '…'`, `eval '…'`.
    ///
    /// ```
    /// use stagecraft_shell::{Dialect, Tree};
    /// use stagecraft_text::Joined;
    ///
    /// let text = "bash -lc 'apt-get update'";
    /// let tree = Tree::parse(text, Dialect::Posix);
    /// let script = tree.script(Joined::identity(text));
    /// let (simple, _) = script.simple_commands().next().unwrap();
    ///
    /// let embedded = simple.invocation().unwrap().embedded().unwrap();
    /// let inner = embedded.parse();
    /// let inner = inner.script(embedded.joined());
    /// let (simple, _) = inner.simple_commands().next().unwrap();
    /// let place = simple.name().unwrap().source_range();
    /// assert_eq!(&text[place.start().into()..place.end().into()], "apt-get");
    /// ```
    pub fn embedded(&self) -> Option<Embedded<'a>> {
        let outer = self.simple().script().dialect();
        match self.name() {
            "eval" => {
                let mut words = self.arguments();
                let word = words.next()?;
                if words.next().is_some() {
                    return None;
                }
                Embedded::new(word, outer)
            }
            "su" | "runuser" => {
                let spec = OptionSpec::new("cCgGsTuw", &["command", "session-command", "shell"]);
                let value = self.options(spec).find_map(|argument| match argument {
                    Argument::Short {
                        letter: 'c',
                        value,
                        word,
                    } => value.filter(|value| value.word() != word),
                    Argument::Long { name, value, word } if name == "command" => {
                        value.filter(|value| value.word() != word)
                    }
                    _ => None,
                })?;
                Embedded::new(value.word(), Dialect::Posix)
            }
            name => {
                let dialect = Dialect::from_program(name).filter(|&it| it != Dialect::Opaque)?;
                let spec = OptionSpec::new("oO", &["init-file", "rcfile"]).operands_end();
                let mut command = false;
                let script = self.options(spec).find_map(|argument| match argument {
                    Argument::Short { letter: 'c', .. } => {
                        command = true;
                        None
                    }
                    Argument::Operand(word) => Some(word),
                    _ => None,
                })?;
                if !command {
                    return None;
                }
                Embedded::new(script, dialect)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::with_script;

    /// Text of the script in `input`, whether it is exact, and the source of each of its words.
    fn embedded(input: &str) -> Option<(String, bool, Vec<String>)> {
        with_script(input, |script| {
            let (simple, _) = script.simple_commands().next().unwrap();
            let embedded = simple.invocation().unwrap().embedded()?;
            let tree = embedded.parse();
            let inner = tree.script(embedded.joined());
            let sources = inner
                .words()
                .map(|word| stagecraft_text::slice(input, word.source_range()).to_owned());
            let sources = sources.collect();
            Some((inner.text().to_owned(), embedded.is_exact(), sources))
        })
    }

    #[track_caller]
    fn check(input: &str, text: &str, exact: bool, sources: &[&str]) {
        let sources = sources.iter().map(|&source| source.to_owned()).collect();
        assert_eq!(
            embedded(input),
            Some((text.to_owned(), exact, sources)),
            "{input}"
        );
    }

    #[test]
    fn the_script_of_a_shell_is_its_operand_behind_c() {
        check("sh -c 'a b'", "a b", true, &["a", "b"]);
        check("bash -lc \"a b\"", "a b", true, &["a", "b"]);
        check("/bin/bash -exo pipefail -c 'a'", "a", true, &["a"]);
        check("sh -c a b", "a", true, &["a"]);
        check("sudo sh -c 'a'", "a", true, &["a"]);
        check("su - user -c 'a b'", "a b", true, &["a", "b"]);
        check("su -c 'a' user", "a", true, &["a"]);
        check("eval 'a b'", "a b", true, &["a", "b"]);
    }

    #[test]
    fn there_is_none_where_no_shell_reads_one() {
        for input in [
            "sh a.sh",
            "sh",
            "bash -c",
            "powershell -c a",
            "a -c b",
            "eval a b",
            "su a",
        ] {
            assert_eq!(embedded(input), None, "{input}");
        }
    }

    #[test]
    fn places_survive_quotes_and_escapes() {
        check(
            "sh -c \"a \\\"b c\\\" \"'d'e",
            "a \"b c\" de",
            true,
            &["a", "\"b c\\\"", "d'e"],
        );
        check("sh -c a\\ b", "a b", true, &["a", "b"]);
        check("sh -c \"a \\\n b\"", "a  b", true, &["a", "b"]);
    }

    #[test]
    fn what_the_outer_shell_expands_stays_as_written() {
        check("sh -c \"a $b\"", "a $b", false, &["a", "$b"]);
        check("sh -c \"a \\$b\"", "a $b", true, &["a", "$b"]);
    }

    #[test]
    fn there_is_none_where_bytes_cannot_be_found_again() {
        assert_eq!(embedded("sh -c $'a\\tb'"), None);
        check("sh -c $'a b'", "a b", true, &["a", "b"]);
    }

    #[test]
    fn places_survive_the_continued_lines_around() {
        // Source: "sh -c 'ab \<newline>cd'"; Docker joins the lines.
        let text = "sh -c 'ab cd'";
        let zero = TextSize::new(0);
        let segments = [
            Segment {
                at: zero,
                source: zero,
            },
            Segment {
                at: TextSize::new(10),
                source: TextSize::new(12),
            },
        ];
        let tree = Tree::parse(text, Dialect::Posix);
        let script = tree.script(Joined {
            text,
            map: SourceMap::new(&segments),
        });
        let (simple, _) = script.simple_commands().next().unwrap();
        let embedded = simple.invocation().unwrap().embedded().unwrap();
        let inner = embedded.parse();
        let inner = inner.script(embedded.joined());
        let ranges: Vec<_> = inner.words().map(|word| word.source_range()).collect();
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        assert_eq!(ranges, [range(7, 9), range(12, 14)]);
    }
}
