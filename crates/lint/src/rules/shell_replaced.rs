//! A link takes the place of /bin/sh.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "shell-replaced",
    codes: &["DL4005"],
    severity: Severity::Warning,
    by_default: true,
    why: "SHELL says which shell reads the steps below, without changing what every other program finds at /bin/sh.",
    bad: "FROM debian:12\nRUN ln -sf /bin/bash /bin/sh\n",
    good: "FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\n",
    when: When::calls(programs!["ln"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (run, call) in facts.calls(programs!["ln"]) {
        if call.has("/bin/sh") {
            found.call(
                run,
                call,
                call.range(),
                "SHELL changes the shell without touching files",
            );
        }
    }
}
