//! yarn leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::{Call, Facts};
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "yarn-cache-kept",
    codes: &["DL3060"],
    severity: Severity::Info,
    by_default: true,
    why: "yarn keeps every download for the next installation. It is of no use inside of an image. Only the same RUN can leave it out: a later one hides it, and it is still carried along.",
    bad: "FROM node:22-slim\nRUN yarn install\n",
    good: "FROM node:22-slim\nRUN yarn install && yarn cache clean\n",
    when: When::calls(programs!["yarn"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in facts.runs_with(programs!["yarn"]) {
        let mounted = facts.is_mounted_where(run, |path| path.contains(".cache/yarn"));
        if mounted || facts.is_thrown_away(run) {
            continue;
        }
        let installs = |call: &Call<'_>| call.is(programs!["yarn"]) && call.has("install");
        let cleans =
            |call: &Call<'_>| call.is(programs!["yarn"]) && call.has("cache") && call.has("clean");
        let last = run.calls.iter().rposition(installs);
        if let Some((at, call)) = last.and_then(|at| Some((at, run.calls.get(at)?)))
            && !run.calls.iter().skip(at + 1).any(cleans)
        {
            let report = found.call(run, call, call.range(), "yarn's cache stays in this layer");
            // hadolint looks for the word anywhere.
            let report = report.said_by(call.verb_of(&["install"]).is_some(), true);
            packages::clean_in_step(facts, run, report, "yarn cache clean");
        }
    }
}
