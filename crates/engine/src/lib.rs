//! The façade: a [`Workspace`] in, an [`Analysis`] out.
//!
//! What other crates need of the core they take from here; nothing above `engine` knows the
//! crates below it.

pub use analysis::{Analysis, Checked, Memory, Workspace, analyze, analyze_again, check};
pub use stagecraft_diagnostics as diagnostics;
pub use stagecraft_files as files;
pub use stagecraft_image as image;
pub use stagecraft_layout as layout;
pub use stagecraft_lint as lint;
pub use stagecraft_plan as plan;
pub use stagecraft_semantic as semantic;
pub use stagecraft_syntax as syntax;
pub use stagecraft_text as text;

mod analysis;
pub mod arguments;
pub mod complete;
pub mod context;
pub mod fixes;
pub mod graph;
pub mod highlight;
pub mod history;
pub mod reference;
#[cfg(feature = "report")]
pub mod report;
pub mod state;
pub mod timeline;
