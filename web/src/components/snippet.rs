//! A Dockerfile in the colours of the editor, to look at.

use stagecraft_engine::highlight::pieces;
use yew::prelude::*;

/// Properties of [`Snippet`].
#[derive(Properties, PartialEq)]
pub(crate) struct SnippetProps {
    /// The text.
    pub text: AttrValue,
}

/// Coloured text in fixed width.
#[component]
pub(crate) fn Snippet(SnippetProps { text }: &SnippetProps) -> Html {
    let pieces = use_memo(text.clone(), |text| pieces(text));
    html! {
        <pre class="snippet" tabindex="0"><code>{
            for pieces.iter().map(|(class, text)| match class {
                Some(class) => html! { <span class={format!("tok-{class}")}>{ text }</span> },
                None => html! { { text } },
            })
        }</code></pre>
    }
}
