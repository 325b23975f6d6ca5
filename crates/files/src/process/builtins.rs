//! What the shell does itself.

use stagecraft_shell::List;

use super::{Io, Process, Run, Stop, unknown};
use crate::tree::{Errno, Node};

impl Process {
    /// A list that runs in a process of its own, for what it prints.
    pub(super) fn substitution(&mut self, list: List<'_>, io: &Io) -> Run<i32> {
        let kept = (
            self.variables.clone(),
            self.functions.clone(),
            self.arguments.clone(),
            self.workdir.clone(),
            self.switches,
        );
        let code = match self.list(list, io) {
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
        ) = kept;
        code
    }

    /// Runs a builtin; `None` where the name is none.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        arguments: &[String],
        io: &Io,
    ) -> Run<Option<i32>> {
        let first = arguments.first().map(String::as_str);
        let number = |text: Option<&str>, default: i32| {
            text.and_then(|text| text.parse::<i32>().ok())
                .unwrap_or(default)
        };
        let levels = number(first, 1).max(1).unsigned_abs();
        Ok(Some(match name {
            ":" | "true" | "wait" | "trap" | "hash" | "alias" | "ulimit" => 0,
            "false" => 1,
            "exit" => return Err(Stop::Exit(number(first, self.status) & 255)),
            "return" => return Err(Stop::Return(number(first, self.status) & 255)),
            "break" => return Err(Stop::Break(levels)),
            "continue" => return Err(Stop::Continue(levels)),
            "cd" => self.change_folder(first, io)?,
            "export" | "readonly" | "local" => {
                let exports = name == "export";
                for argument in arguments.iter().filter(|word| !word.starts_with('-')) {
                    let known = self.variable(argument).unwrap_or("").to_owned();
                    let (name, value) = argument.split_once('=').unwrap_or((argument, &known));
                    self.set_variable(name, value, exports);
                }
                0
            }
            "unset" => {
                for argument in arguments {
                    self.variables.remove(argument);
                    self.functions.remove(argument);
                }
                0
            }
            "shift" => {
                let count = usize::try_from(levels)
                    .unwrap_or(1)
                    .min(self.arguments.len());
                self.arguments.drain(..count);
                0
            }
            "set" => self.set_options(arguments)?,
            "umask" => match first.map(|mask| u32::from_str_radix(mask, 8)) {
                Some(Ok(mask)) => {
                    self.umask = mask & 0o777;
                    0
                }
                _ => return unknown("what `umask` says"),
            },
            "eval" => {
                let text = arguments.join(" ");
                self.script(&text, io)?
            }
            "exec" if arguments.is_empty() => 0,
            "exec" => {
                let code = self.external(arguments, io)?;
                return Err(Stop::Exit(code));
            }
            "command" | "builtin" => self.plain_command(arguments, io)?,
            "." | "source" => self.source(first, io)?,
            "read" | "getopts" | "jobs" | "times" => {
                return unknown(format!("what `{name}` finds"));
            }
            "pwd" => {
                let here = if first == Some("-P") {
                    self.locate(".", true)
                        .unwrap_or_else(|_| self.workdir.clone())
                } else {
                    self.workdir.clone()
                };
                self.write(io.out, format!("{here}\n").as_bytes())?;
                0
            }
            "echo" => self.echo(arguments, io)?,
            "printf" => self.printf(arguments, io)?,
            "test" => self.test(arguments)?,
            "[" => match arguments.split_last() {
                Some((last, rest)) if last == "]" => self.test(rest)?,
                _ => 2,
            },
            _ => return Ok(None),
        }))
    }

    /// `command NAME` and `command -v NAME`
    fn plain_command(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let Some((name, rest)) = arguments.split_first() else {
            return Ok(0);
        };
        if matches!(name.as_str(), "-v" | "-V") {
            let wanted = rest.first().map_or("", String::as_str);
            return match self.find_program(wanted) {
                Some(path) => {
                    self.write(io.out, format!("{path}\n").as_bytes())?;
                    Ok(0)
                }
                None => Ok(127),
            };
        }
        match self.builtin(name, rest, io)? {
            Some(code) => Ok(code),
            None => self.external(arguments, io),
        }
    }

    /// Runs a file's lines in this process.
    fn source(&mut self, path: Option<&str>, io: &Io) -> Run<i32> {
        let Some(Ok(content)) = path.map(|path| self.read_file(path)) else {
            return Ok(2);
        };
        match content.as_bytes() {
            Some(bytes) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.script(&text, io)
            }
            None => unknown("a large script"),
        }
    }

    fn change_folder(&mut self, to: Option<&str>, io: &Io) -> Run<i32> {
        let home = self.variable("HOME").unwrap_or("/").to_owned();
        let to = to.unwrap_or(&home).to_owned();
        if to == "-" {
            return unknown("the folder before");
        }
        // As written, so that links stay in the name: `cd link && pwd` is the link.
        let mut parts: Vec<&str> = Vec::new();
        let whole = self.absolute(&to);
        for name in crate::tree::names(&whole) {
            if name == ".." {
                parts.pop();
            } else {
                parts.push(name);
            }
        }
        let place = format!("/{}", parts.join("/"));
        match self.stat(&place, true) {
            Ok(Node::Dir(dir)) if self.may(dir.meta, 1) => {
                self.set_variable("PWD", &place, true);
                self.workdir = place;
                Ok(0)
            }
            Ok(Node::Dir(_)) => self.complain(
                io,
                "cd",
                &format!("can't cd to {to}: {}", Errno::Permission.words()),
            ),
            Ok(_) => self.complain(
                io,
                "cd",
                &format!("can't cd to {to}: {}", Errno::NotDir.words()),
            ),
            Err(error) => {
                self.complain(io, "cd", &format!("can't cd to {to}: {}", error.words()))?;
                Ok(2)
            }
        }
    }

    fn set_options(&mut self, arguments: &[String]) -> Run<i32> {
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            let (on, flags) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
                (Some("-"), _) => {
                    self.arguments = rest.cloned().collect();
                    return Ok(0);
                }
                (Some(flags), _) => (true, flags),
                (_, Some(flags)) => (false, flags),
                _ => {
                    self.arguments = std::iter::once(word).chain(rest).cloned().collect();
                    return Ok(0);
                }
            };
            for flag in flags.chars() {
                match flag {
                    'e' => self.switches.exits = on,
                    'u' => self.switches.fails_unset = on,
                    // Only what is printed.
                    'x' | 'v' => {}
                    'o' => match rest.next().map(String::as_str) {
                        Some("errexit") => self.switches.exits = on,
                        Some("pipefail") => self.switches.fails_in_pipes = on,
                        Some("nounset") => self.switches.fails_unset = on,
                        Some("xtrace") => {}
                        _ => return unknown("an option of the shell"),
                    },
                    _ => return unknown("an option of the shell"),
                }
            }
        }
        Ok(0)
    }

    fn echo(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let mut newline = true;
        let mut escapes = false;
        let mut words = arguments;
        while let Some((first, rest)) = words.split_first() {
            let flags = first.strip_prefix('-').unwrap_or_default();
            if flags.is_empty() || !flags.chars().all(|flag| matches!(flag, 'n' | 'e' | 'E')) {
                break;
            }
            newline &= !flags.contains('n');
            escapes |= flags.contains('e');
            words = rest;
        }
        let text = words.join(" ");
        let (mut bytes, ended) = if escapes {
            unescape(&text)
        } else {
            (text.into_bytes(), false)
        };
        if newline && !ended {
            bytes.push(b'\n');
        }
        self.write(io.out, &bytes)?;
        Ok(0)
    }

    fn printf(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let Some((format, values)) = arguments.split_first() else {
            return Ok(1);
        };
        let (format, _) = unescape(format);
        let Ok(format) = String::from_utf8(format) else {
            return unknown("bytes that are no text");
        };
        let mut values = values.iter();
        let mut out = Vec::new();
        loop {
            let before = values.len();
            let mut letters = format.chars();
            while let Some(letter) = letters.next() {
                if letter != '%' {
                    let mut buffer = [0; 4];
                    out.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
                    continue;
                }
                let value = |values: &mut std::slice::Iter<'_, String>| {
                    values.next().cloned().unwrap_or_default()
                };
                match letters.next() {
                    Some('%') => out.push(b'%'),
                    Some('s') => out.extend(value(&mut values).into_bytes()),
                    Some('b') => out.extend(unescape(&value(&mut values)).0),
                    Some('d' | 'i' | 'u') => {
                        let value = value(&mut values);
                        let number: i64 = if value.is_empty() {
                            0
                        } else {
                            match value.parse() {
                                Ok(number) => number,
                                Err(_) => return unknown("a number"),
                            }
                        };
                        out.extend(number.to_string().into_bytes());
                    }
                    _ => return unknown("a format of `printf`"),
                }
            }
            // The format is used again as long as values are left.
            if values.len() == 0 || values.len() == before {
                break;
            }
            self.step()?;
        }
        self.write(io.out, &out)?;
        Ok(0)
    }

    fn test(&mut self, words: &[String]) -> Run<i32> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Ok(i32::from(!self.holds(&words)?))
    }

    fn holds(&mut self, words: &[&str]) -> Run<bool> {
        self.step()?;
        // Up to three words are one question, whatever they look like.
        for op in ["-o", "-a"] {
            let at = words.iter().rposition(|&word| word == op);
            if let Some(at) = at.filter(|&at| at > 0 && words.len() > 3) {
                let (left, right) = words.split_at(at);
                let left = self.holds(left)?;
                let right = self.holds(right.get(1..).unwrap_or_default())?;
                return Ok(if op == "-o" {
                    left || right
                } else {
                    left && right
                });
            }
        }
        Ok(match words {
            [] | ["-t", _] => false,
            [word] | ["-n", word] => !word.is_empty(),
            ["!", rest @ ..] => !self.holds(rest)?,
            ["-z", word] => word.is_empty(),
            ["-e", path] => self.stat(path, true).is_ok(),
            ["-f", path] => matches!(self.stat(path, true), Ok(Node::File(_))),
            ["-d", path] => matches!(self.stat(path, true), Ok(Node::Dir(_))),
            ["-L" | "-h", path] => matches!(self.stat(path, false), Ok(Node::Link(_))),
            ["-p", path] => matches!(self.stat(path, true), Ok(Node::Fifo(_))),
            ["-s", path] => {
                matches!(self.stat(path, true), Ok(Node::File(file)) if file.content.size() > 0)
            }
            ["-r", path] => self
                .stat(path, true)
                .is_ok_and(|node| self.may(node.meta(), 4)),
            ["-w", path] => self
                .stat(path, true)
                .is_ok_and(|node| self.may(node.meta(), 2)),
            ["-x", path] => self.stat(path, true).is_ok_and(|node| {
                self.may(node.meta(), 1)
                    && (node.as_dir().is_some() || node.meta().mode & 0o111 != 0)
            }),
            [one, "=" | "==", two] => one == two,
            [one, "!=", two] => one != two,
            [
                one,
                op @ ("-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge"),
                two,
            ] => {
                let (Ok(one), Ok(two)) = (one.parse::<i64>(), two.parse::<i64>()) else {
                    return unknown("a number");
                };
                match *op {
                    "-eq" => one == two,
                    "-ne" => one != two,
                    "-lt" => one < two,
                    "-le" => one <= two,
                    "-gt" => one > two,
                    _ => one >= two,
                }
            }
            [one, "-a", two] => !one.is_empty() && !two.is_empty(),
            [one, "-o", two] => !one.is_empty() || !two.is_empty(),
            _ => return unknown("a test"),
        })
    }
}

/// What backslashes stand for in `echo -e` and `printf`, and whether `\c` ends it all.
fn unescape(text: &str) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            let mut buffer = [0; 4];
            out.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        match letters.next() {
            Some('n') => out.push(b'\n'),
            Some('t') => out.push(b'\t'),
            Some('r') => out.push(b'\r'),
            Some('a') => out.push(7),
            Some('b') => out.push(8),
            Some('f') => out.push(12),
            Some('v') => out.push(11),
            Some('c') => return (out, true),
            Some(digit @ '0'..='7') => {
                let mut code = digit.to_digit(8).unwrap_or(0);
                for _ in 0..3 {
                    let Some(next) = letters.peek().and_then(|next| next.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + next;
                    letters.next();
                }
                out.push(u8::try_from(code & 255).unwrap_or(0));
            }
            Some('\\') | None => out.push(b'\\'),
            Some(other) => {
                out.push(b'\\');
                let mut buffer = [0; 4];
                out.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    (out, false)
}
