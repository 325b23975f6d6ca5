//! What a person can ask of the rules.

use std::collections::BTreeMap;

/// What a person can ask of the rules. The fields are those of hadolint's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, as people set them"
)]
pub struct Config {
    /// Registries that images may come from; any, where there is none. `*` stands for any text:
    /// `*.example.com`.
    pub trusted_registries: Vec<String>,
    /// Labels that an image must have, and of what kind their values are.
    pub labels: BTreeMap<String, LabelKind>,
    /// Whether other labels than those are wrong.
    pub strict_labels: bool,
    /// Whether the model was made with build arguments.
    pub build_args_given: bool,
    /// Takes the place of the file's own `# check=`: the build argument
    /// `BUILDKIT_DOCKERFILE_CHECK`.
    pub check: Option<String>,
    /// Whether the comments of a file silence nothing.
    pub no_pragmas: bool,
    /// Whether the rules that hadolint has switched off are asked for too.
    pub everything: bool,
}

/// What the value of a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// Any text.
    Text,
    /// A link.
    Url,
    /// A version as <https://semver.org> has it.
    SemVer,
    /// A time as RFC 3339 has it.
    Rfc3339,
    /// The name of a licence as <https://spdx.org/licenses> has it.
    Spdx,
    /// A commit of git, whole or as its first seven digits.
    Hash,
    /// An address of a mailbox.
    Email,
}

impl LabelKind {
    /// The kind of that name, as hadolint's configuration writes it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "url" => Self::Url,
            "semver" => Self::SemVer,
            "rfc3339" => Self::Rfc3339,
            "spdx" => Self::Spdx,
            "hash" => Self::Hash,
            "email" => Self::Email,
            _ => return None,
        })
    }
}
