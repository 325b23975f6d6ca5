//! `apk`, whose packages are estimated by Debian's.

use stagecraft_sizes::{Estimate, Repository, Weight, rule, unknown};

use super::alike::{PACKAGES, by_debian, install_like};
use super::words::{Names, has_unknown, operands};
use super::{Added, Machine, listed, within};

/// What its command lines ask for.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a command line may ask for"
)]
pub(super) struct Apk {
    /// With the number of the group that `--virtual` puts them into.
    installs: Names<usize>,
    groups: Vec<String>,
    removed: Vec<String>,
    updates: bool,
    no_cache: bool,
    strange: bool,
    pub(super) index_removed: bool,
}

/// Options of apk whose value is the next word.
#[rustfmt::skip]
const WITH_VALUE: &[&str] = &[
    "-t", "--virtual", "--repository", "-X", "-p", "--root", "--arch", "--keys-dir",
];

/// The index of Alpine's packages, as `apk update` leaves it.
const INDEX: u64 = 2_500_000;

impl Apk {
    /// Takes one of apk's commands in.
    pub(super) fn command(&mut self, words: &[&str]) {
        let mut named = operands(words, WITH_VALUE);
        let Some(verb) = named.next() else {
            return;
        };
        let group = words
            .iter()
            .position(|word| *word == "-t" || *word == "--virtual")
            .and_then(|at| words.get(at + 1))
            .or_else(|| words.iter().find(|word| word.starts_with("--virtual=")));
        let group = group.map_or("", |word| word.trim_start_matches("--virtual="));
        match verb {
            "add" => {
                self.groups.push(group.to_owned());
                self.no_cache |= words.contains(&"--no-cache");
                for name in named {
                    let ends = |byte| matches!(byte, b'=' | b'~' | b'<' | b'>' | b'@');
                    let end = name.bytes().position(ends).unwrap_or(name.len());
                    let name = name.get(..end).unwrap_or(name);
                    let is_open = name.bytes().any(|byte| matches!(byte, b'/' | b'*'));
                    if is_open || has_unknown(name) {
                        self.strange = true;
                    } else if !name.is_empty() {
                        self.installs.push(name, self.groups.len() - 1);
                    }
                }
            }
            "update" => self.updates = true,
            "upgrade" => self.strange = true,
            "del" => self.removed.extend(named.map(str::to_owned)),
            _ => {}
        }
    }

    /// Adds what it does to a sum.
    pub(super) fn finish(&self, machine: &mut Machine, sum: &mut Added) {
        if self.installs.is_empty() && !self.updates && !self.strange {
            return;
        }
        let is_removed = |name: &str| self.removed.iter().any(|gone| gone == name);
        let goes = |(name, group): &(&str, usize)| {
            let group = || self.groups.get(*group);
            is_removed(name) || group().is_some_and(|group| is_removed(group))
        };
        let names = || self.installs.iter();
        let left = names().filter(|it| !goes(it)).map(|(name, _)| name);
        let tables = machine.tables.clone();
        let table = tables.packages(Repository::Trixie);
        // The share is that of the layers of official images, as transferred.
        let size = by_debian(
            left,
            self.strange,
            (25, 48, 100),
            (table, machine.debian()),
            ("Alpine's packages", unknown!("Alpine's packages")),
        );
        sum.add(&size, PACKAGES.of(size.span()));
        if !self.removed.is_empty() && names().any(|it| goes(&it)) {
            let mut known = |name: &str| table.has(name).then(Weight::default);
            let gone = names().filter(goes);
            let known = gone.filter(|(name, _)| install_like(table, &mut known, name).is_some());
            let count = u32::try_from(known.count()).unwrap_or(u32::MAX);
            let basis = listed(table, count, &["removed again: Alpine's packages, by "]);
            sum.size.add(&Estimate::known(0, basis));
        }
        let cached = self.updates || !self.installs.is_empty() && !self.no_cache;
        if cached && !self.index_removed {
            let basis = rule!("apk's index, which is not removed");
            let index = within(INDEX, 70, 150);
            sum.add(&Estimate::of(index, basis), index);
        }
    }
}
