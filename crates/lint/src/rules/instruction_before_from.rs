//! An instruction above the first FROM.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "instruction-before-from",
    codes: &["DL3061"],
    severity: Severity::Hint,
    by_default: false,
    why: "Only ARG may stand there: there is no stage yet that another one could belong to.",
    bad: "LABEL a=b\nFROM alpine:3.20\n",
    good: "FROM alpine:3.20\nLABEL a=b\n",
    when: When::With(Mark::BeforeFrom),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in facts.items.iter().filter(|item| item.stage.is_none()) {
        let instruction = item.instruction;
        let fits = matches!(instruction.keyword, Keyword::Arg | Keyword::Unknown);
        if item.onbuild || !fits {
            let word = instruction.keyword.name();
            found.report(
                instruction,
                instruction.name.range,
                format!("{word} stands in no stage"),
            );
        }
    }
}
