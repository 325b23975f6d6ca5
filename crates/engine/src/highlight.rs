//! What each piece of the text is, for the editor's colours.

use stagecraft_semantic::ShellScript;
use stagecraft_shell::PartKind;
use stagecraft_syntax::{Instruction, Kind, Parse, Token, TokenKind, parse};
use stagecraft_text::{LineIndex, TextRange, TextSize, sort_outer_first};

/// What a piece of text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Look {
    /// A comment.
    Comment,
    /// A parser directive.
    Directive,
    /// An instruction, or a word with a fixed meaning.
    Keyword,
    /// A word that should be an instruction.
    Unknown,
    /// The name of a flag.
    Flag,
    /// An image or a stage that is used.
    Image,
    /// The name that a stage is given.
    StageName,
    /// The name that a variable or label is given.
    Name,
    /// A variable that is used.
    Variable,
    /// A string in quotes.
    String,
    /// `=`, brackets, commas, operators of the shell, and the sign that continues a line.
    Punctuation,
    /// The program that a command of the shell starts.
    Program,
    /// `<<NAME` and the line that ends it.
    Heredoc,
    /// Lines of a heredoc.
    HeredocText,
}

impl Look {
    /// Every look; the place in this list is its number in [`Highlights`].
    pub const ALL: [Self; 14] = [
        Self::Comment,
        Self::Directive,
        Self::Keyword,
        Self::Unknown,
        Self::Flag,
        Self::Image,
        Self::StageName,
        Self::Name,
        Self::Variable,
        Self::String,
        Self::Punctuation,
        Self::Program,
        Self::Heredoc,
        Self::HeredocText,
    ];

    /// The name of its class.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Directive => "directive",
            Self::Keyword => "keyword",
            Self::Unknown => "unknown",
            Self::Flag => "flag",
            Self::Image => "image",
            Self::StageName => "stage-name",
            Self::Name => "name",
            Self::Variable => "variable",
            Self::String => "string",
            Self::Punctuation => "punctuation",
            Self::Program => "program",
            Self::Heredoc => "heredoc",
            Self::HeredocText => "heredoc-text",
        }
    }

    fn number(self) -> u32 {
        let at = Self::ALL.iter().position(|&look| look == self);
        at.and_then(|at| u32::try_from(at).ok()).unwrap_or_default()
    }
}

/// Pieces of text with their looks, in order, without overlaps: `from, to, look` again and
/// again, in UTF-16 units, as the editor wants them.
pub type Highlights = Vec<u32>;

/// A text in pieces, each with the class of its look, for whoever only shows it. Joined they are
/// the text.
pub fn pieces(text: &str) -> Vec<(Option<&'static str>, String)> {
    let index = LineIndex::new(text);
    let mut out = Vec::new();
    let mut at = 0;
    for piece in highlights(&parse(text), &index).chunks_exact(3) {
        let &[from, to, look] = piece else { continue };
        let from = usize::from(index.from_utf16(from));
        let to = usize::from(index.from_utf16(to));
        let class = Look::ALL.get(look as usize).map(|look| look.name());
        let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
        if at < from {
            out.push((None, slice(at, from)));
        }
        out.push((class, slice(from, to)));
        at = to;
    }
    out.push((None, text.get(at..).unwrap_or_default().to_owned()));
    out
}

/// The looks of a whole file.
pub fn highlights(file: &Parse, index: &LineIndex) -> Highlights {
    let mut inside = Vec::new();
    for instruction in file.instructions() {
        shell_looks(file, instruction, &mut inside);
    }
    let mut out = Vec::new();
    let mut inside = flattened(inside).into_iter().peekable();
    for Token { kind, range } in file.tokens() {
        let base = look(kind);
        let mut at = range.start();
        // What the shell's text is made of lies on its token.
        while let Some(&(part, part_look)) = inside.peek() {
            if part.start() >= range.end() {
                break;
            }
            inside.next();
            let from = part.start().max(at);
            let to = part.end().min(range.end());
            if from >= to {
                continue;
            }
            push(&mut out, index, TextRange::new(at, from), base);
            push(&mut out, index, TextRange::new(from, to), Some(part_look));
            at = to;
        }
        push(&mut out, index, TextRange::new(at, range.end()), base);
    }
    out
}

/// Pieces that can lie in one another, cut so that the inner one shows.
fn flattened(mut pieces: Vec<(TextRange, Look)>) -> Vec<(TextRange, Look)> {
    sort_outer_first(&mut pieces, |&(range, _)| range);
    let mut out = Vec::with_capacity(pieces.len());
    let mut open: Vec<(TextRange, Look)> = Vec::new();
    let mut at = TextSize::new(0);
    let mut show = |at: &mut TextSize, until: TextSize, look| {
        if *at < until {
            out.push((TextRange::new(*at, until), look));
            *at = until;
        }
    };
    for (range, look) in pieces {
        while let Some(&(outer, outer_look)) = open.last() {
            if outer.end() > range.start() {
                show(&mut at, range.start(), outer_look);
                break;
            }
            show(&mut at, outer.end(), outer_look);
            open.pop();
        }
        at = at.max(range.start());
        open.push((range, look));
    }
    while let Some((range, look)) = open.pop() {
        show(&mut at, range.end(), look);
    }
    out
}

fn push(out: &mut Highlights, index: &LineIndex, range: TextRange, look: Option<Look>) {
    if let Some(look) = look
        && !range.is_empty()
    {
        let (from, to) = (index.utf16(range.start()), index.utf16(range.end()));
        out.extend([from, to, look.number()]);
    }
}

fn look(kind: TokenKind) -> Option<Look> {
    Some(match kind {
        TokenKind::Space | TokenKind::Argument | TokenKind::Shell => return None,
        TokenKind::Comment => Look::Comment,
        TokenKind::Directive => Look::Directive,
        TokenKind::Keyword => Look::Keyword,
        TokenKind::UnknownKeyword => Look::Unknown,
        TokenKind::FlagName => Look::Flag,
        TokenKind::Image => Look::Image,
        TokenKind::StageName => Look::StageName,
        TokenKind::Name => Look::Name,
        TokenKind::Variable => Look::Variable,
        TokenKind::String => Look::String,
        TokenKind::Punctuation | TokenKind::Continuation => Look::Punctuation,
        TokenKind::HeredocMarker | TokenKind::HeredocEnd => Look::Heredoc,
        TokenKind::HeredocBody => Look::HeredocText,
    })
}

/// Programs, strings and variables of the shell's text.
fn shell_looks(file: &Parse, instruction: &Instruction, out: &mut Vec<(TextRange, Look)>) {
    if let Kind::Onbuild(Some(inner)) = &instruction.kind {
        return shell_looks(file, inner, out);
    }
    if instruction.form == stagecraft_syntax::Form::Json {
        return;
    }
    let Some(read) = ShellScript::read(file, instruction, None, false) else {
        return;
    };
    let script = read.script(file);
    for (simple, _) in script.simple_commands() {
        if let Some(name) = simple.name() {
            out.push((name.source_range(), Look::Program));
        }
    }
    for range in script.comments() {
        out.push((script.source_range(range), Look::Comment));
    }
    for word in script.words() {
        for part in word.parts() {
            match part.kind() {
                PartKind::SingleQuoted | PartKind::DoubleQuoted | PartKind::AnsiQuoted => {
                    out.push((part.source_range(), Look::String));
                }
                _ => {}
            }
        }
    }
    for part in script.expansions() {
        if matches!(part.kind(), PartKind::Variable | PartKind::Parameter) {
            out.push((part.source_range(), Look::Variable));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_joined_are_the_text() {
        let text = "# é\nFROM a AS b\nRUN x \"y\" # z\n";
        let joined: String = pieces(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(joined, text);
    }

    fn shown(source: &str) -> Vec<String> {
        let index = LineIndex::new(source);
        highlights(&parse(source), &index)
            .chunks(3)
            .map(|piece| {
                let place = |at: usize| usize::from(index.from_utf16(piece[at]));
                let look = Look::ALL[piece[2] as usize].name();
                format!("{look} {}", &source[place(0)..place(1)])
            })
            .collect()
    }

    #[test]
    fn instructions_and_the_shell_in_them_have_looks() {
        assert_eq!(
            shown("FROM a AS é\nRUN apt-get \\\n  \"$X\" && b\n"),
            [
                "keyword FROM",
                "image a",
                "keyword AS",
                "stage-name é",
                "keyword RUN",
                "program apt-get",
                "punctuation \\",
                "string \"",
                "variable $X",
                "string \"",
                "program b",
            ]
        );
    }

    #[test]
    fn pieces_are_in_order_and_do_not_overlap() {
        let source = "FROM a\nRUN x=\"$(y \"$z\")\" <<E\n$w 'q'\nE\nCMD [\"a\"]\n";
        let index = LineIndex::new(source);
        let pieces = highlights(&parse(source), &index);
        let ends: Vec<(u32, u32)> = pieces.chunks(3).map(|piece| (piece[0], piece[1])).collect();
        assert!(ends.iter().all(|(from, to)| from < to));
        assert!(
            ends.windows(2).all(|pair| pair[0].1 <= pair[1].0),
            "{ends:?}"
        );
    }
}
