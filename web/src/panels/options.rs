//! What the build is asked for, besides the target.

use std::rc::Rc;

use stagecraft_engine::arguments::{Argument, PLATFORMS, arguments};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::state::{BuildOption, Desk};

/// Properties of [`OptionsForm`].
#[derive(Properties)]
pub(crate) struct OptionsFormProps {
    /// What is asked for now.
    pub desk: Rc<Desk>,
    /// Asks for something else.
    pub onoption: Callback<BuildOption>,
}

impl PartialEq for OptionsFormProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.desk.analysis, &other.desk.analysis)
            && self.desk.no_cache == other.desk.no_cache
    }
}

/// More arguments are not listed.
const MOST_ARGUMENTS: usize = 40;

/// Arguments, platform, cache: folded in, with what is not as usual beside its name.
#[component]
pub(crate) fn OptionsForm(props: &OptionsFormProps) -> Html {
    let desk = &props.desk;
    let all = arguments(&desk.analysis.file, &desk.workspace.options);
    let platform = desk.workspace.options.platform.to_string();
    let mut unusual: Vec<String> = all
        .iter()
        .filter_map(|it| Some(format!("{}={}", it.name, it.given?)))
        .collect();
    if platform != PLATFORMS[0] {
        unusual.push(platform.clone());
    }
    if desk.no_cache {
        unusual.push("no cache".to_owned());
    }
    let onplatform = {
        let onoption = props.onoption.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                onoption.emit(BuildOption::Platform(select.value()));
            }
        })
    };
    let oncache = {
        let onoption = props.onoption.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                onoption.emit(BuildOption::NoCache(input.checked()));
            }
        })
    };
    html! {
        <details class="options">
            <summary class="options__summary">
                { "Options" }
                <span class="options__note">{ unusual.join(", ") }</span>
            </summary>
            <div class="options__form">
                { for all.iter().take(MOST_ARGUMENTS).map(|it| argument(props, it)) }
                if all.is_empty() {
                    <p class="options__none">{ "No arguments: there is no ARG in this Dockerfile." }</p>
                }
                <label class="options__row">
                    <span class="options__name">{ "Platform" }</span>
                    <select class="choice options__value" onchange={onplatform}>
                        { for PLATFORMS.iter().map(|name| html! {
                            <option value={*name} selected={*name == platform}>{ *name }</option>
                        }) }
                    </select>
                </label>
                <label class="options__check">
                    <input type="checkbox" checked={desk.no_cache} onchange={oncache} />
                    { "Run every step, whatever the cache holds" }
                </label>
            </div>
        </details>
    }
}

fn argument(props: &OptionsFormProps, it: &Argument<'_>) -> Html {
    let name = it.name.to_owned();
    let oninput = {
        let (onoption, name) = (props.onoption.clone(), name.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let given = Some(input.value()).filter(|value| !value.is_empty());
                onoption.emit(BuildOption::Argument(name.clone(), given));
            }
        })
    };
    let placeholder = it.default.unwrap_or("not set").to_owned();
    html! {
        <label key={name.clone()} class="options__row">
            <code class="options__name">{ &name }</code>
            <input class="context__input options__value" value={it.given.unwrap_or_default().to_owned()} {placeholder} {oninput} autocomplete="off" spellcheck="false" maxlength="500" />
        </label>
    }
}
