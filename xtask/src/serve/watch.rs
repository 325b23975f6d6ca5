//! Noticing that a source has changed: by looking, twice a second. The tree is small, and looking
//! works on every file system.

use crate::project;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

const PAUSE: Duration = Duration::from_millis(500);

/// What the page is made of.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "index.html",
    "crates",
    "guide",
    "web",
];

/// Folders inside them that are made, not written.
const MADE: [&str; 3] = ["node_modules", "out", "target"];

/// Every source with its time and length.
pub(crate) type State = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The sources as they are now.
pub(crate) fn state() -> State {
    let mut state = State::new();
    for source in SOURCES {
        collect(&project::root().join(source), &mut state);
    }
    state
}

/// Waits until the sources differ from `before` and then until they have come to rest.
pub(crate) fn change(before: &State) -> State {
    let mut now = wait();
    while now == *before {
        now = wait();
    }
    loop {
        let next = wait();
        if next == now {
            return now;
        }
        now = next;
    }
}

fn wait() -> State {
    thread::sleep(PAUSE);
    state()
}

fn collect(path: &Path, state: &mut State) {
    let Ok(about) = fs::metadata(path) else {
        return;
    };
    if !about.is_dir() {
        state.insert(path.to_path_buf(), (about.modified().ok(), about.len()));
        return;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if MADE.contains(&name.as_ref()) || name.starts_with('.') {
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        collect(&entry.path(), state);
    }
}
