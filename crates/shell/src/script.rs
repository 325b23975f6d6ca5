//! Views of a tree: small values that are copied freely.

use std::borrow::Cow;

use stagecraft_text::{Joined, TextRange};

use crate::Dialect;
use crate::node::{Id, Joint, Kind, Node, Tree, flag, group};
use crate::note::Note;
use crate::walk::SimpleCommands;
use crate::word::{Part, PartKinds, Parts, Word, inner_parts};

/// A tree and its text. What is seen of it borrows from here, so that a view is a reference and
/// a number.
#[derive(Clone, Copy)]
pub struct Script<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) source: Joined<'a>,
}

impl<'a> Script<'a> {
    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.source.text
    }

    /// The text and where it came from.
    pub fn source(&self) -> Joined<'a> {
        self.source
    }

    /// The dialect that it was read as.
    pub fn dialect(&self) -> Dialect {
        self.tree.dialect
    }

    /// The top-level commands.
    pub fn root(&'a self) -> List<'a> {
        List(self.at(0))
    }

    /// What a shell would complain of; ranges of the joined text.
    pub fn notes(&self) -> &'a [Note] {
        &self.tree.notes
    }

    /// The part of the text that `range` names.
    #[inline]
    pub fn slice(&self, range: TextRange) -> &'a str {
        stagecraft_text::slice(self.source.text, range)
    }

    /// The range of the source that covers `range` of the joined text.
    pub fn source_range(&self, range: TextRange) -> TextRange {
        self.source.map.range(range)
    }

    /// Every simple command, however deep, in source order, with what is around it.
    pub fn simple_commands(&'a self) -> SimpleCommands<'a> {
        SimpleCommands::new(self, true)
    }

    /// The same without their places in pipelines and chains, which take a while to find out: what
    /// is said of those is what holds for a command alone.
    pub fn simple_commands_apart(&'a self) -> SimpleCommands<'a> {
        SimpleCommands::new(self, false)
    }

    /// The same without what is around them, which takes a while to find out.
    pub fn simple(&'a self) -> impl Iterator<Item = Simple<'a>> + use<'a> {
        let nodes = &self.tree.nodes;
        let substitutes = self.substitutes();
        let mut next: Id = 0;
        std::iter::from_fn(move || {
            loop {
                let id = next;
                let node = nodes.get(id as usize)?;
                next += 1;
                if node.kind == Kind::Simple {
                    if !substitutes {
                        // No other command is in it.
                        next = node.next.max(next);
                    }
                    return Some(Simple(self.at(id)));
                }
            }
        })
    }

    /// Whether commands stand in words.
    pub(crate) fn substitutes(&self) -> bool {
        self.tree.has & group::SUBSTITUTION != 0
    }

    /// Every command, simple or compound, however deep, in source order.
    pub fn commands(&'a self) -> impl Iterator<Item = Command<'a>> + use<'a> {
        self.all(Kind::is_command).map(Command)
    }

    /// Every command that is not a simple one, however deep, in source order.
    pub fn compounds(&'a self) -> impl Iterator<Item = Command<'a>> + use<'a> {
        self.of_group(group::COMPOUND).map(Command)
    }

    /// Every word, however deep, in source order. [`Word::role`] says what it is for.
    pub fn words(&'a self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        self.all(|kind| kind == Kind::Word).map(Word)
    }

    /// Every expansion, however deep, in source order: variables, parameters, command and
    /// process substitutions, arithmetic.
    pub fn expansions(&'a self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.of_group(group::EXPANSION).map(Part::real)
    }

    /// Every assignment, however deep, in source order.
    pub fn assignments(&'a self) -> impl Iterator<Item = Assignment<'a>> + use<'a> {
        self.of_group(group::ASSIGNMENT).map(Assignment)
    }

    /// Every redirection, however deep, in source order.
    pub fn redirections(&'a self) -> impl Iterator<Item = Redirection<'a>> + use<'a> {
        self.of_group(group::REDIRECTION).map(Redirection)
    }

    /// Every part that has a place of its own in the tree, however deep, in source order. Text that
    /// is all of its word has none.
    pub fn parts(&'a self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.of_group(group::PART).map(Part::real)
    }

    /// Those of the [`Script::parts`] that are of one of these kinds. Where there is none, that
    /// takes no walk.
    pub fn parts_of(&'a self, kinds: PartKinds) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.of_group(kinds.0).map(Part::real)
    }

    /// Whether it has any part of one of these kinds.
    pub fn has_any(&self, kinds: PartKinds) -> bool {
        self.tree.has & kinds.0 != 0
    }

    /// The kinds of parts that it has.
    pub fn kinds(&self) -> PartKinds {
        PartKinds(self.tree.has & group::PART)
    }

    /// Whether it has any assignment or any redirection.
    pub fn assigns_or_redirects(&self) -> bool {
        self.tree.has & (group::ASSIGNMENT | group::REDIRECTION) != 0
    }

    /// Whether `|&` stands between any commands.
    pub fn pipes_both(&self) -> bool {
        self.tree.has & group::PIPE_BOTH != 0
    }

    /// Whether `|` or `|&` stands behind any command: where it does not, no [`Joint`] is a pipe.
    pub fn may_pipe(&self) -> bool {
        self.tree.has & group::PIPE != 0
    }

    /// Every comment in source order, each from its `#` to the end of its line.
    pub fn comments(&'a self) -> impl Iterator<Item = TextRange> + use<'a> {
        self.of_group(group::COMMENT).map(At::range)
    }

    /// Whether any command is not a simple one.
    pub fn has_compound(&self) -> bool {
        self.tree.has & group::COMPOUND != 0
    }

    /// All nodes of some kind.
    fn all(&'a self, wanted: impl Fn(Kind) -> bool) -> impl Iterator<Item = At<'a>> {
        let nodes = (0_u32..).zip(&self.tree.nodes);
        nodes
            .filter(move |(_, node)| wanted(node.kind))
            .map(move |(id, _)| self.at(id))
    }

    /// All nodes of some groups.
    fn of_group(&'a self, groups: u32) -> impl Iterator<Item = At<'a>> {
        let marked = if self.tree.has & groups == 0 {
            &[]
        } else {
            self.tree.marked.as_slice()
        };
        let wanted = marked.iter().filter(move |(_, group)| group & groups != 0);
        wanted.map(move |(id, _)| self.at(*id))
    }

    pub(crate) fn at(&'a self, id: Id) -> At<'a> {
        At { script: self, id }
    }
}

impl std::fmt::Debug for Script<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Script({:?} {:?})", self.dialect(), self.text())
    }
}

/// A node of a script: what all views have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) script: &'a Script<'a>,
    pub(crate) id: Id,
}

/// Stands in for a node that is not there, which does not happen.
static NOWHERE: Node = Node {
    kind: Kind::Opaque,
    joint: Joint::First,
    flags: 0,
    start: 0,
    end: 0,
    next: 0,
    parent: 0,
};

impl PartialEq for At<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.script.tree, other.script.tree)
    }
}

impl Eq for At<'_> {}

impl<'a> At<'a> {
    pub(crate) fn node(self) -> &'a Node {
        self.script.tree.node(self.id).unwrap_or(&NOWHERE)
    }

    pub(crate) fn kind(self) -> Kind {
        self.node().kind
    }

    pub(crate) fn range(self) -> TextRange {
        self.node().range()
    }

    pub(crate) fn text(self) -> &'a str {
        self.script.slice(self.range())
    }

    /// The node around this one; `None` for the root.
    pub(crate) fn parent(self) -> Option<Self> {
        (self.id != 0).then(|| self.script.at(self.node().parent))
    }

    pub(crate) fn children(self) -> Children<'a> {
        Children {
            script: self.script,
            next: self.id + 1,
            end: self.node().next,
        }
    }

    /// Whether any node of these groups is in it, however deep.
    pub(crate) fn has_below(self, groups: u32) -> bool {
        let (first, end) = (self.id as usize + 1, self.node().next as usize);
        let below = self.script.tree.nodes.get(first..end).unwrap_or_default();
        below.iter().any(|node| node.kind.group() & groups != 0)
    }

    /// Its children of one group.
    pub(crate) fn children_of(self, group: u32) -> impl Iterator<Item = Self> + use<'a> {
        let mut children = if self.script.tree.has & group == 0 {
            Children::none(self.script)
        } else {
            self.children()
        };
        std::iter::from_fn(move || children.next_of(|node| node.kind.group() & group != 0))
    }

    pub(crate) fn child(self, wanted: impl Fn(Kind) -> bool) -> Option<Self> {
        self.children().find(|at| wanted(at.kind()))
    }
}

/// The children of a node in source order.
#[derive(Debug, Clone)]
pub(crate) struct Children<'a> {
    script: &'a Script<'a>,
    next: Id,
    end: Id,
}

impl<'a> Children<'a> {
    pub(crate) fn none(script: &'a Script<'a>) -> Self {
        Self {
            script,
            next: 0,
            end: 0,
        }
    }
}

impl<'a> Children<'a> {
    /// The next one of some kind.
    #[inline]
    fn next_of(&mut self, wanted: impl Fn(&Node) -> bool) -> Option<At<'a>> {
        while self.next < self.end {
            let id = self.next;
            let node = self.script.tree.node(id)?;
            self.next = node.next.max(id + 1);
            if wanted(node) {
                return Some(self.script.at(id));
            }
        }
        None
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = At<'a>;

    fn next(&mut self) -> Option<At<'a>> {
        if self.next >= self.end {
            return None;
        }
        let at = self.script.at(self.next);
        self.next = at.node().next.max(self.next + 1);
        Some(at)
    }
}

/// What every view can say of its place.
macro_rules! places {
    ($($view:ident),*) => {$(
        impl<'a> $view<'a> {
            /// Its range in the joined text.
            pub fn range(&self) -> TextRange {
                self.0.range()
            }

            /// Its text as written.
            pub fn text(&self) -> &'a str {
                self.0.text()
            }

            /// The range of the source that covers it.
            pub fn source_range(&self) -> TextRange {
                self.0.script.source_range(self.range())
            }

            /// The script that it belongs to.
            pub fn script(&self) -> &'a Script<'a> {
                self.0.script
            }
        }

        impl std::fmt::Debug for $view<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:?} {:?})", stringify!($view), self.range(), self.text())
            }
        }
    )*};
}
pub(crate) use places;

places!(
    List,
    Command,
    Simple,
    Assignment,
    Array,
    Redirection,
    HereDoc,
    CaseItem
);

/// Commands one after the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct List<'a>(pub(crate) At<'a>);

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListRole {
    /// The whole script.
    Root,
    /// What decides in `if`, `elif`, `while`, `until`.
    Condition,
    /// What is done: behind `then` or `do`, in a group, a subshell, a substitution, a case.
    Body,
    /// Behind `else`.
    Else,
}

impl<'a> List<'a> {
    /// What it is for.
    pub fn role(&self) -> ListRole {
        match self.0.kind() {
            Kind::List(role) => role,
            _ => ListRole::Body,
        }
    }

    /// The commands in order. `a && b | c; d` has four; [`Command::joint`] says how each
    /// follows the one before.
    pub fn commands(&self) -> impl Iterator<Item = Command<'a>> + use<'a> {
        self.0
            .children()
            .filter(|at| at.kind().is_command())
            .map(Command)
    }

    /// The command whose list this is; `None` for the root and in substitutions.
    pub fn owner(&self) -> Option<Command<'a>> {
        let parent = self.0.parent()?;
        match parent.kind() {
            Kind::CaseItem => parent.parent().map(Command),
            kind => kind.is_command().then_some(Command(parent)),
        }
    }
}

/// A command: simple, compound or opaque.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Command<'a>(pub(crate) At<'a>);

/// The kinds of [`Command`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandKind {
    /// A program or builtin with its arguments, or assignments alone.
    Simple,
    /// `( … )`: one list.
    Subshell,
    /// `{ …; }`: one list.
    Group,
    /// `if … fi`: conditions and bodies in turn, perhaps an else list.
    If,
    /// `for name in words; do … done`: one list.
    For,
    /// `for ((…;…;…)); do … done`: the expressions as one word, one list.
    ArithmeticFor,
    /// `while … done`: condition and body.
    While,
    /// `until … done`: condition and body.
    Until,
    /// `case word in … esac`: see [`Command::case_items`].
    Case,
    /// `select name in words; do … done`: one list.
    Select,
    /// `name() …` or `function name …`: see [`Command::function_body`].
    Function,
    /// `[[ … ]]`: words in a row.
    Test,
    /// `(( … ))`: the expression as one word.
    Arithmetic,
    /// Not understood: a stray keyword, a text in another language, a text nested too deep.
    Opaque,
}

impl<'a> Command<'a> {
    /// What it is.
    pub fn kind(&self) -> CommandKind {
        match self.0.kind() {
            Kind::Simple => CommandKind::Simple,
            Kind::Subshell => CommandKind::Subshell,
            Kind::Group => CommandKind::Group,
            Kind::If => CommandKind::If,
            Kind::For => CommandKind::For,
            Kind::ArithmeticFor => CommandKind::ArithmeticFor,
            Kind::While => CommandKind::While,
            Kind::Until => CommandKind::Until,
            Kind::Case => CommandKind::Case,
            Kind::Select => CommandKind::Select,
            Kind::Function => CommandKind::Function,
            Kind::Test => CommandKind::Test,
            Kind::ArithmeticCommand => CommandKind::Arithmetic,
            _ => CommandKind::Opaque,
        }
    }

    /// It as a simple command, if it is one.
    pub fn simple(&self) -> Option<Simple<'a>> {
        (self.0.kind() == Kind::Simple).then_some(Simple(self.0))
    }

    /// The `|` or `|&` before it, in the joined text; `None` where another joint or a comment is.
    pub fn pipe(&self) -> Option<TextRange> {
        let start = usize::from(self.range().start());
        let before = self.script().text().get(..start)?;
        let before = before.trim_end_matches([' ', '\t', '\n']);
        let operator = match self.joint() {
            Joint::Pipe => "|",
            Joint::PipeBoth => "|&",
            _ => return None,
        };
        let start = before.strip_suffix(operator)?.len();
        let length = stagecraft_text::size(operator.len());
        Some(TextRange::at(stagecraft_text::size(start), length))
    }

    /// How it follows the command before it in its list.
    pub fn joint(&self) -> Joint {
        self.0.node().joint
    }

    /// Whether `!` stands before it, and so negates its pipeline.
    pub fn is_negated(&self) -> bool {
        self.0.node().has(flag::NEGATED)
    }

    /// Whether the reserved word `time` stands before it (bash only; elsewhere `time` is a
    /// command).
    pub fn is_timed(&self) -> bool {
        self.0.node().has(flag::TIMED)
    }

    /// Whether `&` stands behind it.
    pub fn is_background(&self) -> bool {
        self.0.node().has(flag::BACKGROUND)
    }

    /// The lists of a compound command in order.
    pub fn lists(&self) -> impl Iterator<Item = List<'a>> + use<'a> {
        self.0
            .children()
            .filter(|at| matches!(at.kind(), Kind::List(_)))
            .map(List)
    }

    /// The words of a compound command: those behind `in` of a loop, those of `[[ ]]`, the
    /// expression of `(( ))` and of `for (( ))`. For a simple command as [`Simple::words`].
    pub fn words(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        let simple = self.0.kind() == Kind::Simple;
        self.0
            .children()
            .filter(move |at| is_word(*at, simple) && (simple || !at.node().has(flag::LEADING)))
            .map(Word)
    }

    /// The variable of a loop, the word that a `case` looks at, the name of a function or of a
    /// simple command.
    pub fn leading_word(&self) -> Option<Word<'a>> {
        self.0
            .children()
            .find(|at| at.kind() == Kind::Word && at.node().has(flag::LEADING))
            .map(Word)
    }

    /// What stands between `[[` and `]]`.
    pub fn test_items(&self) -> impl Iterator<Item = TestItem<'a>> + use<'a> {
        let test = self.0.kind() == Kind::Test;
        self.0.children().filter_map(move |at| match at.kind() {
            Kind::Word if test => Some(TestItem::Word(Word(at))),
            Kind::Operator => Some(TestItem::Operator(at.range())),
            _ => None,
        })
    }

    /// The branches of a `case`.
    pub fn case_items(&self) -> impl Iterator<Item = CaseItem<'a>> + use<'a> {
        self.0
            .children()
            .filter(|at| at.kind() == Kind::CaseItem)
            .map(CaseItem)
    }

    /// The body of a function.
    pub fn function_body(&self) -> Option<Command<'a>> {
        self.0.child(Kind::is_command).map(Command)
    }

    /// Its redirections in order.
    pub fn redirections(&self) -> impl Iterator<Item = Redirection<'a>> + use<'a> {
        self.0.children_of(group::REDIRECTION).map(Redirection)
    }

    /// The assignments in it, however deep.
    pub fn assignments(&self) -> impl Iterator<Item = Assignment<'a>> + use<'a> {
        let (script, end) = (self.0.script, self.0.node().next);
        (self.0.id..end)
            .map(move |id| script.at(id))
            .filter(|at| at.kind() == Kind::Assignment)
            .map(Assignment)
    }

    /// Whether an expansion or an assignment stands in it, however deep.
    pub fn varies(&self) -> bool {
        self.0.has_below(group::EXPANSION | group::ASSIGNMENT)
    }

    /// The list that it stands in; `None` for the body of a function.
    pub fn list(&self) -> Option<List<'a>> {
        let parent = self.0.parent()?;
        matches!(parent.kind(), Kind::List(_)).then_some(List(parent))
    }

    /// The next command of its list.
    pub fn next(&self) -> Option<Command<'a>> {
        let end = self.0.parent()?.node().next;
        Children {
            script: self.0.script,
            next: self.0.node().next,
            end,
        }
        .find(|at| at.kind().is_command())
        .map(Command)
    }

    /// The compound commands around it, innermost first. Goes out of substitutions too.
    pub fn enclosing(&self) -> impl Iterator<Item = Command<'a>> + use<'a> {
        std::iter::successors(self.0.parent(), |at| at.parent())
            .filter(|at| at.kind().is_command())
            .map(Command)
    }
}

/// A piece of `[[ … ]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestItem<'a> {
    /// An operand, or an operator that looks like a word: `-f`, `==`, `=~`.
    Word(Word<'a>),
    /// `&&`, `||`, `!`, `(`, `)`, `<` or `>`.
    Operator(TextRange),
}

/// Whether the node is a word; `export a=b` has assignments among its words.
fn is_word(at: At<'_>, simple: bool) -> bool {
    match at.kind() {
        Kind::Word => true,
        Kind::Assignment => simple && at.node().has(flag::ARGUMENT),
        _ => false,
    }
}

/// A simple command: assignments, a name, arguments and redirections, each of them optional.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Simple<'a>(pub(crate) At<'a>);

impl<'a> Simple<'a> {
    /// It as a command.
    pub fn command(&self) -> Command<'a> {
        Command(self.0)
    }

    /// Whether a command or a process is substituted anywhere in it.
    pub fn substitutes(&self) -> bool {
        self.0.script.substitutes() && self.0.has_below(group::SUBSTITUTION)
    }

    /// The assignments before its name: `a=b cmd`. Those among the arguments of `export` and its
    /// like are words; see [`Word::assignment`].
    pub fn assignments(&self) -> impl Iterator<Item = Assignment<'a>> + use<'a> {
        self.0
            .children_of(group::ASSIGNMENT)
            .filter(|at| !at.node().has(flag::ARGUMENT))
            .map(Assignment)
    }

    /// The name and the arguments in order.
    pub fn words(&self) -> Words<'a> {
        Words(self.0.children())
    }

    /// What is called: the first word.
    pub fn name(&self) -> Option<Word<'a>> {
        self.words().next()
    }

    /// The words behind the name.
    pub fn arguments(&self) -> Words<'a> {
        let mut words = self.words();
        words.next();
        words
    }

    /// Its redirections in order.
    pub fn redirections(&self) -> impl Iterator<Item = Redirection<'a>> + use<'a> {
        self.command().redirections()
    }
}

/// Words of a simple command in order.
#[derive(Clone)]
pub struct Words<'a>(Children<'a>);

impl<'a> Words<'a> {
    /// Those behind `word`, which is one of a simple command.
    pub(crate) fn behind(word: Word<'a>) -> Self {
        Self(Children {
            script: word.0.script,
            next: word.0.node().next,
            end: word.around().node().next,
        })
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let word = |node: &Node| match node.kind {
            Kind::Word => true,
            Kind::Assignment => node.has(flag::ARGUMENT),
            _ => false,
        };
        self.0.next_of(word).map(Word)
    }
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// `name=value`, `name+=value`, `name[subscript]=value` or `name=(…)`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'a>(pub(crate) At<'a>);

impl<'a> Assignment<'a> {
    /// The variable; empty for an element `[key]=value` of an array.
    pub fn name(&self) -> &'a str {
        self.0.script.slice(self.name_range())
    }

    /// Where the variable's name is.
    pub fn name_range(&self) -> TextRange {
        let range = self.range();
        let mut text = self.text().bytes();
        let end = text.position(|byte| matches!(byte, b'=' | b'+' | b'['));
        let end = end.unwrap_or(0);
        TextRange::at(range.start(), stagecraft_text::size(end))
    }

    /// Whether it adds to what is there: `+=`.
    pub fn is_append(&self) -> bool {
        self.0.node().has(flag::APPEND)
    }

    /// Whether it is an argument of `export` or its like.
    pub fn is_argument(&self) -> bool {
        self.0.node().has(flag::ARGUMENT)
    }

    /// What stands between the brackets.
    pub fn subscript(&self) -> Option<Word<'a>> {
        let first = self.0.children().next()?;
        self.0.node().has(flag::SUBSCRIPT).then_some(Word(first))
    }

    /// The value; `None` where it is an array. Empty for `a=`.
    pub fn value(&self) -> Option<Word<'a>> {
        self.last(Kind::Word).map(Word)
    }

    /// The array that it assigns.
    pub fn array(&self) -> Option<Array<'a>> {
        self.last(Kind::Array).map(Array)
    }

    fn last(&self, kind: Kind) -> Option<At<'a>> {
        let skip = usize::from(self.0.node().has(flag::SUBSCRIPT));
        let at = self.0.children().nth(skip)?;
        (at.kind() == kind).then_some(at)
    }
}

/// `( … )` behind an assignment's `=`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Array<'a>(pub(crate) At<'a>);

impl<'a> Array<'a> {
    /// The elements that are plain words.
    pub fn words(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        self.0
            .children()
            .filter(|at| at.kind() == Kind::Word)
            .map(Word)
    }

    /// The elements that say their key: `[key]=value`.
    pub fn assignments(&self) -> impl Iterator<Item = Assignment<'a>> + use<'a> {
        self.0
            .children()
            .filter(|at| at.kind() == Kind::Assignment)
            .map(Assignment)
    }
}

/// `2>file`, `<<EOF` and so on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redirection<'a>(pub(crate) At<'a>);

/// The operators of [`Redirection`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectOp {
    /// `<`
    Read,
    /// `>`
    Write,
    /// `>>`
    Append,
    /// `>|`
    Clobber,
    /// `<>`
    ReadWrite,
    /// `<&`
    DuplicateIn,
    /// `>&`
    DuplicateOut,
    /// `&>`
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<<`
    HereDoc,
    /// `<<-`
    HereDocStripped,
    /// `<<<`
    HereString,
}

impl RedirectOp {
    /// Whether a file is opened for writing.
    pub fn writes(self) -> bool {
        matches!(
            self,
            Self::Write
                | Self::Append
                | Self::Clobber
                | Self::ReadWrite
                | Self::WriteBoth
                | Self::AppendBoth
        )
    }
}

impl<'a> Redirection<'a> {
    /// The operator.
    pub fn op(&self) -> RedirectOp {
        match self.0.kind() {
            Kind::Redirect(op) => op,
            _ => RedirectOp::Read,
        }
    }

    /// The file descriptor before the operator; where there is none the operator's own
    /// (0 or 1). `None` for `{name}>` and for a number that no descriptor can have.
    pub fn descriptor(&self) -> Option<u32> {
        let digits = self.text().trim_start_matches(|c: char| c.is_ascii_digit());
        let written = self.text().strip_suffix(digits).unwrap_or_default();
        if !written.is_empty() {
            return written.parse().ok();
        }
        match self.op() {
            _ if digits.starts_with('{') => None,
            RedirectOp::Read
            | RedirectOp::ReadWrite
            | RedirectOp::DuplicateIn
            | RedirectOp::HereDoc
            | RedirectOp::HereDocStripped
            | RedirectOp::HereString => Some(0),
            _ => Some(1),
        }
    }

    /// The command that it belongs to.
    pub fn command(&self) -> Option<Command<'a>> {
        let around = self.0.parent()?;
        around.kind().is_command().then_some(Command(around))
    }

    /// The word behind the operator; the delimiter of a here-document.
    pub fn target(&self) -> Option<Word<'a>> {
        self.0.child(|kind| kind == Kind::Word).map(Word)
    }

    /// The lines of a here-document, where they are in the text.
    pub fn here_doc(&self) -> Option<HereDoc<'a>> {
        let all = &self.0.script.tree.here_docs;
        let at = all
            .binary_search_by_key(&self.0.id, |&(redirect, _)| redirect)
            .ok()?;
        let &(_, body) = all.get(at)?;
        Some(HereDoc(self.0.script.at(body)))
    }
}

/// The lines of a here-document, without the delimiter's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HereDoc<'a>(pub(crate) At<'a>);

impl<'a> HereDoc<'a> {
    /// Whether tabs at the start of a line do not count: `<<-`.
    pub fn strips_tabs(&self) -> bool {
        self.0.node().has(flag::STRIP)
    }

    /// Whether nothing is expanded: `<<'EOF'`.
    pub fn is_raw(&self) -> bool {
        self.0.node().has(flag::RAW)
    }

    /// Literal text and expansions.
    pub fn parts(&self) -> Parts<'a> {
        inner_parts(self.0)
    }

    /// What the command reads, where that is known.
    pub fn as_static(&self) -> Option<Cow<'a, str>> {
        let value = crate::value::parts_value(self.parts())?;
        if !self.strips_tabs() {
            return Some(value);
        }
        let lines = value.split_inclusive('\n');
        Some(Cow::Owned(
            lines.map(|line| line.trim_start_matches('\t')).collect(),
        ))
    }
}

/// A branch of a `case`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CaseItem<'a>(pub(crate) At<'a>);

impl<'a> CaseItem<'a> {
    /// The patterns.
    pub fn patterns(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        self.0
            .children()
            .filter(|at| at.kind() == Kind::Word)
            .map(Word)
    }

    /// What is done.
    pub fn body(&self) -> Option<List<'a>> {
        self.0.child(|kind| matches!(kind, Kind::List(_))).map(List)
    }
}

#[cfg(test)]
mod tests {
    use CommandKind::{If, Subshell};
    use stagecraft_text::{Segment, SourceMap};

    use super::*;
    use crate::testing::with_script;

    #[test]
    fn a_place_in_the_source_covers_the_continuations_that_docker_took_out() {
        // Source: "a b\\<newline>c"; Docker joins the lines.
        let text = "a bc";
        let segment = |at: u32, source: u32| Segment {
            at: at.into(),
            source: source.into(),
        };
        let segments = [segment(0, 0), segment(3, 5)];
        let tree = Tree::parse(text, Dialect::Posix);
        let script = tree.script(Joined {
            text,
            map: SourceMap::new(&segments),
        });
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        let words: Vec<_> = script.words().map(|word| word.source_range()).collect();
        assert_eq!(words, [range(0, 1), range(2, 6)]);
    }

    #[test]
    fn commands_know_what_is_around_and_behind_them() {
        with_script("if a; then (b; c); fi", |script| {
            let commands: Vec<_> = script.commands().collect();
            let kinds: Vec<_> = commands.iter().map(Command::kind).collect();
            assert_eq!(
                kinds,
                [
                    If,
                    CommandKind::Simple,
                    Subshell,
                    CommandKind::Simple,
                    CommandKind::Simple
                ]
            );
            let b = commands[3];
            assert_eq!(b.next(), Some(commands[4]));
            assert_eq!(commands[4].next(), None);
            let around: Vec<_> = b.enclosing().collect();
            assert_eq!(around, [commands[2], commands[0]]);
            let list = b.list().unwrap();
            assert_eq!(
                (list.role(), list.owner()),
                (ListRole::Body, Some(commands[2]))
            );
            assert_eq!(script.root().owner(), None);
        });
    }

    #[test]
    fn an_assignment_knows_its_name_wherever_it_stands() {
        with_script("a=1 b[2]+=3; export c=$d e; f=([g]=h)", |script| {
            let names: Vec<_> = script
                .assignments()
                .map(|it| (it.name(), it.is_append(), it.is_argument()))
                .collect();
            assert_eq!(
                names,
                [
                    ("a", false, false),
                    ("b", true, false),
                    ("c", false, true),
                    ("f", false, false),
                    ("", false, false),
                ]
            );
        });
    }

    #[test]
    fn comments_are_kept() {
        with_script("# a\nb # c\n$(d # e\n)", |script| {
            let comments: Vec<_> = script.comments().map(|it| script.slice(it)).collect();
            assert_eq!(comments, ["# a", "# c", "# e"]);
        });
    }

    #[test]
    fn a_descriptor_is_that_of_the_operator_where_none_is_written() {
        with_script("a <b >c 2>d {e}>f 99999999999>g", |script| {
            let descriptors: Vec<_> = script.redirections().map(|it| it.descriptor()).collect();
            assert_eq!(descriptors, [Some(0), Some(1), Some(2), None, None]);
        });
    }

    #[test]
    fn a_tree_with_another_text_gives_nonsense_but_no_panic() {
        let tree = Tree::parse("a \"$b\" 'c' ${d:-e} <<F\nx\nF", Dialect::Bash);
        for text in ["", "é", "ééééééééééééééé"] {
            let script = tree.script(Joined::identity(text));
            for word in script.words() {
                let _ = (word.text(), word.as_static(), word.static_prefix());
            }
            for part in script.expansions() {
                let _ = part.parameter().map(|it| it.name());
            }
            assert!(
                script
                    .simple_commands()
                    .all(|(it, _)| it.text().len() <= text.len())
            );
        }
    }
}
