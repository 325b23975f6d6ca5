//! Any text has a sound tree: `cargo +nightly fuzz run syntax`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagecraft_syntax::sound;

fuzz_target!(|text: &str| sound::check(text));
