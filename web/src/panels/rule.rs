//! What a rule is for, in the place of the lesson; and the list of all rules.

use stagecraft_engine::lint::{Rule, rule, rules};
use yew::prelude::*;

use super::problems::marked;
use crate::components::{SeverityBadge, Snippet};
use crate::route::{RULES_HREF, lesson_href, rule_href};

/// Properties of [`RulePanel`].
#[derive(Properties, PartialEq)]
pub(crate) struct RulePanelProps {
    /// The rule's name or one of its codes; `None` for all rules.
    pub name: Option<String>,
    /// Name and title of the lesson to go back to.
    pub lesson: Option<(String, String)>,
    /// Puts a Dockerfile into the editor.
    pub ontry: Callback<String>,
}

/// A rule, or all of them.
#[component]
pub(crate) fn RulePanel(props: &RulePanelProps) -> Html {
    let known = props.name.as_deref().map(|name| (name, rule(name)));
    html! {
        <article class="lesson" id="lesson" tabindex="-1" aria-labelledby="rule-title">
            if let Some((slug, title)) = &props.lesson {
                <p class="lesson__meta"><a href={lesson_href(slug)}>{ format!("Back to: {title}") }</a></p>
            }
            { match known {
                Some((_, Some(rule))) => one(props, rule),
                Some((name, None)) => html! { <>
                    <h1 id="rule-title">{ "No such rule" }</h1>
                    <p class="lesson__summary">{ format!("There is no rule with the name or code {name}. These are there:") }</p>
                    { list() }
                </> },
                None => html! { <>
                    <h1 id="rule-title">{ "All rules" }</h1>
                    { list() }
                </> },
            } }
        </article>
    }
}

fn one(props: &RulePanelProps, rule: &'static Rule) -> Html {
    let example = |title: &'static str, text: &'static str| {
        let ontry = props.ontry.clone();
        let onclick = Callback::from(move |_: MouseEvent| ontry.emit(text.to_owned()));
        html! { <>
            <h2>{ title }</h2>
            <figure class="figure"><Snippet {text} /><button class="button" {onclick}>{ "Try it" }</button></figure>
        </> }
    };
    html! { <>
        <h1 id="rule-title">{ rule.name }</h1>
        <p class="rule__codes"><SeverityBadge severity={rule.severity} />
            if rule.codes.is_empty() { { "a rule of our own" } } else { { format!("elsewhere: {}", rule.codes.join(", ")) } }
            if !rule.by_default { { "; off unless asked for" } }
        </p>
        <p>{ marked(rule.why) }</p>
        { example("Found in", rule.bad) }
        { example("Not in", rule.good) }
        <p><a href={RULES_HREF}>{ "All rules" }</a></p>
    </> }
}

fn list() -> Html {
    html! {
        <ul class="rule__list">{ for rules().iter().map(|rule| html! {
            <li key={rule.name}><a href={rule_href(rule.name)}>{ rule.name }</a><span class="rule__codes">{ rule.codes.join(", ") }</span></li>
        }) }</ul>
    }
}
