//! Words and their parts, seen through a tree.

use std::borrow::Cow;

use stagecraft_text::{TextRange, TextSize};

use crate::node::{Kind, flag, group};
use crate::parser::is_name_byte;
use crate::script::{Assignment, At, Children, List, Script, Simple, places};
use crate::value;

places!(Word);

/// A word: what a shell turns into one argument, or by splitting into several, or none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Word<'a>(pub(crate) At<'a>);

/// What a word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WordRole {
    /// The name of a simple command.
    CommandName,
    /// An argument of a simple command.
    Argument,
    /// The value of an assignment. Not split.
    AssignedValue,
    /// An element of an array.
    ArrayElement,
    /// Between the brackets of an array element.
    Subscript,
    /// The file or descriptor of a redirection.
    RedirectTarget,
    /// The string behind `<<<`. Not split.
    HereString,
    /// The delimiter of a here-document. Not expanded.
    HereDocDelimiter,
    /// The variable of `for` or `select`. Not expanded.
    LoopVariable,
    /// A word behind the `in` of `for` or `select`.
    LoopWord,
    /// What a `case` looks at. Not split.
    CaseSubject,
    /// A pattern of a `case`. Not split.
    CasePattern,
    /// The name of a function. Not expanded.
    FunctionName,
    /// An operand or operator of `[[ ]]`. Not split.
    TestOperand,
    /// The expression of `(( ))` or `for (( ))`. Not split.
    Arithmetic,
    /// The word behind a parameter's operator: `${x:-word}`.
    ParameterOperand,
    /// One of the alternatives in braces.
    BraceAlternative,
}

impl WordRole {
    /// Whether the shell splits the values of unquoted expansions here, and looks for files.
    pub fn splits(self) -> bool {
        matches!(
            self,
            Self::CommandName
                | Self::Argument
                | Self::ArrayElement
                | Self::RedirectTarget
                | Self::LoopWord
                | Self::BraceAlternative
        )
    }
}

impl<'a> Word<'a> {
    /// Its parts in order; joined they are the word. Empty for an empty word.
    pub fn parts(&self) -> Parts<'a> {
        match self.0.kind() {
            Kind::Assignment => assignment_parts(Assignment(self.0)),
            _ => inner_parts(self.0),
        }
    }

    /// What it is for.
    pub fn role(&self) -> WordRole {
        let leading = self.0.kind() == Kind::Word && self.0.node().has(flag::LEADING);
        let Some(parent) = self.0.parent() else {
            return WordRole::Argument;
        };
        match parent.kind() {
            Kind::Simple if leading => WordRole::CommandName,
            Kind::For | Kind::Select if leading => WordRole::LoopVariable,
            Kind::For | Kind::Select => WordRole::LoopWord,
            Kind::Case => WordRole::CaseSubject,
            Kind::CaseItem => WordRole::CasePattern,
            Kind::Function => WordRole::FunctionName,
            Kind::Test => WordRole::TestOperand,
            Kind::ArithmeticCommand | Kind::ArithmeticFor => WordRole::Arithmetic,
            Kind::Array => WordRole::ArrayElement,
            Kind::Brace => WordRole::BraceAlternative,
            Kind::Assignment | Kind::Parameter(_)
                if parent.node().has(flag::SUBSCRIPT) && self.0.id == parent.id + 1 =>
            {
                WordRole::Subscript
            }
            Kind::Assignment => WordRole::AssignedValue,
            Kind::Parameter(_) => WordRole::ParameterOperand,
            Kind::Redirect(op) => match op {
                crate::RedirectOp::HereString => WordRole::HereString,
                crate::RedirectOp::HereDoc | crate::RedirectOp::HereDocStripped => {
                    WordRole::HereDocDelimiter
                }
                _ => WordRole::RedirectTarget,
            },
            _ => WordRole::Argument,
        }
    }

    /// It as an assignment, where it is an argument of `export`, `readonly`, `local`, `declare`
    /// or `typeset` that assigns.
    pub fn assignment(&self) -> Option<Assignment<'a>> {
        (self.0.kind() == Kind::Assignment).then_some(Assignment(self.0))
    }

    /// The assignment whose value it is, or in whose array it stands.
    pub fn assigned_by(&self) -> Option<Assignment<'a>> {
        let parent = self.0.parent()?;
        let around = match parent.kind() {
            Kind::Array => parent.parent()?,
            _ => parent,
        };
        (around.kind() == Kind::Assignment).then_some(Assignment(around))
    }

    /// The simple command that it belongs to: as a word of it, or in one of its assignments or
    /// redirections.
    pub fn simple(&self) -> Option<Simple<'a>> {
        std::iter::successors(Some(self.0), |at| at.parent())
            .take_while(|at| !matches!(at.kind(), Kind::List(_)))
            .find(|at| at.kind().is_command())
            .filter(|at| at.kind() == Kind::Simple)
            .map(Simple)
    }

    /// The node around it.
    pub(crate) fn around(&self) -> At<'a> {
        self.0.script.at(self.0.node().parent)
    }

    /// Its text, where that is all letters that stand for themselves: what most words are.
    #[inline]
    fn plain(&self) -> Option<&'a str> {
        self.as_plain().map(|(text, _)| text)
    }

    /// Its text and its range, where nothing in it is quoted or expanded.
    #[inline]
    pub fn as_plain(&self) -> Option<(&'a str, TextRange)> {
        let node = self.0.node();
        let plain = node.kind == Kind::Word && node.has(flag::PLAIN);
        plain.then(|| {
            let range = node.range();
            (self.0.script.slice(range), range)
        })
    }

    /// Whether nothing in it is quoted or expanded.
    pub fn is_plain(&self) -> bool {
        let node = self.0.node();
        node.kind == Kind::Word && node.has(flag::PLAIN)
    }

    /// The one value that it always has; `None` where the shell expands anything in it
    /// (variables, substitutions, globs, braces, `~`), or where that cannot be told.
    #[inline]
    pub fn as_static(&self) -> Option<Cow<'a, str>> {
        match self.plain() {
            Some(text) => Some(Cow::Borrowed(text)),
            None => self.value(),
        }
    }

    fn value(&self) -> Option<Cow<'a, str>> {
        if self.0.kind() == Kind::Word && self.0.has_below(group::NOT_STATIC) {
            return None;
        }
        if value::in_backquotes_with_escapes(self.0) {
            return None;
        }
        match self.only_quotes() {
            Some(content) => Some(Cow::Borrowed(content)),
            None => value::parts_value(self.parts()),
        }
    }

    /// What stands in the quotes that are all of the word, where that is text alone: what most
    /// words are that are not plain.
    pub fn only_quotes(&self) -> Option<&'a str> {
        let (script, word) = (self.0.script, self.0.node());
        let part = script.at(self.0.id + 1);
        let only = word.kind == Kind::Word && word.next == part.id + 1;
        let node = part.node();
        let quotes = match node.kind {
            Kind::SingleQuoted => true,
            Kind::DoubleQuoted => !node.has(flag::OTHER_FORM),
            _ => false,
        };
        (only && quotes).then(|| script.slice(content_range(part)))
    }

    /// As [`Word::as_static`], but the word may have globs. The value is then a pattern in which
    /// a backslash takes the special meaning from the character behind it.
    pub fn as_pattern(&self) -> Option<Cow<'a, str>> {
        if let Some(text) = self.plain() {
            return Some(Cow::Borrowed(text));
        }
        if value::in_backquotes_with_escapes(self.0) {
            return None;
        }
        value::parts_pattern(self.parts())
    }

    /// What its value begins with whatever the expansions give: `--to=` of `--to="$x"`. All of
    /// it where it is static.
    pub fn static_prefix(&self) -> Cow<'a, str> {
        if let Some(text) = self.plain() {
            return Cow::Borrowed(text);
        }
        if value::in_backquotes_with_escapes(self.0) {
            return Cow::Borrowed("");
        }
        value::parts_prefix(self.parts())
    }

    /// Its expansions in order: those in its double quotes and braces, but not those inside of
    /// another expansion.
    pub fn expansions(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let script = self.0.script;
        let end = self.0.node().next;
        let mut next = self.0.id + 1;
        std::iter::from_fn(move || {
            while next < end {
                let at = script.at(next);
                if at.kind().is_expansion() {
                    next = at.node().next.max(next + 1);
                    return Some(Part::real(at));
                }
                next += 1;
            }
            None
        })
    }

    /// Whether a variable, parameter or command substitution stands outside of quotes, so that
    /// the shell splits its value (see [`WordRole::splits`] for where).
    pub fn has_unquoted_expansion(&self) -> bool {
        self.expansions().any(|part| {
            !part.is_quoted()
                && matches!(
                    part.kind(),
                    PartKind::Variable | PartKind::Parameter | PartKind::CommandSubstitution
                )
        })
    }

    /// Whether any of it is in quotes or has a backslash.
    pub fn has_quotes(&self) -> bool {
        self.parts().any(|part| {
            matches!(
                part.kind(),
                PartKind::SingleQuoted
                    | PartKind::DoubleQuoted
                    | PartKind::AnsiQuoted
                    | PartKind::Escape
            )
        })
    }

    /// Whether it has a glob outside of quotes.
    pub fn has_glob(&self) -> bool {
        self.parts().any(|part| part.kind() == PartKind::Glob)
    }
}

/// A part of a word, of a here-document or of an arithmetic expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its node, or where it has none of its own, the node that holds it.
    at: At<'a>,
    /// Kind and place of a part without a node.
    implied: Option<(PartKind, TextRange)>,
}

/// The kinds of [`Part`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Text that stands for itself.
    Literal,
    /// A backslash and what it quotes; line continuations, one or more in a row.
    Escape,
    /// `'…'`
    SingleQuoted,
    /// `$'…'`
    AnsiQuoted,
    /// `"…"` or `$"…"`: has parts.
    DoubleQuoted,
    /// `$x`, `$1`, `$@`: see [`Part::parameter`].
    Variable,
    /// `${…}`: see [`Part::parameter`].
    Parameter,
    /// `$(…)` or `` `…` ``: has a list.
    CommandSubstitution,
    /// `$((…))` or `$[…]`: has parts.
    Arithmetic,
    /// `<(…)` or `>(…)`: has a list.
    ProcessSubstitution,
    /// `*`, `?`, `[a-z]`, `@(a|b)`. Of a bracket expression with quotes or expansions in it
    /// only the `[`.
    Glob,
    /// `{a,b}` or `{1..9}`: has words.
    ///
    /// bash expands it; dash and busybox ash do not.
    Brace,
    /// `~` or `~user`
    Tilde,
    /// Not understood.
    Opaque,
}

impl PartKind {
    /// In order.
    pub(crate) const ALL: [Self; 14] = [
        Self::Literal,
        Self::Escape,
        Self::SingleQuoted,
        Self::AnsiQuoted,
        Self::DoubleQuoted,
        Self::Variable,
        Self::Parameter,
        Self::CommandSubstitution,
        Self::Arithmetic,
        Self::ProcessSubstitution,
        Self::Glob,
        Self::Brace,
        Self::Tilde,
        Self::Opaque,
    ];

    /// The kind whose nodes are of that group.
    #[inline]
    fn of_group(group: u32) -> Self {
        let at = (group / group::FIRST_PART).trailing_zeros();
        let kind = Self::ALL.get(at as usize);
        kind.copied().unwrap_or(Self::Opaque)
    }

    /// The group of its nodes: a bit for each kind.
    #[inline]
    pub(crate) const fn group(self) -> u32 {
        group::FIRST_PART << self as u32
    }
}

/// Some kinds of parts.
#[derive(Debug, Clone, Copy)]
pub struct PartKinds(pub(crate) u32);

impl PartKinds {
    /// Variables and parameters, whose values are put in their place.
    pub const PARAMETERS: Self = Self::of(&[PartKind::Variable, PartKind::Parameter]);
    /// `$((…))` and `$[…]`
    pub const ARITHMETIC: Self = Self::of(&[PartKind::Arithmetic]);
    /// `$(…)` and `` `…` ``
    pub const COMMAND_SUBSTITUTION: Self = Self::of(&[PartKind::CommandSubstitution]);

    /// These kinds.
    pub const fn of(kinds: &[PartKind]) -> Self {
        let (mut groups, mut kinds) = (0, kinds);
        while let [kind, rest @ ..] = kinds {
            groups |= kind.group();
            kinds = rest;
        }
        Self(groups)
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether one of them is in both.
    pub const fn meet(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

impl<'a> Part<'a> {
    pub(crate) fn real(at: At<'a>) -> Self {
        Self { at, implied: None }
    }

    fn implied(at: At<'a>, kind: PartKind, range: TextRange) -> Self {
        Self {
            at,
            implied: Some((kind, range)),
        }
    }

    /// What it is.
    pub fn kind(&self) -> PartKind {
        if let Some((kind, _)) = self.implied {
            return kind;
        }
        PartKind::of_group(self.at.kind().group())
    }

    /// Its range in the joined text.
    pub fn range(&self) -> TextRange {
        match self.implied {
            Some((_, range)) => range,
            None => self.at.range(),
        }
    }

    /// Its text as written.
    pub fn text(&self) -> &'a str {
        self.at.script.slice(self.range())
    }

    /// The range of the source that covers it.
    pub fn source_range(&self) -> TextRange {
        self.at.script.source_range(self.range())
    }

    /// The script that it belongs to.
    pub fn script(&self) -> &'a Script<'a> {
        self.at.script
    }

    /// Whether it stands inside of double quotes, a here-document or an arithmetic expression:
    /// where the shell does not split what an expansion gives.
    pub fn is_quoted(&self) -> bool {
        match self.implied {
            Some(_) => matches!(
                self.at.kind(),
                Kind::DoubleQuoted | Kind::HereDoc | Kind::Arithmetic
            ),
            None => self.at.node().has(flag::QUOTED),
        }
    }

    /// Whether it is written in the older form: `` `…` ``, `$[…]`; or as `$"…"`.
    pub fn is_other_form(&self) -> bool {
        self.implied.is_none()
            && matches!(
                self.at.kind(),
                Kind::CommandSubstitution | Kind::Arithmetic | Kind::DoubleQuoted
            )
            && self.at.node().has(flag::OTHER_FORM)
    }

    /// The parts of a double-quoted text or of an arithmetic expression.
    pub fn parts(&self) -> Parts<'a> {
        let holds = matches!(self.at.kind(), Kind::DoubleQuoted | Kind::Arithmetic);
        if self.implied.is_none() && holds {
            inner_parts(self.at)
        } else {
            Parts::none(self.at)
        }
    }

    /// The alternatives of a brace expansion.
    pub fn words(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        let brace = self.implied.is_none() && self.at.kind() == Kind::Brace;
        self.at
            .children()
            .filter(move |at| brace && at.kind() == Kind::Word)
            .map(Word)
    }

    /// The commands of a command or process substitution.
    pub fn list(&self) -> Option<List<'a>> {
        let holds = matches!(
            self.at.kind(),
            Kind::CommandSubstitution | Kind::ProcessSubstitution
        );
        let list = self.at.child(|kind| matches!(kind, Kind::List(_)));
        list.filter(|_| holds && self.implied.is_none()).map(List)
    }

    /// What a `$x` or `${x…}` says.
    pub fn parameter(&self) -> Option<Parameter<'a>> {
        let holds = matches!(self.at.kind(), Kind::Variable | Kind::Parameter(_));
        (holds && self.implied.is_none()).then_some(Parameter(self.at))
    }

    /// The text that it adds to its word's value: the text itself of a literal, what stands
    /// inside of quotes, what a backslash quotes. `None` for what the shell expands.
    pub fn as_static(&self) -> Option<Cow<'a, str>> {
        value::part_value(*self)
    }

    /// The range inside of its quotes; its own range where it has none.
    pub fn content_range(&self) -> TextRange {
        if self.implied.is_none() {
            content_range(self.at)
        } else {
            self.range()
        }
    }

    /// The word that it is a part of, directly or inside of quotes, braces or operands;
    /// `None` in a here-document.
    pub fn word(&self) -> Option<Word<'a>> {
        let itself = self.implied.map(|_| self.at);
        let around = std::iter::successors(self.at.parent(), |at| at.parent());
        itself
            .into_iter()
            .chain(around)
            .take_while(|at| !matches!(at.kind(), Kind::List(_)) && !at.kind().is_command())
            .find(|at| at.kind() == Kind::Word)
            .map(Word)
    }
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({:?} {:?})", self.kind(), self.range(), self.text())
    }
}

/// Parts in order.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    first: Option<Part<'a>>,
    nodes: Children<'a>,
    last: Option<Part<'a>>,
}

impl<'a> Parts<'a> {
    fn none(at: At<'a>) -> Self {
        Self {
            first: None,
            nodes: Children::none(at.script),
            last: None,
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        self.first
            .take()
            .or_else(|| self.nodes.next().map(Part::real))
            .or_else(|| self.last.take())
    }
}

/// The parts that the node holds; one literal where it has no children but is not empty.
pub(crate) fn inner_parts(at: At<'_>) -> Parts<'_> {
    let node = at.node();
    let mut parts = Parts::none(at);
    if node.next == at.id + 1 {
        let range = content_range(at);
        if !range.is_empty() {
            parts.first = Some(Part::implied(at, PartKind::Literal, range));
        }
    } else {
        parts.nodes = at.children();
    }
    parts
}

/// The parts of `name=value` as a word: the head is a literal, an array is opaque.
fn assignment_parts(assignment: Assignment<'_>) -> Parts<'_> {
    let at = assignment.0;
    let mut parts = Parts::none(at);
    let start = assignment.range().start();
    let head = |end: TextSize| Part::implied(at, PartKind::Literal, TextRange::new(start, end));
    if let Some(value) = assignment.value() {
        if value.0.node().next == value.0.id + 1 {
            parts.first = Some(head(assignment.range().end()));
        } else {
            parts.first = Some(head(value.range().start()));
            parts.nodes = value.0.children();
        }
    } else if let Some(array) = assignment.array() {
        parts.first = Some(head(array.range().start()));
        parts.last = Some(Part::implied(at, PartKind::Opaque, array.range()));
    }
    parts
}

/// The range inside of a node's quotes or brackets.
fn content_range(at: At<'_>) -> TextRange {
    let node = at.node();
    let closed = !node.has(flag::UNCLOSED);
    let (open, close) = match node.kind {
        Kind::AnsiQuoted => (2, 1),
        Kind::DoubleQuoted | Kind::Arithmetic if node.has(flag::OTHER_FORM) => (2, 1),
        Kind::SingleQuoted | Kind::DoubleQuoted => (1, 1),
        Kind::Arithmetic => (3, 2),
        _ => (0, 0),
    };
    let range = node.range();
    let end = range
        .end()
        .checked_sub(TextSize::new(if closed { close } else { 0 }))
        .unwrap_or_default();
    let start = (range.start() + TextSize::new(open)).min(range.end());
    TextRange::new(start, end.max(start))
}

/// A parameter expansion: `$x`, `${x}`, `${x:-word}` and so on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a>(At<'a>);

/// What a parameter expansion does with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterOp {
    /// `${x}`: nothing.
    None,
    /// `${#x}`
    Length,
    /// `${x-word}`, `${x:-word}`
    Default,
    /// `${x=word}`, `${x:=word}`
    Assign,
    /// `${x?word}`, `${x:?word}`
    Error,
    /// `${x+word}`, `${x:+word}`
    Alternative,
    /// `${x#pattern}`
    RemovePrefix,
    /// `${x##pattern}`
    RemoveLongestPrefix,
    /// `${x%pattern}`
    RemoveSuffix,
    /// `${x%%pattern}`
    RemoveLongestSuffix,
    /// `${x/pattern/word}`
    Replace,
    /// `${x//pattern/word}`
    ReplaceAll,
    /// `${x/#pattern/word}`
    ReplacePrefix,
    /// `${x/%pattern/word}`
    ReplaceSuffix,
    /// `${x:offset}`, `${x:offset:length}`
    Substring,
    /// `${x^pattern}`
    UppercaseFirst,
    /// `${x^^pattern}`
    Uppercase,
    /// `${x,pattern}`
    LowercaseFirst,
    /// `${x,,pattern}`
    Lowercase,
    /// `${x@Q}`
    Transform,
    /// `${!prefix*}`, `${!prefix@}`
    Names,
}

impl ParameterOp {
    /// Whether POSIX has it; the others are bash's.
    pub fn is_posix(self) -> bool {
        matches!(
            self,
            Self::None
                | Self::Length
                | Self::Default
                | Self::Assign
                | Self::Error
                | Self::Alternative
                | Self::RemovePrefix
                | Self::RemoveLongestPrefix
                | Self::RemoveSuffix
                | Self::RemoveLongestSuffix
        )
    }
}

impl<'a> Parameter<'a> {
    /// It as a part.
    pub fn part(&self) -> Part<'a> {
        Part::real(self.0)
    }

    /// The variable, without `$`: a name, a number or one of `@*#?-$!`.
    pub fn name(&self) -> &'a str {
        self.0.script.slice(self.name_range())
    }

    /// Where the variable's name is.
    pub fn name_range(&self) -> TextRange {
        let node = self.0.node();
        let range = node.range();
        let prefix = match node.kind {
            Kind::Variable if range.len() > TextSize::new(1) => {
                return TextRange::new(range.start() + TextSize::new(1), range.end());
            }
            Kind::Parameter(ParameterOp::Length) => 3,
            Kind::Parameter(_) if node.has(flag::INDIRECT) => 3,
            Kind::Parameter(_) => 2,
            _ => 1,
        };
        let text = self.0.script.slice(range).as_bytes();
        let text = text.get(prefix..).unwrap_or_default();
        let other = text.iter().position(|&byte| !is_name_byte(byte));
        let length = other.unwrap_or(text.len()).max(1).min(text.len());
        TextRange::at(
            range.start() + stagecraft_text::size(prefix),
            stagecraft_text::size(length),
        )
    }

    /// Whether it has braces.
    pub fn is_braced(&self) -> bool {
        self.0.kind() != Kind::Variable
    }

    /// What it does with the value.
    pub fn op(&self) -> ParameterOp {
        match self.0.kind() {
            Kind::Parameter(op) => op,
            _ => ParameterOp::None,
        }
    }

    /// Whether the operator has a colon, and so takes an empty value as no value.
    pub fn has_colon(&self) -> bool {
        self.is_braced() && self.0.node().has(flag::COLON)
    }

    /// Whether `!` stands before the name: the value is the name of the variable that is meant.
    pub fn is_indirect(&self) -> bool {
        self.is_braced() && self.0.node().has(flag::INDIRECT)
    }

    /// What stands between the brackets: `${x[subscript]}`.
    pub fn subscript(&self) -> Option<Word<'a>> {
        let has_any = self.is_braced() && self.0.node().has(flag::SUBSCRIPT);
        let first = has_any.then(|| self.0.children().next());
        first.flatten().map(Word)
    }

    /// The words behind the operator: one; for replacements a pattern and perhaps a word; for a
    /// substring an offset and perhaps a length. Empty ones are there too.
    pub fn operands(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        let skip = usize::from(self.is_braced() && self.0.node().has(flag::SUBSCRIPT));
        self.0
            .children()
            .skip(skip)
            .filter(|at| at.kind() == Kind::Word)
            .map(Word)
    }
}

impl std::fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.part().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{with_script, with_word};

    #[test]
    fn every_kind_of_part_has_a_group_and_is_found_by_it() {
        for kind in PartKind::ALL {
            assert_eq!(PartKind::of_group(kind.group()), kind);
        }
    }

    #[test]
    fn every_word_has_a_role() {
        use WordRole as Role;
        let check = |input: &str, expected: &[(&str, WordRole)]| {
            with_script(input, |script| {
                let words = script.words().filter(|word| word.text().len() == 1);
                let roles: Vec<_> = words.map(|word| (word.text(), word.role())).collect();
                assert_eq!(roles, expected);
            });
        };
        check(
            "A=v B=(e [s]=w) n a >r <<<h <<d",
            &[
                ("v", Role::AssignedValue),
                ("e", Role::ArrayElement),
                ("s", Role::Subscript),
                ("w", Role::AssignedValue),
                ("n", Role::CommandName),
                ("a", Role::Argument),
                ("r", Role::RedirectTarget),
                ("h", Role::HereString),
                ("d", Role::HereDocDelimiter),
            ],
        );
        check(
            "for l in o; do b; done; case c in p) b;; esac; f() { b; }; [[ t ]]; ((m))",
            &[
                ("l", Role::LoopVariable),
                ("o", Role::LoopWord),
                ("b", Role::CommandName),
                ("c", Role::CaseSubject),
                ("p", Role::CasePattern),
                ("b", Role::CommandName),
                ("f", Role::FunctionName),
                ("b", Role::CommandName),
                ("t", Role::TestOperand),
                ("m", Role::Arithmetic),
            ],
        );
        check(
            "echo ${x:-q} {b,c} ${y[s]}",
            &[
                ("q", Role::ParameterOperand),
                ("b", Role::BraceAlternative),
                ("c", Role::BraceAlternative),
                ("s", Role::Subscript),
            ],
        );
    }

    #[test]
    fn an_expansion_knows_whether_it_is_quoted() {
        let input = "a $b \"$c ${d:-$e}\" ${f:-$g} \"$(h $i)\" $((j + $k)) <<L\n$m\nL";
        with_script(input, |script| {
            let quoted = script
                .expansions()
                .filter(|part| part.parameter().is_some());
            let quoted: Vec<_> = quoted
                .map(|part| (part.parameter().unwrap().name(), part.is_quoted()))
                .collect();
            assert_eq!(
                quoted,
                [
                    ("b", false),
                    ("c", true),
                    ("d", true),
                    ("e", true),
                    ("f", false),
                    ("g", false),
                    ("i", false),
                    ("k", true),
                    ("m", true),
                ]
            );
        });
    }

    #[test]
    fn an_expansion_knows_its_word() {
        let input = "a b$c \"d$e\" {f,g$h} ${i:-j$k} <<L\n$m\nL";
        with_script(input, |script| {
            let words = script
                .expansions()
                .map(|part| part.word().map(|it| it.text()));
            let words: Vec<_> = words.collect();
            assert_eq!(
                words,
                [
                    Some("b$c"),
                    Some("\"d$e\""),
                    Some("g$h"),
                    Some("${i:-j$k}"),
                    Some("j$k"),
                    None,
                ]
            );
        });
    }

    #[test]
    fn a_word_says_whether_the_shell_splits_it() {
        let splits = |word: &str| {
            with_word(&format!("echo {word}"), word, |word| {
                word.has_unquoted_expansion()
            })
        };
        for word in ["$a", "b$a", "${a}", "$(a)", "\"$a\"$b", "{a,$b}"] {
            assert!(splits(word), "{word}");
        }
        for word in ["a", "\"$a\"", "'$a'", "\\$a", "$((1))", "\"$(a $b)\"", "*"] {
            assert!(!splits(word), "{word}");
        }
    }

    #[test]
    fn an_argument_that_assigns_is_one_word() {
        with_script("export A=\"$b\"c D=", |script| {
            let (simple, _) = script.simple_commands().next().unwrap();
            let words: Vec<Vec<_>> = simple
                .arguments()
                .map(|word| word.parts().map(|part| part.text()).collect())
                .collect();
            assert_eq!(words, [vec!["A=", "\"$b\"", "c"], vec!["D="]]);
            let last = simple.arguments().last().unwrap();
            assert_eq!(last.as_static().as_deref(), Some("D="));
        });
    }
}
