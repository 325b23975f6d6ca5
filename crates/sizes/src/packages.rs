//! Tables of packages: what each weighs and what comes with it.
//!
//! The bytes are written by `cargo xtask data`, whose `graph` module describes them. They are read
//! where they lie: nothing is unpacked, and looking a package up takes no memory.

use std::cmp::Ordering;
use std::sync::Arc;

use memchr::memchr;

/// All tables, one behind the other. The page has none built in: it fetches them as a file.
#[cfg(feature = "packages")]
const BYTES: &[u8] = include_bytes!("../data/packages.bin");
#[cfg(not(feature = "packages"))]
const BYTES: &[u8] = &[];

/// The tables of packages: those that are built in, or such as were fetched.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tables(Option<Arc<[u8]>>);

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tables").field(&self.bytes().len()).finish()
    }
}

impl Tables {
    /// Tables from the bytes of `crates/sizes/data/packages.bin`; what is none of it knows nothing.
    pub fn read(bytes: &[u8]) -> Self {
        Self(Some(bytes.into()))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(BYTES)
    }

    /// The table of a repository.
    pub fn packages(&self, repository: Repository) -> Packages<'_> {
        Packages::open(self.bytes(), repository).unwrap_or_default()
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
}

impl Repository {
    /// In the order of the tables.
    const ALL: [Self; 5] = [
        Self::Bullseye,
        Self::Bookworm,
        Self::Trixie,
        Self::PyPi,
        Self::Npm,
    ];
}

/// A table of packages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Packages<'t> {
    source: &'t str,
    names: usize,
    nodes: usize,
    /// Where each sixteenth name starts, four bytes each.
    starts: &'t [u8],
    text: &'t [u8],
    /// Low and high bytes of each of the three numbers.
    numbers: [[&'t [u8]; 2]; 3],
    /// Where the needs of each fourth package start, four bytes each.
    need_starts: &'t [u8],
    needs: &'t [u8],
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
/// the cache keeps; what it keeps besides where there is no lock file.
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
    pub fn plus(self, other: Self) -> Self {
        let mut bytes = self.bytes;
        for (sum, more) in bytes.iter_mut().zip(other.bytes) {
            *sum = sum.saturating_add(more);
        }
        Self {
            bytes,
            count: self.count.saturating_add(other.count),
            asks: self.asks || other.asks,
        }
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

/// Whether the first line of a text comes behind `name`; where it is the same, `same`. The end of a
/// line is less than any letter, so that it need not be looked for.
fn is_behind(text: &[u8], name: &[u8], same: bool) -> bool {
    match text.get(..name.len()).unwrap_or(text).cmp(name) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => same || text.get(name.len()).is_some_and(|next| *next != b'\n'),
    }
}

/// How many bytes of sorted lines come before `name`.
fn before(lines: &[u8], name: &[u8]) -> usize {
    let (mut from, mut to) = (0, lines.len());
    let is_end = |byte: &u8| *byte == b'\n';
    while let Some(between) = lines.get(from..to).filter(|it| !it.is_empty()) {
        // The line that the middle is in.
        let (before, behind) = between.split_at(between.len() / 2);
        let start = before.iter().rposition(is_end).map_or(0, |end| end + 1);
        let line = between.get(start..).unwrap_or_default();
        if is_behind(line, name, true) {
            to = from + start;
        } else {
            let end = behind.iter().position(is_end).unwrap_or(behind.len());
            from += before.len() + end + 1;
        }
    }
    from
}

/// Eleven bits to bytes: six bits behind the first one, and how often they are doubled.
fn decoded(code: u16) -> u64 {
    let (exponent, mantissa) = (u32::from(code) / 64, u64::from(code % 64));
    match exponent.checked_sub(1) {
        None => mantissa,
        Some(shift) => (64 + mantissa) << shift.min(40),
    }
}

impl<'t> Packages<'t> {
    fn open(bytes: &'t [u8], repository: Repository) -> Option<Self> {
        let at = Repository::ALL.iter().position(|one| *one == repository)?;
        let mut start = Repository::ALL.len().checked_mul(4)?;
        for before in 0..at {
            start = start.checked_add(long(bytes, before)?)?;
        }
        let mut rest = bytes.get(start..start.checked_add(long(bytes, at)?)?)?;
        let length = short(&mut rest)?;
        let source = std::str::from_utf8(take(&mut rest, length)?).ok()?;
        let names = short(&mut rest)?;
        let nodes = short(&mut rest)?;
        let starts = take(&mut rest, (names.div_ceil(16) + 1) * 4)?;
        let length = long(starts, names.div_ceil(16))?;
        let text = take(&mut rest, length)?;
        let mut numbers: [[&[u8]; 2]; 3] = [[&[]; 2]; 3];
        for half in numbers.iter_mut().flatten() {
            *half = take(&mut rest, nodes)?;
        }
        let need_starts = take(&mut rest, nodes.div_ceil(4) * 4)?;
        Some(Self {
            source,
            names,
            nodes,
            starts,
            text,
            numbers,
            need_starts,
            needs: rest,
        })
    }

    /// Where the figures were read, and when: `YYYY-MM-DD`.
    pub fn source(&self) -> (&'t str, &'t str) {
        self.source.split_once('\t').unwrap_or_default()
    }

    /// How many names it answers to.
    pub fn len(&self) -> usize {
        self.names
    }

    /// Whether it answers to none.
    pub fn is_empty(&self) -> bool {
        self.names == 0
    }

    /// Where the first name that is not less than `name` starts: the number of its block of sixteen,
    /// where that starts, and how far behind that the name does.
    fn seek(&self, name: &[u8]) -> (usize, usize, usize) {
        let (mut from, mut to) = (0, self.names.div_ceil(16));
        // The last block that starts with a name that is not greater.
        while to - from > 1 {
            let middle = from.midpoint(to);
            if self.starts_behind(middle, name) {
                to = middle;
            } else {
                from = middle;
            }
        }
        let start = long(self.starts, from).unwrap_or(self.text.len());
        let end = long(self.starts, from + 1).unwrap_or(self.text.len());
        let block = self.text.get(start..end).unwrap_or_default();
        (from, start, before(block, name))
    }

    /// Whether the first name of a block comes behind `name`.
    fn starts_behind(&self, block: usize, name: &[u8]) -> bool {
        let start = long(self.starts, block).unwrap_or(self.text.len());
        is_behind(self.text.get(start..).unwrap_or_default(), name, false)
    }

    /// The names from the first one on that is not less than `name`.
    fn names_from(&self, name: &[u8]) -> impl Iterator<Item = &'t [u8]> + use<'t> {
        let (_, start, before) = self.seek(name);
        let mut text = self.text.get(start + before..).unwrap_or_default();
        std::iter::from_fn(move || {
            let end = memchr(b'\n', text)?;
            let (name, rest) = text.split_at_checked(end)?;
            text = rest.get(1..).unwrap_or_default();
            Some(name)
        })
    }

    /// The number of a package.
    fn find(&self, name: &str) -> Option<usize> {
        let (block, start, before) = self.seek(name.as_bytes());
        let (before, text) = self.text.get(start..)?.split_at_checked(before)?;
        let rest = text.strip_prefix(name.as_bytes())?;
        // There are sixteen at most.
        let count = |sum, byte: &u8| sum + u8::from(*byte == b'\n');
        let count = before.iter().fold(0, count);
        rest.starts_with(b"\n")
            .then_some(block * 16 + usize::from(count))
    }

    /// A package of nearly the same name, where only the version in it differs: for `php7.2-curl`
    /// `php-curl` or `php8.2-curl`, for `libtiff5` `libtiff6`.
    pub fn kin(&self, name: &str) -> Option<&'t str> {
        let digit = name
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(name.len());
        let stem = name.get(..digit)?.trim_end_matches(['-', '.']);
        // `python-x` has become `python3-x`.
        let stem = stem.split('-').next()?;
        if stem.len() < 2 {
            return None;
        }
        let (stem, rest) = name.as_bytes().split_at_checked(stem.len())?;
        let known = self.names_from(stem);
        let last = versionless(rest).next_back();
        let kin = known
            .take_while(|known| known.starts_with(stem))
            .filter(|known| {
                let other = versionless(known.get(stem.len()..).unwrap_or_default());
                // Most are told apart by how they end.
                other.clone().next_back() == last && other.eq(versionless(rest))
            })
            .last()?;
        std::str::from_utf8(kin).ok()
    }

    /// Installs a package with what it needs and is not there yet, and says what that adds; `None`
    /// where it is not in the table. `more` installs what is only recommended, too.
    pub fn install(&self, there: &mut Installed, name: &str, more: bool) -> Option<Weight> {
        let root = self.find(name)?;
        there.bits.resize(self.nodes.div_ceil(64), 0);
        let mut sum = Weight::default();
        if has(&there.bits, root) {
            return Some(sum);
        }
        let Installed { bits, waiting } = there;
        // What waits is marked already, so that it waits once.
        let mut wait = |waiting: &mut Vec<u16>, at: usize| {
            if let Ok(number) = u16::try_from(at)
                && set(bits, at)
            {
                waiting.push(number);
            }
        };
        wait(waiting, root);
        while let Some(next) = waiting.pop() {
            let at = usize::from(next);
            sum = sum.plus(self.weight(at));
            self.needs(at, more, |need| wait(waiting, need));
        }
        Some(sum)
    }

    /// Installs a package of npm like [`Packages::install`], and says which major version the table
    /// has. Of several the one of the wanted version is taken, else the last.
    pub fn install_major(
        &self,
        there: &mut Installed,
        name: &str,
        major: Option<&str>,
        more: bool,
    ) -> Option<(Weight, &'t str)> {
        let key = format!("{name}@");
        let found = self
            .names_from(key.as_bytes())
            .map_while(|known| std::str::from_utf8(known).ok())
            .map_while(|known| Some((known, known.strip_prefix(&key)?)));
        let mut best = None;
        for (known, version) in found {
            let wanted = Some(version) == major;
            if wanted || best.is_none_or(|(_, last)| newer(version, last)) {
                best = Some((known, version));
            }
            if wanted {
                break;
            }
        }
        let (known, version) = best?;
        Some((self.install(there, known, more)?, version))
    }

    fn weight(&self, at: usize) -> Weight {
        let codes = self.numbers.map(|kind| {
            let half = |half: &[u8]| half.get(at).copied().unwrap_or(0);
            u16::from_le_bytes(kind.map(half))
        });
        let [.., last] = codes;
        Weight {
            bytes: codes.map(|code| decoded(code & 0x7fff)),
            count: 1,
            asks: last & 0x8000 != 0,
        }
    }

    /// Hands over what a package needs directly.
    fn needs(&self, at: usize, more: bool, mut each: impl FnMut(usize)) -> Option<()> {
        let start = long(self.need_starts, at / 4)?;
        let mut bytes = self.needs.get(start..)?.iter();
        // The needs of those before it in its block of four.
        for _ in 0..at % 4 {
            let count = varint(&mut bytes)? + varint(&mut bytes)?;
            for _ in 0..count {
                while *bytes.next()? >= 128 {}
            }
        }
        let hard = varint(&mut bytes)?;
        let soft = varint(&mut bytes)?;
        for count in [hard, if more { soft } else { 0 }] {
            let mut target = 0;
            for _ in 0..count {
                target += varint(&mut bytes)?;
                each(target);
            }
        }
        Some(())
    }
}

/// Whether a number is greater than another.
fn newer(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    number(one) > number(other)
}

/// A name without the digits of its version and the dots between them.
fn versionless(name: &[u8]) -> impl DoubleEndedIterator<Item = u8> + Clone {
    let bytes = name.iter().copied();
    bytes.filter(|byte| !byte.is_ascii_digit() && *byte != b'.')
}

fn has(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64)
        .is_some_and(|word| word >> (at % 64) & 1 == 1)
}

/// Notes a number; false where it was noted before, and for one that is none of a package.
fn set(bits: &mut [u64], at: usize) -> bool {
    let bit = 1 << (at % 64);
    let word = bits.get_mut(at / 64).filter(|word| **word & bit == 0);
    word.map(|word| *word |= bit).is_some()
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
            let names = packages.names_from(b"");
            let names: Vec<&str> = names.map(|it| std::str::from_utf8(it).unwrap()).collect();
            assert_eq!(names.len(), packages.len());
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
                let _ = packages.install_major(&mut there, "react", None, true);
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
