//! A program of Go that likely needs a C library gets into an image without one.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, DependencyKind, Source, Stage};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "dynamic-binary",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Where a C compiler is at hand, as in the image of Go, a program that looks up names or users is linked to the C library of that image, and does not start where it is missing: `no such file or directory`. `CGO_ENABLED=0` makes it stand alone.",
    bad: "FROM golang:1.22 AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
    good: "FROM golang:1.22 AS build\nRUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let bare = match facts.root(Some(stage.id)) {
            Some(Base::Scratch) => true,
            Some(Base::Image(name)) => {
                name.starts_with("gcr.io/distroless/static")
                    || name == "alpine"
                    || name.starts_with("alpine:")
            }
            _ => false,
        };
        // What makes up for it.
        let adds = facts.runs.iter().filter(|run| run.stage == Some(stage.id));
        let compat = adds.flat_map(|run| &run.calls).any(|call| {
            call.words.iter().any(|word| {
                word.text.contains("libc")
                    || word.text.contains("/lib64")
                    || word.text.contains("gcompat")
            })
        });
        if !bare || compat {
            continue;
        }
        for need in &stage.dependencies {
            let Source::Stage(id) = need.source else {
                continue;
            };
            let Some(from) = facts
                .model
                .stage(id)
                .filter(|_| need.kind == DependencyKind::Copy)
            else {
                continue;
            };
            if let Some((run, call)) = links(facts, from) {
                let report = found.report(
                    run.instruction,
                    call.range,
                    "this program likely needs a C library, which the image that it gets into does not have",
                );
                report.label(need.range, "copied here");
                break;
            }
        }
    }
}

/// The call that makes a program with a C library, if the stage has one.
fn links<'f, 'a>(
    facts: &'f Facts<'a>,
    stage: &Stage,
) -> Option<(&'f crate::facts::RunFacts<'a>, &'f crate::facts::Call)> {
    let image = facts.root_image(Some(stage.id))?;
    if image.official() != Some("golang") || image.tag().is_some_and(|tag| tag.contains("alpine")) {
        return None;
    }
    let mut own = facts
        .items
        .iter()
        .filter(|item| item.stage == Some(stage.id));
    // However it is said: ENV, ARG, in the command, as a tag of the build.
    let says = |text: &str| {
        ["CGO_ENABLED", "-static", "netgo", "make"]
            .iter()
            .any(|word| text.contains(word))
    };
    if own.any(|item| {
        item.instruction.keyword != Keyword::From && says(facts.file.str(item.instruction.text))
    }) {
        return None;
    }
    let runs = facts.runs.iter().filter(|run| run.stage == Some(stage.id));
    runs.flat_map(|run| run.calls.iter().map(move |call| (run, call)))
        .find(|(_, call)| call.is(&["go"]) && call.verb_of(&["build", "install"]).is_some())
}
