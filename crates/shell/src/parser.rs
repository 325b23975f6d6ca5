//! Text to tree: recursive descent over bytes, one pass, no tokens kept.
//!
//! Three things keep it total and linear on any input:
//!
//! - every loop that reads commands or parts takes at least one byte in each turn;
//! - what can nest counts its depth, and behind [`MAX_DEPTH`] the rest of the region is opaque;
//! - the few places that must look ahead (`((`, `{a,b}`, `[a-z]`, subscripts) pay for each byte
//!   out of a purse that is a small multiple of the text's length. When it is empty they take
//!   the reading that needs no look ahead.

mod commands;
mod expansions;
mod here_docs;
mod patterns;
mod words;

use stagecraft_text::{TextRange, TextSize, sort};

use crate::node::{Id, Joint, Kind, Node, Tree, flag, group};
use crate::note::{Construct, NoteKind};
use crate::{Dialect, ListRole};
use here_docs::Pending;
pub(crate) use words::is_name_byte;

/// How many constructs may be open inside of each other. A script that a person wrote has fewer
/// than 20; the limit keeps the stack of a wasm page small.
const MAX_DEPTH: u32 = 200;

/// Reads `text` as a script.
pub(crate) fn parse(text: &str, dialect: Dialect) -> Tree {
    // Places are 32 bits wide; what lies behind them is not read.
    let end = text.floor_char_boundary(u32::MAX as usize);
    let text = text.as_bytes().get(..end).unwrap_or_default();
    let mut parser = Parser {
        text,
        input: text,
        pos: 0,
        tree: Tree {
            dialect,
            has: 0,
            marked: Vec::new(),
            // As many as ordinary scripts need, so that the arena is allocated once.
            nodes: Vec::with_capacity(text.len() / 5 + 8),
            here_docs: Vec::new(),
            notes: Vec::new(),
        },
        current: 0,
        depth: 0,
        closers: Closers::NONE,
        pending: Vec::new(),
        pending_base: 0,
        purse: text.len().saturating_mul(4).saturating_add(1024),
        no_bracket_before: 0,
        bracket_before: 0,
        no_brace_before: 0,
    };
    parser.script();
    sort(&mut parser.tree.here_docs);
    parser.tree
}

struct Parser<'t> {
    text: &'t [u8],
    /// The text up to the end of the region that is being read.
    input: &'t [u8],
    pos: usize,
    tree: Tree,
    /// The innermost open node.
    current: Id,
    depth: u32,
    closers: Closers,
    /// Here-documents whose lines come after the next line feed.
    pending: Vec<Pending>,
    /// Those before this one belong to the command around a command substitution.
    pending_base: usize,
    /// Bytes that may yet be looked at in advance.
    purse: usize,
    /// Up to here no `]` is to be found.
    no_bracket_before: usize,
    /// Up to here a `]` is to be found, with quotes or expansions before it.
    bracket_before: usize,
    /// Up to here no `}` is to be found.
    no_brace_before: usize,
}

/// The tokens that end the list that is being read, or one around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Closers(u16);

impl Closers {
    const NONE: Self = Self(0);
    const PARENTHESIS: Self = Self(1);
    const BRACE: Self = Self(1 << 1);
    const THEN: Self = Self(1 << 2);
    const ELIF: Self = Self(1 << 3);
    const ELSE: Self = Self(1 << 4);
    const FI: Self = Self(1 << 5);
    const DO: Self = Self(1 << 6);
    const DONE: Self = Self(1 << 7);
    const ESAC: Self = Self(1 << 8);
    /// `;;`, `;&` and `;;&`
    const CASE_END: Self = Self(1 << 9);

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A word with a meaning of its own where a command can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reserved {
    Bang,
    Time,
    OpenBrace,
    OpenTest,
    If,
    For,
    While,
    Until,
    Case,
    Select,
    Function,
    /// Ends a list; one of the closers.
    Closer(Closers),
}

impl<'t> Parser<'t> {
    fn script(&mut self) {
        let root = self.open(Kind::List(ListRole::Root));
        if self.tree.dialect == Dialect::Opaque {
            self.opaque_command();
        } else {
            self.commands();
        }
        self.pos = self.text.len();
        for pending in std::mem::take(&mut self.pending) {
            self.tree.note(NoteKind::MissingHereDoc, pending.range());
        }
        self.close(root);
        if let Some(node) = self.tree.nodes.first_mut() {
            // The root is the whole text.
            node.start = 0;
        }
    }

    // Looking.

    fn peek(&self) -> Option<u8> {
        self.input.get(self.pos).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.input.get(self.pos + ahead).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.input.get(self.pos..).unwrap_or_default()
    }

    /// Where the character that starts here ends.
    fn char_end(&self) -> usize {
        let more = self.rest().iter().skip(1);
        let end = self.pos + 1 + more.take_while(|&&b| b & 0xC0 == 0x80).count();
        end.min(self.text.len())
    }

    fn slice(&self, start: usize, end: usize) -> &'t [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// What may be looked at in advance from `place` on. Whoever looks also pays.
    fn ahead(&self, place: usize) -> &'t [u8] {
        let rest = self.input.get(place..).unwrap_or_default();
        rest.get(..self.purse).unwrap_or(rest)
    }

    /// Takes the bytes that were looked at out of the purse.
    fn pay(&mut self, bytes: usize) {
        self.purse = self.purse.saturating_sub(bytes);
    }

    /// Runs `read` on the text up to `end` only, and goes on behind it.
    fn within<T>(&mut self, end: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let input = self.input;
        self.input = input.get(..end).unwrap_or(input);
        let result = read(self);
        self.input = input;
        self.pos = end;
        result
    }

    // Building.

    /// Adds a node from `start` to here.
    #[inline]
    fn add(&mut self, kind: Kind, start: usize, flags: u8) -> Id {
        let id = offset(self.tree.nodes.len());
        if kind.group() != 0 {
            self.in_group(id, kind.group());
        }
        self.tree.nodes.push(Node {
            kind,
            joint: Joint::First,
            flags,
            start: offset(start),
            end: offset(self.pos),
            next: id + 1,
            parent: self.current,
        });
        id
    }

    /// Notes that a node belongs to a group, behind which no other does.
    fn in_group(&mut self, id: Id, group: u32) {
        let marked = &mut self.tree.marked;
        if marked.is_empty() {
            marked.reserve(self.text.len() / 16 + 4);
        }
        marked.push((id, group));
    }

    fn open(&mut self, kind: Kind) -> Id {
        let id = self.add(kind, self.pos, 0);
        self.current = id;
        id
    }

    /// Ends the open node `id` here.
    fn close(&mut self, id: Id) {
        self.close_at(id, self.pos);
    }

    fn close_at(&mut self, id: Id, end: usize) {
        self.close_marked(id, end, 0);
    }

    fn close_marked(&mut self, id: Id, end: usize, flags: u8) {
        let next = offset(self.tree.nodes.len());
        if let Some(node) = self.tree.nodes.get_mut(id as usize) {
            node.flags |= flags;
            node.end = offset(end).max(node.start);
            node.next = next;
            self.current = node.parent;
            self.tree.has |= node.kind.group();
        }
    }

    /// A node without children from `start` to here.
    fn leaf(&mut self, kind: Kind, start: usize) -> Id {
        self.leaf_marked(kind, start, 0)
    }

    fn leaf_marked(&mut self, kind: Kind, start: usize, flags: u8) -> Id {
        self.tree.has |= kind.group();
        self.add(kind, start, flags)
    }

    fn mark(&mut self, id: Id, flags: u8) {
        if let Some(node) = self.tree.nodes.get_mut(id as usize) {
            node.flags |= flags;
        }
    }

    fn rename(&mut self, id: Id, kind: Kind) {
        let group = kind.group();
        self.tree.has |= group;
        let node = self.tree.nodes.get_mut(id as usize);
        let before = node.map(|node| std::mem::replace(&mut node.kind, kind).group());
        match before {
            Some(0) => self.in_group(id, group),
            Some(before) if before != group => {
                let marked = &mut self.tree.marked;
                let known = marked.binary_search_by_key(&id, |(id, _)| *id);
                if let Some(known) = known.ok().and_then(|at| marked.get_mut(at)) {
                    known.1 = group;
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, kind: NoteKind, start: usize, end: usize) {
        let range = TextRange::new(
            TextSize::new(offset(start)),
            TextSize::new(offset(end.max(start))),
        );
        self.tree.note(kind, range);
    }

    /// Runs `read` one level deeper, or makes the rest of the region a leaf of kind `opaque`;
    /// whether it did run.
    fn deeper(&mut self, opaque: Kind, read: impl FnOnce(&mut Self)) -> bool {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            read(self);
            self.depth -= 1;
            true
        } else {
            let start = self.pos;
            self.pos = self.input.len();
            self.note(NoteKind::TooDeep, start, self.pos);
            self.leaf(opaque, start);
            false
        }
    }

    // Between the commands.

    /// Skips spaces, tabs and line continuations; gives the byte behind them.
    fn skip_blanks(&mut self) -> Option<u8> {
        let mut pos = self.pos;
        let next = loop {
            match self.input.get(pos) {
                Some(b' ' | b'\t') => pos += 1,
                Some(b'\\') if self.input.get(pos + 1) == Some(&b'\n') => pos += 2,
                next => break next.copied(),
            }
        };
        self.pos = pos;
        next
    }

    /// Takes the comment that starts here, if one does.
    fn comment(&mut self) {
        if self.peek() == Some(b'#') {
            let start = self.pos;
            let rest = self.rest();
            self.pos += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            self.leaf(Kind::Comment, start);
        }
    }

    /// Skips everything that may stand before a command: blanks, comments, line feeds and the
    /// here-documents that follow them.
    fn skip_to_command(&mut self) {
        loop {
            match self.skip_blanks() {
                Some(b'#') => self.comment(),
                Some(b'\n') => self.newline(),
                _ => return,
            }
        }
    }

    /// This place, to go back to.
    fn place(&self) -> (usize, usize) {
        (self.pos, self.tree.nodes.len())
    }

    /// Goes back to `place`, if only blanks and line feeds were skipped since.
    fn back_to(&mut self, place: (usize, usize)) {
        if self.tree.nodes.len() == place.1 {
            self.pos = place.0;
        }
    }

    /// The reserved word that stands here, with its length.
    fn reserved(&self) -> Option<(Reserved, usize)> {
        const LONGEST: usize = 8;
        let rest = self.rest();
        // Most commands are told by the first two letters.
        match rest {
            [b'!' | b'{' | b'}' | b'[', ..]
            | [b'c', b'a', ..]
            | [b'd', b'o', ..]
            | [b'e', b'l' | b's', ..]
            | [b'f', b'i' | b'o' | b'u', ..]
            | [b'i', b'f', ..]
            | [b's', b'e', ..]
            | [b't', b'h' | b'i', ..]
            | [b'u', b'n', ..]
            | [b'w', b'h', ..] => {}
            _ => return None,
        }
        let near = rest.get(..=LONGEST).unwrap_or(rest);
        let length = near
            .iter()
            .position(|&b| words::is_meta(b))
            .unwrap_or(near.len());
        let bash = self.tree.dialect == Dialect::Bash;
        let reserved = match near.get(..length)? {
            b"!" => Reserved::Bang,
            b"time" if bash => Reserved::Time,
            b"{" => Reserved::OpenBrace,
            b"[[" => Reserved::OpenTest,
            b"if" => Reserved::If,
            b"for" => Reserved::For,
            b"while" => Reserved::While,
            b"until" => Reserved::Until,
            b"case" => Reserved::Case,
            b"select" => Reserved::Select,
            b"function" => Reserved::Function,
            b"}" => Reserved::Closer(Closers::BRACE),
            b"then" => Reserved::Closer(Closers::THEN),
            b"elif" => Reserved::Closer(Closers::ELIF),
            b"else" => Reserved::Closer(Closers::ELSE),
            b"fi" => Reserved::Closer(Closers::FI),
            b"do" => Reserved::Closer(Closers::DO),
            b"done" => Reserved::Closer(Closers::DONE),
            b"esac" => Reserved::Closer(Closers::ESAC),
            _ => return None,
        };
        Some((reserved, length))
    }

    /// Whether the reserved word `closer` stands here; takes it.
    fn take_closer(&mut self, closer: Closers) -> bool {
        match self.reserved() {
            Some((Reserved::Closer(found), length)) if found == closer => {
                self.pos += length;
                true
            }
            _ => false,
        }
    }

    /// The closer that stands here, with its length; reserved words as well as `)` and `;;`.
    fn closer(&self) -> Option<(Closers, usize)> {
        self.closer_of(self.reserved())
    }

    /// The same, where it is known which reserved word stands here.
    fn closer_of(&self, reserved: Option<(Reserved, usize)>) -> Option<(Closers, usize)> {
        match self.peek()? {
            b')' => Some((Closers::PARENTHESIS, 1)),
            b';' => match (self.peek_at(1), self.peek_at(2)) {
                (Some(b';'), Some(b'&')) => Some((Closers::CASE_END, 3)),
                (Some(b';'), _) => Some((Closers::CASE_END, 2)),
                (Some(b'&'), next) if next != Some(b'&') => Some((Closers::CASE_END, 2)),
                _ => None,
            },
            _ => match reserved? {
                (Reserved::Closer(closer), length) => Some((closer, length)),
                _ => None,
            },
        }
    }

    /// A list that ends at one of `closers`, which also end any list inside of it: a forgotten
    /// `fi` does not swallow the `done` behind it. Whether there is any command.
    fn list(&mut self, role: ListRole, closers: Closers) -> bool {
        self.skip_to_command();
        let outer = std::mem::replace(&mut self.closers, closers);
        let list = self.open(Kind::List(role));
        let any = self.commands();
        self.close(list);
        self.closers = outer;
        any
    }

    /// The commands up to a closer that is wanted; whether there are any.
    fn commands(&mut self) -> bool {
        let mut joint = Joint::First;
        // The operator that still wants a command.
        let mut waiting = None;
        let mut any = false;
        loop {
            self.skip_to_command();
            let Some(byte) = self.peek() else { break };
            let start = self.pos;
            let mut stray = false;
            let reserved = self.reserved();
            let command = if let Some((closer, length)) = self.closer_of(reserved) {
                if self.closers.has(closer) {
                    break;
                }
                self.pos += length;
                self.note(NoteKind::Unexpected, start, self.pos);
                let id = self.leaf(Kind::OpaqueCommand, start);
                self.join(id, joint, 0);
                stray = true;
                id
            } else if matches!(byte, b';' | b'|') || (byte == b'&' && self.peek_at(1) != Some(b'>'))
            {
                // An operator with nothing before it.
                self.pos += if self.peek_at(1) == Some(byte) { 2 } else { 1 };
                self.note(NoteKind::Unexpected, start, self.pos);
                continue;
            } else {
                self.command(joint, reserved)
            };
            any = true;
            waiting = None;
            self.skip_blanks();
            let start = self.pos;
            joint = self.separator(command, stray);
            if joint.is_chain() {
                waiting = Some((start, self.pos));
            }
        }
        if let Some((start, end)) = waiting {
            self.note(NoteKind::MissingCommand, start, end);
        }
        any
    }

    /// What stands behind `command`. Leaves line feeds and closers where they are. Nothing need
    /// stand there behind a `stray` token.
    fn separator(&mut self, command: Id, stray: bool) -> Joint {
        let (joint, length) = match (self.peek(), self.peek_at(1)) {
            (Some(b'&'), Some(b'&')) => (Joint::And, 2),
            (Some(b'|'), Some(b'|')) => (Joint::Or, 2),
            (Some(b'|'), Some(b'&')) => {
                self.tree.has |= group::PIPE | group::PIPE_BOTH;
                (Joint::PipeBoth, 2)
            }
            (Some(b'|'), _) => {
                self.tree.has |= group::PIPE;
                (Joint::Pipe, 1)
            }
            (Some(b'&'), _) => {
                self.mark(command, flag::BACKGROUND);
                (Joint::Ampersand, 1)
            }
            (Some(b'\n' | b'#'), _) => (Joint::Newline, 0),
            (Some(byte), _) if self.closer().is_none() => {
                if byte != b';' && !stray {
                    self.note(NoteKind::Unexpected, self.pos, self.char_end());
                }
                (Joint::Semicolon, usize::from(byte == b';'))
            }
            _ => (Joint::Semicolon, 0),
        };
        self.pos += length;
        joint
    }

    /// Sets how the command `id` follows the one before it.
    fn join(&mut self, id: Id, joint: Joint, flags: u8) {
        if let Some(node) = self.tree.nodes.get_mut(id as usize) {
            node.joint = joint;
            node.flags |= flags;
        }
    }

    /// A command that is the whole rest of the region.
    fn opaque_command(&mut self) {
        let start = self.pos;
        self.pos = self.input.len();
        if start < self.pos {
            self.leaf(Kind::OpaqueCommand, start);
        }
    }

    fn unclosed(&mut self, construct: Construct, start: usize, length: usize) {
        self.note(NoteKind::Unclosed(construct), start, start + length);
    }
}

/// A place as the tree stores it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the text is cut so that every place fits"
)]
fn offset(place: usize) -> u32 {
    place as u32
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_notes, dump};
    use crate::{Dialect, Note, Tree};

    #[test]
    fn an_empty_text_is_an_empty_list() {
        for text in ["", " ", "\n\n", "\\\n", "# only a comment"] {
            check(text, "");
            check_notes(text, &[]);
        }
    }

    #[test]
    fn commands_stand_in_a_row_with_what_joins_them() {
        check("a && b || c", "(a) && (b) || (c)");
        check("a | b |& c", "(a) | (b) |& (c)");
        check("a; b & c\nd", "(a); (b) & (c) ⏎ (d)");
        check("a &", "(a) &");
        check("a&&b||c;d&e|f", "(a) && (b) || (c); (d) & (e) | (f)");
    }

    #[test]
    fn a_command_may_follow_its_operator_on_the_next_line() {
        check("a &&\n\n# why\n b |\nc", "(a) && (b) | (c)");
    }

    #[test]
    fn a_bang_negates_the_pipeline_behind_it() {
        check("! a | b && ! c", "! (a) | (b) && ! (c)");
        check("! ! a", "(a)");
        check("!a", "(!a)");
    }

    #[test]
    fn time_is_a_reserved_word_in_bash_only() {
        check("time -p a | b", "time (a) | (b)");
        check("time { a; }", "time (group [(a)])");
        assert_eq!(dump("time -p a", Dialect::Posix), "(time -p a)");
    }

    #[test]
    fn a_comment_starts_at_the_start_of_a_word_and_ends_with_its_line() {
        check("a # b; c\nd", "(a) ⏎ (d)");
        check("a#b c", "(a#b c)");
        check("a;# b", "(a)");
        check("# a && b", "");
    }

    #[test]
    fn a_continued_line_is_one_line() {
        check("a \\\n  b\\\nc \\\n && d", "(a b·\\⏎·c) && (d)");
        check("a\\\n\\\n b", "(a b)");
        check("a\\\n", "(a)");
    }

    #[test]
    fn a_reserved_word_is_one_only_where_a_command_starts() {
        check("echo if then fi", "(echo if then fi)");
        check("'if' a", "('if' a)");
        check("ifx; {a; if=1", "(ifx); ({a); (if=1)");
        check("x=1 if", "(x=1 if)");
    }

    #[test]
    fn a_stray_closing_token_is_opaque_and_the_rest_is_read() {
        check(") a; fi; b", "(opaque )); (a); (opaque fi); (b)");
        check_notes("a; done; b ;; c", &["Unexpected done", "Unexpected ;;"]);
    }

    #[test]
    fn an_operator_without_a_command_is_noted_and_skipped() {
        check("; a && | b", "(a) && (b)");
        check_notes("; a && | b", &["Unexpected ;", "Unexpected |"]);
        check_notes("a &&", &["MissingCommand &&"]);
        check_notes("a | # nothing", &["MissingCommand |"]);
        check_notes("a && b &", &[]);
    }

    #[test]
    fn a_forgotten_closer_does_not_swallow_the_one_around_it() {
        check(
            "while a; do if b; then c; done; d",
            "(while [(a)] [(if [(b)] [(c)])]); (d)",
        );
        check_notes("while a; do if b; then c; done; d", &["Unclosed(If) if"]);
        check("(a; { b; ) ; c", "(subshell [(a); (group [(b)])]); (c)");
        check("x=$(if a; then b) c", "(x=$[(if [(a)] [(b)])] c)");
    }

    #[test]
    fn what_is_not_closed_reaches_to_the_end() {
        let cases: &[(&str, &str)] = &[
            ("a 'b c", "Unclosed(SingleQuote) '"),
            ("a \"b c", "Unclosed(DoubleQuote) \""),
            ("a $'b c", "Unclosed(SingleQuote) $'"),
            ("a `b c", "Unclosed(Backquote) `"),
            ("a $(b c", "Unclosed(Substitution) $("),
            ("a ${b:-c", "Unclosed(Parameter) ${"),
            ("( a", "Unclosed(Subshell) ("),
            ("{ a", "Unclosed(Group) {"),
            ("if a; then b", "Unclosed(If) if"),
            ("while a; do b", "Unclosed(Loop) while"),
            ("for a in b; do c", "Unclosed(Loop) for"),
            ("case a in b) c", "Unclosed(Case) case"),
            ("[[ a", "Unclosed(Test) [["),
            ("a=(b", "Unclosed(Parenthesis) ("),
        ];
        for (text, note) in cases {
            check_notes(text, &[note]);
        }
    }

    #[test]
    fn an_opaque_dialect_is_one_opaque_command() {
        let text = "if (Test-Path x) { rm y }";
        assert_eq!(dump(text, Dialect::Opaque), format!("(opaque {text})"));
        assert_eq!(dump("", Dialect::Opaque), "");
    }

    #[test]
    fn a_tree_keeps_its_first_notes_only() {
        assert_eq!(
            Tree::parse(&"fi;".repeat(1_000), Dialect::Bash)
                .notes()
                .len(),
            Note::LIMIT
        );
    }

    #[test]
    fn an_ordinary_script_is_read_without_growing_the_arena() {
        let text = "apt-get update && apt-get install -y --no-install-recommends git curl";
        let tree = Tree::parse(text, Dialect::Posix);
        assert_eq!(tree.nodes.capacity(), text.len() / 5 + 8);
    }
}
