//! The arena: one flat vector of plain nodes in source order.

use stagecraft_text::{Joined, TextRange, TextSize};

use crate::note::{Note, NoteKind};
use crate::{Dialect, ListRole, ParameterOp, PartKind, RedirectOp, Script, parser};

/// Index of a node; the root list is 0.
pub(crate) type Id = u32;

/// A node. Its children follow it in the arena, each reaching to the next one's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// How a command follows the one before it; `First` for all other nodes.
    pub(crate) joint: Joint,
    pub(crate) flags: u8,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Index just behind the last descendant: the next sibling, if the parent reaches so far.
    pub(crate) next: Id,
    pub(crate) parent: Id,
}

impl Node {
    pub(crate) fn range(&self) -> TextRange {
        TextRange::new(TextSize::new(self.start), TextSize::new(self.end))
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The bits of [`Node::flags`]; what they mean depends on the kind.
pub(crate) mod flag {
    // Commands.
    /// `!` before the pipeline that starts here.
    pub(crate) const NEGATED: u8 = 1;
    /// The reserved word `time` before the pipeline that starts here.
    pub(crate) const TIMED: u8 = 2;
    /// `&` behind this command.
    pub(crate) const BACKGROUND: u8 = 4;

    // Words.
    /// The first word of a command: its name, a loop's variable, what a `case` looks at.
    pub(crate) const LEADING: u8 = 1;
    /// All of its letters stand for themselves: its text is its value.
    pub(crate) const PLAIN: u8 = 2;

    // Parts of words.
    /// Inside of double quotes or of a here-document: the value is not split.
    pub(crate) const QUOTED: u8 = 1;
    /// `` `…` `` (a command substitution), `$[…]` (arithmetic), `$"…"` (double quotes).
    pub(crate) const OTHER_FORM: u8 = 2;
    /// What closes it is missing.
    pub(crate) const UNCLOSED: u8 = 4;
    /// A parameter's operator has a colon: `${x:-y}`.
    pub(crate) const COLON: u8 = 16;
    /// A parameter has `!` before its name.
    pub(crate) const INDIRECT: u8 = 32;
    /// A parameter has a subscript, its first child.
    pub(crate) const SUBSCRIPT: u8 = 64;

    // Assignments.
    /// `+=`
    pub(crate) const APPEND: u8 = 1;
    /// An argument (`export a=b`), not a prefix of the command.
    pub(crate) const ARGUMENT: u8 = 2;

    // Here-documents.
    /// `<<-`
    pub(crate) const STRIP: u8 = 1;
    /// The delimiter is quoted: nothing is expanded.
    pub(crate) const RAW: u8 = 2;
}

/// Kinds of nodes that many scripts have none of: whoever looks for one then need not walk the
/// tree.
pub(crate) mod group {
    use crate::{PartKind, PartKinds};

    pub(crate) const ASSIGNMENT: u32 = 1;
    pub(crate) const REDIRECTION: u32 = 1 << 1;
    pub(crate) const COMMENT: u32 = 1 << 2;
    /// A command that is not a simple one.
    pub(crate) const COMPOUND: u32 = 1 << 3;
    /// A command behind `|&`, whatever its kind.
    pub(crate) const PIPE_BOTH: u32 = 1 << 18;
    /// A `|`, and mostly a command behind it.
    pub(crate) const PIPE: u32 = 1 << 19;
    /// Of the first kind of parts; the others follow in their order.
    pub(crate) const FIRST_PART: u32 = 1 << 4;
    /// What has commands in it.
    pub(crate) const SUBSTITUTION: u32 =
        PartKinds::of(&[PartKind::CommandSubstitution, PartKind::ProcessSubstitution]).0;
    pub(crate) const EXPANSION: u32 = SUBSTITUTION
        | PartKinds::of(&[
            PartKind::Variable,
            PartKind::Parameter,
            PartKind::Arithmetic,
        ])
        .0;
    /// What makes the value of a word depend on more than the word.
    pub(crate) const NOT_STATIC: u32 = EXPANSION
        | PartKinds::of(&[
            PartKind::Glob,
            PartKind::Brace,
            PartKind::Tilde,
            PartKind::Opaque,
        ])
        .0;
    pub(crate) const PART: u32 = PartKinds::of(&PartKind::ALL).0;
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    List(ListRole),
    // Commands.
    Simple,
    Subshell,
    Group,
    If,
    For,
    ArithmeticFor,
    While,
    Until,
    Case,
    Select,
    Function,
    Test,
    ArithmeticCommand,
    OpaqueCommand,
    // Children of commands.
    CaseItem,
    Redirect(RedirectOp),
    Assignment,
    Array,
    Word,
    /// `&&`, `||`, `!`, `(`, `)`, `<`, `>` inside of `[[ ]]`.
    Operator,
    HereDoc,
    Comment,
    // Parts of words.
    Literal,
    Escape,
    SingleQuoted,
    AnsiQuoted,
    DoubleQuoted,
    Variable,
    Parameter(ParameterOp),
    CommandSubstitution,
    Arithmetic,
    ProcessSubstitution,
    Glob,
    Brace,
    Tilde,
    Opaque,
}

impl Kind {
    #[inline]
    pub(crate) fn is_command(self) -> bool {
        self == Self::Simple || self.group() == group::COMPOUND
    }

    /// Its bit of [`Tree::has`]; 0 where all scripts have such nodes.
    #[inline]
    pub(crate) fn group(self) -> u32 {
        match self {
            Self::Assignment => group::ASSIGNMENT,
            Self::Redirect(_) => group::REDIRECTION,
            Self::Comment => group::COMMENT,
            Self::Subshell
            | Self::Group
            | Self::If
            | Self::For
            | Self::ArithmeticFor
            | Self::While
            | Self::Until
            | Self::Case
            | Self::Select
            | Self::Function
            | Self::Test
            | Self::ArithmeticCommand
            | Self::OpaqueCommand => group::COMPOUND,
            Self::Literal => PartKind::Literal.group(),
            Self::Escape => PartKind::Escape.group(),
            Self::SingleQuoted => PartKind::SingleQuoted.group(),
            Self::AnsiQuoted => PartKind::AnsiQuoted.group(),
            Self::DoubleQuoted => PartKind::DoubleQuoted.group(),
            Self::Variable => PartKind::Variable.group(),
            Self::Parameter(_) => PartKind::Parameter.group(),
            Self::CommandSubstitution => PartKind::CommandSubstitution.group(),
            Self::Arithmetic => PartKind::Arithmetic.group(),
            Self::ProcessSubstitution => PartKind::ProcessSubstitution.group(),
            Self::Glob => PartKind::Glob.group(),
            Self::Brace => PartKind::Brace.group(),
            Self::Tilde => PartKind::Tilde.group(),
            Self::Opaque => PartKind::Opaque.group(),
            _ => 0,
        }
    }

    pub(crate) fn is_expansion(self) -> bool {
        self.group() & group::EXPANSION != 0
    }
}

/// How a command follows the one before it in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Joint {
    /// The first command of its list.
    #[default]
    First,
    /// `|`
    Pipe,
    /// `|&`: standard error goes into the pipe too.
    PipeBoth,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`, or nothing where the shell wants something
    Semicolon,
    /// A line feed.
    Newline,
    /// `&`: the commands before it go on in the background.
    Ampersand,
}

impl Joint {
    /// Whether this makes both sides parts of one pipeline.
    pub fn is_pipe(self) -> bool {
        matches!(self, Self::Pipe | Self::PipeBoth)
    }

    /// Whether this makes both sides parts of one `&&`/`||` chain (a pipe does too).
    pub fn is_chain(self) -> bool {
        matches!(self, Self::Pipe | Self::PipeBoth | Self::And | Self::Or)
    }
}

/// What a shell script is made of: an owned tree of places in a text. An ordinary one is two
/// allocations; notes and here-documents have one each.
///
/// The tree holds no text; [`Tree::script`] puts the two together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    pub(crate) dialect: Dialect,
    /// The groups that some node belongs to; see [`group`].
    pub(crate) has: u32,
    pub(crate) nodes: Vec<Node>,
    /// The nodes that belong to a group, in order, each with that: about every fourth.
    pub(crate) marked: Vec<(Id, u32)>,
    /// Redirection and body of each here-document, sorted by redirection.
    pub(crate) here_docs: Vec<(Id, Id)>,
    pub(crate) notes: Vec<Note>,
}

impl Tree {
    /// Reads `text`.
    ///
    /// Never fails, takes time in proportion to the length, and says what looks wrong in
    /// [`Tree::notes`].
    pub fn parse(text: &str, dialect: Dialect) -> Self {
        parser::parse(text, dialect)
    }

    /// The tree together with the text that it was parsed from.
    ///
    /// With any other text the answers are useless, but there is no panic.
    pub fn script<'a>(&'a self, source: Joined<'a>) -> Script<'a> {
        Script { tree: self, source }
    }

    /// The dialect that it was read as.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How many nodes it has, at 20 bytes each.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// What a shell would complain of, in the order in which we met it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    pub(crate) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(crate) fn note(&mut self, kind: NoteKind, range: TextRange) {
        if self.notes.len() < Note::LIMIT {
            self.notes.push(Note { kind, range });
        }
    }
}
