//! The table of base images.

use stagecraft_image::{Platform, Reference};
use stagecraft_text::sort;

use crate::{Basis, Estimate};

/// One image a line, sorted; written by `cargo xtask data`, which says where the figures are from.
const TABLE: &str = include_str!("../data/base-images.tsv");

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    image: &'static str,
    tag: &'static str,
    aliases: &'static str,
    /// Bytes as a registry transfers them, amd64.
    compressed: Option<u64>,
    /// Bytes on disk, amd64.
    size: Option<u64>,
    /// Bytes as a registry transfers them, arm64.
    arm64: Option<u64>,
    date: &'static str,
    source: &'static str,
    /// The release that it is made from, and what it has beyond that; see [`crate::System`].
    system: &'static str,
}

fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    Some(Row {
        image: next()?,
        tag: next()?,
        aliases: next()?,
        compressed: next()?.parse().ok(),
        size: next()?.parse().ok(),
        arm64: next()?.parse().ok(),
        date: next()?,
        source: next()?,
        system: next()?,
    })
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().skip(1).filter_map(row)
}

/// The rows of an image.
fn rows_of(image: &str) -> impl Iterator<Item = Row> {
    lines_of(image).filter_map(row)
}

/// The tags of a row, its own and its other names.
fn tags_of(line: &'static str) -> impl Iterator<Item = &'static str> {
    let mut columns = line.split('\t').skip(1);
    let own = columns.next().into_iter();
    let others = columns.next().unwrap_or_default().split(' ');
    own.chain(others).filter(|tag| !tag.is_empty())
}

/// The lines of an image. The table is sorted by its names.
fn lines_of(image: &str) -> impl Iterator<Item = &'static str> {
    let name = |line: &'static str| line.split('\t').next().unwrap_or_default();
    // What is before the line that `at` is in, and that line with what follows it.
    let split = |text: &'static str, at: usize| {
        let start = text.get(..text.floor_char_boundary(at))?.rfind('\n');
        text.split_at_checked(start.map_or(0, |start| start + 1))
    };
    // Those less than the image are before `rest`; those behind `middle` are not.
    let mut rest = TABLE.split_once('\n').map_or("", |(_, rows)| rows);
    let mut length = rest.len();
    while let Some((before, middle)) = split(rest, length / 2).filter(|_| length > 0) {
        if name(middle) < image {
            let line = middle.find('\n').map_or(middle.len(), |end| end + 1);
            let skipped = before.len() + line;
            rest = rest.get(skipped..).unwrap_or_default();
            length = length.saturating_sub(skipped);
        } else {
            length = before.len();
        }
    }
    rest.lines().take_while(move |line| name(line) == image)
}

impl Row {
    fn tags(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.tag).chain(self.aliases.split(' ').filter(|tag| !tag.is_empty()))
    }

    /// Bytes on disk for a thousand bytes transferred.
    fn ratio(&self) -> Option<u64> {
        self.size?
            .saturating_mul(1000)
            .checked_div(self.compressed?)
    }
}

/// How large a base image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseSize {
    /// Bytes of its files, as `docker images` shows them.
    pub size: Estimate,
    /// Bytes as a registry transfers them.
    pub compressed: Estimate,
}

/// The registries that carry the official images under their own names, and where.
const MIRRORS: [(&str, &str); 3] = [
    ("public.ecr.aws", "docker/library/"),
    ("mirror.gcr.io", "library/"),
    ("registry.hub.docker.com", "library/"),
];

/// The name under which the table knows an image: that of an official image wherever it is
/// mirrored, else registry and path.
fn family(reference: &Reference<'_>) -> String {
    if let Some(name) = reference.official() {
        return name.to_owned();
    }
    let path = reference.path();
    let mirror = MIRRORS
        .iter()
        .find(|(registry, _)| *registry == reference.registry());
    if let Some(name) = mirror.and_then(|(_, prefix)| path.strip_prefix(prefix))
        && !name.contains('/')
    {
        return name.to_owned();
    }
    if reference.registry() == "docker.io" {
        return path.to_owned();
    }
    format!("{}/{path}", reference.registry())
}

/// The numbers and the other words of a tag: `3.11-slim-bookworm` is `[3, 11]` and `slim`,
/// `bookworm`.
fn parts(tag: &str) -> (Vec<u64>, Vec<&str>) {
    let mut numbers = Vec::new();
    let mut words = Vec::new();
    for (at, part) in tag.split(['-', '_']).enumerate() {
        if at == 0 && part.starts_with(|first: char| first.is_ascii_digit()) {
            numbers = part
                .split('.')
                .map_while(|number| number.parse().ok())
                .collect();
        } else {
            words.push(part);
        }
    }
    (numbers, words)
}

/// Releases of the distributions below; a tag with another one is nearly the same.
const RELEASES: [&str; 14] = [
    // Words for some version or other.
    "lts", "current", "bookworm", "bullseye", "buster", "stretch", "trixie", "sid", "jammy",
    "noble", "focal", "mainline", "stable", "latest",
];

/// Words that say what kind of image it is, with what numbers they carry taken off.
fn kinds<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut kinds: Vec<&str> = words
        .iter()
        .map(|word| word.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.'))
        .filter(|word| !word.is_empty() && !RELEASES.contains(word))
        .collect();
    sort(&mut kinds);
    kinds
}

/// The row of a tag, and whether it is only the nearest one. Rows of another kind (with or
/// without `slim`, `alpine`, `jre`) are never near.
fn find(family: &str, tag: &str) -> Option<(Row, bool)> {
    let own: Vec<Row> = rows_of(family).collect();
    if let Some(row) = own.iter().find(|row| row.tags().any(|known| known == tag)) {
        return Some((*row, false));
    }
    let (numbers, words) = parts(tag);
    let wanted = kinds(&words);
    let distance = |known: &str| {
        let (theirs, their_words) = parts(known);
        if kinds(&their_words) != wanted {
            return None;
        }
        let number = |list: &[u64], at: usize| list.get(at).copied();
        let apart = |at: usize| match (number(&numbers, at), number(&theirs, at)) {
            (Some(ours), Some(other)) => ours.abs_diff(other).min(999),
            // `3` stands for the newest `3.x`; no number for the newest of all.
            _ => 0,
        };
        let other_words = words
            .iter()
            .filter(|word| !their_words.contains(word))
            .count();
        // One without a number stands for any version, but is nearer to none of them.
        let one_sided = usize::from(!numbers.is_empty() && theirs.is_empty());
        let near = (one_sided, apart(0), apart(1), other_words, apart(2));
        // Of equally near ones, the newest.
        Some((near, std::cmp::Reverse(theirs)))
    };
    own.iter()
        .flat_map(|row| row.tags().map(move |known| (row, known)))
        .filter_map(|(row, known)| Some((distance(known)?, row)))
        .min_by(|(one, _), (other, _)| one.cmp(other))
        .map(|(_, row)| (*row, true))
}

/// What the table says of an image besides its size.
pub(crate) struct RowOf {
    /// The name of the image; for an official one without registry.
    pub(crate) image: String,
    /// The column `system` of its row, or of the nearest one.
    pub(crate) system: Option<&'static str>,
    /// Whether it is only the nearest one.
    pub(crate) nearest: bool,
}

/// Looks an image up.
pub(crate) fn row_of(reference: &Reference<'_>) -> RowOf {
    let image = family(reference);
    let found = find(&image, wanted_tag(reference));
    RowOf {
        image,
        system: found.map(|(row, _)| row.system),
        nearest: found.is_some_and(|(_, nearest)| nearest),
    }
}

/// The tag that is asked for; empty where only a digest is.
fn wanted_tag<'a>(reference: &Reference<'a>) -> &'a str {
    match (reference.tag(), reference.digest()) {
        (Some(tag), _) => tag,
        (None, None) => "latest",
        (None, Some(_)) => "",
    }
}

/// The middle one of the ratios of those rows.
fn middle_ratio(mut ratios: Vec<u64>) -> Option<u64> {
    sort(&mut ratios);
    ratios.get(ratios.len() / 2).copied()
}

/// How large the image of that name is on that platform.
///
/// `scratch` is empty. A tag that the table does not have is answered by the nearest one of the
/// same kind, which the basis says; an image that it does not have is unknown. Figures for arm64
/// are those of amd64 where none was measured.
pub fn base(reference: &Reference<'_>, platform: &Platform) -> BaseSize {
    let family = family(reference);
    if family == "scratch" {
        return BaseSize {
            size: Estimate::zero(),
            compressed: Estimate::zero(),
        };
    }
    let Some((row, nearest)) =
        find(&family, wanted_tag(reference)).filter(|_| platform.os == "linux")
    else {
        let what = format!("the size of the image {}", reference.normalized());
        return BaseSize {
            size: Estimate::unknown(what.clone()),
            compressed: Estimate::unknown(what),
        };
    };
    let basis = Basis::Image {
        row: format!("{}:{}", row.image, row.tag),
        nearest,
        source: row.source.to_owned(),
        date: row.date.to_owned(),
    };
    let arm = platform.architecture == "arm64";
    // On disk, and where arm64 was not measured, the figures are those of amd64.
    let exact = !nearest && platform.architecture == "amd64";
    let measured = !nearest && (exact || arm && row.arm64.is_some());
    // In thousandths: what tags next to each other differ by.
    let (down, up) = if exact { (1000, 1000) } else { (800, 1250) };
    let range = |bytes: u64| {
        let part = |share: u64| (bytes / 1000).saturating_mul(share);
        let (low, high) = if exact {
            (bytes, bytes)
        } else {
            (part(down), part(up))
        };
        Estimate::between(low, bytes, high, basis.clone())
    };
    let compressed = match row.arm64.filter(|_| arm).or(row.compressed) {
        Some(bytes) if measured => Estimate::known(bytes, basis.clone()),
        Some(bytes) => range(bytes),
        None => Estimate::unknown(format!(
            "what a registry transfers of {}:{}",
            row.image, row.tag
        )),
    };
    let size = match row.size {
        // From 1 GB on the figures are rounded to 10 MB.
        Some(bytes) if exact && bytes >= 1_000_000_000 => {
            let half = 5_000_000;
            Estimate::between(
                bytes.saturating_sub(half),
                bytes,
                bytes.saturating_add(half),
                basis,
            )
        }
        Some(bytes) => range(bytes),
        None => by_ratio(&row, compressed.clone()),
    };
    BaseSize { size, compressed }
}

/// An image and its smaller variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slim {
    /// The tag of the smaller one.
    pub tag: String,
    /// Bytes of its files.
    pub size: u64,
    /// Bytes of the files of the one that was asked for.
    pub from: u64,
}

/// The variant of an image that leaves out what programs are built with: the same version and the
/// same distribution, with `slim` in its tag, as the official images call it. `None` where the
/// table has no such row; the size of the one that was asked for may be that of the nearest.
pub fn slim(reference: &Reference<'_>, platform: &Platform) -> Option<Slim> {
    let tag = wanted_tag(reference);
    let (image, numbers) = (family(reference), tag.split('-').next().unwrap_or_default());
    // On Alpine it is another thing that is left out.
    let other = |kind: &&str| matches!(*kind, "slim" | "alpine");
    if kinds(&parts(tag).1).iter().any(other) || reference.digest().is_some() {
        return None;
    }
    let versioned = numbers.starts_with(|first: char| first.is_ascii_digit());
    let slim = match tag.split_once('-') {
        Some((_, rest)) if versioned => format!("{numbers}-slim-{rest}"),
        _ if tag == "latest" => "slim".to_owned(),
        _ => format!("{tag}-slim"),
    };
    if !lines_of(&image).flat_map(tags_of).any(|tag| tag == slim) {
        return None;
    }
    let bytes = |tag: &str| {
        let name = format!("{image}:{tag}");
        base(&Reference::parse(&name).ok()?, platform).size.likely
    };
    Some(Slim {
        size: bytes(&slim)?,
        from: bytes(tag)?,
        tag: slim,
    })
}

/// Where the size on disk was not measured: from what is transferred, by the middle ratio of the
/// image's other tags, else of all images; a fifth less or a quarter more is possible.
fn by_ratio(row: &Row, compressed: Estimate) -> Estimate {
    let own: Vec<u64> = rows_of(row.image)
        .filter_map(|other| other.ratio())
        .collect();
    let (ratios, name) = if own.is_empty() {
        (
            rows().filter_map(|row| row.ratio()).collect(),
            "images unpack to about three times of what is transferred",
        )
    } else {
        (own, "unpacked as the image's other tags are")
    };
    let Some(ratio) = middle_ratio(ratios) else {
        return Estimate::unknown(format!("the size of {}:{}", row.image, row.tag));
    };
    let mut size = compressed.thousandths(ratio, Basis::Heuristic(name.to_owned()));
    size.low = (size.low / 1000).saturating_mul(800);
    size.high = size.high.map(|high| (high / 1000).saturating_mul(1250));
    size
}

/// The tags of an image that the table knows, for completion: the plain ones first, the newest of
/// them at the top; those without a version (`latest`, `alpine`) stand last.
pub fn known_tags(image: &str) -> Vec<&'static str> {
    let tags: Vec<&str> = rows_of(image).flat_map(|row| row.tags()).collect();
    let key = |tag: &'static str| {
        let (numbers, words) = parts(tag);
        let place = (numbers.is_empty(), kinds(&words).len(), words.len());
        let precise = numbers.len() > 2;
        (place, precise, std::cmp::Reverse(numbers), tag)
    };
    let mut keys: Vec<_> = tags.into_iter().map(key).collect();
    sort(&mut keys);
    let mut tags: Vec<&str> = keys.into_iter().map(|(.., tag)| tag).collect();
    tags.dedup();
    tags
}

/// The names of the images that the table knows, sorted.
pub fn known_images() -> Vec<&'static str> {
    let mut names: Vec<&str> = rows().map(|row| row.image).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slim_variant_of_a_tag_has_the_same_version() {
        let of = |name: &str| {
            let reference = Reference::parse(name).unwrap();
            let slim = slim(&reference, &Platform::linux_amd64())?;
            assert!(slim.size < slim.from, "{name}");
            Some(slim.tag)
        };
        assert_eq!(of("python:3.12").as_deref(), Some("3.12-slim"));
        assert_eq!(
            of("docker.io/library/debian:bookworm").as_deref(),
            Some("bookworm-slim")
        );
        for name in [
            "python:3.12-slim",
            "alpine:3.20",
            "python:1.0",
            "example.org/python:3.12",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn the_rows_of_an_image_are_found() {
        for image in known_images() {
            let all: Vec<Row> = rows().filter(|row| row.image == image).collect();
            assert_eq!(rows_of(image).collect::<Vec<_>>(), all, "{image}");
        }
        for image in ["", "a", "no such image", "~", "debia", "debiann"] {
            assert_eq!(rows_of(image).next(), None, "{image}");
        }
    }

    fn size_of(name: &str) -> BaseSize {
        let reference = Reference::parse(name).unwrap();
        base(&reference, &Platform::linux_amd64())
    }

    fn row_of(name: &str) -> Option<(String, bool)> {
        match size_of(name).size.basis.first() {
            Some(Basis::Image { row, nearest, .. }) => Some((row.clone(), *nearest)),
            _ => None,
        }
    }

    #[test]
    fn tags_are_found_as_people_write_them() {
        for (name, row, nearest) in [
            ("golang:1.22", "golang:1.22", false),
            ("alpine:3.20", "alpine:3.20", false),
            ("docker.io/library/alpine:3.20", "alpine:3.20", false),
            (
                "public.ecr.aws/docker/library/alpine:3.20",
                "alpine:3.20",
                false,
            ),
            ("node:22-bookworm-slim", "node:22-slim", false),
            ("python:3.11-slim", "python:3.11-slim", false),
            ("nginx:mainline-alpine", "nginx:alpine", false),
        ] {
            assert_eq!(row_of(name), Some((row.to_owned(), nearest)), "{name}");
        }
    }

    #[test]
    fn a_tag_that_is_not_in_the_table_takes_the_nearest_of_its_kind_and_says_so() {
        for (name, must_have, must_not) in [
            ("node:22.3.0-slim", "slim", "alpine"),
            ("python:3.11.4-alpine3.18", "alpine", "slim"),
            ("golang:1.22.5", "golang:1.22", "alpine"),
        ] {
            let (row, nearest) = row_of(name).unwrap();
            assert!(nearest, "{name}: {row}");
            assert!(
                row.contains(must_have) && !row.contains(must_not),
                "{name}: {row}"
            );
            let size = size_of(name).size;
            assert!(
                size.low < size.likely.unwrap() && size.likely < size.high,
                "{name}"
            );
        }
    }

    #[test]
    fn a_tag_without_a_version_takes_the_newest() {
        for (name, row) in [
            ("alpine:3", "alpine:3.2"),
            ("node:lts-alpine", "node:2"),
            ("node:alpine", "node:2"),
        ] {
            let found = row_of(name).unwrap().0;
            assert!(found.starts_with(row), "{name}: {found}");
        }
        assert_eq!(row_of("example.com/library/alpine:3.20"), None);
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        for name in [
            "example.com/our/app:1",
            "no-such-image",
            "alpine@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        ] {
            let size = size_of(name).size;
            if row_of(name).is_none() {
                assert_eq!((size.low, size.likely), (0, None), "{name}");
            }
        }
        assert_eq!(row_of("no-such-image"), None);
    }

    #[test]
    fn scratch_is_empty() {
        assert_eq!(size_of("scratch").size, Estimate::zero());
    }

    #[test]
    fn every_row_has_a_figure_a_source_and_a_date() {
        let mut count = 0;
        for row in rows() {
            count += 1;
            assert!(row.compressed.or(row.size).is_some(), "{row:?}");
            assert!(!row.source.is_empty() && row.date.len() >= 4, "{row:?}");
            let name = format!("{}:{}", row.image, row.tag);
            assert!(size_of(&name).size.likely.is_some(), "{name}");
        }
        assert_eq!(count, TABLE.lines().count() - 1);
    }

    #[test]
    fn an_unpacked_image_is_larger_than_what_is_transferred() {
        for row in rows() {
            let both = size_of(&format!("{}:{}", row.image, row.tag));
            if let (Some(size), Some(compressed)) = (both.size.likely, both.compressed.likely) {
                assert!(size > compressed, "{row:?}");
            }
        }
    }

    #[test]
    fn another_tag_of_the_same_image_is_proposed() {
        assert!(known_tags("alpine").contains(&"3.20"));
        let tags = known_tags("python");
        let place = |tag| tags.iter().position(|known| *known == tag);
        let order = ["3.13", "3.9", "3.13-slim", "3.9-slim", "latest", "slim"];
        let places = order.map(|tag| place(tag).unwrap_or_else(|| panic!("no {tag}")));
        assert!(places.is_sorted(), "{tags:?}");
        assert!(known_images().contains(&"golang"));
    }
}
