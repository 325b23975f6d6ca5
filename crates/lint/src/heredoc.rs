//! What hadolint takes for a heredoc and Docker does not.

use stagecraft_syntax::{Form, Instruction, Keyword};
use stagecraft_text::{TextSize, size};

use crate::facts::Facts;

/// What hadolint takes `<<` with a blank behind it for: a heredoc whose name has no letters, which
/// the empty line right below ends.
pub(crate) enum Unnamed {
    /// All is well behind it.
    Ends,
    /// It wants another empty line there.
    Stops(TextSize),
}

/// Whether an instruction has one, in whatever quotes.
pub(crate) fn unnamed_heredoc(facts: &Facts<'_>, instruction: &Instruction) -> Option<Unnamed> {
    let run = matches!(
        instruction.keyword,
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint
    );
    if !run || instruction.form != Form::Shell {
        return None;
    }
    let source = facts.file.source();
    let (own, behind) = source.split_at_checked(instruction.range.end().into())?;
    let last = own.get(own.rfind('\n').map_or(0, |at| at + 1)..)?;
    let mut marks = last.match_indices("<<").filter_map(|(at, _)| {
        let rest = last.get(at + 2..)?;
        let before = last.get(..at)?;
        Some((!before.ends_with('<')).then_some(rest.strip_prefix('-').unwrap_or(rest)))
    });
    let unnamed = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    if !marks.any(|rest| rest.is_some_and(unnamed)) {
        return None;
    }
    let mut lines = behind.split_inclusive('\n');
    let (rest, empty, next) = (lines.next()?, lines.next()?, lines.next());
    if !empty.trim_end_matches(['\n', '\r']).is_empty() {
        return None;
    }
    let ends = next.is_none_or(|next| next.trim_end_matches(['\n', '\r']).is_empty());
    let place = instruction.range.end() + size(rest.len()) + size(empty.len());
    Some(if ends {
        Unnamed::Ends
    } else {
        Unnamed::Stops(place)
    })
}
