//! What is wrong with a Dockerfile, in our own words.

use std::fmt;

use stagecraft_text::TextRange;

use crate::expand::ExpandError;
use crate::tree::{Directive, Keyword, Lines};

/// Where BuildKit notices a mistake: it reads the whole file into a tree before it looks at
/// what the instructions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// While reading lines, heredocs, JSON and `name=value`.
    Tree,
    /// While making sense of one instruction.
    Instruction,
    /// While it turns a stage into steps, with variables expanded.
    Convert,
    /// In a later build, which has this image as its base.
    Trigger,
}

/// A mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The smallest place that is wrong.
    pub range: TextRange,
    /// The lines that BuildKit names: those of the instruction, or of the place where it
    /// stopped reading. 0 is the place before the first line.
    pub lines: Lines,
    /// When BuildKit notices it.
    pub phase: Phase,
    /// Whether it is the one that a build ends with.
    pub stops: bool,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `# escape=` with something else than `\` or a backtick.
    UnknownEscape(String),
    /// A parser directive that was there already.
    RepeatedDirective(Directive),
    /// A line of more than 65,535 bytes.
    LineTooLong,
    /// The source is larger than Stagecraft reads.
    SourceTooLong,
    /// No instruction at all.
    NoInstructions,
    /// A JSON array with something else than strings.
    JsonNotStrings,
    /// A heredoc whose end is nowhere below.
    UnterminatedHeredoc(String),
    /// `ENV NAME` or `LABEL NAME` and no more.
    MissingValue(Keyword),
    /// A word without `=` among `name=value` pairs.
    MissingEquals,
    /// An instruction that does not exist, and one that is meant perhaps.
    UnknownInstruction(Option<Keyword>),
    /// A flag that the instruction does not have, and one that is meant perhaps.
    UnknownFlag(Keyword, Option<&'static str>),
    /// A flag that needs `=value`.
    FlagNeedsValue,
    /// A flag given twice.
    RepeatedFlag,
    /// A yes-or-no flag with another value.
    FlagNotBoolean,
    /// Nothing where at least one argument is needed.
    NoArguments(Keyword),
    /// More or fewer than one argument.
    NotOneArgument(Keyword),
    /// COPY or ADD with fewer than two arguments.
    NoDestination(Keyword),
    /// FROM with neither one nor three arguments, or without AS between them.
    FromArguments,
    /// A stage name with characters that are not allowed.
    StageName,
    /// An instruction before the first FROM.
    NoStage(Keyword),
    /// ONBUILD ONBUILD.
    ChainedOnbuild,
    /// ONBUILD FROM or ONBUILD MAINTAINER.
    NotInOnbuild(Keyword),
    /// HEALTHCHECK with neither CMD nor NONE.
    HealthcheckType,
    /// HEALTHCHECK NONE with arguments.
    HealthcheckNoneArguments,
    /// HEALTHCHECK CMD without a command.
    HealthcheckNoCommand,
    /// Not a duration such as `30s` or `1m30s`.
    Duration,
    /// A duration of less than a millisecond.
    DurationTooShort,
    /// Not a number of retries, or a negative one.
    Retries,
    /// SHELL without a JSON array.
    ShellNotJson,
    /// An empty path for VOLUME.
    EmptyVolume,
    /// A name of no characters in ARG, ENV or LABEL.
    BlankName(Keyword),
    /// A heredoc as the destination of COPY or ADD.
    HeredocDestination(Keyword),
    /// `--network` other than default, none, host.
    NetworkMode,
    /// `--security` other than sandbox, insecure.
    SecurityMode,
    /// An option of `--mount` that is not `key=value`.
    MountField,
    /// An option that `--mount` does not have, and one that is meant perhaps.
    MountKey(Option<&'static str>),
    /// An option that this type of mount does not have.
    MountKeyForType(&'static str, &'static str),
    /// A type of mount that does not exist, and one that is meant perhaps.
    MountType(Option<&'static str>),
    /// A value that the option cannot have; what it can have.
    MountValue(&'static str, &'static str),
    /// A mount without something that its type needs.
    MountNeeds(&'static str, &'static str),
    /// A word that cannot be expanded.
    Expand(ExpandError),
}

impl ErrorKind {
    /// What is wrong, in one clause.
    pub fn message(&self) -> String {
        let plain = match self {
            Self::UnknownEscape(found) => {
                return format!("`{}` cannot be the escape character", short(found));
            }
            Self::RepeatedDirective(directive) => {
                return format!("`# {}=` is here for the second time", directive.name());
            }
            Self::LineTooLong => "the line is longer than 65,535 bytes",
            Self::SourceTooLong => "the text is too large to be read",
            Self::NoInstructions => "there is no instruction in this file",
            Self::JsonNotStrings => "this JSON array holds something that is not a string",
            Self::UnterminatedHeredoc(name) => {
                return format!("no line below ends the heredoc `{}`", short(name));
            }
            Self::MissingValue(keyword) => {
                return format!("{} names a variable but gives it no value", keyword.name());
            }
            Self::MissingEquals => "this word has no `=`, unlike those before it",
            Self::UnknownInstruction(_) => "there is no such instruction",
            Self::UnknownFlag(keyword, _) => {
                return format!("{} has no such flag", keyword.name());
            }
            Self::FlagNeedsValue => "this flag needs a value",
            Self::RepeatedFlag => "this flag can be given only once",
            Self::FlagNotBoolean => "this flag is either `true` or `false`",
            Self::NoArguments(keyword) => {
                return format!("{} needs at least one argument", keyword.name());
            }
            Self::NotOneArgument(keyword) => {
                return format!("{} takes one argument", keyword.name());
            }
            Self::NoDestination(keyword) => {
                return format!("{} needs a source and a destination", keyword.name());
            }
            Self::FromArguments => "FROM takes an image, or an image, `AS` and a name",
            Self::StageName => "this cannot be the name of a stage",
            Self::NoStage(keyword) => {
                return format!("{} stands before the first FROM", keyword.name());
            }
            Self::ChainedOnbuild => "ONBUILD cannot wrap another ONBUILD",
            Self::NotInOnbuild(keyword) => {
                return format!("ONBUILD cannot wrap {}", keyword.name());
            }
            Self::HealthcheckType => "a health check is either `CMD` or `NONE`",
            Self::HealthcheckNoneArguments => "HEALTHCHECK NONE takes no arguments",
            Self::HealthcheckNoCommand => "HEALTHCHECK CMD has no command",
            Self::Duration => "this is no duration",
            Self::DurationTooShort => "a duration of less than one millisecond is not allowed",
            Self::Retries => "this is no number of retries",
            Self::ShellNotJson => "SHELL takes a JSON array only",
            Self::EmptyVolume => "the path of a volume cannot be empty",
            Self::BlankName(keyword) => {
                return format!("a name of {} cannot be empty", keyword.name());
            }
            Self::HeredocDestination(keyword) => {
                return format!("{} cannot write to a heredoc", keyword.name());
            }
            Self::NetworkMode => "there is no such network mode",
            Self::SecurityMode => "there is no such security mode",
            Self::MountField => "this option of the mount has no value",
            Self::MountKey(_) => "a mount has no such option",
            Self::MountKeyForType(key, kind) => {
                return format!("a mount of type `{kind}` has no option `{key}`");
            }
            Self::MountType(_) => "there is no such type of mount",
            Self::MountValue(key, _) => {
                return format!("the option `{key}` cannot have this value");
            }
            Self::MountNeeds(kind, key) => {
                return format!("a mount of type `{kind}` needs `{key}`");
            }
            Self::Expand(error) => return error.to_string(),
        };
        plain.to_owned()
    }

    /// What could stand there instead.
    pub fn expected(&self) -> Option<String> {
        let plain = match self {
            Self::UnknownEscape(_) => "`\\` or a backtick",
            Self::RepeatedDirective(_) => "each parser directive once",
            Self::NoInstructions => "an instruction such as `FROM alpine`",
            Self::JsonNotStrings => "strings in double quotes, with commas between them",
            Self::UnterminatedHeredoc(name) => {
                return Some(format!("a line that is just `{}`", short(name)));
            }
            Self::MissingValue(_) | Self::MissingEquals => "`name=value`",
            Self::UnknownInstruction(Some(keyword)) => {
                return Some(format!("`{}`", keyword.name()));
            }
            Self::UnknownInstruction(None) => "an instruction such as RUN or COPY",
            Self::UnknownFlag(_, Some(flag)) => return Some(format!("`--{flag}`")),
            Self::FlagNeedsValue => "`=` and a value behind the name of the flag",
            Self::FlagNotBoolean => "`true` or `false`",
            Self::FromArguments => "`FROM image` or `FROM image AS name`",
            Self::StageName => "a letter, then letters, digits, `-`, `_` or `.`, without blanks",
            Self::NoStage(_) => "`FROM` or `ARG`",
            Self::HealthcheckType => "`CMD` or `NONE`",
            Self::HealthcheckNoCommand => "a command, such as `curl -f http://localhost/`",
            Self::Duration | Self::DurationTooShort => "a duration such as `30s` or `1m30s`",
            Self::Retries => "a whole number, zero or more",
            Self::ShellNotJson => "an array such as `[\"/bin/bash\", \"-c\"]`",
            Self::NetworkMode => "`default`, `none` or `host`",
            Self::SecurityMode => "`sandbox` or `insecure`",
            Self::MountField => "`key=value`",
            Self::MountKey(Some(key)) => return Some(format!("`{key}`")),
            Self::MountType(Some(kind)) => return Some(format!("`{kind}`")),
            Self::MountType(None) => "`bind`, `cache`, `tmpfs`, `secret` or `ssh`",
            Self::MountValue(_, values) => values,
            _ => return None,
        };
        Some(plain.to_owned())
    }
}

/// Enough of a text for a message.
fn short(text: &str) -> String {
    const MOST: usize = 40;
    let mut out: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.message())?;
        if let Some(expected) = self.kind.expected() {
            write!(f, " (expected {expected})")?;
        }
        Ok(())
    }
}
