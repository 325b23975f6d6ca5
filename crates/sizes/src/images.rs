//! The table of base images.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use memchr::memchr;
use stagecraft_image::{Platform, Reference};
use stagecraft_text::sort;

use crate::{Basis, Estimate, Origin, Reasons, Span, rule};

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

/// A row with what follows from it.
#[derive(Debug)]
struct KnownRow {
    row: Row,
    /// The reason for a size that is of this row; the same where it is only the nearest one.
    reasons: [OnceLock<Reasons>; 2],
}

impl KnownRow {
    fn new(row: Row) -> Self {
        Self {
            row,
            reasons: Default::default(),
        }
    }

    fn reasons(&self, nearest: bool) -> Reasons {
        let row = &self.row;
        let new = || {
            let name = [row.image, ":", row.tag].concat();
            let source = Origin {
                name: row.source.into(),
                date: row.date.into(),
            };
            Reasons::from(Basis::Image {
                row: name.into(),
                nearest,
                source: Arc::new(source),
            })
        };
        let [own, near] = &self.reasons;
        let reasons = if nearest { near } else { own };
        reasons.get_or_init(new).clone()
    }
}

/// The columns of a line.
fn columns(line: &'static str) -> impl Iterator<Item = &'static str> + Clone {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr(b'\t', text.as_bytes());
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

/// What stands between separators.
pub(crate) fn parts(text: &str, separator: u8) -> impl Iterator<Item = &str> + Clone {
    pieces(text, move |byte| byte == separator)
}

/// The same by any bytes. It is short, so that looking at each byte is fastest.
fn pieces(
    text: &str,
    separates: impl Fn(u8) -> bool + Clone,
) -> impl Iterator<Item = &str> + Clone {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.bytes().position(&separates);
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

fn row(line: &'static str) -> Option<Row> {
    let mut columns = columns(line);
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

/// The lines of an image.
fn lines_of(image: &str) -> impl Iterator<Item = &'static str> + Clone {
    lines_from(image, first_line(image))
}

/// The lines of an image from one of them on.
fn lines_from(image: &str, first: usize) -> impl Iterator<Item = &'static str> + Clone {
    let is_of = move |line: &&str| {
        line.strip_prefix(image)
            .is_some_and(|it| it.starts_with('\t'))
    };
    let lines = STARTS.get(first..).unwrap_or_default().windows(2);
    let lines = lines.filter_map(|line| match line {
        [start, next] => TABLE.get(*start as usize..(*next as usize).saturating_sub(1)),
        _ => None,
    });
    lines.take_while(is_of)
}

/// The lines of an image that have `slim` in them.
fn slim_lines_of(image: &str) -> impl Iterator<Item = &'static str> {
    let first = first_line(image);
    let has_slim = SLIM.get(first..).unwrap_or_default();
    let lines = lines_from(image, first).zip(has_slim);
    lines.filter_map(|(line, has_slim)| has_slim.then_some(line))
}

/// Whether each line of the table has `slim` in it.
static SLIM: [bool; lines()] = {
    let mut all = [false; lines()];
    let (mut left, mut has_slim): (&mut [bool], _) = (&mut all, false);
    let mut rest = TABLE.as_bytes();
    while let [byte, behind @ ..] = rest {
        has_slim = has_slim || matches!(rest, [b's', b'l', b'i', b'm', ..]);
        if *byte == b'\n'
            && let [here, others @ ..] = left
        {
            *here = has_slim;
            (left, has_slim) = (others, false);
        }
        rest = behind;
    }
    all
};

/// Where each line of the table starts, and where the next one would.
static STARTS: [u32; lines() + 1] = {
    let mut starts = [0; lines() + 1];
    let [_, left @ ..] = &mut starts;
    let mut left: &mut [u32] = left;
    let (mut at, mut rest) = (0, TABLE.as_bytes());
    while let [byte, behind @ ..] = rest {
        at += 1;
        if *byte == b'\n'
            && let [next, others @ ..] = left
        {
            *next = at;
            left = others;
        }
        rest = behind;
    }
    starts
};

/// How many lines the table has.
const fn lines() -> usize {
    let (mut count, mut rest) = (0, TABLE.as_bytes());
    while let [byte, behind @ ..] = rest {
        if *byte == b'\n' {
            count += 1;
        }
        rest = behind;
    }
    count
}

/// The number of the first line whose name is not less. Behind the first line of the table they are
/// sorted by names.
fn first_line(image: &str) -> usize {
    // What ends a name is less than any letter of one.
    let is_before = |start: &u32| {
        let line = TABLE.as_bytes().get(*start as usize..).unwrap_or_default();
        line.get(..image.len()).unwrap_or(line) < image.as_bytes()
    };
    let starts = STARTS.get(1..).unwrap_or_default();
    // No line starts at the last one.
    let lines = starts.split_last().map_or(&[][..], |(_, lines)| lines);
    1 + lines.partition_point(is_before)
}

/// The tags that a line answers to, its own one first.
fn tags(line: &'static str) -> impl Iterator<Item = &'static str> {
    let mut columns = columns(line).skip(1);
    let own = columns.next();
    let aliases = columns.next().unwrap_or_default();
    own.into_iter()
        .chain(parts(aliases, b' ').filter(|tag| !tag.is_empty()))
}

impl Row {
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
    pub compressed: Span,
}

/// The registries that carry the official images under their own names, and where.
const MIRRORS: [(&str, &str); 3] = [
    ("public.ecr.aws", "docker/library/"),
    ("mirror.gcr.io", "library/"),
    ("registry.hub.docker.com", "library/"),
];

/// The name under which the table knows an image: that of an official image wherever it is
/// mirrored, else registry and path.
fn family<'a>(reference: &Reference<'a>) -> Cow<'a, str> {
    if let Some(name) = reference.official() {
        return Cow::Borrowed(name);
    }
    let path = reference.path();
    let mirror = MIRRORS
        .iter()
        .find(|(registry, _)| *registry == reference.registry());
    if let Some(name) = mirror.and_then(|(_, prefix)| path.strip_prefix(prefix))
        && !name.contains('/')
    {
        return Cow::Borrowed(name);
    }
    if reference.registry() == "docker.io" {
        return Cow::Borrowed(path);
    }
    Cow::Owned([reference.registry(), "/", path].concat())
}

/// What a tag says: of `3.11-slim-bookworm` the numbers 3 and 11, and the words behind them.
#[derive(Debug, Clone, Copy)]
struct Tag<'a> {
    /// The first four; `None` where there are fewer.
    numbers: [Option<u64>; 4],
    words: &'a str,
}

impl<'a> Tag<'a> {
    fn read(tag: &'a str) -> Self {
        let mut numbers = [None; 4];
        if !tag.starts_with(|first: char| first.is_ascii_digit()) {
            return Self {
                numbers,
                words: tag,
            };
        }
        let end = tag.bytes().position(is_dash).unwrap_or(tag.len());
        let (first, words) = tag.split_at_checked(end).unwrap_or((tag, ""));
        for (number, part) in numbers.iter_mut().zip(parts(first, b'.')) {
            *number = part.parse().ok();
            if number.is_none() {
                break;
            }
        }
        Self { numbers, words }
    }

    fn has_number(&self) -> bool {
        matches!(self.numbers, [Some(_), ..])
    }

    fn words(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let words = pieces(self.words, is_dash);
        words.filter(|word| !word.is_empty())
    }

    /// Words that say what kind of image it is, with what numbers they carry taken off.
    fn kinds(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let is_of_number = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let kinds = pieces(self.words, is_dash).map(move |word| {
            let last = word.bytes().rposition(|byte| !is_of_number(byte));
            last.and_then(|last| word.get(..=last)).unwrap_or_default()
        });
        kinds.filter(|kind| !kind.is_empty() && !is_release(kind))
    }

    /// Whether it is of the kind that those words say, in whatever order they are.
    fn is_of(&self, kinds: &[&str]) -> bool {
        let own = self.kinds();
        // Of one there is no other order.
        own.clone().eq(kinds.iter().copied())
            || kinds.len() > 1
                && own.clone().count() == kinds.len()
                && own.clone().all(|kind| {
                    let same = |other: &&str| *other == kind;
                    let theirs = kinds.iter().copied().filter(same).count();
                    own.clone().filter(same).count() == theirs
                })
    }
}

fn is_dash(byte: u8) -> bool {
    matches!(byte, b'-' | b'_')
}

/// Releases of the distributions below, and words for some version or other: a tag with another one
/// is nearly the same.
fn is_release(word: &str) -> bool {
    matches!(
        word,
        "lts"
            | "current"
            | "mainline"
            | "stable"
            | "latest"
            | "bookworm"
            | "bullseye"
            | "buster"
            | "stretch"
            | "trixie"
            | "sid"
            | "jammy"
            | "noble"
            | "focal"
    )
}

/// A tag of the table.
#[derive(Debug)]
struct KnownTag {
    text: &'static str,
    tag: Tag<'static>,
    /// Equal for tags of the same kind.
    kind: u32,
    /// The number of its row among those of the image.
    row: usize,
}

impl KnownTag {
    fn new(text: &'static str, row: usize) -> Self {
        let tag = Tag::read(text);
        let kind = hash_of(tag.kinds());
        Self {
            text,
            tag,
            kind,
            row,
        }
    }
}

/// A number for words, whatever their order.
fn hash_of<'w>(words: impl Iterator<Item = &'w str>) -> u32 {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let words = words.map(|word| word.bytes().fold(0x811c_9dc5, mix));
    words.fold(0, u32::wrapping_add)
}

/// What the table has of an image.
#[derive(Debug, Default)]
struct Family {
    rows: Vec<Arc<KnownRow>>,
    tags: Vec<KnownTag>,
    /// See [`Family::ratio`].
    ratio: OnceLock<Option<u64>>,
}

impl Family {
    fn read(lines: impl Iterator<Item = &'static str>) -> Self {
        let mut family = Self::default();
        for line in lines {
            let number = family.rows.len();
            if let Some(row) = row(line) {
                family.rows.push(Arc::new(KnownRow::new(row)));
                let tags = tags(line).map(|tag| KnownTag::new(tag, number));
                family.tags.extend(tags);
            }
        }
        family
    }

    /// Bytes on disk for a thousand bytes transferred, the middle one.
    fn ratio(&self) -> Option<u64> {
        let ratios = || self.rows.iter().filter_map(|it| it.row.ratio());
        let ratio = || middle_ratio(ratios().collect());
        *self.ratio.get_or_init(ratio)
    }

    /// The row of a tag, and whether it is only the nearest one. Rows of another kind (with or
    /// without `slim`, `alpine`, `jre`) are never near.
    fn find(&self, tag: &str) -> Option<(&Arc<KnownRow>, bool)> {
        if let Some(same) = self.tags.iter().find(|known| known.text == tag) {
            return Some((self.rows.get(same.row)?, false));
        }
        if self.tags.is_empty() {
            return None;
        }
        let wanted = Tag::read(tag);
        let kinds: Vec<&str> = wanted.kinds().collect();
        let kind = hash_of(kinds.iter().copied());
        let mut nearest: Option<(Distance, usize)> = None;
        for known in self.tags.iter().filter(|known| known.kind == kind) {
            let most = nearest.as_ref().map(|(distance, _)| distance);
            if let Some(distance) = Distance::between((&wanted, &kinds), &known.tag, most) {
                nearest = Some((distance, known.row));
            }
        }
        Some((self.rows.get(nearest?.1)?, true))
    }
}

/// What was read of the table: an image when it is asked for, by the number of its first line.
#[derive(Default)]
pub(crate) struct Index(OnceLock<Box<[OnceLock<Family>]>>);

impl Index {
    /// Looks an image up.
    pub(crate) fn find(&self, reference: &Reference<'_>) -> KnownImage {
        let image = family(reference);
        let first = first_line(&image);
        // At that line another image may stand.
        let is_known = lines_from(&image, first).next().is_some();
        let new = || (0..=lines()).map(|_| OnceLock::new()).collect();
        let all = is_known.then(|| self.0.get_or_init(new).get(first));
        let read = || Family::read(lines_from(&image, first));
        match all.flatten() {
            Some(all) => KnownImage::among(all.get_or_init(read), image, reference),
            None => KnownImage::among(&Family::default(), image, reference),
        }
    }
}

/// How far a tag of the table is from the one that is wanted.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    /// By their first numbers. One without a number stands for any version, but is nearer to none
    /// of them.
    version: (bool, u64, u64),
    /// Words that only the wanted one has, and the third number.
    rest: (usize, u64),
    /// Of equally near ones, the newest.
    newest: std::cmp::Reverse<[Option<u64>; 4]>,
}

impl Distance {
    /// That of a tag of the same kind which is less than `most`.
    fn between(
        (wanted, kinds): (&Tag<'_>, &[&str]),
        theirs: &Tag<'_>,
        most: Option<&Self>,
    ) -> Option<Self> {
        let apart = |at: usize| match (wanted.numbers.get(at), theirs.numbers.get(at)) {
            (Some(Some(ours)), Some(Some(other))) => ours.abs_diff(*other).min(999),
            // `3` stands for the newest `3.x`; no number for the newest of all.
            _ => 0,
        };
        let one_sided = wanted.has_number() && !theirs.has_number();
        let version = (one_sided, apart(0), apart(1));
        // Numbers are quicker to compare than words.
        if most.is_some_and(|most| most.version < version) || !theirs.is_of(kinds) {
            return None;
        }
        let is_theirs = |word: &str| theirs.words().any(|known| known == word);
        let others = wanted.words().filter(|word| !is_theirs(word));
        let found = Self {
            version,
            rest: (others.count(), apart(2)),
            newest: std::cmp::Reverse(theirs.numbers),
        };
        most.is_none_or(|most| found < *most).then_some(found)
    }
}

/// What the table of base images knows of one.
#[derive(Debug, Clone)]
pub struct KnownImage {
    /// The name of the image; for an official one without registry.
    image: Cow<'static, str>,
    row: Option<Arc<KnownRow>>,
    /// Whether the row is only the nearest one.
    nearest: bool,
    /// That of its other tags where the size on disk of its own was not measured.
    ratio: Option<u64>,
}

impl KnownImage {
    /// Looks an image up; [`Tables::image`](crate::Tables::image) does the same for many.
    pub fn find(reference: &Reference<'_>) -> Self {
        let image = family(reference);
        // Most ask for a tag that was measured: its own line says it all.
        let wanted = wanted_tag(reference);
        let own = lines_of(&image).find(|line| tags(line).any(|tag| tag == wanted));
        if let Some(row) = own.and_then(row).filter(|row| row.size.is_some()) {
            return Self {
                image: row.image.into(),
                row: Some(Arc::new(KnownRow::new(row))),
                nearest: false,
                ratio: None,
            };
        }
        let family = Family::read(lines_of(&image));
        Self::among(&family, image, reference)
    }

    /// The one that is asked for among all tags of its image.
    fn among(family: &Family, image: Cow<'_, str>, reference: &Reference<'_>) -> Self {
        let found = family.find(wanted_tag(reference));
        let is_measured = found.is_none_or(|(known, _)| known.row.size.is_some());
        Self {
            ratio: (!is_measured).then(|| family.ratio()).flatten(),
            image: match found {
                Some((known, _)) => known.row.image.into(),
                None => image.into_owned().into(),
            },
            row: found.map(|(known, _)| Arc::clone(known)),
            nearest: found.is_some_and(|(_, nearest)| nearest),
        }
    }

    /// The name of the image; for an official one without registry.
    pub(crate) fn name(&self) -> &str {
        &self.image
    }

    /// The column `system` of its row, or of the nearest one, and whether it is only that.
    pub(crate) fn system(&self) -> (Option<&'static str>, bool) {
        (self.row.as_ref().map(|it| it.row.system), self.nearest)
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

/// That of all rows; a test compares it with them.
const MIDDLE_RATIO: u64 = 2745;

/// The middle one of the ratios of those rows.
fn middle_ratio(mut ratios: Vec<u64>) -> Option<u64> {
    sort(&mut ratios);
    ratios.get(ratios.len() / 2).copied()
}

/// How large the image of that name is on that platform: [`KnownImage::size`].
pub fn base(reference: &Reference<'_>, platform: &Platform) -> BaseSize {
    KnownImage::find(reference).size(|| reference.normalized(), platform)
}

impl KnownImage {
    /// How large the image of that full name is on that platform.
    ///
    /// `scratch` is empty. A tag that the table does not have is answered by the nearest one of the
    /// same kind, which the basis says; an image that it does not have is unknown. Figures for
    /// arm64 are those of amd64 where none was measured.
    pub fn size(&self, full_name: impl FnOnce() -> String, platform: &Platform) -> BaseSize {
        if self.image == "scratch" {
            return BaseSize::zero();
        }
        let found = self.row.as_ref().filter(|_| platform.os == "linux");
        if let Some(known) = found {
            return size_of(known, self.nearest, self.ratio, platform);
        }
        Self::unknown_size(&full_name())
    }

    /// The size of an image of that full name of which nothing is known.
    pub fn unknown_size(full_name: &str) -> BaseSize {
        let what = ["the size of the image ", full_name].concat();
        BaseSize::open(Basis::Unknown(what.into()))
    }

    /// Whether its size is known for any platform.
    pub fn is_in_table(&self) -> bool {
        self.row.is_some() || self.image == "scratch"
    }
}

impl BaseSize {
    /// One that is not known, and why.
    pub fn open(basis: impl Into<Reasons>) -> Self {
        Self {
            compressed: Span::UNKNOWN,
            size: Estimate::open(basis),
        }
    }

    /// Nothing at all.
    pub fn zero() -> Self {
        Self {
            size: Estimate::zero(),
            compressed: Span::exact(0),
        }
    }
}

fn size_of(known: &KnownRow, nearest: bool, ratio: Option<u64>, platform: &Platform) -> BaseSize {
    let row = &known.row;
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
        Span::between(low, bytes, high)
    };
    let compressed = match row.arm64.filter(|_| arm).or(row.compressed) {
        Some(bytes) if measured => Span::exact(bytes),
        Some(bytes) => range(bytes),
        None => row.size.map_or(Span::UNKNOWN, transferred),
    };
    let basis = known.reasons(nearest);
    let size = match row.size {
        // From 1 GB on the figures are rounded to 10 MB.
        Some(bytes) if exact && bytes >= 1_000_000_000 => {
            let half = 5_000_000;
            let (low, high) = (bytes.saturating_sub(half), bytes.saturating_add(half));
            Estimate::between(low, bytes, high, basis)
        }
        Some(bytes) => Estimate::of(range(bytes), basis),
        None => by_ratio(row, ratio, compressed, basis),
    };
    BaseSize { size, compressed }
}

/// What a registry transfers of an image of so many bytes on disk, where that was not measured: by the
/// middle ratio of all images, a fifth less or two fifths more: nine of ten of which both are known are
/// within.
fn transferred(bytes: u64) -> Span {
    let part = |share: u64| (bytes / MIDDLE_RATIO).saturating_mul(share);
    Span::between(part(800), part(1_000), part(1_400))
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
    if Tag::read(tag).kinds().any(|kind| other(&kind)) || reference.digest().is_some() {
        return None;
    }
    let mut known = slim_lines_of(&image).peekable();
    known.peek()?;
    let versioned = numbers.starts_with(|first: char| first.is_ascii_digit());
    let slim = match tag.split_once('-') {
        Some((_, rest)) if versioned => format!("{numbers}-slim-{rest}"),
        _ if tag == "latest" => "slim".to_owned(),
        _ => format!("{tag}-slim"),
    };
    if !known.flat_map(tags).any(|tag| tag == slim) {
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
fn by_ratio(row: &Row, ratio: Option<u64>, compressed: Span, basis: Reasons) -> Estimate {
    let (ratio, rule) = match ratio {
        Some(ratio) => (ratio, rule!("unpacked as the image's other tags are")),
        None => (
            MIDDLE_RATIO,
            rule!("images unpack to about three times of what is transferred"),
        ),
    };
    let mut size = compressed.thousandths(ratio);
    size.low = (size.low / 1000).saturating_mul(800);
    size.high = size.high.map(|high| (high / 1000).saturating_mul(1250));
    let mut basis = if compressed.likely.is_some() {
        basis
    } else {
        let what = ["what a registry transfers of ", row.image, ":", row.tag];
        Basis::Unknown(what.concat().into()).into()
    };
    basis.add(&rule.into());
    Estimate::of(size, basis)
}

/// The tags of an image that the table knows, for completion: the plain ones first, the newest of
/// them at the top; those without a version (`latest`, `alpine`) stand last.
pub fn known_tags(image: &str) -> Vec<&'static str> {
    let key = |tag: &'static str| {
        let Tag { numbers, .. } = Tag::read(tag);
        let (kinds, words) = (
            Tag::read(tag).kinds().count(),
            Tag::read(tag).words().count(),
        );
        let place = (numbers[0].is_none(), kinds, words);
        let precise = numbers[2].is_some();
        (place, precise, std::cmp::Reverse(numbers), tag)
    };
    let mut keys: Vec<_> = lines_of(image).flat_map(tags).map(key).collect();
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
    fn lines_with_slim_are_known() {
        let lines: Vec<bool> = TABLE.lines().map(|line| line.contains("slim")).collect();
        assert_eq!(SLIM.to_vec(), lines);
    }

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
            assert_eq!(
                lines_of(image).filter_map(row).collect::<Vec<_>>(),
                all,
                "{image}"
            );
        }
        for image in ["", "a", "no such image", "~", "debia", "debiann"] {
            assert_eq!(lines_of(image).next(), None, "{image}");
        }
    }

    fn size_of(name: &str) -> BaseSize {
        let reference = Reference::parse(name).unwrap();
        base(&reference, &Platform::linux_amd64())
    }

    fn row_of(name: &str) -> Option<(String, bool)> {
        match size_of(name).size.basis.first() {
            Some(Basis::Image { row, nearest, .. }) => Some((row.to_string(), *nearest)),
            _ => None,
        }
    }

    #[test]
    fn what_was_read_of_an_image_is_not_taken_for_another() {
        let index = Index::default();
        for name in ["ab", "adminer", "zz", "aa", "python:3.12", "pythom", "pyth"] {
            let reference = Reference::parse(name).unwrap();
            for _ in 0..2 {
                let (found, alone) = (index.find(&reference), KnownImage::find(&reference));
                let parts = |it: &KnownImage| (it.row.as_ref().map(|it| it.row), it.nearest);
                assert_eq!(parts(&found), parts(&alone));
                assert_eq!(found.image, alone.image, "{name}");
            }
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
    fn the_middle_ratio_is_that_of_the_table() {
        let ratios = rows().filter_map(|row| row.ratio()).collect();
        assert_eq!(middle_ratio(ratios), Some(MIDDLE_RATIO));
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
    fn what_is_transferred_of_images_is_about_a_third_where_it_was_not_measured() {
        let (mut within, mut count) = (0, 0);
        for row in rows() {
            let Some(size) = row.size else {
                continue;
            };
            let span = transferred(size);
            let Some(measured) = row.compressed else {
                let both = size_of(&format!("{}:{}", row.image, row.tag));
                assert_eq!(both.compressed, span, "{row:?}");
                continue;
            };
            count += 1;
            within += usize::from(span.low <= measured && Some(measured) <= span.high);
        }
        assert!(
            count > 50 && within * 10 >= count * 9,
            "{within} of {count}"
        );
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
