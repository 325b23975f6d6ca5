//! The output of ls, read as if each line was a name.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{Command, Simple};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "parsed-ls",
    codes: &["SC2010", "SC2011", "SC2012"],
    severity: Severity::Info,
    by_default: false,
    why: "ls is made for people: it sorts, leaves names out and prints others in other signs. A pattern of the shell, or find, gives the names as they are.",
    bad: "FROM debian:12\nRUN ls /opt | grep '^app-'\n",
    good: "FROM debian:12\nRUN printf '%s\\n' /opt/app-*\n",
    when: When::calls(programs!["ls"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_with(programs!["ls"]) {
        for command in checked.script.commands() {
            let Some(ls) = named(command).filter(|(_, name)| *name == "ls") else {
                continue;
            };
            let next = command.next().filter(|next| next.joint().is_pipe());
            let Some(next) = next else { continue };
            let code = match named(next) {
                Some((_, "grep")) => "SC2010",
                Some((_, "xargs")) => "SC2011",
                _ => "SC2012",
            };
            // With options it is the whole call.
            let options = ls.0.arguments().any(|word| word.text().starts_with('-'));
            let name = ls.0.name().map_or(ls.0.range(), |name| name.range());
            let range = if options && code == "SC2012" {
                ls.0.range()
            } else {
                name
            };
            let message = "the output of ls is for people to read";
            found.shell(&checked, code, range, message);
        }
    }
}

fn named(command: Command<'_>) -> Option<(Simple<'_>, &str)> {
    let simple = command.simple()?;
    Some((simple, simple.name()?.text()))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn what_reads_it_decides_on_the_code() {
        assert_eq!(marked("SC2010", "ls a | grep b"), ["ls"]);
        assert_eq!(marked("SC2011", "ls | xargs a"), ["ls"]);
        assert_eq!(marked("SC2012", "ls -1 | wc -l; ls; a | ls"), ["ls -1"]);
    }
}
