//! MAINTAINER is written instead of a label.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "maintainer",
    codes: &["MaintainerDeprecated", "DL4000"],
    severity: Severity::Warning,
    by_default: true,
    why: "MAINTAINER has been out of use for years; a label says the same and can be asked for with `docker inspect`.",
    bad: "FROM alpine:3.20\nMAINTAINER ada@example.com\n",
    good: "FROM alpine:3.20\nLABEL org.opencontainers.image.authors=\"ada@example.com\"\n",
    when: When::has(&[Keyword::Maintainer]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for instruction in facts.file.instructions() {
        if instruction.keyword != Keyword::Maintainer {
            continue;
        }
        let text = facts.file.word(instruction.rest);
        let diagnostic = found.report(
            instruction,
            instruction.name.range,
            "MAINTAINER is out of use",
        );
        if !text.contains(['"', '\\', '$', '\n']) {
            let label = ["LABEL org.opencontainers.image.authors=\"", text, "\""].concat();
            diagnostic.fix(
                Applicability::Unsafe,
                "write it as a label",
                instruction.range,
                label,
            );
        }
    }
}
