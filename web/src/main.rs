//! The page. The loader (`web/js/src/main.ts`) shows the editor and then calls [`mount`].

mod app;
mod browser;
mod components;
mod editor;
mod exchange;
mod panels;
mod route;
mod state;

use std::rc::Rc;

use app::{App, AppProps};
use editor::Boot;
use stagecraft_lessons::Guide;
use state::Shelf;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: stagecraft_allocator::BrowserAllocator =
    stagecraft_allocator::browser_allocator();

/// `wasm-bindgen` runs it once the module is there. All that happens starts with [`mount`].
fn main() {}

/// Draws the app into `root` and hands it the editor that the loader has made.
#[wasm_bindgen]
pub fn mount(root: Element, boot: Boot) {
    let guide = boot
        .lessons()
        .and_then(|bytes| Guide::unpack(&bytes.to_vec()))
        .unwrap_or_default();
    let guide = Rc::new(Shelf::new(guide));
    yew::Renderer::<App>::with_root_and_props(root, AppProps { boot, guide }).render();
}
