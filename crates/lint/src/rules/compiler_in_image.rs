//! Compilers stay in the image.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;
use stagecraft_text::has_part;

use crate::calls::has;
use crate::facts::Facts;
use crate::packages::{APK, APT, DNF, Manager, YUM};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "compiler-in-image",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "What only the build needs makes the image larger, and is of use to whoever breaks in. Build in a stage of its own and copy out what it makes, or remove the packages in the same RUN.",
    bad: "FROM alpine:3.20\nRUN apk add --no-cache gcc musl-dev && make\nCMD [\"/app\"]\n",
    good: "FROM alpine:3.20 AS build\nRUN apk add --no-cache gcc musl-dev && make\nFROM alpine:3.20\nCOPY --from=build /app /app\nCMD [\"/app\"]\n",
    when: When::has(&[Keyword::Cmd, Keyword::Entrypoint]),
    check,
};

/// Packages that are there to compile with.
const COMPILERS: [&str; 8] = [
    "build-essential",
    "gcc",
    "g++",
    "build-base",
    "gcc-c++",
    "clang",
    "musl-dev",
    "libc6-dev",
];

/// Programs that compile, or install what is compiled for it.
const BUILDS: Programs = programs![
    "make",
    "gcc",
    "g++",
    "configure",
    "cmake",
    "cargo",
    "pip",
    "pip3",
    "npm",
    "gem",
    "bundle",
    "phpize",
    "docker-php-ext-install",
    "pecl",
    "ninja",
];

const MANAGERS: [&Manager; 4] = [&APT, &APK, &YUM, &DNF];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let last = facts.model.stages().last().map(|stage| stage.id);
    // Images for programs, and not for people who build in them.
    let image = facts.root_image(last);
    let name = image.and_then(|image| image.official()).unwrap_or_default();
    if !["alpine", "node", "php", "python", "ruby"].contains(&name) || !facts.calls_any(BUILDS) {
        return;
    }
    // Whoever starts the image starts a program of its own, not a shell to build in.
    let mut commands = facts
        .items
        .iter()
        .filter(|item| item.stage == last && !item.onbuild);
    let starts = commands.any(|item| {
        let text = facts.file.str(item.instruction.text);
        matches!(item.instruction.keyword, Keyword::Cmd | Keyword::Entrypoint)
            && ![
                "bash", "sh\"", "/sh", "make", "gcc", "zsh", "irb", "build", "test",
            ]
            .iter()
            .any(|word| has_part(text, word))
    });
    if !starts {
        return;
    }
    // Upwards, so that what stands further down is known.
    let mut first = None;
    let mut built = BTreeSet::new();
    let mut removed = BTreeSet::new();
    for run in facts.runs.iter().rev() {
        if !facts.ships(run.stage) || run.onbuild {
            continue;
        }
        for call in run.calls.iter().rev() {
            if call.upkeep.packages {
                removed.extend(call.operands().skip(1).map(|word| &*word.text));
            }
            if call.is(BUILDS) {
                built.insert(run.stage);
            }
            let Some(manager) = MANAGERS.iter().find(|it| call.is(it.programs)) else {
                continue;
            };
            let mut packages = manager.packages(call);
            let word = packages.find(|word| has(&COMPILERS, &word.text));
            let group = || call.value_of(b't', "virtual").unwrap_or_default();
            if let Some(word) = word
                && built.contains(&run.stage)
                && !removed.contains(&*word.text)
                && !removed.contains(group())
            {
                first = Some((run, word));
            }
        }
    }
    if let Some((run, word)) = first {
        let message = format!("`{}` is for the build, and stays in the image", word.text);
        found.report(run.instruction, word.range(), message);
    }
}
