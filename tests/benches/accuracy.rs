//! Prints how near the estimated sizes come to measured ones; `cargo xtask accuracy` runs it.

#![expect(clippy::print_stdout, reason = "it is there to be read")]

use std::time::{Duration, Instant};

use stagecraft_engine::lint::{Config, Profile};
use stagecraft_engine::plan::{Surroundings, plan};
use stagecraft_engine::semantic::Options;
use stagecraft_tests::accuracy;
use stagecraft_tests::conformance::corpus::{dockerfile, rows};

/// How long it takes to find what is wrong with the real files, and to plan them with their sizes:
/// the fastest of a few rounds.
fn pace() -> Option<(Duration, Duration)> {
    let files: Vec<String> = rows("wild.jsonl.gz")?.iter().map(dockerfile).collect();
    let around = Surroundings::default();
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let mut sum = (Duration::ZERO, Duration::ZERO);
        for file in &files {
            let start = Instant::now();
            let checked = stagecraft_engine::check(
                file,
                None,
                &Options::default(),
                Profile::Default,
                &Config::default(),
            );
            sum.0 += start.elapsed();
            let start = Instant::now();
            std::hint::black_box(plan(&checked.file, &checked.model, &around));
            sum.1 += start.elapsed();
        }
        best = (best.0.min(sum.0), best.1.min(sum.1));
    }
    Some(best)
}

fn main() {
    let (Some(measured), Some(official), Some(guide), Some(coverage)) = (
        accuracy::measured(),
        accuracy::official(),
        accuracy::guide_stages(),
        accuracy::coverage(),
    ) else {
        println!("the measured figures are not there (see CONTRIBUTING.md)");
        return;
    };
    let pinned = accuracy::pinned();
    if std::env::args().any(|argument| argument == "--cases") {
        for case in measured
            .iter()
            .chain(&official)
            .chain(&pinned)
            .chain(&guide.told)
            .chain(&guide.alone)
        {
            let bad = if case.is_within() || !case.is_known() {
                ' '
            } else {
                '!'
            };
            println!(
                "{bad} {} {:<4} {:>12} {:>12?} {:>12} {:>12?} {:>5} {}",
                if case.is_held_out() { 'h' } else { 't' },
                case.kind.split(',').next().unwrap_or_default(),
                case.truth,
                case.estimate.likely,
                case.estimate.low,
                case.estimate.high,
                case.error(),
                case.id,
            );
        }
    }
    if std::env::args().any(|argument| argument == "--unknown") {
        for (name, sum) in &coverage {
            let mut unknown: Vec<(&String, &usize)> = sum.unknown.iter().collect();
            unknown.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (what, count) in unknown.into_iter().take(40) {
                println!("{name:<4} {count:>5} {what}");
            }
        }
    }
    if let Some((checking, estimating)) = pace() {
        println!(
            "wild: {} ms to read and lint all, {} ms to plan and estimate all",
            checking.as_millis(),
            estimating.as_millis()
        );
    }
    println!(
        "{}",
        accuracy::table([&measured, &official, &pinned], &guide, &coverage)
    );
}
