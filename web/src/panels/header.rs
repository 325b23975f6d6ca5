//! The bar at the top: where one is, what is built, and the page's own switches.

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::{Icon, Sign};
use crate::route::lesson_href;
use crate::state::{Desk, Shelf, Theme};

/// Properties of [`Header`].
#[derive(Properties, PartialEq)]
pub(crate) struct HeaderProps {
    /// What is on the desk.
    pub desk: Rc<Desk>,
    /// All lessons.
    pub guide: Rc<Shelf>,
    /// The colours.
    pub theme: Theme,
    /// Another stage is to be built.
    pub ontarget: Callback<Option<String>>,
    /// Other colours.
    pub ontheme: Callback<Theme>,
    /// Another lesson.
    pub onlesson: Callback<String>,
    /// A link to what is on the desk, and the like.
    pub onshare: Callback<()>,
}

/// The bar.
#[component]
pub(crate) fn Header(props: &HeaderProps) -> Html {
    let lessons: Vec<&str> = props
        .guide
        .lessons()
        .map(|lesson| lesson.slug.as_str())
        .collect();
    let current = props.desk.lesson.as_deref();
    let at = current.and_then(|lesson| lessons.iter().position(|slug| *slug == lesson.slug));
    let before = at.and_then(|at| lessons.get(at.checked_sub(1)?)).copied();
    let after = at.and_then(|at| lessons.get(at + 1)).copied();
    let next = props.theme.next();
    let onlesson = {
        let onlesson = props.onlesson.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                onlesson.emit(select.value());
            }
        })
    };
    html! {
        <header class="bar">
            <a class="bar__brand" href={lessons.first().map_or_else(|| "#".to_owned(), |slug| lesson_href(slug))}>
                <svg class="bar__mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 19h18M5 15h14M7 11h10M9 7h6M11 3h2" /></svg>
                <span>{ "Stagecraft" }</span>
            </a>
            if !lessons.is_empty() {
                <nav class="bar__lessons" aria-label="Lessons">
                    { step(before, "Lesson before", Sign::Left) }
                    <label class="bar__pick">
                        <span class="for-listeners">{ "Lesson" }</span>
                        <select class="choice" onchange={onlesson}>
                            { for props.guide.parts.iter().map(|part| html! {
                                <optgroup label={part.title.clone()}>
                                    { for part.lessons.iter().map(|lesson| {
                                        let number = lessons.iter().position(|slug| *slug == lesson.slug).map_or(0, |at| at + 1);
                                        let selected = current.is_some_and(|current| current.slug == lesson.slug);
                                        html! { <option value={lesson.slug.clone()} {selected}>{ format!("{number}. {}", lesson.title) }</option> }
                                    }) }
                                </optgroup>
                            }) }
                        </select>
                    </label>
                    { step(after, "Next lesson", Sign::Right) }
                </nav>
            }
            <div class="bar__tools">
                { target(props) }
                <button class="button bar__share" id="share" aria-haspopup="dialog" onclick={
                    let onshare = props.onshare.clone();
                    Callback::from(move |_: MouseEvent| onshare.emit(()))
                }>{ "Share" }</button>
                <button class="tool" onclick={
                    let ontheme = props.ontheme.clone();
                    Callback::from(move |_: MouseEvent| ontheme.emit(next))
                } title={props.theme.label()} aria-label={props.theme.label()}>
                    <Icon sign={match props.theme { Theme::System => Sign::Half, Theme::Light => Sign::Sun, Theme::Dark => Sign::Moon }} />
                </button>
            </div>
        </header>
    }
}

fn step(slug: Option<&str>, label: &'static str, sign: Sign) -> Html {
    match slug {
        Some(slug) => html! {
            <a class="tool" href={lesson_href(slug)} aria-label={label} title={label}><Icon {sign} /></a>
        },
        None => html! { <span class="tool is-off" aria-hidden="true"><Icon {sign} /></span> },
    }
}

/// Which stage is built.
fn target(props: &HeaderProps) -> Html {
    let stages = props.desk.analysis.model.stages();
    let wanted = props.desk.workspace.options.target.clone();
    let known = wanted.as_ref().is_none_or(|wanted| {
        stages
            .iter()
            .any(|stage| stage.name.as_ref() == Some(wanted))
    });
    let onchange = {
        let ontarget = props.ontarget.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let value = select.value();
                ontarget.emit(Some(value).filter(|value| !value.is_empty()));
            }
        })
    };
    html! {
        <label class="bar__target">
            <span>{ "Target" }</span>
            <select class="choice" {onchange} id="target">
                <option value="" selected={wanted.is_none()}>{ "last stage" }</option>
                { for stages.iter().filter_map(|stage| stage.name.clone()).map(|name| {
                    let selected = wanted.as_deref() == Some(name.as_str());
                    html! { <option value={name.clone()} {selected}>{ name }</option> }
                }) }
                if let (false, Some(wanted)) = (known, &wanted) {
                    <option value={wanted.clone()} selected={true}>{ format!("{wanted} (not there)") }</option>
                }
            </select>
        </label>
    }
}
