//! What holds for every text.

use proptest::prelude::*;

use crate::{parse, sound};

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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_has_a_sound_tree(source in source()) {
        sound::check(&source);
    }

    #[test]
    fn a_line_without_its_own_mistakes_is_read_the_same_behind_a_broken_one(line in "[a-z ]{0,12}") {
        let broken = format!("FROM a\nCOPY --x {line}\nRUN {line} <<NEVER\nUSER b\n");
        let file = parse(&broken);
        let last = file.instructions().last().map(|instruction| file.word(instruction.rest).to_owned());
        prop_assert_eq!(last.as_deref(), Some("b"));
    }
}
