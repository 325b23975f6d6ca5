//! The editor as the app sees it: the interface that `web/js/src/editor.ts` describes.
//!
//! The loader hands the editor over, nothing is imported by a path. So the names of the built
//! files are free to carry a hash.

use js_sys::{Array, Function, Uint8Array, Uint32Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    /// What the loader has made before the app was there.
    #[derive(Clone, Debug, PartialEq)]
    pub type Boot;

    /// The editor that stands in the page already.
    #[wasm_bindgen(method, getter)]
    pub fn editor(this: &Boot) -> Editor;

    /// What that editor showed before anything was typed.
    #[wasm_bindgen(method, getter)]
    pub fn shown(this: &Boot) -> String;

    /// The lessons as bytes, at a first visit the first one; null where they could not be had.
    #[wasm_bindgen(method, getter)]
    pub fn lessons(this: &Boot) -> Option<Uint8Array>;

    /// Calls `done` with the bytes of all lessons, where those were not all.
    #[wasm_bindgen(method, js_name = allLessons)]
    pub fn all_lessons(this: &Boot, done: &Function);

    /// Whether all of the app is there. Where it is not, what is called besides what a first visit
    /// needs waits for it.
    #[wasm_bindgen(method, getter, js_name = isWhole)]
    pub fn is_whole(this: &Boot) -> bool;

    /// Calls `done` when it is.
    #[wasm_bindgen(method, js_name = whenWhole)]
    pub fn when_whole(this: &Boot, done: &Function);

    /// Fetches the tables of packages and calls `done` with their bytes.
    #[wasm_bindgen(method)]
    pub fn packages(this: &Boot, done: &Function);

    /// The state that a link or an embedding page hands in: a `State` of `state.ts`; else null.
    #[wasm_bindgen(method, getter)]
    pub fn given(this: &Boot) -> JsValue;

    /// Hands over `getState` and `setState`.
    #[wasm_bindgen(method)]
    pub fn connect(this: &Boot, app: &JsValue);

    /// Whether anybody wants [`Boot::tell`].
    #[wasm_bindgen(method, getter)]
    pub fn listens(this: &Boot) -> bool;

    /// Tells of a new analysis: a `Report` of `state.ts`.
    #[wasm_bindgen(method)]
    pub fn tell(this: &Boot, report: &JsValue);

    /// Says that the browser keeps nothing of what is typed.
    #[wasm_bindgen(method)]
    pub fn unkept(this: &Boot);

    /// Opens what is there to share, save and load.
    #[wasm_bindgen(method)]
    pub fn share(this: &Boot);

    /// Makes another editor as the last child of `parent`.
    #[wasm_bindgen(method, js_name = createEditor)]
    pub fn create_editor(this: &Boot, parent: &HtmlElement, doc: &str, options: &JsValue)
    -> Editor;

    /// A living editor. Positions are offsets in UTF-16 units, lines are counted from 1.
    #[derive(Clone, Debug, PartialEq)]
    pub type Editor;

    /// Moves the editor into `place`. Focus and cursor stay where they were.
    #[wasm_bindgen(method, js_name = moveInto)]
    pub fn move_into(this: &Editor, place: &HtmlElement);

    /// The text, byte for byte as it was set and typed.
    #[wasm_bindgen(method, js_name = getDoc)]
    pub fn doc(this: &Editor) -> String;

    /// Calls `listener` with the text after every change; the result takes it away again.
    #[wasm_bindgen(method, js_name = onChange)]
    pub fn on_change(this: &Editor, listener: &Function) -> Function;

    /// Replaces the text as one step that can be undone.
    #[wasm_bindgen(method, js_name = setDoc)]
    pub fn set_doc(this: &Editor, text: &str);

    /// Replaces the text and forgets the history.
    #[wasm_bindgen(method, js_name = resetDoc)]
    pub fn reset_doc(this: &Editor, text: &str);

    /// Calls `listener` with the place and the line of the cursor when it moves.
    #[wasm_bindgen(method, js_name = onCursor)]
    pub fn on_cursor(this: &Editor, listener: &Function) -> Function;

    /// Shows the tokens: `from, to, class` again and again, sorted, without overlaps.
    #[wasm_bindgen(method, js_name = setTokens)]
    pub fn set_tokens(this: &Editor, tokens: &Uint32Array, classes: &Array);

    /// Gives a class to these lines and takes it from all others.
    #[wasm_bindgen(method, js_name = markLines)]
    pub fn mark_lines(this: &Editor, lines: &Uint32Array, class: &str);

    /// Proposals for what is typed: a function `(doc, position, explicit)`.
    #[wasm_bindgen(method, js_name = setCompletions)]
    pub fn set_completions(this: &Editor, source: &JsValue);

    /// Changes the text as one step that can be undone, unless it is no longer `expected`.
    #[wasm_bindgen(method, js_name = applyEdits)]
    pub fn apply_edits(this: &Editor, expected: &str, edits: &Array) -> bool;

    /// Puts the cursor there and shows it.
    #[wasm_bindgen(method)]
    pub fn reveal(this: &Editor, position: u32);

    /// Whether the page is dark.
    #[wasm_bindgen(method, js_name = setDark)]
    pub fn set_dark(this: &Editor, dark: bool);

    /// Shows the findings: an array of the `Diagnostic` of `editor.ts`.
    #[wasm_bindgen(method, js_name = setDiagnostics)]
    pub fn set_diagnostics(this: &Editor, diagnostics: &Array);

    /// Takes the keyboard focus.
    #[wasm_bindgen(method)]
    pub fn focus(this: &Editor);
}
