//! dnf leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages::{self, Family, Keeping};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "dnf-cache-kept",
    codes: &["DL3040"],
    severity: Severity::Info,
    by_default: true,
    why: "dnf keeps its lists and downloads for the next installation. It is of no use inside of an image. Only the same RUN can leave it out: a later one hides it, and it is still carried along.",
    bad: "FROM fedora:40\nRUN dnf install -y httpd\n",
    good: "FROM fedora:40\nRUN dnf install -y httpd && dnf clean all\n",
    when: When::calls(programs!["dnf", "microdnf"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // What one of them leaves the other does not clean.
    for program in ["dnf", "microdnf"] {
        let keeping = Keeping {
            program,
            family: Family::Dnf,
            fills: &[
                "install",
                "in",
                "upgrade",
                "up",
                "upgrade-minimal",
                "up-min",
                "reinstall",
                "rei",
            ],
            fills_too: &["update", "downgrade", "dg"],
            folder: "/var/cache/libdnf5",
            mount_counts: true,
        };
        packages::cache_kept(facts, found, &keeping);
    }
}
