//! USER names a user instead of a number.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "user-by-name",
    codes: &["DL3066"],
    severity: Severity::Hint,
    by_default: false,
    why: "Kubernetes can tell that a container does not run as root only by the number, and a volume's files belong to a number, not to a name.",
    bad: "FROM alpine:3.20\nUSER app\n",
    good: "FROM alpine:3.20\nUSER 10001\n",
    when: When::has(&[Keyword::User]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for (at, item) in facts.items.iter().enumerate() {
        let instruction = item.instruction;
        if instruction.keyword != Keyword::User || item.onbuild {
            continue;
        }
        let text = unquoted(facts.file.word(instruction.rest));
        let user = text.split(':').next().unwrap_or_default();
        // What an argument is set to may be a number.
        if variable(user).is_some_and(|name| facts.is_argument_above(name, at)) {
            continue;
        }
        let number = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit());
        if !number {
            found.report(
                instruction,
                instruction.rest.range,
                format!("`{user}` is a name, not a number"),
            );
        }
    }
}

/// The name of a variable, where the text is that and nothing else.
fn variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let inner = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'));
    Some(inner.unwrap_or(name))
}
