//! yum leaves its cache.

use stagecraft_diagnostics::Severity;

use crate::facts::{Call, Facts};
use crate::packages::{self, Family};
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
    for run in facts.runs_with(programs!["yum"]) {
        if facts.is_mounted(run, "/var/cache/yum") {
            continue;
        }
        let installs =
            |call: &Call<'_>| call.is(programs!["yum"]) && packages::YUM.install(call).is_some();
        let cleans = |call: &Call<'_>| {
            call.is(programs!["yum"]) && call.has("clean") && call.has("all")
                || packages::removes(call, "/var/cache/yum")
        };
        let last = run.calls.iter().rposition(installs);
        let Some((at, call)) = last.and_then(|at| Some((at, run.calls.get(at)?))) else {
            continue;
        };
        let ours =
            !run.calls.iter().skip(at + 1).any(cleans) && !facts.is_cleaned_late(run, Family::Yum);
        let theirs = packages::seems_kept(run, installs, |call| {
            call.is(programs!["yum"]) && call.verb_of(&["clean"]).is_some()
        });
        let message = "yum's cache stays in this layer";
        if let Some(report) = packages::cache_kept(run, call, found, (ours, theirs), message) {
            packages::clean_in_step(facts, run, report, "yum clean all");
        }
    }
}
