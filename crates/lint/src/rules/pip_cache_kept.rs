//! pip leaves its downloads.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::{Argument, Call, Facts};
use crate::packages;
use crate::programs::Bits;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "pip-cache-kept",
    codes: &["DL3042"],
    severity: Severity::Info,
    by_default: true,
    why: "pip keeps every download for the next installation, which never comes inside of an image; it is 10 to 30 percent of the layer.",
    bad: "FROM python:3.11-slim\nRUN pip install flask\n",
    good: "FROM python:3.11-slim\nRUN pip install --no-cache-dir flask\n",
    when: When::Calls(Bits::ALL_PYTHON),
    check,
};

const NAME: &str = "PIP_NO_CACHE_DIR";

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let set = facts.first_set(NAME, is_true);
    let runs = facts.runs.iter();
    for run in runs.filter(|run| run.may_call(Bits::ALL_PYTHON)) {
        let installs = run.calls.iter().any(|call| install(call).is_some());
        let mounted = || facts.is_mounted_where(run, |path| path.contains(".cache/pip"));
        if !installs || mounted() {
            continue;
        }
        let ours = !facts.value(run, NAME).is_some_and(is_true);
        let theirs = !facts.is_taken_over(run, &set);
        if !ours && !theirs {
            continue;
        }
        let mut exported = false;
        for call in run.calls {
            exported |= call.is(programs!["export"])
                && call.words().iter().any(|word| {
                    let pair = word.text.split_once('=');
                    pair.is_some_and(|(name, value)| name == NAME && is_true(value))
                });
            let Some(verb) = install(call) else {
                continue;
            };
            let mut assignments = call.assignments();
            let assigned = assignments.any(|(name, value)| name == NAME && is_true(&value));
            if exported || assigned || call.has("--no-cache-dir") {
                continue;
            }
            found
                .call(
                    run,
                    call,
                    verb.range(),
                    "pip's downloads stay in this layer",
                )
                .said_by(ours, theirs && packages::sees_pip(call))
                .fix(
                    Applicability::Unsafe,
                    "add `--no-cache-dir`",
                    TextRange::empty(verb.range().end()),
                    " --no-cache-dir",
                );
        }
    }
}

/// The `install` of `pip install` or `python -m pip install`.
fn install<'c, 'a>(call: &'c Call<'a>) -> Option<&'c Argument<'a>> {
    // Most programs are neither pip nor Python.
    if !call.name.starts_with('p') {
        return None;
    }
    let mut operands = call.operands();
    let pip = call
        .name
        .strip_prefix("pip")
        .is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'));
    if pip {
        // Options with values may stand before it.
        return operands.find(|verb| verb.text == "install");
    }
    let module = call.name.starts_with("python") && call.has("-m");
    let pip = operands.next().filter(|word| module && word.text == "pip");
    pip.and_then(|_| operands.next())
        .filter(|verb| verb.text == "install")
}

/// Whether pip takes that as a yes.
fn is_true(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "1" | "true" | "yes" | "on"
    )
}
