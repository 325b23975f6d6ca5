//! What a build is asked for.

use std::collections::BTreeMap;

use stagecraft_image::{ImageConfig, Platform, Reference};

/// What `docker build` is told, as far as it bears on stages and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `--target`; the last stage where it is not given.
    pub target: Option<String>,
    /// `--build-arg`
    pub build_args: BTreeMap<String, String>,
    /// `--platform`: what the image is for.
    pub platform: Platform,
    /// Where the build runs.
    pub build_platform: Platform,
    /// `--build-context name=source`
    pub contexts: BTreeMap<String, NamedContext>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: None,
            build_args: BTreeMap::new(),
            platform: Platform::linux_amd64(),
            build_platform: Platform::linux_amd64(),
            contexts: BTreeMap::new(),
        }
    }
}

impl Options {
    /// What stands for a name, in whatever case it is written.
    pub(crate) fn context(&self, name: &str) -> Option<&NamedContext> {
        if self.contexts.is_empty() {
            return None;
        }
        self.contexts.get(&name.to_lowercase())
    }
}

/// What stands for a name given by `--build-context`; see [`NamedContext::read`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedContext {
    /// A folder, by a name that the caller knows.
    Folder(String),
    /// `docker-image://…`
    Image(String),
}

impl NamedContext {
    /// What stands behind `=`: an image where it says `docker-image://`, else a folder, by its
    /// path, or something at an address, by that.
    pub fn read(source: &str) -> Self {
        match source.strip_prefix("docker-image://") {
            Some(image) => Self::Image(image.to_owned()),
            None => Self::Folder(source.trim_start_matches("local:").to_owned()),
        }
    }
}

/// Who knows what images are like.
pub trait Images {
    /// The config of an image, if it is known.
    fn config(&self, name: &Reference<'_>, platform: &Platform) -> Option<ImageConfig>;

    /// Whether any image is known; where none is, nothing need be asked.
    fn knows_any(&self) -> bool {
        true
    }
}

/// Knows no image.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoImages;

impl Images for NoImages {
    fn config(&self, _: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
        None
    }

    fn knows_any(&self) -> bool {
        false
    }
}
