//! Debian's package manager.

use stagecraft_sizes::{
    Basis, Distribution, Estimate, Installed, Packages, Reasons, Repository, Span, System, Weight,
    rule, unknown,
};

use super::repositories::{self, Provider, Repositories};
use super::words::{Names, has_unknown, operands};
use super::{Added, Machine, Place, Share, first_of, has_scheme};
use crate::downloads;

/// What dpkg, debconf and the logs write whatever is installed: measured on Debian bookworm on
/// 2026-11-23, the same to within a twentieth for a hundred steps.
const ALWAYS: u64 = 918_000;
/// What debconf writes in addition where a package has questions.
const QUESTIONS: u64 = 800_000;
/// The bundle that is made of all certificates.
const CERTIFICATES: u64 = 230_000;

/// Why that is.
const DPKG_WRITES: &Basis = rule!("what dpkg writes down");

/// Options whose value is the next word.
#[rustfmt::skip]
const WITH_VALUE: &[&str] = &[
    "-t", "--target-release", "-o", "-c", "--option", "--config-file",
];

/// Where the lists of sources are.
pub(super) const SOURCES: &str = "/etc/apt/sources.list";

/// What a name of unknown size is taken for, in thousands of bytes: low, likely, high.
type Guess = (u64, u64, u64);

/// What apt does in a step.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a command line may ask for"
)]
pub(super) struct Apt {
    /// Each with whether what is recommended is installed, too.
    installs: Names<bool>,
    removed: Vec<String>,
    removes_rest: bool,
    updated: bool,
    upgraded: bool,
    /// A package that is a file, or the like.
    strange: bool,
    /// Without what is recommended, by a setting of an earlier step or of this one.
    less: bool,
    /// The repositories that this step adds.
    pub(super) added: Repositories,
    /// A script was fetched and waits for a shell, and what it does is counted already.
    pub(super) has_script: bool,
    pub(super) lists_removed: bool,
    pub(super) documents_removed: bool,
}

/// A package's name without its version, release and architecture.
fn bare(name: &str) -> &str {
    let ends = |byte: u8| matches!(byte, b'=' | b'/' | b':');
    let end = name.bytes().position(ends).unwrap_or(name.len());
    let mut name = name.get(..end).unwrap_or(name);
    while let Some(rest) = name.strip_suffix('+') {
        name = rest;
    }
    name
}

/// What Ubuntu and older releases call otherwise, with the nearest that Debian has now.
#[rustfmt::skip]
const ELSEWHERE: &[(&str, &str)] = &[
    ("chromium-browser", "chromium"), ("docker-ce", "docker.io"), ("docker-ce-cli", "docker.io"),
    ("language-pack-en", "locales"), ("libav-tools", "ffmpeg"), ("mysql-client", "mariadb-client"),
    ("mysql-server", "mariadb-server"), ("python", "python3"),
    ("python-software-properties", "software-properties-common"),
];

/// What a package is taken for that no table has, by its name. Quantiles of the packages of
/// Debian bookworm with names of that kind.
fn guess(name: &str) -> Guess {
    let kind = |wanted: &str| name.starts_with(wanted);
    if name.ends_with("-dev") {
        (50, 1_500, 20_000)
    } else if kind("lib") || kind("php") {
        (30, 500, 6_000)
    } else if kind("python") || kind("ruby") {
        (30, 800, 12_000)
    } else {
        (50, 2_500, 60_000)
    }
}

impl Apt {
    /// Takes one of apt's commands in.
    pub(super) fn command(&mut self, name: &str, words: &[&str], place: &Place<'_>) {
        if let "add-apt-repository" | "apt-add-repository" = name {
            self.updated = true;
            for word in words.iter().flat_map(|word| word.split_whitespace()) {
                if word.starts_with("ppa:") || has_scheme(word) {
                    self.added.add(word);
                }
            }
            return;
        }
        let mut named = operands(words, WITH_VALUE);
        let verb = match name {
            // The one of minideb and of bitnami's images.
            "install_packages" | "apt-install" => {
                self.less = true;
                self.updated = true;
                self.lists_removed = true;
                "install"
            }
            _ => match named.next() {
                Some(verb) => verb,
                None => return,
            },
        };
        let less = words.iter().any(|word| match *word {
            "--no-install-recommends" | "--without-recommends" => true,
            "-R" => name == "aptitude",
            word => {
                let setting = word.strip_suffix("=false");
                let setting = setting.or_else(|| word.strip_suffix("=0"));
                setting.is_some_and(|it| it.ends_with("Install-Recommends"))
            }
        });
        match verb {
            "dist-clean" | "distclean" => self.lists_removed = true,
            "update" => self.updated = !place.is_mounted("/var/lib/apt/lists"),
            "install" | "reinstall" => {
                self.updated |= words.contains(&"--update");
                // `package-` takes it away.
                for name in named {
                    let bare = bare(name);
                    if matches!(name.as_bytes().last(), Some(b'*' | b'^'))
                        || name.strip_suffix(".deb").is_some()
                        || has_unknown(bare)
                    {
                        self.strange = true;
                        continue;
                    }
                    self.installs.push(bare, !less && !self.less);
                }
            }
            "upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade" => self.upgraded = true,
            "remove" | "purge" => {
                self.removed.extend(named.map(|name| bare(name).to_owned()));
                self.removes_rest |= words
                    .iter()
                    .any(|word| ["--auto-remove", "--autoremove"].contains(word));
            }
            "autoremove" | "autopurge" => self.removes_rest = true,
            "build-dep" | "source" => self.strange = true,
            _ => {}
        }
    }

    /// Takes in what NodeSource's script does, whose address that is.
    pub(super) fn set_up(&mut self, address: &str) {
        self.added.add(address);
        self.has_script = true;
        self.updated = true;
        for name in repositories::SET_UP {
            self.installs.push(name, !self.less);
        }
    }

    /// Whether it does anything.
    pub(super) fn is_used(&self, machine: &Machine) -> bool {
        self.updated
            || self.upgraded
            || self.strange
            || !self.added.is_empty()
            || !self.installs.is_empty()
            || !self.removed.is_empty()
            || self.lists_removed && machine.has_lists
    }

    /// Adds what it does to a sum, and notes what is there afterwards.
    pub(super) fn finish(&self, place: &Place<'_>, machine: &mut Machine, sum: &mut Added) {
        self.lists(machine, sum);
        if self.lists_removed {
            machine.has_lists = false;
        } else if self.updated && !place.is_mounted("/var/lib/apt/lists") {
            machine.has_lists = true;
        }
        if !self.added.is_empty() {
            machine.repositories.extend(&self.added);
        }
        self.packages(machine, sum);
    }

    /// The lists that `update` fetches and nothing removes.
    fn lists(&self, machine: &Machine, sum: &mut Added) {
        if !self.updated || self.lists_removed {
            return;
        }
        if machine.has_lists {
            // Only the signed files that name the lists are fetched again.
            let basis = rule!("apt's lists, which are there already");
            let signed = Estimate::between(0, 241_000, 400_000, basis);
            return sum.add(&signed, Share::ANY.of(signed.span()));
        }
        let exact = machine.system.exact;
        // As they were on 2026-11-23 (bookworm) and 2026-11-27, packed as the images have them.
        let bytes: u64 = match machine.system.distribution {
            Distribution::Debian(Repository::Bullseye) => 17_300_000,
            Distribution::Debian(Repository::Trixie) => 21_670_000,
            _ => 19_860_000,
        };
        let range = |likely: u64| {
            if exact {
                Span::between(likely / 100 * 94, likely, likely / 100 * 106)
            } else {
                Span::between(likely / 2, likely, likely.saturating_mul(3))
            }
        };
        let basis = rule!("apt's package lists, which are not removed");
        sum.add(&Estimate::of(range(bytes), basis), range(bytes / 100 * 77));
    }

    fn packages(&self, machine: &mut Machine, sum: &mut Added) {
        if self.installs.is_empty() && !self.strange && !self.upgraded && self.removed.is_empty() {
            return;
        }
        let repository = match machine.system.distribution {
            Distribution::Debian(repository) => repository,
            _ => Repository::Bookworm,
        };
        let tables = machine.tables.clone();
        let table = tables.packages(repository);
        // What is looked up in is borrowed.
        let mut repositories = std::mem::take(&mut machine.repositories);
        let full = !machine.system.slim && !self.documents_removed;
        let found = self.look_up((table, &mut repositories), machine.debian(), full);
        machine.repositories = repositories;
        let mut known = 0;
        if !found.is_nothing() {
            let (size, compressed) = self.installed(&found, table, machine.system);
            known = size.likely.unwrap_or(0);
            sum.add(&size, compressed);
        } else if !self.removed.is_empty() {
            // Nothing is freed, and dpkg writes it down.
            let written = Estimate::between(ALWAYS / 2, ALWAYS, ALWAYS * 2, DPKG_WRITES);
            known = ALWAYS;
            sum.add(&written, Share::TEXT.of(written.span()));
        }
        for (size, compressed) in &found.foreign {
            known += size.likely.unwrap_or(0);
            sum.add(size, *compressed);
        }
        if !found.unknown.is_empty() {
            let more = found.guess(known);
            sum.add(&more, Share::TEXT.of(more.span()));
        }
        if self.strange {
            let basis = unknown!("packages that only the build can name");
            sum.add(&Estimate::open(basis), Span::UNKNOWN);
        }
        if self.upgraded {
            let basis = rule!("what there is newer than the image");
            let newer = Estimate::range(0, 200_000_000, basis);
            sum.add(&newer, newer.span());
        }
    }

    /// Whether a package that is installed goes again in the same step.
    fn goes(&self, name: &str) -> bool {
        self.removes_rest && self.removed.iter().any(|gone| gone == name)
    }

    fn look_up<'s>(
        &'s self,
        (table, repositories): (Packages<'_>, &mut Repositories),
        there: &mut Installed,
        full: bool,
    ) -> Found<'s> {
        let mut found = Found::default();
        // A package that goes again is put onto what there is before.
        let mut temporary = self.removes_rest.then(|| there.clone());
        for (mut name, more) in self.installs.iter() {
            if let Some(temporary) = temporary.as_mut().filter(|_| self.goes(name)) {
                let gone = table.install(temporary, name, more);
                found.gone = found.gone.plus(gone.unwrap_or_default());
                continue;
            }
            let mut from = repositories.of(name);
            if from == Some(Provider::Yarn) {
                if repositories.install(Provider::Yarn) {
                    found.foreign.push(downloads::yarn());
                }
                if !more {
                    continue;
                }
                // It recommends that.
                name = "nodejs";
                from = repositories.of(name);
            }
            if let Some(node @ Provider::Node(major)) = from {
                if repositories.install(node) {
                    found.foreign.push(repositories::node(major, full));
                }
                for need in repositories::NEEDS {
                    let weight = table.install(there, need, more);
                    found.add(need, weight.unwrap_or_default(), false);
                }
            } else if let Some(weight) = table.install(there, name, more) {
                found.add(name, weight, from.is_some());
            } else if let Some(weight) = table
                .kin(name)
                .and_then(|kin| table.install(there, kin, more))
                .or_else(|| {
                    let (_, other) = ELSEWHERE.iter().find(|(known, _)| *known == name)?;
                    table.install(there, other, more)
                })
            {
                found.add(name, weight, true);
            } else {
                found.unknown.push(name);
            }
        }
        found
    }

    /// What the packages of a table add that stay, with what dpkg writes about them.
    fn installed(
        &self,
        found: &Found<'_>,
        table: Packages<'_>,
        system: System,
    ) -> (Estimate, Span) {
        let basis = match found.known.count + found.near.count + found.gone.count {
            0 => Reasons::from(DPKG_WRITES),
            count => {
                let source = table.origin(system.exact);
                Basis::Packages { source, count }.into()
            }
        };
        let full = !system.slim && !self.documents_removed;
        let bytes = |weight: &Weight| {
            let [slim, rest, _] = weight.bytes;
            slim.saturating_add(if full { rest } else { 0 })
        };
        let (near, gone) = (bytes(&found.near), bytes(&found.gone));
        let mut always = ALWAYS;
        if found.known.asks || found.near.asks || found.gone.asks {
            always += QUESTIONS;
        }
        if found.certificates {
            always += CERTIFICATES;
        }
        let likely = bytes(&found.known) + near + always;
        // In hundredths.
        let (low, high) = match system.distribution {
            _ if system.exact => (93, 107),
            Distribution::Debian(_) => (55, 150),
            _ => (40, 160),
        };
        let mut size = Estimate::between(
            (likely - near / 2) / 100 * low,
            likely,
            (likely + near) / 100 * high,
            basis,
        );
        if gone > 0 {
            // What only recommended it, or shares a need with what stays, may stay.
            let part = if self.installs.iter().any(|(_, more)| more) {
                8
            } else {
                50
            };
            size.likely = size.likely.map(|likely| likely + gone / (2 * part));
            size.high = size.high.map(|high| high + gone / part);
        }
        if !self.removes_rest && !self.removed.is_empty() {
            size.low = ALWAYS.min(size.low);
        }
        let [.., known] = found.known.bytes;
        let [.., near] = found.near.bytes;
        let archives = (known + near) / 100 * 121;
        // Where an image has its caches already, they hardly change.
        let compressed = Span::between(
            archives / 100 * (low - 13) + always / 20,
            archives + always / 6,
            archives / 100 * (high + 15) + always / 3,
        );
        (size, compressed)
    }
}

/// What a table knows of the packages that are to be installed.
#[derive(Debug, Default)]
struct Found<'s> {
    /// What stays.
    known: Weight,
    /// Of nearly the same names, or of another repository than the table's.
    near: Weight,
    /// What is removed again.
    gone: Weight,
    /// What comes from other repositories of which that is known, on disk and as transferred.
    foreign: Vec<(Estimate, Span)>,
    /// In no table.
    unknown: Vec<&'s str>,
    /// The bundle of certificates is made.
    certificates: bool,
}

impl Found<'_> {
    /// Adds what a package and its needs weigh, or one that is nearly the same.
    fn add(&mut self, name: &str, weight: Weight, is_near: bool) {
        self.certificates |= name == "ca-certificates" && weight != Weight::default();
        let sum = if is_near {
            &mut self.near
        } else {
            &mut self.known
        };
        *sum = sum.plus(weight);
    }

    fn is_nothing(&self) -> bool {
        let weights = [&self.known, &self.near, &self.gone];
        weights.iter().all(|weight| weight.bytes == [0; 3])
            && self.unknown.is_empty()
            && self.foreign.is_empty()
    }

    /// What is in no table, by the names, where the rest is `known`: a guess that hardly matters is a
    /// guess; else nothing is known.
    fn guess(&self, known: u64) -> Estimate {
        let sum = self.unknown.iter().map(|name| guess(name));
        let (low, likely, high) = sum.fold((0_u64, 0_u64, 0_u64), |sum, one| {
            (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2)
        });
        if (likely * 1000).saturating_mul(3) <= known {
            let basis = Basis::Heuristic(first_of("packages like", &self.unknown));
            Estimate::between(low * 1000, likely * 1000, high * 1000 / 3, basis)
        } else {
            Estimate::unknown(first_of("the package", &self.unknown))
        }
    }
}
