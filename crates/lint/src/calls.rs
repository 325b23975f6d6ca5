//! The programs that a RUN calls, with their words.

use std::borrow::Cow;
use std::cell::OnceCell;

use stagecraft_shell::{CommandKind, Invocation, Script, Simple, Word, may_wrap};
use stagecraft_text::{TextRange, sort};

use crate::packages::{KEEPERS, Upkeep};
use crate::programs::{Bits, Programs};

/// The words of all calls of a file.
#[derive(Debug, Default)]
pub(crate) struct Words<'a> {
    /// Most, and of how many calls the others are.
    all: OnceCell<(Vec<Argument<'a>>, usize)>,
    /// Those of each call of [`LATE`] that is asked for its words.
    late: OnceCell<Vec<OnceCell<Vec<Argument<'a>>>>>,
}

/// The programs whose words are read when they are asked for, which is seldom.
const LATE: Bits = programs![
    "[",
    "configure",
    "cp",
    "echo",
    "find",
    "gpg",
    "make",
    "mkdir",
    "printf",
    "test"
]
.bits
.and(Bits::OTHERS);

impl<'a> Words<'a> {
    /// Puts them there, once all are read; `late`: of how many calls they are not.
    pub(crate) fn set(&self, all: Vec<Argument<'a>>, late: usize) {
        let _ = self.all.set((all, late));
    }

    /// Those of a call that are there.
    fn of(&self, own: Own) -> &[Argument<'a>] {
        match (own, self.all.get()) {
            (Own::Read(first, end), Some((all, _))) => all.get(first..end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Those of the call with that place among the late ones.
    #[inline(never)]
    fn late(&self, at: usize, call: &Call<'a>) -> &[Argument<'a>] {
        let late = self.all.get().map_or(0, |(_, late)| *late);
        let room = || (0..late).map(|_| OnceCell::new()).collect();
        let own = self.late.get_or_init(room).get(at);
        own.map_or(&[], |own| own.get_or_init(|| call.read()))
    }
}

/// Simple commands, calls and words of all RUN of a file while they are read.
#[derive(Debug, Default)]
pub(crate) struct Lists<'a> {
    pub(crate) simple: Vec<Single<'a>>,
    pub(crate) calls: Vec<Call<'a>>,
    pub(crate) words: Vec<Argument<'a>>,
    /// How many calls there are whose words are not read.
    pub(crate) late: usize,
}

impl<'a> Lists<'a> {
    /// Room for what most files of that length have.
    pub(crate) fn for_bytes(length: usize) -> Self {
        let room = |bytes_each: usize| (length / bytes_each).min(1 << 12);
        Self {
            simple: Vec::with_capacity(room(48)),
            calls: Vec::with_capacity(room(48)),
            words: Vec::with_capacity(room(20)),
            late: 0,
        }
    }

    /// Adds the simple commands of a script, what they call, and the words of that, which are to
    /// become `words`.
    pub(crate) fn add(&mut self, script: &'a Script<'a>, words: &'a Words<'a>) -> Names {
        let mut names = Names::default();
        for simple in script.simple() {
            let mut behind = simple.words();
            let Some(word) = behind.next() else {
                self.simple.push(Single::unnamed(simple));
                continue;
            };
            let name = Name::of(&word);
            self.simple.push(names.add(simple, &word, &name));
            // Most commands are called as they stand, and need no closer look.
            if name.plain && !(Bits::MAY_WRAP.meet(name.bit) && may_wrap(name.base)) {
                let own = if LATE.meet(name.bit) {
                    self.late += 1;
                    Own::Late(self.late - 1)
                } else {
                    self.read(script, behind)
                };
                self.calls.push(Call {
                    name: Cow::Borrowed(name.base),
                    bit: name.bit,
                    word,
                    script,
                    all: words,
                    own,
                    words: &[],
                    wrapped: name.base.len() < name.text.len(),
                    upkeep: self.upkeep(name.bit, name.base, own),
                });
            } else if let Some(call) = self.invocation(script, words, simple) {
                self.calls.push(call);
            }
        }
        names
    }

    /// What a simple command calls that may be called by another program.
    #[inline(never)]
    fn invocation(
        &mut self,
        script: &'a Script<'a>,
        words: &'a Words<'a>,
        simple: Simple<'a>,
    ) -> Option<Call<'a>> {
        let call = simple.invocation()?;
        let word = call.name_word();
        let own = self.read(script, call.arguments());
        let folder = word.text().bytes().any(|byte| byte == b'/');
        let name = call.program();
        let bit = Bits::of(&name);
        Some(Call {
            upkeep: self.upkeep(bit, &name, own),
            name,
            bit,
            word,
            script,
            all: words,
            own,
            words: &[],
            wrapped: folder || call.is_wrapped() && !is_seen_through(&call),
        })
    }

    /// What the call of a program whose words were read last does to the files of package managers.
    #[inline]
    fn upkeep(&self, bit: Bits, name: &str, own: Own) -> Upkeep {
        // Most are none that matter.
        if !bit.meet(KEEPERS.bits) {
            return Upkeep::default();
        }
        let read = match own {
            Own::Read(first, _) => self.words.get(first..).unwrap_or_default(),
            Own::Late(_) => &[],
        };
        Upkeep::of(bit, name, read)
    }

    /// Adds the words of a call.
    fn read(&mut self, script: &'a Script<'a>, words: stagecraft_shell::Words<'a>) -> Own {
        let first = self.words.len();
        for word in words {
            self.words.push(Argument::of(word, script));
        }
        Own::Read(first, self.words.len())
    }
}

/// Whether what wraps a call is one of the few words that hadolint looks behind.
fn is_seen_through(call: &Invocation<'_>) -> bool {
    let mut wrappers = call.wrappers();
    let outer = wrappers.next();
    let seen = |outer: &Invocation<'_>| match outer.name_word().text() {
        "builtin" | "busybox" | "exec" | "time" => true,
        "command" => {
            let first = outer.arguments().next();
            first.is_some_and(|word| !word.text().starts_with('-'))
        }
        _ => false,
    };
    outer.is_some_and(|outer| seen(&outer) && wrappers.next().is_none())
}

/// A simple command of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Single<'a> {
    pub(crate) simple: Simple<'a>,
    /// Its name as it is written, without its folder.
    pub(crate) name: &'a str,
    /// The bits of all names that it may have: of one with quotes nobody knows.
    pub(crate) may_be: Bits,
    /// Whether it starts with `[`, folder and all.
    pub(crate) bracket: bool,
}

impl<'a> Single<'a> {
    /// One without a name: assignments alone.
    fn unnamed(simple: Simple<'a>) -> Self {
        Self {
            simple,
            name: "",
            may_be: Bits::default(),
            bracket: false,
        }
    }
}

/// The first word of a simple command.
struct Name<'a> {
    text: &'a str,
    /// The same without its folder.
    base: &'a str,
    /// The bit of that.
    bit: Bits,
    plain: bool,
}

impl<'a> Name<'a> {
    #[inline]
    fn of(word: &Word<'a>) -> Self {
        let plain = word.as_plain();
        let text = plain.map_or_else(|| word.text(), |(text, _)| text);
        let base = base(text);
        Self {
            text,
            base,
            bit: Bits::of(base),
            plain: plain.is_some(),
        }
    }
}

/// What there is to know of the names of some commands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Names {
    /// How many of them are known; `[` is a part of the language.
    pub(crate) known: usize,
    /// The bits of all names that they may have.
    pub(crate) may_be: Bits,
    /// Whether one starts with `[`.
    pub(crate) bracket: bool,
    /// Whether one starts with `{`, and is no group.
    pub(crate) brace: bool,
    /// Whether one starts like an option or ends in no letter and no digit.
    pub(crate) odd: bool,
}

impl Names {
    /// Adds those of other commands.
    pub(crate) fn join(&mut self, others: Self) {
        self.known += others.known;
        self.may_be.add(others.may_be);
        self.bracket |= others.bracket;
        self.brace |= others.brace;
        self.odd |= others.odd;
    }

    /// Adds the name of a simple command.
    #[inline]
    fn add<'a>(&mut self, simple: Simple<'a>, word: &Word<'a>, name: &Name<'a>) -> Single<'a> {
        let known = name.plain || word.as_static().is_some();
        self.known += usize::from(known && name.text != "[");
        let first = name.text.as_bytes().first();
        let bracket = first == Some(&b'[');
        self.bracket |= bracket;
        self.brace |= first == Some(&b'{');
        self.odd |= match name.text.as_bytes() {
            [b'-', ..] => true,
            [_, .., last] => !last.is_ascii_alphanumeric(),
            _ => false,
        };
        let may_be = if name.plain { name.bit } else { Bits::ALL };
        self.may_be.add(may_be);
        Single {
            simple,
            name: name.base,
            may_be,
            bracket,
        }
    }

    /// Those of the simple commands of a script, which are added to `all`.
    pub(crate) fn read<'a>(script: &'a Script<'a>, all: &mut Vec<Single<'a>>) -> Self {
        let mut names = Self::default();
        for simple in script.simple() {
            all.push(match simple.name() {
                Some(word) => names.add(simple, &word, &Name::of(&word)),
                None => Single::unnamed(simple),
            });
        }
        names
    }
}

/// A program that a RUN calls, with the words behind it.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// The program's name without its folder.
    pub(crate) name: Cow<'a, str>,
    /// The bit of that.
    pub(crate) bit: Bits,
    /// The word with that.
    word: Word<'a>,
    script: &'a Script<'a>,
    /// The words of all calls, and which of them are its own.
    all: &'a Words<'a>,
    own: Own,
    /// Those, as far as they are read.
    words: &'a [Argument<'a>],
    /// Whether another program calls it (`sudo`, `env`), or its folder is named: hadolint then
    /// sees another program.
    pub(crate) wrapped: bool,
    /// What it does to the files of package managers.
    pub(crate) upkeep: Upkeep,
}

/// Where in [`Words`] those of a call are.
#[derive(Debug, Clone, Copy)]
enum Own {
    /// From the first of them to the one behind the last.
    Read(usize, usize),
    /// The place among those that are read when they are asked for.
    Late(usize),
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
    fn of(word: Word<'a>, script: &'a Script<'a>) -> Self {
        match word.as_plain() {
            Some((text, place)) => Self {
                text: Cow::Borrowed(text),
                place,
                script,
            },
            None => Self::new(word, script),
        }
    }

    #[inline(never)]
    fn new(word: Word<'a>, script: &'a Script<'a>) -> Self {
        let text = word.as_static();
        Self {
            text: text.unwrap_or_else(|| without_quotes(word.text())),
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
    /// The words behind it.
    pub(crate) fn words(&self) -> &'a [Argument<'a>] {
        match self.own {
            Own::Read(..) => self.words,
            Own::Late(at) => self.all.late(at, self),
        }
    }

    /// Hands its words to it, once all are read.
    pub(crate) fn share(&mut self) {
        self.words = self.all.of(self.own);
    }

    /// Reads them, where nothing else calls it.
    fn read(&self) -> Vec<Argument<'a>> {
        let simple = self.word.simple();
        let words = simple.map(|simple| simple.arguments());
        let words = words.into_iter().flatten();
        words.map(|word| Argument::of(word, self.script)).collect()
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

    /// Whether it is in `( … )`, however deep; the body of a function is for itself.
    pub(crate) fn is_in_subshell(&self) -> bool {
        let simple = self.word.simple();
        let around = simple.map(|simple| simple.command().enclosing());
        let mut around = around.into_iter().flatten().map(|it| it.kind());
        around
            .by_ref()
            .take_while(|kind| *kind != CommandKind::Function)
            .any(|kind| kind == CommandKind::Subshell)
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
    pub(crate) fn value_of(&self, letter: u8, long: &str) -> Option<&str> {
        let mut words = self.words().iter().map(|word| &*word.text);
        while let Some(word) = words.next() {
            if word.as_bytes().first() != Some(&b'-') {
                continue;
            }
            if let Some(rest) = word.strip_prefix("--") {
                match rest.strip_prefix(long) {
                    Some("") => return words.next(),
                    Some(rest) if rest.starts_with('=') => return rest.get(1..),
                    _ => {}
                }
            } else if let Some(at) = word.bytes().position(|byte| byte == letter) {
                let value = word.get(at + 1..).unwrap_or_default();
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
    #[inline]
    pub(crate) fn is(&self, programs: Programs) -> bool {
        programs.has(self.bit, &self.name)
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
            if !word.is_flag() {
                return false;
            }
            let option = word.text.get(1..).unwrap_or_default();
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
    // Most have them around all of it.
    let text = text.trim_matches(['"', '\'']);
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

/// Whether a name is one of these. Most that are as long differ in the first letter already.
#[inline(never)]
pub(crate) fn has(names: &[&str], name: &str) -> bool {
    let first = name.as_bytes().first();
    let mut names = names.iter();
    names.any(|other| {
        other.len() == name.len() && other.as_bytes().first() == first && *other == name
    })
}

/// Whether a byte is in a text.
#[inline(never)]
pub(crate) fn has_byte(text: &str, byte: u8) -> bool {
    memchr::memchr(byte, text.as_bytes()).is_some()
}

/// So many names are compared with all before them.
const FEW: usize = 64;

/// Whether two of these names are the same.
pub(crate) fn repeats<'a, I: Iterator<Item = &'a str>>(names: impl Fn() -> I) -> bool {
    // Names of which each has a place of its own differ; so do most in lists that are short.
    let mut taken = [0_u64; 16];
    let mut is_known = |at: usize, name: &str| {
        let bytes = name.as_bytes();
        let byte = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(*byte));
        let (middle, last) = (bytes.len() / 2, bytes.len().saturating_sub(1));
        let sum = bytes.len() * 89 + byte(0) * 7 + byte(middle) * 53 + byte(last) * 311;
        let place = sum % 1024;
        let (Some(part), bit) = (taken.get_mut(place / 64), 1 << (place % 64)) else {
            return true;
        };
        let is_free = std::mem::replace(part, *part | bit) & bit == 0;
        !is_free && (at >= FEW || names().take(at).any(|other| other == name))
    };
    let Some(place) = names()
        .enumerate()
        .position(|(at, name)| is_known(at, name))
    else {
        return false;
    };
    if place < FEW {
        return true;
    }
    let mut names: Vec<&str> = names().collect();
    sort(&mut names);
    let mut pairs = names.windows(2);
    pairs.any(|pair| matches!(pair, [one, other] if one == other))
}

/// A name without its folder. Names are short.
pub(crate) fn base(name: &str) -> &str {
    let slash = name.bytes().rposition(|byte| byte == b'/');
    let base = slash.and_then(|slash| name.get(slash + 1..));
    base.unwrap_or(name)
}

/// One bit of 64 for a name. Others have the same, but few of those that one file has.
#[inline]
pub(crate) const fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return 1;
    };
    let sum = bytes.len() * 31 + *first as usize * 43 + *last as usize * 23;
    1 << (sum % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_again_is_found_in_short_lists_and_in_long_ones() {
        let names: Vec<String> = (0..3 * FEW).map(|number| format!("p{number}q")).collect();
        for count in [0, 1, 2, FEW, 3 * FEW] {
            let few = || names.iter().take(count).map(String::as_str);
            assert!(!repeats(few), "{count}");
            for again in [0, count / 2, count.saturating_sub(1)] {
                let more = || few().chain(few().nth(again));
                assert_eq!(repeats(more), count > 0, "{again} of {count}");
            }
        }
    }

    #[test]
    fn quotes_are_taken_away_wherever_they_stand() {
        for (text, expected) in [
            ("\"$a\"", "$a"),
            ("'$a'", "$a"),
            ("\"$a\"/'b'", "$a/b"),
            ("a\"b", "ab"),
            ("\"\"", ""),
            ("ab", "ab"),
        ] {
            assert_eq!(without_quotes(text), expected, "{text}");
        }
    }
}
