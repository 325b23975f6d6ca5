//! A copy, a move or a link to nowhere.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "destination-missing",
    codes: &["SC2224", "SC2225", "SC2226"],
    severity: Severity::Warning,
    by_default: false,
    why: "With one name alone, cp and mv fail, and ln makes a link of that name in the folder at hand, where mostly the thing itself is. Name where it is to go as well.",
    bad: "FROM debian:12\nRUN ln -s /opt/tool/bin/tool\n",
    good: "FROM debian:12\nRUN ln -s /opt/tool/bin/tool /usr/local/bin/tool\n",
    when: When::names(NAMES),
    check,
};

const NAMES: Programs = programs!["cp", "ln", "mv"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        let simple = checked.run.simple.iter();
        for single in simple.filter(|it| it.may_be.meet(NAMES.bits)) {
            let (code, message) = match single.name {
                "mv" => ("SC2224", "where it is to be moved is not said"),
                "cp" => ("SC2225", "where the copy is to be is not said"),
                "ln" => ("SC2226", "where the link is to be is not said"),
                _ => continue,
            };
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
                found.shell(&checked, code, range, message);
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
    fn a_copy_and_a_move_go_somewhere() {
        assert_eq!(marked("SC2224", "mv -f a; mv b c; mv -t d e"), ["mv -f a"]);
        assert_eq!(
            marked("SC2225", "cp -r a >b; cp c d; cp e*; cp"),
            ["cp -r a >b"]
        );
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
