//! Options and operands among a command's words.

use std::borrow::Cow;

use stagecraft_text::{TextRange, TextSize, length};

use crate::script::Words;
use crate::value;
use crate::word::{PartKind, Word};

/// Which options of a command take a value in the next word. All others are taken for switches,
/// or have their value in the same word: `--to=x`.
#[derive(Debug, Clone, Copy, Default)]
pub struct OptionSpec<'s> {
    short_values: &'s str,
    long_values: &'s [&'s str],
    operands_end: bool,
    single_dash: bool,
}

impl<'s> OptionSpec<'s> {
    /// `short_values` are the letters of the short options that take a value, `long_values` the
    /// names of the long ones, without dashes.
    pub const fn new(short_values: &'s str, long_values: &'s [&'s str]) -> Self {
        Self {
            short_values,
            long_values,
            operands_end: false,
            single_dash: false,
        }
    }

    /// For commands whose options end at the first operand: `env`, `sudo`, `docker`.
    #[must_use]
    pub const fn operands_end(self) -> Self {
        Self {
            operands_end: true,
            ..self
        }
    }

    /// For commands whose long options have one dash: `find`, `go`, `java`. There are then no
    /// bundles; options of one letter are long ones too.
    #[must_use]
    pub const fn single_dash(self) -> Self {
        Self {
            single_dash: true,
            ..self
        }
    }
}

/// An option or operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument<'a> {
    /// `-x`, alone or in a bundle, with its value if it takes one.
    Short {
        /// The letter.
        letter: char,
        /// `value` of `-x value` or `-xvalue`.
        value: Option<Value<'a>>,
        /// The word with the letter.
        word: Word<'a>,
    },
    /// `--name`, with its value if it has one.
    Long {
        /// The name without dashes.
        name: Cow<'a, str>,
        /// `value` of `--name value` or `--name=value`.
        value: Option<Value<'a>>,
        /// The word with the name.
        word: Word<'a>,
    },
    /// Everything else. Also an option whose name is not known: `-$x`.
    Operand(Word<'a>),
    /// `--`: all that follows are operands.
    EndOfOptions(Word<'a>),
}

impl<'a> Argument<'a> {
    /// The word that it starts in.
    pub fn word(&self) -> Word<'a> {
        match *self {
            Self::Short { word, .. }
            | Self::Long { word, .. }
            | Self::Operand(word)
            | Self::EndOfOptions(word) => word,
        }
    }

    /// Whether it is this option; `short` without its dash, `long` without its two.
    pub fn is_option(&self, short: Option<char>, long: &str) -> bool {
        match self {
            Self::Short { letter, .. } => short == Some(*letter),
            Self::Long { name, .. } => name == long,
            _ => false,
        }
    }
}

/// The value of an option: a word or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    word: Word<'a>,
    /// So many bytes of the word's value are not of the option's.
    skip: TextSize,
}

impl<'a> Value<'a> {
    /// The word that it is in.
    pub fn word(&self) -> Word<'a> {
        self.word
    }

    /// As [`Word::as_static`].
    pub fn as_static(&self) -> Option<Cow<'a, str>> {
        let skip = usize::from(self.skip);
        Some(match self.word.as_static()? {
            Cow::Borrowed(whole) => Cow::Borrowed(whole.get(skip..)?),
            Cow::Owned(whole) => Cow::Owned(whole.get(skip..)?.to_owned()),
        })
    }

    /// Its range in the joined text; of the whole word where the option's name is in quotes.
    pub fn range(&self) -> TextRange {
        let word = self.word.range();
        let plain = self.word.parts().next().is_none_or(|part| {
            part.kind() == PartKind::Literal && length(part.text()) >= self.skip
        });
        if plain {
            TextRange::new(word.start() + self.skip, word.end())
        } else {
            word
        }
    }
}

/// Iterator over options and operands; see [`Words::options`].
#[derive(Debug, Clone)]
pub struct Arguments<'a, 's> {
    words: Words<'a>,
    spec: OptionSpec<'s>,
    /// Only operands follow.
    ended: bool,
    /// A bundle that is not at its end: its word, what is known of its value, and the place of
    /// the next letter in that.
    bundle: Option<(Word<'a>, Cow<'a, str>, usize)>,
}

impl<'a> Words<'a> {
    /// Sorts the words into options and operands.
    pub fn options<'s>(self, spec: OptionSpec<'s>) -> Arguments<'a, 's> {
        Arguments {
            words: self,
            spec,
            ended: false,
            bundle: None,
        }
    }
}

impl<'a> Arguments<'a, '_> {
    /// The words that have not been looked at.
    pub fn rest(&self) -> Words<'a> {
        self.words.clone()
    }

    /// The value of an option: what `known` has from `place` on if there is anything, else the
    /// next word.
    fn value(&mut self, word: Word<'a>, known: &str, place: usize) -> Option<Value<'a>> {
        if place < known.len() || word.as_static().is_none() {
            return Some(Value {
                word,
                skip: stagecraft_text::size(place),
            });
        }
        let word = self.words.next()?;
        Some(Value {
            word,
            skip: TextSize::new(0),
        })
    }

    /// The next letter of the open bundle.
    fn letter(&mut self) -> Option<Argument<'a>> {
        let (word, known, place) = self.bundle.take()?;
        let letter = known.get(place..)?.chars().next()?;
        let place = place + letter.len_utf8();
        let value = if self.spec.short_values.contains(letter) {
            self.value(word, &known, place)
        } else {
            self.bundle = Some((word, known, place));
            None
        };
        Some(Argument::Short {
            letter,
            value,
            word,
        })
    }

    fn long(&mut self, word: Word<'a>, known: &Cow<'a, str>, dashes: usize) -> Argument<'a> {
        let end = known.find('=').unwrap_or(known.len());
        let name = match known {
            Cow::Borrowed(known) => Cow::Borrowed(known.get(dashes..end).unwrap_or_default()),
            Cow::Owned(known) => Cow::Owned(known.get(dashes..end).unwrap_or_default().to_owned()),
        };
        let value = if end < known.len() {
            Some(Value {
                word,
                skip: stagecraft_text::size(end + 1),
            })
        } else if word.as_static().is_none() {
            // `--a$x`: not even the name is known.
            return Argument::Operand(word);
        } else if self.spec.long_values.contains(&&*name) {
            self.value(word, known, end)
        } else {
            None
        };
        Argument::Long { name, value, word }
    }
}

impl<'a> Iterator for Arguments<'a, '_> {
    type Item = Argument<'a>;

    fn next(&mut self) -> Option<Argument<'a>> {
        if let Some(letter) = self.letter() {
            return Some(letter);
        }
        let word = self.words.next()?;
        if self.ended {
            return Some(Argument::Operand(word));
        }
        let known = word.static_prefix();
        match known.as_bytes() {
            b"--" if word.as_static().is_some() => {
                self.ended = true;
                Some(Argument::EndOfOptions(word))
            }
            [b'-', b'-', _, ..] => Some(self.long(word, &known, 2)),
            [b'-', _, ..] if self.spec.single_dash => Some(self.long(word, &known, 1)),
            [b'-', second, ..] if *second != b'-' => {
                self.bundle = Some((word, known, 1));
                self.letter()
            }
            _ => {
                self.ended = self.spec.operands_end;
                Some(Argument::Operand(word))
            }
        }
    }
}

impl<'a> Word<'a> {
    /// The last component of its value as a path: `apt-get` of `/usr/bin/apt-get`, `java` of
    /// `"$JAVA_HOME"/bin/java`. `None` where expansions decide it.
    pub fn static_base_name(&self) -> Option<Cow<'a, str>> {
        // Names are short.
        let slash = |text: &str| text.bytes().rposition(|byte| byte == b'/');
        let base = |text: &str| slash(text).map_or(0, |slash| slash + 1);
        match self.as_static() {
            Some(Cow::Borrowed(value)) => {
                return Some(Cow::Borrowed(value.get(base(value)..)?));
            }
            Some(Cow::Owned(value)) => {
                return Some(Cow::Owned(value.get(base(&value)..)?.to_owned()));
            }
            None => {}
        }
        let last = self.parts().last()?;
        let last = match last.kind() {
            // `"$x/y"`
            PartKind::DoubleQuoted => last.parts().last()?,
            _ => last,
        };
        match value::part_value(last)? {
            Cow::Borrowed(value) if value.contains('/') => {
                Some(Cow::Borrowed(value.get(base(value)..)?))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::with_script;

    fn sorted(input: &str, spec: OptionSpec<'_>) -> String {
        let value = |value: &Option<Value<'_>>| match value {
            Some(value) => {
                let known = value.as_static().unwrap_or(Cow::Borrowed("?"));
                let text = value.word().script().slice(value.range());
                format!("={known}<{text}>")
            }
            None => String::new(),
        };
        with_script(input, |script| {
            let (simple, _) = script.simple_commands().next().unwrap();
            let arguments = simple.arguments().options(spec);
            let dumped: Vec<String> = arguments
                .map(|argument| match &argument {
                    Argument::Short {
                        letter, value: of, ..
                    } => format!("-{letter}{}", value(of)),
                    Argument::Long {
                        name, value: of, ..
                    } => format!("--{name}{}", value(of)),
                    Argument::Operand(word) => word.text().to_owned(),
                    Argument::EndOfOptions(_) => "--".to_owned(),
                })
                .collect();
            dumped.join(" ")
        })
    }

    const SPEC: OptionSpec<'static> = OptionSpec::new("of", &["output", "file"]);

    #[test]
    fn short_options_come_alone_or_in_bundles() {
        assert_eq!(sorted("c -a -bc d", SPEC), "-a -b -c d");
        assert_eq!(sorted("c -xo out in", SPEC), "-x -o=out<out> in");
        assert_eq!(sorted("c -xoout in", SPEC), "-x -o=out<out> in");
        assert_eq!(sorted("c -o", SPEC), "-o");
        assert_eq!(sorted("c -é", SPEC), "-é");
    }

    #[test]
    fn long_options_have_their_value_behind_an_equals_sign_or_in_the_next_word() {
        assert_eq!(
            sorted("c --all --output x y", SPEC),
            "--all --output=x<x> y"
        );
        assert_eq!(
            sorted("c --output=x --other=y", SPEC),
            "--output=x<x> --other=y<y>"
        );
        assert_eq!(sorted("c --output=", SPEC), "--output=<>");
    }

    #[test]
    fn two_dashes_end_the_options_and_one_is_an_operand() {
        assert_eq!(sorted("c - -a -- -b --c", SPEC), "- -a -- -b --c");
        assert_eq!(sorted("c '--' -b", SPEC), "-- -b");
    }

    #[test]
    fn options_may_follow_operands_unless_they_end_there() {
        assert_eq!(sorted("c a -b", SPEC), "a -b");
        assert_eq!(sorted("c -a b -c", SPEC.operands_end()), "-a b -c");
        let last = with_script("c b -xy", |script| {
            let (simple, _) = script.simple_commands().next().unwrap();
            let arguments = simple.arguments().options(SPEC.operands_end());
            arguments
                .last()
                .map(|last| matches!(last, Argument::Operand(_)))
        });
        assert_eq!(last, Some(true));
    }

    #[test]
    fn an_option_may_have_quotes_and_expansions() {
        assert_eq!(
            sorted("c \"--output=x y\"", SPEC),
            "--output=x y<\"--output=x y\">"
        );
        assert_eq!(sorted("c --output=\"$x\"", SPEC), "--output=?<\"$x\">");
        assert_eq!(sorted("c -o$x -o $y", SPEC), "-o=?<$x> -o=?<$y>");
        assert_eq!(sorted("c -$x --$y --a$z $w", SPEC), "-$x --$y --a$z $w");
        assert_eq!(sorted("c -a$x b", SPEC), "-a b");
    }

    #[test]
    fn long_options_may_have_one_dash() {
        let spec = OptionSpec::new("", &["o", "name"]).single_dash();
        assert_eq!(
            sorted("c -name x -o y -v z", spec),
            "--name=x<x> --o=y<y> --v z"
        );
    }

    #[test]
    fn a_base_name_is_what_stands_behind_the_last_slash() {
        let base = |word: &str| {
            with_script(word, |script| {
                let word = script.words().next().unwrap();
                word.static_base_name().map(Cow::into_owned)
            })
        };
        assert_eq!(base("apt-get").as_deref(), Some("apt-get"));
        assert_eq!(base("/usr/bin/apt-get").as_deref(), Some("apt-get"));
        assert_eq!(base("'/usr/'\"bin\"/x").as_deref(), Some("x"));
        assert_eq!(base("$JAVA_HOME/bin/java").as_deref(), Some("java"));
        assert_eq!(base("\"$A\"/b").as_deref(), Some("b"));
        assert_eq!(base("\"$A/b\"").as_deref(), Some("b"));
        assert_eq!(base("$A"), None);
        assert_eq!(base("/bin/$A"), None);
        assert_eq!(base("a$A"), None);
    }
}
