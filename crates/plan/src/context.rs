//! The build context.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The files of the folder that is sent to the builder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Files, and folders that stand for many files.
    pub files: Vec<ContextFile>,
    /// The text of files that name packages, by their path, as far as it is known:
    /// `package.json`, `requirements.txt`.
    pub lists: BTreeMap<String, Arc<str>>,
    /// The bytes of all files that an archive holds, by its path, where somebody has looked into it.
    pub archives: BTreeMap<String, u64>,
}

/// A file, or many alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContextFile {
    /// Its path below the context, without a leading `/`; a folder ends in `/` and stands for
    /// `count` files in it.
    pub path: String,
    /// Bytes, all files of a folder together.
    pub size: u64,
    /// How many files it stands for.
    pub count: u32,
    /// Equal for equal content.
    pub content: u64,
    /// Permissions, as far as they are known; else 0.
    pub mode: u32,
}

impl Context {
    /// Whether [`Context::lists`] wants the text of the file at `path`.
    pub fn names_packages(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.strip_suffix(".txt");
        name == "package.json" || stem.is_some_and(|stem| stem.contains("require"))
    }
}
