//! The same answer natively and in the browser, byte for byte: both runs of this one test compare
//! the engine's answer with the same files. `UPDATE_GOLDENS=1` makes the native run write them.

use stagecraft_tests::GOLDENS;
use stagecraft_wasm::analyze_json;
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test(unsupported = test)]
fn every_golden_has_the_answer_that_is_written_down() {
    assert!(!GOLDENS.is_empty(), "there must be goldens");
    let mut wrong = Vec::new();
    for golden in GOLDENS {
        let answer = analyze_json(golden.dockerfile);
        if !updated(golden.name, &answer) && answer != golden.expected {
            let (line, expected, got) = first_difference(golden.expected, &answer);
            wrong.push(format!(
                "{}, line {line}:\n  expected {expected:?}\n  got      {got:?}",
                golden.name
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} goldens differ:\n{}",
        wrong.len(),
        GOLDENS.len(),
        wrong.join("\n")
    );
}

/// The first line, from 1, that differs, as it is in both.
fn first_difference<'a>(expected: &'a str, got: &'a str) -> (usize, &'a str, &'a str) {
    let pairs = expected.lines().zip(got.lines());
    let same = pairs.take_while(|(one, other)| one == other).count();
    let line = |text: &'a str| text.lines().nth(same).unwrap_or_default();
    (same + 1, line(expected), line(got))
}

/// Writes the answer down where that is asked for.
#[cfg(not(target_arch = "wasm32"))]
fn updated(name: &str, answer: &str) -> bool {
    let asked = std::env::var_os("UPDATE_GOLDENS").is_some();
    if asked {
        let file = crate::repository::root()
            .join("tests/goldens")
            .join(name)
            .join("analysis.json");
        std::fs::write(&file, answer).unwrap();
    }
    asked
}

#[cfg(target_arch = "wasm32")]
fn updated(_: &str, _: &str) -> bool {
    false
}
