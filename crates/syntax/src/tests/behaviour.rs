use super::check;
use crate::{
    CommentKind, Directive, Keyword, MountKind, TokenKind, duration, is_stage_name, parse,
};

#[test]
fn words_are_split_at_blanks_and_lines_at_line_feeds() {
    check(
        "FROM\talpine:3.20  AS\x0bbase\nEXPOSE 80  443/tcp\n",
        r#"1-1 FROM "alpine:3.20" "AS" "base"
           2-2 EXPOSE "80" "443/tcp""#,
    );
}

#[test]
fn a_carriage_return_before_the_line_feed_is_dropped_and_another_is_a_blank() {
    check(
        "FROM a\r\nEXPOSE 1\r2\r\r\n",
        r#"1-1 FROM "a"
           2-2 EXPOSE "1" "2""#,
    );
}

#[test]
fn a_line_goes_on_after_a_lone_escape_character() {
    check(
        "FROM a\nRUN x \\\n  y \\ \t\n z\nRUN p \\\\\n",
        r#"1-1 FROM "a"
           2-4 RUN "x   y  z"
           5-5 RUN "p \\\\""#,
    );
}

#[test]
fn the_last_line_may_end_in_an_escape_character() {
    check("FROM a\nRUN x \\", "1-1 FROM \"a\"\n2-2 RUN \"x\"");
}

#[test]
fn comments_and_empty_lines_inside_an_instruction_are_dropped() {
    let source = "FROM a\nRUN x \\\n# one\n\n  # two\n y\n";
    check(source, "1-1 FROM \"a\"\n2-6 RUN \"x  y\"");
    let file = parse(source);
    assert!(file.instructions()[1].empty_continuation);
    assert!(
        file.comments()
            .iter()
            .all(|comment| comment.kind == CommentKind::Inside)
    );
}

#[test]
fn a_hash_behind_the_first_word_is_no_comment() {
    check("FROM a\nRUN x # y\n", "1-1 FROM \"a\"\n2-2 RUN \"x # y\"");
}

#[test]
fn the_comments_above_belong_to_the_instruction_whatever_lies_between_but_an_empty_one() {
    let file = parse("# one\n#\n# two\n\n  # three\nFROM a\n");
    let above: Vec<&str> = file
        .comments_above(&file.instructions()[0])
        .iter()
        .map(|comment| file.str(comment.text))
        .collect();
    assert_eq!(above, ["two", "three"]);
}

#[test]
fn directives_stand_before_everything_else() {
    for (source, escape, found) in [
        ("# escape=`\nFROM a", '`', 1),
        ("#Escape = `\r\nFROM a", '`', 1),
        (
            "\u{feff}# syntax=docker/dockerfile:1\n# escape=`\nFROM a",
            '`',
            2,
        ),
        ("\t# check=skip=all;error=true\nFROM a", '\\', 1),
        ("# a comment\n# escape=`\nFROM a", '\\', 0),
        ("\n# escape=`\nFROM a", '\\', 0),
        ("# other=1\n# escape=`\nFROM a", '\\', 0),
        ("FROM a\n# escape=`", '\\', 0),
        ("# escape=\nFROM a", '\\', 0),
    ] {
        let file = parse(source);
        assert_eq!(file.escape(), escape, "{source:?}");
        assert_eq!(file.directives().len(), found, "{source:?}");
        assert!(file.errors().is_empty(), "{source:?}");
    }
    let file = parse("# syntax = docker/dockerfile:1  \nFROM a");
    let line = file.directive(Directive::Syntax).unwrap();
    assert_eq!(file.word(line.value), "docker/dockerfile:1");
}

#[test]
fn a_directive_that_is_wrong_is_an_error_and_the_reading_goes_on() {
    check(
        "# escape=x\n# check=skip=all\n# check=skip=all\nFROM a",
        "4-4 FROM \"a\"
         error 9..10 `x` cannot be the escape character (stops)
         error 28..44 `# check=` is here for the second time",
    );
}

#[test]
fn with_a_backtick_as_escape_character_a_backslash_is_one_like_others() {
    check(
        "# escape=`\nFROM a\nRUN dir C:\\ `\n  /s\nENV A=b` c\n",
        r#"2-2 FROM "a"
           3-4 RUN "dir C:\\   /s"
           5-5 ENV "A"=Some("b` c")"#,
    );
}

#[test]
fn flags_come_first_and_lose_their_quotes() {
    check(
        "FROM --platform=linux/arm64 a\nCOPY --from=0 \"--chown=a b\" --link x y --z\nRUN -- --x\n",
        r#"1-1 FROM --platform=linux/arm64 "a"
           2-2 COPY --from=0 "\"--chown=a" "b\"" "--link" "x" "y" "--z"
           3-3 RUN "--x""#,
    );
    check(
        "FROM a\nRUN --mount=type=secret,id='a b' --mount=type=c\\ache,target=/x y\n",
        r#"1-1 FROM "a"
           2-2 RUN --mount=type=secret,id=a b --mount=type=cache,target=/x "y""#,
    );
}

#[test]
fn pairs_keep_their_quotes_and_escapes() {
    check(
        "FROM a\nENV A=b C=\"d e\" F=g\\ h I='\\' J=\nENV K  l m \nARG N O=p\nLABEL \"q r\"=s",
        r#"1-1 FROM "a"
           2-2 ENV "A"=Some("b") "C"=Some("\"d e\"") "F"=Some("g\\ h") "I"=Some("'\\'") "J"=Some("")
           3-3 ENV "K"=Some("l m")
           4-4 ARG "N" "O=p"
           5-5 LABEL "\"q r\""=Some("s")"#,
    );
}

#[test]
fn a_pair_without_its_half_is_an_error_on_that_word() {
    check(
        "FROM a\nENV A\nENV B=c D\nENV =e\nENV",
        r#"1-1 FROM "a"
           2-2 ENV
           3-3 ENV "B"=Some("c")
           4-4 ENV ""=Some("e")
           5-5 ENV
           error 11..12 ENV names a variable but gives it no value (stops)
           error 21..22 this word has no `=`, unlike those before it
           error 27..29 a name of ENV cannot be empty
           error 30..33 ENV needs at least one argument"#,
    );
}

#[test]
fn json_is_used_where_it_is_valid_and_else_the_text_is() {
    check(
        "FROM a\nCMD [\"x\", \"\\u00e9\\n\"]\nCMD ['x']\nCOPY [ \"a b\", \"c\" ]\nVOLUME [\"/d\"]\n",
        r#"1-1 FROM "a"
           2-2 CMD json "x" "é\n"
           3-3 CMD "['x']"
           4-4 COPY json "a b" "c"
           5-5 VOLUME json "/d""#,
    );
    check(
        "FROM a\nCMD [\"x\", 1]\n",
        "1-1 FROM \"a\"
         2-2 CMD json
         error 17..18 this JSON array holds something that is not a string (stops)",
    );
}

#[test]
fn a_json_string_has_the_place_of_its_quotes() {
    let file = parse("FROM a\nCMD [\"x\", \\\n \"y\\tz\"]\n");
    let words = file.args(&file.instructions()[1]);
    let places: Vec<&str> = words
        .iter()
        .map(|word| stagecraft_text::slice(file.source(), word.range))
        .collect();
    assert_eq!(places, ["\"x\"", "\"y\\tz\""]);
    // The tab stands where its escape stands.
    let z = file.part(words[1], 2, 3);
    assert_eq!(stagecraft_text::slice(file.source(), z.range), "z");
}

#[test]
fn heredocs_are_read_to_their_line() {
    check(
        "FROM a\nRUN <<A cat && <<-'B' x\none $X\nA\n\ttwo\n\tB\nCOPY <<C <<\"D\" /d\n\nC\nD\n",
        r#"1-1 FROM "a"
           2-6 RUN "<<A cat && <<-'B' x" <<A "one $X\n" <<-'B "\ttwo\n"
           7-10 COPY "<<C" "<<\"D\"" "/d" <<C "\n" <<'D """#,
    );
}

#[test]
fn only_some_instructions_and_only_plain_text_have_heredocs() {
    check(
        "FROM a\nCMD <<A\nRUN [\"<<A\"]\nRUN \"<<A\" '<<A' x<<A <<<A <<\nONBUILD RUN << A\nb\nA\n",
        r#"1-1 FROM "a"
           2-2 CMD "<<A"
           3-3 RUN json "<<A"
           4-4 RUN "\"<<A\" '<<A' x<<A <<<A <<"
           5-7 ONBUILD (RUN "<< A" <<A "b\n")"#,
    );
}

#[test]
fn a_heredoc_that_never_ends_does_not_swallow_what_follows() {
    check(
        "FROM a AS x\nRUN cat <<EOF\nRUN b\nFROM x\n",
        r#"1-1 FROM "a" "AS" "x"
           2-2 RUN "cat <<EOF"
           3-3 RUN "b"
           4-4 FROM "x"
           error 20..25 no line below ends the heredoc `EOF` (stops)"#,
    );
}

#[test]
fn buildkit_names_the_lines_to_the_end_for_a_heredoc_that_never_ends() {
    for (source, last) in [("FROM a\nRUN <<E\nb\nc", 4), ("FROM a\nRUN <<E\nb\nc\n", 4)] {
        let lines = parse(source).errors()[0].lines;
        assert_eq!((lines.first, lines.last), (2, last), "{source:?}");
    }
}

#[test]
fn the_first_mistake_of_the_tree_stops_before_any_of_an_instruction() {
    check(
        "RUN x\nFROM a b\nNOPE\nENV A\n",
        r#"1-1 RUN "x"
           2-2 FROM "a" "b"
           3-3 NOPE
           4-4 ENV
           error 0..3 RUN stands before the first FROM
           error 13..14 FROM takes an image, or an image, `AS` and a name
           error 15..19 there is no such instruction
           error 24..25 ENV names a variable but gives it no value (stops)"#,
    );
}

#[test]
fn mistakes_of_instructions_have_the_smallest_place() {
    for (line, place, message) in [
        ("FORM x", "FORM", "there is no such instruction"),
        ("RUN --mont=a x", "--mont=a", "RUN has no such flag"),
        (
            "COPY --link=x a b",
            "--link=x",
            "this flag is either `true` or `false`",
        ),
        ("COPY --chown a b", "--chown", "this flag needs a value"),
        (
            "COPY --chown=1 --chown=2 a b",
            "--chown=2",
            "this flag can be given only once",
        ),
        ("COPY a", "a", "COPY needs a source and a destination"),
        ("COPY a <<E\nE", "<<E", "COPY cannot write to a heredoc"),
        ("FROM a AS 1b", "1b", "this cannot be the name of a stage"),
        (
            "FROM a as b c",
            "as b c",
            "FROM takes an image, or an image, `AS` and a name",
        ),
        ("WORKDIR", "WORKDIR", "WORKDIR takes one argument"),
        ("SHELL bash", "bash", "SHELL takes a JSON array only"),
        (
            "VOLUME [\"\"]",
            "\"\"",
            "the path of a volume cannot be empty",
        ),
        ("ONBUILD FROM a", "FROM", "ONBUILD cannot wrap FROM"),
        (
            "ONBUILD ONBUILD RUN a",
            "ONBUILD",
            "ONBUILD cannot wrap another ONBUILD",
        ),
        ("ONBUILD", "ONBUILD", "ONBUILD needs at least one argument"),
        (
            "HEALTHCHECK x",
            "x",
            "a health check is either `CMD` or `NONE`",
        ),
        ("HEALTHCHECK CMD", "CMD", "HEALTHCHECK CMD has no command"),
        (
            "HEALTHCHECK NONE x",
            "x",
            "HEALTHCHECK NONE takes no arguments",
        ),
        ("HEALTHCHECK --interval=5 CMD x", "5", "this is no duration"),
        (
            "HEALTHCHECK --interval=1us CMD x",
            "1us",
            "a duration of less than one millisecond is not allowed",
        ),
        (
            "HEALTHCHECK --retries=-1 CMD x",
            "-1",
            "this is no number of retries",
        ),
        ("RUN --network=x y", "x", "there is no such network mode"),
        ("RUN --security=x y", "x", "there is no such security mode"),
        (
            "RUN --mount=type=bund,target=/x y",
            "bund",
            "there is no such type of mount",
        ),
        (
            "RUN --mount=type=bind y",
            "--mount=type=bind",
            "a mount of type `bind` needs `target`",
        ),
        (
            "RUN --mount=type=cache,target=/x,sharing=often y",
            "often",
            "the option `sharing` cannot have this value",
        ),
    ] {
        let source = format!("FROM a\n{line}\n");
        let file = parse(&source);
        let [error] = file.errors() else {
            panic!("{line}: {:?}", file.errors());
        };
        assert_eq!(
            stagecraft_text::slice(&source, error.range),
            place,
            "{line}"
        );
        assert_eq!(error.kind.message(), message, "{line}");
    }
}

#[test]
fn what_is_wrong_inside_onbuild_or_a_mount_does_not_stop_the_reading() {
    for line in [
        "ONBUILD NOPE",
        "ONBUILD COPY a",
        "RUN --mount=type=x,target=/ y",
    ] {
        let file = parse(&format!("FROM a\n{line}"));
        assert_eq!(file.errors().len(), 1, "{line}");
        assert!(file.stopping_error().is_none(), "{line}");
    }
}

#[test]
fn mounts_are_read_in_every_spelling() {
    let file = parse(
        "FROM a\nRUN --mount=target=/a,ro --mount=type=cache,dst=/b,sharing=locked \\\n \
         --mount=type=secret,id=s,required x\n",
    );
    let run = &file.instructions()[1];
    let mounts = file.mounts(run);
    let kinds: Vec<MountKind> = mounts.iter().map(|mount| mount.kind).collect();
    assert_eq!(
        kinds,
        [MountKind::Bind, MountKind::Cache, MountKind::Secret]
    );
    let target = file.mount_option(&mounts[1], "target").unwrap();
    assert_eq!(file.word(target.value.unwrap()), "/b");
    assert!(
        file.mount_option(&mounts[2], "required")
            .unwrap()
            .value
            .is_none()
    );
    assert!(file.errors().is_empty());
}

#[test]
fn a_file_without_instructions_is_an_error() {
    check(
        "",
        "error 0..0 there is no instruction in this file (stops)",
    );
    check(
        "# x\n\n",
        "error 5..5 there is no instruction in this file (stops)",
    );
}

#[test]
fn an_instruction_is_known_in_any_case() {
    for keyword in Keyword::ALL {
        assert_eq!(Keyword::from_word(&keyword.name().to_lowercase()), keyword);
    }
    assert_eq!(Keyword::from_word("COPIE"), Keyword::Unknown);
}

#[test]
fn a_line_beyond_the_limit_is_an_error_and_still_read() {
    let longest = format!("FROM a\nRUN {}\n", "x".repeat(65_531));
    assert!(parse(&longest).errors().is_empty());
    let file = parse(&format!("FROM a\nRUN {}\nRUN b\n", "x".repeat(65_532)));
    assert_eq!(file.errors().len(), 1);
    assert_eq!(file.instructions().len(), 3);
}

#[test]
fn durations_are_those_of_go() {
    for (text, nanos) in [
        ("0", Some(0)),
        ("30s", Some(30_000_000_000)),
        ("1m30s", Some(90_000_000_000)),
        ("1.5h", Some(5_400_000_000_000)),
        ("-1ms", Some(-1_000_000)),
        (".5s", Some(500_000_000)),
        ("1µs", Some(1_000)),
        ("9999999999h", Some(i64::MAX)),
        ("5", None),
        ("s", None),
        ("", None),
        ("1x", None),
        (".s", None),
    ] {
        assert_eq!(duration(text), nanos, "{text}");
    }
}

#[test]
fn stage_names_start_with_a_letter() {
    for name in ["a", "Build-1", "a_b.c"] {
        assert!(is_stage_name(name), "{name}");
    }
    for name in ["", "1a", "a/b", "a b", "-a", "é"] {
        assert!(!is_stage_name(name), "{name}");
    }
}

#[test]
fn tokens_say_what_each_piece_is() {
    let source = "# syntax=x\nFROM --platform=$P a:$V AS b # c\n\nCOPY --from=b [\"x\"] \\\n# d\n /y\nRUN <<E\nz\nE\n";
    let file = parse(source);
    let shown: Vec<String> = file
        .tokens()
        .iter()
        .filter(|token| token.kind != TokenKind::Space)
        .map(|token| {
            let text = stagecraft_text::slice(source, token.range);
            format!("{:?} {text}", token.kind)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Directive # syntax=x",
            "Keyword FROM",
            "FlagName --platform",
            "Punctuation =",
            "Argument $P",
            "Image a:",
            "Variable $V",
            "Keyword AS",
            "StageName b",
            "Argument #",
            "Argument c",
            "Keyword COPY",
            "FlagName --from",
            "Punctuation =",
            "Image b",
            "Argument [\"x\"]",
            "Continuation \\",
            "Comment # d",
            "Argument /y",
            "Keyword RUN",
            "HeredocMarker <<E",
            "HeredocBody z\n",
            "HeredocEnd E",
        ]
    );
}

#[test]
fn a_flag_of_bytes_that_become_longer_characters_has_a_place_on_the_text() {
    let file = parse("FROM --é= a\nRUN --é=");
    for instruction in file.instructions() {
        let flag = file.flags(instruction)[0];
        let place = flag.value.unwrap().range;
        assert!(usize::from(place.end()) <= file.source().len());
    }
}

#[test]
fn a_flag_that_ends_in_a_wide_character_ends_where_the_character_does() {
    for wide in ["\u{feff}", "é", "𝕩"] {
        let source = format!("FROM a\nCOPY --from=x{wide}\n");
        let file = parse(&source);
        let copy = &file.instructions()[1];
        let flag = file.flag(copy, "from").unwrap();
        let value = flag.value.unwrap().range;
        assert_eq!(usize::from(value.end()), source.len() - 1, "{wide:?}");
        assert!(copy.range.contains_range(value), "{wide:?}");
    }
}
