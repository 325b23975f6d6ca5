//! An image is named without a tag.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::{Base, Stage};
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::image_name::WrittenName;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "missing-tag",
    codes: &["DL3006"],
    severity: Severity::Warning,
    by_default: true,
    why: "Without a tag it is `latest`, which is another image next month. What builds today may not build then, and nobody can tell what changed.",
    bad: "FROM alpine\n",
    good: "FROM alpine:3.20\n",
    when: When::has(&[Keyword::From]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut names = Names::default();
    for (stage, instruction, word) in facts.bases() {
        let raw = facts.file.word(word);
        let image = facts.image(stage.id);
        let ours = image.is_some_and(|image| image.tag().is_none() && image.digest().is_none());
        // hadolint goes by what is written, quotes and all.
        let theirs = WrittenName::read(raw).is_some_and(|WrittenName { name, tag, digest }| {
            let bare = tag.is_none() && digest.is_none() && name != "scratch";
            bare && !name.starts_with('$') && !names.has(facts, stage, name)
        });
        if !ours && !theirs {
            continue;
        }
        let written = unquoted(raw);
        let message = ["`", written, "` has no tag, so it is whatever is newest"].concat();
        let report = found.report(instruction, word.range, message);
        report.said_by(ours, theirs);
    }
}

/// The names of stages as they are written.
#[derive(Default)]
struct Names<'a> {
    known: BTreeSet<&'a str>,
    /// How many stages have been looked at.
    stages: usize,
}

impl<'a> Names<'a> {
    /// Whether a stage above that one has a name.
    fn has(&mut self, facts: &Facts<'a>, stage: &Stage, name: &str) -> bool {
        let named = |stage: &Stage| {
            let (_, from) = stage.from_instruction(facts.file)?;
            Some(facts.file.word(from.image.and(from.name)?))
        };
        // Mostly it is the one that is started from.
        if let Base::Stage(below) = stage.base
            && let Some(below) = facts.model.stage(below).filter(|it| it.id < stage.id)
            && named(below) == Some(name)
        {
            return true;
        }
        let above = facts.model.stages().get(self.stages..stage.id.index());
        self.known
            .extend(above.unwrap_or_default().iter().filter_map(named));
        self.stages = stage.id.index();
        self.known.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use crate::Profile;
    use crate::testing::findings;

    #[test]
    fn hadolint_takes_what_is_written_and_we_what_it_stands_for() {
        // The text, whether hadolint misses a tag, whether we do.
        let cases = [
            ("FROM quay.io/$A\n", false, false),
            ("ARG A=b\nFROM quay.io/$A\n", false, true),
            ("FROM docker.io/library/$A\n", true, false),
            ("ARG A=b\nFROM localhost:5000/${A}\n", false, true),
            ("FROM localhost:5000/a\n", false, true),
            ("FROM ${A:-b/c}\n", false, true),
            ("FROM a${A:+@b}\n", true, true),
            ("ARG A=b:1\nFROM \"$A\"\n", true, false),
            ("ARG A=b\nFROM $A\n", false, true),
            ("FROM \"scratch\"\n", true, false),
            ("FROM a:1 AS b\nFROM x.y/b\n", false, true),
            ("FROM \"a:1\"\n", false, false),
            ("FROM a${B:+-b}\n", true, true),
            ("FROM a${B:-b}:1\n", false, false),
        ];
        for (source, theirs, ours) in cases {
            let has = |profile| {
                let found = findings(source, profile, &crate::NoBases);
                found.iter().any(|finding| finding.rule == "missing-tag")
            };
            assert_eq!(has(Profile::Hadolint), theirs, "{source}");
            assert_eq!(has(Profile::Default), ours, "{source}");
        }
    }
}
