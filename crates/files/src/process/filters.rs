//! Tools that read and print.

use regex_lite::{Regex, RegexBuilder};
use sha2::{Digest, Sha256};

use super::options::{Options, size};
use super::{Input, Io, Process, Run, unknown};
use crate::content::Content;

/// The lines of some bytes, without their line feeds.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

fn put_lines<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out
}

impl Process {
    /// What the files named by `paths` hold, or what comes in where none is named, and whether
    /// all could be read.
    fn gather(&mut self, tool: &str, paths: &[&str], io: &Io) -> Run<(Vec<u8>, i32)> {
        if paths.is_empty() {
            return match &io.input {
                Input::Bytes(bytes) => Ok((bytes.to_vec(), 0)),
                Input::Zeros => unknown("zeros without end"),
            };
        }
        let mut all = Vec::new();
        let mut code = 0;
        for path in paths {
            self.step()?;
            let input = if *path == "-" {
                Ok(io.input.clone())
            } else {
                self.input(path)?
            };
            match input {
                Ok(Input::Bytes(bytes)) => {
                    if all.len() + bytes.len() > super::MOST_BYTES {
                        return unknown("more than can be kept");
                    }
                    all.extend_from_slice(&bytes);
                }
                Ok(Input::Zeros) => return unknown("zeros without end"),
                Err(error) => {
                    let what = match error {
                        crate::Errno::IsDir => "read error: Is a directory".to_owned(),
                        error => format!("can't open '{path}': {}", error.words()),
                    };
                    code = self.complain(io, tool, &what)?;
                }
            }
        }
        Ok((all, code))
    }

    pub(super) fn cat(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "u", "", &[])?;
        let (bytes, code) = self.gather("cat", &options.operands, io)?;
        self.write(io.out, &bytes)?;
        Ok(code)
    }

    pub(super) fn head_or_tail(&mut self, tool: &str, arguments: &[String], io: &Io) -> Run<i32> {
        // `-5` is `-n 5`.
        let arguments: Vec<String> = arguments
            .iter()
            .map(|word| match word.strip_prefix('-') {
                Some(number) if number.starts_with(|c: char| c.is_ascii_digit()) => {
                    format!("-n{number}")
                }
                _ => word.clone(),
            })
            .collect();
        let options = Options::read(&arguments, "qv", "nc", &[("bytes", 'c'), ("lines", 'n')])?;
        let head = tool == "head";
        if let Some(text) = options.value('c') {
            let Some(count) = size(text).and_then(|size| usize::try_from(size).ok()) else {
                return unknown("a count");
            };
            let zeros = match options.operands.as_slice() {
                [] => matches!(io.input, Input::Zeros),
                [path] => *path == "/dev/zero",
                _ => return unknown("several files"),
            };
            if zeros && head {
                if count > super::MOST_BYTES {
                    return unknown("more zeros than can be kept");
                }
                self.write(io.out, &vec![0; count])?;
                return Ok(0);
            }
            let (bytes, code) = self.gather(tool, &options.operands, io)?;
            let part = if head {
                bytes.get(..count.min(bytes.len()))
            } else {
                bytes.get(bytes.len().saturating_sub(count)..)
            };
            self.write(io.out, part.unwrap_or_default())?;
            return Ok(code);
        }
        let text = options.value('n').unwrap_or("10");
        let from_start = text.starts_with('+');
        let Ok(count) = text.trim_start_matches('+').parse::<usize>() else {
            return unknown("a count");
        };
        if options.operands.len() > 1 {
            return unknown("several files");
        }
        let (bytes, code) = self.gather(tool, &options.operands, io)?;
        let all = lines(&bytes);
        let part = if head {
            all.get(..count.min(all.len()))
        } else if from_start {
            all.get(count.saturating_sub(1).min(all.len())..)
        } else {
            all.get(all.len().saturating_sub(count)..)
        };
        let out = put_lines(part.unwrap_or_default().iter().copied());
        self.write(io.out, &out)?;
        Ok(code)
    }

    pub(super) fn sort(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "urn", "", &[("unique", 'u'), ("reverse", 'r')])?;
        let (bytes, code) = self.gather("sort", &options.operands, io)?;
        let mut all = lines(&bytes);
        if options.has("n") {
            let number = |line: &[u8]| {
                let text = String::from_utf8_lossy(line);
                let text = text.trim_start();
                let end = text
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(text.len());
                text.get(..end)
                    .unwrap_or_default()
                    .parse::<u64>()
                    .unwrap_or(0)
            };
            all.sort_by_key(|line| (number(line), *line));
        } else {
            all.sort_unstable();
        }
        if options.has("r") {
            all.reverse();
        }
        if options.has("u") {
            all.dedup();
        }
        let out = put_lines(all);
        self.write(io.out, &out)?;
        Ok(code)
    }

    pub(super) fn uniq(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "", "", &[])?;
        let (bytes, code) = self.gather("uniq", &options.operands, io)?;
        let mut all = lines(&bytes);
        all.dedup();
        let out = put_lines(all);
        self.write(io.out, &out)?;
        Ok(code)
    }

    pub(super) fn wc(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "clw", "", &[])?;
        let ([(which, _)], [] | [_]) = (options.given.as_slice(), options.operands.as_slice())
        else {
            return unknown("what wc prints");
        };
        let (bytes, code) = self.gather("wc", &options.operands, io)?;
        let count = match which {
            'c' => bytes.len(),
            'l' => bytes.split(|&byte| byte == b'\n').count() - 1,
            _ => String::from_utf8_lossy(&bytes).split_whitespace().count(),
        };
        let name = options
            .operands
            .first()
            .map_or(String::new(), |name| format!(" {name}"));
        self.write(io.out, format!("{count}{name}\n").as_bytes())?;
        Ok(code)
    }

    pub(super) fn cut(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "s", "dfc", &[])?;
        let (Some(fields), None) = (options.value('f'), options.value('c')) else {
            return unknown("what cut prints");
        };
        let delimiter = options.value('d').unwrap_or("\t");
        let wanted: Option<Vec<(usize, usize)>> = fields
            .split(',')
            .map(|range| match range.split_once('-') {
                None => range.parse().ok().map(|at| (at, at)),
                Some((low, "")) => low.parse().ok().map(|low| (low, usize::MAX)),
                Some(("", high)) => high.parse().ok().map(|high| (1, high)),
                Some((low, high)) => Some((low.parse().ok()?, high.parse().ok()?)),
            })
            .collect();
        let Some(wanted) = wanted else {
            return unknown("what cut prints");
        };
        let (bytes, code) = self.gather("cut", &options.operands, io)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut out = String::new();
        for line in text.lines() {
            if line.contains(delimiter) {
                let parts: Vec<&str> = line
                    .split(delimiter)
                    .enumerate()
                    .filter(|(at, _)| {
                        wanted
                            .iter()
                            .any(|&(low, high)| (low..=high).contains(&(at + 1)))
                    })
                    .map(|(_, part)| part)
                    .collect();
                out.push_str(&parts.join(delimiter));
            } else if !options.has("s") {
                out.push_str(line);
            } else {
                continue;
            }
            out.push('\n');
        }
        self.write(io.out, out.as_bytes())?;
        Ok(code)
    }

    pub(super) fn grep(&mut self, tool: &str, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "vqiEFowxscrRhH",
            "e",
            &[("quiet", 'q'), ("invert-match", 'v')],
        )?;
        if options.has("rRowcH") {
            return unknown("what grep prints");
        }
        let mut operands = options.operands.iter().copied();
        let Some(pattern) = options.value('e').or_else(|| operands.next()) else {
            return Ok(2);
        };
        let pattern = if options.has("F") || tool == "fgrep" {
            regex_lite::escape(pattern)
        } else if options.has("E") || tool == "egrep" {
            pattern.to_owned()
        } else {
            extended(pattern)
        };
        let pattern = if options.has("x") {
            format!("^(?:{pattern})$")
        } else {
            pattern
        };
        let Some(regex) = regex(&pattern, options.has("i")) else {
            return unknown("a pattern");
        };
        let paths: Vec<&str> = operands.collect();
        if paths.len() > 1 && !options.has("qh") {
            return unknown("what grep prints");
        }
        let (bytes, code) = self.gather("grep", &paths, io)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let found: Vec<&[u8]> = text
            .lines()
            .filter(|line| regex.is_match(line) != options.has("v"))
            .map(str::as_bytes)
            .collect();
        if !options.has("q") {
            let out = put_lines(found.iter().copied());
            self.write(io.out, &out)?;
        }
        Ok(if code != 0 {
            2
        } else {
            i32::from(found.is_empty())
        })
    }

    /// `s/…/…/` over files and what comes in.
    pub(super) fn sed(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "inEr", "e", &[])?;
        if options.has("n") {
            return unknown("what sed prints");
        }
        let mut operands = options.operands.iter().copied();
        let scripts: Vec<&str> = options
            .given
            .iter()
            .filter(|(letter, _)| *letter == 'e')
            .filter_map(|(_, value)| *value)
            .collect();
        let scripts = if scripts.is_empty() {
            operands.next().into_iter().collect()
        } else {
            scripts
        };
        let mut rules = Vec::new();
        for script in scripts {
            let Some(rule) = substitution(script, options.has("Er")) else {
                return unknown("what sed does");
            };
            rules.push(rule);
        }
        let change = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let mut out = String::new();
            for line in text.split_inclusive('\n') {
                let (body, end) = match line.strip_suffix('\n') {
                    Some(body) => (body, "\n"),
                    None => (line, ""),
                };
                let mut body = body.to_owned();
                for (regex, with, all) in &rules {
                    body = if *all {
                        regex.replace_all(&body, with.as_str()).into_owned()
                    } else {
                        regex.replace(&body, with.as_str()).into_owned()
                    };
                }
                out.push_str(&body);
                out.push_str(end);
            }
            out.into_bytes()
        };
        let paths: Vec<&str> = operands.collect();
        if options.has("i") {
            for path in paths {
                let content = match self.read_file(path) {
                    Ok(content) => content,
                    Err(error) => {
                        return self.complain(io, "sed", &format!("{path}: {}", error.words()));
                    }
                };
                let Some(bytes) = content.as_bytes() else {
                    return unknown("a large file");
                };
                let new = change(bytes);
                if let Err(error) = self.write_file(path, Content::bytes(new)) {
                    return self.complain(io, "sed", &format!("{path}: {}", error.words()));
                }
            }
            return Ok(0);
        }
        let (bytes, code) = self.gather("sed", &paths, io)?;
        self.write(io.out, &change(&bytes))?;
        Ok(code)
    }

    pub(super) fn tr(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "d", "", &[])?;
        let (bytes, _) = self.gather("tr", &[], io)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let out: String = match (options.has("d"), options.operands.as_slice()) {
            (true, [set]) => {
                let Some(set) = set_of(set) else {
                    return unknown("what tr prints");
                };
                text.chars()
                    .filter(|letter| !set.contains(letter))
                    .collect()
            }
            (false, [from, to]) => {
                let (Some(from), Some(to)) = (set_of(from), set_of(to)) else {
                    return unknown("what tr prints");
                };
                text.chars()
                    .map(
                        |letter| match from.iter().position(|&known| known == letter) {
                            Some(at) => to.get(at).or(to.last()).copied().unwrap_or(letter),
                            None => letter,
                        },
                    )
                    .collect()
            }
            _ => return unknown("what tr prints"),
        };
        self.write(io.out, out.as_bytes())?;
        Ok(0)
    }

    pub(super) fn tee(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "a", "", &[("append", 'a')])?;
        let (bytes, _) = self.gather("tee", &[], io)?;
        self.write(io.out, &bytes)?;
        let mut code = 0;
        for path in &options.operands {
            if *path == "/dev/null" {
                continue;
            }
            let mut whole = Vec::new();
            if options.has("a")
                && let Ok(content) = self.read_file(path)
            {
                match content.as_bytes() {
                    Some(old) => whole.extend_from_slice(old),
                    None => return unknown("a large file"),
                }
            }
            whole.extend_from_slice(&bytes);
            if let Err(error) = self.write_file(path, Content::bytes(whole)) {
                code = self.complain(io, "tee", &format!("{path}: {}", error.words()))?;
            }
        }
        Ok(code)
    }

    pub(super) fn sha256sum(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "", "", &[])?;
        let names = if options.operands.is_empty() {
            vec!["-"]
        } else {
            options.operands
        };
        let mut code = 0;
        for name in names {
            let paths: &[&str] = if name == "-" { &[] } else { &[name] };
            let (bytes, failed) = self.gather("sha256sum", paths, io)?;
            if failed != 0 {
                code = failed;
                continue;
            }
            let mut line = String::new();
            for byte in Sha256::digest(&bytes) {
                for digit in [byte >> 4, byte & 15] {
                    line.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
                }
            }
            line.push_str("  ");
            line.push_str(name);
            line.push('\n');
            self.write(io.out, line.as_bytes())?;
        }
        Ok(code)
    }

    pub(super) fn xargs(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        // Everything behind the command's name is the command's.
        let split = arguments.iter().position(|word| !word.starts_with('-'));
        let (own, command) = arguments.split_at(split.unwrap_or(arguments.len()));
        let options = Options::read(own, "0r", "", &[])?;
        let (bytes, _) = self.gather("xargs", &[], io)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut words: Vec<String> = command.to_vec();
        if words.is_empty() {
            words.push("echo".to_owned());
        }
        let before = words.len();
        if options.has("0") {
            words.extend(
                text.split('\0')
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned),
            );
        } else {
            if text.contains(['\'', '"', '\\']) {
                return unknown("what xargs reads");
            }
            words.extend(text.split_whitespace().map(str::to_owned));
        }
        if words.len() == before && options.has("r") {
            return Ok(0);
        }
        let code = self.external(&words, io)?;
        Ok(if code == 0 { 0 } else { 123 })
    }
}

fn regex(pattern: &str, any_case: bool) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .case_insensitive(any_case)
        .size_limit(1 << 20)
        .build()
        .ok()
}

/// A basic regular expression as an extended one: what has a backslash there has none here, and
/// the other way round.
fn extended(pattern: &str) -> String {
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    let mut start = true;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(special @ ('|' | '(' | ')' | '{' | '}' | '+' | '?')) => {
                    out.push(special);
                    start = matches!(special, '|' | '(');
                    continue;
                }
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push_str("\\\\"),
            },
            '|' | '(' | ')' | '{' | '}' | '+' | '?' => {
                out.push('\\');
                out.push(letter);
            }
            // At the start it stands for itself.
            '*' if start => out.push_str("\\*"),
            '[' => {
                out.push('[');
                let mut first = true;
                for inner in letters.by_ref() {
                    out.push(inner);
                    if inner == ']' && !first {
                        break;
                    }
                    first = first && inner == '^';
                }
            }
            _ => out.push(letter),
        }
        start = false;
    }
    out
}

/// `s/from/to/g`
fn substitution(script: &str, is_extended: bool) -> Option<(Regex, String, bool)> {
    let rest = script.strip_prefix('s')?;
    let delimiter = rest.chars().next()?;
    let mut parts: Vec<String> = vec![String::new()];
    let mut letters = rest.chars().skip(1);
    while let Some(letter) = letters.next() {
        if letter == delimiter {
            parts.push(String::new());
            continue;
        }
        let part = parts.last_mut()?;
        if letter == '\\' {
            let next = letters.next()?;
            if next != delimiter {
                part.push('\\');
            }
            part.push(next);
        } else {
            part.push(letter);
        }
    }
    let [from, to, flags] = parts.as_slice() else {
        return None;
    };
    let all = match flags.as_str() {
        "" => false,
        "g" => true,
        _ => return None,
    };
    let pattern = if is_extended {
        from.clone()
    } else {
        extended(from)
    };
    let mut with = String::new();
    let mut letters = to.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => with.push_str("${0}"),
            '$' => with.push_str("$$"),
            '\\' => match letters.next()? {
                digit if digit.is_ascii_digit() => {
                    with.push_str("${");
                    with.push(digit);
                    with.push('}');
                }
                'n' => with.push('\n'),
                other => with.push(other),
            },
            other => with.push(other),
        }
    }
    Some((regex(&pattern, false)?, with, all))
}

/// The letters of a set of `tr`: ranges and the escapes that one meets.
fn set_of(text: &str) -> Option<Vec<char>> {
    if text.contains("[:") {
        return match text {
            "[:lower:]" => Some(('a'..='z').collect()),
            "[:upper:]" => Some(('A'..='Z').collect()),
            _ => None,
        };
    }
    let letters: Vec<char> = text.chars().collect();
    let mut set = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        if letter == '\\' {
            set.push(match letters.get(at + 1)? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            });
            at += 2;
        } else if let (Some('-'), Some(&high)) = (letters.get(at + 1), letters.get(at + 2)) {
            set.extend((letter..=high).take(1000));
            at += 3;
        } else {
            set.push(letter);
            at += 1;
        }
    }
    Some(set)
}
