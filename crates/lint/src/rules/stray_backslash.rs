//! A backslash before a letter outside of quotes, where it does nothing.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{PartKind, PartKinds, WordRole};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "stray-backslash",
    codes: &["SC1001", "SC1012"],
    severity: Severity::Info,
    by_default: false,
    why: "Outside of quotes a backslash takes the special meaning from the character behind it, and vanishes. Before a letter it is only lost: \\n is the letter n.",
    bad: "FROM debian:12\nRUN apt-get \\update\n",
    good: "FROM debian:12\nRUN apt-get update\n",
    when: When::parts(ESCAPES),
    check,
};

const ESCAPES: PartKinds = PartKinds::of(&[PartKind::Escape]);

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_having(ESCAPES) {
        for part in checked.script.parts_of(ESCAPES) {
            if part.is_quoted() {
                continue;
            }
            // `\cp` is cp itself, whatever alias there is.
            let name = part
                .word()
                .filter(|word| word.role() == WordRole::CommandName);
            if name.is_some_and(|word| word.range().start() == part.range().start()) {
                continue;
            }
            let Some(behind) = part.text().strip_prefix('\\') else {
                continue;
            };
            let code = match behind {
                "n" | "r" | "t" => "SC1012",
                "=" | "-" | ":" | "/" | "%" | "^" | "_" => "SC1001",
                _ if behind.bytes().all(|b| b.is_ascii_alphanumeric()) => "SC1001",
                _ => continue,
            };
            let message = "this backslash does nothing";
            found.shell(&checked, code, part.range(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn what_needs_no_backslash_counts() {
        assert_eq!(marked("SC1001", "a \\b c\\=d"), ["\\b", "\\="]);
        assert_eq!(marked("SC1012", "a \\n"), ["\\n"]);
        let command = "a \\? \\* \\. \\$b \\( '\\c' \"\\d\" \\\\";
        assert_eq!(marked("SC1001", command), [""; 0]);
    }
}
