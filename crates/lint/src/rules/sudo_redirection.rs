//! sudo before a command whose output goes where only root may write.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{RedirectOp, Redirection};
use stagecraft_text::TextRange;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::Checked;

pub(super) const RULE: Rule = Rule {
    name: "sudo-redirection",
    codes: &["SC2024"],
    severity: Severity::Warning,
    by_default: false,
    why: "The shell opens the file before it starts sudo, as the user that it runs as: sudo does not help there. tee can be run with sudo.",
    bad: "FROM debian:12\nRUN sudo echo a >> /etc/motd\n",
    good: "FROM debian:12\nRUN echo a | sudo tee -a /etc/motd\n",
    when: When::names(programs!["sudo"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked().filter(Checked::calls_sudo) {
        for simple in checked.run.simple_of(programs!["sudo"]) {
            if simple.name().is_none_or(|name| name.text() != "sudo") {
                continue;
            }
            for operator in simple.redirections().filter_map(operator) {
                found.shell(&checked, "SC2024", operator, "sudo does not open this file");
            }
        }
    }
}

/// Where the operator stands, if it opens a file that matters.
fn operator(redirection: Redirection<'_>) -> Option<TextRange> {
    let length = match redirection.op() {
        RedirectOp::Read | RedirectOp::Write => 1,
        RedirectOp::Append | RedirectOp::WriteBoth => 2,
        _ => return None,
    };
    let target = redirection.target()?;
    let numbered = redirection
        .text()
        .starts_with(|c: char| c.is_ascii_digit() || c == '{');
    let nowhere = target.as_static().is_some_and(|it| it == "/dev/null");
    (!numbered && !nowhere).then(|| TextRange::at(redirection.range().start(), length.into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn files_that_the_shell_opens_count() {
        let found = marked(
            "SC2024",
            "sudo a > b; sudo c >> d; sudo e < f; x | sudo -u y g &> h",
        );
        assert_eq!(found, [">", ">>", "<", "&>"]);
        let found = marked(
            "SC2024",
            "sudo a > /dev/null; sudo b 2> c; sudo sh -c 'd > e'; f > g",
        );
        assert_eq!(found, [""; 0]);
    }
}
