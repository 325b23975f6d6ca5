//! Packages of the system are installed after all sources were copied.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages::Family;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "packages-after-source",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Packages of the system do not depend on the sources, but every change of any file makes the builder fetch and install them again. Install first, copy then.",
    bad: "FROM alpine:3.20\nCOPY . /app\nRUN apk add --no-cache curl\n",
    good: "FROM alpine:3.20\nRUN apk add --no-cache curl\nCOPY . /app\n",
    when: When::calls(programs![
        "apk", "apt", "apt-get", "aptitude", "dnf", "microdnf", "yum", "zypper",
    ]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (item, line) in facts.behind_whole_context() {
        let run = facts.run(item);
        // What is removed again has to stand beside what needs it.
        let Some(run) = run.filter(|run| !run.upkeep.fills.is_empty() && !run.upkeep.packages)
        else {
            continue;
        };
        let installs = |family: Family| !matches!(family, Family::Npm | Family::Yarn);
        // A file of the context can say what is to be installed.
        let reads = |call: &&crate::facts::Call<'_>| {
            call.words()
                .iter()
                .any(|word| word.text.contains(['$', '`']) || word.text.contains('/'))
        };
        let call = run
            .calls
            .iter()
            .find(|call| call.upkeep.fills.is_some_and(installs));
        if let Some(call) = call.filter(|call| !reads(call)) {
            let message = format!(
                "this runs again after every change of a file, since line {line} copies them all"
            );
            found.report(run.instruction, call.range(), message);
        }
    }
}
