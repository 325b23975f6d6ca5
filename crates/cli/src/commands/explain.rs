//! `stagecraft explain`: what a rule is for.

use std::fmt::Write as _;

use stagecraft_engine::lint::{Rule, rule, rules};

/// What a rule is for, by its name or by a code that another tool has for it; without a name, the
/// list of all rules. `None` where there is no such rule.
pub fn text(name: Option<&str>) -> Option<String> {
    match name {
        Some(name) => rule(name).map(one),
        None => Some(list()),
    }
}

fn one(rule: &Rule) -> String {
    let mut out = format!("{} ({})", rule.name, rule.severity.name());
    // Writing to a string does not fail.
    if !rule.codes.is_empty() {
        let _ = write!(out, ", elsewhere {}", rule.codes.join(", "));
    }
    let _ = write!(out, "\n\n{}\n", rule.why);
    for (title, example) in [("Found in", rule.bad), ("Not in", rule.good)] {
        let _ = write!(out, "\n{title}:\n\n");
        for line in example.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    out
}

fn list() -> String {
    let width = rules().iter().map(|rule| rule.name.len()).max();
    let width = width.unwrap_or_default();
    let mut out = String::new();
    for rule in rules() {
        let line = format!("{:width$}  {}", rule.name, rule.codes.join(", "));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_by_its_name_and_by_its_codes() {
        for rule in rules() {
            for name in rule.codes.iter().chain([&rule.name]) {
                let text = text(Some(name)).unwrap();
                assert!(text.starts_with(rule.name), "{name}: {text}");
                assert!(text.contains(rule.why), "{name}");
            }
            assert!(list().contains(rule.name));
        }
        assert_eq!(text(Some("no-such-rule")), None);
    }
}
