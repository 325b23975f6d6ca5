//! Documents below an instruction.

use std::collections::BTreeMap;

use stagecraft_text::{Segment, TextRange, size};

use crate::error::{ErrorKind, Phase};
use crate::expand::{self, Expander, Quotes};
use crate::instruction::Kind;
use crate::parser::Parser;
use crate::tree::{Form, Heredoc, Instruction, Keyword, Lines, Span, Text};

impl Parser {
    /// Finds the heredocs that `line` announces and reads them. Gives where the last one ends.
    pub(crate) fn heredocs(&mut self, line: Text, instruction: &mut Instruction) -> Option<usize> {
        let words = expand::words(self.str(line), &Expander::raw('\\')).ok()?;
        let first = self.out.heredocs.len();
        let mut end = None;
        for word in words {
            let Some(marker) = Marker::read(&word.text) else {
                continue;
            };
            let place = line.sub(word.range.start().into(), word.range.end().into());
            let range = self.out.range(place);
            let Some((content, terminator)) = self.heredoc_body(&marker) else {
                let lines = Lines {
                    first: self.first,
                    last: self.ends.as_ref().map_or(self.line, |ends| ends.last_line),
                };
                let kind = ErrorKind::UnterminatedHeredoc(marker.name.clone());
                self.error(kind, range, lines, Phase::Tree);
                continue;
            };
            let name_start = self.out.stitched.len();
            self.out.segments.push(Segment {
                at: size(name_start),
                source: range.start(),
            });
            self.out.stitched.push_str(&marker.name);
            end = Some(usize::from(terminator.end()));
            self.out.heredocs.push(Heredoc {
                name: Text::stitched(name_start, self.out.stitched.len()),
                marker: range,
                content,
                terminator,
                fd: marker.fd,
                expand: marker.expand,
                chomp: marker.chomp,
            });
        }
        instruction.heredocs = Span::new(first..self.out.heredocs.len());
        end
    }

    /// Reads the lines up to the one that ends the heredoc. Where there is none, nothing is
    /// read, so that a mistake in one line does not swallow the rest of the file.
    fn heredoc_body(&mut self, marker: &Marker) -> Option<(Text, TextRange)> {
        if let Some(ends) = &self.ends
            && ends.last(marker).is_none_or(|last| last < self.pos)
        {
            return None;
        }
        let (start, mut pos, mut line_number) = (self.pos, self.pos, self.line);
        while let Some(line) = self.line_at(pos, line_number) {
            line_number = line_number.saturating_add(1);
            let text = self.source_slice(line.start..line.end);
            let text = if marker.chomp {
                text.trim_start_matches('\t')
            } else {
                text
            };
            if text == marker.name {
                self.pos = line.next;
                self.line = line_number;
                let content = Text::source(start, line.start);
                return Some((content, TextRange::new(size(line.start), size(line.end))));
            }
            pos = line.next;
        }
        // The next one that ends nowhere must not read the whole file again.
        if self.ends.is_none() {
            self.ends = Some(Ends::read(self));
        }
        None
    }
}

/// The last place of each line of a text.
pub(crate) struct Ends {
    as_written: BTreeMap<Box<str>, usize>,
    without_tabs: BTreeMap<Box<str>, usize>,
    /// Number of the last line.
    last_line: u32,
}

impl Ends {
    /// Reads what `parser` has not read yet.
    fn read(parser: &Parser) -> Self {
        let (mut pos, mut last_line) = (parser.pos, parser.line);
        let (mut as_written, mut without_tabs) = (BTreeMap::new(), BTreeMap::new());
        while let Some(line) = parser.line_at(pos, last_line) {
            let text = parser.source_slice(line.start..line.end);
            as_written.insert(text.into(), line.start);
            without_tabs.insert(text.trim_start_matches('\t').into(), line.start);
            pos = line.next;
            last_line = last_line.saturating_add(1);
        }
        Self {
            as_written,
            without_tabs,
            last_line,
        }
    }

    fn last(&self, marker: &Marker) -> Option<usize> {
        let ends = if marker.chomp {
            &self.without_tabs
        } else {
            &self.as_written
        };
        ends.get(marker.name.as_str()).copied()
    }
}

/// `<<NAME` in one of its forms.
struct Marker {
    name: String,
    fd: u64,
    expand: bool,
    chomp: bool,
}

impl Marker {
    /// Reads a word of the form `digits << -? name`, the name without `<`.
    fn read(word: &str) -> Option<Self> {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (fd, rest) = word.split_at_checked(digits)?;
        let rest = rest.strip_prefix("<<")?;
        let (chomp, rest) = match rest.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if rest.is_empty() || rest.contains('<') {
            return None;
        }
        let lookup = |_: &str| None;
        let plain = Expander {
            skip_unset: true,
            ..Expander::new('\\', &lookup)
        };
        let quoted = Expander {
            quotes: Quotes::Keep,
            ..plain
        };
        let [name] = expand::words(rest, &plain).ok()?.try_into().ok()?;
        let with_quotes = expand::words(rest, &quoted).ok()?;
        Some(Self {
            expand: with_quotes
                .first()
                .is_some_and(|word| word.text == name.text),
            name: name.text,
            fd: if fd.is_empty() { 0 } else { fd.parse().ok()? },
            chomp,
        })
    }
}

/// Whether there is a `<<` in `text`, so that it may announce a heredoc.
pub(crate) fn has_heredoc(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| bytes.get(at + 1) == Some(&b'<'))
}

/// Whether `word` stands for a heredoc as a source of COPY or ADD.
pub(crate) fn is_heredoc_marker(word: &str) -> bool {
    has_heredoc(word) && Marker::read(word).is_some()
}

/// Whether BuildKit looks for heredocs in this instruction.
pub(crate) fn takes_heredocs(instruction: &Instruction) -> bool {
    match instruction.keyword {
        Keyword::Add | Keyword::Copy | Keyword::Run => instruction.form == Form::Shell,
        Keyword::Onbuild => match &instruction.kind {
            Kind::Onbuild(Some(inner)) => takes_heredocs(inner),
            _ => false,
        },
        _ => false,
    }
}
