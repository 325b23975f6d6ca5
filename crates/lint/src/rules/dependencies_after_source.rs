//! Dependencies are installed after all sources were copied.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Instruction, Kind};

use crate::facts::Facts;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "dependencies-after-source",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Every change of any file makes the builder install everything again. Copy the list of dependencies first, install, then copy the rest.",
    bad: "FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    good: "FROM node:22-slim\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for stage in facts.model.stages() {
        let mut all = None;
        for instruction in facts.own(stage) {
            let Kind::Transfer(transfer) = &instruction.kind else {
                if let Some(line) = all {
                    installs(facts, found, instruction, line);
                }
                continue;
            };
            let whole = facts
                .file
                .sources(instruction)
                .iter()
                .any(|word| matches!(facts.file.word(*word), "." | "./"));
            if whole && transfer.from.is_none() && all.is_none() {
                all = Some(instruction.lines.first);
            }
        }
    }
}

/// Commands that install what a file lists: program, first word, and a word that must be there.
const INSTALLS: [(&str, &str, &str); 8] = [
    ("npm", "ci", ""),
    ("npm", "install", ""),
    ("yarn", "install", ""),
    ("pnpm", "install", ""),
    ("pip", "install", "-r"),
    ("pip3", "install", "-r"),
    ("go", "mod", "download"),
    ("bundle", "install", ""),
];

fn installs(facts: &Facts<'_>, found: &mut Found<'_>, instruction: &Instruction, line: u32) {
    let Some(run) = facts.run(instruction) else {
        return;
    };
    let script = run.script.script(facts.file);
    for (simple, _) in script.simple_commands() {
        let Some(call) = simple.invocation() else {
            continue;
        };
        let mut words = call
            .arguments()
            .filter(|word| !word.text().starts_with('-'));
        let verb = words.next();
        let named = words.next().is_some();
        let known = INSTALLS.iter().find(|(name, first, must)| {
            let there = must.is_empty() || call.arguments().any(|word| word.text() == *must);
            call.name() == *name && verb.is_some_and(|verb| verb.text() == *first) && there
        });
        // `npm install express` asks for no list.
        let of_a_list = known.is_some_and(|(_, _, must)| !must.is_empty() || !named);
        if of_a_list {
            found.report(
                run.instruction,
                call.name_word().source_range(),
                format!("this runs again after every change of a file, since line {line} copies them all"),
            );
            return;
        }
    }
}
