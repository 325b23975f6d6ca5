//! A program of Go that likely needs a C library gets into an image without one.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, DependencyKind, Source, Stage};
use stagecraft_text::has_part;

use crate::facts::{Call, Facts, RunFacts};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "dynamic-binary",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Where a C compiler is at hand, as in the image of Go, a program that looks up names or users is linked to the C library of that image, and does not start where it is missing: `no such file or directory`. `CGO_ENABLED=0` makes it stand alone.",
    bad: "FROM golang:1.22 AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
    good: "FROM golang:1.22 AS build\nRUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
    when: When::calls(programs!["go"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let bare = match facts.root(Some(stage.id)) {
            Some(Base::Scratch) => true,
            Some(Base::Image(name)) => {
                name.starts_with("gcr.io/distroless/static")
                    || **name == *"alpine"
                    || name.starts_with("alpine:")
            }
            _ => false,
        };
        if !bare {
            continue;
        }
        let mut seen = BTreeSet::new();
        for need in &stage.dependencies {
            let Source::Stage(id) = need.source else {
                continue;
            };
            if need.kind != DependencyKind::Copy || !seen.insert(id) {
                continue;
            }
            let from = facts.model.stage(id);
            if let Some((run, call)) = from.and_then(|from| links(facts, from)) {
                if makes_up(facts, stage) {
                    break;
                }
                let message = "this program likely needs a C library, which the image that it gets into does not have";
                found
                    .report(run.instruction, call.range(), message)
                    .label(need.range, "copied here");
                break;
            }
        }
    }
}

/// Whether a step of a stage adds what the image has not.
fn makes_up(facts: &Facts<'_>, stage: &Stage) -> bool {
    let calls = facts.runs_of(stage.id).iter().flat_map(|run| run.calls);
    calls.flat_map(Call::words).any(|word| {
        let mut names = ["libc", "/lib64", "gcompat"].iter();
        names.any(|name| has_part(&word.text, name))
    })
}

/// How it is said that no C library is wanted, or may be said elsewhere: in ENV, in ARG, in the
/// command, as a tag of the build.
const SAYS: [&str; 4] = ["CGO_ENABLED", "-static", "netgo", "make"];

/// The call that makes a program with a C library, if the stage has one.
fn links<'f, 'a>(facts: &'f Facts<'a>, stage: &Stage) -> Option<(&'f RunFacts<'a>, &'f Call<'a>)> {
    let image = facts.root_image(Some(stage.id))?;
    if image.official() != Some("golang") || image.tag().is_some_and(|tag| has_part(tag, "alpine"))
    {
        return None;
    }
    let says = |text: &str| SAYS.iter().any(|word| has_part(text, word));
    if facts.own(stage).any(|it| says(facts.file.str(it.text))) {
        return None;
    }
    let runs = facts.runs_of(stage.id).iter();
    runs.flat_map(|run| run.calls.iter().map(move |call| (run, call)))
        .find(|(_, call)| call.is(programs!["go"]) && call.verb_of(&["build", "install"]).is_some())
}
