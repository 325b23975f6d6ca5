//! What the command of a RUN adds, as far as its words tell.

use stagecraft_shell::{Script, Simple};
use stagecraft_sizes::{Basis, Estimate};

/// Bytes of the lists that `apt-get update` leaves behind, whatever is installed; measured on
/// Debian bookworm on 2026-11-23.
const APT_LISTS: u64 = 19_900_000;

/// More commands of one RUN are not read: the answer would not get better.
const MOST_COMMANDS: usize = 2_000;

/// Low, likely and high in thousands of bytes, and the rule's name. The middle ones are medians of
/// layers measured on 2026-11-23, the outer ones what nearly all of them lie within.
type Rule = (u64, u64, u64, &'static str);

const APT: Rule = (600, 12_000, 300_000, "a Debian package and what it needs");
const APK: Rule = (100, 4_000, 120_000, "an Alpine package and what it needs");
const RPM: Rule = (1_000, 20_000, 300_000, "an RPM package and what it needs");
const PIP: Rule = (1_000, 25_000, 400_000, "a Python package and what it needs");
const PIP_FILE: Rule = (
    5_000,
    90_000,
    600_000,
    "Python packages of a requirements file",
);
const NPM_FILE: Rule = (2_000, 40_000, 490_000, "npm packages of a lock file");
const NPM: Rule = (1_500, 15_000, 470_000, "an npm package and what it needs");
const GO_MODULES: Rule = (1_000, 60_000, 600_000, "Go modules in the module cache");
const GO_BUILD: Rule = (2_000, 8_000, 60_000, "a Go program");
const GO_CACHE: Rule = (30_000, 60_000, 300_000, "Go's build cache");
const CARGO: Rule = (
    20_000,
    250_000,
    2_000_000,
    "Cargo's target folder and registry",
);
const BUNDLE: Rule = (20, 2_000, 50_000, "a bundled front end");
const JAVA: Rule = (
    5_000,
    120_000,
    600_000,
    "Java classes and their dependencies",
);
const DOWNLOAD: Rule = (1, 15_000, 500_000, "a download of unknown size");

/// Tools whose words say that next to nothing is written.
const QUIET: [&str; 34] = [
    "echo",
    "mkdir",
    "touch",
    "true",
    "false",
    "set",
    "cd",
    "rm",
    "ln",
    "useradd",
    "adduser",
    "groupadd",
    "addgroup",
    "usermod",
    "test",
    "[",
    "export",
    "chmod",
    "chown",
    "ls",
    "cat",
    "pwd",
    "env",
    "id",
    "printf",
    "sed",
    "ldconfig",
    "update-ca-certificates",
    "which",
    "exit",
    "sleep",
    "ldd",
    ":",
    "apt-mark",
];

/// What a RUN adds.
pub(crate) struct Added {
    pub(crate) size: Estimate,
    /// What compression leaves of it, in thousandths.
    pub(crate) share: u64,
}

/// Paths that are mounts while the command runs: nothing of them stays in the layer.
pub(crate) fn added(script: Option<&Script<'_>>, mounts: &[String]) -> Added {
    let Some(script) = script else {
        return Added {
            size: Estimate::unknown("what a program that is run without a shell writes"),
            share: 400,
        };
    };
    let mut state = Commands {
        size: Estimate::zero(),
        share: 400,
        lists: 0,
        go_cache: false,
        mounts,
    };
    for (simple, _) in script.simple_commands().take(MOST_COMMANDS) {
        state.command(simple);
    }
    state.finish()
}

struct Commands<'a> {
    size: Estimate,
    share: u64,
    lists: u64,
    go_cache: bool,
    mounts: &'a [String],
}

impl Commands<'_> {
    fn add(&mut self, (low, likely, high, name): Rule, count: usize) {
        let count = u64::try_from(count.max(1)).unwrap_or(u64::MAX);
        let times = |thousands: u64| thousands.saturating_mul(1000).saturating_mul(count);
        let basis = Basis::Heuristic(name.to_owned());
        let more = Estimate::between(times(low), times(likely), times(high), basis);
        self.size = std::mem::take(&mut self.size).plus(&more);
    }

    fn mounted(&self, path: &str) -> bool {
        self.mounts.iter().any(|mount| {
            let mount = mount.trim_end_matches('/');
            path == mount
                || path
                    .strip_prefix(mount)
                    .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    fn command(&mut self, simple: Simple<'_>) {
        let Some(call) = simple.invocation() else {
            return;
        };
        let words: Vec<String> = call
            .arguments()
            .map(|word| {
                word.as_static()
                    .map_or_else(|| word.text().to_owned(), Into::into)
            })
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let plain: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !word.starts_with('-'))
            .collect();
        let verb = plain.first().copied().unwrap_or_default();
        let named = plain.len().saturating_sub(1);
        let has = |wanted: &str| words.contains(&wanted);
        match (call.name(), verb) {
            ("apt-get" | "apt" | "aptitude", "update") => {
                if !self.mounted("/var/lib/apt/lists") {
                    self.lists = APT_LISTS;
                }
            }
            ("apt-get" | "apt" | "aptitude", "install") => {
                self.share = 340;
                self.add(APT, named);
            }
            ("apk", "add") => self.add(APK, named),
            ("yum" | "dnf" | "microdnf", "install") => self.add(RPM, named),
            ("pip" | "pip3", "install") => {
                self.share = 340;
                if words
                    .iter()
                    .any(|word| *word == "-r" || word.starts_with("--requirement"))
                {
                    self.add(PIP_FILE, 1);
                } else {
                    self.add(PIP, named);
                }
            }
            ("npm", "ci") | ("yarn" | "pnpm", "install" | "") => {
                self.share = 290;
                self.add(NPM_FILE, 1);
            }
            ("npm" | "pnpm", "install" | "i" | "add") | ("yarn", "add") => {
                self.share = 290;
                if named == 0 {
                    self.add(NPM_FILE, 1);
                } else {
                    self.add(NPM, named);
                }
            }
            ("npm" | "yarn" | "pnpm", "run" | "build") if has("build") => self.add(BUNDLE, 1),
            ("go", "mod") if !self.mounted("/go/pkg/mod") => self.add(GO_MODULES, 1),
            ("go", "build" | "install") => {
                self.add(GO_BUILD, 1);
                self.go_cache = !self.mounted("/root/.cache/go-build");
            }
            ("go", "clean") => self.go_cache = false,
            ("npm" | "yarn" | "pnpm" | "go", _) => {}
            ("cargo", "build" | "install") => self.add(CARGO, 1),
            ("mvn" | "mvnw" | "gradle" | "gradlew", _) => self.add(JAVA, 1),
            ("curl" | "wget", _) => self.add(DOWNLOAD, 1),
            ("rm", _) => {
                if plain
                    .iter()
                    .any(|path| path.starts_with("/var/lib/apt/lists"))
                {
                    self.lists = 0;
                }
                if plain
                    .iter()
                    .any(|path| path.starts_with("/root/.cache") || *path == "~/.cache")
                {
                    self.go_cache = false;
                }
            }
            (name, _) if QUIET.contains(&name) || name.starts_with("apt") => {}
            (name, _) => {
                let what = format!(
                    "what `{}` writes",
                    name.chars().take(40).collect::<String>()
                );
                self.size = std::mem::take(&mut self.size).plus(&Estimate::unknown(what));
            }
        }
    }

    fn finish(mut self) -> Added {
        if self.go_cache {
            self.add(GO_CACHE, 1);
        }
        if self.lists > 0 {
            let basis = Basis::Heuristic("apt's package lists, which are not removed".to_owned());
            let lists = Estimate::between(
                self.lists - 2_000_000,
                self.lists,
                self.lists + 5_000_000,
                basis,
            );
            self.size = self.size.plus(&lists);
        }
        Added {
            size: self.size,
            share: self.share,
        }
    }
}
