//! Which unquoted variables may have a value that a shell splits: the values are followed from
//! command to command as far as they are written out.
//!
//! One walk over the tree, branches put together behind them. A variable is plain where every way
//! that leads there gives it a value without blanks and globs.

use std::cell::OnceCell;

use stagecraft_shell::{
    Assignment, CaseItem, Command, CommandKind, Joint, List, ListRole, Parameter, ParameterOp,
    Part, PartKind, PartKinds, Parts, Script, Simple, Word,
};

use super::{Assigned, Checked, splits};

/// Reports the unquoted variables of a command whose values may be split, in source order.
pub(crate) fn unquoted<'f>(checked: &Checked<'f, '_>, report: &mut dyn FnMut(Part<'f>)) {
    if !may_be_split(checked) {
        return;
    }
    let mut flow = Flow {
        checked,
        report,
        functions: Vec::new(),
        depth: 0,
        sets_within: sets_within(checked.script),
    };
    let mut state = State::default();
    flow.list(checked.script.root(), &mut state);
    while let Some(function) = flow.functions.pop() {
        if let Some(body) = function.body.filter(|_| !function.walked) {
            flow.command(body, &mut State::default());
        }
    }
}

/// Whether words set variables: `${x:=y}`.
fn sets_within(script: &Script<'_>) -> bool {
    let mut parameters = script.parts_of(PartKinds::of(&[PartKind::Parameter]));
    parameters.any(|it| {
        it.parameter()
            .is_some_and(|it| it.op() == ParameterOp::Assign)
    })
}

/// Whether a command of that name sets variables or ends what is around it.
fn is_special(name: &str) -> bool {
    matches!(
        name,
        "break"
            | "continue"
            | "exit"
            | "mapfile"
            | "printf"
            | "read"
            | "readarray"
            | "return"
            | "unset"
    )
}

/// Whether any unquoted variable may be split, at a glance: in most commands all are quoted, or
/// come from ENV or ARG and keep their values.
fn may_be_split(checked: &Checked<'_, '_>) -> bool {
    let script = checked.script;
    let sets_any = || {
        script.has_compound()
            || checked.calls(programs!["read", "unset", "mapfile", "readarray", "printf"])
            || sets_within(script)
    };
    // The names that are assigned; `None` where any may be.
    let assigned = OnceCell::new();
    let all = || Some(Assigned::of(script)).filter(|all| !all.more && !sets_any());
    let sets = |name: &str| {
        let assigned = assigned.get_or_init(all);
        assigned.as_ref().is_none_or(|all| all.has(name))
    };
    script.parts_of(PartKinds::PARAMETERS).any(|part| {
        let Some(parameter) = part.parameter().filter(|_| !part.is_quoted()) else {
            return false;
        };
        let name = parameter.name();
        let changes = parameter.is_indirect()
            || parameter.op() != ParameterOp::None
            || parameter.subscript().is_some();
        (changes || name != "@" && !is_number(name))
            && part
                .word()
                .is_some_and(|word| splits(word, checked.shell()))
            && (changes || !checked.facts.is_exported(checked.run, name) || sets(name))
    })
}

/// What is known of a variable's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// Nothing: an unquoted word of it vanishes.
    Empty,
    /// No blank and no glob is in it.
    Plain,
    /// Anything else.
    Other,
}

impl Value {
    fn of_text(text: &str) -> Self {
        if text.is_empty() {
            Self::Empty
        } else if text
            .bytes()
            .any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'*' | b'?' | b'['))
        {
            Self::Other
        } else {
            Self::Plain
        }
    }

    /// Of both, one behind the other.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Other, _) | (_, Self::Other) => Self::Other,
            (Self::Empty, Self::Empty) => Self::Empty,
            _ => Self::Plain,
        }
    }
}

/// More variables than a person keeps apart are not followed.
const MOST: usize = 64;

/// What is known where a command starts.
#[derive(Debug, Clone, Default, PartialEq)]
struct State<'f> {
    known: Vec<(&'f str, Value)>,
    /// There are more variables than are kept.
    full: bool,
    /// No command gets here.
    ended: bool,
}

impl<'f> State<'f> {
    fn get(&self, name: &str) -> Option<Value> {
        if self.full {
            return Some(Value::Other);
        }
        let entry = self.known.iter().find(|(known, _)| *known == name);
        entry.map(|(_, value)| *value)
    }

    fn set(&mut self, name: &'f str, value: Value) {
        if let Some(entry) = self.known.iter_mut().find(|(known, _)| *known == name) {
            entry.1 = value;
        } else if self.known.len() < MOST {
            self.known.push((name, value));
        } else {
            self.full = true;
        }
    }
}

struct Function<'f> {
    name: &'f str,
    body: Option<Command<'f>>,
    walked: bool,
    /// What it sets, once it is walked; not more than are kept.
    sets: Vec<&'f str>,
}

/// Functions that call each other are followed so deep.
const DEEPEST: usize = 16;

struct Flow<'r, 'f, 'a> {
    checked: &'r Checked<'f, 'a>,
    report: &'r mut dyn FnMut(Part<'f>),
    functions: Vec<Function<'f>>,
    /// How many calls of functions are being followed.
    depth: usize,
    /// Whether words may set variables: `${x:=y}`.
    sets_within: bool,
}

impl<'f> Flow<'_, 'f, '_> {
    fn get(&self, state: &State<'f>, name: &str) -> Value {
        state.get(name).unwrap_or_else(|| {
            if self.checked.facts.is_exported(self.checked.run, name) {
                Value::Plain
            } else {
                Value::Other
            }
        })
    }

    /// Puts what holds behind another way to the same place into `state`.
    fn merge(&self, state: &mut State<'f>, other: State<'f>) {
        if other.ended {
            return;
        }
        if state.ended {
            *state = other;
            return;
        }
        if *state == other {
            return;
        }
        state.full |= other.full;
        let names = other.known.iter().map(|(name, _)| *name);
        let names: Vec<&'f str> = names
            .chain(state.known.iter().map(|(name, _)| *name))
            .collect();
        for name in names {
            let (one, two) = (self.get(state, name), self.get(&other, name));
            state.set(name, if one == two { one } else { Value::Other });
        }
    }

    fn list(&mut self, list: List<'f>, state: &mut State<'f>) {
        let mut commands = list.commands().peekable();
        while let Some(first) = commands.next() {
            let mut piped = commands.peek().is_some_and(|next| next.joint().is_pipe());
            let still = self.is_still(first);
            if still && !piped && !first.varies() {
                // Most are these.
                continue;
            }
            let apart = piped || first.is_background();
            // With `&&` and `||` it may be left out.
            let may_lack = matches!(first.joint(), Joint::And | Joint::Or) && !apart && !still;
            let without = may_lack.then(|| state.clone());
            if apart {
                self.command(first, &mut state.clone());
                while piped && let Some(next) = commands.next() {
                    self.command(next, &mut state.clone());
                    piped = commands.peek().is_some_and(|next| next.joint().is_pipe());
                }
            } else {
                self.command(first, state);
            }
            if let Some(without) = without {
                self.merge(state, without);
            }
        }
    }

    /// Whether a command changes nothing of what is known, at a glance.
    fn is_still(&self, command: Command<'f>) -> bool {
        let name = command.simple().and_then(|simple| simple.name());
        name.is_some_and(|name| name.is_plain() && !is_special(name.text()))
            && self.functions.is_empty()
            && !self.sets_within
            && command.assignments().next().is_none()
            && command.redirections().all(|it| it.here_doc().is_none())
    }

    /// A list whose effects are not seen outside.
    fn apart(&mut self, list: List<'f>, state: &State<'f>) {
        self.list(list, &mut state.clone());
    }

    fn command(&mut self, command: Command<'f>, state: &mut State<'f>) {
        for redirection in command.redirections() {
            if let Some(target) = redirection.target() {
                self.word(target, state);
            }
            if let Some(here_doc) = redirection.here_doc() {
                self.parts(here_doc.parts(), state);
            }
        }
        match command.kind() {
            CommandKind::Simple => {
                if let Some(simple) = command.simple() {
                    self.simple(simple, state);
                }
            }
            CommandKind::Subshell => {
                for list in command.lists() {
                    self.apart(list, state);
                }
            }
            CommandKind::If => self.branches(command, state),
            CommandKind::Case => self.case(command, state),
            CommandKind::For | CommandKind::Select => {
                let mut value = None;
                for word in command.words() {
                    self.word(word, state);
                    let own = match word.expansions().next() {
                        Some(_) => Value::Other,
                        None => self.value(word.parts(), state),
                    };
                    value = Some(value.map_or(own, |other| match own {
                        Value::Plain if other == own => own,
                        _ => Value::Other,
                    }));
                }
                let name = command.leading_word().map(|word| word.text());
                self.repeat(command, state, |state| {
                    if let Some(name) = name {
                        state.set(name, value.unwrap_or(Value::Other));
                    }
                });
            }
            CommandKind::While | CommandKind::Until | CommandKind::ArithmeticFor => {
                self.repeat(command, state, |_| {});
            }
            CommandKind::Function => {
                self.functions.push(Function {
                    name: command.leading_word().map_or("", |word| word.text()),
                    body: command.function_body(),
                    walked: false,
                    sets: Vec::new(),
                });
            }
            CommandKind::Test => {
                for item in command.test_items() {
                    if let stagecraft_shell::TestItem::Word(word) = item {
                        self.word(word, state);
                    }
                }
            }
            CommandKind::Group | CommandKind::Arithmetic | CommandKind::Opaque => {
                for list in command.lists() {
                    self.list(list, state);
                }
                for word in command.words() {
                    self.word(word, state);
                }
            }
        }
    }

    /// `if` with all its branches.
    fn branches(&mut self, command: Command<'f>, state: &mut State<'f>) {
        let mut out: Option<State<'f>> = None;
        let mut all = false;
        for list in command.lists() {
            if list.role() == ListRole::Condition {
                self.list(list, state);
                continue;
            }
            all |= list.role() == ListRole::Else;
            let mut own = state.clone();
            self.list(list, &mut own);
            self.join(&mut out, own);
        }
        self.leave(out, all, state);
    }

    fn case(&mut self, command: Command<'f>, state: &mut State<'f>) {
        if let Some(subject) = command.leading_word() {
            self.word(subject, state);
        }
        let mut out: Option<State<'f>> = None;
        let mut all = false;
        for item in command.case_items() {
            for pattern in item.patterns() {
                self.word(pattern, state);
                all |= pattern.text() == "*";
            }
            let mut own = state.clone();
            if let Some(body) = CaseItem::body(&item) {
                self.list(body, &mut own);
            }
            self.join(&mut out, own);
        }
        self.leave(out, all, state);
    }

    fn join(&self, out: &mut Option<State<'f>>, own: State<'f>) {
        match out {
            Some(out) => self.merge(out, own),
            None => *out = Some(own),
        }
    }

    /// Goes on behind branches; `all` says that one of them is always taken.
    fn leave(&self, out: Option<State<'f>>, all: bool, state: &mut State<'f>) {
        match out {
            Some(out) if all => *state = out,
            Some(out) => self.merge(state, out),
            None => {}
        }
    }

    /// A loop: its body may run never, or after itself.
    fn repeat(
        &mut self,
        command: Command<'f>,
        state: &mut State<'f>,
        start: impl Fn(&mut State<'f>),
    ) {
        let mut again = state.clone();
        // Whatever the others have, it may be plain: a number that is counted up is.
        let mut changed = state.clone();
        for assignment in command.assignments() {
            changed.set(assignment.name(), Value::Other);
        }
        for assignment in command.assignments() {
            let value = assignment.value();
            let value = value.map(|word| self.value(word.parts(), &changed));
            if value != Some(Value::Plain) {
                again.set(assignment.name(), Value::Other);
            }
        }
        start(&mut again);
        for list in command.lists() {
            self.list(list, &mut again);
        }
        self.merge(state, again);
    }

    fn simple(&mut self, simple: Simple<'f>, state: &mut State<'f>) {
        let name = simple.name();
        // In most commands all words are plain.
        if simple.command().varies() {
            for assignment in simple.assignments() {
                self.assignment(assignment, name.is_none(), state);
            }
            for word in simple.words() {
                match word.assignment() {
                    None if word.is_plain() => {}
                    Some(assignment) => self.assignment(assignment, true, state),
                    None => self.word(word, state),
                }
            }
        }
        let Some(name) = name.and_then(|name| name.as_static()) else {
            return;
        };
        match &*name {
            name if !is_special(name) => self.call(name, state),
            "read" | "unset" | "mapfile" | "readarray" => {
                for word in simple.arguments() {
                    if !word.text().starts_with('-') {
                        state.set(word.text(), Value::Other);
                    }
                }
            }
            "printf" => {
                let mut words = simple.arguments();
                if words.next().is_some_and(|word| word.text() == "-v")
                    && let Some(word) = words.next()
                {
                    state.set(word.text(), Value::Other);
                }
            }
            _ => state.ended = true,
        }
    }

    /// A function does what it does where it is first called.
    fn call(&mut self, name: &str, state: &mut State<'f>) {
        let known = self.functions.iter_mut().rev().find(|it| it.name == name);
        let Some(function) = known else {
            return;
        };
        let Some(body) = function.body.filter(|_| self.depth < DEEPEST) else {
            return;
        };
        if std::mem::replace(&mut function.walked, true) {
            for name in &function.sets {
                state.set(name, Value::Other);
            }
            return;
        }
        let sets = body.assignments().map(|it| it.name());
        function.sets = sets.take(MOST + 1).collect();
        self.depth += 1;
        self.command(body, state);
        self.depth -= 1;
        state.ended = false;
    }

    fn assignment(&mut self, assignment: Assignment<'f>, keep: bool, state: &mut State<'f>) {
        let mut value = Value::Other;
        if let Some(word) = assignment.value() {
            self.word(word, state);
            value = self.value(word.parts(), state);
        }
        if let Some(array) = assignment.array() {
            for word in array.words() {
                self.word(word, state);
            }
        }
        if assignment.is_append() {
            value = self.get(state, assignment.name()).and(value);
        }
        if keep && assignment.subscript().is_none() {
            state.set(assignment.name(), value);
        }
    }

    /// Looks at the expansions of a word, and into what they hold.
    fn word(&mut self, word: Word<'f>, state: &mut State<'f>) {
        if word.is_plain() {
            return;
        }
        for part in word.expansions() {
            let splits = || splits(word, self.checked.shell());
            if !part.is_quoted() && splits() && self.may_split(part, state) {
                (self.report)(part);
            }
            self.inside(part, state);
        }
    }

    /// What stands in an expansion.
    fn inside(&mut self, part: Part<'f>, state: &mut State<'f>) {
        // Most are these.
        if part.kind() == PartKind::Variable {
            return;
        }
        if let Some(list) = part.list() {
            self.apart(list, state);
        }
        if let Some(parameter) = part.parameter() {
            for operand in parameter.operands() {
                self.parts(operand.parts(), state);
            }
            if parameter.op() == ParameterOp::Assign {
                state.set(parameter.name(), Value::Other);
            }
        }
        self.parts(part.parts(), state);
    }

    /// Looks into the expansions among parts.
    fn parts(&mut self, parts: Parts<'f>, state: &mut State<'f>) {
        for part in parts {
            self.inside(part, state);
        }
    }

    fn may_split(&self, part: Part<'f>, state: &State<'f>) -> bool {
        let Some(parameter) = part.parameter() else {
            return false;
        };
        let every = parameter
            .subscript()
            .is_some_and(|it| matches!(it.text(), "@" | "*"));
        !every
            && parameter.name() != "@"
            && !is_number(parameter.name())
            && !matches!(
                parameter.op(),
                ParameterOp::Length | ParameterOp::Alternative
            )
            && (parameter.is_indirect() || self.of(parameter, state) != Value::Plain)
    }

    fn of(&self, parameter: Parameter<'f>, state: &State<'f>) -> Value {
        if parameter.subscript().is_some() {
            return Value::Other;
        }
        self.get(state, parameter.name())
    }

    /// What a word gives that is not split.
    fn value(&self, parts: Parts<'f>, state: &State<'f>) -> Value {
        let mut value = Value::Empty;
        for part in parts {
            value = value.and(match part.kind() {
                PartKind::Literal
                | PartKind::Escape
                | PartKind::SingleQuoted
                | PartKind::AnsiQuoted => part
                    .as_static()
                    .map_or(Value::Other, |text| Value::of_text(&text)),
                PartKind::DoubleQuoted => self.value(part.parts(), state),
                PartKind::Tilde | PartKind::Arithmetic => Value::Plain,
                PartKind::Variable | PartKind::Parameter => match part.parameter() {
                    Some(it) if is_number(it.name()) => Value::Plain,
                    Some(it) if it.op() == ParameterOp::None && !it.is_indirect() => {
                        self.of(it, state)
                    }
                    _ => Value::Other,
                },
                _ => Value::Other,
            });
        }
        value
    }
}

/// Whether a variable of the shell's own always holds a number, or a few letters.
fn is_number(name: &str) -> bool {
    matches!(
        name,
        "#" | "?"
            | "!"
            | "$"
            | "-"
            | "BASHPID"
            | "COLUMNS"
            | "EUID"
            | "HISTSIZE"
            | "LINENO"
            | "LINES"
            | "OPTIND"
            | "PPID"
            | "RANDOM"
            | "SECONDS"
            | "SHLVL"
            | "UID"
    )
}
