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

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_notes, with_script};

    #[test]
    fn a_here_document_is_the_lines_up_to_its_delimiter() {
        check("a <<E\nb\nc\nE\nd", "(a 0:HereDoc:E=«b⏎c⏎») ⏎ (d)");
        check("a <<E\nE\n", "(a 0:HereDoc:E=«»)");
        check("a <<E\n E\nE x\nE", "(a 0:HereDoc:E=« E⏎E x⏎»)");
    }

    #[test]
    fn expansions_of_a_here_document_are_its_parts() {
        check(
            "a <<E\nx $b ${c:-d}\n$(e 'f') $((1)) \\$g 'h' \"i\"\nE",
            "(a 0:HereDoc:E=«x ·$b· ·${c :Default d}·⏎·$[(e 'f')]· ·$((1))· ·\\$·g 'h' \"i\"⏎»)",
        );
    }

    #[test]
    fn nothing_is_expanded_behind_a_quoted_delimiter() {
        for delimiter in ["'E'", "\"E\"", "\\E", "''E"] {
            let dumped = delimiter.replace("''E", "''·E");
            check(
                &format!("a <<{delimiter}\n$b\nE"),
                &format!("(a 0:HereDoc:{dumped}=raw«$b⏎»)"),
            );
        }
    }

    #[test]
    fn tabs_before_the_delimiter_do_not_count_behind_a_dash() {
        check(
            "a <<-E\n\tb\n\t\tE\nc",
            "(a 0:HereDocStripped:E=«\tb⏎») ⏎ (c)",
        );
        let value = with_script("a <<-E\n\tb\n\t\tc\nE", |script| {
            let redirection = script.redirections().next().unwrap();
            redirection
                .here_doc()
                .unwrap()
                .as_static()
                .unwrap()
                .into_owned()
        });
        assert_eq!(value, "b\nc\n");
    }

    #[test]
    fn the_line_goes_on_behind_the_delimiter() {
        check(
            "a <<E | b && c >d\nx\nE\ne",
            "(a 0:HereDoc:E=«x⏎») | (b) && (c 1:Write:d) ⏎ (e)",
        );
        check("a <<E |\nx\nE\nb", "(a 0:HereDoc:E=«x⏎») | (b)");
        check(
            "if a <<E; then\nx\nE\nb; fi",
            "(if [(a 0:HereDoc:E=«x⏎»)] [(b)])",
        );
    }

    #[test]
    fn several_here_documents_come_in_the_order_of_their_operators() {
        check(
            "a <<A 3<<'B'; b <<C\n1\nA\n2\nB\n3\nC\nd",
            "(a 0:HereDoc:A=«1⏎» 3:HereDoc:'B'=raw«2⏎»); (b 0:HereDoc:C=«3⏎») ⏎ (d)",
        );
    }

    #[test]
    fn a_here_document_may_be_in_a_substitution() {
        check("a $(b <<E\nx\nE\n) c", "(a $[(b 0:HereDoc:E=«x⏎»)] c)");
        check(
            "a <<E $(b\nc)\nx\nE\nd",
            "(a $[(b) ⏎ (c)] 0:HereDoc:E=«x⏎») ⏎ (d)",
        );
        check(
            "a <<E\n$(b <<F\ny\nF\n)\nE",
            "(a 0:HereDoc:E=«$[(b 0:HereDoc:F=«y⏎»)]·⏎»)",
        );
    }

    #[test]
    fn a_here_document_without_lines_is_noted() {
        check_notes("cat <<EOF > /x", &["MissingHereDoc EOF"]);
        check_notes("cat <<EOF\nx\n", &["UnclosedHereDoc EOF"]);
    }
}
