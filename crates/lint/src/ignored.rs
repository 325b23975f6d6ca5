//! What a Dockerfile asks not to be told.

use stagecraft_diagnostics::ToolCode;
use stagecraft_syntax::{Directive, Keyword, Parse};

use crate::is_hadolint;

/// The codes that are silenced, and where.
#[derive(Default)]
pub(crate) struct Ignored {
    /// Codes of BuildKit.
    skipped: Vec<String>,
    /// BuildKit's `skip=all`.
    all_of_buildkit: bool,
    /// Codes of hadolint, each between two lines.
    lines: Vec<(u32, u32, String)>,
    /// The lines of the pragmas in one instruction's comments.
    pub(crate) inline: Vec<u32>,
}

impl Ignored {
    /// Reads `# check=skip=…` and the `# hadolint … ignore=…` for an instruction, a stage and all.
    pub(crate) fn read(file: &Parse) -> Self {
        let mut ignored = Self::default();
        if let Some(check) = file.directive(Directive::Check) {
            let parts = file.word(check.value).split(';');
            for codes in parts.filter_map(|part| part.trim().strip_prefix("skip=")) {
                ignored.all_of_buildkit |= codes.trim().eq_ignore_ascii_case("all");
                ignored.skipped.extend(list(codes));
            }
        }
        let starts: Vec<u32> = file
            .instructions()
            .iter()
            .filter(|instruction| instruction.keyword == Keyword::From)
            .map(|instruction| instruction.lines.first)
            .collect();
        for instruction in file.instructions() {
            for comment in file.comments_above(instruction) {
                let text = file.str(comment.as_buildkit).trim();
                let Some((scope, codes)) = pragma(text) else {
                    continue;
                };
                let line = instruction.lines.first;
                let (first, last) = match scope {
                    "" => {
                        ignored.inline.push(line);
                        (line, line)
                    }
                    "global" => (0, u32::MAX),
                    "stage" => {
                        let next = starts.iter().find(|&&start| start > line);
                        (line, next.map_or(u32::MAX, |next| next - 1))
                    }
                    _ => continue,
                };
                let codes = list(codes).map(|code| (first, last, code));
                ignored.lines.extend(codes);
            }
        }
        ignored
    }

    /// Whether that code is silenced where it is reported.
    pub(crate) fn covers(&self, code: &ToolCode) -> bool {
        let is = |named: &str| named.eq_ignore_ascii_case(code.code);
        if is_hadolint(code.code) {
            self.lines
                .iter()
                .any(|(first, last, named)| (*first..=*last).contains(&code.line) && is(named))
        } else {
            self.all_of_buildkit || self.skipped.iter().any(|named| is(named))
        }
    }
}

/// The scope and the codes of `hadolint [global|stage] ignore=…`.
fn pragma(text: &str) -> Option<(&str, &str)> {
    let (left, codes) = text.strip_prefix("hadolint")?.split_once('=')?;
    let scope = left.trim().strip_suffix("ignore")?;
    left.starts_with([' ', '\t'])
        .then_some((scope.trim(), codes))
}

fn list(codes: &str) -> impl Iterator<Item = String> {
    codes
        .split(',')
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty())
}
