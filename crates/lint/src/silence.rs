//! The comment that silences a finding.

use stagecraft_diagnostics::{Applicability, Diagnostic, Fix};
use stagecraft_syntax::{Comment, Directive, Instruction, Parse};
use stagecraft_text::{Edit, TextSize, size};

use crate::ignored::{instruction_at, is_code, pragma};
use crate::{is_hadolint, rule};

/// The change that silences a finding of `file`, for display only: a comment above its instruction
/// for the tool that has a code for it, hadolint before BuildKit, else for us. What BuildKit
/// reports elsewhere than on the first line of an instruction is silenced for the whole file.
/// `None` where it cannot be silenced: an error of the text.
pub fn silence(file: &Parse, finding: &Diagnostic) -> Option<Fix> {
    rule(finding.rule)?;
    let all = file.instructions();
    let on = |line| {
        let at = all.partition_point(|it| it.lines.first < line);
        all.get(at).filter(|it| it.lines.first == line)
    };
    let hadolint = finding.codes.iter().filter(|it| is_hadolint(it.code));
    let mut hadolint = hadolint.filter_map(|it| Some((it.code, on(it.line)?)));
    if let Some((code, instruction)) = hadolint.next() {
        return Some(above(file, instruction, "hadolint", code));
    }
    let buildkit = finding.codes.iter().find(|it| !is_hadolint(it.code));
    let Some(code) = buildkit else {
        let instruction = all.get(instruction_at(file, finding).unwrap_or_default())?;
        return Some(above(file, instruction, "stagecraft", finding.rule));
    };
    // The comment above is what that rule is about, and of two BuildKit reads one.
    let comment = code.code == "InvalidDefinitionDescription";
    let free = |it: &&Instruction| {
        let mut comments = file.comments_above(it).iter();
        !comments.any(|it| file.str(it.text).to_lowercase().starts_with("check="))
    };
    match on(code.line).filter(|it| !comment && free(it)) {
        Some(instruction) => {
            let text = format!("# check=skip={}", code.code);
            Some(put(file, start_of(file, instruction, "check"), &text))
        }
        None => everywhere(file, code.code),
    }
}

/// A comment above an instruction for a tool; one that is there gets a code more.
fn above(file: &Parse, instruction: &Instruction, tool: &str, code: &str) -> Fix {
    let mut comments = file.comments_above(instruction).iter().rev();
    // hadolint heeds the one right above alone.
    let near =
        |comment: &&Comment| tool != "hadolint" || comment.line + 1 == instruction.lines.first;
    let there = comments.find(|comment| {
        let names = pragma(tool, file.str(comment.text)).filter(|_| near(comment));
        names.is_some_and(|(left, names)| {
            // Behind a reason there is no place for another one, and beside something odd of no use.
            let mut all = names.split(',').map(str::trim);
            let heeded = tool != "hadolint" || all.all(is_code);
            left == "ignore" && heeded && !names.trim().contains([' ', '#'])
        })
    });
    match there {
        Some(comment) => fix(
            format!("silence it: add `{code}` to the comment above"),
            Edit::insert(comment.range.end(), format!(",{code}")),
        ),
        None => put(
            file,
            start_of(file, instruction, tool),
            &format!("# {tool} ignore={code}"),
        ),
    }
}

/// Where a comment for a tool goes: not between an instruction and the comment for hadolint, which
/// has to stand right above.
fn start_of(file: &Parse, instruction: &Instruction, tool: &str) -> TextSize {
    let last = file.comments_above(instruction).last();
    let is_for_hadolint = |comment: &&Comment| {
        tool != "hadolint"
            && comment.line + 1 == instruction.lines.first
            && pragma("hadolint", file.str(comment.text)).is_some()
    };
    let last = last.filter(is_for_hadolint);
    last.map_or(instruction.range.start(), |comment| comment.range.start())
}

/// A comment as a line of its own above the line of that place.
fn put(file: &Parse, place: TextSize, text: &str) -> Fix {
    let before = file.source().get(..usize::from(place)).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    // A mark at the very start of a file has to stay there.
    let mark = if start == 0 && before.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    fix(
        format!("silence it: `{text}`"),
        Edit::insert(size(start + mark), format!("{text}\n")),
    )
}

/// The directive for the whole file, or one more name in it.
fn everywhere(file: &Parse, code: &str) -> Option<Fix> {
    let Some(check) = file.directive(Directive::Check) else {
        // Below a first line `#!` it would be the second that counts.
        let plain = !file
            .source()
            .trim_start_matches('\u{feff}')
            .starts_with("#!");
        let text = format!("# check=skip={code}");
        return plain.then(|| put(file, TextSize::new(0), &text));
    };
    let value = file.word(check.value);
    let skip = value.find("skip=");
    let insert = match skip {
        Some(at) => {
            let rest = value.get(at..).unwrap_or_default();
            let end = rest.find([';', ' ']).unwrap_or(rest.len());
            Edit::insert(
                check.value.range.start() + size(at + end),
                format!(",{code}"),
            )
        }
        None => Edit::insert(check.value.range.start(), format!("skip={code};")),
    };
    Some(fix(format!("silence it: `check=skip={code}`"), insert))
}

fn fix(title: String, edit: Edit) -> Fix {
    Fix {
        title: title.into(),
        edits: edit.into(),
        applicability: Applicability::DisplayOnly,
    }
}
