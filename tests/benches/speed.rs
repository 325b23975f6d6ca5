//! How fast the core is, over the wild files and over texts made to hurt. Prints one JSON object;
//! `cargo xtask bench` sets it beside what others need.

#![expect(clippy::print_stdout, reason = "this is what it is for")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run says so")]
#![expect(
    clippy::cast_precision_loss,
    clippy::float_arithmetic,
    reason = "figures of a few digits are what is wanted"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use serde_json::{Value, json};
use stagecraft_engine::lint::{Config, Profile};
use stagecraft_engine::plan::{Cache, Context, ContextFile, NoCache, Tables};
use stagecraft_engine::semantic::Options;
use stagecraft_engine::syntax::parse;
use stagecraft_engine::{Memory, Workspace, analyze, analyze_again, check};
use stagecraft_tests::conformance::corpus;

/// The command's memory; counts how often it is asked for.
struct Counting;

static ASKED: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is handed on to the command's allocator as it is.
#[expect(unsafe_code, reason = "there is no other way to count allocations")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises that `alloc` asks for.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises that `dealloc` asks for.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ASKED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises that `realloc` asks for.
        unsafe { MiMalloc.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// At least so many runs, of which the fastest counts: the others were disturbed.
const RUNS: usize = 7;

/// Nanoseconds of the fastest of all runs that fit into `time`.
fn fastest(time: Duration, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut best = f64::INFINITY;
    let mut runs = 0;
    while runs < RUNS || begin.elapsed() < time {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_nanos() as f64);
        runs += 1;
    }
    best
}

fn over(files: &[String], work: impl Fn(&str)) -> Value {
    let bytes: usize = files.iter().map(String::len).sum();
    let before = ASKED.load(Ordering::Relaxed);
    for file in files {
        work(file);
    }
    let asked = ASKED.load(Ordering::Relaxed) - before;
    let lines: usize = files.iter().map(|file| file.lines().count()).sum();
    let nanos = fastest(Duration::from_secs(3), || {
        for file in files {
            work(file);
        }
    });
    json!({
        "ns_per_file": (nanos / files.len() as f64).round(),
        "mb_per_s": (bytes as f64 * 1000.0 / nanos).round(),
        "allocations_per_line": (asked as f64 / lines as f64 * 100.0).round() / 100.0,
    })
}

/// Texts made to hurt, each from so many bytes on.
fn hostile(bytes: usize) -> Vec<(&'static str, String)> {
    let fill = |start: &str, part: &str| {
        let count = bytes.saturating_sub(start.len()) / part.len() + 1;
        start.to_owned() + &part.repeat(count)
    };
    vec![
        ("deep quotes", fill("ENV a=", "\"'")),
        ("endless continuation", fill("RUN a", " \\\n b")),
        ("one line", fill("RUN ", "abc def ")),
        ("heredocs", fill("FROM a\n", "RUN <<A\nA\n")),
        ("unclosed heredocs", fill("FROM a\n", "RUN <<A\n")),
        ("unclosed braces", fill("ENV a=", "${a:-")),
        ("backslashes", fill("", "\\")),
        ("arrays", fill("CMD ", "[\"a\", ")),
        ("flags", fill("RUN ", "--mount=a=b,'c' ")),
        ("instructions", fill("", "RUN true\n")),
    ]
}

/// Nanoseconds a byte, at 100 kB and at 10 MB.
fn linear() -> Value {
    let per_byte = |bytes: usize| -> Vec<(&'static str, f64)> {
        let one = |(name, text): (&'static str, String)| {
            let nanos = fastest(Duration::from_millis(200), || {
                black_box(parse(black_box(&text)));
            });
            (name, nanos / text.len() as f64)
        };
        hostile(bytes).into_iter().map(one).collect()
    };
    let (small, large) = (per_byte(100_000), per_byte(10_000_000));
    let rows = small.into_iter().zip(large).map(|((name, small), (_, large))| {
        json!({ "name": name, "small": small, "large": large, "ratio": large / small })
    });
    rows.collect()
}

/// A Dockerfile of 20 stages and 200 lines, each stage upon the one before.
fn twenty_stages(word: &str) -> String {
    let mut text = String::from("FROM alpine:3.20 AS s0\n");
    for stage in 0..20 {
        if stage > 0 {
            let _ = writeln!(text, "FROM s{} AS s{stage}", stage - 1);
        }
        let _ = writeln!(
            text,
            "WORKDIR /app/{stage}\nARG MODE=fast\nENV STAGE={stage}"
        );
        let _ = writeln!(
            text,
            "COPY src/{stage:02}/ ./src/\nRUN mkdir -p out && cp -r src out"
        );
        let _ = writeln!(
            text,
            "RUN echo $MODE > out/mode\nRUN rm -rf src && ls -l out"
        );
        let _ = writeln!(text, "COPY --from=s0 /app/0 /first/\nLABEL stage={stage}");
    }
    text.replacen("ls -l", word, 1)
}

/// 5,000 files, 250 for each of the 20 stages.
fn five_thousand_files() -> Context {
    let file = |at: u64| ContextFile {
        path: format!("src/{:02}/file-{at:04}.txt", at / 250),
        size: at,
        count: 1,
        content: at,
        mode: 0o644,
    };
    Context {
        files: (0..5_000).map(file).collect(),
        ..Context::default()
    }
}

/// Microseconds: one analysis after a key was pressed, with the verdict for each step; and the
/// verdicts alone.
fn rebuilds() -> Value {
    let workspace = |word: &str| Workspace {
        dockerfile: twenty_stages(word).into(),
        context: Some(five_thousand_files().into()),
        ..Workspace::default()
    };
    let (first, second) = (workspace("ls -l"), workspace("ls -a"));
    let context = first.context.as_deref();
    let mut cache = Cache::default();
    analyze(&first).remember(&mut cache, context);
    let mut memory = Memory::default();
    let analysis = fastest(Duration::from_secs(1), || {
        let analysis = analyze_again(black_box(&second), &mut memory);
        black_box(analysis.verdicts(&cache, context, &NoCache::Nothing));
    });
    let again = analyze(&second);
    let verdicts = fastest(Duration::from_secs(1), || {
        black_box(again.verdicts(&cache, context, &NoCache::Nothing));
    });
    json!({
        "lines": first.dockerfile.lines().count(),
        "files": 5_000,
        "analysis_us": (analysis / 1000.0).round(),
        "verdicts_us": (verdicts / 1000.0).round(),
    })
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let measure = std::env::args().any(|argument| argument == "--bench");
    let Some(wild) = corpus::wild().filter(|_| measure) else {
        println!("{{}}");
        return;
    };
    let files: Vec<String> = wild
        .iter()
        .map(|(row, _)| corpus::dockerfile(row))
        .collect();
    // For whoever times others over the same texts.
    if let Some(path) = std::env::var_os("STAGECRAFT_BENCH_FILES") {
        let texts = json!({ "files": files, "stages": twenty_stages("ls -l") });
        std::fs::write(path, texts.to_string()).expect("a place to write to");
    }
    let checked = |profile| {
        over(&files, |file| {
            let (options, config) = (Options::default(), Config::default());
            black_box(check(file, None, &options, profile, &config));
        })
    };
    let tables = Tables::default();
    let result = json!({
        "files": files.len(),
        "bytes": files.iter().map(String::len).sum::<usize>(),
        "parse": over(&files, |file| {
            black_box(parse(file));
        }),
        "lint_default": checked(Profile::Default),
        "lint_all": checked(Profile::All),
        "analyze": over(&files, |file| {
            black_box(analyze(&Workspace {
                dockerfile: file.into(),
                // Read once, as in the page.
                tables: tables.clone(),
                ..Workspace::default()
            }));
        }),
        "rebuild": rebuilds(),
        "hostile": linear(),
    });
    println!("{result}");
}
