//! The page. The loader (`web/js/src/main.ts`) shows the editor and then calls [`mount`].

mod app;
mod editor;

use app::{App, AppProps};
use editor::Boot;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

/// `wasm-bindgen` runs it once the module is there. All that happens starts with [`mount`].
fn main() {}

/// Draws the app into `root` and hands it the editor that the loader has made.
#[wasm_bindgen]
pub fn mount(root: Element, boot: Boot) {
    yew::Renderer::<App>::with_root_and_props(root, AppProps { boot }).render();
}
