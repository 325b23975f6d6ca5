//! The programs that a RUN calls, with their words.

use std::borrow::Cow;
use std::cell::OnceCell;

use stagecraft_shell::{Context, Script, Simple, Word};
use stagecraft_text::TextRange;

use crate::packages::Upkeep;

/// The words of all calls of a file, once they are read.
#[derive(Debug, Default)]
pub(crate) struct Words<'a>(OnceCell<Vec<Argument<'a>>>);

impl<'a> Words<'a> {
    /// Puts them there, once all are read.
    pub(crate) fn set(&self, all: Vec<Argument<'a>>) {
        let _ = self.0.set(all);
    }
}

/// A simple command of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Single<'a> {
    pub(crate) simple: Simple<'a>,
    /// What is around it.
    pub(crate) around: Context,
    /// The [`bit`] of its name as it is written, without its folder.
    pub(crate) written: u64,
    /// The bits of all names that it may have: of one with quotes nobody knows.
    pub(crate) may_be: u64,
    /// Whether its name is known; `[` is a part of the language.
    pub(crate) known: bool,
}

impl<'a> Single<'a> {
    pub(crate) fn new((simple, around): (Simple<'a>, Context)) -> Self {
        let name = simple.name();
        let text = name.map(|name| name.text());
        let written = text.map_or(0, |text| bit(base(text)));
        let plain = name.is_none_or(|name| name.is_plain());
        Self {
            simple,
            around,
            written,
            may_be: if plain { written } else { u64::MAX },
            known: text.is_some_and(|text| text != "[")
                && (plain || name.is_some_and(|name| name.as_static().is_some())),
        }
    }
}

/// A program that a RUN calls, with the words behind it.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// The program's name without its folder.
    pub(crate) name: Cow<'a, str>,
    /// The word with that.
    word: Word<'a>,
    script: &'a Script<'a>,
    /// The words behind it are there, from `first` to `end`.
    words: &'a Words<'a>,
    first: usize,
    end: usize,
    /// Whether another program calls it (`sudo`, `env`), or its folder is named: hadolint then
    /// sees another program.
    pub(crate) wrapped: bool,
    /// What is around it.
    pub(crate) around: Context,
    /// What it does to the files of package managers.
    pub(crate) upkeep: Upkeep,
}

/// A word of a call.
#[derive(Debug, Clone)]
pub(crate) struct Argument<'a> {
    /// Its value; where that is not known as written, without quotes.
    pub(crate) text: Cow<'a, str>,
    /// Where it stands in the text of the script.
    place: TextRange,
    /// There are many words, so that each has but a reference.
    script: &'a Script<'a>,
}

impl<'a> Argument<'a> {
    #[inline]
    fn new(word: Word<'a>, script: &'a Script<'a>) -> Self {
        let text = match word.as_static() {
            Some(text) => text,
            None => without_quotes(word.text()),
        };
        Self {
            text,
            place: word.range(),
            script,
        }
    }

    /// Where it stands in the file.
    pub(crate) fn range(&self) -> TextRange {
        self.script.source_range(self.place)
    }

    /// Whether it is an option.
    pub(crate) fn is_flag(&self) -> bool {
        self.text.as_bytes().first() == Some(&b'-')
    }
}

impl<'a> Call<'a> {
    /// Adds the calls among these commands of a script to `calls`. Their words are added to `own`,
    /// which is to become `words`.
    pub(crate) fn read(
        script: &'a Script<'a>,
        commands: &[Single<'a>],
        words: &'a Words<'a>,
        own: &mut Vec<Argument<'a>>,
        calls: &mut Vec<Self>,
    ) {
        for &Single { simple, around, .. } in commands {
            let Some(call) = simple.invocation() else {
                continue;
            };
            let first = own.len();
            for word in call.arguments() {
                own.push(Argument::new(word, script));
            }
            let upkeep = Upkeep::of(call.name(), own.get(first..).unwrap_or_default());
            let word = call.name_word();
            calls.push(Self {
                name: call.program(),
                word,
                script,
                words,
                first,
                end: own.len(),
                wrapped: call.is_wrapped() || word.text().bytes().any(|byte| byte == b'/'),
                around,
                upkeep,
            });
        }
    }

    /// The words behind it.
    pub(crate) fn words(&self) -> &'a [Argument<'a>] {
        let all = self.words.0.get();
        let own = all.and_then(|all| all.get(self.first..self.end));
        own.unwrap_or_default()
    }

    /// Where its name stands in the file.
    pub(crate) fn range(&self) -> TextRange {
        self.word.source_range()
    }

    /// Where `sudo` stands, if that is what calls it.
    pub(crate) fn sudo(&self) -> Option<TextRange> {
        if !self.wrapped && self.name != "sudo" {
            return None;
        }
        let own = self.word.simple()?.name()?;
        (own.as_static().as_deref() == Some("sudo")).then(|| own.source_range())
    }

    /// Assignments before it.
    pub(crate) fn assignments(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let all = self.word.simple().map(|simple| simple.assignments());
        all.into_iter()
            .flatten()
            .filter_map(|it| Some((it.name(), it.value()?.as_static()?)))
    }

    /// The file that its output goes to.
    pub(crate) fn output(&self) -> Option<Argument<'a>> {
        let mut redirections = self.word.simple()?.redirections();
        let target = redirections.find_map(|it| it.target().filter(|_| it.op().writes()));
        target.map(|word| Argument::new(word, self.script))
    }

    /// The value of an option, by its letter or its long name.
    pub(crate) fn value_of(&self, letter: char, long: &str) -> Option<&str> {
        let mut words = self.words().iter().map(|word| &*word.text);
        while let Some(word) = words.next() {
            if let Some(rest) = word.strip_prefix("--") {
                match rest.strip_prefix(long) {
                    Some("") => return words.next(),
                    Some(rest) if rest.starts_with('=') => return rest.get(1..),
                    _ => {}
                }
            } else if let Some(bundle) = word.strip_prefix('-')
                && let Some((_, value)) = bundle.split_once(letter)
            {
                return if value.is_empty() {
                    words.next()
                } else {
                    Some(value)
                };
            }
        }
        None
    }

    /// Whether it is one of these programs.
    pub(crate) fn is(&self, names: &[&str]) -> bool {
        has(names, &self.name)
    }

    /// The words that are no options.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &'a Argument<'a>> {
        self.words().iter().filter(|word| !word.is_flag())
    }

    /// The first word that is no option.
    pub(crate) fn verb(&self) -> Option<&'a Argument<'a>> {
        self.operands().next()
    }

    /// Its verb, where it is one of these.
    pub(crate) fn verb_of(&self, verbs: &[&str]) -> Option<&'a Argument<'a>> {
        self.verb().filter(|verb| has(verbs, &verb.text))
    }

    /// Whether one of its words is that.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words().iter().any(|other| other.text == word)
    }

    /// Whether it has an option: by its letter, alone or in a bundle, or by its long name, with a
    /// value or without.
    pub(crate) fn flag(&self, letters: &str, names: &[&str]) -> bool {
        self.words().iter().any(|word| {
            let Some(option) = word.text.strip_prefix('-') else {
                return false;
            };
            let end = option.bytes().position(|byte| byte == b'=');
            let option = end.and_then(|end| option.get(..end)).unwrap_or(option);
            match option.strip_prefix('-') {
                Some(long) => has(names, long),
                None => option.contains(|letter| letters.contains(letter)) || has(names, option),
            }
        })
    }

    /// Its operands without the values of these options (`-t`, `--target`), each of which takes
    /// the word behind it.
    pub(crate) fn operands_without(
        &self,
        with_value: &'static [&'static str],
    ) -> impl Iterator<Item = &'a Argument<'a>> {
        let mut words = self.words().iter();
        std::iter::from_fn(move || {
            loop {
                let word = words.next()?;
                if !word.is_flag() {
                    return Some(word);
                }
                if has(with_value, &word.text) {
                    words.next();
                }
            }
        })
    }
}

fn without_quotes(text: &str) -> Cow<'_, str> {
    let is_quote = |byte| matches!(byte, b'"' | b'\'');
    if text.bytes().any(is_quote) {
        let mut kept = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_quote) {
            kept.push_str(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        kept.push_str(rest);
        Cow::Owned(kept)
    } else {
        Cow::Borrowed(text)
    }
}

/// The bits of these names.
#[inline]
pub(crate) const fn bits(names: &[&str]) -> u64 {
    let (mut all, mut names) = (0, names);
    while let [name, rest @ ..] = names {
        all |= bit(name);
        names = rest;
    }
    all
}

/// Whether a name is one of these. Most that are as long differ in the first letter already.
#[inline]
fn has(names: &[&str], name: &str) -> bool {
    let first = name.as_bytes().first();
    let mut names = names.iter();
    names.any(|other| {
        other.len() == name.len() && other.as_bytes().first() == first && *other == name
    })
}

/// A name without its folder. Names are short.
pub(crate) fn base(name: &str) -> &str {
    let slash = name.bytes().rposition(|byte| byte == b'/');
    let base = slash.and_then(|slash| name.get(slash + 1..));
    base.unwrap_or(name)
}

/// One bit of 64 for a program's name. Others have the same, but of those that a Dockerfile calls
/// few do, so that most rules are done once they have looked at it.
#[inline]
pub(crate) const fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return 1;
    };
    let sum = bytes.len() * 7 + *first as usize * 5 + *last as usize * 3;
    1 << (sum % 64)
}
