//! Dependencies are installed after all sources were copied.

use stagecraft_diagnostics::Severity;

use crate::facts::{Facts, RunFacts};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "dependencies-after-source",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Every change of any file makes the builder install everything again. Copy the list of dependencies first, install, then copy the rest.",
    bad: "FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    good: "FROM node:22-slim\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n",
    when: When::calls(PROGRAMS),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (item, line) in facts.behind_whole_context() {
        if let Some(run) = facts.run(item) {
            installs(found, run, line);
        }
    }
}

/// Those of [`INSTALLS`].
const PROGRAMS: Programs = programs!["npm", "yarn", "pnpm", "pip", "pip3", "go", "bundle"];

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

fn installs(found: &mut Found<'_>, run: &RunFacts<'_>, line: u32) {
    for call in run.calls_of(PROGRAMS) {
        let mut operands = call.operands();
        let verb = operands.next();
        let named = operands.next().is_some();
        let known = INSTALLS.iter().find(|(name, first, must)| {
            let there = must.is_empty() || call.has(must);
            call.name == *name && verb.is_some_and(|verb| verb.text == *first) && there
        });
        // `npm install express` asks for no list.
        if known.is_some_and(|(_, _, must)| !must.is_empty() || !named) {
            let message = format!(
                "this runs again after every change of a file, since line {line} copies them all"
            );
            found.call(run, call, call.range(), message);
            return;
        }
    }
}
