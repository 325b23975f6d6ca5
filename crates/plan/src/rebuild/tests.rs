use std::fmt::Write as _;

use proptest::prelude::*;
use stagecraft_files::{Clock, Content, EntryKind, Meta, Node, Tree};
use stagecraft_image::{ImageConfig, Platform, Reference};
use stagecraft_semantic::{Images, Options, analyze};
use stagecraft_syntax::parse;

use super::{BaseImage, BaseImages, Builder, Built, Request, StepState};
use crate::NoCache;

/// Knows `alpine` and nothing else.
struct Alpine;

fn meta(mode: u32) -> Meta {
    Meta::new(mode, Clock::fixed(1).now())
}

impl Images for Alpine {
    fn config(&self, name: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
        let config = ImageConfig {
            cmd: Some(vec!["/bin/sh".to_owned()]),
            working_dir: "/".to_owned(),
            ..ImageConfig::default()
        };
        name.normalized().ends_with("/alpine:3").then_some(config)
    }
}

impl BaseImages for Alpine {
    fn image(&self, name: &Reference<'_>, platform: &Platform) -> Option<BaseImage> {
        let config = self.config(name, platform)?;
        let mut tree = Tree::default();
        for folder in ["/bin", "/etc", "/opt"] {
            tree.make_folders(folder, meta(0o755)).unwrap();
        }
        tree.put("/tmp", Node::folder(meta(0o1777))).unwrap();
        let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n";
        let files = [
            ("/bin/sh", Content::opaque(1, 1)),
            ("/bin/cat", Content::opaque(1, 2)),
            ("/bin/date", Content::opaque(1, 3)),
            ("/bin/mkdir", Content::opaque(1, 4)),
            ("/bin/rm", Content::opaque(1, 5)),
            ("/bin/chown", Content::opaque(1, 6)),
            ("/etc/passwd", Content::bytes(passwd.as_bytes())),
        ];
        for (path, content) in files {
            tree.put(path, Node::file(meta(0o755), content)).unwrap();
        }
        Some(BaseImage {
            name: "alpine:3".to_owned(),
            tree,
            config,
            history: Vec::new(),
            size: 100,
        })
    }
}

fn context(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    for (path, text) in files {
        let (folder, _) = path.rsplit_once('/').unwrap_or_default();
        tree.make_folders(folder, meta(0o755)).unwrap();
        let file = Node::file(meta(0o644), Content::bytes(text.as_bytes()));
        tree.put(path, file).unwrap();
    }
    tree
}

fn build(builder: &mut Builder, dockerfile: &str, files: &[(&str, &str)]) -> Built {
    build_with(builder, dockerfile, files, |_| {})
}

fn build_with(
    builder: &mut Builder,
    dockerfile: &str,
    files: &[(&str, &str)],
    how: impl FnOnce(&mut Request<'_>),
) -> Built {
    let file = parse(dockerfile);
    let options = Options::default();
    let model = analyze(&file, &options, &Alpine);
    let mut request = Request::new(&file, &model, &options);
    request.context = context(files);
    how(&mut request);
    builder.build(&request, &Alpine)
}

/// The states of the steps behind FROM, a letter each.
fn states(built: &Built) -> String {
    let steps = built.vertices.iter();
    let steps = steps.filter(|vertex| !vertex.name.contains("] FROM "));
    steps
        .map(|vertex| match vertex.state {
            StepState::Done => 'd',
            StepState::Cached => 'c',
            StepState::Error => 'e',
            StepState::Canceled => 'x',
            StepState::NotRun => '-',
        })
        .collect()
}

/// The entries of the last layer.
fn last_layer(built: &Built) -> Vec<String> {
    let layer = built.image.as_ref().unwrap().layers.last().unwrap().clone();
    layer
        .entries
        .iter()
        .map(|entry| entry.path.clone())
        .collect()
}

const TWO: &str = "FROM alpine:3 AS build\nCOPY a /src/\nRUN cat /src/a > /out\n\
                   FROM alpine:3\nCOPY --from=build /out /out\nRUN cat /out > /copy\n";

#[test]
fn a_build_runs_everything_and_the_next_one_nothing() {
    let mut builder = Builder::default();
    let first = build(&mut builder, TWO, &[("/a", "1")]);
    assert_eq!(states(&first), "dddd");
    assert_eq!(last_layer(&first), ["/copy"]);
    let second = build(&mut builder, TWO, &[("/a", "1")]);
    assert_eq!(states(&second), "cccc");
    assert_eq!(first.image, second.image);
}

#[test]
fn a_changed_file_runs_what_takes_it_and_what_comes_of_it() {
    let mut builder = Builder::default();
    build(&mut builder, TWO, &[("/a", "1"), ("/b", "1")]);
    let unrelated = build(&mut builder, TWO, &[("/a", "1"), ("/b", "2")]);
    assert_eq!(states(&unrelated), "cccc");
    let changed = build(&mut builder, TWO, &[("/a", "22")]);
    assert_eq!(states(&changed), "dddd");
    // Back to what it was.
    assert_eq!(states(&build(&mut builder, TWO, &[("/a", "1")])), "cccc");
}

#[test]
fn a_file_of_the_same_size_and_time_is_not_sent_again() {
    let mut builder = Builder::default();
    build(&mut builder, TWO, &[("/a", "1")]);
    assert_eq!(states(&build(&mut builder, TWO, &[("/a", "2")])), "cccc");
}

#[test]
fn the_same_output_of_another_run_is_enough_for_a_copy() {
    let same = TWO.replace("cat /src/a >", "echo fixed >");
    let mut builder = Builder::default();
    build(&mut builder, &same, &[("/a", "1")]);
    let changed = build(&mut builder, &same, &[("/a", "22")]);
    assert_eq!(states(&changed), "ddcc");
}

#[test]
fn what_no_one_can_know_is_taken_to_differ() {
    let dated = TWO.replace("cat /src/a >", "date >");
    let mut builder = Builder::default();
    let first = build(&mut builder, &dated, &[("/a", "1")]);
    assert_eq!(states(&first), "dddd");
    assert_eq!(first.image.as_ref().unwrap().layers[1].size, None);
    assert_eq!(states(&build(&mut builder, &dated, &[("/a", "1")])), "cccc");
    assert_eq!(
        states(&build(&mut builder, &dated, &[("/a", "22")])),
        "dddd"
    );
}

#[test]
fn a_failure_points_at_its_line_and_leaves_the_rest_undone() {
    let mut builder = Builder::default();
    let source = "FROM alpine:3\nRUN echo 1 > /1\nRUN exit 3\nRUN echo 2 > /2\n";
    let built = build(&mut builder, source, &[]);
    assert_eq!(states(&built), "de-");
    assert_eq!(built.failure.unwrap().line, Some(3));
    // What went well stays in the cache.
    let mended = build(&mut builder, &source.replace("exit 3", "echo 3 > /3"), &[]);
    assert_eq!(states(&mended), "cdd");
    let missing = build(&mut builder, "FROM alpine:3\nCOPY nope /\n", &[]);
    assert_eq!(missing.failure.unwrap().line, Some(2));
    let unknown = build(&mut builder, "FROM nope\nRUN true\n", &[]);
    assert_eq!(
        (unknown.failure.unwrap().line, unknown.vertices.len()),
        (Some(1), 0)
    );
}

#[test]
fn without_the_cache_all_but_folders_run() {
    let source = "FROM alpine:3 AS a\nWORKDIR /w\nRUN echo 1 > /1\n";
    let mut builder = Builder::default();
    build(&mut builder, source, &[]);
    let again = build_with(&mut builder, source, &[], |request| {
        request.no_cache = NoCache::All;
    });
    assert_eq!(states(&again), "cd");
    let other = build_with(&mut builder, source, &[], |request| {
        request.no_cache = NoCache::Stages(vec!["b".to_owned()]);
    });
    assert_eq!(states(&other), "cc");
}

#[test]
fn a_layer_has_owners_modes_and_deletions() {
    let mut builder = Builder::default();
    let source = "FROM alpine:3\nCOPY --chown=app --chmod=700 a /opt/\nRUN rm /etc/passwd\n";
    let built = build(&mut builder, source, &[("/a", "12")]);
    let layers = &built.image.as_ref().unwrap().layers;
    let file = layers[1].entries.last().unwrap();
    assert_eq!(
        (file.path.as_str(), &file.kind),
        ("/opt/a", &EntryKind::File(2))
    );
    assert_eq!((file.mode, file.uid, file.gid), (0o700, 1000, 1000));
    assert_eq!(layers[1].size, Some(1024 + 512 + 1024));
    assert_eq!(last_layer(&built), ["/etc", "/etc/.wh.passwd"]);
}

#[test]
fn a_cache_mount_outlives_the_build_and_is_in_no_layer() {
    let source = |n: u32| {
        format!(
            "FROM alpine:3\nRUN --mount=type=cache,target=/c echo {n} >> /c/log; cat /c/log > /log\n"
        )
    };
    let mut builder = Builder::default();
    build(&mut builder, &source(1), &[]);
    let second = build(&mut builder, &source(2), &[]);
    assert_eq!(last_layer(&second), ["/log"]);
    let log = second.image.unwrap().layers.last().unwrap().entries[0].clone();
    assert_eq!(log.kind, EntryKind::File(4));
}

#[test]
fn the_image_says_what_the_instructions_say() {
    let mut builder = Builder::default();
    let source = "FROM alpine:3\nENV A=1\nLABEL l=x\nEXPOSE 80\nUSER app\nWORKDIR sub\nENTRYPOINT [\"/e\"]\n";
    let image = build(&mut builder, source, &[]).image.unwrap();
    assert_eq!(image.config.env("A"), Some("1"));
    assert_eq!(image.config.cmd, None);
    assert_eq!(image.config.working_dir, "/sub");
    assert_eq!(image.config.exposed_ports, ["80/tcp"]);
    let lines: Vec<&str> = image
        .history
        .iter()
        .map(|it| it.created_by.as_str())
        .collect();
    assert_eq!(
        lines,
        [
            "ENV A=1",
            "LABEL l=x",
            "EXPOSE [80/tcp]",
            "USER app",
            "WORKDIR /sub",
            "ENTRYPOINT [\"/e\"]"
        ]
    );
}

/// Instructions of a stage behind its FROM.
fn instruction() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]".prop_map(|n| format!("RUN echo {n} > /{n}")),
        "[a-c]".prop_map(|n| format!("RUN cat /src/{n} > /out || true")),
        "[a-c]".prop_map(|n| format!("COPY {n} /src/")),
        "[a-c]".prop_map(|n| format!("COPY --link {n} /l/{n}")),
        "[a-c]".prop_map(|n| format!("WORKDIR /w/{n}")),
        "[a-c]".prop_map(|n| format!("ENV V{n}={n}")),
        "[a-c]".prop_map(|n| format!("ARG {n}=1")),
        "[a-c]".prop_map(|n| format!("LABEL {n}=1")),
        "[a-c]".prop_map(|n| format!("RUN --mount=type=cache,target=/c echo {n} >> /c/l")),
        "[a-c]".prop_map(|n| format!("RUN --mount=source={n},target=/m cat /m > /m-{n}")),
        Just("RUN date > /d".to_owned()),
        Just("RUN rm -rf /src".to_owned()),
        Just("COPY . /all/".to_owned()),
        Just("USER app".to_owned()),
        Just("USER root".to_owned()),
    ]
}

fn stages() -> impl Strategy<Value = String> {
    let stage = (
        0..3_u8,
        prop::collection::vec(instruction(), 0..6),
        any::<bool>(),
    );
    prop::collection::vec(stage, 1..5).prop_map(|stages| {
        let mut text = String::new();
        for (number, (base, instructions, copies)) in stages.iter().enumerate() {
            let base = match base {
                1 if number > 0 => format!("s{}", number - 1),
                _ => "alpine:3".to_owned(),
            };
            let _ = writeln!(text, "FROM {base} AS s{number}");
            for line in instructions {
                text.push_str(line);
                text.push('\n');
            }
            if *copies && number > 0 {
                let _ = writeln!(text, "COPY --from=s{} /etc /copied", number - 1);
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_unchanged_rebuild_misses_nothing(source in stages()) {
        let files = [("/a", "1"), ("/b", "2"), ("/c", "3")];
        let mut builder = Builder::default();
        let first = build(&mut builder, &source, &files);
        // A user may not write where root may: such a build fails, and that is fine.
        prop_assume!(first.failure.is_none());
        let second = build(&mut builder, &source, &files);
        prop_assert!(states(&second).chars().all(|state| state == 'c'), "{}", states(&second));
        prop_assert_eq!(first.image, second.image);
    }
}
