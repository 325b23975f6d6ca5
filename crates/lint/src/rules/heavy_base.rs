//! The image that is shipped carries what programs are built with, and there is one that does not.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::Base;
use stagecraft_syntax::Keyword;
use stagecraft_text::{TextRange, size};

use crate::facts::{Call, Facts};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "heavy-base",
    codes: &[],
    severity: Severity::Hint,
    by_default: true,
    why: "The full image of a language has compilers and headers for whatever a package may need to be built. Whoever starts the program carries them along. The slim one is the same version on the same distribution; build in a stage of the full one, and copy what comes of it.",
    bad: "FROM python:3.12\nCOPY app.py /app.py\nCMD [\"python\", \"/app.py\"]\n",
    good: "FROM python:3.12-slim\nCOPY app.py /app.py\nCMD [\"python\", \"/app.py\"]\n",
    when: When::has(&[Keyword::From]),
    check,
};

/// In per cent of the image. Where less goes, it is not compilers that make it large: the slim
/// `debian` saves 36 %, and the slim `rust` keeps its compiler.
const WORTH: u64 = 50;

/// What the full images have and the slim ones have not. Where a step calls one of them, the slim
/// image is no simple exchange.
const LEFT_OUT: Programs = programs![
    "bzr", "cc", "curl", "g++", "gcc", "git", "hg", "make", "patch", "svn", "unzip", "wget",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut needs = None;
    for (stage, instruction, word) in facts.bases() {
        let Base::Image(name) = &stage.base else {
            continue;
        };
        // What variables stand for is for whoever sets them.
        if !facts.ships(Some(stage.id)) || facts.file.word(word) != &**name {
            continue;
        }
        let Some(image) = facts.image(stage.id) else {
            continue;
        };
        // Cheaper to know than what the image weighs.
        if needs.get_or_insert_with(|| calls_what_is_left_out(facts)) == &true {
            return;
        }
        let slim = facts.bases.slim(&image);
        let saves = |size: u64, from: u64| {
            let less = from.saturating_sub(size);
            less.saturating_mul(100) >= from.saturating_mul(WORTH)
        };
        let Some(slim) = slim.filter(|slim| saves(slim.size, slim.from)) else {
            continue;
        };
        let shipped = facts.runs.iter().filter(|run| facts.ships(run.stage));
        let mut words = shipped.flat_map(|run| run.calls).flat_map(Call::words);
        if words.any(|word| word.text.starts_with("git+")) {
            return;
        }
        let (small, large) = &slim.words;
        let tag = image.tag();
        let bare = tag.and_then(|tag| name.strip_suffix(tag)?.strip_suffix(':'));
        let bare = bare.unwrap_or(name);
        let message = format!("`{name}` is {large}; `{bare}:{}` is {small}", slim.tag);
        let report = found.report(instruction, word.range, message);
        let (range, text) = match tag {
            Some(tag) => {
                let start = word.range.end() - size(tag.len());
                (TextRange::new(start, word.range.end()), slim.tag)
            }
            None => (TextRange::empty(word.range.end()), format!(":{}", slim.tag)),
        };
        report.fix(
            Applicability::Unsafe,
            "start from the slim image",
            range,
            text,
        );
    }
}

fn calls_what_is_left_out(facts: &Facts<'_>) -> bool {
    let mut runs = facts.runs_with(LEFT_OUT);
    runs.any(|run| facts.ships(run.stage) && run.has_any(LEFT_OUT))
}

#[cfg(test)]
mod tests {
    use stagecraft_image::Reference;

    use crate::testing::findings;
    use crate::{Bases, Profile, Slim};

    /// Every image has a slim one.
    #[derive(Debug)]
    struct All(u64);

    impl Bases for All {
        fn slim(&self, image: &Reference<'_>) -> Option<Slim> {
            Some(Slim {
                tag: format!("{}-slim", image.tag().unwrap_or("latest")),
                size: self.0,
                from: 1_000,
                words: ("small".to_owned(), "large".to_owned()),
            })
        }
    }

    fn found(source: &str, size: u64) -> Vec<String> {
        let found = findings(source, Profile::Default, &All(size)).into_iter();
        let own = found.filter(|it| it.rule == super::RULE.name);
        own.map(|it| {
            let edits = &it.fixes.first().unwrap().edits;
            stagecraft_text::apply_edits(source, edits).unwrap()
        })
        .collect()
    }

    #[test]
    fn the_tag_is_exchanged_in_the_stage_that_is_shipped() {
        let source = "FROM host:5000/a:1 AS a\nFROM host:5000/b\nCOPY --from=a /x /x\n";
        let mended = source.replace("/b\n", "/b:latest-slim\n");
        assert_eq!(found(source, 100), [mended]);
        let source = "FROM --platform=linux/amd64 a:1 AS a\nFROM a\n";
        assert_eq!(found(source, 100), [source.replace("a:1", "a:1-slim")]);
    }

    #[test]
    fn nothing_is_said_where_it_saves_little_or_something_would_be_missing() {
        assert_eq!(found("FROM a:1\n", 501), [""; 0]);
        assert_eq!(found("FROM a:1\n", 500).len(), 1);
        for source in [
            "FROM a:1\nRUN git clone https://example.org/x\n",
            "FROM a:1\nRUN pip install git+https://example.org/x\n",
            "ARG TAG=1\nFROM a:$TAG\n",
            "FROM scratch\n",
        ] {
            assert_eq!(found(source, 100), [""; 0], "{source}");
        }
    }
}
