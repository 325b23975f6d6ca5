//! The files of an image without an image: trees that share what they have in common, what COPY
//! and ADD put into them, what the plain commands of a shell do to them, and the layer that comes
//! of it.
//!
//! It knows no Dockerfile. What cannot be known from the text alone is said to be unknown; it is
//! never made up.
//!
//! ```
//! use stagecraft_files::{Clock, Process, Tree, entries};
//!
//! let before = Tree::default();
//! let mut process = Process::new(before.clone(), Clock::step(1)).assuming_tools();
//! process.run("mkdir -p /srv && echo hello > /srv/greeting").unwrap();
//! let layer = entries(&before, &process.into_tree());
//! let paths: Vec<&str> = layer.iter().map(|entry| entry.path.as_str()).collect();
//! assert_eq!(paths, ["/srv", "/srv/greeting"]);
//! ```

mod content;
mod copy;
mod glob;
mod layer;
mod process;
mod tree;
mod users;

pub use content::{Content, Member};
pub use copy::{Copied, Copy, CopyError, Owner, Picked};
pub use glob::matches;
pub use layer::{Entry, EntryKind, entries, tar_size};
pub use process::{Outcome, Process, Unknown};
pub use tree::{Clock, Dir, Errno, File, Meta, Mount, Node, Symlink, Time, Tree};
pub use users::{User, group_id, user};
