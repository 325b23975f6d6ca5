//! The tool of Go.

use stagecraft_sizes::{Estimate, rule};

use super::words::{Words, has_unknown, value_of};
use super::{Machine, Place};
use crate::held::is_below;

/// Where Go keeps what it has compiled.
const COMPILED: &str = "/root/.cache/go-build";

/// Where Go keeps the sources of modules in the official images.
const MODULES: &str = "/go/pkg/mod";

/// The most that a program takes.
const PROGRAM: u64 = 300_000_000;

/// The file that `-o` names; `None` for a folder, and for what is not known.
fn output<'w>(options: &[&'w str]) -> Option<&'w str> {
    let path = value_of(options, &["-o"])?;
    (!path.ends_with('/') && path != "." && !has_unknown(path)).then_some(path)
}

/// What Go does in a step. Only the program that is built stays where the caches do not: they are
/// mounts, or are removed in the same step.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a step may do"
)]
pub(super) struct Go {
    /// It builds what lies nobody knows where.
    builds: bool,
    /// It builds what lies where its words say.
    named: bool,
    fetches: bool,
    compiled_removed: bool,
    modules_removed: bool,
}

impl Go {
    /// Takes one of its commands in. Gives back the path of what is built, where the words tell it.
    pub(super) fn command<'w>(&mut self, words: &[&'w str], at: &Words<'_>) -> Option<&'w str> {
        match words {
            ["mod" | "get", ..] => self.fetches = true,
            ["build", options @ ..] => {
                // Where it is a folder that is there, the program is in it.
                let is_folder = |path: &&str| is_below(at.folder(), &at.path(path));
                let program = output(options).filter(|path| !is_folder(path));
                self.named |= program.is_some();
                self.builds |= program.is_none();
                return program;
            }
            ["install" | "test" | "generate" | "run", ..] => self.builds = true,
            ["clean", options @ ..] => {
                self.compiled_removed |= options.contains(&"-cache");
                self.modules_removed |= options.contains(&"-modcache");
            }
            _ => {}
        }
        None
    }

    /// What it builds where its words say.
    pub(super) fn program() -> Estimate {
        Estimate::range(1_000_000, PROGRAM, rule!("a Go program"))
    }

    /// Something is removed; `covers` tells whether a path is within it.
    pub(super) fn removed(&mut self, covers: impl Fn(&str) -> bool) {
        self.compiled_removed |= covers(COMPILED);
        self.modules_removed |= covers(MODULES);
    }

    /// Whether it adds anything.
    pub(super) fn is_used(self) -> bool {
        self.builds || self.named || self.fetches
    }

    /// What it adds.
    pub(super) fn finish(self, place: &Place<'_>, machine: &mut Machine) -> Option<Estimate> {
        if !self.is_used() {
            return None;
        }
        let keeps_modules = !self.modules_removed && !place.is_mounted(MODULES);
        // What an earlier step has fetched is not fetched again.
        let builds = self.builds || self.named;
        let fetches = self.fetches || builds && !machine.has_modules;
        machine.has_modules |= fetches && keeps_modules;
        let keeps_compiled = !self.compiled_removed && !place.is_mounted(COMPILED);
        let with_caches = rule!("a Go program with Go's caches");
        let (low, high, basis) = match (self.builds, keeps_compiled) {
            // What a program of a line takes of the standard library: measured with Go 1.24.
            (true, true) if machine.system.compiles_go() => {
                (20_000_000, 1_000_000_000, with_caches)
            }
            (true, true) => (1_000_000, 1_000_000_000, with_caches),
            (true, false) => (1_000_000, PROGRAM, rule!("a Go program")),
            (false, true) if self.named => {
                let low = u64::from(machine.system.compiles_go()) * 19_000_000;
                (low, 1_000_000_000 - PROGRAM, rule!("what Go has compiled"))
            }
            // There may be none that it needs.
            (false, _) => (0, 0, rule!("Go modules in the module cache")),
        };
        let modules = if fetches && keeps_modules {
            1_000_000_000
        } else {
            0
        };
        Some(match high + modules {
            0 => Estimate::zero(),
            high => Estimate::range(low, high, basis),
        })
    }
}
