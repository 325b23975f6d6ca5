//! apt-get installs what packages recommend.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "apt-recommends",
    codes: &["DL3015"],
    severity: Severity::Info,
    by_default: true,
    why: "For many packages that is nothing, for some it is hundreds of megabytes that the program does not need.",
    bad: "FROM debian:12\nRUN apt-get install -y curl\n",
    good: "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\n",
    when: When::calls(packages::APT.programs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(packages::APT.programs) {
        let Some(verb) = packages::APT.install(call) else {
            continue;
        };
        let without = call.words().iter().any(|word| {
            let option = word.text.split('=').next();
            option == Some("--no-install-recommends")
                || word
                    .text
                    .eq_ignore_ascii_case("apt::install-recommends=false")
                || word
                    .text
                    .eq_ignore_ascii_case("-oapt::install-recommends=false")
        });
        if !without {
            found
                .call(
                    run,
                    call,
                    verb.range(),
                    "recommended packages are installed, too",
                )
                .fix(
                    Applicability::Unsafe,
                    "add `--no-install-recommends`",
                    TextRange::empty(verb.range().end()),
                    " --no-install-recommends",
                );
        }
    }
}
