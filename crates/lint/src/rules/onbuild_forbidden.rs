//! ONBUILD holds what it may not.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "onbuild-forbidden",
    codes: &["DL3043"],
    severity: Severity::Hint,
    by_default: false,
    why: "BuildKit refuses ONBUILD, FROM and MAINTAINER behind ONBUILD.",
    bad: "FROM alpine:3.20\nONBUILD MAINTAINER ada\n",
    good: "FROM alpine:3.20\nONBUILD RUN true\n",
    when: When::has(&[Keyword::Onbuild]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for outer in facts.file.instructions() {
        let Kind::Onbuild(Some(inner)) = &outer.kind else {
            continue;
        };
        if matches!(
            inner.keyword,
            Keyword::Onbuild | Keyword::From | Keyword::Maintainer
        ) {
            let word = inner.keyword.name();
            found.report(
                outer,
                inner.name.range,
                format!("{word} cannot stand behind ONBUILD"),
            );
        }
    }
}
