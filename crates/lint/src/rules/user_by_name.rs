//! USER names a user instead of a number.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Facts, unquoted};
use crate::packages;
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
        let text = facts.file.word(instruction.rest);
        // What an argument is set to may be a number.
        if packages::variables(text).any(|name| facts.is_argument_above(name, at)) {
            continue;
        }
        let user = unquoted(text).split(':').next().unwrap_or_default();
        let more = text.starts_with(['"', '\'']) || facts.has_blank_behind(instruction.rest);
        let number = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit());
        if number && !more {
            continue;
        }
        let message = ["`", user, "` is a name, not a number"].concat();
        let report = found.report(instruction, instruction.rest.range, message);
        if number {
            // hadolint takes quotes for a part of the name, and blanks behind it.
            report.elsewhere(&["DL3066"]);
        }
    }
}
