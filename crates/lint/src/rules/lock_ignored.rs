//! The lock file is there, and may be changed by the installation.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_semantic::StageId;

use crate::facts::Facts;
use crate::files;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "lock-ignored",
    codes: &[],
    severity: Severity::Info,
    by_default: true,
    why: "`npm install` changes the lock file where it does not fit, and then installs something that nobody has tested. `npm ci` takes what the lock file says, or fails.",
    bad: "FROM node:22-slim\nCOPY package.json package-lock.json ./\nRUN npm install\n",
    good: "FROM node:22-slim\nCOPY package.json package-lock.json ./\nRUN npm ci\n",
    when: When::calls(programs!["npm"]),
    check,
};

/// Whether the image has a node whose npm does not know `ci` yet.
fn is_old(facts: &Facts<'_>, stage: Option<StageId>) -> bool {
    let image = facts.root_image(stage);
    let tag = image.and_then(|image| image.tag()).unwrap_or_default();
    let version = tag.split(['.', '-']).next().unwrap_or_default();
    matches!(version, "argon" | "boron" | "0" | "4" | "5" | "6" | "7")
}

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut lock = None;
    for item in facts.items.iter().filter(|item| !item.onbuild) {
        let mut sources = facts.file.sources(item.instruction).iter();
        if sources.any(|word| {
            matches!(
                files::base_name(facts.file.word(*word)),
                "package-lock.json" | "npm-shrinkwrap.json"
            )
        }) {
            lock = Some((item.stage, item.instruction));
        }
        let Some((stage, copy)) = lock else {
            continue;
        };
        let Some(run) = facts.run(item).filter(|_| item.stage == stage) else {
            continue;
        };
        for call in run.calls.iter().filter(|call| call.is(programs!["npm"])) {
            // Packages that are named are another matter, and so are those for everyone.
            let mut operands = call.operands_without(&["--prefix", "--registry", "--loglevel"]);
            let named = operands.nth(1).is_some();
            let Some(verb) = call.verb_of(&["install", "i"]) else {
                continue;
            };
            if named || is_old(facts, stage) || call.flag("g", &["global"]) {
                continue;
            }
            found
                .report(
                    run.instruction,
                    verb.range(),
                    "this may change what the lock file says",
                )
                .label(copy.name.range, "the lock file")
                .fix(Applicability::Unsafe, "write `npm ci`", verb.range(), "ci");
        }
    }
}
