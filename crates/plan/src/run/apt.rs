//! Debian's package manager.

use stagecraft_sizes::{Basis, Distribution, Estimate, Installed, Repository, Weight};

use super::words::{UNKNOWN, operands};
use super::{Added, Machine, Place, Share};

/// What dpkg, debconf and the logs write whatever is installed: measured on Debian bookworm on
/// 2026-11-23, the same to within a twentieth for a hundred steps.
const ALWAYS: u64 = 918_000;
/// What debconf writes in addition where a package has questions.
const QUESTIONS: u64 = 800_000;
/// The bundle that is made of all certificates.
const CERTIFICATES: u64 = 230_000;

/// What a name of unknown size is taken for, in thousands of bytes: low, likely, high.
type Guess = (u64, u64, u64);

/// One call of `install`.
#[derive(Debug, Clone)]
struct Install {
    name: String,
    /// With what is recommended.
    more: bool,
}

/// What apt does in a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Apt {
    installs: Vec<Install>,
    removed: Vec<String>,
    removes_rest: bool,
    updated: bool,
    upgraded: bool,
    /// A package that is a file, or the like.
    strange: bool,
    /// Without what is recommended, by a setting of an earlier step or of this one.
    less: bool,
    pub(super) lists_removed: bool,
    pub(super) documents_removed: bool,
}

/// A package's name without its version, release and architecture.
fn bare(name: &str) -> &str {
    let end = name.find(['=', '/', ':']).unwrap_or(name.len());
    name.get(..end).unwrap_or(name).trim_end_matches('+')
}

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
    /// Takes a command in, if it is one of apt's.
    pub(super) fn command(&mut self, name: &str, words: &[&str], place: &Place<'_>) -> bool {
        if name == "add-apt-repository" {
            self.updated = true;
            return true;
        }
        if !matches!(
            name,
            "apt-get" | "apt" | "aptitude" | "apt-install" | "install_packages"
        ) {
            return false;
        }
        let options = [
            "-t",
            "--target-release",
            "-o",
            "-c",
            "--option",
            "--config-file",
        ];
        let plain = operands(words, &options);
        let (verb, named) = match name {
            // The one of minideb and of bitnami's images.
            "install_packages" | "apt-install" => {
                self.less = true;
                self.updated = true;
                self.lists_removed = true;
                ("install", &plain[..])
            }
            _ => match plain.split_first() {
                Some((verb, named)) => (*verb, named),
                None => return true,
            },
        };
        let less = words.iter().any(|word| {
            *word == "--no-install-recommends"
                || *word == "--without-recommends"
                || *word == "-R" && name == "aptitude"
                || word.ends_with("Install-Recommends=false")
                || word.ends_with("Install-Recommends=0")
        });
        match verb {
            "dist-clean" | "distclean" => self.lists_removed = true,
            "update" => self.updated = !place.is_mounted("/var/lib/apt/lists"),
            "install" | "reinstall" => {
                self.updated |= words.contains(&"--update");
                // `package-` takes it away.
                for name in named {
                    if name.ends_with(['*', '^'])
                        || name.ends_with(".deb")
                        || name.contains(UNKNOWN) && bare(name).contains(UNKNOWN)
                    {
                        self.strange = true;
                        continue;
                    }
                    self.installs.push(Install {
                        name: bare(name).to_owned(),
                        more: !less && !self.less,
                    });
                }
            }
            "upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade" => self.upgraded = true,
            "remove" | "purge" => {
                self.removed
                    .extend(named.iter().map(|name| bare(name).to_owned()));
                self.removes_rest |= words
                    .iter()
                    .any(|word| ["--auto-remove", "--autoremove"].contains(word));
            }
            "autoremove" | "autopurge" => self.removes_rest = true,
            "build-dep" | "source" => self.strange = true,
            _ => {}
        }
        true
    }

    /// What it adds; `None` where it does nothing. Notes what is there afterwards.
    pub(super) fn finish(self, place: &Place<'_>, machine: &mut Machine) -> Option<Added> {
        let lists = self.lists(machine);
        if self.lists_removed {
            machine.has_lists = false;
        } else if self.updated && !place.is_mounted("/var/lib/apt/lists") {
            machine.has_lists = true;
        }
        let packages = self.packages(machine);
        let mut sum: Option<Added> = None;
        for more in [lists, packages].into_iter().flatten() {
            sum = Some(match sum {
                Some(sum) => Added {
                    size: sum.size.plus(&more.size),
                    compressed: sum.compressed.plus(&more.compressed),
                },
                None => more,
            });
        }
        sum
    }

    /// The lists that `update` fetches and nothing removes.
    fn lists(&self, machine: &Machine) -> Option<Added> {
        if !self.updated || self.lists_removed {
            return None;
        }
        if machine.has_lists {
            // Only the signed files that name the lists are fetched again.
            let basis = Basis::Heuristic("apt's lists, which are there already".to_owned());
            let signed = Estimate::between(0, 241_000, 400_000, basis);
            return Some(Added {
                compressed: Share::ANY.of(&signed, "lists of packages"),
                size: signed,
            });
        }
        let exact = machine.system.exact;
        // As they were on 2026-11-23 (bookworm) and 2026-11-27, packed as the images have them.
        let bytes: u64 = match machine.system.distribution {
            Distribution::Debian(Repository::Bullseye) => 17_300_000,
            Distribution::Debian(Repository::Trixie) => 21_670_000,
            _ => 19_860_000,
        };
        let basis = Basis::Heuristic("apt's package lists, which are not removed".to_owned());
        let range = |likely: u64| {
            if exact {
                Estimate::between(likely / 100 * 94, likely, likely / 100 * 106, basis.clone())
            } else {
                Estimate::between(likely / 2, likely, likely.saturating_mul(3), basis.clone())
            }
        };
        Some(Added {
            size: range(bytes),
            compressed: range(bytes / 100 * 77),
        })
    }

    fn packages(&self, machine: &mut Machine) -> Option<Added> {
        if self.installs.is_empty() && !self.strange && !self.upgraded && self.removed.is_empty() {
            return None;
        }
        let (repository, known_system) = match machine.system.distribution {
            Distribution::Debian(repository) => (repository, true),
            _ => (Repository::Bookworm, false),
        };
        let table = machine.tables.packages(repository);
        let mut there = machine.debian.clone();
        let mut weight = Weight::default();
        let mut near = Weight::default();
        let mut guessed = (0_u64, 0_u64, 0_u64);
        let mut unknown = Vec::new();
        let mut certificates = false;
        let kept =
            |name: &str| !(self.removes_rest && self.removed.iter().any(|gone| gone == name));
        let mut gone = Weight::default();
        let mut temporary = there.clone();
        for Install { name, more } in &self.installs {
            if !kept(name) {
                let one = |there: &mut Installed| table.install(there, name, *more);
                gone = gone.plus(one(&mut temporary).unwrap_or_default());
                continue;
            }
            if let Some(found) = table.install(&mut there, name, *more) {
                certificates |= name == "ca-certificates" && found != Weight::default();
                weight = weight.plus(found);
            } else if let Some(found) = table
                .kin(name)
                .and_then(|kin| table.install(&mut there, kin, *more))
            {
                near = near.plus(found);
            } else {
                let (low, likely, high) = guess(name);
                guessed = (guessed.0 + low, guessed.1 + likely, guessed.2 + high);
                unknown.push(name.as_str());
            }
        }
        machine.debian = there;
        let count = weight.count + near.count + gone.count;
        let is_empty = |weight: &Weight| weight.bytes == [0; 3];
        let nothing = is_empty(&weight) && is_empty(&near) && is_empty(&gone) && unknown.is_empty();
        let (source, date) = table.source();
        let basis = Basis::Packages {
            source: if machine.system.exact {
                source.to_owned()
            } else {
                format!("as in {source}, the nearest that is known")
            },
            date: date.to_owned(),
            count,
        };
        let full = !machine.system.slim && !self.documents_removed;
        let bytes = |weight: &Weight| {
            let [slim, rest, _] = weight.bytes;
            slim.saturating_add(if full { rest } else { 0 })
        };
        let mut size = Estimate::zero();
        let mut compressed = Estimate::zero();
        if !nothing {
            let always = ALWAYS
                + if weight.asks || near.asks || gone.asks {
                    QUESTIONS
                } else {
                    0
                }
                + if certificates { CERTIFICATES } else { 0 };
            let likely = bytes(&weight) + bytes(&near) + always;
            // In hundredths.
            let (low, high) = match (machine.system.exact, known_system) {
                (true, _) => (93, 107),
                (false, true) => (55, 150),
                (false, false) => (40, 160),
            };
            let mut range = Estimate::between(
                (likely - bytes(&near) / 2) / 100 * low,
                likely,
                (likely + bytes(&near)) / 100 * high,
                basis.clone(),
            );
            if !is_empty(&gone) {
                // What only recommended it, or shares a need with what stays, may stay.
                let part = if self.installs.iter().any(|one| one.more) {
                    8
                } else {
                    50
                };
                range.likely = range
                    .likely
                    .map(|likely| likely + bytes(&gone) / (2 * part));
                range.high = range.high.map(|high| high + bytes(&gone) / part);
            }
            if !self.removes_rest && !self.removed.is_empty() {
                range.low = ALWAYS.min(range.low);
            }
            size = size.plus(&range);
            let archives = weight.bytes[2] + near.bytes[2];
            let likely = archives / 100 * 121;
            // Where an image has its caches already, they hardly change.
            compressed = compressed.plus(&Estimate::between(
                likely / 100 * (low - 13) + always / 20,
                likely + always / 6,
                likely / 100 * (high + 15) + always / 3,
                basis,
            ));
        }
        if nothing && !self.removed.is_empty() {
            // Nothing is freed, and dpkg writes it down.
            let basis = Basis::Heuristic("what dpkg writes down".to_owned());
            let written = Estimate::between(ALWAYS / 2, ALWAYS, ALWAYS * 2, basis);
            compressed = compressed.plus(&Share::TEXT.of(&written, "lists of packages"));
            size = size.plus(&written);
        }
        if !unknown.is_empty() {
            let names = unknown
                .iter()
                .take(3)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let likely = guessed.1 * 1000;
            // A guess that hardly matters is a guess; else nothing is known.
            if likely.saturating_mul(3) <= size.likely.unwrap_or(0) {
                let basis = Basis::Heuristic(format!("packages like {names}"));
                let more = Estimate::between(guessed.0 * 1000, likely, guessed.2 * 1000 / 3, basis);
                compressed = compressed.plus(&Share::TEXT.of(&more, "packages"));
                size = size.plus(&more);
            } else {
                let more = Estimate::unknown(format!("the package {names}"));
                compressed = compressed.plus(&more);
                size = size.plus(&more);
            }
        }
        if self.strange {
            let more = Estimate::unknown("packages that only the build can name");
            compressed = compressed.plus(&more);
            size = size.plus(&more);
        }
        if self.upgraded {
            let basis = Basis::Heuristic("what there is newer than the image".to_owned());
            let more = Estimate::range(0, 200_000_000, basis);
            compressed = compressed.plus(&more);
            size = size.plus(&more);
        }
        Some(Added { size, compressed })
    }
}
