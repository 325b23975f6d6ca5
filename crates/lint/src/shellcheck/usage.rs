//! Which variables a command sets, and which it reads.

use stagecraft_shell::{
    Assignment, Command, CommandKind, ParameterOp, PartKind, Script, Simple, Word,
};
use stagecraft_text::{TextRange, TextSize, size, sort_by};

use crate::calls::Single;
use crate::programs::{Bits, Programs};

/// The variables of a command by name.
#[derive(Debug, Default)]
pub(crate) struct Usage<'f> {
    /// Where each is set for the last time.
    pub(crate) set: Names<'f>,
    /// Where each is read for the first time.
    pub(crate) read: Names<'f>,
    /// Those that are asked for in a way that allows for their not being set.
    pub(crate) guarded: Names<'f>,
    /// Those that are handed on, or used where they cannot be told from other names.
    pub(crate) handed: Names<'f>,
}

/// Names, each with a place; in order once all are known.
#[derive(Debug, Default)]
pub(crate) struct Names<'f>(Vec<(&'f str, TextRange)>);

/// So many names are compared with each new one; of more, some may be kept twice until all are
/// known.
const FEW: usize = 16;

/// Whether two names are the same. Most that are as long differ in the last letter already.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().last() == other.as_bytes().last() && one == other
}

impl<'f> Names<'f> {
    /// Its place, if it is one of the first.
    fn place(&mut self, name: &str) -> Option<&mut TextRange> {
        let mut few = self.0.iter_mut().take(FEW);
        let known = few.find(|(known, _)| is_same(known, name))?;
        Some(&mut known.1)
    }

    /// Adds one where it is not known.
    fn push(&mut self, name: &'f str, range: TextRange) {
        if self.place(name).is_none() {
            self.0.push((name, range));
        }
    }

    /// Adds one, whose last place counts.
    fn replace(&mut self, name: &'f str, range: TextRange) {
        match self.place(name) {
            Some(known) => *known = range,
            None => self.0.push((name, range)),
        }
    }

    /// Puts them in order, and keeps one place of each.
    fn finish(&mut self, keep_last: bool) {
        if self.0.len() > FEW && keep_last {
            self.0.reverse();
        }
        if self.0.len() <= FEW {
            // Each goes behind those that are not greater.
            for at in 1..self.0.len() {
                let Some((known, (name, _))) = self.0.get(..at).zip(self.0.get(at)) else {
                    continue;
                };
                let place = known.partition_point(|(other, _)| other <= name);
                if let Some(moved) = self.0.get_mut(place..=at) {
                    moved.rotate_right(1);
                }
            }
            return;
        }
        sort_by(&mut self.0, |one, other| one.0.cmp(other.0));
        self.0.dedup_by(|later, first| later.0 == first.0);
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        let found = self.0.binary_search_by(|(known, _)| (*known).cmp(name));
        found.is_ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'f str, TextRange)> {
        self.0.iter().copied()
    }
}

/// The commands that set variables.
pub(crate) const SETTING: Programs = programs![
    "declare",
    "getopts",
    "let",
    "local",
    "mapfile",
    "printf",
    "read",
    "readarray",
    "readonly",
    "typeset",
];

/// The bits of all commands that [`Usage::simple`] knows.
const KNOWN: Bits = SETTING.bits.and(programs!["[", "export"].bits);

/// For names that are asked for, and not reported.
const NOWHERE: TextRange = TextRange::empty(TextSize::new(0));

/// Whether an assignment sets a variable of the shell: `a=b command` is for that command.
fn sets(assignment: Assignment<'_>) -> bool {
    let simple = || assignment.value().and_then(|word| word.simple());
    assignment.is_argument() || simple().is_none_or(|it| it.name().is_none())
}

/// Whether an assignment hands its variable on, or adds to what another one has.
fn is_handed(assignment: Assignment<'_>) -> bool {
    if !assignment.is_argument() {
        return assignment.is_append();
    }
    let simple = assignment.value().and_then(|word| word.simple());
    simple.is_some_and(exports)
}

/// Whether a command hands on the variables that it names.
fn exports(simple: Simple<'_>) -> bool {
    let name = simple.name().map_or("", |name| name.text());
    let declares = || matches!(name, "declare" | "typeset" | "local");
    name == "export" || declares() && options(simple).any(|it| it.contains('x'))
}

/// The options of a command, which come first.
fn options(simple: Simple<'_>) -> impl Iterator<Item = &str> {
    let words = simple.arguments().map(|word| word.text());
    words.take_while(|it| it.starts_with('-'))
}

/// The variables that a command names to make them, without a value.
fn declared(simple: Simple<'_>) -> impl Iterator<Item = Word<'_>> {
    let name = simple.name().map_or("", |name| name.text());
    let declares = matches!(name, "declare" | "typeset" | "local" | "readonly");
    let asks = || options(simple).any(|it| has_any!(it, b'f' | b'F' | b'p'));
    let declares = declares && !exports(simple) && !asks();
    let is_name = |word: &Word<'_>| {
        let text = word.text();
        word.assignment().is_none() && !text.is_empty() && text.bytes().all(is_of_name)
    };
    simple
        .arguments()
        .filter(move |word| declares && is_name(word))
}

/// Whether names of variables are made of such bytes.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What a name is for in something that is calculated.
enum Use {
    Read,
    Set,
    /// It is read and set, by `+=` or `++`.
    Change,
}

/// The names in a piece of what is calculated, with their places in it.
fn calculated(text: &str) -> impl Iterator<Item = (&str, usize, Use)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let start = at + rest.bytes().position(is_of_name)?;
            let behind = text.get(start..)?;
            let length = behind.bytes().position(|byte| !is_of_name(byte));
            let (name, behind) = behind.split_at(length.unwrap_or(behind.len()));
            at = start + name.len();
            let before = text.get(..start)?;
            let is_number = name.starts_with(|c: char| c.is_ascii_digit());
            // `16#ff` is a number.
            if is_number || before.ends_with(['$', '#', '{']) {
                continue;
            }
            let behind = behind.trim_start();
            let steps = |text: &str| text.ends_with("++") || text.ends_with("--");
            let changes = || {
                let operators = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|="];
                operators.iter().any(|it| behind.starts_with(it))
                    || behind.starts_with("++")
                    || behind.starts_with("--")
                    || steps(before)
            };
            let kind = match () {
                () if behind.starts_with('=') && !behind.starts_with("==") => Use::Set,
                () if changes() => Use::Change,
                () => Use::Read,
            };
            return Some((name, start, kind));
        }
    })
}

/// The variable of a `for` or a `select`.
fn loop_variable(command: Command<'_>) -> Option<Word<'_>> {
    let is_loop = matches!(command.kind(), CommandKind::For | CommandKind::Select);
    command.leading_word().filter(|_| is_loop)
}

/// The variables that `read` and its like set.
fn read_by(simple: Simple<'_>) -> impl Iterator<Item = Word<'_>> {
    let name = simple.name().map_or("", |name| name.text());
    let reads = matches!(name, "read" | "mapfile" | "readarray" | "getopts");
    // What getopts looks for comes first.
    let skipped = usize::from(name == "getopts");
    let read = simple.arguments().skip(skipped);
    let read = read
        .filter(move |word| reads && word.assignment().is_none() && !word.text().starts_with('-'));
    let mut words = simple.arguments();
    let prints = name == "printf" && words.next().is_some_and(|word| word.text() == "-v");
    read.chain(words.next().filter(|_| prints))
}

/// The variables that a script with these simple commands sets and does not hand on.
pub(crate) fn kept<'f>(
    script: &'f Script<'f>,
    simple: &'f [Single<'f>],
) -> impl Iterator<Item = &'f str> {
    let assigned = script.assignments();
    let kept = assigned.filter(|it| sets(*it) && !is_handed(*it));
    let loops = script.compounds().filter_map(loop_variable);
    let reading = simple.iter().filter(|it| it.may_be.meet(SETTING.bits));
    let read = reading.flat_map(|it| read_by(it.simple).chain(declared(it.simple)));
    let kept = kept.map(|it| it.name());
    kept.chain(loops.chain(read).map(|word| word.text()))
}

/// The first names that a script assigns, for a look that takes no list.
pub(crate) struct Assigned<'f> {
    names: [&'f str; FEW],
    /// Whether there are more.
    pub(crate) more: bool,
}

impl<'f> Assigned<'f> {
    /// All of them.
    pub(crate) fn of(script: &'f Script<'f>) -> Self {
        Self::read(script.assignments().map(|it| it.name()))
    }

    /// Those that are set for the shell itself, be it by a loop.
    pub(crate) fn for_itself(script: &'f Script<'f>) -> Self {
        let assigned = script.assignments().filter(|it| sets(*it));
        let loops = script.compounds().filter_map(loop_variable);
        let loops = loops.map(|word| word.text());
        Self::read(assigned.map(|it| it.name()).chain(loops))
    }

    fn read(all: impl Iterator<Item = &'f str>) -> Self {
        let (mut names, mut all) = ([""; FEW], all);
        for (slot, name) in names.iter_mut().zip(&mut all) {
            *slot = name;
        }
        Self {
            names,
            more: all.next().is_some(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|other| is_same(other, name))
    }
}

impl<'f> Usage<'f> {
    /// Of a script with these simple commands.
    pub(crate) fn of(script: &'f Script<'f>, simple: &[Single<'f>]) -> Self {
        let mut usage = Self::default();
        for assignment in script.assignments().filter(|it| sets(*it)) {
            let name = assignment.name();
            usage.sets(name, assignment.name_range());
            if is_handed(assignment) {
                usage.handed.push(name, NOWHERE);
            }
        }
        for part in script.expansions() {
            if let Some(parameter) = part.parameter() {
                // `${!a*}` is about names that start like that.
                if parameter.op() != ParameterOp::Names {
                    usage.reads(parameter.name(), part.range());
                }
                match parameter.op() {
                    ParameterOp::Default | ParameterOp::Error | ParameterOp::Alternative => {
                        usage.guarded.push(parameter.name(), NOWHERE);
                    }
                    ParameterOp::Assign => {
                        usage.guarded.push(parameter.name(), NOWHERE);
                        usage.handed.push(parameter.name(), NOWHERE);
                    }
                    _ => {}
                }
                for word in parameter
                    .subscript()
                    .into_iter()
                    .chain(parameter.operands())
                {
                    usage.names(word.text());
                }
            }
            if part.kind() == PartKind::Arithmetic {
                for literal in part.parts().filter(|it| it.kind() == PartKind::Literal) {
                    usage.calculates(literal.text(), literal.range().start());
                }
            }
        }
        for redirection in script.redirections() {
            let name = redirection.text().strip_prefix('{');
            if let Some((name, _)) = name.and_then(|it| it.split_once('}')) {
                usage.sets(name, redirection.range());
            }
        }
        if script.has_compound() {
            for command in script.commands() {
                usage.command(command);
            }
        } else {
            for it in simple.iter().filter(|it| it.may_be.meet(KNOWN)) {
                usage.simple(it.simple);
            }
        }
        usage.set.finish(true);
        for names in [&mut usage.read, &mut usage.guarded, &mut usage.handed] {
            names.finish(false);
        }
        usage
    }

    fn sets(&mut self, name: &'f str, range: TextRange) {
        self.set.replace(name, range);
    }

    fn reads(&mut self, name: &'f str, range: TextRange) {
        self.read.push(name, range);
    }

    /// All names in an expression.
    fn names(&mut self, text: &'f str) {
        let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for name in names.filter(|name| !name.is_empty()) {
            self.handed.push(name, NOWHERE);
        }
    }

    /// What stands in a calculation.
    fn calculates(&mut self, text: &'f str, start: TextSize) {
        for (name, place, kind) in calculated(text) {
            let range = TextRange::at(start + size(place), TextSize::of(name));
            if matches!(kind, Use::Set | Use::Change) {
                self.sets(name, range);
            }
            if matches!(kind, Use::Read | Use::Change) {
                self.reads(name, range);
            }
        }
    }

    fn command(&mut self, command: Command<'f>) {
        match command.kind() {
            CommandKind::For | CommandKind::Select => {
                if let Some(name) = loop_variable(command) {
                    let keyword = TextRange::at(command.range().start(), 3.into());
                    self.sets(name.text(), keyword);
                }
            }
            CommandKind::Arithmetic | CommandKind::ArithmeticFor => {
                for part in command.words().flat_map(|word| word.parts()) {
                    if part.kind() == PartKind::Literal {
                        self.calculates(part.text(), part.range().start());
                    }
                }
            }
            CommandKind::Test => self.tested(command.test_items().map(|item| match item {
                stagecraft_shell::TestItem::Word(word) => Some(word),
                stagecraft_shell::TestItem::Operator(_) => None,
            })),
            CommandKind::Simple => {
                if let Some(simple) = command.simple() {
                    self.simple(simple);
                }
            }
            _ => {}
        }
    }

    fn simple(&mut self, simple: Simple<'f>) {
        let Some(name) = simple.name() else { return };
        let plain = || {
            let words = simple
                .arguments()
                .filter(|word| word.assignment().is_none());
            words.filter(|word| !word.text().starts_with('-'))
        };
        match name.text() {
            "read" | "mapfile" | "readarray" | "getopts" | "printf" => {
                for word in read_by(simple) {
                    self.sets(word.text(), word.range());
                }
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                if exports(simple) {
                    for word in plain() {
                        self.handed.push(word.text(), NOWHERE);
                    }
                }
                for word in declared(simple) {
                    self.sets(word.text(), word.range());
                }
            }
            "let" => {
                for word in simple.arguments() {
                    let inner = word.text().trim_start_matches(['"', '\'']);
                    let start = word.range().end() - TextSize::of(inner);
                    self.calculates(inner, start);
                }
            }
            "[" => self.tested(simple.arguments().map(Some)),
            _ => {}
        }
    }

    /// `[ -n "$x" ]` asks whether it is set, and so does `[ "$x" ]`; the items are words, or
    /// operators between them.
    fn tested(&mut self, items: impl Iterator<Item = Option<Word<'f>>>) {
        let is_operator = |item: &Option<Word<'f>>| {
            item.is_none_or(|word| matches!(word.text(), "!" | "-a" | "-o" | "]"))
        };
        let mut items = items.peekable();
        let (mut asks, mut alone) = (None, true);
        while let Some(item) = items.next() {
            let before = asks.replace(item.map_or("", |word| word.text()));
            let alone = std::mem::replace(&mut alone, is_operator(&item))
                && items.peek().is_none_or(is_operator);
            let Some(word) = item else { continue };
            if matches!(before, Some("-n" | "-z")) || alone {
                let parameters = word.expansions().filter_map(|part| part.parameter());
                let names = parameters.map(|it| (it.name(), NOWHERE));
                self.guarded.0.extend(names);
            }
            if before == Some("-v") {
                self.handed.push(word.text(), NOWHERE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_the_first_or_the_last_place_counts_as_of_few() {
        let names: Vec<String> = (0..50).map(|number| format!("v{number}")).collect();
        let (mut first, mut last) = (Names::default(), Names::default());
        for round in 0..3 {
            for name in &names {
                let place = TextRange::empty(TextSize::new(round));
                first.push(name, place);
                last.replace(name, place);
            }
        }
        first.finish(false);
        last.finish(true);
        for (kept, round) in [(first, 0), (last, 2)] {
            assert_eq!(kept.iter().count(), names.len());
            assert!(
                kept.iter()
                    .all(|(_, at)| at.start() == TextSize::new(round))
            );
            assert!(names.iter().all(|name| kept.has(name)) && !kept.has("v50"));
        }
    }
}
