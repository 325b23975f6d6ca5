//! Here-documents: the delimiter on the command's line, the body behind the line's end.

use std::borrow::Cow;

use stagecraft_text::{TextRange, TextSize};

use crate::node::{Id, Kind, flag};
use crate::note::NoteKind;

use super::words::Mode;
use super::{Parser, offset};

/// A here-document whose body has not come yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    redirect: Id,
    /// The delimiter as written.
    start: usize,
    end: usize,
    quoted: bool,
    strip: bool,
}

impl Pending {
    pub(super) fn range(&self) -> TextRange {
        TextRange::new(
            TextSize::new(offset(self.start)),
            TextSize::new(offset(self.end)),
        )
    }
}

impl<'t> Parser<'t> {
    /// The word behind `<<`.
    pub(super) fn here_doc_delimiter(&mut self, redirect: Id, strip: bool) {
        let start = self.pos;
        self.word(Mode::DELIMITER);
        let quoted = self
            .slice(start, self.pos)
            .iter()
            .any(|b| matches!(b, b'\'' | b'"' | b'\\'));
        self.pending.push(Pending {
            redirect,
            start,
            end: self.pos,
            quoted,
            strip,
        });
    }

    /// Takes a line feed and the bodies that come behind it.
    pub(super) fn newline(&mut self) {
        self.pos += 1;
        if self.pending.len() > self.pending_base {
            for pending in self.pending.split_off(self.pending_base) {
                self.here_doc(pending);
            }
        }
    }

    fn here_doc(&mut self, pending: Pending) {
        let delimiter = self.delimiter(&pending);
        let start = self.pos;
        let mut line = start;
        // The body's end, and the end of the line that says so.
        let (end, behind) = loop {
            let rest = self.input.get(line..).unwrap_or_default();
            if rest.is_empty() {
                self.tree.note(NoteKind::UnclosedHereDoc, pending.range());
                break (line, line);
            }
            let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            let mut content = rest.get(..length).unwrap_or_default();
            if pending.strip {
                let tabs = content.iter().take_while(|&&b| b == b'\t').count();
                content = content.get(tabs..).unwrap_or_default();
            }
            if content == &*delimiter {
                break (line, (line + length + 1).min(self.input.len()));
            }
            line = (line + length + 1).min(self.input.len());
        };
        let id = self.open(Kind::HereDoc);
        if pending.strip {
            self.mark(id, flag::STRIP);
        }
        if pending.quoted {
            self.mark(id, flag::RAW);
        } else {
            self.within(end, |parser| parser.parts(Mode::HERE_DOC));
        }
        self.close_at(id, end);
        self.tree.here_docs.push((pending.redirect, id));
        self.pos = behind;
    }

    /// The delimiter without its quotes.
    fn delimiter(&self, pending: &Pending) -> Cow<'t, [u8]> {
        let written = self.slice(pending.start, pending.end);
        if !pending.quoted {
            return Cow::Borrowed(written);
        }
        let mut value = Vec::with_capacity(written.len());
        let mut bytes = written.iter();
        while let Some(&byte) = bytes.next() {
            match byte {
                b'\'' | b'"' => {}
                b'\\' => value.extend(bytes.next().filter(|&&b| b != b'\n')),
                _ => value.push(byte),
            }
        }
        Cow::Owned(value)
    }
}
