//! Prints how near the estimated sizes come to measured ones; `cargo xtask accuracy` runs it.

#![expect(clippy::print_stdout, reason = "it is there to be read")]

use stagecraft_tests::accuracy;

fn main() {
    let (Some(measured), Some(official), Some(coverage)) = (
        accuracy::measured(),
        accuracy::official(),
        accuracy::coverage(),
    ) else {
        println!("the measured figures are not there (see CONTRIBUTING.md)");
        return;
    };
    if std::env::args().any(|argument| argument == "--cases") {
        for case in measured.iter().chain(&official) {
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
    println!("{}", accuracy::table(&measured, &official, &coverage));
}
