//! What a Dockerfile asks not to be told.

use stagecraft_diagnostics::Diagnostic;
use stagecraft_syntax::{Directive, Parse};

/// The codes that are silenced, and where.
pub(crate) struct Ignored {
    everywhere: Vec<String>,
    /// BuildKit's `skip=all`.
    all_of_buildkit: bool,
    /// First line of the instruction below the comment, and the code.
    lines: Vec<(u32, String)>,
}

impl Ignored {
    /// Reads `# check=skip=…`, `# hadolint ignore=…` and `# hadolint global ignore=…`.
    pub(crate) fn read(file: &Parse) -> Self {
        let mut ignored = Self {
            everywhere: Vec::new(),
            all_of_buildkit: false,
            lines: Vec::new(),
        };
        if let Some(check) = file.directive(Directive::Check) {
            let parts = file.word(check.value).split(';');
            for codes in parts.filter_map(|part| part.trim().strip_prefix("skip=")) {
                ignored.all_of_buildkit |= codes.trim().eq_ignore_ascii_case("all");
                ignored.everywhere.extend(list(codes));
            }
        }
        for instruction in file.instructions() {
            for comment in file.comments_above(instruction) {
                let text = file.str(comment.as_buildkit).trim();
                let Some(text) = text.strip_prefix("hadolint") else {
                    continue;
                };
                let text = text.trim_start();
                if let Some(codes) = text.strip_prefix("ignore=") {
                    let line = instruction.lines.first;
                    ignored.lines.extend(list(codes).map(|code| (line, code)));
                } else if let Some(codes) = text
                    .strip_prefix("global")
                    .map(str::trim_start)
                    .and_then(|rest| rest.strip_prefix("ignore="))
                {
                    ignored.everywhere.extend(list(codes));
                }
            }
        }
        ignored
    }

    /// Whether a finding is silenced: by any of its codes.
    pub(crate) fn covers(&self, finding: &Diagnostic) -> bool {
        let is = |named: &str, code: &str| named.eq_ignore_ascii_case(code);
        finding.codes.iter().any(|code| {
            self.everywhere.iter().any(|named| is(named, code.code))
                || self
                    .lines
                    .iter()
                    .any(|(line, named)| *line == code.line && is(named, code.code))
        }) || self.all_of_buildkit
            && finding
                .codes
                .iter()
                .any(|code| !crate::is_hadolint(code.code))
    }
}

fn list(codes: &str) -> impl Iterator<Item = String> {
    codes
        .split(',')
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty())
}
