//! The JavaScript API.

mod text;

use js_sys::JsString;
use stagecraft_engine::{Workspace, analyze, report::report};
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: stagecraft_allocator::BrowserAllocator =
    stagecraft_allocator::browser_allocator();

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
    text::with(dockerfile, analyze_json)
}

/// Reads a Dockerfile and says how many instructions it has.
#[cfg(feature = "bench")]
#[wasm_bindgen]
pub fn instructions(dockerfile: &JsString) -> usize {
    text::with(dockerfile, |dockerfile| {
        stagecraft_engine::syntax::parse(dockerfile)
            .instructions()
            .len()
    })
}

/// Analyses a Dockerfile with a context of 5,000 files, as the page does after a key was pressed,
/// and says how many of its steps come from the cache that the first such call has left.
#[cfg(feature = "bench")]
#[wasm_bindgen(js_name = cachedSteps)]
pub fn cached_steps(dockerfile: &JsString) -> usize {
    use stagecraft_engine::Memory;
    use stagecraft_engine::plan::{Cache, Context, ContextFile, NoCache, Verdict};
    use std::cell::RefCell;
    thread_local! {
        static BEFORE: RefCell<Option<(Workspace, Cache, Memory)>> = const { RefCell::new(None) };
    }
    let file = |at: u64| ContextFile {
        path: format!("src/{:02}/file-{at:04}.txt", at / 250),
        size: at,
        count: 1,
        content: at,
        mode: 0o644,
    };
    let dockerfile = text::with(dockerfile, str::to_owned);
    BEFORE.with_borrow_mut(|before| {
        let (workspace, cache, memory) = before.get_or_insert_with(|| {
            let files = (0..5_000).map(file).collect();
            let context = Context {
                files,
                ..Context::default()
            };
            let workspace = Workspace {
                dockerfile: dockerfile.as_str().into(),
                context: Some(context.into()),
                ..Workspace::default()
            };
            let mut cache = Cache::default();
            analyze(&workspace).remember(&mut cache, workspace.context.as_deref());
            (workspace, cache, Memory::default())
        });
        workspace.dockerfile = dockerfile.into();
        let analysis = stagecraft_engine::analyze_again(workspace, memory);
        let context = workspace.context.as_deref();
        let verdicts = analysis.verdicts(cache, context, &NoCache::Nothing);
        verdicts.iter().filter(|it| **it == Verdict::Cached).count()
    })
}

/// Says how many findings all rules have; where only those of our choice are there, as in the page,
/// what the page shows of them.
#[cfg(feature = "bench")]
#[wasm_bindgen(js_name = lintCount)]
pub fn lint_count(dockerfile: &JsString) -> usize {
    use stagecraft_engine::lint::{Config, Profile};
    const PROFILE: Profile = if cfg!(feature = "elsewhere") {
        Profile::All
    } else {
        Profile::Default
    };
    let (options, config) = (
        stagecraft_engine::semantic::Options::default(),
        Config::default(),
    );
    text::with(dockerfile, |dockerfile| {
        stagecraft_engine::check(dockerfile, None, &options, PROFILE, &config)
            .findings
            .len()
    })
}
