//! Compilers stay in the image.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Call, Facts};
use crate::packages::{APK, APT, DNF, Manager, YUM, cleans};
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "compiler-in-image",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "What only the build needs makes the image larger, and is of use to whoever breaks in. Build in a stage of its own and copy out what it makes, or remove the packages in the same RUN.",
    bad: "FROM alpine:3.20\nRUN apk add --no-cache gcc musl-dev && make\nCMD [\"/app\"]\n",
    good: "FROM alpine:3.20 AS build\nRUN apk add --no-cache gcc musl-dev && make\nFROM alpine:3.20\nCOPY --from=build /app /app\nCMD [\"/app\"]\n",
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

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    const MANAGERS: [&Manager; 4] = [&APT, &APK, &YUM, &DNF];
    let last = facts.model.stages().last().map(|stage| stage.id);
    // Images for programs, and not for people who build in them.
    let image = facts.root_image(last);
    let name = image.and_then(|image| image.official()).unwrap_or_default();
    if !["alpine", "node", "php", "python", "ruby"].contains(&name) {
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
            .any(|word| text.contains(word))
    });
    if !starts {
        return;
    }
    let builds = |call: &&Call| {
        call.is(&[
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
        ])
    };
    for (at, run) in facts.runs.iter().enumerate() {
        if !facts.ships(run.stage) || run.onbuild {
            continue;
        }
        for (number, call) in run.calls.iter().enumerate() {
            let Some(manager) = MANAGERS.iter().find(|it| call.is(it.programs)) else {
                continue;
            };
            let packages = manager.packages(call);
            let Some(word) = packages
                .iter()
                .find(|word| COMPILERS.contains(&word.text.as_str()))
            else {
                continue;
            };
            let mut behind = run.calls.iter().skip(number + 1);
            let removed = behind.clone().any(|call| {
                cleans(call).is_some()
                    && call
                        .verb_of(&["remove", "purge", "autoremove", "del", "erase"])
                        .is_some()
            });
            let later = facts
                .runs
                .iter()
                .skip(at + 1)
                .take_while(|it| it.stage == run.stage);
            let used = behind.any(|call| builds(&call))
                || later.flat_map(|it| &it.calls).any(|call| builds(&call));
            // A removal further down is a fault of its own.
            let mut below = facts.runs.iter().skip(at + 1).flat_map(|it| &it.calls);
            let group = call.value_of('t', "virtual").unwrap_or_default();
            let late = below.any(|call| {
                cleans(call).is_some_and(|(_, it)| {
                    it.iter().any(|it| it.text == word.text || it.text == group)
                })
            });
            if used && !removed && !late {
                found.report(
                    run.instruction,
                    word.range,
                    format!("`{}` is for the build, and stays in the image", word.text),
                );
                return;
            }
        }
    }
}
