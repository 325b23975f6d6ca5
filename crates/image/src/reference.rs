//! Names of images.

use std::fmt;

use stagecraft_text::{TextRange, size};

/// The name of an image with the places of its parts, as in `registry:5000/team/app:1.2@sha256:…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    text: &'a str,
    places: Places,
}

/// Where the parts of a name are: a [`Reference`] without its text, for who keeps that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Where the path starts: behind the registry and its `/`, or at 0.
    path: usize,
    path_end: usize,
    tag: Option<(usize, usize)>,
    digest: Option<usize>,
}

impl Places {
    /// The name that they are the places of, together with its text.
    pub fn of(self, text: &str) -> Reference<'_> {
        Reference { text, places: self }
    }
}

/// Why a text is no name of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceError {
    /// A part of the path has capital letters.
    UpperCase,
    /// Characters that are not allowed, or parts that are missing.
    Invalid,
    /// Longer than the 255 characters that a path may have.
    TooLong,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UpperCase => "the name of an image has no capital letters",
            Self::Invalid => "this cannot be the name of an image",
            Self::TooLong => "the name of an image has at most 255 characters",
        })
    }
}

impl std::error::Error for ReferenceError {}

/// The registry of images without one in their name.
const DEFAULT_REGISTRY: &str = "docker.io";

/// So many bytes a path may have.
const LONGEST_PATH: usize = 255;

impl<'a> Reference<'a> {
    /// Reads a name as Docker does.
    ///
    /// # Errors
    /// [`ReferenceError`] where Docker refuses it.
    pub fn parse(text: &'a str) -> Result<Self, ReferenceError> {
        if let Some(reference) = Self::short(text) {
            return Ok(reference);
        }
        let (name, digest) = match place(text, b'@') {
            Some(at) => (text.get(..at).unwrap_or_default(), Some(at + 1)),
            None => (text, None),
        };
        if digest.is_some_and(|start| !is_digest(text.get(start..).unwrap_or_default())) {
            return Err(ReferenceError::Invalid);
        }
        let path = match place(name, b'/') {
            Some(slash) if is_registry(name.get(..slash).unwrap_or_default()) => slash + 1,
            _ => 0,
        };
        let rest = name.get(path..).unwrap_or_default();
        let last = rest.bytes().rposition(|byte| byte == b'/');
        let last = last.map_or(0, |slash| slash + 1);
        let colon = rest
            .get(last..)
            .and_then(|name| place(name, b':'))
            .map(|at| path + last + at);
        let path_end = colon.unwrap_or(name.len());
        let tag = colon.map(|at| (at + 1, name.len()));
        let places = Places {
            path,
            path_end,
            tag,
            digest,
        };
        let reference = places.of(text);
        if tag.is_some() && !is_tag(reference.tag().unwrap_or_default()) {
            return Err(ReferenceError::Invalid);
        }
        if path > 0 && !is_domain(reference.registry_as_written().unwrap_or_default()) {
            return Err(ReferenceError::Invalid);
        }
        let path = reference.path();
        if path.len() > LONGEST_PATH {
            return Err(ReferenceError::TooLong);
        }
        if is_path(path.as_bytes()) {
            return Ok(reference);
        }
        if is_path(path.to_ascii_lowercase().as_bytes()) {
            return Err(ReferenceError::UpperCase);
        }
        Err(ReferenceError::Invalid)
    }

    /// Most are this: letters and digits, perhaps with a tag.
    fn short(text: &'a str) -> Option<Self> {
        let path_end = text.bytes().position(|byte| !is_alnum(byte));
        let path_end = path_end.unwrap_or(text.len());
        let behind = text.get(path_end..)?;
        let tag = behind.strip_prefix(':').filter(|tag| is_tag(tag));
        let fits = (1..=LONGEST_PATH).contains(&path_end) && (behind.is_empty() || tag.is_some());
        let places = Places {
            path: 0,
            path_end,
            tag: tag.map(|_| (path_end + 1, text.len())),
            digest: None,
        };
        fits.then(|| places.of(text))
    }

    /// Where its parts are.
    pub fn places(&self) -> Places {
        self.places
    }

    /// The registry where one is written.
    pub fn registry_as_written(&self) -> Option<&'a str> {
        self.places
            .path
            .checked_sub(1)
            .and_then(|end| self.text.get(..end))
    }

    /// The registry; `docker.io` where none is written.
    pub fn registry(&self) -> &'a str {
        match self.registry_as_written() {
            None | Some("index.docker.io") => DEFAULT_REGISTRY,
            Some(registry) => registry,
        }
    }

    /// The path as written, without registry, tag and digest.
    pub fn path(&self) -> &'a str {
        self.text
            .get(self.places.path..self.places.path_end)
            .unwrap_or_default()
    }

    /// The path without `library/`, where the image is one of Docker's official ones.
    pub fn official(&self) -> Option<&'a str> {
        if self.registry() != DEFAULT_REGISTRY {
            return None;
        }
        let path = self.path();
        let name = path.strip_prefix("library/").unwrap_or(path);
        (!name.contains('/')).then_some(name)
    }

    /// The tag where one is written.
    pub fn tag(&self) -> Option<&'a str> {
        self.places
            .tag
            .and_then(|(start, end)| self.text.get(start..end))
    }

    /// The digest where one is written.
    pub fn digest(&self) -> Option<&'a str> {
        self.places.digest.and_then(|start| self.text.get(start..))
    }

    /// Where the tag is in the text, in bytes.
    pub fn tag_range(&self) -> Option<TextRange> {
        self.places
            .tag
            .map(|(start, end)| TextRange::new(size(start), size(end)))
    }

    /// Where registry and path are in the text, in bytes.
    pub fn name_range(&self) -> TextRange {
        TextRange::up_to(size(self.places.path_end))
    }

    /// The name in full, as BuildKit shows it: `docker.io/library/alpine:3.20`. Without a tag
    /// and a digest the tag is `latest`.
    pub fn normalized(&self) -> String {
        let more = "/library/:latest".len();
        let mut out = String::with_capacity(DEFAULT_REGISTRY.len() + self.text.len() + more);
        out.push_str(self.registry());
        out.push('/');
        if self.registry() == DEFAULT_REGISTRY && !self.path().contains('/') {
            out.push_str("library/");
        }
        out.push_str(self.path());
        match (self.tag(), self.digest()) {
            (Some(tag), _) => {
                out.push(':');
                out.push_str(tag);
            }
            (None, None) => out.push_str(":latest"),
            (None, Some(_)) => {}
        }
        if let Some(digest) = self.digest() {
            out.push('@');
            out.push_str(digest);
        }
        out
    }
}

/// Whether the first part of a name is a registry: it has a dot, a port or a capital letter, or
/// is `localhost`.
fn is_registry(part: &str) -> bool {
    part == "localhost"
        || part.contains(['.', ':'])
        || part.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_domain(domain: &str) -> bool {
    if let Some(rest) = domain.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        return address
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = match domain.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (domain, None),
    };
    port.is_none_or(is_port)
        && host.split('.').all(|part| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a byte is first. Names are short, so that looking at each is fastest.
fn place(text: &str, wanted: u8) -> Option<usize> {
    text.bytes().position(|byte| byte == wanted)
}

fn is_path(path: &[u8]) -> bool {
    path.split(|&byte| byte == b'/').all(is_component)
}

/// What a part of a path starts and ends with.
fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// One part of a path: letters and digits, with a dot, one or two underscores or dashes between.
fn is_component(bytes: &[u8]) -> bool {
    let ends_well = |byte: Option<&u8>| byte.is_some_and(|&byte| is_alnum(byte));
    if !ends_well(bytes.first()) || !ends_well(bytes.last()) {
        return false;
    }
    if bytes.iter().all(|&byte| is_alnum(byte)) {
        return true;
    }
    bytes.split(|&byte| is_alnum(byte)).all(|between| {
        matches!(between, b"" | b"." | b"_" | b"__") || between.iter().all(|&byte| byte == b'-')
    })
}

fn is_tag(tag: &str) -> bool {
    let mut bytes = tag.bytes();
    tag.len() <= 128
        && bytes
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        let starts = algorithm.starts_with(|c: char| c.is_ascii_alphabetic());
        starts
            && algorithm.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'.')
            })
            && hex.len() >= 32
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
            && (algorithm != "sha256" || hex.len() == 64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_full_has_registry_path_and_tag() {
        for (text, want) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("library/alpine", "docker.io/library/alpine:latest"),
            ("index.docker.io/alpine", "docker.io/library/alpine:latest"),
            ("team/app:1", "docker.io/team/app:1"),
            ("localhost/app", "localhost/app:latest"),
            ("registry:5000/a/b_c--d:x.y", "registry:5000/a/b_c--d:x.y"),
            (
                "gcr.io/distroless/static",
                "gcr.io/distroless/static:latest",
            ),
        ] {
            let name = Reference::parse(text).map(|reference| reference.normalized());
            assert_eq!(name.as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn a_digest_stands_for_a_tag() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!("alpine@{digest}");
        let reference = Reference::parse(&text).unwrap();
        assert_eq!(reference.digest(), Some(digest.as_str()));
        assert_eq!(
            reference.normalized(),
            format!("docker.io/library/alpine@{digest}")
        );
    }

    #[test]
    fn only_docker_s_own_images_are_official() {
        for (text, official) in [
            ("alpine:3", Some("alpine")),
            ("docker.io/library/golang", Some("golang")),
            ("team/app", None),
            ("quay.io/alpine", None),
        ] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(reference.official(), official, "{text}");
        }
    }

    #[test]
    fn what_docker_refuses_is_refused() {
        for (text, error) in [
            ("Alpine", ReferenceError::UpperCase),
            ("team/App:1", ReferenceError::UpperCase),
            ("", ReferenceError::Invalid),
            ("a:", ReferenceError::Invalid),
            ("a:b:c", ReferenceError::Invalid),
            ("a//b", ReferenceError::Invalid),
            ("-a", ReferenceError::Invalid),
            ("a b", ReferenceError::Invalid),
            ("a@sha256:12", ReferenceError::Invalid),
            ("${X}", ReferenceError::Invalid),
            ("a___b", ReferenceError::Invalid),
        ] {
            assert_eq!(Reference::parse(text), Err(error), "{text}");
        }
        let long = "a".repeat(256);
        assert_eq!(Reference::parse(&long), Err(ReferenceError::TooLong));
    }
}
