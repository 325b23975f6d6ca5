//! Texts from JavaScript.

use std::cell::RefCell;

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    type TextEncoder;
    type Encoded;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, text: &JsString, into: &mut [u8]) -> Encoded;

    /// Bytes that were written.
    #[wasm_bindgen(method, getter)]
    fn written(this: &Encoded) -> u32;
}

/// Room for most Dockerfiles, and the most that is kept between two calls, in bytes.
const ROOM: usize = 1 << 14;

/// Bytes of the longest character: the encoder stops where not even the next one has room.
const LONGEST: usize = 4;

thread_local! {
    static ENCODER: TextEncoder = TextEncoder::new();
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Does something with the text as UTF-8, half of a surrogate pair as U+FFFD.
///
/// wasm-bindgen's own way looks at each character in JavaScript before it asks the browser's
/// encoder; to ask at once, into memory that is there already, takes half of the time.
pub(crate) fn with<T>(text: &JsString, work: impl FnOnce(&str) -> T) -> T {
    let mut buffer = BUFFER.take();
    if buffer.is_empty() {
        buffer.resize(ROOM, 0);
    }
    let mut written = encode(text, &mut buffer);
    if written + LONGEST > buffer.len() {
        // Perhaps not all of it: a unit of UTF-16 is three bytes at most.
        buffer.resize(3 * text.length() as usize + LONGEST, 0);
        written = encode(text, &mut buffer);
    }
    let bytes = buffer.get(..written).unwrap_or_default();
    let result = work(str::from_utf8(bytes).unwrap_or_default());
    if buffer.len() == ROOM {
        BUFFER.set(buffer);
    }
    result
}

/// Writes as many characters as there is room for, and says how many bytes that are.
fn encode(text: &JsString, into: &mut [u8]) -> usize {
    ENCODER.with(|encoder| encoder.encode_into(text, into).written()) as usize
}
