//! The one file that touches the browser's globals. Everything here can be missing or forbidden
//! (a frame, a private window), and then nothing happens.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Storage, Window};

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// Nothing is kept by a page that stands in another: that one would get at what was kept by this.
fn storage() -> Option<Storage> {
    if document()?.document_element()?.has_attribute("data-embed") {
        return None;
    }
    window()?.local_storage().ok()?
}

/// The prefix of everything that is kept in the browser.
const PREFIX: &str = "stagecraft:";

/// What is kept under a name.
pub(crate) fn stored(name: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{name}")).ok()?
}

/// Keeps a text under a name; false where the browser does not let us, or is full.
pub(crate) fn store(name: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(&format!("{PREFIX}{name}"), text).is_ok())
}

/// Keeps nothing under a name any longer.
pub(crate) fn forget(name: &str) {
    if let Some(storage) = storage() {
        // What cannot be removed was not there.
        let _ = storage.remove_item(&format!("{PREFIX}{name}"));
    }
}

/// What stands behind `#` in the address.
pub(crate) fn hash() -> String {
    let hash = window().and_then(|window| window.location().hash().ok());
    hash.unwrap_or_default().trim_start_matches('#').to_owned()
}

/// Puts something behind `#` in the address.
pub(crate) fn set_hash(hash: &str) {
    if let Some(window) = window() {
        let _ = window.location().set_hash(hash);
    }
}

/// Calls `listener` whenever what stands behind `#` changes, until the result is dropped.
pub(crate) fn on_hash_change(listener: impl Fn() + 'static) -> Listener {
    Listener::new("hashchange", move |_| listener())
}

/// A listener on the window that is removed when it is dropped.
pub(crate) struct Listener {
    name: &'static str,
    closure: Closure<dyn Fn(web_sys::Event)>,
}

impl Listener {
    /// Calls `listener` for every event of that name on the window.
    pub(crate) fn new(name: &'static str, listener: impl Fn(web_sys::Event) + 'static) -> Self {
        let closure = Closure::<dyn Fn(web_sys::Event)>::new(listener);
        if let Some(window) = window() {
            let function = closure.as_ref().unchecked_ref();
            let _ = window.add_event_listener_with_callback(name, function);
        }
        Self { name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = window() {
            let function = self.closure.as_ref().unchecked_ref();
            let _ = window.remove_event_listener_with_callback(self.name, function);
        }
    }
}

/// Whether the person's system is dark.
pub(crate) fn prefers_dark() -> bool {
    window()
        .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?)
        .is_some_and(|query| query.matches())
}

/// Sets an attribute of the root element, or takes it away.
pub(crate) fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else {
        return;
    };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// Sets the title of the page.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Gives the element with that name the focus, which brings it into view.
pub(crate) fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that cannot have it is left alone.
        let _ = element.focus();
    }
}
