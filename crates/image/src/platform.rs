//! Operating system and processor of an image.

use std::borrow::Cow;
use std::fmt;

/// What an image is for, such as `linux/arm64` or `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// The operating system in Go's words, such as `linux`.
    pub os: Cow<'static, str>,
    /// The processor in Go's words, such as `amd64`.
    pub architecture: Cow<'static, str>,
    /// Its variant, such as `v7`; empty for the usual one.
    pub variant: Cow<'static, str>,
}

/// A text that is no platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformError;

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a platform is written as `os/architecture` or `os/architecture/variant`")
    }
}

impl std::error::Error for PlatformError {}

impl Platform {
    /// `linux/amd64`, which everything here takes for granted where nothing else is said.
    pub const fn linux_amd64() -> Self {
        Self {
            os: Cow::Borrowed("linux"),
            architecture: Cow::Borrowed("amd64"),
            variant: Cow::Borrowed(""),
        }
    }

    fn of(os: &str, architecture: &str, variant: &str) -> Self {
        Self {
            os: os.to_owned().into(),
            architecture: architecture.to_owned().into(),
            variant: variant.to_owned().into(),
        }
    }

    /// Reads `os/architecture[/variant]`, a system alone or a processor alone; other spellings
    /// (`x86_64`, `aarch64`, `macos`) become Go's.
    ///
    /// # Errors
    /// [`PlatformError`] for everything else.
    pub fn parse(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let valid = |part: &&str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        };
        // The system can carry a version: `windows(10.0.17763)`.
        let bare = |part: &str| {
            part.split_once('(')
                .filter(|(_, rest)| rest.ends_with(')'))
                .map_or(part, |(os, _)| os)
                .to_owned()
        };
        let first = parts.first().map(|part| bare(part)).unwrap_or_default();
        if !valid(&first.as_str()) || !parts.iter().skip(1).all(valid) {
            return Err(PlatformError);
        }
        match parts.as_slice() {
            [_] => {
                let os = system(&first);
                if KNOWN_SYSTEMS.contains(&os.as_str()) {
                    return Ok(Self::of(&os, "amd64", ""));
                }
                let (architecture, variant) = processor(&first, "");
                if KNOWN_PROCESSORS.contains(&architecture.as_str()) {
                    return Ok(Self::of("linux", &architecture, &variant));
                }
                Err(PlatformError)
            }
            [_, architecture] => {
                let (architecture, variant) = processor(architecture, "");
                Ok(Self::of(&system(&first), &architecture, &variant))
            }
            [_, architecture, variant] => {
                let (architecture, variant) = processor(architecture, variant);
                Ok(Self::of(&system(&first), &architecture, &variant))
            }
            _ => Err(PlatformError),
        }
    }

    /// Whether commands in shell form run in `cmd` by default.
    pub fn is_windows(&self) -> bool {
        self.os == "windows"
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        Ok(())
    }
}

const KNOWN_SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

const KNOWN_PROCESSORS: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];

fn system(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "macos" => "darwin".to_owned(),
        other => other.to_owned(),
    }
}

fn processor(architecture: &str, variant: &str) -> (String, String) {
    let architecture = architecture.to_ascii_lowercase();
    let variant = variant.to_ascii_lowercase();
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", other) => ("amd64", other),
        ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
        ("aarch64", other) => ("arm64", other),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        (architecture, variant) => (architecture, variant),
    };
    (architecture.to_owned(), variant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_in_every_spelling() {
        for (text, want) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("Linux/AArch64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("linux", "linux/amd64"),
            ("arm64", "linux/arm64"),
            ("windows(10.0.17763)/amd64", "windows/amd64"),
        ] {
            let platform = Platform::parse(text).map(|platform| platform.to_string());
            assert_eq!(platform.as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_platform_is_refused() {
        for text in ["", "foo", "a/b/c/d", "linux/", "linux/a b", "/amd64"] {
            assert_eq!(Platform::parse(text), Err(PlatformError), "{text}");
        }
    }
}
