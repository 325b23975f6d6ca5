//! rm -r of a folder that the system needs, or of one where a variable is empty.

use stagecraft_diagnostics::Severity;
use stagecraft_shell::{ParameterOp, Part, PartKind, Word};

use crate::calls::has;
use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "rm-of-system",
    codes: &["SC2114", "SC2115"],
    severity: Severity::Warning,
    by_default: false,
    why: "Where the variable is empty, rm -r takes the path behind it for one below the root, and removes what the system needs.",
    bad: "FROM debian:12\nARG DIR=/opt/app\nRUN rm -rf \"$DIR\"/*\n",
    good: "FROM debian:12\nARG DIR=/opt/app\nRUN rm -rf \"${DIR:?}\"/*\n",
    when: When::calls(programs!["rm"]),
    check,
};

/// What no image does without; a few of them are folders to hang things into.
const NEEDED: [&str; 15] = [
    "",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/mnt",
    "/usr",
    "/usr/bin",
    "/usr/local",
    "/usr/share",
    "/var",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for checked in facts.checked_with(programs!["rm"]) {
        for simple in checked.run.simple_of(programs!["rm"]) {
            if simple.name().is_none_or(|name| name.text() != "rm") {
                continue;
            }
            let deep = simple.arguments().any(|word| {
                let text = word.text();
                let letters = text.strip_prefix('-').unwrap_or_default();
                let short = !letters.is_empty() && !letters.starts_with('-');
                short && has_any!(letters, b'r' | b'R') || text == "--recursive"
            });
            for word in simple.arguments().filter(|_| deep) {
                if let Some(code) = removes(word) {
                    let message = "this may remove what the system needs";
                    found.shell(&checked, code, word.range(), message);
                }
            }
        }
    }
}

/// The code for a path of a folder that is needed.
fn removes(word: Word<'_>) -> Option<&'static str> {
    // Most words are this.
    if let Some((text, _)) = word.as_plain() {
        let needed = text.starts_with('/') && has(&NEEDED, text.trim_end_matches('/'));
        return needed.then_some("SC2114");
    }
    // So are most that have only patterns of files besides.
    if !has_any!(
        word.text(),
        b'$' | b'`' | b'\\' | b'"' | b'\'' | b'{' | b'~' | b'<' | b'>'
    ) {
        return needed(word.text(), false);
    }
    let mut path = String::new();
    let mut varies = false;
    for part in word.parts() {
        append(part, &mut path, &mut varies)?;
    }
    needed(&path, varies)
}

/// The same of a path whose variables are empty; `varies`: whether there are any.
fn needed(path: &str, varies: bool) -> Option<&'static str> {
    if !path.starts_with('/') {
        return None;
    }
    let below = path.ends_with('*');
    let bare = path.trim_end_matches(['*', '/']);
    let code = if varies || below { "SC2115" } else { "SC2114" };
    has(&NEEDED, bare).then_some(code)
}

/// Adds what a part gives where all variables are empty; `None` where that cannot be.
fn append(part: Part<'_>, path: &mut String, varies: &mut bool) -> Option<()> {
    match part.kind() {
        PartKind::Variable | PartKind::Parameter => {
            let op = part.parameter()?.op();
            *varies = true;
            let never = matches!(op, ParameterOp::Error | ParameterOp::Default);
            (!never).then_some(())
        }
        PartKind::DoubleQuoted => part
            .parts()
            .try_for_each(|inner| append(inner, path, varies)),
        PartKind::Glob => add(part.text(), path),
        _ => add(&part.as_static()?, path),
    }
}

/// Adds a text to what shall be a path from the root; `None` where it starts with something else.
fn add(text: &str, path: &mut String) -> Option<()> {
    let starts = !path.is_empty() || text.is_empty() || text.starts_with('/');
    starts.then(|| path.push_str(text))
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[test]
    fn a_path_that_begins_with_a_variable_counts() {
        let command = "rm -rf $a/*; rm -r \"$b\"/lib; rm -rf \"$c/\" \"${d}/*\"";
        let found = marked("SC2115", command);
        assert_eq!(found, ["$a/*", "\"$b\"/lib", "\"$c/\"", "\"${d}/*\""]);
        let command = "rm -f $a/*; rm -rf \"$b\" $c/d /e$f/* \"${g:?}\"/* /tmp/*";
        assert_eq!(marked("SC2115", command), [""; 0]);
    }

    #[test]
    fn a_folder_of_the_system_counts() {
        assert_eq!(
            marked("SC2114", "rm -rf / /usr/ /tmp /bin"),
            ["/", "/usr/", "/bin"]
        );
    }
}
