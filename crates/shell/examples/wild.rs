//! Compares this crate with real shells over the `RUN` bodies of a corpus.
//!
//! ```text
//! zcat wild-oracle.jsonl.gz | cargo run --release -p stagecraft-shell --example wild -- speed
//! ```
//!
//! - `speed`: bytes a second, nodes a byte
//! - `agree`: whether `bash -n` and `dash -n` accept what we have no note on
//! - `words`: whether bash makes the same values of all static words
//! - `structure`: whether the tree is that of bash's own print of the same commands
//! - `notes`: every note, with what it is about
//!
//! With a list of scripts instead of a corpus, `agree` and `words` do the same for those:
//!
//! ```text
//! find /usr -name '*.sh' | cargo run --release -p stagecraft-shell --example wild -- agree paths
//! ```
//!
//! Nothing of the corpus is ever run: `-n` reads only, `words` hands literal words to `printf`,
//! and `structure` makes a function of what `-n` accepts, prints it and never calls it.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a tool for whoever works on this crate"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use stagecraft_shell::{CommandKind, Context, Dialect, Tree};
use stagecraft_text::Joined;

struct Body {
    file: String,
    line: u64,
    dialect: Dialect,
    text: String,
}

fn main() {
    let bodies = match std::env::args().nth(2).as_deref() {
        Some("paths") => read_paths(),
        _ => read(),
    };
    match std::env::args().nth(1).as_deref() {
        Some("speed") => speed(&bodies),
        Some("agree") => agree(&bodies),
        Some("words") => words(&bodies),
        Some("structure") => structure(&bodies),
        Some("notes") => notes(&bodies),
        _ => println!("usage: wild speed|agree|words|structure|notes [paths] <wild-oracle.jsonl"),
    }
}

/// The scripts whose paths are on standard input.
fn read_paths() -> Vec<Body> {
    let paths = std::io::stdin().lock().lines().map(Result::unwrap);
    paths
        .filter_map(|file| {
            let text = std::fs::read_to_string(&file).ok()?;
            Some(Body {
                file,
                line: 1,
                dialect: Dialect::Bash,
                text,
            })
        })
        .collect()
}

/// All shell-form bodies of the corpus on standard input.
fn read() -> Vec<Body> {
    let mut bodies = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let row: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let file = row["id"].as_str().unwrap_or_default();
        let mut dialect = Dialect::Posix;
        for node in row["parse"]["ast"].as_array().into_iter().flatten() {
            let line = node["start"].as_u64().unwrap_or_default();
            let node = match node["next"][0]["children"].get(0) {
                Some(inner) => inner,
                None => node,
            };
            let name = node["value"].as_str().unwrap_or_default().to_uppercase();
            let arguments = node["next"].as_array().map_or(&[][..], Vec::as_slice);
            let mut arguments = arguments.iter().filter_map(|next| next["value"].as_str());
            match name.as_str() {
                "FROM" => dialect = Dialect::Posix,
                "SHELL" => dialect = Dialect::from_shell(&arguments.collect::<Vec<_>>()),
                "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => {
                    let json = node["attrs"].to_string().contains("json");
                    if name == "HEALTHCHECK" && arguments.next() != Some("CMD") || json {
                        continue;
                    }
                    let text = arguments.next().unwrap_or_default();
                    let mut add = |text: String| {
                        bodies.push(Body {
                            file: file.to_owned(),
                            line,
                            dialect,
                            text,
                        });
                    };
                    let docs = node["heredocs"].as_array().map_or(&[][..], Vec::as_slice);
                    let content = |doc: &Value| doc["content"].as_str().unwrap().to_owned();
                    if let ([doc], true) = (docs, text.starts_with("<<") && !text.contains(' ')) {
                        add(content(doc));
                        continue;
                    }
                    let mut text = text.to_owned();
                    for doc in docs {
                        let name = doc["name"].as_str().unwrap_or_default();
                        text = format!("{text}\n{}{name}", content(doc));
                    }
                    add(text);
                }
                _ => {}
            }
        }
    }
    bodies
}

fn speed(bodies: &[Body]) {
    let bytes: usize = bodies.iter().map(|body| body.text.len()).sum();
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        for body in bodies {
            std::hint::black_box(Tree::parse(&body.text, Dialect::Bash));
        }
        best = best.min(start.elapsed());
    }
    let kilobytes = u128::try_from(bytes).unwrap() * 1_000_000;
    println!(
        "{} bodies, {bytes} bytes: {best:?}, {} MB/s",
        bodies.len(),
        kilobytes / best.as_nanos() / 1000
    );
    let mut most: Vec<(usize, usize)> = bodies
        .iter()
        .map(|body| {
            let tree = Tree::parse(&body.text, Dialect::Bash);
            (tree.node_count(), body.text.len())
        })
        .collect();
    let nodes: usize = most.iter().map(|&(nodes, _)| nodes).sum();
    most.sort_by_key(|&(nodes, bytes)| nodes * 10_000 / bytes.max(1));
    println!("{nodes} nodes; bytes a node: {}/100", bytes * 100 / nodes);
    for share in [50, 90, 99] {
        let (nodes, bytes) = most[most.len() * share / 100];
        println!(
            "  {share} % of the bodies have at least {}/100",
            bytes * 100 / nodes
        );
    }
}

/// Whether the shell finds no fault in `text`, which it does not run.
fn accepts(shell: &str, text: &str) -> bool {
    let mut child = Command::new(shell)
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // A shell that has seen enough does not read the rest.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    child.wait().unwrap().success()
}

fn agree(bodies: &[Body]) {
    for (shell, dialect) in [("bash", Dialect::Bash), ("dash", Dialect::Posix)] {
        let mut tally: BTreeMap<(bool, bool), u32> = BTreeMap::new();
        for body in bodies.iter().filter(|body| body.dialect != Dialect::Opaque) {
            let theirs = accepts(shell, &body.text);
            let tree = Tree::parse(&body.text, dialect);
            let ours = tree.notes().is_empty();
            *tally.entry((theirs, ours)).or_default() += 1;
            if ours != theirs {
                let place = tree.notes().first().map(|note| {
                    let before = body.text.get(..note.range.start().into());
                    (
                        note.kind,
                        before.unwrap_or_default().matches('\n').count() + 1,
                    )
                });
                println!("{shell} {theirs} {}:{} {place:?}", body.file, body.line);
            }
        }
        println!("{shell} accepts, we have no note: {tally:?}");
    }
}

fn structure(bodies: &[Body]) {
    let (mut same, mut different, mut skipped) = (0, 0, 0);
    let read_by_us = |body: &&Body| body.dialect != Dialect::Opaque;
    for body in bodies.iter().filter(read_by_us) {
        let clean = Tree::parse(&body.text, Dialect::Bash).notes().is_empty();
        let Some(print) = clean.then(|| printed(&body.text)).flatten() else {
            skipped += 1;
            continue;
        };
        let (ours, theirs) = (shape(&body.text), shape(&print));
        if ours == theirs {
            same += 1;
            continue;
        }
        different += 1;
        let pairs = ours
            .iter()
            .zip(&theirs)
            .find(|(ours, theirs)| ours != theirs);
        println!("{}:{} {pairs:#?}", body.file, body.line);
    }
    println!("as bash prints them: {same} the same, {different} not; {skipped} left out");
}

/// The commands of `text` as bash prints them.
fn printed(text: &str) -> Option<String> {
    if !accepts("bash", text) {
        return None;
    }
    let mut bash = Command::new("bash")
        .args(["--norc", "--noprofile", "--restricted", "-s"])
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = bash.stdin.take().unwrap();
    let script = format!("printed() {{\n{text}\n}}\ndeclare -f printed\n");
    let writer = std::thread::spawn(move || {
        // It may have failed before it has read all.
        let _ = input.write_all(script.as_bytes());
    });
    let output = bash.wait_with_output().unwrap();
    writer.join().unwrap();
    let print = String::from_utf8(output.stdout).ok()?;
    let inside = print.strip_prefix("printed () \n{ ")?.trim_end();
    Some(inside.strip_suffix('}')?.to_owned())
}

/// What must be the same in two ways to write the same commands. bash prints `elif` as an `if`
/// in an `else`, and `[[ x ]]` as `[[ -n x ]]`.
fn shape(text: &str) -> Vec<String> {
    let tree = Tree::parse(text, Dialect::Bash);
    let script = tree.script(Joined::identity(text));
    let compound = script.commands().filter(|command| {
        !matches!(
            command.kind(),
            CommandKind::Simple | CommandKind::Group | CommandKind::If | CommandKind::Test
        )
    });
    let compound = compound.map(|command| {
        let lists = command.lists().count();
        // `for x` is printed as `for x in "$@"`.
        let words = command.words().count().max(1);
        let redirections = command.redirections().count();
        format!("{:?} {lists} {words} {redirections}", command.kind())
    });
    let simple = script.simple_commands().map(|(simple, context)| {
        let context = Context {
            in_condition: false,
            in_branch: false,
            ..context
        };
        let words: Vec<String> = simple
            .words()
            .map(|word| match word.as_static() {
                Some(value) => value.into_owned(),
                None => format!(
                    "{:?}",
                    word.parts().map(|part| part.kind()).collect::<Vec<_>>()
                ),
            })
            .collect();
        let assigned: Vec<_> = simple.assignments().map(|it| it.name()).collect();
        let redirected: Vec<_> = simple
            .redirections()
            .map(|it| (it.op(), it.descriptor()))
            .collect();
        format!("{words:?} {assigned:?} {redirected:?} {context:?}")
    });
    compound.chain(simple).collect()
}

fn notes(bodies: &[Body]) {
    for body in bodies {
        let tree = Tree::parse(&body.text, body.dialect);
        for note in tree.notes() {
            let text = stagecraft_text::slice(&body.text, note.range);
            println!("{}:{} {:?} {text:?}", body.file, body.line, note.kind);
        }
    }
}

fn words(bodies: &[Body]) {
    let mut script = String::new();
    let mut expected = Vec::new();
    let mut skipped = 0_u32;
    for body in bodies.iter().filter(|body| body.dialect != Dialect::Opaque) {
        let tree = Tree::parse(&body.text, Dialect::Bash);
        if !tree.notes().is_empty() {
            continue;
        }
        for (simple, _) in tree.script(Joined::identity(&body.text)).simple_commands() {
            let values: Option<Vec<_>> = simple.words().map(|word| word.as_static()).collect();
            let Some(values) = values.filter(|values| !values.is_empty()) else {
                skipped += 1;
                continue;
            };
            let texts: Vec<&str> = simple.words().map(|word| word.text()).collect();
            script.push_str("printf '%s\\0' ");
            script.push_str(&texts.join(" "));
            script.push_str("\nprintf '\\001\\0'\n");
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            expected.push((values, format!("{}:{}", body.file, body.line)));
        }
    }
    let mut bash = Command::new("bash")
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = bash.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()).unwrap());
    let output = bash.wait_with_output().unwrap();
    writer.join().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let mut rows = output.split("\u{1}\0");
    let (mut same, mut count) = (0, 0);
    for (values, place) in &expected {
        let row = rows.next().unwrap_or_default();
        let found: Vec<&str> = row.split_terminator('\0').collect();
        count += values.len();
        if found == *values {
            same += 1;
        } else {
            println!("{place}: bash {found:?}, we {values:?}");
        }
    }
    println!(
        "{} static simple commands ({count} words): bash agrees on {same}; {skipped} not static",
        expected.len()
    );
}
