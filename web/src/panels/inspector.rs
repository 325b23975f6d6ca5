//! What holds at the cursor.

use std::rc::Rc;

use stagecraft_engine::Analysis;
use stagecraft_engine::state::{origin, state_at};
use yew::prelude::*;

/// Properties of [`Inspector`].
#[derive(Properties)]
pub(crate) struct InspectorProps {
    /// What is said of the text.
    pub analysis: Rc<Analysis>,
    /// The cursor's line, from 1.
    pub line: u32,
}

impl PartialEq for InspectorProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.analysis, &other.analysis) && self.line == other.line
    }
}

/// One line that opens to a table of variables.
#[component]
pub(crate) fn Inspector(InspectorProps { analysis, line }: &InspectorProps) -> Html {
    let offset = analysis.lines.line_range(*line).end();
    let state = state_at(&analysis.file, &analysis.model, offset);
    let Some(stage) = &state.stage else {
        return html! {
            <div class="inspector"><p class="inspector__line">{ format!("Line {line}") }<span>{ "before the first stage" }</span></p></div>
        };
    };
    let user = match state.user {
        None => "as the base has it",
        Some("") => "root",
        Some(user) => user,
    };
    let count = state.variables.len();
    html! {
        <details class="inspector">
            <summary class="inspector__line">
                { format!("Line {line}") }
                <span>{ "stage " }<b>{ stage }</b></span>
                <span>{ "folder " }<b>{ state.workdir.unwrap_or("as the base has it") }</b></span>
                <span>{ "user " }<b>{ user }</b></span>
                <span>{ format!("{count} variable{}", if count == 1 { "" } else { "s" }) }</span>
            </summary>
            <table class="inspector__table">
                <thead><tr><th>{ "Variable" }</th><th>{ "Value" }</th><th>{ "From" }</th></tr></thead>
                <tbody>
                    { for state.variables.iter().map(|variable| html! {
                        <tr key={variable.name()}>
                            <th scope="row">{ variable.name() }</th>
                            <td>{ variable.value().unwrap_or("not set") }</td>
                            <td>{ origin(variable.origin) }</td>
                        </tr>
                    }) }
                    { for state.only_global.iter().map(|name| html! {
                        <tr key={format!("global-{name}")}>
                            <th scope="row">{ *name }</th>
                            <td>{ "not set in this stage" }</td>
                            <td>{ format!("an ARG above the first FROM: write ARG {name} here to use it") }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </details>
    }
}
