//! What a lesson asks for, how far one is, and help.

use std::rc::Rc;

use stagecraft_lessons::{Files, Lesson};
use yew::prelude::*;

use super::problems::marked;
use crate::components::{Icon, Sign, inlines};
use crate::route::lesson_href;

/// Properties of [`Goals`].
#[derive(Properties, PartialEq)]
pub(crate) struct GoalsProps {
    /// The lesson.
    pub lesson: Rc<Lesson>,
    /// Which of its goals are met.
    pub met: Vec<bool>,
    /// Name and title of the lesson behind it.
    pub next: Option<(String, String)>,
    /// Puts the lesson's start or a solution onto the desk.
    pub onreplace: Callback<Files>,
}

/// The goals as a list, hints one by one, and the way on once all is done.
#[component]
pub(crate) fn Goals(props: &GoalsProps) -> Html {
    let lesson = &props.lesson;
    let hints = use_state_eq(|| 0_usize);
    use_effect_with(lesson.slug.clone(), {
        let hints = hints.setter();
        move |_| hints.set(0)
    });
    let met = props.met.iter().filter(|met| **met).count();
    let all = met == lesson.goals.len();
    let onhint = {
        let hints = hints.clone();
        Callback::from(move |_: MouseEvent| hints.set(*hints + 1))
    };
    let put = |files: &Files| {
        let (onreplace, files) = (props.onreplace.clone(), files.clone());
        Callback::from(move |_: MouseEvent| onreplace.emit(files.clone()))
    };
    let onsolution = put(&lesson.solution);
    let onreset = put(&lesson.start);
    html! {
        <section class="goals" aria-labelledby="goals-title">
            <h2 id="goals-title">{ format!("Goals: {met} of {}", lesson.goals.len()) }</h2>
            <ul>{ for lesson.goals.iter().enumerate().map(|(at, goal)| {
                let met = props.met.get(at).copied().unwrap_or(false);
                html! {
                    <li key={at} class={classes!("goal", met.then_some("is-met"))}>
                        <Icon sign={if met { Sign::Tick } else { Sign::Ring }} />
                        <span>{ marked(&goal.say) }<span class="for-listeners">{ if met { ": met" } else { ": not met yet" } }</span></span>
                    </li>
                }
            }) }</ul>
            <p class="for-listeners" role="status">{ if all { "All goals are met." } else { "" } }</p>
            if all {
                <p class="goals__done">
                    { "All done." }
                    if let Some((slug, title)) = &props.next {
                        { " Next: " }<a href={lesson_href(slug)}>{ title }</a>
                    }
                </p>
            }
            { for lesson.hints.iter().take(*hints).map(|hint| html! { <p class="goals__hint">{ inlines(hint) }</p> }) }
            <div class="goals__help">
                if *hints < lesson.hints.len() {
                    <button class="button" onclick={onhint}>{ if *hints == 0 { "Give me a hint" } else { "Another hint" } }</button>
                } else {
                    <button class="button" onclick={onsolution}>{ "Show a solution" }</button>
                }
                <button class="button" onclick={onreset}>{ "Start over" }</button>
            </div>
        </section>
    }
}
