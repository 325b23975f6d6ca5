//! A page for each rule, and the list of them. Their texts are those of `stagecraft explain`.

use std::fmt::Write as _;

use stagecraft_engine::lint::{Rule, rules};

use crate::Files;
use crate::document::{Page, Pages};
use crate::html::{dockerfile, escape, marked};

/// The pages.
pub(crate) fn pages(pages: &Pages<'_>) -> Files {
    rules()
        .iter()
        .map(|rule| one(rule, pages))
        .chain([list(pages)])
        .collect()
}

fn one(rule: &Rule, pages: &Pages<'_>) -> (String, Vec<u8>) {
    let mut body = format!(
        "<p class=\"lesson__meta\"><a href=\"../\">All rules</a></p>\n<h1>{}</h1>\n<p class=\"rule__codes\">{}",
        escape(rule.name),
        escape(rule.severity.name())
    );
    // Writing to a string does not fail.
    if !rule.codes.is_empty() {
        let _ = write!(body, "; elsewhere: {}", escape(&rule.codes.join(", ")));
    }
    if !rule.by_default {
        body.push_str("; off unless asked for");
    }
    let _ = write!(
        body,
        "</p>\n<p>{}</p>\n<h2>Found in</h2>\n{}<h2>Not in</h2>\n{}",
        marked(rule.why),
        dockerfile(rule.bad),
        dockerfile(rule.good)
    );
    let sentence = rule.why.split_inclusive(". ").next().unwrap_or(rule.why);
    pages.file(&Page {
        folder: &format!("rules/{}/", rule.name),
        title: rule.name,
        summary: sentence.trim(),
        // The page has the rules of our own choice.
        place: rule
            .by_default
            .then(|| format!("/rule/{}", rule.name))
            .as_deref(),
        body: &body,
    })
}

fn list(pages: &Pages<'_>) -> (String, Vec<u8>) {
    let mut body = String::from("<h1>All rules</h1>\n<ul class=\"rule__list\">\n");
    for rule in rules() {
        // Writing to a string does not fail.
        let _ = writeln!(
            body,
            "<li><a href=\"{name}/\">{name}</a><span class=\"rule__codes\">{codes}</span></li>",
            name = escape(rule.name),
            codes = escape(&rule.codes.join(", "))
        );
    }
    body.push_str("</ul>\n");
    pages.file(&Page {
        folder: "rules/",
        title: "All rules",
        summary: "What Stagecraft looks for in a Dockerfile, with what other tools call it.",
        place: Some("/rules"),
        body: &body,
    })
}
