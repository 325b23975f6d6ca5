//! The root of the page.

use crate::editor::Boot;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::HtmlElement;
use yew::prelude::*;

/// What the app is mounted with.
#[derive(PartialEq, Properties)]
pub(crate) struct AppProps {
    /// What the loader has made.
    pub boot: Boot,
}

/// The page: the editor and the length of its text in bytes.
#[component]
pub(crate) fn App(AppProps { boot }: &AppProps) -> Html {
    let place = use_node_ref();
    let length = use_state_eq(|| boot.editor().doc().len());

    use_effect_with((boot.clone(), place.clone()), {
        let length = length.setter();
        move |(boot, place)| {
            let editor = boot.editor();
            if let Some(place) = place.cast::<HtmlElement>() {
                editor.move_into(&place);
            }
            let listener = Closure::<dyn Fn(String)>::new(move |text: String| {
                length.set(text.len());
            });
            let unlisten = editor.on_change(listener.as_ref().unchecked_ref());
            move || {
                // A listener that cannot be removed goes with its editor.
                let _ = unlisten.call0(&wasm_bindgen::JsValue::NULL);
                drop(listener);
            }
        }
    });

    html! {
        <main>
            <h1>{ "Stagecraft" }</h1>
            <div class="editor" ref={place} />
            <p>{ "Length: " }<output id="length">{ *length }</output>{ " bytes" }</p>
        </main>
    }
}
