//! Texts made to be slow, deep or large.

use std::time::{Duration, Instant};

use stagecraft_shell::{Dialect, Note, Part, Tree, sound};
use stagecraft_text::Joined;

/// What is repeated, after something that comes once.
const HOSTILE: &[(&str, &str)] = &[
    // One long line.
    ("", "a"),
    ("", "a "),
    ("", "word "),
    ("", "\\\n"),
    ("a", "\\\n"),
    ("", "\\\n#\n"),
    ("", "\n"),
    ("", "é"),
    ("", "\\é"),
    ("", "#"),
    ("", "#\n"),
    // Commands and operators.
    ("", "a;"),
    ("", "a&"),
    ("", "a|"),
    ("", "a&&"),
    ("", "! "),
    ("", "time "),
    ("", "a=b "),
    ("", "2>a "),
    ("", ";"),
    ("", "&"),
    ("", ")"),
    ("", "fi\n"),
    ("", ";;"),
    ("", "}"),
    ("", "done;"),
    // Parameters that are none.
    ("", "${{a,b}"),
    ("", "${a b} "),
    ("", "a ${ "),
    ("", ")ONBUILD ${"),
    // Unclosed everything.
    ("", "("),
    ("", "(("),
    ("", "( "),
    ("", "((a) "),
    ("", "{ "),
    ("", "{"),
    ("", "{a,"),
    ("", "{a..b"),
    ("", "}{,"),
    ("", "[[ "),
    ("", "[[ ("),
    ("", "["),
    ("", "[$"),
    ("", "[\"a"),
    ("", "[[:a"),
    ("", "a["),
    ("", "a[b "),
    ("", "a=("),
    ("", "a=([b"),
    ("", "f()"),
    ("", "f() "),
    ("", "f("),
    ("", "function f "),
    ("", "if "),
    ("", "if a; then "),
    ("", "while a; do "),
    ("", "for x in "),
    ("", "for x do "),
    ("", "for (("),
    ("", "case x in "),
    ("", "case x in a) "),
    ("", "select "),
    ("", "'"),
    ("", "'a' "),
    ("", "\""),
    ("", "\"a\" "),
    ("", "`"),
    ("", "`a "),
    ("", "\\`"),
    ("`", "\\`"),
    ("", "$'"),
    ("", "$\""),
    ("", "$("),
    ("", "\"$("),
    ("", "$(("),
    ("", "$((a) "),
    ("", "$(("),
    ("", "$["),
    ("", "${"),
    ("", "${a"),
    ("", "${a:-"),
    ("", "\"${a:-"),
    ("", "${a["),
    ("", "${a[b]"),
    ("", "${a/"),
    ("", "${a:"),
    ("", "${#"),
    ("", "${!"),
    ("", "<("),
    ("", "a<("),
    ("", "@("),
    ("", "a*("),
    ("", "=~ ("),
    ("[[ a =~ ", "("),
    // Here-documents.
    ("", "<<a "),
    ("", "<<a\n"),
    ("", "<<a\na\n"),
    ("", "<<'a' <<-b "),
    ("", "$(<<a)"),
    ("", "$(<<a\n"),
    ("<<a\n", "$(<<b\n"),
    ("<<a\n", "b\n"),
    ("<<-a\n", "\t"),
    ("<<a\n", "`"),
    // Other look ahead.
    ("", "$((1)) "),
    ("", "((1));"),
    ("", "$(( $(( "),
    ("", "{$("),
    ("", "{a,$("),
    ("", "{a,'"),
    ("", "{a,`"),
    ("", "{a,${"),
    ("", "~a"),
    ("a=", ":~a"),
    ("", "$a"),
    ("", "$$"),
    ("", "${a}"),
    ("", "0"),
    ("", "{a}>"),
    // Layers over the tree.
    ("sudo ", "sudo "),
    ("env ", "a=b "),
    ("sh -c ", "'a'"),
    ("sh -c ", "sh -c "),
    ("tar -", "x"),
    ("tar ", "-x "),
];

fn repeat((once, again): (&str, &str), length: usize) -> String {
    let mut text = once.to_owned();
    text.push_str(&again.repeat(length.saturating_sub(once.len()) / again.len()));
    text
}

/// Parses, and walks all that a rule walks.
fn work(text: &str) -> Duration {
    let start = Instant::now();
    let tree = Tree::parse(text, Dialect::Bash);
    let script = tree.script(Joined::identity(text));
    let mut seen = 0;
    for (simple, context) in script.simple_commands() {
        seen += usize::from(context.pipeline.is_last());
        if let Some(call) = simple.invocation() {
            seen += call.arguments().count();
            seen += call
                .options(stagecraft_shell::OptionSpec::new("o", &["p"]))
                .count();
            seen += usize::from(call.embedded().is_some());
        }
    }
    seen += script
        .words()
        .filter(|word| word.as_static().is_some())
        .count();
    seen += script.expansions().filter(Part::is_quoted).count();
    std::hint::black_box(seen);
    start.elapsed()
}

#[test]
fn a_hostile_text_has_a_sound_tree() {
    for &hostile in HOSTILE {
        for length in [1, 10, 300, 1_200] {
            sound::check(&repeat(hostile, length));
        }
    }
}

#[test]
fn time_grows_with_the_length_and_no_faster() {
    const SMALL: usize = 10_000;
    const FACTOR: u32 = 16;
    for &hostile in HOSTILE {
        let small = repeat(hostile, SMALL);
        let large = repeat(hostile, SMALL * FACTOR as usize);
        // The machine has other work too: the best of a few runs counts. What takes the
        // square of the time would take 16 times as long a byte, not 4.
        let mut best = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            best.0 = best.0.min(work(&small));
            best.1 = best.1.min(work(&large));
            if best.1 <= best.0 * FACTOR * 2 {
                break;
            }
        }
        assert!(
            best.1 <= best.0 * FACTOR * 4,
            "{hostile:?}: {:?} for {SMALL} bytes, {:?} for {FACTOR} times as many",
            best.0,
            best.1
        );
    }
}

#[test]
fn what_is_nested_too_deep_is_opaque() {
    for opening in ["( ", "{ ", "$(", "\"$(", "${a:-", "if ", "{a,", "f() "] {
        let text = opening.repeat(10_000);
        let tree = Tree::parse(&text, Dialect::Bash);
        assert!(tree.notes().len() <= Note::LIMIT);
        assert!(
            tree.node_count() < 10_000,
            "{opening}: {}",
            tree.node_count()
        );
    }
}

#[test]
fn a_tree_is_not_larger_than_a_few_times_its_text() {
    for &hostile in HOSTILE {
        let text = repeat(hostile, 20_000);
        let nodes = Tree::parse(&text, Dialect::Bash).node_count();
        assert!(nodes <= 3 * text.len() / 2 + 600, "{hostile:?}: {nodes}");
    }
}

/// `cargo test --release -p stagecraft-shell --test hostile -- --ignored --nocapture`
#[test]
#[ignore = "takes a while: prints nanoseconds a byte at 100 kB, 1 MB and 10 MB"]
#[expect(clippy::print_stderr, reason = "it is there to print")]
fn nanoseconds_a_byte() {
    let mut worst = 0;
    for &hostile in HOSTILE {
        let cost = [100_000, 1_000_000, 10_000_000].map(|length: usize| {
            let text = repeat(hostile, length);
            let best = (0..3).map(|_| work(&text)).min().unwrap_or_default();
            best.as_nanos() * 10 / length as u128
        });
        let ratio = cost[2] * 100 / cost[0].max(1);
        worst = worst.max(ratio);
        eprintln!("{cost:?}/10 ns a byte, {ratio} % {hostile:?}");
    }
    eprintln!("worst: {worst} %");
}

#[test]
fn what_is_nested_too_deep_ends_where_it_does() {
    for opening in ["(", "$(", "\"$(", "<(", "${a:-"] {
        for inner in [
            "`a` b `c",
            "x{a,b}c d",
            "e {a,b}c d",
            "e ${x-{a,b}} d",
            "{a,{a,b}c,d}e",
            "$((1)) d",
            "${a:-b} d",
            "$[1] d",
        ] {
            for nested in 90..220 {
                sound::check(&[&opening.repeat(nested), inner].concat());
            }
        }
    }
}

#[test]
fn the_deepest_text_fits_on_a_small_stack() {
    // A page has 1 MiB for everything; builds without optimisation need several times as much
    // as those with.
    let stack = if cfg!(debug_assertions) { 1024 } else { 256 } * 1024;
    let worker = std::thread::Builder::new().stack_size(stack).spawn(|| {
        for &hostile in HOSTILE {
            work(&repeat(hostile, 5_000));
        }
    });
    assert!(worker.unwrap().join().is_ok());
}
