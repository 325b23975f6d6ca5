//! The API as JavaScript meets it: across the boundary, in a browser.

#![cfg(target_arch = "wasm32")]

use stagecraft_wasm::analyze_json;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn places_are_counted_in_characters_and_bytes() {
    let json = analyze_json("FROM a\nRUM é\n");
    assert!(json.contains("\"offset\": 7"), "{json}");
}
