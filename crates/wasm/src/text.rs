//! Texts from JavaScript.

use js_sys::JsString;
use wasm_bindgen::{JsCast as _, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type TextEncoder;
    type Encoded;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, text: &JsString, into: &mut [u8]) -> Encoded;

    /// UTF-16 units that were taken.
    #[wasm_bindgen(method, getter)]
    fn read(this: &Encoded) -> u32;

    /// Bytes that were written.
    #[wasm_bindgen(method, getter)]
    fn written(this: &Encoded) -> u32;
}

thread_local! {
    static ENCODER: TextEncoder = TextEncoder::new();
}

/// The text as UTF-8, half of a surrogate pair as U+FFFD.
///
/// wasm-bindgen's own way looks at each character in JavaScript before it asks the browser's
/// encoder; for a Dockerfile, asking at once takes two thirds of the time.
pub(crate) fn read(text: &JsString) -> String {
    let units = text.length();
    let mut bytes = vec![0; units as usize];
    let first = ENCODER.with(|encoder| encoder.encode_into(text, &mut bytes));
    let (read, written) = (first.read(), first.written() as usize);
    if read < units {
        // Not only ASCII: what is left needs at most three bytes a unit.
        let rest: JsString = text.slice(read, units).unchecked_into();
        bytes.resize(written + 3 * (units - read) as usize, 0);
        let free = bytes.get_mut(written..).unwrap_or_default();
        let second = ENCODER.with(|encoder| encoder.encode_into(&rest, free));
        bytes.truncate(written + second.written() as usize);
    } else {
        bytes.truncate(written);
    }
    String::from_utf8(bytes).unwrap_or_default()
}
