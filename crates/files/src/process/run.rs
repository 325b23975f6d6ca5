//! Lists, pipelines and compound commands.

use stagecraft_shell::{
    Command, CommandKind, Dialect, Joint, List, RedirectOp, Redirection, Simple, Tree as Parsed,
};
use stagecraft_text::Joined;

use super::{DEEPEST, Input, Io, MOST_BYTES, Process, Run, Sink, Stop, unknown};
use crate::content::Content;
use crate::tree::{Node, base_name};

impl Process {
    /// Runs the text of a script in this process.
    pub(super) fn script(&mut self, text: &str, io: &Io) -> Run<i32> {
        let parsed = Parsed::parse(text, Dialect::Posix);
        let script = parsed.script(Joined::identity(text));
        self.list(script.root(), io)
    }

    /// Runs a list, unless it is in too many others.
    pub(super) fn list(&mut self, list: List<'_>, io: &Io) -> Run<i32> {
        if self.depth >= DEEPEST {
            return unknown("scripts in scripts in scripts");
        }
        self.depth += 1;
        let code = self.run_list(list, io);
        self.depth -= 1;
        code
    }

    fn run_list(&mut self, list: List<'_>, io: &Io) -> Run<i32> {
        let commands: Vec<Command<'_>> = list.commands().collect();
        let mut code = 0;
        let mut at = 0;
        while let Some(first) = commands.get(at) {
            // A pipeline reaches to the next joint that is no pipe.
            let mut end = at + 1;
            while commands
                .get(end)
                .is_some_and(|next| matches!(next.joint(), Joint::Pipe | Joint::PipeBoth))
            {
                end += 1;
            }
            let skip = match first.joint() {
                Joint::And => code != 0,
                Joint::Or => code == 0,
                _ => false,
            };
            if !skip {
                let answers = commands
                    .get(end)
                    .is_some_and(|next| matches!(next.joint(), Joint::And | Joint::Or));
                let condition = answers || first.is_negated();
                self.conditions += u32::from(condition);
                let pipeline = commands.get(at..end).unwrap_or_default();
                let ran = self.pipeline(pipeline, io);
                self.conditions -= u32::from(condition);
                code = ran?;
                if first.is_negated() {
                    code = i32::from(code == 0);
                }
                self.status = code;
                if code != 0 && self.switches.exits && self.conditions == 0 && !condition {
                    return Err(Stop::Exit(code));
                }
            }
            at = end;
        }
        Ok(code)
    }

    fn pipeline(&mut self, commands: &[Command<'_>], io: &Io) -> Run<i32> {
        let [only] = commands else {
            let mut input = io.input.clone();
            let mut code = 0;
            let mut failed = 0;
            for (at, command) in commands.iter().enumerate() {
                let last = at + 1 == commands.len();
                let out = if last {
                    io.out
                } else {
                    self.open(Sink::Kept(Vec::new()))?
                };
                let both = commands
                    .get(at + 1)
                    .is_some_and(|next| next.joint() == Joint::PipeBoth);
                let part = Io {
                    input,
                    out,
                    err: if both { out } else { io.err },
                };
                // Each part is a process of its own.
                code = self.apart(|process| process.command(*command, &part))?;
                if code != 0 {
                    failed = code;
                }
                input = Input::empty();
                if !last && let Some(Sink::Kept(bytes)) = self.sinks.pop() {
                    input = Input::Bytes(bytes.into());
                }
            }
            return Ok(if self.switches.fails_in_pipes {
                failed
            } else {
                code
            });
        };
        if only.is_background() {
            return unknown("a command in the background");
        }
        self.command(*only, io)
    }

    /// Runs something whose variables and folder are nobody else's.
    fn apart(&mut self, what: impl FnOnce(&mut Self) -> Run<i32>) -> Run<i32> {
        let kept = (
            self.variables.clone(),
            self.functions.clone(),
            self.arguments.clone(),
            self.workdir.clone(),
            self.switches,
            self.umask,
        );
        let code = match what(self) {
            Err(Stop::Exit(code) | Stop::Return(code)) => Ok(code),
            Err(Stop::Break(_) | Stop::Continue(_)) => Ok(0),
            other => other,
        };
        (
            self.variables,
            self.functions,
            self.arguments,
            self.workdir,
            self.switches,
            self.umask,
        ) = kept;
        code
    }

    fn open(&mut self, sink: Sink) -> Run<usize> {
        if self.sinks.len() > 200 {
            return unknown("too many open files");
        }
        self.sinks.push(sink);
        Ok(self.sinks.len() - 1)
    }

    fn command(&mut self, command: Command<'_>, io: &Io) -> Run<i32> {
        self.step()?;
        if let Some(simple) = command.simple() {
            return self.simple(simple, io);
        }
        let redirections: Vec<Redirection<'_>> = command.redirections().collect();
        self.redirected(&redirections, io, |process, io| {
            process.compound(command, io)
        })
    }

    fn compound(&mut self, command: Command<'_>, io: &Io) -> Run<i32> {
        let lists: Vec<List<'_>> = command.lists().collect();
        match command.kind() {
            CommandKind::Group => match lists.first() {
                Some(&body) => self.list(body, io),
                None => Ok(0),
            },
            CommandKind::Subshell => match lists.first() {
                Some(&body) => self.apart(|process| process.list(body, io)),
                None => Ok(0),
            },
            CommandKind::If => {
                let mut pairs = lists.as_slice();
                loop {
                    match pairs {
                        [condition, body, rest @ ..] => {
                            if self.condition(*condition, io)? == 0 {
                                return self.list(*body, io);
                            }
                            pairs = rest;
                        }
                        [otherwise] => return self.list(*otherwise, io),
                        [] => return Ok(0),
                    }
                }
            }
            CommandKind::While | CommandKind::Until => {
                let [condition, body] = lists.as_slice() else {
                    return unknown("a loop without a body");
                };
                let until = command.kind() == CommandKind::Until;
                let mut code = 0;
                loop {
                    self.step()?;
                    if (self.condition(*condition, io)? == 0) == until {
                        return Ok(code);
                    }
                    match self.turn(*body, io)? {
                        (new, false) => code = new,
                        (new, true) => return Ok(new),
                    }
                }
            }
            CommandKind::For => {
                let name = command.leading_word().map_or("", |word| word.text());
                let mut values = Vec::new();
                let words: Vec<_> = command.words().collect();
                if words.is_empty() && !command.text().contains(" in") {
                    values.clone_from(&self.arguments);
                }
                for word in words {
                    values.extend(self.fields(word, io)?);
                }
                let Some(&body) = lists.last() else {
                    return Ok(0);
                };
                let mut code = 0;
                for value in values {
                    self.step()?;
                    self.set_variable(name, &value, false);
                    match self.turn(body, io)? {
                        (new, false) => code = new,
                        (new, true) => return Ok(new),
                    }
                }
                Ok(code)
            }
            CommandKind::Case => {
                let subject = match command.leading_word() {
                    Some(word) => self.single(word, io)?,
                    None => String::new(),
                };
                for item in command.case_items() {
                    for pattern in item.patterns() {
                        let pattern = self.pattern(pattern, io)?;
                        // Here a star stands for slashes too.
                        let plain = |text: &str| text.replace('/', "\u{1}");
                        if crate::glob::matches(&plain(&pattern), &plain(&subject)) {
                            return match item.body() {
                                Some(body) => self.list(body, io),
                                None => Ok(0),
                            };
                        }
                    }
                }
                Ok(0)
            }
            CommandKind::Function => {
                let name = command.leading_word().map_or("", |word| word.text());
                if let Some(body) = command.function_body() {
                    let body = body.text().to_owned();
                    self.functions.insert(name.to_owned(), body);
                }
                Ok(0)
            }
            CommandKind::Test
            | CommandKind::Arithmetic
            | CommandKind::ArithmeticFor
            | CommandKind::Select
            | CommandKind::Opaque
            | CommandKind::Simple => unknown("a form that not every shell has"),
        }
    }

    fn condition(&mut self, list: List<'_>, io: &Io) -> Run<i32> {
        self.conditions += 1;
        let code = self.list(list, io);
        self.conditions -= 1;
        code
    }

    /// One turn of a loop: the code, and whether the loop ends.
    fn turn(&mut self, body: List<'_>, io: &Io) -> Run<(i32, bool)> {
        match self.list(body, io) {
            Ok(code) => Ok((code, false)),
            Err(Stop::Break(0 | 1)) => Ok((0, true)),
            Err(Stop::Break(more)) => Err(Stop::Break(more - 1)),
            Err(Stop::Continue(0 | 1)) => Ok((0, false)),
            Err(Stop::Continue(more)) => Err(Stop::Continue(more - 1)),
            Err(other) => Err(other),
        }
    }

    fn simple(&mut self, simple: Simple<'_>, io: &Io) -> Run<i32> {
        let mut words = Vec::new();
        for word in simple.words() {
            words.extend(self.fields(word, io)?);
        }
        let mut assigned = Vec::new();
        for assignment in simple.assignments() {
            let value = match assignment.value() {
                Some(word) => self.single(word, io)?,
                None => return unknown("an array"),
            };
            let value = if assignment.is_append() {
                format!("{}{value}", self.variable(assignment.name()).unwrap_or(""))
            } else {
                value
            };
            assigned.push((assignment.name().to_owned(), value));
        }
        let redirections: Vec<Redirection<'_>> = simple.redirections().collect();
        self.redirected(&redirections, io, |process, io| {
            if words.is_empty() {
                for (name, value) in &assigned {
                    process.set_variable(name, value, false);
                }
                // The code of a substitution in it, if there was one.
                return Ok(if simple.assignments().any(|it| it.text().contains('$')) {
                    process.status
                } else {
                    0
                });
            }
            let before = process.variables.clone();
            for (name, value) in &assigned {
                process.set_variable(name, value, true);
            }
            let code = process.call(&words, io);
            if !assigned.is_empty() {
                process.variables = before;
            }
            code
        })
    }

    /// Runs something with its redirections in place, and writes the files that it filled.
    fn redirected(
        &mut self,
        redirections: &[Redirection<'_>],
        io: &Io,
        what: impl FnOnce(&mut Self, &Io) -> Run<i32>,
    ) -> Run<i32> {
        if redirections.is_empty() {
            return what(self, io);
        }
        let first = self.sinks.len();
        let mut own = io.clone();
        for redirection in redirections {
            if let Some(code) = self.redirect(redirection, &mut own)? {
                self.sinks.truncate(first);
                return Ok(code);
            }
        }
        let mut code = what(self, &own);
        for sink in self.sinks.split_off(first.min(self.sinks.len())) {
            if let Sink::File {
                path,
                bytes,
                append,
            } = sink
            {
                let written = self.fill(&path, bytes, append)?;
                if let (Err(_), Ok(0)) = (written, &code) {
                    code = Ok(1);
                }
            }
        }
        code
    }

    fn fill(&mut self, path: &str, bytes: Vec<u8>, append: bool) -> Run<Result<(), crate::Errno>> {
        if bytes.is_empty() {
            return Ok(Ok(()));
        }
        let mut whole = Vec::new();
        if append && let Ok(content) = self.read_file(path) {
            match content.as_bytes() {
                Some(old) => whole.extend_from_slice(old),
                None => return unknown("what is added to a large file"),
            }
        }
        whole.extend(bytes);
        Ok(self.write_file(path, Content::bytes(whole)))
    }

    /// Opens what a redirection names; a code where that fails.
    fn redirect(&mut self, redirection: &Redirection<'_>, io: &mut Io) -> Run<Option<i32>> {
        let Some(descriptor) = redirection.descriptor().filter(|&number| number < 3) else {
            return unknown("a descriptor above 2");
        };
        let op = redirection.op();
        if let Some(document) = redirection.here_doc() {
            let mut text = String::new();
            for part in document.parts() {
                self.quoted_part(part, io, &mut text)?;
            }
            if document.strips_tabs() {
                text = text
                    .split_inclusive('\n')
                    .map(|line| line.trim_start_matches('\t'))
                    .collect();
            }
            io.input = Input::Bytes(text.into_bytes().into());
            return Ok(None);
        }
        let Some(target) = redirection.target() else {
            return unknown("a redirection to nowhere");
        };
        let target = self.single(target, io)?;
        let set = |io: &mut Io, sink: usize| match descriptor {
            2 => io.err = sink,
            _ => io.out = sink,
        };
        match op {
            RedirectOp::Read => match self.input(&target)? {
                Ok(input) => io.input = input,
                Err(error) => {
                    let what = format!("can't open {target}: {}", error.words());
                    return self.complain(io, "/bin/sh", &what).map(Some);
                }
            },
            RedirectOp::Write
            | RedirectOp::Clobber
            | RedirectOp::Append
            | RedirectOp::WriteBoth
            | RedirectOp::AppendBoth => {
                let append = matches!(op, RedirectOp::Append | RedirectOp::AppendBoth);
                match self.output(&target, append)? {
                    Ok(sink) => {
                        set(io, sink);
                        if matches!(op, RedirectOp::WriteBoth | RedirectOp::AppendBoth) {
                            io.err = sink;
                        }
                    }
                    Err(error) => {
                        let what = format!("can't create {target}: {}", error.words());
                        return self.complain(io, "/bin/sh", &what).map(Some);
                    }
                }
            }
            RedirectOp::DuplicateOut => {
                let sink = match target.as_str() {
                    "1" => io.out,
                    "2" => io.err,
                    "-" => self.open(Sink::Nowhere)?,
                    _ => return unknown("a descriptor above 2"),
                };
                set(io, sink);
            }
            RedirectOp::HereString => {
                io.input = Input::Bytes(format!("{target}\n").into_bytes().into());
            }
            RedirectOp::DuplicateIn
            | RedirectOp::ReadWrite
            | RedirectOp::HereDoc
            | RedirectOp::HereDocStripped => return unknown("an unusual redirection"),
        }
        Ok(None)
    }

    /// What is read from a path.
    pub(super) fn input(&mut self, path: &str) -> Run<Result<Input, crate::Errno>> {
        match path {
            "/dev/null" => return Ok(Ok(Input::empty())),
            "/dev/zero" => return Ok(Ok(Input::Zeros)),
            "/dev/random" | "/dev/urandom" => return unknown("random bytes"),
            _ if path.starts_with("/proc/") || path.starts_with("/sys/") => {
                return unknown("what the system says of itself");
            }
            _ => {}
        }
        match self.read_file(path) {
            Ok(content) => match content.as_bytes() {
                Some(bytes) => Ok(Ok(Input::Bytes(bytes.into()))),
                None => unknown(format!("what is in {path}")),
            },
            Err(error) => Ok(Err(error)),
        }
    }

    /// Opens a path for writing. It is there from now on, and empty unless something is added.
    fn output(&mut self, path: &str, append: bool) -> Run<Result<usize, crate::Errno>> {
        match path {
            "/dev/null" => return self.open(Sink::Nowhere).map(Ok),
            "/dev/stdout" | "/dev/stderr" => return Ok(Ok(0)),
            _ => {}
        }
        let there = matches!(self.stat(path, true), Ok(Node::File(_)));
        if (!append || !there)
            && let Err(error) = self.write_file(path, Content::default())
        {
            return Ok(Err(error));
        }
        self.open(Sink::File {
            path: self.absolute(path),
            bytes: Vec::new(),
            append,
        })
        .map(Ok)
    }

    /// Calls a function, a builtin or a program.
    fn call(&mut self, words: &[String], io: &Io) -> Run<i32> {
        let Some((name, arguments)) = words.split_first() else {
            return Ok(0);
        };
        if let Some(body) = self.functions.get(name).cloned() {
            let outer = std::mem::replace(&mut self.arguments, arguments.to_vec());
            let code = self.script(&body, io);
            self.arguments = outer;
            return match code {
                Err(Stop::Return(code)) => Ok(code),
                other => other,
            };
        }
        if let Some(code) = self.builtin(name, arguments, io)? {
            return Ok(code);
        }
        self.external(words, io)
    }

    /// Runs a program: a script in the tree, or one of the tools that are known.
    pub(super) fn external(&mut self, words: &[String], io: &Io) -> Run<i32> {
        self.step()?;
        let Some((name, arguments)) = words.split_first() else {
            return Ok(0);
        };
        let Some(path) = self.find_program(name) else {
            if self.assumes_tools {
                return self.applet(base_name(name), arguments, io);
            }
            let what = format!("{name}: not found");
            self.complain(io, "/bin/sh", &what)?;
            return Ok(127);
        };
        let Ok(Node::File(file)) = self.stat(&path, true) else {
            return Ok(126);
        };
        if !self.may(file.meta, 1) {
            return Ok(126);
        }
        if let Some(text) = file.content.as_bytes()
            && let Ok(text) = std::str::from_utf8(text)
            && !text.is_empty()
        {
            let first = text.lines().next().unwrap_or_default();
            let shell = first.strip_prefix("#!").map(str::trim);
            return match shell {
                None | Some("/bin/sh" | "/bin/ash" | "/usr/bin/env sh" | "/bin/sh -e") => {
                    let text = text.to_owned();
                    let arguments = arguments.to_vec();
                    let exits = shell == Some("/bin/sh -e");
                    self.apart(|process| {
                        process.arguments = arguments;
                        process.switches.exits = exits;
                        process.switches.fails_in_pipes = false;
                        process.switches.fails_unset = false;
                        process.functions.clear();
                        process.variables.retain(|_, variable| variable.exported);
                        process.script(&text, io)
                    })
                }
                Some(other) => unknown(format!("a script for `{other}`")),
            };
        }
        self.applet(base_name(name), arguments, io)
    }

    /// `sh -c script name arguments…`
    pub(super) fn shell(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let (mut exits, mut pipes, mut unset) = (false, false, false);
        let mut rest = arguments.iter();
        let mut command = false;
        while let Some(word) = rest.next() {
            match word.strip_prefix('-') {
                Some(flags) if !flags.is_empty() => {
                    exits |= flags.contains('e');
                    unset |= flags.contains('u');
                    command |= flags.contains('c');
                    if flags.contains('o') {
                        match rest.next().map(String::as_str) {
                            Some("errexit") => exits = true,
                            Some("pipefail") => pipes = true,
                            Some("nounset") => unset = true,
                            _ => {}
                        }
                    }
                }
                _ => {
                    let rest: Vec<String> = rest.skip(usize::from(command)).cloned().collect();
                    let text = if command {
                        word.clone()
                    } else {
                        match self.read_file(word) {
                            Ok(content) => match content.as_bytes() {
                                Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                                None => return unknown("a large script"),
                            },
                            Err(_) => return Ok(2),
                        }
                    };
                    return self.apart(|process| {
                        process.arguments = rest;
                        process.switches.exits = exits;
                        process.switches.fails_in_pipes = pipes;
                        process.switches.fails_unset = unset;
                        process.functions.clear();
                        process.variables.retain(|_, variable| variable.exported);
                        let level = process
                            .variable("SHLVL")
                            .and_then(|level| level.parse::<u32>().ok())
                            .unwrap_or(0);
                        process.set_variable("SHLVL", &(level + 1).to_string(), true);
                        let here = process.workdir.clone();
                        process.set_variable("PWD", &here, true);
                        process.script(&text, io)
                    });
                }
            }
        }
        match &io.input {
            Input::Bytes(bytes) if !bytes.is_empty() && bytes.len() < MOST_BYTES => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.apart(|process| process.script(&text, io))
            }
            _ => Ok(0),
        }
    }
}
