//! Rules: what is wrong with a Dockerfile, why it matters, and how to mend it.
//!
//! Each rule is a file in `rules`, with its reason and two examples, one that it finds fault with
//! and one that it does not; the tests run both.

#![cfg_attr(
    not(feature = "elsewhere"),
    allow(dead_code, reason = "what only the rules use that are left out")
)]

#[macro_use]
mod letters;
#[macro_use]
mod programs;
mod array;
mod calls;
mod config;
mod facts;
mod files;
mod heredoc;
mod ignored;
mod image_name;
mod packages;
mod rule;
mod rules;
mod run_flags;
mod shellcheck;
mod silence;
#[cfg(test)]
mod testing;
mod triggers;

pub use config::{Config, LabelKind};
pub use rule::Rule;
pub use silence::silence;

use std::collections::BTreeSet;

use stagecraft_diagnostics::{Diagnostic, ToolCode};
use stagecraft_image::Reference;
use stagecraft_semantic::{Model, ProblemPhase};
use stagecraft_syntax::{Parse, Phase};

use facts::{Called, Facts, Scripts};
use ignored::Ignored;
use rule::{Findings, Found};

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The Dockerfile, read.
    pub file: &'a Parse,
    /// What it means.
    pub model: &'a Model,
    /// The text of `.dockerignore`, if there is one.
    pub dockerignore: Option<&'a str>,
    /// What is asked of the rules.
    pub config: &'a Config,
    /// What is known of base images.
    pub bases: &'a dyn Bases,
}

/// What is known of base images besides their names. The tables stand above this crate.
pub trait Bases: std::fmt::Debug {
    /// The variant of an image that leaves out what programs are built with, if that is known.
    fn slim(&self, image: &Reference<'_>) -> Option<Slim>;
}

/// A smaller variant of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slim {
    /// Its tag.
    pub tag: String,
    /// Bytes of its files.
    pub size: u64,
    /// Bytes of the files of the image that was asked for.
    pub from: u64,
    /// Both as they are to be read.
    pub words: (String, String),
}

/// Knows nothing of any.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBases;

impl Bases for NoBases {
    fn slim(&self, _: &Reference<'_>) -> Option<Slim> {
        None
    }
}

/// Whose verdicts are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Ours: each fault once.
    #[default]
    Default,
    /// Those of `docker build --check`.
    Buildkit,
    /// Those of hadolint.
    Hadolint,
    /// Every rule.
    All,
}

/// Whether a code is one of hadolint's or, through it, ShellCheck's; others are BuildKit's.
fn is_hadolint(code: &str) -> bool {
    let digits = code.strip_prefix("DL").or_else(|| code.strip_prefix("SC"));
    digits.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What hadolint has switched off.
const OFF: [&str; 2] = ["DL1001", "DL3057"];

impl Profile {
    /// Whether a tool's code belongs to it.
    fn wants(self, code: &str, config: &Config) -> bool {
        match self {
            Self::Default | Self::All => true,
            Self::Buildkit => !is_hadolint(code),
            Self::Hadolint => is_hadolint(code) && (config.everything || !OFF.contains(&code)),
        }
    }

    fn has(self, rule: &Rule, config: &Config) -> bool {
        match self {
            Self::Default => rule.by_default,
            Self::All => true,
            Self::Buildkit | Self::Hadolint => {
                rule.codes.iter().any(|code| self.wants(code, config))
            }
        }
    }

    /// Whether something of a finding belongs to it; takes away what does not. `elsewhere`: whether
    /// another tool says it, and we do not.
    fn keeps(self, finding: &mut Diagnostic, elsewhere: bool, about: &About<'_>) -> bool {
        let About {
            file,
            config,
            ignored,
            silent,
        } = *about;
        let silenced = |code: &ToolCode| ignored.covers(code);
        match self {
            Self::Default | Self::All => {
                // Each of them is asked, so that every comment that is of use is known: whichever
                // tool is asked to be silent about it means the same fault.
                let any_silenced = silent && {
                    let codes = finding.codes.iter().filter(|code| silenced(code)).count();
                    ignored.covers_rule(file, finding) || codes > 0
                };
                !any_silenced && (self == Self::All || !elsewhere)
            }
            Self::Buildkit | Self::Hadolint => {
                let ours = |code: &ToolCode| self.wants(code.code, config) && !silenced(code);
                finding.codes.retain(ours);
                !finding.codes.is_empty()
            }
        }
    }
}

/// What is looked at to choose among findings.
struct About<'a> {
    file: &'a Parse,
    config: &'a Config,
    ignored: &'a Ignored,
    /// Whether anything is silenced at all.
    silent: bool,
}

/// All rules, by name.
pub fn rules() -> &'static [Rule] {
    rules::RULES
}

/// The rule of that name or code.
pub fn rule(name: &str) -> Option<&'static Rule> {
    rules()
        .iter()
        .find(|rule| rule.name == name || rule.codes.contains(&name))
}

/// As many are found in most files, or fewer.
const USUAL_FINDINGS: usize = 32;

/// Everything that the rules of `profile` find, in order of place.
pub fn lint(subject: Subject<'_>, profile: Profile) -> Vec<Diagnostic> {
    let Subject { file, config, .. } = subject;
    let ignored = if config.no_pragmas {
        Ignored::default()
    } else {
        Ignored::read(file, config)
    };
    let scripts = Scripts::of(file);
    let called = Called::of(&scripts);
    // Of our own choice nobody hears what only others say, unless a pragma is about it.
    let others = profile != Profile::Default || !ignored.is_empty();
    let facts = Facts::new(subject, &scripts, &called, others);
    let mut list = Findings::with_capacity(USUAL_FINDINGS);
    let mut found = Found::new(&rules::UNUSED_IGNORE, &mut list);
    facts.each_rule(|rule| {
        if profile == Profile::All || profile.has(rule, config) {
            found.turn_to(rule);
            (rule.check)(&facts, &mut found);
        }
    });
    match profile {
        Profile::Buildkit => as_buildkit(&mut list.all, &facts, &ignored),
        Profile::Hadolint => as_hadolint(&mut list.all, &facts),
        Profile::Default | Profile::All => {}
    }
    let about = About {
        file,
        config,
        ignored: &ignored,
        silent: !ignored.is_empty(),
    };
    if about.silent || profile != Profile::All {
        list.retain(|finding, elsewhere| profile.keeps(finding, elsewhere, &about));
    }
    if matches!(profile, Profile::Default | Profile::All) {
        let mut unused = Findings::default();
        let mut found = Found::new(&rules::UNUSED_IGNORE, &mut unused);
        rules::report_unused(&facts, &ignored, profile, &mut found);
        let silenced = |it: &Diagnostic| ignored.covers_rule(file, it);
        let unused = unused.all.into_iter().filter(|it| !silenced(it));
        list.all.extend(unused);
    }
    rule::sort(&mut list.all);
    list.all
}

/// BuildKit ends with the first error, and says only what it has noticed before.
fn as_buildkit(all: &mut Vec<Diagnostic>, facts: &Facts<'_>, ignored: &Ignored) {
    let (file, model) = (facts.file, facts.model);
    if ignored.is_broken() {
        all.clear();
        return;
    }
    all.retain(|finding| {
        finding
            .codes
            .iter()
            .all(|code| ignored.is_asked_for(code.code))
    });
    // What it notices while it reads instructions, and what it notices of all stages before any
    // is converted. The rest it notices on the way.
    let reading = |code: &str| {
        matches!(
            code,
            "FromAsCasing" | "MaintainerDeprecated" | "StageNameCasing"
        )
    };
    let stages = |code: &str| {
        matches!(
            code,
            "ConsistentInstructionCasing"
                | "DuplicateStageName"
                | "FromPlatformFlagConstDisallowed"
                | "InvalidDefaultArgInFrom"
                | "InvalidDefinitionDescription"
                | "RedundantTargetPlatform"
                | "ReservedStageName"
                | "StageNameCasing"
                | "UndefinedArgInFrom"
        )
    };
    let keep = |all: &mut Vec<Diagnostic>, kept: &dyn Fn(&ToolCode) -> bool| {
        all.retain(|finding| finding.codes.iter().any(kept));
    };
    let blank = |code: &ToolCode| code.code == "NoEmptyContinuation";
    if let Some(error) = file
        .stopping_error()
        .filter(|error| error.phase <= Phase::Instruction)
    {
        let line = error.lines.first;
        let tree = error.phase == Phase::Tree;
        keep(all, &|code| {
            !tree
                && (blank(code)
                    || code.code == "FromAsCasing" && code.line <= line
                    || reading(code.code) && code.line < line)
        });
        return;
    }
    let problem = model
        .problems()
        .iter()
        .min_by_key(|problem| (problem.phase, problem.stage, problem.line));
    let converts = file.stopping_error().map(|error| error.lines.first);
    match problem {
        Some(problem) if problem.phase == ProblemPhase::Stages => {
            let line = problem.line.unwrap_or(u32::MAX);
            keep(all, &|code| {
                blank(code)
                    || reading(code.code)
                    || code.code == "InvalidDefaultArgInFrom"
                    || stages(code.code) && code.line <= line
            });
        }
        Some(problem) if problem.phase < ProblemPhase::Commands => {
            keep(all, &|code| {
                blank(code) || reading(code.code) || stages(code.code)
            });
        }
        _ => {
            let first = problem
                .and_then(|problem| problem.line)
                .into_iter()
                .chain(converts)
                .min();
            if let Some(line) = first {
                keep(all, &|code| {
                    blank(code) || reading(code.code) || stages(code.code) || code.line <= line
                });
            }
        }
    }
}

/// hadolint says each code once a line, and nothing else of a file that it cannot read.
fn as_hadolint(all: &mut Vec<Diagnostic>, facts: &Facts<'_>) {
    let unreadable = |finding: &Diagnostic| finding.codes.iter().any(|code| code.code == "DL1000");
    if all.iter().any(unreadable) {
        all.retain(unreadable);
    }
    let is_dash = |line| {
        let at = facts
            .runs
            .partition_point(|run| run.instruction.lines.first < line);
        let run = facts.runs.get(at);
        run.is_some_and(|run| run.checked == Some(shellcheck::Shell::Dash))
    };
    shellcheck::keep_last(all, &is_dash);
    let mut seen = BTreeSet::new();
    for finding in all {
        let codes = &mut finding.codes;
        codes.retain(|code| seen.insert((code.code, code.line)));
        if let Some(code) = codes.iter().find(|code| is_hadolint(code.code)) {
            finding.severity = shellcheck::level(code.code, is_dash(code.line));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stagecraft_diagnostics::Applicability;
    use stagecraft_image::{ImageConfig, Platform, Reference};
    use stagecraft_semantic::{Images, Options, analyze};
    use stagecraft_syntax::parse;

    use super::*;

    /// Knows one image, which is for arm64 only.
    struct OnlyArm;

    impl Images for OnlyArm {
        fn config(&self, name: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
            let known = name.path() == "only/arm64";
            known.then(|| ImageConfig {
                platform: Platform::parse("linux/arm64").ok(),
                ..ImageConfig::default()
            })
        }
    }

    fn found(source: &str, profile: Profile) -> Vec<Diagnostic> {
        let file = parse(source);
        let model = analyze(&file, &Options::default(), &OnlyArm);
        let config = match profile {
            // Some rules find something only where they are asked to.
            Profile::All => Config {
                everything: true,
                trusted_registries: vec!["docker.io".to_owned()],
                labels: BTreeMap::from([("version".to_owned(), LabelKind::SemVer)]),
                strict_labels: true,
                ..Config::default()
            },
            _ => Config::default(),
        };
        let subject = Subject {
            file: &file,
            model: &model,
            dockerignore: Some("/secret\n"),
            config: &config,
            bases: &Python,
        };
        lint(subject, profile)
    }

    /// Knows of one image.
    #[derive(Debug)]
    struct Python;

    impl Bases for Python {
        fn slim(&self, image: &Reference<'_>) -> Option<Slim> {
            let known = image.official() == Some("python") && image.tag() == Some("3.12");
            known.then(|| Slim {
                tag: "3.12-slim".to_owned(),
                size: 100,
                from: 1_000,
                words: ("100 B".to_owned(), "1.00 kB".to_owned()),
            })
        }
    }

    fn names(source: &str) -> Vec<&'static str> {
        let all = found(source, Profile::All);
        all.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn rules_of_our_own_choice_are_always_there() {
        assert!(rules().iter().filter(|rule| rule.by_default).count() >= 50);
        let others = rules().iter().any(|rule| !rule.by_default);
        assert_eq!(others, cfg!(feature = "elsewhere"));
    }

    #[test]
    #[cfg(feature = "elsewhere")]
    fn only_rules_of_others_and_those_that_the_command_is_told_to_ask_are_not_in_the_page() {
        const TOLD: [&str; 4] = [
            "label-missing",
            "label-unexpected",
            "label-value",
            "untrusted-registry",
        ];
        let registry = include_str!("rules/mod.rs");
        let gated = registry.split("#[cfg(feature = \"elsewhere\")]").skip(1);
        let gated = gated.filter_map(|rest| rest.trim_start().split_once("::RULE"));
        let mut count = 0;
        for (module, _) in gated.filter(|(module, _)| !module.contains(char::is_whitespace)) {
            let rule = rule(&module.replace('_', "-")).unwrap();
            assert!(TOLD.contains(&rule.name) || !rule.by_default, "{module}");
            count += 1;
        }
        assert!(count >= 30, "{count}");
    }

    #[test]
    fn every_rule_finds_fault_with_its_bad_example_and_not_with_its_good_one() {
        for rule in rules() {
            assert!(
                names(rule.bad).contains(&rule.name),
                "{} misses {:?}",
                rule.name,
                rule.bad
            );
            assert!(
                !names(rule.good).contains(&rule.name),
                "{} finds {:?}",
                rule.name,
                rule.good
            );
            assert!(rule.why.len() > 40, "{} does not say why", rule.name);
        }
    }

    #[test]
    fn messages_are_one_clause() {
        for rule in rules() {
            for finding in found(rule.bad, Profile::All) {
                let message = &finding.message;
                assert!(!message.ends_with('.'), "{message}");
                let first = message.chars().next().unwrap();
                let word = message.split(' ').next().unwrap();
                let keyword = word.chars().all(|char| char.is_ascii_uppercase());
                assert!(first.is_lowercase() || first == '`' || keyword, "{message}");
            }
        }
    }

    #[test]
    fn a_fix_of_a_bad_example_mends_it_and_breaks_nothing() {
        let mut mended = 0;
        for rule in rules() {
            let findings = found(rule.bad, Profile::All);
            for fix in findings
                .iter()
                .filter(|it| it.rule == rule.name)
                .flat_map(|it| &it.fixes)
            {
                let mut text = rule.bad.to_owned();
                for edit in fix.edits.iter().rev() {
                    text.replace_range(
                        usize::from(edit.range.start())..usize::from(edit.range.end()),
                        &edit.insert,
                    );
                }
                assert!(
                    !names(&text).contains(&rule.name),
                    "{}: {text:?}",
                    rule.name
                );
                assert!(parse(&text).errors().is_empty(), "{text:?}");
                mended += usize::from(fix.applicability != Applicability::DisplayOnly);
            }
        }
        assert!(mended >= 14, "{mended}");
    }

    #[test]
    fn pragmas_silence_what_they_name() {
        for (source, silent) in [
            ("# check=skip=StageNameCasing\nFROM a:1 AS B\n", true),
            ("# check=skip=all\nFROM a:1 AS B\n", true),
            ("# check=skip=DuplicateStageName\nFROM a:1 AS B\n", false),
            ("# hadolint ignore=DL3006\nFROM a\n", true),
            ("# hadolint ignore=DL3007,DL3006\nFROM a\n", true),
            ("# hadolint ignore=DL3007\nFROM a\n", false),
            (
                "# hadolint global ignore=DL3006\nARG A=1\nFROM a\nARG A\n",
                true,
            ),
            ("FROM a\n# hadolint global ignore=DL3006\n", true),
            ("  # hadolint ignore=DL3006 # ours\nFROM a\n", true),
            // hadolint heeds what stands right above, and no list with something odd in it.
            ("# hadolint ignore=DL3006\n# ours\nFROM a\n", false),
            ("# hadolint ignore=DL3006\n\nFROM a\n", false),
            ("# hadolint stage ignore=DL3006\n\nFROM a\n", false),
            ("# hadolint ignore=DL3006,dl3007\nFROM a\n", false),
            ("# hadolint ignore=DL3006,\nFROM a\n", false),
        ] {
            let mut found = found(source, Profile::Default);
            found.retain(|it| it.rule != "unused-ignore");
            assert_eq!(found.is_empty(), silent, "{source}: {found:?}");
        }
    }

    #[test]
    fn what_silences_nothing_is_a_finding_of_our_own() {
        for (source, unused) in [
            ("# hadolint ignore=DL3006\nFROM a\n", ""),
            ("# hadolint ignore=DL3006\nFROM a:1\n", "DL3006"),
            ("# hadolint ignore=DL3006,DL3007\nFROM a\n", "DL3007"),
            ("# hadolint global ignore=DL3007\nFROM a:1\n", "DL3007"),
            (
                "# check=skip=StageNameCasing\nFROM a:1 AS b\n",
                "StageNameCasing",
            ),
            ("# stagecraft ignore=missing-tag\nFROM a\n", ""),
            (
                "# stagecraft ignore=missing-tag it is ours\nFROM a:1\n",
                "missing-tag",
            ),
            (
                "# stagecraft ignore-file=missing-tag\nARG A=a\nFROM a$A\nFROM a\nCOPY --from=0 / /x\n",
                "",
            ),
            ("# hadolint ignore=DL3006\n\nFROM a\n", "DL3006"),
            ("# hadolint ignore=DL3006,ours\nFROM a\n", "DL3006"),
            // What nothing here looks for may be of use to others.
            ("# hadolint ignore=SC9999\nFROM a:1\n", ""),
            (
                "# stagecraft ignore-file=unused-ignore\n# hadolint ignore=DL3006\nFROM a:1\n",
                "",
            ),
        ] {
            let all = found(source, Profile::Default);
            let names: Vec<&str> = all
                .iter()
                .filter(|it| it.rule == "unused-ignore")
                .map(|it| source.get(std::ops::Range::from(it.range)).unwrap())
                .collect();
            assert_eq!(names.join(" "), unused, "{source}");
            assert!(
                found(source, Profile::Hadolint)
                    .iter()
                    .all(|it| it.rule != "unused-ignore")
            );
        }
    }

    #[test]
    fn every_finding_can_be_silenced() {
        for rule in rules().iter().filter(|rule| rule.by_default) {
            let all = found(rule.bad, Profile::Default);
            for finding in all.iter().filter(|it| it.rule == rule.name) {
                let fix = silence(&parse(rule.bad), finding).unwrap();
                assert_eq!(fix.applicability, Applicability::DisplayOnly);
                let text = stagecraft_text::apply_edits(rule.bad, &fix.edits).unwrap();
                let left = found(&text, Profile::Default);
                assert!(left.len() < all.len(), "{text}: {left:?}");
            }
        }
    }

    #[test]
    fn what_an_array_calls_is_called() {
        let rules = |command: &str, profile| -> Vec<&str> {
            let source = format!("FROM debian:12\nRUN {command}\n");
            let all = found(&source, profile);
            all.iter().map(|finding| finding.rule).collect()
        };
        let asks = "apt-without-yes";
        for profile in [Profile::Default, Profile::All, Profile::Hadolint] {
            assert!(rules(r#"["apt-get", "install", "curl"]"#, profile).contains(&asks));
            assert!(!rules(r#"["echo", "apt-get install curl"]"#, profile).contains(&asks));
        }
        // hadolint does not know what a shell is told to do there.
        let told = r#"["sh", "-c", "apt-get install curl"]"#;
        assert!(rules(told, Profile::Default).contains(&asks));
        assert!(!rules(told, Profile::Hadolint).contains(&asks));
    }

    #[test]
    fn profiles_have_the_rules_with_their_tools_codes() {
        let source = "FROM a AS B\nMAINTAINER c\n";
        let rules = |profile| -> Vec<&str> {
            found(source, profile)
                .iter()
                .map(|finding| finding.rule)
                .collect()
        };
        assert_eq!(
            rules(Profile::Buildkit),
            ["stage-name-casing", "maintainer"]
        );
        assert_eq!(rules(Profile::Hadolint), ["missing-tag", "maintainer"]);
        assert!(rule("DL4000").is_some_and(|rule| rule.name == "maintainer"));
    }

    #[test]
    fn stages_are_not_taken_for_images_of_their_own() {
        // Where hadolint was told of false positives in files with several stages.
        let cases = [
            // Root in a stage that is not shipped (#405, #1068).
            (
                "FROM alpine:3.20 AS build\nUSER root\nFROM alpine:3.20\nCOPY --from=build /a /a\nUSER app\n",
                "last-user-root",
            ),
            // A cache in a stage that is thrown away (#619).
            (
                "FROM node:22 AS build\nRUN yarn install\nFROM alpine:3.20\nCOPY --from=build /a /a\n",
                "yarn-cache-kept",
            ),
            // A stage as base needs no tag (#161), in whatever case and behind a platform.
            (
                "FROM alpine:3.20 AS base\nRUN true\nFROM base\n",
                "missing-tag",
            ),
            (
                "FROM --platform=linux/arm64 alpine:3.20 AS base\nFROM BASE\n",
                "missing-tag",
            ),
            // A stage by its number, and one that stands further up (#761).
            (
                "FROM alpine:3.20\nFROM alpine:3.20\nCOPY --from=0 /a /a\n",
                "copy-from-no-stage",
            ),
            (
                "FROM alpine:3.20 AS a\nFROM alpine:3.20 AS b\nFROM alpine:3.20\nCOPY --from=a /a /a\n",
                "copy-from-no-stage",
            ),
            // What the stage below has set still holds: folder and shell.
            (
                "FROM alpine:3.20 AS base\nWORKDIR /app\nFROM base\nCOPY a .\n",
                "copy-to-relative",
            ),
            (
                "FROM debian:12 AS base\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nFROM base\nRUN a | b\n",
                "pipe-hides-failure",
            ),
        ];
        for (source, rule) in cases {
            let found = found(source, Profile::Default);
            assert!(found.iter().all(|it| it.rule != rule), "{rule}: {source}");
        }
        // A label that is asked for is one of the image, not of the stages above it (#758).
        let source = "FROM alpine:3.20 AS build\nRUN true\nFROM alpine:3.20\nLABEL version=1.0.0\nCOPY --from=build /a /a\n";
        let found = found(source, Profile::All);
        assert!(
            found.iter().all(|it| it.rule != "label-missing"),
            "{found:?}"
        );
    }

    #[test]
    fn one_fault_is_said_once() {
        for (source, once) in [
            (
                "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends a=1 && rm -rf /var/lib/apt/lists/*\n",
                "update-in-own-step",
            ),
            (
                "FROM alpine:3.20\nENV A=1 B=$A/b\n",
                "env-of-same-instruction",
            ),
        ] {
            let found = found(source, Profile::Default);
            let names: Vec<&str> = found.iter().map(|it| it.rule).collect();
            assert_eq!(names, [once], "{source}");
        }
    }

    #[test]
    fn our_rules_are_silent_where_nothing_is_wrong_or_known() {
        let cases = [
            // A folder as source is emptied into the destination; commands and images make files.
            (
                "copied-path-missing",
                "FROM scratch AS f\nCOPY app /app/\nFROM a:1\nCOPY --from=f /app/x /x\n",
            ),
            (
                "copied-path-missing",
                "FROM alpine:3.20 AS f\nFROM a:1\nCOPY --from=f /etc/passwd /x\n",
            ),
            (
                "copied-path-missing",
                "FROM alpine:3.20 AS f\nRUN make\nFROM a:1\nCOPY --from=f /x /x\n",
            ),
            (
                "copied-path-missing",
                "FROM scratch AS f\nCOPY a /\nFROM a:1\nCOPY --from=f /x /x\n",
            ),
            // The lists are renewed before they are used.
            (
                "update-in-own-step",
                "FROM debian:12\nRUN apt-get update\nRUN apt-get update && apt-get install -y a\n",
            ),
            // Gone in the same step, or in another stage.
            (
                "removed-too-late",
                "FROM a:1\nRUN wget http://x/a.deb && rm a.deb\nRUN rm -f a.deb\n",
            ),
            (
                "removed-too-late",
                "FROM a:1 AS b\nCOPY x /x\nRUN rm /x\nFROM a:1\nCOPY --from=b /y /y\n",
            ),
            // Nothing was left: the index was not kept, or cleaned in its step.
            (
                "cleaned-too-late",
                "FROM alpine:3.20\nRUN apk add --no-cache a\nRUN rm -rf /var/cache/apk/*\n",
            ),
            (
                "cleaned-too-late",
                "FROM a:1\nRUN yum install -y a && yum clean all\nRUN yum clean all\n",
            ),
            (
                "cleaned-too-late",
                "FROM a:1\nRUN yum install -y a\nRUN yum clean expire-cache\n",
            ),
            // The mode of a folder is no file's.
            (
                "owner-changed-after-copy",
                "FROM a:1\nCOPY ssh/ /root/.ssh/\nRUN chmod 700 /root/.ssh\n",
            ),
            (
                "owner-changed-after-copy",
                "FROM a:1\nCOPY --from=x /o /o\nRUN chmod =2775 /o\n",
            ),
            // What reads it fails by itself.
            (
                "download-unchecked",
                "FROM a:1\nRUN curl -o a.tgz http://x/a.tgz && tar xf a.tgz\n",
            ),
            ("download-unchecked", "FROM a:1\nRUN curl -o a ftp://x/a\n"),
            // It stands for what is read there.
            ("state-lost", "FROM a:1\nRUN . /install.sh\n"),
            ("state-lost", "FROM a:1\nRUN cd /x && make\n"),
            // Removed in the same step, it has to stand beside what needs it.
            (
                "packages-after-source",
                "FROM alpine:3.20\nCOPY . /a\nRUN apk add --no-cache gcc && make && apk del gcc\n",
            ),
            // Stages that are there to be chosen from.
            (
                "unused-stage",
                "FROM a:1 AS x\nRUN y\nFROM a:1 AS z\nRUN y\nFROM a:1\n",
            ),
            (
                "unused-stage",
                "ARG K=x\nFROM a:1 AS base-x\nRUN y\nFROM a:1 AS base-y\nRUN y\nFROM base-$K\n",
            ),
            (
                "unused-stage",
                "FROM a:1 AS binaries\nFROM scratch AS out\nCOPY --from=binaries /a /a\nFROM binaries\n",
            ),
            // It may be a folder that the build is given.
            (
                "copied-image-unpinned",
                "FROM a:1\nCOPY --from=cache /x /x\n",
            ),
            (
                "git-history-kept",
                "FROM a:1\nRUN git clone http://x/a.git /a && rm -rf /a/.git\n",
            ),
            (
                "folder-made-twice",
                "FROM a:1\nUSER app\nRUN mkdir /app\nWORKDIR /app\n",
            ),
            (
                "frontend-in-env",
                "FROM a:1\nENV DEBIAN_FRONTEND=noninteractive\nENV DEBIAN_FRONTEND=\n",
            ),
            (
                "shell-missing",
                "FROM scratch\nADD rootfs.tar.gz /\nRUN true\n",
            ),
            (
                "dynamic-binary",
                "FROM golang:1.22 AS b\nENV CGO_ENABLED=0\nRUN go build\nFROM scratch\nCOPY --from=b /a /a\n",
            ),
            (
                "lock-ignored",
                "FROM node:boron\nCOPY package-lock.json ./\nRUN npm install\n",
            ),
            (
                "lock-ignored",
                "FROM node:22\nCOPY package-lock.json ./\nRUN npm install -g npm\n",
            ),
            (
                "global-argument-in-run",
                "ARG V=1\nFROM a:$V\nRUN V=2; echo $V\n",
            ),
            (
                "changing-argument-early",
                "FROM a:1\nARG VCS_REF\nRUN make $VCS_REF\n",
            ),
        ];
        for (rule, source) in cases {
            let found = found(source, Profile::Default);
            assert!(found.iter().all(|it| it.rule != rule), "{rule}: {source}");
            assert!(super::rule(rule).is_some(), "{rule}");
        }
    }

    #[test]
    fn at_least_forty_five_rules_have_a_fix() {
        let fixable = |rule: &&Rule| {
            let findings = found(rule.bad, Profile::All);
            findings
                .iter()
                .any(|it| it.rule == rule.name && !it.fixes.is_empty())
        };
        let count = rules().iter().filter(fixable).count();
        let least = if cfg!(feature = "elsewhere") { 45 } else { 40 };
        assert!(count >= least, "{count}");
    }

    #[test]
    fn hostile_texts_take_no_time() {
        for source in [
            "FROM a\nRUN b\n".repeat(4_000),
            "FROM a AS X\n".repeat(2_000),
            "\\".repeat(100_000),
        ] {
            found(&source, Profile::All);
        }
    }
}
