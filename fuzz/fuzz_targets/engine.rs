//! Whatever a person writes gets an answer: `cargo +nightly fuzz run engine`. What stands behind the
//! first NUL is the `.dockerignore`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagecraft_engine::complete::proposals;
use stagecraft_engine::highlight::highlights;
use stagecraft_engine::lint::{Config, Profile};
use stagecraft_engine::text::size;
use stagecraft_engine::{Workspace, analyze, check};

fuzz_target!(|text: &str| {
    let (dockerfile, dockerignore) = match text.split_once('\0') {
        Some((dockerfile, dockerignore)) => (dockerfile, Some(dockerignore)),
        None => (text, None),
    };
    let analysis = analyze(&Workspace {
        dockerfile: dockerfile.into(),
        dockerignore: dockerignore.map(Into::into),
        ..Workspace::default()
    });
    highlights(&analysis.file, &analysis.lines);
    let places = dockerfile.char_indices().step_by(dockerfile.len() / 8 + 1);
    for (at, _) in places {
        proposals(&analysis.file, &analysis.model, size(at));
    }
    for finding in &analysis.findings {
        let range = finding.range.start().into()..finding.range.end().into();
        assert!(dockerfile.get(range).is_some(), "{finding:?}");
    }
    for profile in [Profile::All, Profile::Buildkit, Profile::Hadolint] {
        let config = Config::default();
        let options = Default::default();
        check(dockerfile, dockerignore, &options, profile, &config);
    }
});
