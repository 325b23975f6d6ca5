//! Permissions for the last of several new folders alone.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "mode-of-one-folder",
    codes: &["SC2174"],
    severity: Severity::Warning,
    by_default: false,
    why: "mkdir -p makes every folder on the way, but gives the mode of -m to the last one. The others get what the umask leaves, so that a secret folder may stand in one that everybody may look into.",
    bad: "FROM debian:12\nRUN mkdir -p -m 700 /srv/app/keys\n",
    good: "FROM debian:12\nRUN mkdir -p /srv/app && mkdir -m 700 /srv/app/keys\n",
    when: When::names(programs!["mkdir"]),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked() {
        for single in checked.run.simple.iter().filter(|it| it.name == "mkdir") {
            let (mut parents, mut mode, mut deep) = (None, false, false);
            for word in single.simple.arguments() {
                let text = word.text();
                if let Some(long) = text.strip_prefix("--") {
                    parents = parents.or((long == "parents").then_some(word));
                    mode |= long.starts_with("mode");
                } else if let Some(letters) = text.strip_prefix('-') {
                    // Behind `m` comes the mode.
                    let (before, with_mode) = match letters.split_once('m') {
                        Some((before, _)) => (before, true),
                        None => (letters, false),
                    };
                    mode |= with_mode;
                    parents = parents.or(before.contains('p').then_some(word));
                } else {
                    let own = text.strip_prefix("../").or_else(|| text.strip_prefix("./"));
                    let path = own.unwrap_or(text);
                    deep |= path.contains('/') || word.expansions().next().is_some();
                }
            }
            if let Some(word) = parents.filter(|_| mode && deep) {
                let message = "the mode is for the last of the new folders alone";
                found.shell(&checked, "SC2174", word.range(), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2174", command), expected, "{command}");
    }

    #[test]
    fn a_mode_is_for_the_last_folder() {
        check(
            "mkdir -p -m 755 /a/b; mkdir -vpm755 c/d",
            &["-p", "-vpm755"],
        );
        check("mkdir --mode=755 --parents \"$a\"", &["--parents"]);
        check(
            "mkdir -m 755 /a/b; mkdir -p /a/b; mkdir -p -m 755 a ./b ../c; install -d -m 755 /a/b",
            &[],
        );
    }
}
