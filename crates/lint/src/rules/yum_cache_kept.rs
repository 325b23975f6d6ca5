//! yum leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages::{self, Family, Keeping};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "yum-cache-kept",
    codes: &["DL3032"],
    severity: Severity::Info,
    by_default: true,
    why: "yum keeps its lists and downloads for the next installation. It is of no use inside of an image. Only the same RUN can leave it out: a later one hides it, and it is still carried along.",
    bad: "FROM rockylinux:9\nRUN yum install -y httpd\n",
    good: "FROM rockylinux:9\nRUN yum install -y httpd && yum clean all\n",
    when: When::calls(programs!["yum"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let keeping = Keeping {
        program: "yum",
        family: Family::Yum,
        fills: &["install"],
        fills_too: &[],
        folder: "/var/cache/yum",
        mount_counts: false,
    };
    packages::cache_kept(facts, found, &keeping);
}
