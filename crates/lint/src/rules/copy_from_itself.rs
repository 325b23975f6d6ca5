//! COPY --from names its own stage.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copy-from-itself",
    codes: &["DL3023"],
    severity: Severity::Hint,
    by_default: false,
    why: "A stage cannot take files from itself while it is being made.",
    bad: "FROM alpine:3.20 AS a\nCOPY --from=a /x /y\n",
    good: "FROM alpine:3.20 AS b\nFROM alpine:3.20 AS a\nCOPY --from=b /x /y\n",
    when: When::With(Mark::CopiesFrom),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut name = None;
    // What ONBUILD holds is for other stages.
    for item in facts.items.iter().filter(|item| !item.onbuild) {
        match &item.instruction.kind {
            Kind::From(from) => name = from.name.map(|name| facts.file.word(name)),
            Kind::Transfer(transfer) if item.instruction.keyword == Keyword::Copy => {
                let from = transfer
                    .from
                    .filter(|from| Some(facts.file.word(*from)) == name);
                if let Some(from) = from {
                    found.report(
                        item.instruction,
                        from.range,
                        "a stage cannot take files from itself",
                    );
                }
            }
            _ => {}
        }
    }
}
