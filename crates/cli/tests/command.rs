//! The command as a person calls it.

#![expect(
    clippy::unwrap_used,
    reason = "this is all test: what is missing is to be noticed"
)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn stagecraft(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stagecraft"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The command may answer before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    output
}

fn json(arguments: &[&str], input: &[u8]) -> (i32, serde_json::Value) {
    let output = stagecraft(arguments, input);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|wrong| panic!("{arguments:?}: {wrong}; it said {error}"));
    (output.status.code().unwrap(), value)
}

const TASKS: [&str; 4] = ["parse", "lint", "plan", "size"];

#[test]
fn hostile_texts_are_answered_and_never_end_in_a_panic() {
    let hostile: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("a megabyte of backslashes", vec![b'\\'; 1 << 20]),
        ("backslashes at line ends", b"RUN \\\n".repeat(100_000)),
        ("zero bytes", b"FROM a\0b\nRUN \0\0\n\0".to_vec()),
        ("100,000 lines", b"FROM a\nRUN b\n".repeat(50_000)),
        ("no UTF-8", b"FROM \xff\xfe\nRUN \xc3\n".to_vec()),
        (
            "installs and copies that look for each other",
            [
                &b"FROM node:22 AS a\n"[..],
                &b"RUN npm install -g x\nCOPY --from=a /x /y\n".repeat(2_000),
            ]
            .concat(),
        ),
        (
            "stages upon stages",
            (0..500).fold(b"FROM a AS s0\n".to_vec(), |mut text, at| {
                let stage = format!("RUN pip install x\nFROM s{at} AS s{}\n", at + 1);
                text.extend(stage.as_bytes());
                text
            }),
        ),
        (
            "a heredoc that never ends",
            b"FROM a\nRUN <<E\nx\n".to_vec(),
        ),
    ];
    for (what, text) in &hostile {
        for task in TASKS {
            let (code, value) = json(&[task, "-", "--format", "json"], text);
            assert!(code == 0 || code == 1, "{task}, {what}: {code}");
            assert_eq!(value["path"], "-", "{task}, {what}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_rest_goes_on() {
    let output = stagecraft(
        &["lint", "no/such/file", "-", "--format", "json"],
        b"FROM a:1\n",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/file"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"path\":\"-\""));
}

#[test]
fn an_error_makes_lint_fail() {
    let (code, value) = json(
        &["lint", "-", "--format", "json"],
        b"FROM a:1 AS x\nCOPY --from=9 / /\n",
    );
    assert_eq!(code, 1);
    assert_eq!(value["findings"][0]["range"]["start"]["line"], 2);
    assert_eq!(value["findings"][0]["severity"], "error");
}

#[test]
fn the_plan_follows_the_target_and_the_build_arguments() {
    let file = b"ARG V=1\nFROM a:$V AS x\nFROM b AS y\n";
    let (_, value) = json(
        &[
            "plan",
            "-",
            "--format",
            "json",
            "--target",
            "x",
            "--build-arg",
            "V=2",
        ],
        file,
    );
    assert_eq!(value["target"], 0);
    assert_eq!(value["stages"][0]["base_resolved"], "a:2");
    assert_eq!(value["stages"][1]["reachable"], false);
}

#[test]
fn a_wrong_use_says_so() {
    assert_eq!(stagecraft(&["lint"], b"").status.code(), Some(2));
    assert_eq!(stagecraft(&["nothing"], b"").status.code(), Some(2));
}

#[test]
fn a_list_names_further_files() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (one, list) = (folder.join("listed.Dockerfile"), folder.join("list"));
    std::fs::write(&one, "FROM a:1\n").unwrap();
    std::fs::write(&list, format!("{}\n\nno/such/file\n", one.display())).unwrap();
    let list = list.to_str().unwrap();
    let output = stagecraft(&["lint", "--files-from", list, "--format", "json"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("listed.Dockerfile"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/file"));
}

#[test]
fn a_rule_is_explained_by_its_code() {
    let output = stagecraft(&["explain", "DL3014"], b"");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("apt-without-yes"));
    let output = stagecraft(&["explain", "DL9999"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("DL9999"));
}

#[test]
fn a_field_of_the_settings_that_nobody_knows_is_told_and_the_others_hold() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("settings");
    std::fs::create_dir_all(&folder).unwrap();
    let (settings, file) = (folder.join("hadolint.yaml"), folder.join("Dockerfile"));
    std::fs::write(&settings, "ingored: []\nignored: [DL3006]\n").unwrap();
    std::fs::write(&file, "FROM alpine\n").unwrap();
    let (settings, file) = (settings.to_str().unwrap(), file.to_str().unwrap());
    let output = stagecraft(&["lint", "--config", settings, file], b"");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`ingored` is no setting"), "{said}");
}

#[test]
fn a_plan_can_leave_the_cache_alone_and_be_for_another_platform() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-cache");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("Dockerfile");
    let text = "FROM alpine:3.20 AS a\nRUN x\nFROM alpine:3.20 AS b\nARG TARGETARCH\nRUN y $TARGETARCH\nCOPY --from=a /x /\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let plan = |more: &[&str]| {
        let arguments = [&["plan", file, "--after", file], more].concat();
        String::from_utf8(stagecraft(&arguments, b"").stdout).unwrap()
    };
    assert_eq!(plan(&[]).matches(" CACHED").count(), 3);
    assert_eq!(plan(&["--no-cache"]).matches("asked to run").count(), 3);
    let filtered = plan(&["--no-cache-filter", "a"]);
    assert_eq!(filtered.matches("asked to run").count(), 1, "{filtered}");
    assert_eq!(filtered.matches("CACHED if").count(), 1, "{filtered}");
    let arm = ["plan", file, "--platform", "linux/arm64"];
    let said = String::from_utf8(stagecraft(&arm, b"").stdout).unwrap();
    assert!(said.contains("RUN y arm64"), "{said}");
    let alone = stagecraft(&["plan", file, "--no-cache"], b"");
    assert_eq!(alone.status.code(), Some(2));
    let wrong = stagecraft(&["plan", file, "--platform", "a/b/c/d"], b"");
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_plan_says_what_another_build_has_left() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("after");
    let context = folder.join("context");
    std::fs::create_dir_all(&context).unwrap();
    std::fs::write(context.join("a.txt"), "one").unwrap();
    let before = folder.join("Dockerfile");
    std::fs::write(&before, "FROM alpine:3.20\nCOPY a.txt /\nRUN x\n").unwrap();
    let paths = [before.to_str().unwrap(), context.to_str().unwrap()];
    let plan = |text: &str| {
        let arguments = ["plan", "-", "--after", paths[0], "--context", paths[1]];
        let output = stagecraft(&arguments, text.as_bytes());
        String::from_utf8(output.stdout).unwrap()
    };
    let same = plan("FROM alpine:3.20\nCOPY a.txt /\nRUN x\n");
    assert_eq!(same.matches("CACHED").count(), 2, "{same}");
    let other = plan("FROM alpine:3.20\nCOPY a.txt /\nRUN y\n");
    assert_eq!(other.matches("CACHED").count(), 1, "{other}");
    assert!(other.contains("RUNS: its words"), "{other}");
    let nowhere = stagecraft(&["plan", "-", "--context", "no/such/folder"], b"FROM a\n");
    assert_eq!(nowhere.status.code(), Some(2));
}
