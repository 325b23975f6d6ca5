//! What an image brings to the package managers that run in it.

use std::borrow::Cow;

use stagecraft_image::Reference;
use stagecraft_text::has_part;

use crate::images::parts;
use crate::{KnownImage, Repository};

/// Whose packages an image takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Debian, or one that is made from it.
    Debian(Repository),
    /// Alpine, or one that is made from it.
    Alpine,
    /// One with RPM packages.
    Rpm,
    /// Not known.
    Unknown,
}

/// What is in an image, as far as package managers care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct System {
    /// Whose packages it takes.
    pub distribution: Distribution,
    /// Whether the distribution is just the one named, and what is installed is known; else it is
    /// only the nearest one whose packages are known (an older release, Ubuntu).
    pub exact: bool,
    /// Whether documentation and translations are left out.
    pub slim: bool,
    /// Packages that it has beyond the distribution's own image, by name, with spaces between.
    pub packages: &'static str,
    /// The name of the image where it is one that brings more.
    image: &'static str,
    /// The major and the minor version that its tag begins with, as far as it names them.
    version: (Option<u32>, Option<u32>),
}

/// The names that releases of Node.js have besides their numbers, up to the last one before 22.
const OLD_NODE: [&str; 9] = [
    "argon", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "iron",
];

/// The major and the minor version that a tag begins with.
fn version(tag: &str) -> (Option<u32>, Option<u32>) {
    let number = parts(tag, b'-').next().unwrap_or_default();
    let mut parts = parts(number, b'.').map(|part| part.parse().ok());
    match parts.next().flatten() {
        Some(major) => (Some(major), parts.next().flatten()),
        None if OLD_NODE.contains(&number) => (Some(20), None),
        None => (None, None),
    }
}

/// Images whose users find more in them than packages.
const IMAGES: [&str; 6] = ["python", "php", "drupal", "wordpress", "node", "golang"];

/// A word that names may have in them.
struct Word {
    text: &'static str,
    letters: Letters,
}

impl Word {
    const fn new(text: &'static str) -> Self {
        let letters = Letters::of(text.as_bytes());
        Self { text, letters }
    }

    #[inline]
    fn is_in(&self, text: &Text<'_>) -> bool {
        let Letters(own) = self.letters;
        text.letters.0 & own == own && has_part(&text.text, self.text)
    }

    fn is_in_any(&self, texts: &[&Text<'_>]) -> bool {
        texts.iter().any(|text| self.is_in(text))
    }
}

/// A text in which words are looked for.
struct Text<'t> {
    text: Cow<'t, str>,
    letters: Letters,
}

impl<'t> Text<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text: text.into(),
            letters: Letters::of(text.as_bytes()),
        }
    }

    /// The same in small letters, if it has others; most have none.
    fn lower_case(&self) -> Option<Text<'static>> {
        let large = self.letters.0 & Letters::LARGE.0 != 0;
        (large && self.text.bytes().any(|byte| byte.is_ascii_uppercase())).then(|| {
            let text = self.text.to_ascii_lowercase();
            let letters = Letters::of(text.as_bytes());
            Text {
                text: text.into(),
                letters,
            }
        })
    }
}

/// Which letters a text has, so that most of what is not in it is told without a search.
#[derive(Clone, Copy)]
struct Letters(u64);

impl Letters {
    const LARGE: Self = Self::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    const fn of(mut text: &[u8]) -> Self {
        let mut all = 0;
        while let [byte, rest @ ..] = text {
            all |= 1 << (*byte % 64);
            text = rest;
        }
        Self(all)
    }
}

/// Releases whose packages are known, or near to them: by name and by number.
const RELEASES: [(Word, Repository, bool); 28] = [
    (Word::new("trixie"), Repository::Trixie, true),
    (Word::new("bookworm"), Repository::Bookworm, true),
    (Word::new("bullseye"), Repository::Bullseye, true),
    (Word::new("sid"), Repository::Trixie, false),
    (Word::new("testing"), Repository::Trixie, false),
    (Word::new("unstable"), Repository::Trixie, false),
    (Word::new("buster"), Repository::Bullseye, false),
    (Word::new("stretch"), Repository::Bullseye, false),
    (Word::new("jessie"), Repository::Bullseye, false),
    (Word::new("wheezy"), Repository::Bullseye, false),
    (Word::new("resolute"), Repository::Trixie, false),
    (Word::new("noble"), Repository::Trixie, false),
    (Word::new("jammy"), Repository::Bookworm, false),
    (Word::new("focal"), Repository::Bullseye, false),
    (Word::new("bionic"), Repository::Bullseye, false),
    (Word::new("xenial"), Repository::Bullseye, false),
    (Word::new("trusty"), Repository::Bullseye, false),
    (Word::new("precise"), Repository::Bullseye, false),
    (Word::new("26.04"), Repository::Trixie, false),
    (Word::new("25.04"), Repository::Trixie, false),
    (Word::new("24.04"), Repository::Trixie, false),
    (Word::new("22.04"), Repository::Bookworm, false),
    (Word::new("20.04"), Repository::Bullseye, false),
    (Word::new("18.04"), Repository::Bullseye, false),
    (Word::new("16.04"), Repository::Bullseye, false),
    (Word::new("14.04"), Repository::Bullseye, false),
    (Word::new("12.04"), Repository::Bullseye, false),
    (Word::new("ubuntu"), Repository::Bookworm, false),
];

/// Words in the names of images with RPM packages.
const RPM: [Word; 11] = [
    Word::new("centos"),
    Word::new("fedora"),
    Word::new("rockylinux"),
    Word::new("almalinux"),
    Word::new("oraclelinux"),
    Word::new("amazonlinux"),
    Word::new("amazoncorretto"),
    Word::new("redhat"),
    Word::new("ubi8"),
    Word::new("ubi9"),
    Word::new("azurelinux"),
];

const ALPINE: Word = Word::new("alpine");

/// In the tags of images that are smaller by what slim images leave out.
const SLIM: Word = Word::new("slim");

/// The release that one of some texts names.
fn release(texts: &[&Text<'_>]) -> Option<(Repository, bool)> {
    let mut releases = RELEASES.iter();
    let (_, repository, exact) = releases.find(|(word, ..)| word.is_in_any(texts))?;
    Some((*repository, *exact))
}

/// Whether one of some texts names an image with RPM packages.
fn is_rpm(texts: &[&Text<'_>]) -> bool {
    RPM.iter().any(|word| word.is_in_any(texts))
}

impl System {
    /// One of which nothing is known.
    pub fn unknown() -> Self {
        Self {
            distribution: Distribution::Unknown,
            exact: false,
            slim: true,
            packages: "",
            image: "",
            version: (None, None),
        }
    }

    /// What the image of that name brings: by the table, else by the words in its name.
    pub fn of(reference: &Reference<'_>) -> Self {
        Self::of_known(&KnownImage::find(reference), reference)
    }

    /// The same where the table was asked already.
    pub fn of_known(known: &KnownImage, reference: &Reference<'_>) -> Self {
        let (system, nearest) = known.system();
        let image = known.name();
        let tag = reference.tag().unwrap_or_default();
        let (image_text, tag_text) = (Text::new(image), Text::new(tag));
        let lower = [image_text.lower_case(), tag_text.lower_case()];
        let [image_lower, tag_lower] = &lower;
        let words = [
            image_lower.as_ref().unwrap_or(&image_text),
            tag_lower.as_ref().unwrap_or(&tag_text),
        ];
        let is_slim = SLIM.is_in(&tag_text);
        let own = IMAGES.iter().find(|own| **own == image);
        let own = own.copied().unwrap_or_default();
        let named = |distribution, exact| Self {
            distribution,
            exact,
            slim: is_slim,
            packages: "",
            image: own,
            version: version(tag),
        };
        // `debian:9`: what the number says is older than the tables.
        let old = image == "debian"
            && tag
                .split(['.', '-'])
                .next()
                .and_then(|number| number.parse::<u32>().ok())
                .is_some_and(|number| number < 11);
        if old {
            return named(Distribution::Debian(Repository::Bullseye), false);
        }
        let (base, packages) =
            system.map_or(("", ""), |text| text.split_once(' ').unwrap_or((text, "")));
        let base_text = Text::new(base);
        let base_release = release(&[&base_text]);
        let tag_release = release(&[&tag_text]);
        // Another release of the same image has the same packages by name.
        let wanted = tag_release.or(base_release);
        let has_alpine = ALPINE.is_in_any(&words);
        let is_alpine = has_alpine || base.starts_with("alpine");
        if !base.is_empty() && is_alpine == base.starts_with("alpine") {
            let distribution = match wanted {
                _ if is_alpine => Distribution::Alpine,
                _ if base.starts_with("rpm") => Distribution::Rpm,
                Some((repository, _)) => Distribution::Debian(repository),
                None => Distribution::Unknown,
            };
            let same = !nearest || image == "debian" || tag_release.is_some();
            return Self {
                distribution,
                exact: same && wanted.is_some_and(|(_, exact)| exact),
                slim: if wanted == base_release {
                    SLIM.is_in(&base_text)
                } else {
                    is_slim
                },
                packages,
                image: own,
                version: version(tag),
            };
        }
        if is_alpine {
            return named(Distribution::Alpine, false);
        }
        if is_rpm(&words) {
            return named(Distribution::Rpm, false);
        }
        match tag_release.or_else(|| release(&words)) {
            Some((repository, exact)) => named(
                Distribution::Debian(repository),
                exact && (image == "debian" || image == "ubuntu"),
            ),
            None if image == "debian" => named(Distribution::Debian(Repository::Trixie), true),
            None => named(Distribution::Unknown, false),
        }
    }

    /// Whether it is an official image of Python, whose own files are not compiled yet.
    pub fn is_python(&self) -> bool {
        self.image == "python"
    }

    /// Whether its Node.js keeps what npm's own code was compiled to: an official image of Node.js
    /// 22 or later. One whose tag has no number is taken for the newest.
    pub fn keeps_npm(&self) -> bool {
        self.image == "node" && self.version.0.is_none_or(|major| major >= 22)
    }

    /// Whether its Go compiles the standard library itself, and keeps that: an official image of
    /// Go 1.20 or later. Source: Go 1.20's release notes.
    pub fn compiles_go(&self) -> bool {
        let is_old = matches!(self.version, (Some(1), Some(minor)) if minor < 20);
        self.image == "golang" && !is_old
    }

    /// The value of a variable that the image sets for who builds on it.
    /// Source: the official images' `docker image inspect`.
    pub fn variable(&self, name: &str) -> Option<&'static str> {
        match (self.image, name) {
            ("php" | "drupal" | "wordpress", "PHPIZE_DEPS") => {
                Some("autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(name: &str) -> System {
        System::of(&Reference::parse(name).unwrap())
    }

    #[test]
    fn what_a_release_keeps_is_told_by_the_number_in_the_tag_or_by_its_lack() {
        for (name, keeps) in [
            ("node", true),
            ("node:22-slim", true),
            ("node:24.1.0-alpine3.21", true),
            ("node:lts", true),
            ("node:jod-slim", true),
            ("node:iron-slim", false),
            ("node:20.11-alpine", false),
            ("example.com/node:22", false),
            ("python:3.12", false),
        ] {
            assert_eq!(system(name).keeps_npm(), keeps, "{name}");
        }
        for (name, compiles) in [
            ("golang", true),
            ("golang:1.22-alpine", true),
            ("golang:1", true),
            ("golang:bookworm", true),
            ("golang:1.19", false),
            ("debian:bookworm", false),
        ] {
            assert_eq!(system(name).compiles_go(), compiles, "{name}");
        }
    }

    #[test]
    fn an_images_distribution_is_known_by_the_table_or_by_its_name() {
        use Distribution::{Alpine, Debian, Rpm, Unknown};
        for (name, distribution, exact, slim) in [
            (
                "debian:bookworm-slim",
                Debian(Repository::Bookworm),
                true,
                true,
            ),
            ("debian:bookworm", Debian(Repository::Bookworm), true, false),
            ("debian", Debian(Repository::Trixie), true, false),
            ("debian:9", Debian(Repository::Bullseye), false, false),
            ("debian:jessie", Debian(Repository::Bullseye), false, false),
            (
                "python:3.11-slim-bookworm",
                Debian(Repository::Bookworm),
                true,
                true,
            ),
            ("python:3.13-slim", Debian(Repository::Trixie), true, true),
            (
                "node:22-bookworm-slim",
                Debian(Repository::Bookworm),
                true,
                true,
            ),
            ("ubuntu:22.04", Debian(Repository::Bookworm), false, false),
            (
                "nvidia/cuda:11.8.0-devel-ubuntu22.04",
                Debian(Repository::Bookworm),
                false,
                false,
            ),
            ("alpine:3.20", Alpine, false, false),
            ("node:20-alpine", Alpine, false, false),
            ("me/alpine-thing", Alpine, false, false),
            ("centos:7", Rpm, false, false),
            ("me/app", Unknown, false, false),
        ] {
            let found = system(name);
            assert_eq!(found.distribution, distribution, "{name}");
            assert_eq!(
                (found.exact, found.slim),
                (exact, slim),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn what_an_image_has_already_is_known() {
        assert!(
            system("python:3.12-slim")
                .packages
                .contains("ca-certificates")
        );
        assert!(system("golang:1.24").packages.contains("git"));
        assert!(
            system("python:3.11-slim-bookworm")
                .packages
                .contains("ca-certificates")
        );
        assert_eq!(system("debian:bookworm").packages, "");
    }
}
