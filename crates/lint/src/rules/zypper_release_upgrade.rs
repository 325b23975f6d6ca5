//! The whole distribution is upgraded in a build.

use stagecraft_diagnostics::Severity;

use crate::facts::{Argument, Facts};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "zypper-release-upgrade",
    codes: &["DL3035"],
    severity: Severity::Warning,
    by_default: true,
    why: "It turns the base image into another release, in a layer as large as the base. Take a base image of that release.",
    bad: "FROM opensuse/leap:15\nRUN zypper dist-upgrade\n",
    good: "FROM opensuse/leap:15\nRUN zypper install -y curl && zypper clean\n",
    when: When::calls(programs!["zypper"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["zypper"]) {
        let mut words = call.operands();
        let upgrades = |word: &&Argument<'_>| matches!(&*word.text, "dist-upgrade" | "dup");
        if let Some(verb) = words.find(upgrades) {
            found.call(
                run,
                call,
                verb.range(),
                "this upgrades the whole base image",
            );
        }
    }
}
