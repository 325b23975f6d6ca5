//! The JavaScript API.

mod text;

use js_sys::JsString;
use stagecraft_engine::{Workspace, analyze, report::report};
use wasm_bindgen::prelude::wasm_bindgen;

/// The analysis of a Dockerfile as JSON, in the shapes of `stagecraft lint`, `plan` and `size`.
pub fn analyze_json(dockerfile: &str) -> String {
    let analysis = analyze(&Workspace {
        dockerfile: dockerfile.into(),
        ..Workspace::default()
    });
    // Writing to memory fails only for maps whose keys are no texts; there are none.
    let mut json = serde_json::to_string_pretty(&report(&analysis)).unwrap_or_default();
    json.push('\n');
    json
}

/// [`analyze_json`] for JavaScript.
#[wasm_bindgen(js_name = analyzeJson)]
pub fn analyze_json_of(dockerfile: &JsString) -> String {
    analyze_json(&text::read(dockerfile))
}

/// Reads a Dockerfile and says how many instructions it has.
#[cfg(feature = "bench")]
#[wasm_bindgen]
pub fn instructions(dockerfile: &JsString) -> usize {
    stagecraft_engine::syntax::parse(&text::read(dockerfile))
        .instructions()
        .len()
}

/// Says how many findings all rules have.
#[cfg(feature = "bench")]
#[wasm_bindgen(js_name = lintCount)]
pub fn lint_count(dockerfile: &JsString) -> usize {
    use stagecraft_engine::lint::{Config, Profile};
    let (options, config) = (Default::default(), Config::default());
    let dockerfile = text::read(dockerfile);
    stagecraft_engine::check(&dockerfile, None, &options, Profile::All, &config)
        .findings
        .len()
}
