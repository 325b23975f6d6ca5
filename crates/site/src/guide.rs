//! A page for each lesson, and the list of them.

use std::fmt::Write as _;

use stagecraft_engine::analyze;
use stagecraft_engine::lint::rule;
use stagecraft_lessons::{Block, CalloutKind, Guide, Inline, Lesson, Link, transcript};

use crate::Files;
use crate::document::{Page, Pages};
use crate::html::{code, dockerfile, escape, marked};

/// The pages.
pub(crate) fn pages(guide: &Guide, pages: &Pages<'_>) -> Files {
    let lessons: Vec<&Lesson> = guide.lessons().collect();
    let behind = lessons.iter().skip(1).map(|lesson| Some(*lesson));
    lessons
        .iter()
        .zip(behind.chain([None]))
        .map(|(lesson, next)| one(lesson, next, pages))
        .chain([list(guide, pages)])
        .collect()
}

fn one(lesson: &Lesson, next: Option<&Lesson>, pages: &Pages<'_>) -> (String, Vec<u8>) {
    let mut body = format!(
        "<p class=\"lesson__meta\"><a href=\"../\">All lessons</a> · {} min</p>\n<h1>{}</h1>\n<p class=\"lesson__summary\">{}</p>\n",
        lesson.minutes,
        escape(&lesson.title),
        marked(&lesson.summary)
    );
    blocks(&mut body, &lesson.body, lesson);
    body.push_str("<h2>Where you start</h2>\n");
    body.push_str(&dockerfile(&lesson.start.dockerfile));
    body.push_str("<h2>Goals</h2>\n<ul>\n");
    // Writing to a string does not fail.
    for goal in &lesson.goals {
        let _ = writeln!(body, "<li>{}</li>", marked(&goal.say));
    }
    body.push_str("</ul>\n<details><summary>One solution</summary>\n");
    body.push_str(&dockerfile(&lesson.solution.dockerfile));
    body.push_str("</details>\n");
    if !lesson.sources.is_empty() {
        body.push_str("<footer class=\"lesson__foot\"><h2>Read more</h2>\n<ul>\n");
        for source in &lesson.sources {
            let _ = writeln!(
                body,
                "<li><a href=\"{}\" rel=\"noopener noreferrer external\">{}</a></li>",
                escape(web(&source.url)),
                escape(&source.title)
            );
        }
        body.push_str("</ul></footer>\n");
    }
    if let Some(next) = next {
        let _ = writeln!(
            body,
            "<p>Next: <a href=\"../{}/\">{}</a></p>",
            escape(&next.slug),
            escape(&next.title)
        );
    }
    pages.file(&Page {
        folder: &format!("lessons/{}/", lesson.slug),
        title: &lesson.title,
        summary: &lesson.summary,
        place: Some(&format!("/lesson/{}", lesson.slug)),
        body: &body,
    })
}

fn list(guide: &Guide, pages: &Pages<'_>) -> (String, Vec<u8>) {
    let title = if guide.title.is_empty() {
        "Lessons"
    } else {
        &guide.title
    };
    let mut body = format!("<h1>{}</h1>\n", escape(title));
    for part in &guide.parts {
        // Writing to a string does not fail.
        let _ = writeln!(body, "<h2>{}</h2>\n<ol>", escape(&part.title));
        for lesson in &part.lessons {
            let _ = writeln!(
                body,
                "<li><a href=\"{}/\">{}</a><br>{}</li>",
                escape(&lesson.slug),
                escape(&lesson.title),
                marked(&lesson.summary)
            );
        }
        body.push_str("</ol>\n");
    }
    pages.file(&Page {
        folder: "lessons/",
        title,
        summary: "Lessons on Dockerfiles whose examples are live.",
        place: Some("/"),
        body: &body,
    })
}

fn blocks(out: &mut String, list: &[Block], lesson: &Lesson) {
    for it in list {
        block(out, it, lesson);
    }
}

fn block(out: &mut String, block: &Block, lesson: &Lesson) {
    // Writing to a string does not fail.
    let _ = match block {
        Block::Heading(2, text) => writeln!(out, "<h2>{}</h2>", inlines(text)),
        Block::Heading(_, text) => writeln!(out, "<h3>{}</h3>", inlines(text)),
        Block::Paragraph(text) => writeln!(out, "<p>{}</p>", inlines(text)),
        Block::List { ordered, items } => {
            let name = if *ordered { "ol" } else { "ul" };
            let _ = writeln!(out, "<{name}>");
            for item in items {
                out.push_str("<li>");
                match item.as_slice() {
                    [Block::Paragraph(text)] => out.push_str(&inlines(text)),
                    more => blocks(out, more, lesson),
                }
                out.push_str("</li>\n");
            }
            writeln!(out, "</{name}>")
        }
        Block::Dockerfile { text, .. } => write!(out, "{}", dockerfile(text)),
        Block::Code { text, .. } => write!(out, "{}", code(text)),
        Block::Docker(commands) => {
            // What they answer for the lesson's solution: it is what the reader is led to.
            let analysis = analyze(&lesson.workspace(&lesson.solution));
            write!(out, "{}", code(&transcript(&analysis, commands)))
        }
        Block::Callout(kind, inner) => {
            let (class, word) = match kind {
                CalloutKind::Note => ("is-note", "Note"),
                CalloutKind::Tip => ("is-tip", "Try it"),
                CalloutKind::Warning => ("is-warning", "Take care"),
            };
            let _ = writeln!(
                out,
                "<div role=\"note\" class=\"callout {class}\"><p class=\"callout__word\">{word}</p>"
            );
            blocks(out, inner, lesson);
            writeln!(out, "</div>")
        }
        Block::Table { head, rows } => {
            let row = |name: &str, cells: &[Vec<Inline>]| {
                cells.iter().fold(String::new(), |mut row, cell| {
                    let _ = write!(row, "<{name}>{}</{name}>", inlines(cell));
                    row
                })
            };
            let _ = writeln!(
                out,
                "<div class=\"table\" tabindex=\"0\"><table><thead><tr>{}</tr></thead><tbody>",
                row("th", head)
            );
            for cells in rows {
                let _ = writeln!(out, "<tr>{}</tr>", row("td", cells));
            }
            writeln!(out, "</tbody></table></div>")
        }
    };
}

fn inlines(list: &[Inline]) -> String {
    list.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text(text) => escape(text),
        Inline::Code(text) => format!("<code>{}</code>", escape(text)),
        Inline::Emphasis(inner) => format!("<em>{}</em>", inlines(inner)),
        Inline::Strong(inner) => format!("<strong>{}</strong>", inlines(inner)),
        Inline::Break => "<br>".to_owned(),
        Inline::Link(link, inner) => {
            let inner = inlines(inner);
            match link {
                Link::Lesson(slug) => format!("<a href=\"../{}/\">{inner}</a>", escape(slug)),
                Link::Rule(name) => {
                    // A lesson may name it by a code of another tool.
                    let name = rule(name).map_or(name.as_str(), |rule| rule.name);
                    format!("<a href=\"../../rules/{}/\">{inner}</a>", escape(name))
                }
                Link::Web(url) => format!(
                    "<a href=\"{}\" rel=\"noopener noreferrer external\">{inner}</a>",
                    escape(web(url))
                ),
            }
        }
    }
}

/// An address of the web; anything else, such as a script, leads nowhere.
fn web(url: &str) -> &str {
    let known = ["https://", "http://", "mailto:"];
    if known.iter().any(|scheme| url.starts_with(scheme)) {
        url
    } else {
        "#"
    }
}
