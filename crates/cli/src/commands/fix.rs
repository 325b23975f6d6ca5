//! `stagecraft fix`: applies what the findings offer.

use stagecraft_engine::fixes::together;
use stagecraft_engine::lint::Profile;
use stagecraft_engine::semantic::Options;
use stagecraft_engine::text::apply_edits;

use super::lint::checked;
use crate::settings::Settings;

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// How many fixes were applied.
    pub count: usize,
}

/// More rounds change nothing that people would want: two fixes would be at odds.
const MOST_ROUNDS: usize = 20;

/// Applies the safe fixes, and with `risky` the others that can be applied, until none is left.
/// Fixes that overlap wait for the next round.
pub fn fixed(
    source: &str,
    dockerignore: Option<&str>,
    profile: Profile,
    settings: &Settings,
    risky: bool,
) -> Fixed {
    let mut fixed = Fixed {
        text: source.to_owned(),
        count: 0,
    };
    for _ in 0..MOST_ROUNDS {
        let options = Options::default();
        let checked = checked(&fixed.text, dockerignore, &options, profile, settings);
        let all = together(&checked.findings, risky);
        match apply_edits(&fixed.text, &all.edits) {
            Ok(text) if text != fixed.text => {
                fixed.text = text;
                fixed.count += all.count;
            }
            _ => break,
        }
    }
    fixed
}

/// The lines that differ, each with its sign, and three lines around them.
pub fn diff(path: &str, before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after)
        .unified_diff()
        .header(path, path)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, risky: bool) -> String {
        fixed(source, None, Profile::Default, &Settings::default(), risky).text
    }

    #[test]
    fn safe_fixes_are_applied_until_none_is_left() {
        let source = "from alpine:3.20 AS Base\nENV a b\nEXPOSE 80/TCP\n";
        let mended = text(source, false);
        assert_eq!(mended, text(&mended, false));
        assert!(mended.contains("a=b"), "{mended}");
        assert!(mended.contains("80/tcp"), "{mended}");
    }

    #[test]
    fn others_are_applied_where_that_is_asked_for() {
        let source = "FROM debian:12\nRUN apt-get install curl\n";
        assert_eq!(text(source, false), source);
        let mended = text(source, true);
        assert!(mended.contains("-y"), "{mended}");
        assert!(mended.contains("--no-install-recommends"), "{mended}");
    }

    #[test]
    fn a_difference_names_the_lines() {
        let diff = diff("Dockerfile", "a\nb\n", "a\nc\n");
        assert!(diff.contains("-b\n+c\n"), "{diff}");
    }
}
