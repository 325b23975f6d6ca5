//! What a Dockerfile asks not to be told.

use std::collections::BTreeMap;

use stagecraft_diagnostics::ToolCode;
use stagecraft_syntax::{Directive, Keyword, Parse};

use crate::config::Config;
use crate::is_hadolint;

/// The codes that are silenced, and where.
#[derive(Default)]
pub(crate) struct Ignored {
    /// What holds for the whole file.
    check: Check,
    /// The same for one instruction, by its first line.
    checks: BTreeMap<u32, Check>,
    /// Codes of hadolint that are silenced everywhere.
    everywhere: Vec<String>,
    /// Those that are silenced in a stage, by the line of its FROM.
    stages: BTreeMap<u32, Vec<String>>,
    /// Those that are silenced for one instruction, by its first line.
    pub(crate) inline: BTreeMap<u32, Vec<String>>,
    /// The lines of all FROM.
    starts: Vec<u32>,
}

/// The value of `# check=`.
#[derive(Default)]
struct Check {
    skipped: Vec<String>,
    all: bool,
    experimental: Vec<String>,
    /// BuildKit refuses it.
    broken: bool,
}

impl Check {
    fn read(text: &str) -> Self {
        // A note may stand behind it.
        let text = text.split(" //").next().unwrap_or(text);
        let mut check = Self::default();
        for part in text.split(';').filter(|_| !text.is_empty()) {
            match part.trim().split_once('=') {
                Some(("skip", "all")) => check.all = true,
                Some(("skip", names)) => check.skipped.extend(names.split(',').map(str::to_owned)),
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
        self.all
            || self
                .skipped
                .iter()
                .any(|named| named.eq_ignore_ascii_case(code))
    }
}

impl Ignored {
    /// Reads `# check=…` and the `# hadolint … ignore=…` for an instruction, a stage and all.
    pub(crate) fn read(file: &Parse, config: &Config) -> Self {
        let directive = file
            .directive(Directive::Check)
            .map(|check| file.word(check.value));
        let behind_shebang = check_behind_shebang(file.source());
        let check = config.check.as_deref().or(directive).or(behind_shebang);
        let mut ignored = Self {
            check: Check::read(check.unwrap_or_default()),
            ..Self::default()
        };
        ignored.starts = file
            .instructions()
            .iter()
            .filter(|instruction| instruction.keyword == Keyword::From)
            .map(|instruction| instruction.lines.first)
            .collect();
        for instruction in file.instructions() {
            let line = instruction.lines.first;
            let mut checked = false;
            for comment in file.comments_above(instruction) {
                let text = file.str(comment.as_buildkit).trim();
                if let Some(value) = directive_of(text).filter(|_| !checked) {
                    // BuildKit reads the first one only.
                    checked = true;
                    ignored.checks.insert(line, Check::read(value));
                }
                let Some((scope, codes)) = pragma(text) else {
                    continue;
                };
                let list = match scope {
                    "" => ignored.inline.entry(line).or_default(),
                    "global" => &mut ignored.everywhere,
                    "stage" => ignored.stages.entry(line).or_default(),
                    _ => continue,
                };
                list.extend(codes.split(',').map(|code| code.trim().to_owned()));
            }
        }
        ignored
    }

    /// Whether that code is silenced where it is reported.
    pub(crate) fn covers(&self, code: &ToolCode) -> bool {
        if is_hadolint(code.code) {
            let after = self.starts.partition_point(|&start| start <= code.line);
            let start = after.checked_sub(1).and_then(|at| self.starts.get(at));
            let stage = start.and_then(|start| self.stages.get(start));
            let lists = [Some(&self.everywhere), stage, self.inline.get(&code.line)];
            let mut named = lists.into_iter().flatten().flatten();
            return named.any(|named| named.eq_ignore_ascii_case(code.code));
        }
        let here = self.checks.get(&code.line);
        // The comment above is what that rule is about.
        let comment = code.code == "InvalidDefinitionDescription";
        self.check.skips(code.code) || !comment && here.is_some_and(|check| check.skips(code.code))
    }

    /// Whether BuildKit ends with an error because of what `# check=` says.
    pub(crate) fn is_broken(&self) -> bool {
        self.check.broken
    }

    /// Whether BuildKit looks for that: some rules have to be asked for.
    pub(crate) fn is_asked_for(&self, code: &str) -> bool {
        let asked = |name: &String| name == "all" || name.eq_ignore_ascii_case(code);
        code != "InvalidDefinitionDescription" || self.check.experimental.iter().any(asked)
    }
}

/// The value of `# check=` below a first line `#!…`, which BuildKit steps over only there.
fn check_behind_shebang(source: &str) -> Option<&str> {
    let mut lines = source.trim_start_matches('\u{feff}').lines();
    lines.next().filter(|first| first.starts_with("#!"))?;
    directive_of(lines.next()?.strip_prefix('#')?.trim())
}

/// The value of a comment `check=…`; the name in whatever case.
fn directive_of(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    name.eq_ignore_ascii_case("check").then_some(value)
}

/// What a comment `hadolint shell=…` says of the shell that commands are written for.
pub(crate) fn shell(file: &Parse) -> Option<&str> {
    let first = file.instructions().first()?;
    file.comments_above(first).iter().find_map(|comment| {
        let text = file.str(comment.as_buildkit).trim();
        let (left, shell) = text.strip_prefix("hadolint")?.split_once('=')?;
        (left.trim() == "shell" && left.starts_with([' ', '\t'])).then(|| shell.trim())
    })
}

/// The scope and the codes of `hadolint [global|stage] ignore=…`.
fn pragma(text: &str) -> Option<(&str, &str)> {
    let (left, codes) = text.strip_prefix("hadolint")?.split_once('=')?;
    let scope = left.trim().strip_suffix("ignore")?;
    left.starts_with([' ', '\t'])
        .then_some((scope.trim(), codes))
}
