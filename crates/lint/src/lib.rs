//! Rules: what is wrong with a Dockerfile, why it matters, and how to mend it.

use stagecraft_diagnostics::Diagnostic;
use stagecraft_semantic::Model;
use stagecraft_syntax::Parse;

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The Dockerfile, read.
    pub file: &'a Parse,
    /// What it means.
    pub model: &'a Model,
    /// The text of `.dockerignore`, if there is one.
    pub dockerignore: Option<&'a str>,
}

/// Whose verdicts are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Ours: each fault once.
    #[default]
    Default,
    /// Those of `docker build --check`.
    Buildkit,
    /// Those of hadolint.
    Hadolint,
    /// Every rule.
    All,
}

/// Everything that the rules of `profile` find, in order of place.
pub fn lint(_subject: Subject<'_>, _profile: Profile) -> Vec<Diagnostic> {
    Vec::new()
}
