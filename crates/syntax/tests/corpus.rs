//! Replays what fuzzing found worth keeping: `fuzz/corpus/syntax`.

use std::fs;
use std::path::Path;

use stagecraft_syntax::sound;

#[test]
fn the_corpus_of_the_fuzz_target_has_sound_trees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/syntax");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        // As the target does, which takes texts only.
        if let Ok(text) = std::str::from_utf8(&bytes) {
            sound::check(text);
            count += 1;
        }
    }
    assert!(count >= 100, "only {count} texts");
}
