//! Lines of a lesson.

use stagecraft_lessons::{Inline, Link};
use yew::prelude::*;

use crate::route;

/// The nodes of a line. Texts of lessons become text nodes only, never HTML.
pub(crate) fn inlines(list: &[Inline]) -> Html {
    html! { <>{ for list.iter().map(inline) }</> }
}

fn inline(inline: &Inline) -> Html {
    match inline {
        Inline::Text(text) => html! { { text } },
        Inline::Code(text) => html! { <code>{ text }</code> },
        Inline::Emphasis(inner) => html! { <em>{ inlines(inner) }</em> },
        Inline::Strong(inner) => html! { <strong>{ inlines(inner) }</strong> },
        Inline::Break => html! { <br /> },
        Inline::Link(link, inner) => {
            let (href, outside) = match link {
                Link::Lesson(slug) => (route::lesson_href(slug), false),
                Link::Rule(name) => (route::rule_href(name), false),
                Link::Web(url) => (url.clone(), true),
            };
            let rel = outside.then_some("noopener noreferrer external");
            html! { <a {href} {rel} target={outside.then_some("_blank")}>{ inlines(inner) }</a> }
        }
    }
}
