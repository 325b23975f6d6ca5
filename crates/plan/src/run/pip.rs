//! Python's package manager.

use stagecraft_sizes::{Basis, Distribution, Estimate, Repository, Weight};
use stagecraft_text::sort;

use super::words::{UNKNOWN, Words, operands};
use super::{Added, Machine, Place, Share, first_of, listed, within};

/// What compiling Python's standard library writes, which the first call of pip does where the image
/// has it uncompiled: measured for `CPython` 3.11 on 2026-11-23.
const PYTHON_COMPILED: u64 = 5_143_000;
/// The same for pip's own files.
const PIP_COMPILED: u64 = 5_490_000;
/// A virtual environment: pip and setuptools anew, compiled; measured like the above.
const VENV: u64 = 22_340_000;

/// What pip does in a step.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a command line may ask for"
)]
pub(super) struct Pip {
    /// With the version where one is named.
    installs: Vec<(String, bool)>,
    called: bool,
    venvs: u64,
    in_venv: bool,
    upgrades: bool,
    strange: Vec<String>,
    keeps_cache: bool,
    not_compiled: bool,
    pub(super) cache_removed: bool,
}

/// A distribution's name as `PyPI` compares it, without version and marker.
fn requirement(text: &str) -> Option<(String, bool)> {
    let text = text.split([';', '#']).next()?.trim();
    let end = text
        .find(['=', '<', '>', '~', '!', '@', ' '])
        .unwrap_or(text.len());
    let pinned = text.get(end..).is_some_and(|rest| rest.contains("=="));
    let name = text.get(..end)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.[],".contains(c);
    if name.is_empty() || !name.chars().all(plain) || name.starts_with('.') {
        return None;
    }
    let (base, extras) = name.split_once('[').unwrap_or((name, ""));
    let mut found = canonical(base);
    let mut extras: Vec<String> = extras
        .trim_end_matches(']')
        .split(',')
        .filter(|extra| !extra.is_empty())
        .map(canonical)
        .collect();
    sort(&mut extras);
    if !extras.is_empty() {
        found.push('[');
        found.push_str(&extras.join(","));
        found.push(']');
    }
    Some((found, pinned))
}

fn canonical(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if !matches!(c, '-' | '_' | '.') {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

impl Pip {
    /// Takes a command in, if it is one of pip's.
    pub(super) fn command(
        &mut self,
        name: &str,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
    ) -> bool {
        if name == "venv" || name == "virtualenv" {
            self.venvs += 1;
            self.in_venv = true;
            return true;
        }
        let is_pip = name == "pip"
            || name
                .strip_prefix("pip")
                .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'));
        let is_uv = name == "uv-pip";
        if !is_pip && !is_uv {
            return false;
        }
        let options = [
            "-i",
            "--index-url",
            "--extra-index-url",
            "-f",
            "--find-links",
            "--trusted-host",
            "-t",
            "--target",
            "--prefix",
            "--root",
            "-c",
            "--constraint",
            "--timeout",
            "--retries",
            "--default-timeout",
            "--python",
            "--platform",
            "--cache-dir",
            "--proxy",
            "--src",
            "--global-option",
            "--install-option",
            "--progress-bar",
            "-r",
            "--requirement",
            "-e",
            "--editable",
            "--no-binary",
            "--only-binary",
            "--cert",
            "--log",
            "--python-version",
        ];
        let plain = operands(words, &options);
        let Some((verb, named)) = plain.split_first() else {
            return true;
        };
        if *verb == "cache" {
            self.cache_removed |= named.first() == Some(&"purge");
            return true;
        }
        self.called |= is_pip;
        if *verb != "install" {
            if *verb == "wheel" || *verb == "download" {
                self.strange.push("wheels".to_owned());
            }
            return true;
        }
        let off = (place.value)("PIP_NO_CACHE_DIR").is_some_and(|value| value != "0");
        let without = words.iter().any(|word| word.starts_with("--no-cache"));
        self.keeps_cache |= is_pip && !off && !without && !place.is_mounted("/root/.cache/pip");
        self.not_compiled |= is_uv || words.contains(&"--no-compile");
        self.upgrades |= words.iter().any(|word| ["-U", "--upgrade"].contains(word));
        for (number, word) in words.iter().enumerate() {
            let file = match *word {
                "-r" | "--requirement" => words.get(number + 1).copied(),
                "-e" | "--editable" => {
                    self.strange.push("the project itself".to_owned());
                    None
                }
                _ => word
                    .strip_prefix("--requirement=")
                    .or_else(|| word.strip_prefix("-r").filter(|rest| rest.contains('.'))),
            };
            if let Some(file) = file {
                self.file(file, place, at);
            }
        }
        for name in named {
            // Quotes around a marker, a comparison as a word of its own.
            match requirement(name) {
                Some(found) => self.installs.push(found),
                None if name.contains(UNKNOWN)
                    && requirement(name.split(UNKNOWN).next().unwrap_or("")).is_some() =>
                {
                    let known = name.split(UNKNOWN).next().and_then(requirement);
                    self.installs.extend(known.map(|(name, _)| (name, true)));
                }
                None => self.strange.push(if name.starts_with('.') {
                    "the project itself".to_owned()
                } else {
                    "packages that only the build can name".to_owned()
                }),
            }
        }
        true
    }

    /// A file of requirements.
    fn file(&mut self, path: &str, place: &Place<'_>, at: &Words<'_>) {
        let Some(text) = (place.list)(&at.path(path)) else {
            self.strange.push(format!("what {path} names"));
            return;
        };
        for line in text.lines().take(2_000) {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match requirement(line) {
                Some(found) if !line.starts_with('-') => self.installs.push(found),
                _ => self.strange.push(format!("what {path} names")),
            }
        }
    }

    /// What it adds.
    pub(super) fn finish(self, place: &Place<'_>, machine: &mut Machine) -> Option<Added> {
        if !self.called && self.venvs == 0 && self.installs.is_empty() {
            return None;
        }
        let table = machine.tables.packages(Repository::PyPi);
        let mut weight = Weight::default();
        let mut unknown = Vec::new();
        let mut pinned = false;
        let mut own = false;
        for (name, version) in &self.installs {
            // Official images have it.
            let is_there = machine.system.is_python()
                && ["pip", "setuptools", "wheel"].contains(&name.as_str());
            own |= name == "pip";
            if is_there && !self.upgrades && !version {
                continue;
            }
            let base = name.split('[').next().unwrap_or(name);
            let found = table
                .install(&mut machine.pypi, name, false)
                .or_else(|| table.install(&mut machine.pypi, base, false));
            match found {
                Some(found) => {
                    weight = weight.plus(found);
                    pinned |= version;
                }
                None => unknown.push(name.as_str()),
            }
        }
        let [files, compiled, cache] = weight.bytes;
        let mut likely = files;
        if self.not_compiled {
            likely = likely.saturating_sub(compiled);
        }
        let writes = (place.value)("PYTHONDONTWRITEBYTECODE").is_none_or(|value| value.is_empty());
        if self.called && !machine.compiled && writes {
            likely += PYTHON_COMPILED;
            if !own && !self.in_venv {
                likely += PIP_COMPILED;
            }
            machine.compiled = true;
        }
        likely += self.venvs * VENV;
        if self.keeps_cache && !self.cache_removed {
            likely += cache;
        }
        let basis = listed(&table, weight.count, "");
        let exact = machine.system.is_python()
            || matches!(machine.system.distribution, Distribution::Debian(_));
        let (low, high) = match (pinned, exact) {
            (false, true) => (85, 118),
            (true, true) => (60, 130),
            // Without wheels, what is compiled is larger or smaller.
            (_, false) => (50, 160),
        };
        let mut size = if likely > 0 || unknown.is_empty() && self.strange.is_empty() {
            within(likely, low, high, basis)
        } else {
            Estimate::zero()
        };
        size.high = size.high.map(|high| high + 60_000);
        if !unknown.is_empty() {
            let guess = 2_000_000 * u64::try_from(unknown.len()).unwrap_or(u64::MAX);
            let names = first_of(&unknown);
            let more = if guess.saturating_mul(3) <= files {
                let basis = Basis::Heuristic(format!("Python packages like {names}"));
                Estimate::between(guess / 20, guess, guess * 5, basis)
            } else {
                Estimate::unknown(format!("the Python package {names}"))
            };
            size = size.plus(&more);
        }
        if let Some(what) = self.strange.first() {
            size = size.plus(&Estimate::unknown(what.as_str()));
        }
        Some(Added {
            compressed: Share(200, 350, 500).of(&size, "Python packages"),
            size,
        })
    }
}
