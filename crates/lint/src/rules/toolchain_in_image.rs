//! The image starts from that of a compiler.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Call, Facts};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "toolchain-in-image",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "The compiler, its libraries and its caches are many times as large as the program that they make, and the program does not need them. Build in a first stage, and copy the program into an image that has just what it runs on.",
    bad: "FROM golang:1.22\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n",
    good: "FROM golang:1.22 AS build\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nFROM alpine:3.20\nCOPY --from=build /app /app\nCMD [\"/app\"]\n",
    when: When::calls(programs!["cargo", "go", "gradle", "make", "mvn", "swift"]),
    check,
};

/// Images of compilers, the program that compiles, and its words.
const TOOLCHAINS: [(&str, &str, &[&str]); 6] = [
    ("golang", "go", &["build", "install", "get"]),
    ("rust", "cargo", &["build", "install"]),
    ("maven", "mvn", &["package", "install", "verify"]),
    (
        "gradle",
        "gradle",
        &["build", "bootJar", "assemble", "jar", "shadowJar"],
    ),
    ("gcc", "make", &[]),
    ("swift", "swift", &["build"]),
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let Some(last) = facts.model.stages().last() else {
        return;
    };
    let id = Some(last.id);
    let Some(image) = facts.root_image(id) else {
        return;
    };
    let name = image.official().unwrap_or_default();
    let Some((_, program, words)) = TOOLCHAINS.iter().find(|(base, ..)| *base == name) else {
        return;
    };
    let compiles = |call: &Call<'_>| {
        call.name == *program
            && (words.is_empty() || call.operands().any(|word| words.contains(&&*word.text)))
    };
    let mut runs = facts
        .runs
        .iter()
        .filter(|run| facts.ships(run.stage) && !run.onbuild);
    let made = runs.any(|run| run.calls.iter().any(compiles));
    // What is started is not the compiler itself.
    let own = |item: &&crate::facts::Item<'_>| {
        item.stage == id
            && !item.onbuild
            && matches!(item.instruction.keyword, Keyword::Cmd | Keyword::Entrypoint)
    };
    let all: Vec<&str> = facts
        .items
        .iter()
        .filter(own)
        .map(|item| facts.file.str(item.instruction.rest.text))
        .collect();
    let tool = |text: &&str| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == *program || matches!(word, "bash" | "sh" | "test"))
    };
    if made
        && !all.is_empty()
        && !all.iter().any(tool)
        && let Some((instruction, from)) = last.from_instruction(facts.file)
    {
        let range = from.image.map_or(instruction.range, |image| image.range);
        found.report(
            instruction,
            range,
            format!("the image of `{name}` has the compiler, which the program does not need"),
        );
    }
}
