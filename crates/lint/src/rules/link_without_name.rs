//! A link that is named nowhere.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "link-without-name",
    codes: &["SC2226"],
    severity: Severity::Warning,
    by_default: false,
    why: "With one name alone, ln makes a link of that name in the folder at hand, where mostly the thing itself is, and fails. Name the link as well, or the folder for it.",
    bad: "FROM debian:12\nRUN ln -s /opt/tool/bin/tool\n",
    good: "FROM debian:12\nRUN ln -s /opt/tool/bin/tool /usr/local/bin/tool\n",
    when: When::names(programs!["ln"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        for single in checked.run.simple.iter().filter(|it| it.name == "ln") {
            let mut names = 0;
            let known = single
                .simple
                .arguments()
                .all(|word| match word.as_static() {
                    Some(text) => {
                        names += usize::from(!text.starts_with('-'));
                        let short = text.starts_with('-') && !text.starts_with("--");
                        !(text.starts_with("--target") || short && text.contains('t'))
                    }
                    None => false,
                });
            let globs = || single.simple.arguments().any(|word| word.has_glob());
            if known && names == 1 && !globs() {
                let range = single.simple.range();
                let message = "where the link is to be is not said";
                found.shell(&checked, "SC2226", range, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2226", command), expected, "{command}");
    }

    #[test]
    fn a_link_has_a_name() {
        check("ln -s /a; ln -sfn /b && c", &["ln -s /a", "ln -sfn /b"]);
        check(
            "ln -s /a /b; ln -s /a .; ln -t d /a; ln -st d; ln; ln -s \"$a\"; ln -s a*; sudo ln -s a",
            &[],
        );
    }
}
