//! `cargo xtask new-rule`: a file for a rule, and its place in the registry.

use crate::project;
use anyhow::{Context, Result, bail};
use std::fs;

/// What the rule is to be.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Its name: the bad pattern in kebab case.
    pub(crate) name: String,
    /// What other tools call it.
    pub(crate) codes: Vec<String>,
    /// Whether it is left out of our own choice and of the page.
    pub(crate) elsewhere: bool,
}

/// Writes the file and registers it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = project::root().join("crates/lint/src/rules");
    check_name(&options.name)?;
    let module = options.name.replace('-', "_");
    let (file, list) = (folder.join(format!("{module}.rs")), folder.join("mod.rs"));
    if file.exists() {
        bail!(
            "there is a rule `{}` already: {}",
            options.name,
            file.display()
        );
    }
    let read = fs::read_to_string(&list);
    let registry = read.with_context(|| format!("cannot read {}", list.display()))?;
    fs::write(&file, skeleton(options))
        .with_context(|| format!("cannot write {}", file.display()))?;
    fs::write(&list, register(&registry, &module, options.elsewhere))
        .with_context(|| format!("cannot write {}", list.display()))?;
    println!("{} is written and registered.", file.display());
    println!("Say what it finds, why that matters, and give it its two examples;");
    println!("`cargo test -p stagecraft-lint --all-features` runs them.");
    if options.codes.is_empty() && !options.elsewhere {
        println!(
            "Read what it finds in real files, and put the tally into tests/data/own-rules.tsv."
        );
    }
    Ok(())
}

/// Small letters and digits, in words with hyphens between them.
fn check_name(name: &str) -> Result<()> {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if !name.split('-').all(word) {
        bail!("`{name}` is no name for a rule: it is the bad pattern in kebab case");
    }
    Ok(())
}

/// A rule that can be built and run, and finds a program that nobody has.
fn skeleton(options: &Options) -> String {
    let Options {
        name,
        codes,
        elsewhere,
    } = options;
    let codes: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    let (codes, by_default) = (codes.join(", "), !elsewhere);
    format!(
        r#"//! A program runs that nobody has.

use stagecraft_diagnostics::Severity;

use crate::facts::Facts;
use crate::rule::{{Found, Rule, When}};

pub(super) const RULE: Rule = Rule {{
    name: "{name}",
    codes: &[{codes}],
    severity: Severity::Warning,
    by_default: {by_default},
    why: "What goes wrong where this is found, and what to do instead: two sentences, for a learner.",
    bad: "FROM alpine:3.20\nRUN {name}\n",
    good: "FROM alpine:3.20\nRUN true\n",
    when: When::calls(programs!["{name}"]),
    check,
}};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {{
    for (run, call) in facts.calls(programs!["{name}"]) {{
        let message = "one clause, in lower case, without a full stop";
        found.call(run, call, call.range(), message);
    }}
}}
"#
    )
}

/// The registry with the rule in its place among the others.
fn register(registry: &str, module: &str, elsewhere: bool) -> String {
    const GATE: &str = "#[cfg(feature = \"elsewhere\")]";
    let mut lines: Vec<String> = registry.lines().map(str::to_owned).collect();
    for (before, behind) in [("mod ", ";"), ("    ", "::RULE,")] {
        let name = |line: &String| -> Option<String> {
            let name = line.strip_prefix(before)?.strip_suffix(behind)?;
            Some(name.to_owned())
        };
        let later = lines
            .iter()
            .position(|line| name(line).is_some_and(|name| name.as_str() > module));
        let last = lines.iter().rposition(|line| name(line).is_some());
        let mut at = later.unwrap_or_else(|| last.map_or(lines.len(), |last| last + 1));
        // The gate of the one behind belongs to that.
        if let Some(above) = at.checked_sub(1).filter(|_| later.is_some())
            && lines.get(above).is_some_and(|line| line.trim() == GATE)
        {
            at = above;
        }
        lines.insert(at, format!("{before}{module}{behind}"));
        if elsewhere {
            let blank = " ".repeat(before.len() - before.trim_start().len());
            lines.insert(at, format!("{blank}{GATE}"));
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> String {
        fs::read_to_string(project::root().join("crates/lint/src/rules/mod.rs")).unwrap()
    }

    #[test]
    fn a_rule_that_is_taken_out_is_registered_where_it_was() {
        let registry = registry();
        for (module, elsewhere) in [
            ("add_for_local_files", false),
            ("apk_unpinned", true),
            ("archive_copied", false),
            ("zypper_without_yes", false),
        ] {
            let mut lines: Vec<&str> = registry.lines().collect();
            for line in [format!("mod {module};"), format!("    {module}::RULE,")] {
                let at = lines.iter().position(|other| *other == line).unwrap();
                lines.remove(at);
                if elsewhere {
                    lines.remove(at - 1);
                }
            }
            let without = lines.join("\n") + "\n";
            assert_ne!(without, registry, "{module}");
            assert_eq!(register(&without, module, elsewhere), registry, "{module}");
        }
    }

    #[test]
    fn a_new_rule_has_what_every_rule_is_held_to() {
        let text = skeleton(&Options {
            name: "some-pattern".to_owned(),
            codes: vec!["DL9999".to_owned()],
            elsewhere: false,
        });
        for part in [
            "name: \"some-pattern\"",
            "codes: &[\"DL9999\"]",
            "by_default: true",
            "why: \"",
            "bad: \"FROM",
            "good: \"FROM",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }

    #[test]
    fn names_are_in_kebab_case() {
        assert!(check_name("unused-stage").is_ok());
        for name in ["", "Unused", "unused_stage", "-a", "a--b", "../x"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
