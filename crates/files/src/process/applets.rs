//! The tools by name, and those that tell of files and of the process.

use std::fmt::Write as _;

use super::options::Options;
use super::{Io, Process, Run, unknown};
use crate::tree::{Errno, Node, base_name, join, parent};
use crate::users;

impl Process {
    /// Runs a tool. One that is not known is not guessed.
    pub(super) fn applet(&mut self, name: &str, arguments: &[String], io: &Io) -> Run<i32> {
        match name {
            "sh" | "ash" | "bash" | "dash" => self.shell(arguments, io),
            "true" | "sync" => Ok(0),
            "sleep" => {
                for word in arguments {
                    let Some(time) = thousandths(word) else {
                        return unknown("a time");
                    };
                    self.slept = self.slept.saturating_add(time);
                }
                Ok(0)
            }
            "false" => Ok(1),
            "echo" | "printf" | "pwd" | "test" | "[" => {
                Ok(self.builtin(name, arguments, io)?.unwrap_or(0))
            }
            "cat" => self.cat(arguments, io),
            "head" | "tail" => self.head_or_tail(name, arguments, io),
            "sort" => self.sort(arguments, io),
            "uniq" => self.uniq(arguments, io),
            "wc" => self.wc(arguments, io),
            "cut" => self.cut(arguments, io),
            "grep" | "egrep" | "fgrep" => self.grep(name, arguments, io),
            "sed" => self.sed(arguments, io),
            "tr" => self.tr(arguments, io),
            "tee" => self.tee(arguments, io),
            "sha256sum" => self.sha256sum(arguments, io),
            "xargs" => self.xargs(arguments, io),
            "mkdir" => self.mkdir(arguments, io),
            "mkfifo" => self.mkfifo(arguments, io),
            "touch" => self.touch(arguments, io),
            "rm" | "unlink" => self.rm(arguments, io),
            "rmdir" => self.rmdir(arguments, io),
            "cp" => self.cp(arguments, io),
            "mv" => self.mv(arguments, io),
            "ln" => self.ln(arguments, io),
            "chmod" => self.chmod(arguments, io),
            "chown" | "chgrp" => self.chown(name, arguments, io),
            "install" => self.install(arguments, io),
            "truncate" => self.truncate(arguments, io),
            "dd" => self.dd(arguments, io),
            "fallocate" => self.fallocate(arguments, io),
            "ls" => self.ls(arguments, io),
            "stat" => self.print_stat(arguments, io),
            "find" => self.find(arguments, io),
            "env" => self.env(arguments, io),
            "printenv" => self.printenv(arguments, io),
            "id" => self.id(arguments, io),
            "whoami" => self.print(io, &self.user_name(self.user.uid)),
            "basename" => self.basename(arguments, io),
            "dirname" => {
                let path = arguments.first().map_or("", String::as_str);
                let folder = match path.trim_end_matches('/').rsplit_once('/') {
                    Some(("", _)) => "/",
                    Some((folder, _)) => folder,
                    None => ".",
                };
                self.print(io, folder)
            }
            "readlink" | "realpath" => self.readlink(name, arguments, io),
            "which" => {
                let wanted = arguments.first().map_or("", String::as_str);
                match self.find_program(wanted) {
                    Some(path) => self.print(io, &path),
                    None => Ok(1),
                }
            }
            "seq" => self.seq(arguments, io),
            other => unknown(format!("what `{other}` does")),
        }
    }

    fn print(&mut self, io: &Io, line: &str) -> Run<i32> {
        self.write(io.out, format!("{line}\n").as_bytes())?;
        Ok(0)
    }

    fn ls(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "aA1d", "", &[("all", 'a')])?;
        let mut paths = options.operands.clone();
        if paths.is_empty() {
            paths.push(".");
        }
        let mut code = 0;
        let mut files = Vec::new();
        let mut folders = Vec::new();
        for path in &paths {
            match self.stat(path, true) {
                Ok(Node::Dir(dir)) if !options.has("d") => {
                    if !self.may(dir.meta, 4) {
                        code = self.complain(
                            io,
                            "ls",
                            &format!("can't open '{path}': {}", Errno::Permission.words()),
                        )?;
                        continue;
                    }
                    let mut names: Vec<String> = dir
                        .entries
                        .keys()
                        .filter(|name| options.has("aA") || !name.starts_with('.'))
                        .map(ToString::to_string)
                        .collect();
                    if options.has("a") {
                        names.extend([".".to_owned(), "..".to_owned()]);
                        names.sort();
                    }
                    folders.push(((*path).to_owned(), names));
                }
                Ok(_) => files.push((*path).to_owned()),
                Err(_) if self.stat(path, false).is_ok() => files.push((*path).to_owned()),
                Err(error) => {
                    code = self.complain(io, "ls", &format!("{path}: {}", error.words()))?;
                }
            }
        }
        files.sort();
        let mut out = String::new();
        for file in &files {
            out.push_str(file);
            out.push('\n');
        }
        for (path, names) in folders {
            if paths.len() > 1 {
                if !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(&path);
                out.push_str(":\n");
            }
            for name in names {
                out.push_str(&name);
                out.push('\n');
            }
        }
        self.write(io.out, out.as_bytes())?;
        Ok(code)
    }

    fn user_name(&self, uid: u32) -> String {
        users::user(&self.tree, &uid.to_string())
            .map(|user| user.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| uid.to_string())
    }

    fn print_stat(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "L", "c", &[("format", 'c')])?;
        let Some(format) = options.value('c') else {
            return unknown("what stat prints");
        };
        let mut code = 0;
        for path in &options.operands {
            let node = match self.stat(path, options.has("L")) {
                Ok(node) => node,
                Err(error) => {
                    code = self.complain(
                        io,
                        "stat",
                        &format!("can't stat '{path}': {}", error.words()),
                    )?;
                    continue;
                }
            };
            let meta = node.meta();
            let mut out = String::new();
            let mut letters = format.chars();
            while let Some(letter) = letters.next() {
                if letter != '%' {
                    out.push(letter);
                    continue;
                }
                match (letters.next(), &node) {
                    (Some('a'), _) => {
                        // Writing to a string does not fail.
                        let _ = write!(out, "{:o}", meta.mode);
                    }
                    (Some('u'), _) => out.push_str(&meta.uid.to_string()),
                    (Some('g'), _) => out.push_str(&meta.gid.to_string()),
                    (Some('U'), _) => out.push_str(&self.user_name(meta.uid)),
                    (Some('n'), _) => out.push_str(path),
                    (Some('s'), Node::File(file)) => out.push_str(&file.content.size().to_string()),
                    (Some('F'), Node::File(_)) => out.push_str("regular file"),
                    (Some('F'), Node::Dir(_)) => out.push_str("directory"),
                    (Some('F'), Node::Link(_)) => out.push_str("symbolic link"),
                    (Some('%'), _) => out.push('%'),
                    _ => return unknown("what stat prints"),
                }
            }
            self.print(io, &out)?;
        }
        Ok(code)
    }

    fn find(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let split = arguments
            .iter()
            .position(|word| word.starts_with('-') || word == "!");
        let (paths, tests) = arguments.split_at(split.unwrap_or(arguments.len()));
        let mut tests = tests.iter().map(String::as_str);
        let (mut name, mut kind, mut deepest, mut delete) = (None, None, usize::MAX, false);
        while let Some(test) = tests.next() {
            match test {
                "-name" => name = tests.next(),
                "-type" => kind = tests.next(),
                "-maxdepth" => match tests.next().and_then(|depth| depth.parse().ok()) {
                    Some(depth) => deepest = depth,
                    None => return Ok(1),
                },
                "-delete" => delete = true,
                "-print" => {}
                _ => return unknown("what find finds"),
            }
        }
        let here = [".".to_owned()];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        let mut code = 0;
        let mut found: Vec<(String, String)> = Vec::new();
        for path in paths {
            let place = match self.locate(path, true) {
                Ok(place) if self.tree.at(&place).is_some() => place,
                _ => {
                    code =
                        self.complain(io, "find", &format!("{path}: {}", Errno::NotFound.words()))?;
                    continue;
                }
            };
            let mut all = Vec::new();
            if let Some(node) = self.tree.at(&place) {
                all.push((place.clone(), node));
            }
            self.tree.walk(&place, &mut |path, node| {
                all.push((path.to_owned(), node.clone()));
            });
            for (inner, node) in all {
                self.step()?;
                let below = inner.strip_prefix(place.as_str()).unwrap_or("");
                let depth = crate::tree::names(below).count();
                let fits = name.is_none_or(|name| {
                    crate::glob::matches(name, base_name(if depth == 0 { path } else { &inner }))
                }) && match kind {
                    None => true,
                    Some("f") => matches!(node, Node::File(_)),
                    Some("d") => matches!(node, Node::Dir(_)),
                    Some("l") => matches!(node, Node::Link(_)),
                    Some(_) => return unknown("what find finds"),
                };
                if fits && depth <= deepest {
                    let shown = if below.is_empty() {
                        path.clone()
                    } else {
                        join(path, below.trim_start_matches('/'))
                    };
                    found.push((shown, inner));
                }
            }
        }
        if delete {
            for (_, place) in found.into_iter().rev() {
                if self.may_remove(&place).is_ok() {
                    let _ = self.tree.remove(&place);
                }
            }
            return Ok(code);
        }
        let mut out = String::new();
        for (shown, _) in found {
            out.push_str(&shown);
            out.push('\n');
        }
        self.write(io.out, out.as_bytes())?;
        Ok(code)
    }

    fn exported(&self) -> Vec<String> {
        self.variables
            .iter()
            .filter(|(_, variable)| variable.exported)
            .map(|(name, variable)| format!("{name}={}", variable.value))
            .collect()
    }

    fn env(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let split = arguments
            .iter()
            .position(|word| !word.contains('='))
            .unwrap_or(arguments.len());
        let (set, command) = arguments.split_at(split);
        if command.first().is_some_and(|word| word.starts_with('-')) {
            return unknown("an option of env");
        }
        let before = self.variables.clone();
        for pair in set {
            if let Some((name, value)) = pair.split_once('=') {
                self.set_variable(name, value, true);
            }
        }
        let code = if command.is_empty() {
            // In what order they come depends on the shell; whoever needs one sorts them.
            let mut out = self.exported().join("\n");
            out.push('\n');
            self.write(io.out, out.as_bytes()).map(|()| 0)
        } else {
            self.external(command, io)
        };
        self.variables = before;
        code
    }

    fn printenv(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        if arguments.is_empty() {
            return self.env(&[], io);
        }
        let mut code = 0;
        for name in arguments {
            match self
                .variables
                .get(name)
                .filter(|variable| variable.exported)
            {
                Some(variable) => {
                    let value = variable.value.clone();
                    self.print(io, &value)?;
                }
                None => code = 1,
            }
        }
        Ok(code)
    }

    fn id(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "unggr", "", &[])?;
        let line = match (options.has("u"), options.has("g"), options.has("n")) {
            (true, false, false) => self.user.uid.to_string(),
            (true, false, true) => self.user_name(self.user.uid),
            (false, true, false) => self.user.gid.to_string(),
            _ => return unknown("what id prints"),
        };
        self.print(io, &line)
    }

    fn basename(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let path = arguments.first().map_or("", String::as_str);
        let name = base_name(path);
        let ending = arguments.get(1).map_or("", String::as_str);
        let name = name
            .strip_suffix(ending)
            .filter(|name| !name.is_empty())
            .unwrap_or(name);
        let name = name.to_owned();
        self.print(io, &name)
    }

    fn readlink(&mut self, tool: &str, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "fem", "", &[])?;
        let Some(path) = options.operands.first() else {
            return Ok(1);
        };
        if tool == "readlink" && options.given.is_empty() {
            return match self.stat(path, false) {
                Ok(Node::Link(link)) => self.print(io, &link.to),
                _ => Ok(1),
            };
        }
        match self.locate(path, true) {
            Ok(place) if self.tree.at(parent(&place)).is_some() => self.print(io, &place),
            _ => Ok(1),
        }
    }

    fn seq(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let numbers: Option<Vec<i64>> = arguments.iter().map(|word| word.parse().ok()).collect();
        let (low, step, high) = match numbers.as_deref() {
            Some(&[high]) => (1, 1, high),
            Some(&[low, high]) => (low, 1, high),
            Some(&[low, step, high]) if step != 0 => (low, step, high),
            _ => return unknown("what seq prints"),
        };
        let mut at = low;
        while if step > 0 { at <= high } else { at >= high } {
            self.step()?;
            self.write(io.out, format!("{at}\n").as_bytes())?;
            let Some(next) = at.checked_add(step) else {
                break;
            };
            at = next;
        }
        Ok(0)
    }
}

/// `1.5` in thousandths.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let whole = if whole.is_empty() { "0" } else { whole };
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(part.parse().ok()?)
}
