//! The API as JavaScript meets it: across the boundary, in a browser.

#![cfg(target_arch = "wasm32")]

use stagecraft_wasm::analyze_json;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_length_is_counted_in_bytes() {
    assert_eq!(analyze_json("# é\n"), "{\"bytes\":5}\n");
}
