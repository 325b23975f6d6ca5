//! The text of a lesson, its goals and its help.

use std::rc::Rc;

use stagecraft_engine::Analysis;
use stagecraft_lessons::{Block, CalloutKind, Files, Lesson, transcript};
use yew::prelude::*;

use super::problems::marked;

use super::goals::Goals;
use crate::components::{Snippet, inlines};

/// Properties of [`LessonPanel`].
#[derive(Properties, PartialEq)]
pub(crate) struct LessonPanelProps {
    /// The lesson; `None` for a free desk.
    pub lesson: Option<Rc<Lesson>>,
    /// Which of its goals are met.
    pub met: Vec<bool>,
    /// Name and title of the lesson behind it.
    pub next: Option<(String, String)>,
    /// What is to be said of the files, for answers of Docker's commands.
    pub analysis: Rc<Analysis>,
    /// Puts a Dockerfile into the editor.
    pub ontry: Callback<String>,
    /// Puts the lesson's start or a solution onto the desk.
    pub onreplace: Callback<Files>,
}

/// The lesson.
#[component]
pub(crate) fn LessonPanel(props: &LessonPanelProps) -> Html {
    let Some(lesson) = &props.lesson else {
        return html! {
            <article class="lesson" id="lesson" tabindex="-1">
                <h1>{ "A free desk" }</h1>
                <p>{ "Write or paste a Dockerfile. Its problems, stages and sizes follow as you type. Nothing leaves this page." }</p>
            </article>
        };
    };
    html! {
        <article class="lesson" id="lesson" tabindex="-1" aria-labelledby="lesson-title">
            <p class="lesson__meta">{ format!("{} min", lesson.minutes) }</p>
            <h1 id="lesson-title">{ &lesson.title }</h1>
            <p class="lesson__summary">{ marked(&lesson.summary) }</p>
            { blocks(&lesson.body, props) }
            <Goals lesson={Rc::clone(lesson)} met={props.met.clone()} next={props.next.clone()} onreplace={props.onreplace.clone()} />
            <footer class="lesson__foot">
                if !lesson.sources.is_empty() {
                    <h2>{ "Read more" }</h2>
                    <ul>{ for lesson.sources.iter().map(|source| html! {
                        <li><a href={source.url.clone()} target="_blank" rel="noopener noreferrer external">{ &source.title }</a></li>
                    }) }</ul>
                }
            </footer>
        </article>
    }
}

fn blocks(list: &[Block], props: &LessonPanelProps) -> Html {
    html! { <>{ for list.iter().map(|it| block(it, props)) }</> }
}

fn block(block: &Block, props: &LessonPanelProps) -> Html {
    match block {
        Block::Heading(2, text) => html! { <h2>{ inlines(text) }</h2> },
        Block::Heading(_, text) => html! { <h3>{ inlines(text) }</h3> },
        Block::Paragraph(text) => html! { <p>{ inlines(text) }</p> },
        Block::List { ordered, items } => {
            let items = items.iter().map(|item| match item.as_slice() {
                [Block::Paragraph(text)] => html! { <li>{ inlines(text) }</li> },
                more => html! { <li>{ blocks(more, props) }</li> },
            });
            if *ordered {
                html! { <ol>{ for items }</ol> }
            } else {
                html! { <ul>{ for items }</ul> }
            }
        }
        Block::Dockerfile { text, live } => {
            let ontry = props.ontry.clone();
            let copy = text.clone();
            html! {
                <figure class="figure">
                    <Snippet text={text.clone()} />
                    if *live {
                        <button class="button" onclick={Callback::from(move |_: MouseEvent| ontry.emit(copy.clone()))}>{ "Try it" }</button>
                    }
                </figure>
            }
        }
        Block::Code { text, .. } => {
            html! { <pre class="snippet" tabindex="0"><code>{ text }</code></pre> }
        }
        Block::Docker(commands) => html! {
            <pre class="snippet" tabindex="0"><code>{ transcript(&props.analysis, commands) }</code></pre>
        },
        Block::Callout(kind, inner) => {
            let (class, word) = match kind {
                CalloutKind::Note => ("is-note", "Note"),
                CalloutKind::Tip => ("is-tip", "Try it"),
                CalloutKind::Warning => ("is-warning", "Take care"),
            };
            html! {
                <div role="note" class={classes!("callout", class)}><p class="callout__word">{ word }</p>{ blocks(inner, props) }</div>
            }
        }
        Block::Table { head, rows } => html! {
            <div class="table" tabindex="0"><table>
                <thead><tr>{ for head.iter().map(|cell| html! { <th>{ inlines(cell) }</th> }) }</tr></thead>
                <tbody>{ for rows.iter().map(|row| html! {
                    <tr>{ for row.iter().map(|cell| html! { <td>{ inlines(cell) }</td> }) }</tr>
                }) }</tbody>
            </table></div>
        },
    }
}
