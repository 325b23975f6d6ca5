//! Python's package manager.

use stagecraft_sizes::{
    Basis, Distribution, Estimate, Installed, Name, Packages, Reasons, Repository, Weight, rule,
};
use stagecraft_text::{has_part, sort};

use super::words::{UNKNOWN, Words, has_unknown, operands, value_of};
use super::{Added, Machine, Place, Placed, Share, first_of, listed, within};

/// What compiling Python's standard library writes, which the first call of pip does where the image
/// has it uncompiled: measured for `CPython` 3.11 on 2026-11-23.
const PYTHON_COMPILED: u64 = 5_143_000;
/// The same for pip's own files.
const PIP_COMPILED: u64 = 5_490_000;
/// A virtual environment: pip and setuptools anew, compiled; measured like the above.
const VENV: u64 = 22_340_000;

/// Where pip puts packages; the version of Python is left out.
pub(crate) const SITE_PACKAGES: &str = "/usr/local/lib/python3/site-packages";

/// What pip does in a step.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a command line may ask for"
)]
pub(super) struct Pip {
    /// With the version where one is named.
    installs: Vec<(String, bool)>,
    /// What is no build of `PyPI`.
    elsewhere: Vec<String>,
    /// An index with such builds is asked.
    has_builds: bool,
    called: bool,
    venvs: u64,
    /// The virtual environment that was made last.
    venv: Option<String>,
    /// Where packages go.
    folders: Vec<String>,
    /// Wheels are made or fetched, and nothing is installed.
    wheels: bool,
    upgrades: bool,
    strange: Vec<Name>,
    keeps_cache: bool,
    not_compiled: bool,
    pub(super) cache_removed: bool,
}

/// A distribution's name as `PyPI` compares it, without version and marker.
fn requirement(text: &str) -> Option<(String, bool)> {
    let place = |text: &str, ends: fn(u8) -> bool| text.bytes().position(ends);
    let end = place(text, |byte| matches!(byte, b';' | b'#'));
    let text = text.get(..end.unwrap_or(text.len()))?.trim();
    let ends = |byte| matches!(byte, b'=' | b'<' | b'>' | b'~' | b'!' | b'@' | b' ');
    let end = place(text, ends).unwrap_or(text.len());
    let pinned = text.get(end..).is_some_and(|rest| rest.contains("=="));
    let name = text.get(..end)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[],".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) || name.starts_with('.') {
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

/// An index with builds of its own, for processors alone or for one version of CUDA, which weigh much
/// less or more than those of `PyPI`.
/// Source: `PyTorch`, "Start Locally".
const BUILDS: &str = "download.pytorch.org/";

/// Whether a line of a file of requirements only says where packages are looked for.
fn is_index(line: &str) -> bool {
    [
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "--trusted-host",
    ]
    .iter()
    .any(|option| {
        let rest = line.strip_prefix(option);
        rest.is_some_and(|rest| rest.starts_with([' ', '=']))
    })
}

/// Whether what a text asks for by that name is no build of `PyPI`: a local version
/// (`torch==2.1.0+cpu`), or what an index with other builds has, where that is asked.
fn is_built_elsewhere(text: &str, name: &str, elsewhere: bool) -> bool {
    let version = text.split_once("==").map_or("", |(_, version)| version);
    let other = ["torch", "triton", "xformers"];
    version.contains('+') || elsewhere && other.iter().any(|start| name.starts_with(start))
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

/// Options of pip and uv whose value is the next word.
#[rustfmt::skip]
const WITH_VALUE: &[&str] = &[
    "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "-t",
    "--target", "--prefix", "--root", "-c", "--constraint", "--timeout", "--retries",
    "--default-timeout", "--python", "--platform", "--cache-dir", "--proxy", "--src",
    "--global-option", "--install-option", "--progress-bar", "-r", "--requirement", "-e",
    "--editable", "--no-binary", "--only-binary", "--cert", "--log", "--python-version", "-w",
    "--wheel-dir", "-d", "--dest",
];

/// Whether a program is pip, of whatever version.
pub(super) fn is_pip(name: &str) -> bool {
    let version = name.strip_prefix("pip");
    version.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

impl Pip {
    /// Takes one of pip's commands in.
    pub(super) fn command(
        &mut self,
        name: &str,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
    ) {
        if name == "venv" || name == "virtualenv" {
            self.venvs += 1;
            let with_value = ["--prompt", "-p", "--python"];
            if let Some(path) = operands(words, &with_value).last() {
                self.venv = Some(at.path(path));
            }
            return;
        }
        let is_uv = name == "uv-pip";
        let is_pip = !is_uv;
        let mut named = operands(words, WITH_VALUE);
        let Some(verb) = named.next() else {
            return;
        };
        if verb == "cache" {
            self.cache_removed |= named.next() == Some("purge");
            return;
        }
        self.called |= is_pip;
        if !matches!(verb, "install" | "wheel" | "download") {
            return;
        }
        self.wheels |= verb != "install";
        let folder = self.folder(words, at);
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
        let off = (place.value)("PIP_NO_CACHE_DIR").is_some_and(|value| value != "0");
        let without = words.iter().any(|word| word.starts_with("--no-cache"));
        self.keeps_cache |= is_pip && !off && !without && !place.is_mounted("/root/.cache/pip");
        self.not_compiled |= is_uv || words.contains(&"--no-compile");
        self.upgrades |= words.iter().any(|word| ["-U", "--upgrade"].contains(word));
        let elsewhere = words.iter().any(|word| has_part(word, BUILDS));
        self.has_builds |= elsewhere;
        for (number, word) in words.iter().enumerate() {
            let file = match *word {
                "-r" | "--requirement" => words.get(number + 1).copied(),
                "-e" | "--editable" => {
                    self.strange.push("the project itself".into());
                    None
                }
                _ => word
                    .strip_prefix("--requirement=")
                    .or_else(|| word.strip_prefix("-r").filter(|rest| rest.contains('.'))),
            };
            if let Some(file) = file {
                self.file(file, elsewhere, place, at);
            }
        }
        for name in named {
            // Quotes around a marker, a comparison as a word of its own.
            match requirement(name) {
                Some((found, _)) if is_built_elsewhere(name, &found, elsewhere) => {
                    self.elsewhere.push(found);
                }
                Some(found) => self.installs.push(found),
                None if has_unknown(name)
                    && requirement(name.split(UNKNOWN).next().unwrap_or("")).is_some() =>
                {
                    let known = name.split(UNKNOWN).next().and_then(requirement);
                    self.installs.extend(known.map(|(name, _)| (name, true)));
                }
                None => self.strange.push(if name.starts_with('.') {
                    "the project itself".into()
                } else {
                    "packages that only the build can name".into()
                }),
            }
        }
    }

    /// Where a call puts packages.
    fn folder(&self, words: &[&str], at: &Words<'_>) -> String {
        let value = |names: &[&str]| value_of(words, names);
        let wheels = ["-w", "--wheel-dir", "-d", "--dest"];
        if self.wheels {
            return at.path(value(&wheels).unwrap_or("."));
        }
        match value(&["-t", "--target", "--prefix", "--root"]) {
            Some(path) => at.path(path),
            None if words.contains(&"--user") => at.path("~/.local"),
            None => String::new(),
        }
    }

    /// A file of requirements.
    fn file(&mut self, path: &str, elsewhere: bool, place: &Place<'_>, at: &Words<'_>) {
        let Some(text) = (place.list)(&at.path(path)) else {
            self.strange.push(["what ", path, " names"].concat().into());
            return;
        };
        let elsewhere = elsewhere || has_part(text, BUILDS);
        self.has_builds |= elsewhere;
        for line in text.lines().take(2_000) {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') || is_index(line) {
                continue;
            }
            match requirement(line) {
                Some((found, _)) if is_built_elsewhere(line, &found, elsewhere) => {
                    self.elsewhere.push(found);
                }
                Some(found) if !line.starts_with('-') => self.installs.push(found),
                _ => self.strange.push(["what ", path, " names"].concat().into()),
            }
        }
    }

    /// Looks up what is installed, and notes that it is there.
    fn look_up(&self, table: Packages<'_>, machine: &mut Machine) -> Found<'_> {
        let mut found = Found::default();
        let install = |there: &mut Installed, name: &str| {
            let base = name.split('[').next().unwrap_or(name);
            table
                .install(there, name, false)
                .or_else(|| table.install(there, base, false))
        };
        let mut elsewhere = self.elsewhere.first().map(String::as_str);
        // What comes along is from there, too.
        if self.has_builds && !table.is_there(&machine.pypi, "torch") {
            let mut there = machine.pypi.clone();
            for (name, _) in &self.installs {
                install(&mut there, name);
            }
            if table.is_there(&there, "torch") {
                elsewhere = elsewhere.or(Some("torch"));
            }
        }
        // It is there with all that it needs, and weighs what nobody knows.
        let names = self.elsewhere.iter().map(String::as_str);
        for name in names.chain(elsewhere) {
            install(&mut machine.pypi, name);
        }
        for (name, version) in &self.installs {
            // Official images have it.
            let is_there = machine.system.is_python()
                && ["pip", "setuptools", "wheel"].contains(&name.as_str());
            found.pip |= name == "pip";
            if is_there && !self.upgrades && !version {
                continue;
            }
            match install(&mut machine.pypi, name) {
                Some(weight) => {
                    found.weight = found.weight.plus(weight);
                    found.pinned |= version;
                }
                None => found.unknown.push(name.as_str()),
            }
        }
        found.open = elsewhere
            .map(|name| ["what another index holds of ", name].concat().into())
            .or_else(|| self.strange.first().cloned());
        found
    }

    /// Adds what it does to a sum.
    pub(super) fn finish(&self, place: &Place<'_>, machine: &mut Machine, sum: &mut Added) {
        if !self.called && self.venvs == 0 && self.installs.is_empty() && self.elsewhere.is_empty()
        {
            return;
        }
        let tables = machine.tables.clone();
        let table = tables.packages(Repository::PyPi);
        let before = (!place.volumes.is_empty()).then(|| machine.pypi.clone());
        let Found {
            weight,
            open,
            unknown,
            pinned,
            pip: own,
        } = self.look_up(table, machine);
        let [files, compiled, cache] = weight.bytes;
        // A virtual environment is used by those who make one.
        if self.venv.is_some() {
            machine.venv.clone_from(&self.venv);
        }
        let venv = machine.venv.as_deref();
        // In the folder of packages, and beside it.
        let mut inside = if self.wheels { cache } else { files };
        let mut beside = 0;
        if self.not_compiled {
            inside = inside.saturating_sub(compiled);
        }
        let writes = (place.value)("PYTHONDONTWRITEBYTECODE").is_none_or(str::is_empty);
        if self.called && !machine.compiled && writes {
            beside += PYTHON_COMPILED;
            if !own && venv.is_none() {
                beside += PIP_COMPILED;
            }
            machine.compiled = true;
        }
        inside += self.venvs * VENV;
        if self.keeps_cache && !self.cache_removed {
            beside += cache;
        }
        let exact = machine.system.is_python()
            || matches!(machine.system.distribution, Distribution::Debian(_));
        let (low, high) = match (pinned, exact) {
            (false, true) => (85, 118),
            // An older version; see `xtask/measure/pypi-pins.py`.
            (true, true) => (50, 150),
            // Without wheels, what is compiled is larger or smaller.
            (_, false) => (50, 160),
        };
        let basis = || {
            if weight.count > 0 {
                Reasons::from(listed(table, weight.count, &[]))
            } else {
                rule!("what Python and pip compile of their own").into()
            }
        };
        let range = |bytes: u64| match bytes {
            0 => Estimate::zero(),
            _ => Estimate::of(within(bytes, low, high), basis()),
        };
        let mut packages = range(inside);
        if packages.high == Some(0) && unknown.is_empty() && open.is_none() {
            // All is there already, which the table tells.
            packages.basis.add(&listed(table, weight.count, &[]).into());
        }
        packages.high = packages.high.map(|high| high + 60_000);
        if !unknown.is_empty() {
            let guess = 2_000_000 * u64::try_from(unknown.len()).unwrap_or(u64::MAX);
            let more = if guess.saturating_mul(3) <= files {
                let basis = Basis::Heuristic(first_of("Python packages like", &unknown));
                Estimate::between(guess / 20, guess, guess * 5, basis)
            } else {
                Estimate::unknown(first_of("the Python package", &unknown))
            };
            packages = packages.plus(&more);
        }
        if let Some(what) = open {
            packages = packages.plus(&Estimate::unknown(what));
        }
        let folder = match &self.folders[..] {
            [] => venv,
            [path] if path.is_empty() => Some(venv.unwrap_or(SITE_PACKAGES)),
            [path] => Some(path.as_str()),
            _ => None,
        };
        let is_lost = folder.is_some_and(|path| place.is_lost(path));
        if is_lost {
            packages = Estimate::zero();
        }
        let size = packages.clone().plus(&range(beside));
        sum.add(&size, Share(200, 350, 500).of(size.span()));
        match folder {
            Some(path) => sum.placed.push(Placed {
                path: if path == SITE_PACKAGES {
                    SITE_PACKAGES.into()
                } else {
                    path.to_owned().into()
                },
                size: packages,
                folder: true,
            }),
            None => sum.loose.add(&packages),
        }
        if let Some(before) = before.filter(|_| is_lost) {
            machine.pypi = before;
        }
    }
}

/// What a table knows of the packages that are to be installed.
#[derive(Debug, Default)]
struct Found<'n> {
    weight: Weight,
    /// What else nobody knows.
    open: Option<Name>,
    /// In no table.
    unknown: Vec<&'n str>,
    /// Versions are named, which need not be those of the table.
    pinned: bool,
    /// pip itself is among them.
    pip: bool,
}
