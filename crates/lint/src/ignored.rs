//! What a Dockerfile asks not to be told.
//!
//! Three kinds of comments: `# check=skip=…` for BuildKit's rules, above all or above one
//! instruction; `# hadolint ignore=…` for hadolint's codes, with `global` or `stage` for more than
//! the next instruction; `# stagecraft ignore=…` for the names of our rules, and
//! `# stagecraft ignore-file=…` above any instruction for the whole file.

use std::cell::Cell;
use std::collections::BTreeMap;

use stagecraft_diagnostics::{Diagnostic, ToolCode};
use stagecraft_syntax::{Comment, Directive, Instruction, Keyword, Parse, Text};
use stagecraft_text::TextRange;

use crate::config::Config;
use crate::is_hadolint;

/// The codes that are silenced, and where; in most files none is.
#[derive(Default)]
pub(crate) struct Ignored(Option<Box<Lists>>);

/// What there is where any comment asks for something.
#[derive(Default)]
struct Lists {
    /// What holds for the whole file.
    check: Check,
    /// The same for one instruction, by its first line.
    checks: BTreeMap<u32, Check>,
    /// Codes of hadolint that are silenced everywhere.
    everywhere: Names,
    /// Those in comments that it does not heed.
    void: Names,
    /// Those that are silenced in a stage, by the line of its FROM.
    stages: BTreeMap<u32, Names>,
    /// Those that are silenced for one instruction, by its first line.
    inline: BTreeMap<u32, Names>,
    /// Rules of ours that are silenced everywhere.
    rules: Names,
    /// Those that are silenced for one instruction, by its place in the file.
    inline_rules: BTreeMap<usize, Names>,
    /// The lines of all FROM, where any stage has something silenced.
    starts: Vec<u32>,
}

/// A code or rule in a comment.
pub(crate) struct Named {
    pub(crate) name: String,
    /// Where it stands; `None` where that is not in the file, or not known.
    pub(crate) range: Option<TextRange>,
    /// The comment.
    pub(crate) comment: Option<TextRange>,
    /// Whether no blank stands beside it.
    tight: bool,
    /// Whether it is the only one there.
    pub(crate) alone: bool,
    /// Why hadolint passes over its comment, if it does.
    pub(crate) passed_over: Option<String>,
    /// Whether it has silenced something.
    used: Cell<bool>,
}

impl Named {
    /// Whether it is that code or rule.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.name.eq_ignore_ascii_case(code)
    }
}

/// Codes or rules, by their names in lower case.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<String, Vec<Named>>);

impl Names {
    fn extend(&mut self, names: Vec<Named>) {
        for named in names {
            let key = named.name.to_lowercase();
            self.0.entry(key).or_default().push(named);
        }
    }

    /// Whether that code or rule is among them. Notes that the first of it was of use.
    fn silence(&self, code: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let named = self.0.get(&code.to_lowercase()).and_then(|all| all.first());
        named.inspect(|named| named.used.set(true)).is_some()
    }

    fn all(&self) -> impl Iterator<Item = &Named> {
        self.0.values().flatten()
    }
}

/// Whether one of these has that code or rule.
fn any_silence<'n>(names: impl IntoIterator<Item = Option<&'n Names>>, code: &str) -> bool {
    let names = names.into_iter().flatten();
    // Each of them is asked.
    names.filter(|names| names.silence(code)).count() > 0
}

/// A list of codes or rules in a text, with their places.
struct List<'a> {
    file: &'a Parse,
    /// The text and the comment that it is of; `None` where it is of no file.
    place: Option<(Text, TextRange)>,
}

impl List<'_> {
    /// The names in `list`, which starts at that byte of the text.
    fn read(&self, at: usize, list: &str) -> Vec<Named> {
        let mut at = at;
        let parts = list.split(',').map(|part| {
            let start = at + (part.len() - part.trim_start().len());
            at += part.len() + 1;
            let name = part.trim();
            let range = self.place.map(|(text, _)| {
                let text = text.sub(start, start + name.len());
                self.file.range(text)
            });
            Named {
                name: name.to_owned(),
                range,
                comment: self.place.map(|(_, comment)| comment),
                tight: name.len() == part.len(),
                alone: !list.contains(','),
                passed_over: None,
                used: Cell::new(false),
            }
        });
        parts.collect()
    }
}

/// The value of `# check=`.
#[derive(Default)]
struct Check {
    skipped: Names,
    all: bool,
    experimental: Vec<String>,
    /// BuildKit refuses it.
    broken: bool,
}

impl Check {
    /// `at`: the byte of the list's text at which `text` starts.
    fn read(list: &List<'_>, at: usize, text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        // A note may stand behind it.
        let text = text.split(" //").next().unwrap_or(text);
        let mut check = Self::default();
        let mut next = at;
        for part in text.split(';').filter(|_| !text.is_empty()) {
            let start = next + (part.len() - part.trim_start().len());
            next += part.len() + 1;
            match part.trim().split_once('=') {
                Some(("skip", "all")) => check.all = true,
                Some(("skip", names)) => {
                    let mut names = list.read(start + "skip=".len(), names);
                    // BuildKit takes no blank away.
                    names.retain(|named| named.tight);
                    check.skipped.extend(names);
                }
                Some(("error", value)) => {
                    // As Go reads a boolean.
                    check.broken |= !matches!(
                        value,
                        "1" | "t"
                            | "T"
                            | "TRUE"
                            | "true"
                            | "True"
                            | "0"
                            | "f"
                            | "F"
                            | "FALSE"
                            | "false"
                            | "False"
                    );
                }
                Some(("experimental", names)) => {
                    check
                        .experimental
                        .extend(names.split(',').map(str::to_owned));
                }
                _ => check.broken = true,
            }
        }
        check
    }

    fn skips(&self, code: &str) -> bool {
        self.skipped.silence(code) || self.all
    }
}

impl Ignored {
    /// Reads the comments of a file.
    pub(crate) fn read(file: &Parse, config: &Config) -> Self {
        let mut ignored = Self::default();
        let list = |place| List { file, place };
        let directive = file.directive(Directive::Check);
        if let Some(check) = config.check.as_deref() {
            ignored.lists().check = Check::read(&list(None), 0, check);
        } else if let Some(directive) = directive {
            let value = directive.value;
            let mut comments = file.comments().iter();
            let comment = comments.find(|comment| comment.line == directive.line);
            let place = comment.map(|comment| (value.text, comment.range));
            ignored.lists().check = Check::read(&list(place), 0, file.word(value));
        } else if let Some(behind) = check_behind_shebang(file.source()) {
            ignored.lists().check = Check::read(&list(None), 0, behind);
        }
        let may_ask = |comment: &Comment| {
            may_ask(file.str(comment.as_buildkit)) || may_ask(file.str(comment.text))
        };
        let asked = file.comments().iter().any(may_ask);
        let instructions = file.instructions().iter().enumerate();
        for (at, instruction) in instructions.filter(|_| asked) {
            let mut checked = false;
            for comment in file.comments_above(instruction) {
                ignored.comment(file, comment, (at, instruction.lines.first), &mut checked);
            }
        }
        let last = file.instructions().last();
        let last = last.map_or(0, |it| it.lines.last);
        let below = file.comments().iter().filter(|it| asked && it.line > last);
        below.for_each(|comment| ignored.hadolint(file, comment, None));
        if let Some(lists) = ignored.0.as_deref_mut().filter(|it| !it.stages.is_empty()) {
            let all = file.instructions().iter();
            let starts = all.filter(|it| it.keyword == Keyword::From);
            lists.starts = starts.map(|it| it.lines.first).collect();
        }
        ignored
    }

    fn lists(&mut self) -> &mut Lists {
        self.0.get_or_insert_default()
    }

    /// Reads a comment above the instruction with that place and line; `checked`: whether there
    /// was a `check=` above it.
    fn comment(
        &mut self,
        file: &Parse,
        comment: &Comment,
        (at, line): (usize, u32),
        checked: &mut bool,
    ) {
        self.hadolint(file, comment, Some(line));
        let list = |text: Text| List {
            file,
            place: Some((text, comment.range)),
        };
        let whole = file.str(comment.as_buildkit);
        let text = whole.trim();
        if let Some(value) = directive_of(text).filter(|_| !*checked) {
            // BuildKit reads the first one only.
            *checked = true;
            let before = whole.len() - whole.trim_start().len();
            let start = before + text.len() - value.len();
            let check = Check::read(&list(comment.as_buildkit), start, value);
            self.lists().checks.insert(line, check);
        }
        let text = file.str(comment.text);
        if let Some((scope, rest)) = pragma("stagecraft", text) {
            // A reason may stand behind it.
            let rules = rest.split(' ').next().unwrap_or(rest);
            let names = list(comment.text).read(text.len() - rest.len(), rules);
            match scope {
                "ignore" => self
                    .lists()
                    .inline_rules
                    .entry(at)
                    .or_default()
                    .extend(names),
                "ignore-file" => self.lists().rules.extend(names),
                _ => {}
            }
        }
    }

    /// Reads a comment for hadolint, above the instruction with that line, or below all. What is for
    /// that instruction has to stand right above it; one odd code spoils all of them.
    fn hadolint(&mut self, file: &Parse, comment: &Comment, line: Option<u32>) {
        let text = file.str(comment.text);
        let Some((scope, rest)) = pragma("hadolint", text) else {
            return;
        };
        let Some(scope) = scope.strip_suffix("ignore").map(str::trim) else {
            return;
        };
        let list = List {
            file,
            place: Some((comment.text, comment.range)),
        };
        // A reason may stand behind it.
        let codes = rest.split('#').next().unwrap_or(rest);
        let mut names = list.read(text.len() - rest.len(), codes);
        let right_above = line.filter(|line| comment.line + 1 == *line);
        let odd = names.iter().find(|named| !is_code(&named.name));
        let odd = odd.map(|odd| format!("`{}` is no code", odd.name));
        let lists = self.lists();
        let into = match (scope, right_above) {
            ("" | "stage" | "global", _) if odd.is_some() => Err(odd),
            ("", Some(line)) => Ok(lists.inline.entry(line).or_default()),
            ("stage", Some(line)) => Ok(lists.stages.entry(line).or_default()),
            ("global", _) => Ok(&mut lists.everywhere),
            ("" | "stage", None) => Err(Some("it does not stand right above".to_owned())),
            _ => return,
        };
        match into {
            Ok(list) => list.extend(names),
            Err(reason) => {
                for named in &mut names {
                    named.passed_over.clone_from(&reason);
                }
                lists.void.extend(names);
            }
        }
    }

    /// Whether nothing is silenced anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|lists| lists.is_empty())
    }

    /// Whether that code is silenced where it is reported.
    pub(crate) fn covers(&self, code: &ToolCode) -> bool {
        self.0.as_ref().is_some_and(|lists| lists.covers(code))
    }
    /// Whether our rule is silenced where it has found something.
    pub(crate) fn covers_rule(&self, file: &Parse, finding: &Diagnostic) -> bool {
        let lists = self.0.as_ref();
        lists.is_some_and(|lists| lists.covers_rule(file, finding))
    }
    /// What has silenced nothing so far, in no order. `# check=skip=all` is not among it.
    pub(crate) fn unused(&self) -> Vec<&Named> {
        let lists = self.0.as_ref();
        lists.map_or_else(Vec::new, |lists| lists.unused().collect())
    }

    /// Whether BuildKit ends with an error because of what `# check=` says.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.as_ref().is_some_and(|lists| lists.check.broken)
    }

    /// Whether BuildKit looks for that: some rules have to be asked for.
    pub(crate) fn is_asked_for(&self, code: &str) -> bool {
        let asked = |name: &String| name == "all" || name.eq_ignore_ascii_case(code);
        let lists = self.0.iter();
        let mut experimental = lists.flat_map(|lists| &lists.check.experimental);
        code != "InvalidDefinitionDescription" || experimental.any(asked)
    }
}

impl Lists {
    fn is_empty(&self) -> bool {
        let check = |check: &Check| check.skipped.0.is_empty() && !check.all;
        check(&self.check)
            && self.checks.values().all(check)
            && self.everywhere.0.is_empty()
            && self.void.0.is_empty()
            && self.stages.is_empty()
            && self.inline.is_empty()
            && self.rules.0.is_empty()
            && self.inline_rules.is_empty()
    }

    fn covers(&self, code: &ToolCode) -> bool {
        if is_hadolint(code.code) {
            let after = self.starts.partition_point(|&start| start <= code.line);
            let start = after.checked_sub(1).and_then(|at| self.starts.get(at));
            let stage = start.and_then(|start| self.stages.get(start));
            let lists = [Some(&self.everywhere), stage, self.inline.get(&code.line)];
            return any_silence(lists, code.code);
        }
        let here = self.checks.get(&code.line);
        // The comment above is what that rule is about.
        let comment = code.code == "InvalidDefinitionDescription";
        let above = !comment && here.is_some_and(|check| check.skips(code.code));
        self.check.skips(code.code) || above
    }

    fn covers_rule(&self, file: &Parse, finding: &Diagnostic) -> bool {
        if self.rules.0.is_empty() && self.inline_rules.is_empty() {
            return false;
        }
        let inline = instruction_at(file, finding).and_then(|at| self.inline_rules.get(&at));
        any_silence([Some(&self.rules), inline], finding.rule)
    }

    fn unused(&self) -> impl Iterator<Item = &Named> {
        let checks = std::iter::once(&self.check).chain(self.checks.values());
        checks
            .map(|check| &check.skipped)
            .chain([&self.everywhere, &self.void, &self.rules])
            .chain(self.stages.values())
            .chain(self.inline.values())
            .chain(self.inline_rules.values())
            .flat_map(Names::all)
            .filter(|named| !named.used.get())
    }
}

/// The place in the file of the instruction that a finding is in, or that is below it.
pub(crate) fn instruction_at(file: &Parse, finding: &Diagnostic) -> Option<usize> {
    let start = finding.range.start();
    let all = file.instructions();
    let at = all.partition_point(|instruction| instruction.range.end() <= start);
    let last = all.len().checked_sub(1)?;
    Some(at.min(last))
}

/// The value of `# check=` below a first line `#!…`, which BuildKit steps over only there.
fn check_behind_shebang(source: &str) -> Option<&str> {
    let source = source.trim_start_matches('\u{feff}');
    if !source.starts_with("#!") {
        return None;
    }
    let mut lines = source.lines().skip(1);
    directive_of(lines.next()?.strip_prefix('#')?.trim())
}

/// The value of a comment `check=…`; the name in whatever case.
fn directive_of(text: &str) -> Option<&str> {
    let (name, value) = text.split_at_checked("check".len())?;
    let value = value.strip_prefix('=')?;
    name.eq_ignore_ascii_case("check").then_some(value)
}

/// Whether a comment may start with a letter like that, once blanks are taken away: most start
/// with another one.
fn may_start(comment: &str, wanted: impl Fn(u8) -> bool) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let first = comment.bytes().find(|byte| !blank(byte));
    first.is_some_and(|first| wanted(first) || !first.is_ascii())
}

/// Whether a comment may ask for something.
fn may_ask(comment: &str) -> bool {
    may_start(comment, |letter| {
        matches!(letter, b'c' | b'C' | b'h' | b's')
    }) && has_any!(comment, b'=')
}

/// Whether a comment silences hadolint for the instruction below it.
pub(crate) fn is_for_next(comment: &str) -> bool {
    if !may_start(comment, |letter| letter == b'h') {
        return false;
    }
    let scope = pragma("hadolint", comment.trim()).map(|(scope, _)| scope);
    let scope = scope.and_then(|scope| scope.strip_suffix("ignore"));
    scope.is_some_and(|scope| scope.trim().is_empty())
}

/// Whether hadolint takes it for a code in its comments: one of its own or of ShellCheck's.
pub(crate) fn is_code(name: &str) -> bool {
    let digits = ["DL", "SC"].iter().find_map(|it| name.strip_prefix(it));
    digits.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// Whether any comment may say for hadolint which shell commands are written for.
pub(crate) fn tells_shell(file: &Parse) -> bool {
    let mut comments = file.comments().iter().map(|it| file.str(it.text));
    comments.any(|it| it.starts_with("hadolint") && it.contains("shell"))
}

/// The word that the last comment `hadolint shell=…` above an instruction says; what stands behind a
/// `#` in it is a reason.
pub(crate) fn shell_above<'f>(file: &'f Parse, instruction: &Instruction) -> Option<&'f str> {
    let mut comments = file.comments_above(instruction).iter().rev();
    comments.find_map(|comment| {
        let (what, shell) = pragma("hadolint", file.str(comment.text))?;
        let shell = shell.split('#').next().unwrap_or(shell).trim();
        (what == "shell" && !shell.is_empty() && !shell.contains(' ')).then_some(shell)
    })
}

/// What a comment for that tool is to do, and what stands behind its `=`.
pub(crate) fn pragma<'t>(tool: &str, text: &'t str) -> Option<(&'t str, &'t str)> {
    // Most comments start with another letter.
    if text.as_bytes().first() != tool.as_bytes().first() {
        return None;
    }
    let (left, names) = text.strip_prefix(tool)?.split_once('=')?;
    left.starts_with([' ', '\t'])
        .then_some((left.trim(), names))
}
