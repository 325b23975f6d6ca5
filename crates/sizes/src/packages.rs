//! Tables of packages: what each weighs and what comes with it.
//!
//! The bytes are written by `cargo xtask data`, whose `graph` module describes them. A table is read
//! when it is first asked for; then to look a package up takes a few steps and no memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use memchr::memchr_iter;
use stagecraft_image::Reference;
use stagecraft_text::size;

use crate::images::{Index, KnownImage};
use crate::{Name, Origin};

/// All tables, one behind the other. The page has none built in: it fetches them as a file.
#[cfg(feature = "packages")]
const BYTES: &[u8] = include_bytes!("../data/packages.bin");
#[cfg(not(feature = "packages"))]
const BYTES: &[u8] = &[];

/// How many tables there are.
const COUNT: usize = 6;

/// The tables: of packages those that are built in, or such as were fetched. Clones share what was
/// read of them.
#[derive(Clone, Default)]
pub struct Tables {
    bytes: Option<Arc<[u8]>>,
    read: Arc<Read>,
}

/// What was read of tables.
#[derive(Default)]
struct Read {
    packages: [OnceLock<Table>; COUNT],
    images: Index,
}

impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.read, &other.read) || self.bytes == other.bytes
    }
}

impl Eq for Tables {}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tables").field(&self.bytes().len()).finish()
    }
}

impl Tables {
    /// Tables from the bytes of `crates/sizes/data/packages.bin`; what is none of it knows nothing.
    pub fn read(bytes: &[u8]) -> Self {
        Self {
            bytes: Some(bytes.into()),
            ..Self::default()
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(BYTES)
    }

    /// Looks a base image up.
    pub fn image(&self, reference: &Reference<'_>) -> KnownImage {
        self.read.images.find(reference)
    }

    /// The table of a repository.
    pub fn packages(&self, repository: Repository) -> Packages<'_> {
        // In the order in which they lie.
        let [bullseye, bookworm, trixie, pypi, npm, php] = &self.read.packages;
        let (at, table) = match repository {
            Repository::Bullseye => (0, bullseye),
            Repository::Bookworm => (1, bookworm),
            Repository::Trixie => (2, trixie),
            Repository::PyPi => (3, pypi),
            Repository::Npm => (4, npm),
            Repository::Php => (5, php),
        };
        Packages(table.get_or_init(|| Table::read(self.bytes(), at).unwrap_or_default()))
    }
}

/// Whose packages a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Repository {
    /// Debian 11.
    Bullseye,
    /// Debian 12.
    Bookworm,
    /// Debian 13.
    Trixie,
    /// Python's.
    PyPi,
    /// That of Node.js.
    Npm,
    /// Extensions of PHP, those of PECL by their names with `pecl/` before.
    Php,
}

#[cfg(test)]
impl Repository {
    const ALL: [Self; 6] = [
        Self::Bullseye,
        Self::Bookworm,
        Self::Trixie,
        Self::PyPi,
        Self::Npm,
        Self::Php,
    ];
}

/// A table of packages.
#[derive(Debug, Clone, Copy)]
pub struct Packages<'t>(&'t Table);

/// What is in a table.
#[derive(Debug, Default)]
struct Table {
    source: String,
    /// What there is where images come with some packages, by the place of their names.
    brought: Mutex<BTreeMap<(usize, usize), Installed>>,
    /// The same as a reason gives it, for what is just of that and for what is nearest to it.
    origins: OnceLock<[Arc<Origin>; 2]>,
    /// The names, sorted, each with a line feed.
    text: String,
    /// Where each of them starts, and where the next one would.
    starts: Vec<u32>,
    by_name: Alike,
    /// By what a name is without its version; read when somebody asks for one of those.
    by_rest: OnceLock<Alike>,
    /// First those with names, in their order.
    nodes: Vec<Node>,
    /// Numbers of nodes.
    needs: Vec<u16>,
    /// By the package that needs it.
    loose: Vec<Loose>,
    /// What those take instead; numbers of nodes.
    others: Vec<u16>,
}

/// What a package needs, but takes other versions for; or what it works with where that is there, but
/// does without: then it is the need itself.
#[derive(Debug, Clone, Copy)]
struct Loose {
    /// Who needs it.
    by: u16,
    need: u16,
    /// Where the others are.
    first: u16,
    count: u16,
}

/// A package of npm that a table has in some major version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Major<'t> {
    /// The version that the table has.
    pub version: &'t str,
    at: u16,
}

/// A package, or several that always come together.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// See [`Weight`]; small, as many are looked at that lie far apart.
    bytes: [u32; 3],
    asks: bool,
    /// Where its needs start: those that it cannot do without, then those that are recommended.
    first: u32,
    /// How many it has of each.
    hard: u16,
    soft: u16,
}

impl Node {
    /// One with those numbers, without needs. The highest bit of the last number is a mark.
    fn new(codes: [u16; 3]) -> Self {
        let number = |code| u32::try_from(decoded(code & 0x7fff)).unwrap_or(u32::MAX);
        Self {
            bytes: codes.map(number),
            asks: codes[2] & 0x8000 != 0,
            first: 0,
            hard: 0,
            soft: 0,
        }
    }

    /// Where its needs end.
    fn end(&self, more: bool) -> u32 {
        let soft = if more { self.soft } else { 0 };
        self.first + u32::from(self.hard) + u32::from(soft)
    }

    /// Adds what it weighs. Not even all of a table come near to what a number can hold.
    fn weigh(&self, sum: &mut Weight) {
        for (sum, more) in sum.bytes.iter_mut().zip(self.bytes) {
            *sum += u64::from(more);
        }
        sum.count += 1;
        sum.asks |= self.asks;
    }
}

/// Which packages of a table there are already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    bits: Vec<u64>,
    /// Packages that wait to be installed; empty but while something is installed.
    waiting: Vec<u16>,
}

/// What packages add, in bytes.
///
/// Debian: files in a slim image with what dpkg writes down of them; what slim images leave out of
/// it; the archives. `PyPI`: files; of these compiled ones; what the cache keeps. npm: files; what
/// the cache keeps; what it keeps besides where there is no lock file. PHP: extensions; what
/// comes with them; what stays in `/tmp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    /// Three numbers; see above.
    pub bytes: [u64; 3],
    /// How many table entries; a package with what it needs may be one.
    pub count: u32,
    /// Debian: one of them puts questions to debconf.
    pub asks: bool,
}

impl Weight {
    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        self.add(&other);
        self
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in self.bytes.iter_mut().zip(other.bytes) {
            *sum = sum.saturating_add(more);
        }
        self.count = self.count.saturating_add(other.count);
        self.asks |= other.asks;
    }
}

/// Cuts `length` bytes off the front.
fn take<'t>(bytes: &mut &'t [u8], length: usize) -> Option<&'t [u8]> {
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

fn short(bytes: &mut &[u8]) -> Option<usize> {
    let pair: [u8; 2] = take(bytes, 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(pair)))
}

/// The `at`th number of four bytes.
fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at.checked_mul(4)?;
    let four: [u8; 4] = bytes.get(start..start.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

/// Seven bits a byte, lowest first; the last one has no eighth bit.
#[inline]
fn varint(bytes: &mut std::slice::Iter<'_, u8>) -> Option<usize> {
    let first = usize::from(*bytes.next()?);
    // Mostly the first is the last.
    if first < 128 {
        return Some(first);
    }
    let mut value = first & 127;
    for shift in [7, 14, 21] {
        let byte = usize::from(*bytes.next()?);
        value |= (byte & 127) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}

/// Eleven bits to bytes: six bits behind the first one, and how often they are doubled.
fn decoded(code: u16) -> u64 {
    let (exponent, mantissa) = (u32::from(code) / 64, u64::from(code % 64));
    match exponent.checked_sub(1) {
        None => mantissa,
        Some(shift) => (64 + mantissa) << shift.min(40),
    }
}

/// Names by a hash. Those with the same one are a chain from the last to the first.
#[derive(Debug, Default)]
struct Alike {
    /// Numbers of names, counted from 1.
    last: Vec<u16>,
    before: Vec<u16>,
}

impl Alike {
    fn new(hashes: impl ExactSizeIterator<Item = usize>) -> Self {
        let mut last = vec![0; hashes.len().next_power_of_two()];
        let mut before = Vec::with_capacity(hashes.len());
        let slots = last.len();
        for (number, hash) in (1..).zip(hashes) {
            let last = last.get_mut(hash & (slots - 1));
            before.push(last.map_or(0, |last| std::mem::replace(last, number)));
        }
        Self { last, before }
    }

    /// All with that hash, the last one first, and perhaps others.
    fn of(&self, hash: usize) -> impl Iterator<Item = usize> {
        // There are as many as a power of two, or none.
        let slot = hash & self.last.len().wrapping_sub(1);
        let mut next = self.last.get(slot);
        std::iter::from_fn(move || {
            let at = usize::from(*next?).checked_sub(1)?;
            next = self.before.get(at);
            Some(at)
        })
    }
}

/// A number for a name.
fn hash(name: &str) -> usize {
    let mix = |hash: u64, part: u64| (hash ^ part).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let word = |bytes: &[u8]| {
        let next = |word, &byte: &u8| word << 8 | u64::from(byte);
        bytes.iter().fold(0, next)
    };
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let words = words.iter().map(|bytes| u64::from_le_bytes(*bytes));
    // Of long names the last bytes are looked at again.
    let last = match name.as_bytes().last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => word(rest),
    };
    let hash = mix(words.fold(0, mix), last);
    (hash >> 32) as usize
}

/// A number for what a name is without its version.
fn hash_of_rest(name: impl Iterator<Item = u8>) -> usize {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = name.fold(0x811c_9dc5, mix);
    // The lowest bits know of the lowest bits of the letters only.
    (hash ^ hash >> 15) as usize
}

/// Numbers of two bytes, of which first all low ones stand there and then all high ones.
fn codes([low, high]: [&[u8]; 2]) -> impl Iterator<Item = u16> {
    let halves = low.iter().zip(high);
    halves.map(|(low, high)| u16::from_le_bytes([*low, *high]))
}

impl Table {
    /// That with the number `at`.
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let (lengths, mut rest) = bytes.split_at_checked((1 + COUNT) * 4)?;
        let text = take(&mut rest, long(lengths, 0)?)?;
        let who = take(&mut rest, memchr_iter(b'\n', text).count())?;
        for before in 0..at {
            take(&mut rest, long(lengths, 1 + before)?)?;
        }
        let mut rest = take(&mut rest, long(lengths, 1 + at)?)?;
        let length = short(&mut rest)?;
        let source = take(&mut rest, length)?.to_vec();
        let nodes = short(&mut rest)?;
        let mut table = Self {
            source: String::from_utf8(source).ok()?,
            ..Self::default()
        };
        table.add_names(std::str::from_utf8(text).ok()?, who, 1 << at);
        let mut numbers: [[&[u8]; 2]; 3] = [[&[]; 2]; 3];
        for half in numbers.iter_mut().flatten() {
            *half = take(&mut rest, nodes)?;
        }
        let mut bytes = rest.iter();
        let [first, second, last] = numbers.map(codes);
        let codes = first.zip(second).zip(last);
        table
            .nodes
            .extend(codes.map(|((first, second), last)| Node::new([first, second, last])));
        table.add_needs(&mut bytes)?;
        let mut by = 0;
        while let Some(way) = varint(&mut bytes) {
            by += way;
            table.add_loose(by, &mut bytes)?;
        }
        Some(table)
    }

    /// Adds those of all names whose byte in `who` has `bit`.
    fn add_names(&mut self, all: &str, who: &[u8], bit: u8) {
        let count = who.iter().filter(|who| **who & bit != 0).count();
        self.starts.reserve_exact(count + 1);
        self.starts.push(0);
        let mut start = 0;
        for (end, who) in memchr_iter(b'\n', all.as_bytes()).zip(who) {
            if who & bit != 0 {
                self.text.push_str(all.get(start..=end).unwrap_or_default());
                self.starts.push(size(self.text.len()).into());
            }
            start = end + 1;
        }
        self.by_name = Alike::new((0..count).map(|at| hash(self.name(at))));
    }

    /// Adds what the nodes need, which comes next.
    fn add_needs(&mut self, bytes: &mut std::slice::Iter<'_, u8>) -> Option<()> {
        let mut count = || u16::try_from(varint(bytes)?).ok();
        for node in &mut self.nodes {
            node.hard = count()?;
        }
        for node in &mut self.nodes {
            node.soft = count()?;
        }
        self.needs.reserve(bytes.len());
        for node in &mut self.nodes {
            node.first = size(self.needs.len()).into();
            for count in [node.hard, node.soft] {
                let mut target = 0;
                for _ in 0..count {
                    target += varint(bytes)?;
                    self.needs.push(u16::try_from(target).ok()?);
                }
            }
        }
        Some(())
    }

    /// Adds what `by` needs and takes others for, which comes next.
    fn add_loose(&mut self, by: usize, bytes: &mut std::slice::Iter<'_, u8>) -> Option<()> {
        let mut short = || u16::try_from(varint(bytes)?).ok();
        let (need, count) = (short()?, short()?);
        self.nodes.get(usize::from(need))?;
        let first = u16::try_from(self.others.len()).ok()?;
        for _ in 0..count {
            self.others.push(short()?);
        }
        self.loose.push(Loose {
            by: u16::try_from(by).ok()?,
            need,
            first,
            count,
        });
        Some(())
    }

    fn others(&self, loose: Loose) -> &[u16] {
        let first = usize::from(loose.first);
        let others = self.others.get(first..first + usize::from(loose.count));
        others.unwrap_or_default()
    }

    /// Something that a package needs and that is not there, nor anything that it takes instead,
    /// there or among `beside`.
    fn missing(&self, there: &Installed, beside: &Installed) -> Option<usize> {
        let is_there = |at: u16| has(&there.bits, usize::from(at));
        let will_do = |other: &u16| is_there(*other) || has(&beside.bits, usize::from(*other));
        let missing = self.loose.iter().find(|loose| {
            is_there(loose.by) && !is_there(loose.need) && !self.others(**loose).iter().any(will_do)
        });
        missing.map(|loose| usize::from(loose.need))
    }

    /// Where a name is in the text.
    fn place(&self, at: usize) -> std::ops::Range<usize> {
        match self.starts.get(at..at + 2) {
            Some(&[start, next]) => start as usize..(next as usize).saturating_sub(1),
            _ => 0..0,
        }
    }

    fn name(&self, at: usize) -> &str {
        self.text.get(self.place(at)).unwrap_or_default()
    }

    /// The same to be compared.
    fn name_bytes(&self, at: usize) -> &[u8] {
        let text = self.text.as_bytes();
        text.get(self.place(at)).unwrap_or_default()
    }

    /// What a node needs directly.
    fn needs(&self, node: &Node, more: bool) -> &[u16] {
        let needs = node.first as usize..node.end(more) as usize;
        self.needs.get(needs).unwrap_or_default()
    }
}

impl<'t> Packages<'t> {
    /// Where the figures were read, and when: `YYYY-MM-DD`.
    pub fn source(self) -> (&'t str, &'t str) {
        self.0.source.split_once('\t').unwrap_or_default()
    }

    /// The same as a reason gives it; `exact` is false where it is only the nearest that is known.
    pub fn origin(self, exact: bool) -> Arc<Origin> {
        let [own, near] = self.0.origins.get_or_init(|| {
            let (source, date) = self.source();
            let near = ["as in ", source, ", the nearest that is known"].concat();
            [source.to_owned(), near].map(|name| {
                Arc::new(Origin {
                    name: name.into(),
                    date: Name::from(date.to_owned()),
                })
            })
        });
        Arc::clone(if exact { own } else { near })
    }

    /// How many names it answers to.
    pub fn len(self) -> usize {
        self.0.by_name.before.len()
    }

    /// Whether it answers to none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    fn name(self, at: usize) -> &'t str {
        self.0.name(at)
    }

    /// The number of a package.
    fn find(self, name: &str) -> Option<usize> {
        let mut alike = self.0.by_name.of(hash(name));
        alike.find(|&at| self.0.name_bytes(at) == name.as_bytes())
    }

    /// What a package weighs without what it needs.
    pub fn own(self, name: &str) -> Option<Weight> {
        let node = self.0.nodes.get(self.find(name)?)?;
        let mut own = Weight::default();
        node.weigh(&mut own);
        Some(own)
    }

    /// Whether a package is in the table.
    pub fn has(self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A package of nearly the same name, where only the version in it differs: for `php7.2-curl`
    /// `php-curl` or `php8.2-curl`, for `libtiff5` `libtiff6`.
    pub fn kin(self, name: &str) -> Option<&'t str> {
        let digit = name.bytes().position(|byte| byte.is_ascii_digit());
        let stem = name.get(..digit.unwrap_or(name.len()))?;
        let stem = stem.trim_end_matches(['-', '.']);
        // `python-x` has become `python3-x`.
        let end = stem.bytes().position(|byte| byte == b'-');
        let stem = stem.get(..end.unwrap_or(stem.len()))?;
        if stem.len() < 2 {
            return None;
        }
        let hashes = || {
            let names = (0..self.len()).map(|at| self.name(at));
            Alike::new(names.map(|name| hash_of_rest(versionless(name))))
        };
        let by_rest = self.0.by_rest.get_or_init(hashes);
        let alike = by_rest.of(hash_of_rest(versionless(name)));
        let mut alike = alike.map(|at| self.name(at));
        alike.find(|known| known.starts_with(stem) && versionless(known).eq(versionless(name)))
    }

    /// What there is in an image that comes with those packages, with spaces between.
    pub fn brought(self, names: &'static str) -> Installed {
        let mut known = self.0.brought.lock();
        let known = known.as_deref_mut();
        let new = || {
            let mut there = Installed::default();
            for name in names.split_whitespace() {
                self.install(&mut there, name, false);
            }
            there
        };
        match known {
            Ok(known) => {
                let place = (names.as_ptr().addr(), names.len());
                known.entry(place).or_insert_with(new).clone()
            }
            Err(_) => new(),
        }
    }

    /// Installs a package with what it needs and is not there yet, and says what that adds; `None`
    /// where it is not in the table. `more` installs what is only recommended, too.
    pub fn install(self, there: &mut Installed, name: &str, more: bool) -> Option<Weight> {
        Some(self.install_at(there, self.find(name)?, more))
    }

    /// Whether a package is among those that are there.
    pub fn is_there(self, there: &Installed, name: &str) -> bool {
        self.find(name).is_some_and(|at| has(&there.bits, at))
    }

    fn install_at(self, there: &mut Installed, root: usize, more: bool) -> Weight {
        let table = self.0;
        let Installed { bits, waiting } = there;
        if has(bits, root) {
            return Weight::default();
        }
        let length = table.nodes.len().div_ceil(64);
        if bits.len() != length {
            bits.resize(length, 0);
            waiting.reserve(64);
        }
        let bits = bits.as_mut_slice();
        let mut sum = Weight::default();
        // What waits is marked already, so that it waits once.
        set(bits, root);
        let mut next = table.nodes.get(root);
        if let Some(node) = next {
            node.weigh(&mut sum);
        }
        while let Some(node) = next {
            for &need in table.needs(node, more) {
                let need = usize::from(need);
                if set(bits, need)
                    && let Some(needed) = table.nodes.get(need)
                {
                    needed.weigh(&mut sum);
                    if needed.first < needed.end(more) {
                        waiting.extend(u16::try_from(need));
                    }
                }
            }
            next = waiting
                .pop()
                .and_then(|at| table.nodes.get(usize::from(at)));
        }
        sum
    }

    /// Packages of npm that are asked for together, without what they need.
    pub fn together(self, all: &[Major<'_>]) -> Installed {
        let mut bits = vec![0; self.0.nodes.len().div_ceil(64)];
        for package in all {
            set(&mut bits, usize::from(package.at));
        }
        Installed {
            bits,
            waiting: Vec::new(),
        }
    }

    /// Installs a package of npm like [`Packages::install`]. What it or its needs take in one of
    /// several major versions is not installed where one of them is there, or among those that are
    /// asked for [together](Packages::together) with it.
    pub fn install_major(
        self,
        there: &mut Installed,
        package: Major<'_>,
        more: bool,
        beside: &Installed,
    ) -> Weight {
        let mut sum = self.install_at(there, usize::from(package.at), more);
        if sum.count == 0 {
            return sum;
        }
        while let Some(need) = self.0.missing(there, beside) {
            sum.add(&self.install_at(there, need, more));
        }
        sum
    }

    /// Whether something that is there works with a package, so that npm leaves that where it is
    /// though only development names it.
    /// Source: `npm ci --omit=dev` of a project with `vue`, which names `typescript` for development;
    /// npm 10.9 and 11.19 keep it.
    pub fn keeps(self, there: &Installed, package: Major<'_>) -> bool {
        let is_there = |at: u16| has(&there.bits, usize::from(at));
        self.0.loose.iter().any(|loose| {
            loose.need == loose.by
                && is_there(loose.by)
                && self.0.others(*loose).contains(&package.at)
        })
    }

    /// Looks a package of npm up. Of several major versions the one that is wanted is taken, else the
    /// last.
    pub fn major(self, name: &str, major: Option<&str>) -> Option<Major<'t>> {
        let key = [name, "@"].concat();
        let first = self.first_from(&key);
        let names = (first..self.len()).map(|at| (at, self.name(at)));
        let found = names.map_while(|(at, known)| Some((at, known.strip_prefix(&*key)?)));
        let mut best = None;
        for (at, version) in found {
            let wanted = Some(version) == major;
            if wanted || best.is_none_or(|(_, last)| newer(version, last)) {
                best = Some((at, version));
            }
            if wanted {
                break;
            }
        }
        let (at, version) = best?;
        let at = u16::try_from(at).ok()?;
        Some(Major { version, at })
    }

    /// The first name that is not less.
    fn first_from(self, name: &str) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            if self.name(middle) < name {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

/// Whether a number is greater than another.
fn newer(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    number(one) > number(other)
}

/// A name without the digits of its version and the dots between them.
fn versionless(name: &str) -> impl Iterator<Item = u8> {
    name.bytes()
        .filter(|byte| !byte.is_ascii_digit() && *byte != b'.')
}

/// Whether a number was noted.
fn has(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64)
        .is_some_and(|word| word & 1 << (at % 64) != 0)
}

/// Notes a number; false where it was noted before, and for one that is none of a package.
#[inline]
fn set(bits: &mut [u64], at: usize) -> bool {
    let bit = 1 << (at % 64);
    match bits.get_mut(at / 64) {
        Some(word) if *word & bit == 0 => {
            *word |= bit;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(repository: Repository, names: &[&str], more: bool) -> u64 {
        let tables = Tables::default();
        let packages = tables.packages(repository);
        let mut there = Installed::default();
        let sum = names
            .iter()
            .map(|name| packages.install(&mut there, name, more).unwrap());
        sum.map(|weight| weight.bytes[0]).sum()
    }

    #[test]
    fn every_table_is_there_with_its_source() {
        let tables = Tables::default();
        for repository in Repository::ALL {
            let packages = tables.packages(repository);
            assert!(packages.len() > 20, "{repository:?}: {}", packages.len());
            let (source, date) = packages.source();
            assert!(!source.is_empty() && date.len() == 10, "{source} {date}");
            let names: Vec<&str> = (0..packages.len()).map(|at| packages.name(at)).collect();
            assert!(names.is_sorted(), "{repository:?}");
            for (at, name) in names.iter().enumerate() {
                assert_eq!(packages.find(name), Some(at), "{name}");
            }
            assert_eq!(packages.find("no such package"), None);
            assert_eq!(packages.find("~"), None);
            assert_eq!(packages.find(""), None);
        }
    }

    #[test]
    fn no_package_weighs_more_than_a_node_can_say() {
        let tables = Tables::default();
        for repository in Repository::ALL {
            let nodes = &tables.packages(repository).0.nodes;
            assert!(nodes.iter().all(|node| !node.bytes.contains(&u32::MAX)));
        }
    }

    #[test]
    fn what_is_there_is_not_installed_again() {
        let tables = Tables::default();
        let packages = tables.packages(Repository::Bookworm);
        let mut there = Installed::default();
        let first = packages.install(&mut there, "git", false).unwrap();
        assert!(first.bytes[0] > 50_000_000, "{first:?}");
        let again = packages.install(&mut there, "git", false).unwrap();
        assert_eq!(again, Weight::default());
        let perl = packages.install(&mut there, "perl", false).unwrap();
        assert_eq!(perl.bytes[0], 0, "git needs it");
    }

    #[test]
    fn recommended_packages_come_only_where_they_are_wanted() {
        let with = added(Repository::Bookworm, &["git"], true);
        assert!(with > added(Repository::Bookworm, &["git"], false));
    }

    #[test]
    fn what_two_packages_share_counts_once() {
        let apart = added(Repository::Bookworm, &["git"], false)
            + added(Repository::Bookworm, &["curl"], false);
        let together = added(Repository::Bookworm, &["git", "curl"], false);
        assert!(together < apart);
    }

    #[test]
    fn a_package_of_another_version_is_found_by_its_name() {
        let tables = Tables::default();
        let packages = tables.packages(Repository::Bookworm);
        for (name, kin) in [
            ("libtiff5", "libtiff6"),
            ("openjdk-8-jdk-headless", "openjdk-17-jdk-headless"),
            ("php7.2-curl", "php8.2-curl"),
            ("python-numpy", "python3-numpy"),
        ] {
            assert_eq!(packages.kin(name), Some(kin), "{name}");
        }
        assert_eq!(packages.kin("no-such-package"), None);
        assert_eq!(packages.kin("1"), None);
        assert_eq!(packages.kin(""), None);
    }

    /// What npm installs of names with major versions, which are asked for together or one after
    /// the other.
    fn of_npm(wanted: &[&str], together: bool) -> u64 {
        let tables = Tables::default();
        let packages = tables.packages(Repository::Npm);
        let known: Vec<Major<'_>> = wanted
            .iter()
            .map(|text| {
                let (name, major) = text.rsplit_once('@').unwrap();
                let known = packages.major(name, Some(major)).unwrap();
                assert_eq!(known.version, major, "{name}");
                known
            })
            .collect();
        let beside = packages.together(if together { &known } else { &[] });
        let mut there = Installed::default();
        let sum = known
            .iter()
            .map(|known| packages.install_major(&mut there, *known, false, &beside));
        sum.map(|weight| weight.bytes[0]).sum()
    }

    #[test]
    fn a_need_that_takes_several_major_versions_takes_the_one_that_is_asked_for() {
        let alone = of_npm(&["vitest@3"], true);
        // It brings a newer Vite along.
        let apart = of_npm(&["vitest@3", "vite@6"], false);
        for order in [["vitest@3", "vite@6"], ["vite@6", "vitest@3"]] {
            let beside = of_npm(&order, true);
            assert!(beside < alone + 1_000_000, "{beside} {alone}");
            assert!(beside + 2_000_000 < apart, "{beside} {apart}");
        }
        // What is there already will do, too.
        assert_eq!(
            of_npm(&["vite@6", "vitest@3"], false),
            of_npm(&["vite@6", "vitest@3"], true)
        );
        // One that it does not take is no help.
        let old = of_npm(&["vitest@4", "vite@5"], true);
        assert!(old > of_npm(&["vitest@4"], true) + 2_000_000, "{old}");
    }

    #[test]
    fn bytes_that_are_no_tables_know_nothing() {
        for bytes in [
            &[][..],
            &[0; 64],
            &[255; 64],
            &BYTES[..BYTES.len() / 2],
            &BYTES[7..],
        ] {
            let tables = Tables::read(bytes);
            for repository in Repository::ALL {
                let packages = tables.packages(repository);
                let mut there = Installed::default();
                let _ = packages.install(&mut there, "git", true);
                if let Some(react) = packages.major("react", None) {
                    let beside = packages.together(&[react]);
                    let _ = packages.install_major(&mut there, react, true, &beside);
                }
                let _ = packages.kin("php7.2-curl");
            }
        }
        let same = Tables::read(BYTES);
        assert_eq!(
            same.packages(Repository::Npm).len(),
            Tables::default().packages(Repository::Npm).len()
        );
    }
}
