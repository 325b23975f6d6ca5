//! Any text has a sound tree: `cargo +nightly fuzz run shell`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagecraft_shell::sound;

fuzz_target!(|text: &str| {
    sound::check(text);
    sound::check_joined(text);
});
