//! Heredocs as hadolint has them: what it does not know, and what it takes for one.

use stagecraft_syntax::{Form, Heredoc, Instruction, Keyword};
use stagecraft_text::{TextSize, size, slice};

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
    let unnamed = |at: usize| {
        let (before, rest) = last.split_at_checked(at).unwrap_or_default();
        let rest = rest.strip_prefix("<<").unwrap_or(rest);
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        !before.ends_with('<') && (rest.is_empty() || rest.starts_with([' ', '\t']))
    };
    if !last.match_indices("<<").any(|(at, _)| unnamed(at)) {
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

/// Where hadolint stops because of a heredoc: it knows the first one alone, whose name stands
/// behind `<<` without a blank, ends it where a line starts with that name, and wants an empty line
/// behind it.
pub(crate) fn fault_of_heredoc(
    facts: &Facts<'_>,
    instruction: &Instruction,
    first: &Heredoc,
) -> Option<TextSize> {
    let (file, all) = (facts.file, facts.file.heredocs(instruction));
    let source = file.source();
    let last = all.last().unwrap_or(first).terminator.end();
    let lines = |from: TextSize| {
        let text = source.get(usize::from(from)..usize::from(last));
        let text = text.unwrap_or_default();
        let mut at = from;
        text.split_inclusive('\n').map(move |line| {
            let start = at;
            at += TextSize::of(line);
            (start, line.trim_end_matches(['\n', '\r']))
        })
    };
    let marker = slice(source, first.marker).trim_start_matches(|c: char| c.is_ascii_digit());
    let name = marker.strip_prefix("<<").unwrap_or_default();
    let name = name.strip_prefix('-').unwrap_or(name);
    let sources = file.args(instruction).first().map(|word| word.range);
    let known = !name.starts_with([' ', '\t', '\\'])
        && match instruction.keyword {
            Keyword::Add => false,
            Keyword::Copy => marker.starts_with("<<") && sources == Some(first.marker),
            _ => true,
        };
    let own = file.str(first.content).len();
    let content = size(usize::from(first.terminator.start()).checked_sub(own)?);
    let name = file.str(first.name);
    let mut ends = lines(content).filter(|(_, line)| line.starts_with(name));
    let end = ends.next().filter(|(_, line)| *line == name);
    let Some((end, _)) = end.filter(|_| known) else {
        return first_unreadable(lines(content));
    };
    if all.len() > 1 {
        return first_unreadable(lines(end).skip(1));
    }
    let behind = source.get(usize::from(last)..)?;
    let next = behind.split('\n').nth(1)?;
    (!next.trim().is_empty()).then_some(last + TextSize::new(1))
}

/// The first of these lines that is neither empty, nor a comment, nor an instruction.
fn first_unreadable<'t>(lines: impl Iterator<Item = (TextSize, &'t str)>) -> Option<TextSize> {
    let mut lines = lines.map(|(at, line)| (at, line.trim_start()));
    let odd = lines.find(|(_, line)| {
        let word = line.split([' ', '\t']).next().unwrap_or_default();
        !word.is_empty() && !line.starts_with('#') && Keyword::from_word(word) == Keyword::Unknown
    });
    odd.map(|(at, _)| at)
}
