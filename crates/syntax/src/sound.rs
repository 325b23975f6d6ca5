//! What must hold for the tree of any text: for property tests and fuzzing.

use stagecraft_text::{LineIndex, TextRange, TextSize, size};

use crate::expand::{self, Expander};
use crate::{Instruction, Kind, Parse, Word, parse};

/// Reads `source`, holds the tree to its promises, and expands every word of it.
///
/// # Panics
///
/// Where a promise is broken.
pub fn check(source: &str) {
    let file = parse(source);
    assert!(parse(source) == file, "read twice, {source:?} differs");
    assert!(file.lines() == LineIndex::new(file.source()), "{source:?}");
    tokens(&file);
    instructions(&file);
    for error in file.errors() {
        assert!(is_on(source, error.range), "{error:?} of {source:?}");
        assert!(!error.kind.message().is_empty());
    }
    let stops = file.errors().iter().filter(|error| error.stops);
    assert!(stops.count() <= 1, "{source:?}");
}

fn is_on(source: &str, range: TextRange) -> bool {
    let range = range.start().into()..range.end().into();
    source.get(range).is_some()
}

/// The tokens joined are the source.
fn tokens(file: &Parse) {
    let source = file.source();
    let mut at = TextSize::new(0);
    for token in file.tokens() {
        assert_eq!(token.range.start(), at, "{token:?} of {source:?}");
        assert!(!token.range.is_empty(), "{token:?} of {source:?}");
        assert!(is_on(source, token.range), "{token:?} of {source:?}");
        at = token.range.end();
    }
    assert_eq!(at, size(source.len()), "{source:?}");
}

/// Ranges lie on the text, nest, and are in order.
fn instructions(file: &Parse) {
    let source = file.source();
    let mut at = TextSize::new(0);
    for instruction in file.instructions() {
        assert!(
            instruction.range.start() >= at,
            "{instruction:?} of {source:?}"
        );
        assert!(is_on(source, instruction.range));
        assert!(instruction.lines.first <= instruction.lines.last);
        at = instruction.range.end();
        let mut words = Vec::new();
        words_of(file, instruction, &mut words);
        for word in words {
            assert!(is_on(source, word.range), "{word:?} of {source:?}");
            let inside = instruction.range.contains_range(word.range);
            assert!(inside || word.text.is_empty(), "{word:?} of {source:?}");
            expanded(file, word);
        }
        for heredoc in file.heredocs(instruction) {
            for range in [heredoc.marker, heredoc.terminator] {
                assert!(
                    instruction.range.contains_range(range),
                    "{range:?} of {source:?}"
                );
            }
        }
        for comment in file.comments_above(instruction) {
            assert!(is_on(source, comment.range), "{comment:?} of {source:?}");
        }
    }
}

/// Expansion ends, and names places of its text.
fn expanded(file: &Parse, word: Word) {
    let text = file.word(word);
    let lookup = |name: &str| (name.len() % 2 == 1).then_some("a b");
    let expander = Expander::new(file.escape(), &lookup);
    if let Ok(expanded) = expand::word(text, &expander) {
        for reference in expanded.references {
            assert!(is_on(text, reference.range), "{reference:?} of {text:?}");
        }
    }
    if let Ok(parts) = expand::words(text, &expander) {
        for part in parts {
            assert!(is_on(text, part.range), "{part:?} of {text:?}");
        }
    }
}

fn words_of(file: &Parse, instruction: &Instruction, out: &mut Vec<Word>) {
    out.push(instruction.name);
    out.push(instruction.rest);
    out.extend(file.args(instruction));
    for flag in file.flags(instruction) {
        out.extend([flag.word, flag.name]);
        out.extend(flag.value);
    }
    for pair in file.pairs(instruction) {
        out.extend([pair.word, pair.name]);
        out.extend(pair.value);
    }
    for mount in file.mounts(instruction) {
        for option in file.mount_options(mount) {
            out.push(option.name);
            out.extend(option.value);
        }
    }
    if let Kind::Onbuild(Some(inner)) = &instruction.kind {
        words_of(file, inner, out);
    }
}
