//! What commands do that write little or nothing, whatever else their programs do.

/// What a command does by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Minor {
    /// It only reads, or removes what may be there.
    Asks,
    /// The same, and it prints a line.
    Names,
    /// It notes a setting.
    Sets,
}

impl Minor {
    /// What `name` does whose first word is `first`; `None` where it may be more.
    pub(super) fn of(name: &str, first: &str) -> Option<Self> {
        match (name, first) {
            (
                "bundle" | "bundler" | "composer" | "conda" | "gcloud" | "git" | "mamba"
                | "micromamba" | "poetry",
                "config",
            ) => Some(Self::Sets),
            (
                "git",
                "branch" | "diff" | "log" | "ls-files" | "ls-remote" | "remote" | "show" | "status"
                | "tag",
            )
            | ("conda" | "mamba" | "micromamba", "clean" | "info" | "list")
            | ("composer", "clear-cache" | "clearcache" | "show" | "validate")
            | ("gem", "cleanup" | "list" | "sources")
            | ("poetry", "cache" | "check" | "show") => Some(Self::Asks),
            ("git", "describe" | "rev-parse" | "version") => Some(Self::Names),
            _ => None,
        }
    }
}
