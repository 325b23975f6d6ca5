//! `stagecraft explain`: what a rule is for.

use std::fmt::Write as _;

use stagecraft_engine::lint::{Rule, rule, rules};

/// What a rule is for, by its name or by a code that another tool has for it; without a name, the
/// list of all rules. `None` where there is no such rule.
pub fn text(name: Option<&str>) -> Option<String> {
    match name {
        Some(name) => rule(name).map(|rule| one(rule, name)),
        None => Some(list()),
    }
}

/// So many codes are named one by one, and have their links.
const FEW: usize = 8;

/// A rule that was asked for by that name or code.
fn one(rule: &Rule, name: &str) -> String {
    let mut out = format!("{} ({})", rule.name, rule.severity.name());
    // Writing to a string does not fail.
    match rule.codes {
        [] => {}
        [first, .., last] if rule.codes.len() > FEW => {
            let count = rule.codes.len();
            let _ = write!(out, ", elsewhere {first} to {last}, {count} codes");
        }
        codes => {
            let _ = write!(out, ", elsewhere {}", codes.join(", "));
        }
    }
    let _ = write!(out, "\n\n{}\n", rule.why);
    for (title, example) in [("Found in", rule.bad), ("Not in", rule.good)] {
        let _ = write!(out, "\n{title}:\n\n");
        for line in example.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    out.push_str("\nSee also:\n\n");
    // Of many, only the one that was asked for is of interest.
    let mut all = links(rule);
    let more = all.len() > FEW;
    if more {
        let asked = rule.codes.iter().position(|code| *code == name);
        all = vec![all.swap_remove(asked.unwrap_or_default())];
    }
    for link in all {
        let _ = writeln!(out, "    {link}");
    }
    if more {
        out.push_str("    and a page for each of the other codes\n");
    }
    out
}

/// Where one can read what a rule answers to: the pages of the tools that have a code for it, else
/// one of Docker's own documentation.
pub fn links(rule: &Rule) -> Vec<String> {
    if rule.codes.is_empty() {
        return vec![format!("https://docs.docker.com/{}", page(rule.name))];
    }
    rule.codes.iter().map(|code| link(code)).collect()
}

/// The page of a tool's code.
fn link(code: &str) -> String {
    let numbered = |letters| {
        let digits = code.strip_prefix(letters);
        digits.is_some_and(|digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if numbered("DL") {
        return format!("https://github.com/hadolint/hadolint/wiki/{code}");
    }
    if numbered("SC") {
        return format!("https://www.shellcheck.net/wiki/{code}");
    }
    // `JSONArgsRecommended` is `json-args-recommended`.
    let letters: Vec<char> = code.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if starts {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    format!("https://docs.docker.com/go/dockerfile/rule/{name}/")
}

/// The page of Docker's documentation about what a rule of our own is about.
fn page(rule: &str) -> &'static str {
    match rule {
        "certificates-missing" | "dynamic-binary" | "shell-missing" => {
            "build/building/base-images/#create-a-minimal-base-image-using-scratch"
        }
        "changing-argument-early" | "dependencies-after-source" | "packages-after-source" => {
            "build/cache/optimize/#order-your-layers"
        }
        "global-argument-in-run" | "unused-global-argument" => "build/building/variables/#scoping",
        "secret-file-copied" => "build/building/secrets/",
        "frontend-in-env" => "reference/dockerfile/#env",
        "state-lost" => "reference/dockerfile/#run",
        "folder-made-twice" => "reference/dockerfile/#workdir",
        "added-archive-kept" => "reference/dockerfile/#add",
        "owner-changed-after-copy" => "reference/dockerfile/#copy---chown---chmod",
        "copied-image-unpinned"
        | "stage-by-number"
        | "unused-stage"
        | "compiler-in-image"
        | "toolchain-in-image" => "build/building/multi-stage/",
        _ => "build/building/best-practices/",
    }
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
    fn codes_lead_to_the_pages_of_their_tools() {
        for (code, page) in [
            (
                "JSONArgsRecommended",
                "docs.docker.com/go/dockerfile/rule/json-args-recommended/",
            ),
            (
                "FromAsCasing",
                "docs.docker.com/go/dockerfile/rule/from-as-casing/",
            ),
            ("DL3009", "github.com/hadolint/hadolint/wiki/DL3009"),
            ("SC2086", "www.shellcheck.net/wiki/SC2086"),
        ] {
            assert_eq!(link(code), format!("https://{page}"));
        }
    }

    #[test]
    fn of_many_codes_the_one_that_is_asked_for_has_its_link() {
        let text = text(Some("SC3040")).unwrap();
        assert!(text.contains("SC2112 to SC3060"), "{text}");
        assert_eq!(text.matches("https://").count(), 1, "{text}");
        assert!(text.contains("wiki/SC3040"), "{text}");
    }

    #[test]
    fn every_rule_says_why_and_what_it_answers_to() {
        for rule in rules() {
            assert!(rule.why.len() > 40, "{}", rule.name);
            assert_ne!(rule.bad, rule.good, "{}", rule.name);
            assert!(!links(rule).is_empty(), "{}", rule.name);
        }
    }

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
