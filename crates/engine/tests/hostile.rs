//! Texts made to be slow: everything that is said of one takes about as long as it is.

use std::time::{Duration, Instant};

use stagecraft_engine::lint::{Config, Profile};
use stagecraft_engine::plan::BuilderKind;
use stagecraft_engine::{Workspace, analyze, check};

/// What is repeated, after something that comes once. Each of them was slow, or took much memory.
const HOSTILE: &[(&str, &str)] = &[
    ("FROM a\nENV A=aaaaaaaaaaaaaaaa", "ENV A=$A$A\n"),
    (
        "FROM a\nENV A=aaaaaaaaaaaaaaaa\n",
        "ENV B=${A//*a*a*b/x} A=$A$A\n",
    ),
    ("ARG A=a\n", "ARG A=${B:-${A}:-${A}}\n"),
    ("FROM a\nRUN ", "${{a,b}"),
    ("FROM a\nRUN ", ")ONBUILD ${"),
    ("FROM a\nRUN ", "mv * b "),
    ("FROM a\nRUN ", "echo a > b"),
    ("FROM a\nRUN ", "echo a > /x && chown -R me /x && "),
    ("FROM a\nCOPY ", "/b"),
    ("FROM a\n", "VOLUME /a\n"),
];

fn text((start, part): (&str, &str), length: usize) -> String {
    let count = length.saturating_sub(start.len()) / part.len() + 1;
    start.to_owned() + &part.repeat(count)
}

fn work(text: &str) -> Duration {
    let begin = Instant::now();
    for builder in [BuilderKind::Buildkit, BuilderKind::Legacy] {
        let analysis = analyze(&Workspace {
            dockerfile: text.into(),
            dockerignore: Some("**/c\n".into()),
            builder,
            ..Workspace::default()
        });
        std::hint::black_box(analysis.short_history());
    }
    check(
        text,
        None,
        &stagecraft_engine::semantic::Options::default(),
        Profile::All,
        &Config::default(),
    );
    begin.elapsed()
}

#[test]
fn time_grows_with_the_length_and_no_faster() {
    const SMALL: usize = 4_000;
    const FACTOR: u32 = 16;
    for &hostile in HOSTILE {
        let small = text(hostile, SMALL);
        let large = text(hostile, SMALL * FACTOR as usize);
        // The machine has other work too: the best of a few runs counts.
        let mut best = (Duration::MAX, Duration::MAX);
        for _ in 0..4 {
            best.0 = best.0.min(work(&small));
            best.1 = best.1.min(work(&large));
            if best.1 <= best.0 * FACTOR * 2 {
                break;
            }
        }
        // What takes the square of the time would take 16 times as long a byte, not 5.
        assert!(
            best.1 <= best.0 * FACTOR * 5,
            "{hostile:?}: {:?} for {SMALL} bytes, {:?} for {FACTOR} times as many",
            best.0,
            best.1
        );
    }
}
