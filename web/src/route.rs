//! Where one is: what stands behind `#` in the address. It works from any sub-path and from a
//! file.

use crate::browser;

/// A place of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// A lesson.
    Lesson(String),
    /// The page of a rule.
    Rule(String),
    /// The list of all rules.
    Rules,
    /// Whatever was open last, or the first lesson.
    Start,
}

impl Route {
    /// The place that the address names.
    pub(crate) fn current() -> Self {
        Self::read(&browser::hash())
    }

    fn read(hash: &str) -> Self {
        let mut parts = hash.trim_start_matches('/').split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("lesson"), Some(slug), None) if !slug.is_empty() => Self::Lesson(slug.to_owned()),
            (Some("rules"), None, None) => Self::Rules,
            (Some("rule"), Some(name), None) if !name.is_empty() => Self::Rule(name.to_owned()),
            _ => Self::Start,
        }
    }
}

/// The address of a lesson.
pub(crate) fn lesson_href(slug: &str) -> String {
    format!("#/lesson/{slug}")
}

/// The address of a rule's page.
pub(crate) fn rule_href(name: &str) -> String {
    format!("#/rule/{name}")
}

/// The address of the list of rules.
pub(crate) const RULES_HREF: &str = "#/rules";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back() {
        let read = |href: String| Route::read(href.trim_start_matches('#'));
        assert_eq!(read(lesson_href("a-b")), Route::Lesson("a-b".to_owned()));
        assert_eq!(read(rule_href("x")), Route::Rule("x".to_owned()));
        assert_eq!(read(RULES_HREF.to_owned()), Route::Rules);
        for hash in [
            "",
            "/",
            "/lesson",
            "/lesson/",
            "/lesson/a/b",
            "/nothing/here",
            "%",
        ] {
            assert_eq!(Route::read(hash), Route::Start, "{hash}");
        }
    }
}
