//! yum leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::packages;
use crate::rule::{Found, Rule};

pub(super) const RULE: Rule = Rule {
    name: "yum-cache-kept",
    codes: &["DL3032"],
    severity: Severity::Info,
    by_default: true,
    why: "yum keeps its lists and downloads for the next installation. It is of no use inside of an image. Only the same RUN can leave it out: a later one hides it, and it is still carried along.",
    bad: "FROM rockylinux:9\nRUN yum install -y httpd\n",
    good: "FROM rockylinux:9\nRUN yum install -y httpd && yum clean all\n",
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    packages::not_cleaned(
        facts,
        found,
        |call| call.is(&["yum"]) && packages::YUM.install(call).is_some(),
        |call| {
            call.is(&["yum"]) && call.has("clean") && call.has("all")
                || call.is(&["rm"]) && call.flag("rR", &["recursive"])
        },
        &["/var/cache/yum"],
        "yum's cache stays in this layer",
    );
}
