//! What holds for every text.

use proptest::prelude::*;
use stagecraft_text::{TextRange, TextSize, size};

use crate::{Instruction, Kind, Parse, Word, parse};

/// Pieces that mean something to the parser.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "LABEL", "CMD", "ONBUILD", "HEALTHCHECK",
            "SHELL", "VOLUME", "from", "AS", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\\\n", "\\ \n",
            "`\n", "\\", "`", "#", "# c\n", "# escape=`\n", "# syntax=x\n", "--from=a", "--mount=type=cache,target=/x",
            "--", "=", "a=b", "\"", "'", "[\"a\", \"b\"]", "[", "]", "\"\\u00e9\"", "<<E", "<<-'E'", "\nE\n",
            "\n\tE\n", "${a:-b}", "$a", "${", "}", ",", "\u{feff}", "é", "🚀", "\u{a0}", "\u{85}", "\0",
        ]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ]
}

fn source() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn is_on(source: &str, range: TextRange) -> bool {
    source
        .get(range.start().into()..range.end().into())
        .is_some()
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_tokens_joined_are_the_source(source in source()) {
        let mut at = TextSize::new(0);
        for token in parse(&source).tokens() {
            prop_assert_eq!(token.range.start(), at);
            prop_assert!(!token.range.is_empty());
            prop_assert!(is_on(&source, token.range));
            at = token.range.end();
        }
        prop_assert_eq!(at, size(source.len()));
    }

    #[test]
    fn ranges_are_nested_and_in_order(source in source()) {
        let file = parse(&source);
        let mut at = TextSize::new(0);
        for instruction in file.instructions() {
            prop_assert!(instruction.range.start() >= at);
            prop_assert!(is_on(&source, instruction.range));
            prop_assert!(instruction.lines.first <= instruction.lines.last);
            at = instruction.range.end();
            let mut words = Vec::new();
            words_of(&file, instruction, &mut words);
            for word in words {
                prop_assert!(is_on(&source, word.range), "{:?} {:?}", word, file.word(word));
                let inside = instruction.range.contains_range(word.range);
                prop_assert!(inside || word.text.is_empty(), "{:?} in {:?}", word, instruction.range);
            }
            for heredoc in file.heredocs(instruction) {
                prop_assert!(instruction.range.contains_range(heredoc.marker));
                prop_assert!(instruction.range.contains_range(heredoc.terminator));
            }
        }
        for error in file.errors() {
            prop_assert!(is_on(&source, error.range));
        }
        prop_assert!(file.errors().iter().filter(|error| error.stops).count() <= 1);
    }

    #[test]
    fn a_line_without_its_own_mistakes_is_read_the_same_behind_a_broken_one(line in "[a-z ]{0,12}") {
        let broken = format!("FROM a\nCOPY --x {line}\nRUN {line} <<NEVER\nUSER b\n");
        let file = parse(&broken);
        let last = file.instructions().last().map(|instruction| file.word(instruction.rest).to_owned());
        prop_assert_eq!(last.as_deref(), Some("b"));
    }
}
