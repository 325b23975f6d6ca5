//! A class of letters names one of them twice.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::GLOBS;

pub(super) const RULE: Rule = Rule {
    name: "class-repeats",
    codes: &["SC2102"],
    severity: Severity::Info,
    by_default: false,
    why: "Brackets in a pattern stand for one letter of those between them, so that one of them need not be named twice: whoever does means something else, such as the extras of a Python package. Quotes keep the shell from looking for files that fit.",
    bad: "FROM debian:12\nRUN pip install package[all]\n",
    good: "FROM debian:12\nRUN pip install 'package[all]'\n",
    when: When::parts(GLOBS),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_having(GLOBS) {
        let globs = checked.script.parts_of(GLOBS);
        for part in globs.filter(|part| !part.is_quoted() && repeats(part.text())) {
            let message = "brackets stand for one letter, and one is named twice";
            found.shell(&checked, "SC2102", part.range(), message);
        }
    }
}

/// Whether a class of letters names one of them twice.
fn repeats(glob: &str) -> bool {
    let inner = glob.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let Some(inner) = inner.filter(|inner| !has_any!(inner, b'[' | b'\\')) else {
        return false;
    };
    let mut seen = 0_u128;
    inner.bytes().any(|byte| {
        let bit = 1_u128.checked_shl(byte.into()).unwrap_or_default();
        let again = seen & bit != 0;
        seen |= bit;
        again && byte != b'-'
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2102", command), expected, "{command}");
    }

    #[test]
    fn a_letter_named_twice_is_none_of_a_class() {
        check(
            "pip install a[all] .[test,dev]; rm x[100]",
            &["[all]", "[test,dev]", "[100]"],
        );
        check(
            "rm x[0-9] [a-zA-Z] [[:alpha:]]; pip install a[dev] \"a[all]\"; [ -f aa ]",
            &[],
        );
    }
}
