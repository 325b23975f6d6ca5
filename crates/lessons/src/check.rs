//! When a goal is met.

use serde::{Deserialize, Serialize};

/// A predicate over what the engine says of a workspace. Closed: a lesson can ask for nothing
/// else, and nothing of it depends on how a text is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// There is a stage that is not the one to build, and that one needs it.
    UsesAnotherStage(bool),
    /// At least so many stages are built.
    StagesBuilt(u32),
    /// The image to build is based on one of these, through whatever stages.
    FinalBase(Vec<String>),
    /// The image to build is based on none of these.
    FinalBaseNot(Vec<String>),
    /// A stage that is built starts from one of these images.
    StartsFrom(Vec<String>),
    /// The target has this name.
    Target(String),
    /// A stage of this name is built.
    Builds(String),
    /// A stage of this name is there, and not built.
    Skips(String),
    /// No finding of these rules is left.
    NoFinding(Vec<String>),
    /// The build would not end with an error.
    BuildSucceeds(bool),
    /// The image to build is likely not larger than this, in bytes.
    ImageAtMost(u64),
    /// Bytes that are in the image and cannot be seen in it are not more than this.
    WasteAtMost(u64),
    /// After that edit, steps with this text come from the cache.
    CachedAfter(EditStep),
    /// After that edit, steps with this text are run.
    RunsAfter(EditStep),
    /// Files with these paths are not sent to the builder.
    NotSent(Vec<String>),
    /// Files with these paths are sent.
    Sent(Vec<String>),
    /// Neither of these two stages needs the other, and both are built.
    SideBySide(String, String),
    /// The container does not run as root.
    UserNotRoot(bool),
    /// The container's program gets its signals: CMD and ENTRYPOINT are arrays.
    ExecForm(bool),
    /// The image holds a file of this path.
    Holds(String),
    /// No layer and no variable of the image holds this text or a file of this path.
    NowhereInImage(String),
    /// A stage that is built runs a command with this text; variables that ENV and ARG set for
    /// it stand before it as `NAME=value`, and blanks do not count.
    RunsCommand(String),
    /// A stage that is built runs a command with a cache mounted at this path.
    CacheMount(String),
    /// All of them.
    All(Vec<Check>),
    /// At least one of them.
    Any(Vec<Check>),
    /// Not that.
    Not(Box<Check>),
}

/// A step after an edit of a file of the context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditStep {
    /// The file that is edited.
    pub edit: String,
    /// What the step's instruction contains.
    pub step: String,
}
