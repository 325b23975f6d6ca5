//! `yum`, `dnf` and their like, whose packages are estimated by Debian's.

use stagecraft_sizes::{Estimate, Repository, rule, unknown};

use super::alike::{PACKAGES, by_debian};
use super::words::{has_unknown, operands};
use super::{Added, Machine, Place};

/// What their command lines ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Rpm {
    installs: Vec<String>,
    strange: bool,
    pub(super) cleaned: bool,
}

impl Rpm {
    /// Takes one of their commands in.
    pub(super) fn command(&mut self, words: &[&str], place: &Place<'_>) {
        let with_value = ["-c", "--enablerepo", "--disablerepo", "--setopt"];
        let mut named = operands(words, &with_value);
        let Some(verb) = named.next() else {
            return;
        };
        match verb {
            "install" | "in" => {
                for name in named {
                    let strange = has_unknown(name)
                        || name.contains(['/', '*', '@'])
                        || name.strip_suffix(".rpm").is_some();
                    if strange {
                        self.strange = true;
                    } else {
                        self.installs.push(name.to_owned());
                    }
                }
            }
            "clean" => self.cleaned = true,
            "update" | "upgrade" | "groupinstall" | "group" | "localinstall" | "builddep" => {
                self.strange = true;
            }
            _ => {}
        }
        self.cleaned |= place.is_mounted("/var/cache/dnf") || place.is_mounted("/var/cache/yum");
    }

    /// Adds what it does to a sum.
    pub(super) fn finish(&self, machine: &mut Machine, sum: &mut Added) {
        if self.installs.is_empty() && !self.strange {
            return;
        }
        let tables = machine.tables.clone();
        let table = tables.packages(Repository::Trixie);
        let names = self.installs.iter().map(String::as_str);
        let size = by_debian(
            names,
            self.strange,
            (40, 100, 250),
            (table, machine.debian()),
            ("RPM packages", unknown!("RPM packages")),
        );
        sum.add(&size, PACKAGES.of(size.span()));
        if !self.cleaned {
            let basis = rule!("the cache of yum or dnf");
            let cache = Estimate::between(20_000_000, 80_000_000, 300_000_000, basis);
            sum.add(&cache, cache.span());
        }
    }
}
