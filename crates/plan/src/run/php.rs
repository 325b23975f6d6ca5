//! Extensions of PHP, built by the scripts of its official images and by `pecl`.
//!
//! Source of what the scripts do: docker-library/php, `docker-php-source` and `docker-php-ext-*`.

use stagecraft_sizes::{
    Basis, Distribution, Estimate, Packages, Repository, Span, Weight, rule, unknown,
};

use super::alike::PACKAGES;
use super::words::{Names, has_unknown};
use super::{Added, Machine, first_of, listed, within};
use crate::packed::Share;

/// What its command lines ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Php {
    /// Those that are built, with who does it.
    built: Names<By>,
    /// How many only get a line that loads them.
    enabled: u64,
    source: Source,
    /// What `pecl` leaves is removed.
    pub(super) left_removed: bool,
    /// Lines of settings, and lists of what PECL has.
    noted: u64,
    strange: bool,
}

/// Who builds an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum By {
    /// `docker-php-ext-install`, from PHP's own source.
    #[default]
    Script,
    Pecl,
}

/// What becomes of PHP's source, which the images have packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Source {
    #[default]
    Packed,
    /// Unpacked until it is asked for to go.
    Unpacked,
    /// Unpacked by `docker-php-ext-configure`; the next `docker-php-ext-install` removes it.
    UntilBuilt,
}

/// Bytes of PHP 8.2.32's source, unpacked.
const SOURCE: u64 = 140_002_927;

/// How far that is packed when it is transferred. Source: `tar` and `gzip` of the same, 20,903,639 bytes.
const PACKED_SOURCE: Share = Share(110, 149, 200);

/// How pecl is told that a package is not a file.
const CHANNEL: &str = "channel://";

/// Where pecl leaves what it fetched and built.
pub(super) const LEFT: &str = "/tmp/pear";

/// The name of an extension without its version: `redis` of `redis-6.0.2`.
fn versionless(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, version))
            if version.starts_with(|first: char| first.is_ascii_digit())
                || matches!(version, "stable" | "beta" | "alpha" | "devel") =>
        {
            name
        }
        _ => name,
    }
}

impl Php {
    /// Takes one of the scripts, or `pecl`, in.
    pub(super) fn command(&mut self, program: &str, words: &[&str]) {
        let named = || words.iter().copied().filter(|word| !word.starts_with('-'));
        match program {
            "docker-php-source" => {
                self.source = if words.contains(&"extract") {
                    Source::Unpacked
                } else {
                    Source::Packed
                };
            }
            "docker-php-ext-configure" => {
                if self.source == Source::Packed {
                    self.source = Source::UntilBuilt;
                }
            }
            "docker-php-ext-enable" => self.enabled += u64::try_from(named().count()).unwrap_or(0),
            "docker-php-ext-install" => {
                // The number of jobs may stand apart from its option.
                for name in named().filter(|name| name.bytes().any(|byte| !byte.is_ascii_digit())) {
                    self.build(name, By::Script);
                }
                if self.source == Source::UntilBuilt {
                    self.source = Source::Packed;
                }
            }
            _ => match words.first() {
                Some(&"install" | &"upgrade") => {
                    for name in named().skip(1) {
                        self.build(name, By::Pecl);
                    }
                }
                _ => self.noted += 1,
            },
        }
    }

    fn build(&mut self, name: &str, by: By) {
        if has_unknown(name) {
            self.strange = true;
        } else {
            let name = name.strip_prefix(CHANNEL).unwrap_or(name);
            let name = name.rsplit('/').next().unwrap_or(name);
            self.built.push(name, by);
        }
    }

    /// Whether it does anything.
    pub(super) fn is_used(&self) -> bool {
        self.source != Source::Packed
            || self.strange
            || !self.built.is_empty()
            || self.enabled + self.noted > 0
    }

    /// Adds what it does to a sum.
    pub(super) fn finish(&self, machine: &Machine, sum: &mut Added) {
        if self.source != Source::Packed {
            let basis = rule!("PHP's source, which is not removed");
            let source = within(SOURCE, 60, 125);
            sum.add(&Estimate::of(source, basis), PACKED_SOURCE.of(source));
        }
        if self.strange {
            let basis = unknown!("extensions of PHP that only the build can name");
            sum.add(&Estimate::open(basis), Span::UNKNOWN);
        }
        if !self.built.is_empty() {
            let table = machine.tables.packages(Repository::Php);
            let size = self.size(table);
            sum.add(&size, PACKAGES.of(size.span()));
        }
        if self.noted > 0 {
            let basis = rule!("settings and lists of pecl");
            let size = within(40_000 * self.noted, 5, 400);
            sum.add(&Estimate::of(size, basis), Share::TEXT.of(size));
        }
        let scripted = |(_, by): &(&str, By)| *by == By::Script;
        let lines =
            self.enabled + u64::try_from(self.built.iter().filter(scripted).count()).unwrap_or(0);
        if lines > 0 {
            Self::lines(lines, machine, sum);
        }
    }

    /// What is built and stays.
    fn size(&self, table: Packages<'_>) -> Estimate {
        let mut known = Weight::default();
        // Another version of PHP or of the extension may be twice as large.
        let (mut low, mut likely, mut high) = (0, 0, 0);
        let mut others = Vec::new();
        for (name, by) in self.built.iter() {
            let bare = versionless(name).to_ascii_lowercase();
            let found = match by {
                By::Script => table.own(&bare),
                By::Pecl => table.own(&["pecl/", &bare].concat()),
            };
            let Some(weight) = found else {
                others.push(name);
                let (least, usual, most) = match by {
                    By::Script => (12_000, 90_000, 1_500_000),
                    By::Pecl => (60_000, 900_000, 12_000_000),
                };
                low += least;
                likely += usual;
                high += most;
                continue;
            };
            let [own, beside, left] = weight.bytes;
            let left = if self.left_removed { 0 } else { left };
            let all = own + beside + left;
            low += all / 100 * 50;
            likely += all;
            high += all * 2;
            known = known.plus(weight);
        }
        if table.is_empty() {
            return Estimate::unknown(first_of("extensions of PHP:", &others));
        }
        let like = || Basis::Heuristic(first_of("extensions of PHP like", &others));
        if known.count == 0 {
            return Estimate::between(low, likely, high, like());
        }
        let mut size = Estimate::between(low, likely, high, listed(table, known.count, &[]));
        if !others.is_empty() {
            size.add(&Estimate::known(0, like()));
        }
        size
    }

    /// Each extension that is loaded gets a file with a line. On Alpine the list of packages is
    /// written anew, as the script installs a program to look into it and removes that: layers of
    /// official images with such a step are 22 kB large when they are transferred, where those upon
    /// Debian have 250 bytes.
    /// Source: the layers in `base-images.jsonl`; what 22 kB are unpacked is a guess.
    fn lines(count: u64, machine: &Machine, sum: &mut Added) {
        let rule = rule!("lines that load extensions");
        let lines = Estimate::between(10 * count, 25 * count, 60 * count, rule);
        sum.add(&lines, Share::ANY.of(lines.span()));
        if machine.system.distribution == Distribution::Alpine {
            let rule = rule!("the list of Alpine's packages");
            let list = Estimate::between(30_000, 65_000, 130_000, rule);
            sum.add(&list, Share::ANY.of(list.span()));
        }
    }
}
