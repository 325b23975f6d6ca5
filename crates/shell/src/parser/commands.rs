//! Commands: simple and compound ones, redirections, assignments.

use crate::node::{Id, Joint, Kind, flag};
use crate::note::{Construct, NoteKind};
use crate::{Dialect, ListRole, RedirectOp};

use super::words::{Mode, is_meta, is_name_byte, is_name_start};
use super::{Closers, Parser, Reserved, offset};

/// What stands before the value of an assignment.
struct AssignmentHead {
    /// From `[` to behind `]`.
    subscript: Option<(usize, usize)>,
    append: bool,
    /// Behind the `=`.
    value: usize,
}

/// What the next word of a simple command is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// An assignment or the name of the command: only assignments and redirections so far.
    Name,
    /// An argument of `export` or its like, which may assign.
    Declaration,
    /// An argument.
    Argument,
}

/// Whether what stands between `((` and `))` can be arithmetic: two words in a row are a command
/// in a subshell of a subshell. The bytes are paid for.
fn is_expression(text: &[u8]) -> bool {
    let mut word = false;
    let mut blank = false;
    for &byte in text {
        match byte {
            b' ' | b'\t' | b'\n' => blank = true,
            b';' => return false,
            b'$' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                if word && blank {
                    return false;
                }
                word = true;
                blank = false;
            }
            _ => {
                word = false;
                blank = false;
            }
        }
    }
    true
}

impl Parser<'_> {
    /// The command that starts here, with its `!` and `time`; `reserved` is what
    /// [`Parser::reserved`] says of this place.
    pub(super) fn command(&mut self, joint: Joint, mut reserved: Option<(Reserved, usize)>) -> Id {
        let start = self.pos;
        let mut flags = 0;
        loop {
            match reserved {
                Some((Reserved::Bang, length)) => {
                    self.pos += length;
                    flags ^= flag::NEGATED;
                }
                Some((Reserved::Time, length)) => {
                    self.pos += length;
                    flags |= flag::TIMED;
                    self.skip_blanks();
                    while self.rest().starts_with(b"-p") && self.peek_at(2).is_none_or(is_meta) {
                        self.pos += 2;
                        self.skip_blanks();
                    }
                }
                _ => break,
            }
            if joint.is_pipe() {
                self.note(NoteKind::Unexpected, start, self.pos);
            }
            self.skip_blanks();
            reserved = self.reserved();
        }
        let id = offset(self.tree.nodes.len());
        self.deeper(Kind::OpaqueCommand, |parser| {
            parser.command_proper(reserved);
        });
        if self.pos == start {
            // Nothing that a command can start with; it must not stop us.
            self.pos = self.char_end();
            self.note(NoteKind::Unexpected, start, self.pos);
        }
        self.join(id, joint, flags);
        id
    }

    fn command_proper(&mut self, reserved: Option<(Reserved, usize)>) {
        let Some((reserved, length)) = reserved else {
            if self.peek() == Some(b'(') {
                match self.peek_at(1) {
                    Some(b'(') => match self.arithmetic_end(self.pos + 2) {
                        Some(end) if is_expression(self.slice(self.pos + 2, end)) => {
                            self.arithmetic_command(end);
                        }
                        _ => self.subshell(),
                    },
                    _ => self.subshell(),
                }
            } else {
                self.simple();
            }
            return;
        };
        match reserved {
            Reserved::OpenBrace => self.group(),
            Reserved::OpenTest => self.test(),
            Reserved::If => self.if_command(),
            Reserved::For => self.for_command(Kind::For, length),
            Reserved::Select => self.for_command(Kind::Select, length),
            Reserved::While => self.while_command(Kind::While),
            Reserved::Until => self.while_command(Kind::Until),
            Reserved::Case => self.case_command(),
            Reserved::Function => self.function_command(),
            // Behind a `!` or the head of a function.
            Reserved::Bang | Reserved::Time => self.simple(),
            Reserved::Closer(closer) => {
                let start = self.pos;
                if !self.closers.has(closer) {
                    self.pos += length;
                }
                self.note(NoteKind::Unexpected, start, start + length);
                self.leaf(Kind::OpaqueCommand, start);
            }
        }
    }

    // Simple commands.

    fn simple(&mut self) {
        let id = self.open(Kind::Simple);
        let mut end = self.pos;
        let mut next = Next::Name;
        while let Some(byte) = self.skip_blanks() {
            match byte {
                b'\n' | b';' | b'|' | b')' | b'#' => break,
                b'&' if self.peek_at(1) != Some(b'>') => break,
                b'(' => {
                    let head = self.is_function_head(id);
                    if head && self.function_tail(id) {
                        return;
                    }
                    self.opaque_parenthesis(if head {
                        NoteKind::FunctionParameters
                    } else {
                        NoteKind::Parenthesis
                    });
                    if next == Next::Name {
                        next = Next::Argument;
                    }
                }
                b'<' | b'>' | b'&' | b'0'..=b'9' | b'{' if self.redirection() => {}
                _ if next == Next::Argument => self.word(Mode::NORMAL),
                _ => next = self.assignment_or_word(next),
            }
            end = self.pos;
        }
        if end == self.tree.node(id).map_or(0, |node| node.start as usize) {
            self.note(NoteKind::MissingCommand, end, end);
        }
        self.pos = end;
        self.close(id);
    }

    /// Takes what starts here, where an assignment may; gives what comes next.
    fn assignment_or_word(&mut self, next: Next) -> Next {
        if let Some(head) = self.assignment_head() {
            let prefix = next == Next::Name;
            self.assignment(&head, if prefix { 0 } else { flag::ARGUMENT });
            return next;
        }
        if next != Next::Name {
            self.word(Mode::NORMAL);
            return next;
        }
        let start = self.pos;
        self.leading_word();
        match self.slice(start, self.pos) {
            b"export" | b"readonly" | b"local" | b"declare" | b"typeset" => Next::Declaration,
            _ => Next::Argument,
        }
    }

    /// A `(` that cannot be: it becomes one opaque word up to its `)`.
    fn opaque_parenthesis(&mut self, note: NoteKind) {
        let start = self.pos;
        self.note(note, start, start + 1);
        let word = self.open(Kind::Word);
        self.skip_parenthesis();
        self.leaf(Kind::Opaque, start);
        self.close(word);
    }

    /// Skips from a `(` to behind its `)`, with no understanding but of quotes.
    pub(super) fn skip_parenthesis(&mut self) {
        let start = self.pos;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            self.pos += 1;
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                b'\\' => self.pos = self.char_end().min(self.input.len()),
                b'\'' | b'"' => {
                    let rest = self.rest();
                    self.pos += match rest.iter().position(|&b| b == byte) {
                        Some(length) => length + 1,
                        None => rest.len(),
                    };
                }
                _ => {}
            }
        }
        self.unclosed(Construct::Parenthesis, start, 1);
    }

    // Redirections.

    /// Reads the redirection that starts here, if one does.
    fn redirection(&mut self) -> bool {
        let start = self.pos;
        let rest = self.rest();
        // A file descriptor, `{variable}` or nothing.
        let prefix = match rest.first() {
            Some(b'0'..=b'9') => rest.iter().take_while(|b| b.is_ascii_digit()).count(),
            Some(b'{') if rest.get(1).copied().is_some_and(is_name_start) => {
                let name = rest.iter().skip(1).take_while(|&&b| is_name_byte(b));
                let close = name.count() + 1;
                if rest.get(close) != Some(&b'}') {
                    return false;
                }
                close + 1
            }
            _ => 0,
        };
        let operator = rest.get(prefix..).unwrap_or_default();
        let (op, length) = match operator {
            [b'<' | b'>', b'(', ..] => return false,
            [b'<', b'<', b'<', ..] => (RedirectOp::HereString, 3),
            [b'<', b'<', b'-', ..] => (RedirectOp::HereDocStripped, 3),
            [b'<', b'<', ..] => (RedirectOp::HereDoc, 2),
            [b'<', b'&', ..] => (RedirectOp::DuplicateIn, 2),
            [b'<', b'>', ..] => (RedirectOp::ReadWrite, 2),
            [b'<', ..] => (RedirectOp::Read, 1),
            [b'>', b'>', ..] => (RedirectOp::Append, 2),
            [b'>', b'&', ..] => (RedirectOp::DuplicateOut, 2),
            [b'>', b'|', ..] => (RedirectOp::Clobber, 2),
            [b'>', ..] => (RedirectOp::Write, 1),
            [b'&', b'>', b'>', ..] if prefix == 0 => (RedirectOp::AppendBoth, 3),
            [b'&', b'>', ..] if prefix == 0 => (RedirectOp::WriteBoth, 2),
            _ => return false,
        };
        let id = self.open(Kind::Redirect(op));
        self.pos += prefix + length;
        let operator_end = self.pos;
        self.skip_blanks();
        let substitution = matches!(self.rest(), [b'<' | b'>', b'(', ..]);
        if self.peek().is_none_or(is_meta) && !substitution {
            self.pos = operator_end;
            self.note(NoteKind::MissingWord, start, operator_end);
        } else if matches!(op, RedirectOp::HereDoc | RedirectOp::HereDocStripped) {
            self.here_doc_delimiter(id, op == RedirectOp::HereDocStripped);
        } else {
            self.word(Mode::NORMAL);
        }
        self.close(id);
        true
    }

    /// The redirections of a compound command.
    fn redirections(&mut self) {
        loop {
            let end = self.pos;
            self.skip_blanks();
            let starts = matches!(self.peek(), Some(b'<' | b'>' | b'&' | b'0'..=b'9' | b'{'));
            if !starts || !self.redirection() {
                self.pos = end;
                return;
            }
        }
    }

    /// Closes the compound command `id` behind its redirections.
    fn close_compound(&mut self, id: Id) {
        self.redirections();
        self.close(id);
    }

    // Assignments.

    /// Whether an assignment starts here: a name, perhaps a subscript, `=` or `+=`.
    fn assignment_head(&mut self) -> Option<AssignmentHead> {
        let rest = self.rest();
        if !rest.first().copied().is_some_and(is_name_start) {
            return None;
        }
        let name = rest.iter().take_while(|&&b| is_name_byte(b)).count();
        let mut place = self.pos + name;
        let mut subscript = None;
        if rest.get(name) == Some(&b'[') {
            let end = self.subscript_end(place)?;
            subscript = Some((place, end));
            place = end;
        }
        self.assignment_operator(subscript, place)
    }

    /// The `=` or `+=` at `place`.
    fn assignment_operator(
        &self,
        subscript: Option<(usize, usize)>,
        place: usize,
    ) -> Option<AssignmentHead> {
        let (append, length) = match self.input.get(place..)? {
            [b'=', ..] => (false, 1),
            [b'+', b'=', ..] => (true, 2),
            _ => return None,
        };
        Some(AssignmentHead {
            subscript,
            append,
            value: place + length,
        })
    }

    fn assignment(&mut self, head: &AssignmentHead, flags: u8) {
        let id = self.open(Kind::Assignment);
        self.mark(id, flags);
        if head.append {
            self.mark(id, flag::APPEND);
        }
        if let Some((start, end)) = head.subscript {
            self.mark(id, flag::SUBSCRIPT);
            self.subscript(start, end);
        }
        self.pos = head.value;
        if self.peek() == Some(b'(') {
            self.array();
        } else {
            self.word(Mode::VALUE);
        }
        self.close(id);
    }

    /// `(…)` behind an assignment's `=`.
    fn array(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::Array);
        self.pos += 1;
        loop {
            self.skip_to_command();
            match self.rest() {
                [] => {
                    self.unclosed(Construct::Parenthesis, start, 1);
                    break;
                }
                [b')', ..] => {
                    self.pos += 1;
                    break;
                }
                [b'[', ..] => {
                    let end = self.subscript_end(self.pos);
                    let head =
                        end.and_then(|end| self.assignment_operator(Some((self.pos, end)), end));
                    match head {
                        Some(head) => self.assignment(&head, 0),
                        None => self.word(Mode::NORMAL),
                    }
                }
                [b'<' | b'>', b'(', ..] => self.word(Mode::NORMAL),
                &[byte, ..] if is_meta(byte) => {
                    let start = self.pos;
                    self.pos += 1;
                    self.note(NoteKind::Unexpected, start, self.pos);
                }
                _ => self.word(Mode::NORMAL),
            }
        }
        self.close(id);
    }

    // Compound commands.

    /// A list of the open compound command, which ends at `own` or at what ends a list around it.
    /// It must not be empty.
    fn inner_list(&mut self, role: ListRole, own: Closers) {
        if !self.list(role, self.closers.or(own)) {
            self.note(NoteKind::MissingCommand, self.pos, self.pos);
        }
    }

    fn subshell(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::Subshell);
        self.pos += 1;
        self.inner_list(ListRole::Body, Closers::PARENTHESIS);
        if self.peek() == Some(b')') {
            self.pos += 1;
        } else {
            self.unclosed(Construct::Subshell, start, 1);
        }
        self.close_compound(id);
    }

    fn group(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::Group);
        self.pos += 1;
        self.inner_list(ListRole::Body, Closers::BRACE);
        if !self.take_closer(Closers::BRACE) {
            self.unclosed(Construct::Group, start, 1);
        }
        self.close_compound(id);
    }

    fn arithmetic_command(&mut self, end: usize) {
        let id = self.open(Kind::ArithmeticCommand);
        self.arithmetic_word(end);
        self.close_compound(id);
    }

    /// The expression between `((` and the `))` at `end`.
    fn arithmetic_word(&mut self, end: usize) {
        self.pos += 2;
        self.within(end, |parser| parser.word(Mode::ARITHMETIC));
        self.pos += 2;
    }

    fn if_command(&mut self) {
        const OWN: Closers = Closers::THEN
            .or(Closers::ELIF)
            .or(Closers::ELSE)
            .or(Closers::FI);
        let start = self.pos;
        let id = self.open(Kind::If);
        self.pos += 2;
        loop {
            let keyword = self.pos;
            self.inner_list(ListRole::Condition, OWN);
            if self.take_closer(Closers::THEN) {
                self.inner_list(ListRole::Body, OWN);
            } else {
                self.note(NoteKind::MissingKeyword, start, keyword);
            }
            if !self.take_closer(Closers::ELIF) {
                break;
            }
        }
        if self.take_closer(Closers::ELSE) {
            self.inner_list(ListRole::Else, OWN);
        }
        if !self.take_closer(Closers::FI) {
            self.unclosed(Construct::If, start, 2);
        }
        self.close_compound(id);
    }

    fn while_command(&mut self, kind: Kind) {
        let start = self.pos;
        let id = self.open(kind);
        self.pos += 5;
        self.inner_list(ListRole::Condition, Closers::DO.or(Closers::DONE));
        self.loop_body(start, 5);
        self.close_compound(id);
    }

    /// `do … done`, or `{ … }`; the loop's keyword is `length` bytes at `start`.
    fn loop_body(&mut self, start: usize, length: usize) {
        if self.take_closer(Closers::DO) {
            self.inner_list(ListRole::Body, Closers::DONE);
            if !self.take_closer(Closers::DONE) {
                self.unclosed(Construct::Loop, start, length);
            }
        } else if let Some((Reserved::OpenBrace, _)) = self.reserved() {
            self.pos += 1;
            self.inner_list(ListRole::Body, Closers::BRACE);
            if !self.take_closer(Closers::BRACE) {
                self.unclosed(Construct::Loop, start, length);
            }
        } else {
            self.note(NoteKind::MissingKeyword, start, start + length);
            self.take_closer(Closers::DONE);
        }
    }

    fn for_command(&mut self, kind: Kind, length: usize) {
        let start = self.pos;
        let id = self.open(kind);
        self.pos += length;
        let keyword_end = self.pos;
        self.skip_blanks();
        if kind == Kind::For && self.rest().starts_with(b"((") {
            self.rename(id, Kind::ArithmeticFor);
            if let Some(end) = self.arithmetic_end(self.pos + 2) {
                self.arithmetic_word(end);
            } else {
                self.opaque_parenthesis(NoteKind::Parenthesis);
            }
        } else if self.peek().is_none_or(is_meta) {
            self.pos = keyword_end;
            self.note(NoteKind::MissingWord, start, keyword_end);
            self.close(id);
            return;
        } else {
            self.leading_word();
            let end = self.place();
            self.skip_to_command();
            if self.take_keyword(b"in") {
                self.words();
            } else if self.peek().is_none() {
                self.back_to(end);
            }
        }
        let end = self.place();
        self.skip_blanks();
        if self.peek() == Some(b';') && self.closer().is_none() {
            self.pos += 1;
        }
        self.skip_to_command();
        if self.peek().is_none() {
            self.back_to(end);
        }
        self.loop_body(start, length);
        self.close_compound(id);
    }

    /// Words up to the end of the line or an operator.
    fn words(&mut self) {
        loop {
            let end = self.pos;
            self.skip_blanks();
            match self.rest() {
                [b'<' | b'>', b'(', ..] => self.word(Mode::NORMAL),
                [b'(', ..] => self.opaque_parenthesis(NoteKind::Parenthesis),
                &[byte, ..] if !is_meta(byte) && byte != b'#' => self.word(Mode::NORMAL),
                _ => {
                    self.pos = end;
                    return;
                }
            }
        }
    }

    /// Takes a keyword that is reserved at this place only.
    fn take_keyword(&mut self, keyword: &[u8]) -> bool {
        let found =
            self.rest().starts_with(keyword) && self.peek_at(keyword.len()).is_none_or(is_meta);
        if found {
            self.pos += keyword.len();
        }
        found
    }

    fn case_command(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::Case);
        self.pos += 4;
        let keyword_end = self.pos;
        self.skip_blanks();
        if self.peek().is_none_or(is_meta) {
            self.pos = keyword_end;
            self.note(NoteKind::MissingWord, start, keyword_end);
            self.close(id);
            return;
        }
        self.leading_word();
        let end = self.place();
        self.skip_to_command();
        if !self.take_keyword(b"in") {
            self.back_to(end);
            self.note(NoteKind::MissingKeyword, start, keyword_end);
            self.close(id);
            return;
        }
        loop {
            self.skip_to_command();
            if self.take_closer(Closers::ESAC) {
                break;
            }
            let ends = self.peek() == Some(b')') && self.closers.has(Closers::PARENTHESIS);
            if ends || self.peek().is_none() {
                self.unclosed(Construct::Case, start, 4);
                break;
            }
            self.case_item();
        }
        self.close_compound(id);
    }

    fn case_item(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::CaseItem);
        if self.peek() == Some(b'(') {
            self.pos += 1;
        }
        loop {
            self.skip_blanks();
            if self.peek().is_none_or(is_meta) {
                self.note(NoteKind::MissingWord, self.pos, self.pos);
            } else {
                self.word(Mode::NORMAL);
            }
            self.skip_blanks();
            if self.peek() != Some(b'|') {
                break;
            }
            self.pos += 1;
        }
        if self.peek() == Some(b')') {
            self.pos += 1;
        } else if let Some(byte) = self.peek() {
            self.note(NoteKind::Unexpected, self.pos, self.char_end());
            if self.pos == start || byte == b'(' {
                self.pos = self.char_end();
            }
        }
        // No command between two patterns is fine.
        let own = Closers::CASE_END.or(Closers::ESAC);
        self.list(ListRole::Body, self.closers.or(own));
        if let Some((Closers::CASE_END, length)) = self.closer() {
            self.pos += length;
        }
        self.close(id);
    }

    /// `[[ … ]]`: words and operators in a row.
    fn test(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::Test);
        self.pos += 2;
        let mut depth = 0_usize;
        let mut mode = Mode::NORMAL;
        loop {
            let end = self.pos;
            self.skip_blanks();
            let operator = match self.rest() {
                [b'\n', ..] => {
                    self.newline();
                    continue;
                }
                [b']', b']', rest @ ..] if rest.first().is_none_or(|&b| is_meta(b)) => {
                    self.pos += 2;
                    break;
                }
                [b'<' | b'>', b'(', ..] => 0,
                [b'&', b'&', ..] | [b'|', b'|', ..] => 2,
                [b'!', rest @ ..] if rest.first().is_none_or(|&b| is_meta(b)) => 1,
                [b'<' | b'>', ..] => 1,
                [b'(', ..] => {
                    // Behind `=~` this is part of the pattern.
                    depth += usize::from(mode == Mode::NORMAL);
                    usize::from(mode == Mode::NORMAL)
                }
                [b')', ..] if depth > 0 => {
                    depth -= 1;
                    1
                }
                [] | [b';' | b'&' | b'|' | b')', ..] => {
                    self.pos = end;
                    self.unclosed(Construct::Test, start, 2);
                    break;
                }
                _ => 0,
            };
            let start = self.pos;
            if operator == 0 {
                self.word(mode);
                if self.pos == start {
                    self.pos = self.char_end();
                    self.note(NoteKind::Unexpected, start, self.pos);
                }
                mode = match self.slice(start, self.pos) {
                    b"=~" => Mode::REGEX,
                    _ => Mode::NORMAL,
                };
            } else {
                self.pos += operator;
                self.leaf(Kind::Operator, start);
            }
        }
        self.close_compound(id);
    }

    // Functions.

    /// Whether the open simple command is one plain word so far: the name of a function, if `(`
    /// follows.
    fn is_function_head(&self, id: Id) -> bool {
        let word = id as usize + 1;
        self.tree.nodes.len() == word + 1
            && self
                .tree
                .nodes
                .get(word)
                .is_some_and(|node| node.kind == Kind::Word)
    }

    /// Goes on behind the name of a function, at its `(`, and closes the command; `false` where
    /// no `)` follows.
    fn function_tail(&mut self, id: Id) -> bool {
        let start = self.pos;
        self.pos += 1;
        self.skip_blanks();
        if self.peek() != Some(b')') {
            self.pos = start;
            return false;
        }
        self.pos += 1;
        self.rename(id, Kind::Function);
        self.function_body(id, start, self.pos);
        true
    }

    fn function_command(&mut self) {
        let start = self.pos;
        let id = self.open(Kind::Function);
        self.pos += 8;
        let keyword_end = self.pos;
        self.skip_blanks();
        if self.peek().is_none_or(is_meta) {
            self.pos = keyword_end;
            self.note(NoteKind::MissingWord, start, keyword_end);
            self.close(id);
            return;
        }
        self.leading_word();
        let end = self.pos;
        self.skip_blanks();
        if self.peek() == Some(b'(') {
            let open = self.pos;
            self.pos += 1;
            self.skip_blanks();
            if self.peek() == Some(b')') {
                self.pos += 1;
            } else {
                self.note(NoteKind::FunctionParameters, open, open + 1);
                self.pos = open;
                self.skip_parenthesis();
            }
        } else {
            self.pos = end;
        }
        self.function_body(id, start, keyword_end);
    }

    fn function_body(&mut self, id: Id, head_start: usize, head_end: usize) {
        let end = self.place();
        self.skip_to_command();
        let closed = self
            .closer()
            .is_some_and(|(closer, _)| self.closers.has(closer));
        if closed || self.peek().is_none_or(|b| matches!(b, b';' | b'&' | b'|')) {
            self.back_to(end);
            self.note(NoteKind::MissingCommand, head_start, head_end);
        } else {
            let body = self.pos;
            let command = self.command(Joint::First, self.reserved());
            let simple = self
                .tree
                .node(command)
                .is_some_and(|node| node.kind == Kind::Simple);
            if simple && self.tree.dialect == Dialect::Bash {
                self.note(NoteKind::Unexpected, body, self.pos);
            }
        }
        self.close(id);
    }
}

#[cfg(test)]
mod tests {
    use crate::Dialect;
    use crate::testing::{check, check_notes, dump};

    #[test]
    fn a_simple_command_has_assignments_words_and_redirections_in_any_order() {
        check(">x A=1 a <y B=2 b", "(A=1 a B=2 b 1:Write:x 0:Read:y)");
        check("A=1", "(A=1)");
        check(">x", "(1:Write:x)");
    }

    #[test]
    fn every_redirection_has_its_operator_and_descriptor() {
        let cases: &[(&str, &str)] = &[
            ("<x", "0:Read:x"),
            ("0< x", "0:Read:x"),
            (">x", "1:Write:x"),
            ("2>x", "2:Write:x"),
            ("10>>x", "10:Append:x"),
            (">|x", "1:Clobber:x"),
            ("<>x", "0:ReadWrite:x"),
            ("2>&1", "2:DuplicateOut:1"),
            (">&2", "1:DuplicateOut:2"),
            (">&-", "1:DuplicateOut:-"),
            ("<&3", "0:DuplicateIn:3"),
            ("&>x", "1:WriteBoth:x"),
            ("&>>x", "1:AppendBoth:x"),
            ("<<<'x y'", "0:HereString:'x y'"),
            ("{fd}>x", "?:Write:x"),
            (">$x", "1:Write:$x"),
            ("> >(a)", "1:Write:>[(a)]"),
        ];
        for (text, dumped) in cases {
            check(&format!("cmd {text}"), &format!("(cmd {dumped})"));
            check(
                &format!("{{ a; }} {text}"),
                &format!("(group [(a)] {dumped})"),
            );
        }
    }

    #[test]
    fn a_number_is_a_descriptor_only_right_before_the_operator() {
        check("a 2 >x", "(a 2 1:Write:x)");
        check("a b2>x", "(a b2 1:Write:x)");
        check("a {b} {c}d>x", "(a {b} {c}d 1:Write:x)");
    }

    #[test]
    fn a_redirection_to_nothing_is_noted() {
        check_notes("a >", &["MissingWord >"]);
        check_notes("a 2>> ; b", &["MissingWord 2>>"]);
    }

    #[test]
    fn an_assignment_comes_before_the_name() {
        check("A=1 B+=2 C= d E=3", "(A=1 B+=2 C= d E=3)");
        check("A=1;B=2", "(A=1); (B=2)");
        check("1A=b a-b=c =d", "(1A=b a-b=c =d)");
        check("\"A\"=b", "(\"A\"·=b)");
    }

    #[test]
    fn a_value_is_no_pattern() {
        check("a=*.{b,c}[d]?", "(a=*.{b,c}[d]?)");
        check("p=~/a:~b:\"~\"", "(p=<~>·/a:·<~b>·:·\"~\")");
    }

    #[test]
    fn arrays_and_their_elements_are_assigned() {
        check("a=(b 'c d' $e\n f) g", "(a=(b 'c d' $e f) g)");
        check("a=([x]=1 [y z]=2)", "(a=([x]=1 [y z]=2))");
        check("a[0]=b a[$i+1]+=c", "(a[0]=b a[$i·+1]+=c)");
        check("a[3|4]=8", "(a[3|4]=8)");
        check("a=()", "(a=())");
    }

    #[test]
    fn declarations_have_assignments_among_their_words() {
        check("export A=b C", "(export @A=b C)");
        check("local -r a=(1 2) b+=$c", "(local -r @a=(1 2) @b+=$c)");
        check("env A=b", "(env A=b)");
    }

    #[test]
    fn compound_commands_have_lists_and_redirections() {
        check("(a; b) >c", "(subshell [(a); (b)] 1:Write:c)");
        check(
            "{ a; b; } 2>&1 | c",
            "(group [(a); (b)] 2:DuplicateOut:1) | (c)",
        );
        check(
            "if a; then b; elif c; then d; else e; fi",
            "(if [(a)] [(b)] [(c)] [(d)] [(e)])",
        );
        check("if a\nthen b\nfi", "(if [(a)] [(b)])");
        check(
            "while a; b; do c; done <d",
            "(while [(a); (b)] [(c)] 0:Read:d)",
        );
        check("until a; do b; done", "(until [(a)] [(b)])");
        check("select x in a b; do c; done", "(select x a b [(c)])");
    }

    #[test]
    fn a_for_loop_has_a_variable_and_words() {
        check("for x in a $b *; do c; done", "(for x a $b <*> [(c)])");
        check("for x in a\ndo\nb\ndone", "(for x a [(b)])");
        check("for x; do a; done", "(for x [(a)])");
        check("for x do a; done", "(for x [(a)])");
        check("for x in; do a; done", "(for x [(a)])");
        check("for x in a; { b; }", "(for x a [(b)])");
    }

    #[test]
    fn an_arithmetic_for_loop_has_the_expansions_of_its_head() {
        check(
            "for ((i=0; i<$n; i++)); do a; done",
            "(for(( i=0; i<·$n·; i++ [(a)])",
        );
        check("for ((;;)) do a; done", "(for(( ;; [(a)])");
    }

    #[test]
    fn a_case_has_branches() {
        check(
            "case $x in a|b) c;; (d*) e;& f) ;; *) g; esac",
            "(case $x a|b) [(c)] d·<*>) [(e)] f) [] <*>) [(g)])",
        );
        check("case a in esac", "(case a)");
        check(
            "case a in\n # why\n b)\n c\n ;;\n esac",
            "(case a b) [(c)])",
        );
        check("case a in done) b;; esac", "(case a done) [(b)])");
    }

    #[test]
    fn a_function_has_a_name_and_a_body() {
        check("f() { a; }", "(function f (group [(a)]))");
        check("f ( )\n( a ) >b", "(function f (subshell [(a)] 1:Write:b))");
        check("function f { a; }", "(function f (group [(a)]))");
        check("function f() { a; }; f", "(function f (group [(a)])); (f)");
        assert_eq!(dump("f() a", Dialect::Posix), "(function f (a))");
    }

    #[test]
    fn a_test_has_words_and_operators() {
        check(
            "[[ -f $a && ( b == c* || ! -z \"$d\" ) ]]",
            "(test -f $a ‹&&› ‹(› b == c·<*> ‹||› ‹!› -z \"$d\" ‹)›)",
        );
        check("[[ a < b ]]", "(test a ‹<› b)");
        check("[[ a &&\n b ]] && c", "(test a ‹&&› b) && (c)");
        check("[ a = b ]", "([ a = b ])");
    }

    #[test]
    fn a_regular_expression_may_have_parentheses_and_bars() {
        check("[[ a =~ ^(b|c d)$ ]]", "(test a =~ ^(b|c d)$)");
        check("[[ a =~ b || c ]]", "(test a =~ b ‹||› c)");
        check("[[ (a =~ b) ]]", "(test ‹(› a =~ b ‹)›)");
        check("[[ a =~ (b) && c ]]", "(test a =~ (b) ‹&&› c)");
    }

    #[test]
    fn double_parentheses_are_arithmetic_if_they_close_together() {
        check("((x + $y))", "(arithmetic x + ·$y)");
        check(
            "((a); (b))",
            "(subshell [(subshell [(a)]); (subshell [(b)])])",
        );
        check("( (a) )", "(subshell [(subshell [(a)])])");
        check(
            "((x = (1 + 2) * 3)) && a",
            "(arithmetic x = (1 + 2) * 3) && (a)",
        );
    }

    #[test]
    fn parentheses_behind_words_are_opaque() {
        check("echo (a; b) c", "(echo ?((a; b)) c)");
        check_notes("echo a (b)", &["Parenthesis ("]);
        check("f(a, b) { c; }", "(f ?((a, b)) { c); (opaque })");
        check_notes("f(a)", &["FunctionParameters ("]);
    }

    #[test]
    fn what_a_keyword_wants_and_does_not_get_is_noted() {
        let cases: &[(&str, &str)] = &[
            ("if a; fi", "MissingKeyword if"),
            ("while a; done", "MissingKeyword while"),
            ("for x in a; b", "MissingKeyword for"),
            ("for", "MissingWord for"),
            ("case", "MissingWord case"),
            ("case a b", "MissingKeyword case"),
            ("if ; then a; fi", "Unexpected ;"),
            ("if a; then fi", "MissingCommand "),
            ("{ }", "MissingCommand "),
            ("()", "MissingCommand "),
            ("f()", "MissingCommand ()"),
            ("{ a; } b", "Unexpected b"),
        ];
        for (text, note) in cases {
            let tree = crate::Tree::parse(text, Dialect::Bash);
            let first = tree.notes().first().map(|note| {
                let text = stagecraft_text::slice(text, note.range);
                format!("{:?} {text}", note.kind)
            });
            assert_eq!(first.as_deref(), Some(*note), "{text}");
        }
    }
}
