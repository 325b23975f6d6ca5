//! What holds for any text.

use proptest::prelude::*;
use stagecraft_shell::sound;

/// Texts that look like shell: pieces that open, close, join and quote.
fn shellish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            " ", "\n", ";", "&", "|", "&&", "||", "|&", ";;", "(", ")", "((", "))", "{ ", " }", "{",
            "}", "<", ">", "<<", "<<-", "<<<", ">&", "&>", "2>", "<(", ">(", "'", "\"", "`", "\\",
            "\\\n", "$", "$(", "$((", "${", "$'", "$\"", "$[", "[", "]", "[[ ", " ]]", "*", "?", "~",
            "!", "! ", "#", " #", ",", "..", "=", "+=", "=(", ":-", "%%", "//", "/", ":", "@(", "é",
            "\u{1F680}", "\t", "EOF", "EOF\n", "\nEOF\n", "-", "--",
        ]).prop_map(str::to_owned),
        4 => prop::sample::select(vec![
            "if ", "then ", "elif ", "else ", "fi", "for ", "in ", "do ", "done", "while ", "until ",
            "case ", "esac", "select ", "function ", "f() ", "time ", "export ", "declare ", "sh -c ",
            "sudo ", "env ", "eval ", "x=", "a[0]=",
        ]).prop_map(str::to_owned),
        3 => "[a-z]{1,3}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_has_a_sound_tree(text in any::<String>()) {
        sound::check(&text);
    }

    #[test]
    fn anything_that_looks_like_shell_has_a_sound_tree(text in shellish()) {
        sound::check(&text);
        sound::check_joined(&text);
    }
}
