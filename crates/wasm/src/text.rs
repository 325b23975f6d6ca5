//! Texts from JavaScript.

use std::cell::RefCell;

use js_sys::{JsString, Uint8Array, WebAssembly::Memory};
use wasm_bindgen::{JsCast as _, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type TextEncoder;
    type Encoded;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, text: &JsString, into: &Uint8Array) -> Encoded;

    /// Bytes that were written.
    #[wasm_bindgen(method, getter)]
    fn written(this: &Encoded) -> u32;
}

/// Room for most Dockerfiles, in bytes. It is kept between two calls.
const ROOM: usize = 1 << 14;

/// Bytes of the longest character: the encoder stops where not even the next one has room.
const LONGEST: usize = 4;

thread_local! {
    static READER: RefCell<Reader> = RefCell::new(Reader::new(ROOM));
}

/// Does something with the text as UTF-8, half of a surrogate pair as U+FFFD.
///
/// wasm-bindgen's own way looks at each character in JavaScript before it asks the browser's
/// encoder; to ask at once, into memory that is there already, takes half of the time.
pub(crate) fn with<T>(text: &JsString, work: impl FnOnce(&str) -> T) -> T {
    READER.with_borrow_mut(|reader| {
        if let Some(bytes) = reader.read(text) {
            return work(str::from_utf8(bytes).unwrap_or_default());
        }
        // Perhaps not all of it: a unit of UTF-16 is three bytes at most.
        let mut large = Reader::new(3 * text.length() as usize + LONGEST);
        let bytes = large.read(text).unwrap_or_default();
        work(str::from_utf8(bytes).unwrap_or_default())
    })
}

/// Memory that texts are written into.
struct Reader {
    encoder: TextEncoder,
    memory: Box<[u8]>,
    /// The same memory for JavaScript; of no length since the whole has grown.
    view: Uint8Array,
}

impl Reader {
    fn new(room: usize) -> Self {
        let memory = vec![0; room].into_boxed_slice();
        Self {
            encoder: TextEncoder::new(),
            view: view(&memory),
            memory,
        }
    }

    /// The text, if there is surely room for all of it.
    fn read(&mut self, text: &JsString) -> Option<&[u8]> {
        let mut written = self.encoder.encode_into(text, &self.view).written();
        if written == 0 {
            self.view = view(&self.memory);
            written = self.encoder.encode_into(text, &self.view).written();
        }
        let written = written as usize;
        let has_room = written + LONGEST <= self.memory.len();
        self.memory.get(..written).filter(|_| has_room)
    }
}

/// A part of the memory as JavaScript sees it.
fn view(memory: &[u8]) -> Uint8Array {
    let all: Memory = wasm_bindgen::memory().unchecked_into();
    // Addresses of wasm have 32 bits.
    let bits = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let place = bits(memory.as_ptr().expose_provenance());
    Uint8Array::new_with_byte_offset_and_length(&all.buffer(), place, bits(memory.len()))
}
