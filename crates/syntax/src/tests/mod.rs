//! What the parser does, behaviour by behaviour, and what holds for every text.

mod behaviour;
mod hostile;
mod properties;

use std::fmt::Write as _;

use crate::{Form, Instruction, Kind, Parse, parse};

/// The tree in short: a line for each instruction, then one for each error.
///
/// `2-4 RUN --flag "argument" <<NAME "body"`, with `json` behind the instruction where the
/// arguments are an array, and `error 7..9 message (stops)`.
fn dump(source: &str) -> String {
    let file = parse(source);
    let mut lines: Vec<String> = file
        .instructions()
        .iter()
        .map(|instruction| {
            let lines = instruction.lines;
            format!(
                "{}-{} {}",
                lines.first,
                lines.last,
                show(&file, instruction)
            )
        })
        .collect();
    for error in file.errors() {
        lines.push(format!(
            "error {:?} {}{}",
            error.range,
            error.kind.message(),
            if error.stops { " (stops)" } else { "" }
        ));
    }
    lines.join("\n")
}

fn show(file: &Parse, instruction: &Instruction) -> String {
    let mut out = file.word(instruction.name).to_owned();
    if instruction.form == Form::Json {
        out.push_str(" json");
    }
    for flag in file.flags(instruction) {
        out.push(' ');
        out.push_str(file.word(flag.word));
    }
    for word in file.args(instruction) {
        let _ = write!(out, " {:?}", file.word(*word));
    }
    if let Kind::Onbuild(Some(inner)) = &instruction.kind {
        // What it wraps has the heredocs.
        let _ = write!(out, " ({})", show(file, inner));
        return out;
    }
    for pair in file.pairs(instruction) {
        let value = pair.value.map(|value| file.word(value));
        if !instruction.args.is_empty() {
            break;
        }
        let _ = write!(out, " {:?}={value:?}", file.word(pair.name));
    }
    for heredoc in file.heredocs(instruction) {
        let _ = write!(
            out,
            " <<{}{}{} {:?}",
            if heredoc.chomp { "-" } else { "" },
            if heredoc.expand { "" } else { "'" },
            file.str(heredoc.name),
            file.str(heredoc.content)
        );
    }
    out
}

#[track_caller]
fn check(source: &str, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(dump(source), expected.join("\n").trim(), "for {source:?}");
}
