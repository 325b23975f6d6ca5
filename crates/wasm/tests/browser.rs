//! The API as JavaScript meets it: across the boundary, in a browser.

#![cfg(target_arch = "wasm32")]

use js_sys::JsString;
use stagecraft_wasm::{analyze_json, analyze_json_of};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn places_are_counted_in_characters_and_bytes() {
    let json = analyze_json("FROM a\nRUM é\n");
    assert!(json.contains("\"offset\": 7"), "{json}");
}

/// Line feeds are looked for in another way in the browser than elsewhere.
#[wasm_bindgen_test]
fn lines_are_found_wherever_they_end() {
    use stagecraft_engine::text::{TextSize, line_starts};
    for length in [1, 63, 64, 65, 200] {
        for step in 1..=20 {
            let letter = |at: usize| if at.is_multiple_of(step) { '\n' } else { 'J' };
            let text: String = (0..length).map(letter).collect();
            let starts = text.match_indices('\n').map(|(at, _)| at + 1);
            let starts: Vec<TextSize> = starts
                .map(|at| TextSize::new(u32::try_from(at).unwrap_or_default()))
                .collect();
            assert_eq!(line_starts(&text), starts);
        }
    }
}

#[wasm_bindgen_test]
fn texts_of_every_length_come_over_whole() {
    let comment = |letter: &str, count: usize| format!("FROM a\n# {}\n", letter.repeat(count));
    // Around the room that is kept, and far beyond it.
    let mut texts = vec![String::new(), "FROM a\n".to_owned(), "\0".to_owned()];
    for count in [
        16_360, 16_370, 16_371, 16_372, 16_373, 16_374, 16_380, 70_000,
    ] {
        texts.extend(["x", "é", "€", "😀"].map(|letter| comment(letter, count)));
    }
    for text in texts {
        assert!(analyze_json_of(&JsString::from(&*text)) == analyze_json(&text));
    }
}

#[wasm_bindgen_test]
fn texts_come_over_when_the_memory_has_grown() {
    for megabytes in [1, 4, 16] {
        let text = format!("FROM a AS b{megabytes}\n");
        let before = analyze_json_of(&JsString::from(&*text));
        let more = vec![1_u8; megabytes << 20];
        assert!(
            analyze_json_of(&JsString::from(&*text)) == before,
            "{}",
            more.len()
        );
        assert!(before.contains(&format!("b{megabytes}")));
    }
}
