//! Words: variables, substitutions, splitting, names of files.

use stagecraft_shell::{Parameter, ParameterOp, Part, PartKind, Word, WordRole};

use super::{Input, Io, Process, Run, Sink, unknown};
use crate::tree::{Node, join};

/// A character, and whether it is quoted: then it is neither split at nor a pattern.
type Letter = (char, bool);

/// A field that grows; `None` as long as nothing, not even an empty quote, is in it.
#[derive(Default)]
struct Fields {
    done: Vec<Vec<Letter>>,
    open: Option<Vec<Letter>>,
}

impl Fields {
    fn push(&mut self, text: &str, quoted: bool) {
        let open = self.open.get_or_insert_default();
        open.extend(text.chars().map(|letter| (letter, quoted)));
    }

    /// What an expansion outside of quotes gives: blanks end a field.
    fn split(&mut self, text: &str) {
        for letter in text.chars() {
            if matches!(letter, ' ' | '\t' | '\n') {
                self.done.extend(self.open.take());
            } else {
                self.open.get_or_insert_default().push((letter, false));
            }
        }
    }

    fn finish(mut self) -> Vec<Vec<Letter>> {
        self.done.extend(self.open);
        self.done
    }
}

fn plain(letters: &[Letter]) -> String {
    letters.iter().map(|(letter, _)| letter).collect()
}

/// As a pattern: what is quoted means itself.
fn as_pattern(letters: &[Letter]) -> String {
    let mut pattern = String::new();
    for &(letter, quoted) in letters {
        if quoted && matches!(letter, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

impl Process {
    /// The fields that a word becomes: none, one or several.
    pub(super) fn fields(&mut self, word: Word<'_>, io: &Io) -> Run<Vec<String>> {
        let splits = matches!(
            word.role(),
            WordRole::CommandName | WordRole::Argument | WordRole::LoopWord
        );
        if !splits || word.assignment().is_some() {
            return Ok(vec![self.single(word, io)?]);
        }
        let mut fields = Fields::default();
        for part in word.parts() {
            self.part(part, io, &mut fields)?;
        }
        let mut found = Vec::new();
        for field in fields.finish() {
            self.step()?;
            let is_pattern =
                |&(letter, quoted): &Letter| !quoted && matches!(letter, '*' | '?' | '[');
            let names = if field.iter().any(is_pattern) {
                self.names_of(&as_pattern(&field))?
            } else {
                Vec::new()
            };
            if names.is_empty() {
                found.push(plain(&field));
            } else {
                found.extend(names);
            }
        }
        Ok(found)
    }

    /// A word that stays one.
    pub(super) fn single(&mut self, word: Word<'_>, io: &Io) -> Run<String> {
        Ok(plain(&self.letters(word, io)?))
    }

    /// A word that is a pattern; what is quoted in it means itself.
    pub(super) fn pattern(&mut self, word: Word<'_>, io: &Io) -> Run<String> {
        Ok(as_pattern(&self.letters(word, io)?))
    }

    fn letters(&mut self, word: Word<'_>, io: &Io) -> Run<Vec<Letter>> {
        let mut letters = Vec::new();
        for part in word.parts() {
            match part.kind() {
                PartKind::Literal | PartKind::Glob | PartKind::Brace => {
                    letters.extend(part.text().chars().map(|letter| (letter, false)));
                }
                PartKind::Tilde => {
                    let home = self.home(part.text());
                    letters.extend(home.chars().map(|letter| (letter, true)));
                }
                PartKind::Variable
                | PartKind::Parameter
                | PartKind::CommandSubstitution
                | PartKind::Arithmetic => {
                    let text = self.value(part, io)?;
                    let quoted = part.is_quoted();
                    letters.extend(text.chars().map(|letter| (letter, quoted)));
                }
                _ => {
                    let mut text = String::new();
                    self.quoted_part(part, io, &mut text)?;
                    letters.extend(text.chars().map(|letter| (letter, true)));
                }
            }
        }
        Ok(letters)
    }

    fn part(&mut self, part: Part<'_>, io: &Io, fields: &mut Fields) -> Run<()> {
        match part.kind() {
            PartKind::Literal | PartKind::Glob | PartKind::Brace => {
                fields.push(part.text(), false);
            }
            PartKind::Tilde => {
                let home = self.home(part.text());
                fields.push(&home, true);
            }
            PartKind::DoubleQuoted => {
                // `"$@"` is as many fields as there are arguments.
                let all: Vec<Part<'_>> = part.parts().collect();
                if let [only] = all.as_slice()
                    && only
                        .parameter()
                        .is_some_and(|it| it.name() == "@" && it.op() == ParameterOp::None)
                {
                    let arguments = self.arguments.clone();
                    for (at, argument) in arguments.iter().enumerate() {
                        if at > 0 {
                            fields.done.extend(fields.open.take());
                        }
                        fields.push(argument, true);
                    }
                    return Ok(());
                }
                let mut text = String::new();
                for part in all {
                    self.quoted_part(part, io, &mut text)?;
                }
                fields.push(&text, true);
            }
            PartKind::Variable
            | PartKind::Parameter
            | PartKind::CommandSubstitution
            | PartKind::Arithmetic => {
                let text = self.value(part, io)?;
                fields.split(&text);
            }
            _ => {
                let mut text = String::new();
                self.quoted_part(part, io, &mut text)?;
                fields.push(&text, true);
            }
        }
        Ok(())
    }

    /// Adds what a part of double quotes or of a here-document stands for.
    pub(super) fn quoted_part(&mut self, part: Part<'_>, io: &Io, text: &mut String) -> Run<()> {
        match part.kind() {
            PartKind::Variable
            | PartKind::Parameter
            | PartKind::CommandSubstitution
            | PartKind::Arithmetic => text.push_str(&self.value(part, io)?),
            PartKind::DoubleQuoted => {
                for part in part.parts() {
                    self.quoted_part(part, io, text)?;
                }
            }
            PartKind::ProcessSubstitution | PartKind::Opaque => {
                return unknown("a form that not every shell has");
            }
            PartKind::Tilde | PartKind::Glob | PartKind::Brace => text.push_str(part.text()),
            _ => match part.as_static() {
                Some(value) => text.push_str(&value),
                None => return unknown("an unusual quote"),
            },
        }
        Ok(())
    }

    fn home(&self, tilde: &str) -> String {
        match tilde.strip_prefix('~') {
            Some("") => self.variable("HOME").unwrap_or("/").to_owned(),
            Some(name) => match crate::users::user(&self.tree, name) {
                Some(user) if !user.home.is_empty() => user.home,
                _ => tilde.to_owned(),
            },
            None => tilde.to_owned(),
        }
    }

    /// What an expansion stands for.
    fn value(&mut self, part: Part<'_>, io: &Io) -> Run<String> {
        if let Some(parameter) = part.parameter() {
            return self.parameter(parameter, io);
        }
        if part.kind() == PartKind::CommandSubstitution {
            let Some(list) = part.list() else {
                return Ok(String::new());
            };
            self.sinks.push(Sink::Kept(Vec::new()));
            let inner = Io {
                input: Input::empty(),
                out: self.sinks.len() - 1,
                err: io.err,
            };
            let depth = self.sinks.len();
            if depth > 200 {
                return unknown("substitutions in substitutions");
            }
            let code = self.substitution(list, &inner)?;
            self.status = code;
            self.sinks.truncate(depth);
            let Some(Sink::Kept(mut bytes)) = self.sinks.pop() else {
                return Ok(String::new());
            };
            while bytes.last() == Some(&b'\n') {
                bytes.pop();
            }
            match String::from_utf8(bytes) {
                Ok(text) => Ok(text),
                Err(_) => unknown("bytes that are no text"),
            }
        } else {
            let mut text = String::new();
            for part in part.parts() {
                self.quoted_part(part, io, &mut text)?;
            }
            self.arithmetic(&text)
        }
    }

    /// Sums and the like of whole numbers.
    fn arithmetic(&self, text: &str) -> Run<String> {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_ascii_alphanumeric() || first == '_' {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (token, next) = rest.split_at(length);
            tokens.push(token);
            rest = next.trim_start();
        }
        let number = |token: &str| {
            let text = if token.starts_with(|c: char| c.is_ascii_digit()) {
                token
            } else {
                self.variable(token).unwrap_or("0")
            };
            text.parse::<i64>().ok()
        };
        // One operation at a time, from the left; whatever mixes them is not known.
        let mut tokens = tokens.into_iter();
        let first = tokens.next().and_then(number);
        let Some(mut value) = first else {
            return unknown("an expression");
        };
        let mut seen = None;
        while let Some(op) = tokens.next() {
            let same =
                seen.is_none_or(|seen| seen == op || matches!((seen, op), ("+" | "-", "+" | "-")));
            let next = tokens.next().and_then(number).filter(|_| same);
            let result = next.and_then(|next| match op {
                "+" => value.checked_add(next),
                "-" => value.checked_sub(next),
                "*" => value.checked_mul(next),
                "/" => value.checked_div(next),
                "%" => value.checked_rem(next),
                _ => None,
            });
            let Some(result) = result else {
                return unknown("an expression");
            };
            value = result;
            seen = Some(op);
        }
        Ok(value.to_string())
    }

    fn parameter(&mut self, parameter: Parameter<'_>, io: &Io) -> Run<String> {
        if parameter.is_indirect() || parameter.subscript().is_some() {
            return unknown("a form that not every shell has");
        }
        let name = parameter.name();
        let value = match name {
            "?" => Some(self.status.to_string()),
            "#" => Some(self.arguments.len().to_string()),
            "@" | "*" => Some(self.arguments.join(" ")),
            "$" | "!" => return unknown("the number of a process"),
            "RANDOM" | "SECONDS" | "PPID" | "LINENO" if self.variable(name).is_none() => {
                return unknown(format!("what ${name} is"));
            }
            "-" => Some(String::new()),
            "0" => Some("/bin/sh".to_owned()),
            _ => match name.parse::<usize>() {
                Ok(number) => self.arguments.get(number.wrapping_sub(1)).cloned(),
                Err(_) => self.variable(name).map(str::to_owned),
            },
        };
        let mut operands = parameter.operands();
        let is_set = value
            .as_deref()
            .is_some_and(|value| !parameter.has_colon() || !value.is_empty());
        let set = value.clone().unwrap_or_default();
        let has_other = !matches!(parameter.op(), ParameterOp::None | ParameterOp::Length);
        if value.is_none() && self.switches.fails_unset && !has_other {
            self.complain(io, "/bin/sh", &format!("{name}: parameter not set"))?;
            return Err(super::Stop::Exit(2));
        }
        match parameter.op() {
            ParameterOp::None => Ok(set),
            ParameterOp::Length => Ok(set.chars().count().to_string()),
            ParameterOp::Default | ParameterOp::Assign | ParameterOp::Alternative => {
                let alternative = parameter.op() == ParameterOp::Alternative;
                if is_set != alternative {
                    return Ok(if alternative { String::new() } else { set });
                }
                let given = match operands.next() {
                    Some(word) => self.single(word, io)?,
                    None => String::new(),
                };
                if parameter.op() == ParameterOp::Assign {
                    self.set_variable(name, &given, false);
                }
                Ok(given)
            }
            ParameterOp::Error => {
                if is_set {
                    return Ok(set);
                }
                Err(super::Stop::Exit(2))
            }
            ParameterOp::RemovePrefix
            | ParameterOp::RemoveLongestPrefix
            | ParameterOp::RemoveSuffix
            | ParameterOp::RemoveLongestSuffix => {
                let pattern = match operands.next() {
                    Some(word) => self.pattern(word, io)?,
                    None => String::new(),
                };
                Ok(without(&set, &pattern, parameter.op()))
            }
            _ => unknown("a form that not every shell has"),
        }
    }

    /// The names of files that fit a pattern, in order.
    fn names_of(&mut self, pattern: &str) -> Run<Vec<String>> {
        let absolute = pattern.starts_with('/');
        // What is found so far: where it is, and how it is written.
        let start = if absolute {
            "/".to_owned()
        } else {
            self.workdir.clone()
        };
        let mut found = vec![(start, if absolute { "/" } else { "" }.to_owned())];
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        for (at, part) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            let mut next = Vec::new();
            for (place, written) in found {
                if !part.contains(['*', '?', '[']) {
                    let name = part.replace('\\', "");
                    let place = join(&place, &name);
                    if self.stat(&place, !last).is_ok() {
                        next.push((
                            place,
                            format!("{written}{name}{}", if last { "" } else { "/" }),
                        ));
                    }
                    continue;
                }
                let Ok(Node::Dir(dir)) = self.stat(&place, true) else {
                    continue;
                };
                for name in dir.entries.keys() {
                    self.step()?;
                    let hidden = name.starts_with('.') && !part.starts_with('.');
                    if !hidden && crate::glob::matches(part, name) {
                        let place = join(&place, name);
                        let is_dir = matches!(self.stat(&place, true), Ok(Node::Dir(_)));
                        if last || is_dir {
                            next.push((
                                place,
                                format!("{written}{name}{}", if last { "" } else { "/" }),
                            ));
                        }
                    }
                }
            }
            found = next;
        }
        Ok(found.into_iter().map(|(_, written)| written).collect())
    }
}

/// `${x#pattern}` and its like.
fn without(value: &str, pattern: &str, op: ParameterOp) -> String {
    let plain = |text: &str| text.replace('/', "\u{1}");
    let pattern = plain(pattern);
    let fits = |part: &str| crate::glob::matches(&pattern, &plain(part));
    let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).collect();
    cuts.push(value.len());
    if matches!(
        op,
        ParameterOp::RemoveLongestPrefix | ParameterOp::RemoveSuffix
    ) {
        cuts.reverse();
    }
    // The first cut that fits is the one that is meant.
    for cut in cuts {
        let (head, tail) = value.split_at(cut);
        let (gone, kept) = match op {
            ParameterOp::RemovePrefix | ParameterOp::RemoveLongestPrefix => (head, tail),
            _ => (tail, head),
        };
        if fits(gone) {
            return kept.to_owned();
        }
    }
    value.to_owned()
}
