//! An image from nothing has no certificates of authorities.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, DependencyKind, Source};
use stagecraft_syntax::{Keyword, Kind};
use stagecraft_text::has_part;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "certificates-missing",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "A program that speaks TLS to others compares their certificates with those of known authorities, which lie in `/etc/ssl/certs`. An image from scratch has none, and every such call fails.",
    bad: "FROM alpine:3.20 AS build\nRUN apk add --no-cache ca-certificates go && go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
    good: "FROM alpine:3.20 AS build\nRUN apk add --no-cache ca-certificates go && go build -o /app .\nFROM scratch\nCOPY --from=build /etc/ssl/certs /etc/ssl/certs\nCOPY --from=build /app /app\n",
    when: When::With(Mark::Dependencies),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let Some(stage) = facts.model.stages().last() else {
        return;
    };
    if stage.base != Base::Scratch {
        return;
    }
    let own: Vec<_> = facts.own(stage).collect();
    let certificates = own.iter().any(|it| {
        let text = facts.file.str(it.text);
        ["cert", "ssl", "/etc", "rootfs"]
            .iter()
            .any(|word| has_part(text, word))
            || matches!(it.kind, Kind::Transfer(_))
                && (it.keyword == Keyword::Add || text.trim_end().ends_with(" /"))
    });
    if certificates || own.iter().any(|it| it.keyword == Keyword::Run) {
        return;
    }
    // Whoever fetches them for the build mostly means the program.
    let mut seen = BTreeSet::new();
    let from = stage.dependencies.iter().find(|need| {
        let Source::Stage(id) = need.source else {
            return false;
        };
        let runs = facts.runs_of(id).iter();
        need.kind == DependencyKind::Copy
            && seen.insert(id)
            && runs
                .flat_map(|run| run.calls)
                .any(|call| call.has("ca-certificates"))
    });
    if let (Some(need), Some((instruction, from))) = (from, stage.from_instruction(facts.file)) {
        let range = from.image.map_or(instruction.range, |image| image.range);
        found
            .report(instruction, range, "likely, calls over TLS will fail: the certificates of the other stage are not copied")
            .label(need.range, "installs ca-certificates");
    }
}
