//! Texts made to hurt. What they may cost is measured by the benchmark; here they must end.

use crate::parse;

fn texts() -> Vec<(&'static str, String)> {
    let n = 20_000;
    vec![
        ("nothing", String::new()),
        ("a NUL byte", "FROM a\0b\nRUN \0\n".to_owned()),
        ("backslashes", "\\".repeat(n)),
        ("backslashes in lines", "\\\n".repeat(n)),
        (
            "endless continuation",
            format!("RUN a{}", " \\\n b".repeat(n)),
        ),
        (
            "endless comments inside",
            format!("RUN a \\\n{}b", "# c\n".repeat(n)),
        ),
        ("unclosed quotes", format!("ENV a=\"{}", "'\"\\".repeat(n))),
        ("deep substitutions", format!("ENV a={}", "${a:-".repeat(n))),
        ("deep JSON", format!("CMD {}", "[".repeat(n))),
        ("JSON escapes", format!("CMD [\"{}\"]", "\\u00e9".repeat(n))),
        (
            "many flags",
            format!("RUN {}", "--mount=a=b,'c' ".repeat(n)),
        ),
        (
            "one mount of many options",
            format!("RUN --mount={} x", "a=b,".repeat(n)),
        ),
        ("unterminated heredocs", "RUN <<A\n".repeat(n)),
        (
            "unterminated heredocs on one line",
            format!("RUN {}", "<<A ".repeat(n)),
        ),
        (
            "unterminated heredocs of many names",
            (0..n).fold(String::new(), |out, i| out + &format!("RUN <<A{i}\n")),
        ),
        ("heredocs that end", "RUN <<A\nA\n".repeat(n)),
        (
            "nested ONBUILD",
            format!("ONBUILD {}RUN a", "ONBUILD ".repeat(n)),
        ),
        ("unknown instructions", "x\n".repeat(n)),
        ("one long word", format!("FROM {}", "é".repeat(n))),
        ("a hundred thousand lines", "RUN true\n".repeat(100_000)),
    ]
}

#[test]
fn every_hostile_text_is_read_to_its_end_without_losing_a_byte() {
    for (name, source) in texts() {
        let file = parse(&source);
        let joined: usize = file
            .tokens()
            .iter()
            .map(|token| usize::from(token.range.len()))
            .sum();
        assert_eq!(joined, source.len(), "{name}");
    }
}
