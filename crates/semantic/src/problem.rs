//! What is wrong with a file whose instructions are fine one by one.

use stagecraft_syntax::expand::ExpandError;
use stagecraft_text::TextRange;

use crate::model::StageId;

/// When BuildKit notices a problem. A build ends with the first one in this order, then in
/// order of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemPhase {
    /// While it reads the global arguments and every FROM.
    Stages,
    /// While it looks for the target.
    Target,
    /// While it connects all stages, those that are not built among them.
    Dependencies,
    /// While it looks up the images of the stages to build.
    Images,
    /// While it turns the instructions of a stage to build into steps.
    Commands,
}

/// A problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The smallest place that is wrong, in the text of the Dockerfile; that of the FROM where
    /// the mistake is in an instruction which its image brings along.
    pub range: TextRange,
    /// The line that BuildKit names, if it names one.
    pub line: Option<u32>,
    /// When BuildKit notices it.
    pub phase: ProblemPhase,
    /// The stage it belongs to.
    pub stage: Option<StageId>,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A word that cannot be expanded.
    Expand(ExpandError),
    /// The base of a stage is nothing once variables are expanded.
    BlankBase,
    /// The base is neither a stage nor the name of an image.
    BaseName(stagecraft_image::ReferenceError),
    /// A name in capital letters that a stage has in small ones: FROM looks for the exact word.
    BaseCase(StageId),
    /// `--platform` is nothing once variables are expanded.
    BlankPlatform,
    /// `--platform` is no platform.
    Platform(String),
    /// No stage has the name of the target; one that is meant perhaps.
    UnknownTarget(Option<StageId>),
    /// `--from` with a number that no stage has.
    StageIndex(i64),
    /// A variable in `--from`, which is not expanded there.
    VariableInFrom,
    /// A stage that is defined further down.
    LaterStage(StageId),
    /// Stages that need each other.
    Cycle(StageId),
    /// `--chmod` is no mode.
    Mode(String),
    /// A port that is none.
    Port(String),
    /// `--checksum` on something that is not downloaded.
    ChecksumOfLocal,
}

impl ProblemKind {
    /// What is wrong, in one clause.
    pub fn message(&self, name: impl Fn(StageId) -> String) -> String {
        match self {
            Self::Expand(error) => error.to_string(),
            Self::BlankBase => "no value is known for this base, so there is no image".to_owned(),
            Self::BaseName(error) => error.to_string(),
            Self::BaseCase(stage) => format!(
                "FROM finds a stage by its name in small letters only, which is `{}`",
                name(*stage)
            ),
            Self::BlankPlatform => "no value is known for this platform".to_owned(),
            Self::Platform(text) => format!("`{text}` is no platform"),
            Self::UnknownTarget(Some(meant)) => {
                format!(
                    "no stage has the name of the target; `{}` is close",
                    name(*meant)
                )
            }
            Self::UnknownTarget(None) => "no stage has the name of the target".to_owned(),
            Self::StageIndex(index) => format!("there is no stage with the number {index}"),
            Self::VariableInFrom => "variables are not expanded in `--from`".to_owned(),
            Self::LaterStage(stage) => {
                format!("the stage `{}` is defined only further down", name(*stage))
            }
            Self::Cycle(stage) => format!("the stage `{}` needs itself", name(*stage)),
            Self::Mode(text) => format!("`{text}` is no file mode"),
            Self::Port(text) => format!("`{text}` is no port"),
            Self::ChecksumOfLocal => {
                "a checksum needs a source that is downloaded, by HTTP or from Git".to_owned()
            }
        }
    }
}
