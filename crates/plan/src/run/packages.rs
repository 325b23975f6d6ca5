//! The package managers of Alpine, of RPM distributions, of Python and of Node.js.

use stagecraft_sizes::{Basis, Distribution, Estimate, Installed, Packages, Repository, Weight};

use super::words::{UNKNOWN, Words, operands};
use super::{Added, Machine, Place, Share};

/// The basis for packages of a table.
fn listed(table: &Packages<'_>, count: u32, note: &str) -> Basis {
    let (source, date) = table.source();
    Basis::Packages {
        source: format!("{note}{source}"),
        date: date.to_owned(),
        count,
    }
}

/// A range in hundredths of what is likely.
fn within(likely: u64, low: u64, high: u64, basis: Basis) -> Estimate {
    Estimate::between(likely / 100 * low, likely, likely / 100 * high, basis)
}

/// Alpine's packages, which are estimated by Debian's.
#[derive(Debug, Clone, Default)]
pub(super) struct Apk {
    /// With the group that `--virtual` puts them into.
    installs: Vec<(String, String)>,
    removed: Vec<String>,
    updates: bool,
    no_cache: bool,
    strange: bool,
    pub(super) index_removed: bool,
}

/// The index of Alpine's packages, as `apk update` leaves it.
const APK_INDEX: u64 = 2_500_000;

/// Names that Debian writes otherwise.
const AS_IN_DEBIAN: [(&str, &str); 46] = [
    ("alpine-sdk", "build-essential git"),
    ("apache2-utils", "apache2-utils"),
    ("argon2-dev", "libargon2-dev"),
    ("bind-tools", "dnsutils"),
    ("build-base", "gcc g++ make libc6-dev"),
    ("busybox-extras", ""),
    ("coreutils", ""),
    ("curl-dev", "libcurl4-openssl-dev"),
    ("docker", "docker.io"),
    ("docker-cli", "docker.io"),
    ("findutils", ""),
    ("freetype-dev", "libfreetype-dev"),
    ("gd-dev", "libgd-dev"),
    ("geoip-dev", "libgeoip-dev"),
    ("gmp", ""),
    ("go", "golang"),
    ("grep", ""),
    ("icu-libs", "libicu-dev"),
    ("jpeg-dev", "libjpeg-dev"),
    ("libc-dev", "libc6-dev"),
    ("libc6-compat", ""),
    ("libgcc", ""),
    ("libnsl-dev", "libnsl-dev"),
    ("libressl", "openssl"),
    ("libressl-dev", "libssl-dev"),
    ("libstdc++", ""),
    ("linux-headers", "linux-libc-dev"),
    ("mariadb-dev", "libmariadb-dev"),
    ("musl", ""),
    ("musl-dev", "libc6-dev"),
    ("mysql-client", "mariadb-client"),
    ("ncurses-dev", "libncurses-dev"),
    ("oniguruma-dev", "libonig-dev"),
    ("openjdk8-jre-base", "openjdk-17-jre-headless"),
    ("openssl-dev", "libssl-dev"),
    ("pkgconf", "pkg-config"),
    ("postgresql-dev", "libpq-dev"),
    ("readline-dev", "libreadline-dev"),
    ("shadow", ""),
    ("sqlite-dev", "libsqlite3-dev"),
    ("sqlite", "sqlite3"),
    ("su-exec", ""),
    ("tar", ""),
    ("ttf-dejavu", "fonts-dejavu-core"),
    ("xz", "xz-utils"),
    ("zlib-dev", "zlib1g-dev"),
];

/// Installs by another distribution's name what Debian has under nearly the same one.
fn install_like(table: &Packages<'_>, there: &mut Installed, name: &str) -> Option<Weight> {
    if let Some((_, names)) = AS_IN_DEBIAN.iter().find(|(known, _)| *known == name) {
        let each = names.split_whitespace();
        return Some(each.fold(Weight::default(), |sum, name| {
            sum.plus(table.install(there, name, false).unwrap_or_default())
        }));
    }
    let python = ["py3-", "py-", "py2-", "python-", "python3-"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .map(|rest| format!("python3-{rest}"));
    let devel = name
        .strip_suffix("-devel")
        .map(|stem| format!("{stem}-dev"));
    let name = devel.as_deref().unwrap_or(name);
    let library = format!("lib{name}");
    let plain = name.trim_end_matches("-libs");
    for name in [Some(name), python.as_deref(), Some(&library), Some(plain)]
        .into_iter()
        .flatten()
    {
        if let Some(weight) = table.install(there, name, false) {
            return Some(weight);
        }
        if let Some(weight) = table
            .kin(name)
            .and_then(|kin| table.install(there, kin, false))
        {
            return Some(weight);
        }
    }
    None
}

/// Packages of a distribution whose own figures are not there, by those of Debian: so many
/// hundredths of them.
fn by_debian<'n>(
    names: impl Iterator<Item = &'n str>,
    strange: bool,
    (low, likely, high): (u64, u64, u64),
    (table, there): (&Packages<'_>, &mut Installed),
    what: &str,
) -> Added {
    let mut weight = Weight::default();
    let mut unknown = 0_u64;
    // Those that are in Debian's image already, of which nothing is known.
    let mut plain = 0_u64;
    for name in names {
        match install_like(table, there, name) {
            Some(found) => {
                plain += u64::from(found.count > 0 && found.bytes[0] == 0);
                weight = weight.plus(found);
            }
            None => unknown += 1,
        }
    }
    let part = |share: u64| weight.bytes[0] / 100 * share;
    let basis = if weight.count > 0 {
        listed(
            table,
            weight.count,
            &format!("{what}, which are about as those of "),
        )
    } else {
        Basis::Heuristic(format!("{what} of unknown size"))
    };
    let mut size = if weight.count == 0 && unknown > 0 {
        Estimate::zero()
    } else {
        Estimate::between(
            part(low) + plain * 300_000,
            part(likely) + unknown * 1_000_000 + plain * 1_200_000,
            part(high) + unknown * 8_000_000 + plain * 2_500_000 + 300_000,
            basis,
        )
    };
    if strange || unknown * 3_000_000 > part(likely) && unknown > 0 {
        size = size.plus(&Estimate::unknown(what));
    }
    Added {
        compressed: Share(330, 400, 480).of(&size, "packages"),
        size,
    }
}

impl Apk {
    /// Takes a command in, if it is one of apk's.
    pub(super) fn command(&mut self, name: &str, words: &[&str]) -> bool {
        if name != "apk" {
            return false;
        }
        let options = [
            "-t",
            "--virtual",
            "--repository",
            "-X",
            "-p",
            "--root",
            "--arch",
            "--keys-dir",
        ];
        let plain = operands(words, &options);
        let Some((verb, named)) = plain.split_first() else {
            return true;
        };
        let group = words
            .iter()
            .position(|word| *word == "-t" || *word == "--virtual")
            .and_then(|at| words.get(at + 1))
            .or_else(|| words.iter().find(|word| word.starts_with("--virtual=")));
        let group = group.map_or("", |word| word.trim_start_matches("--virtual="));
        match *verb {
            "add" => {
                self.no_cache |= words.contains(&"--no-cache");
                for name in named {
                    let end = name.find(['=', '~', '<', '>', '@']).unwrap_or(name.len());
                    let name = name.get(..end).unwrap_or(name);
                    if name.contains(UNKNOWN) || name.contains(['/', '*']) {
                        self.strange = true;
                    } else if !name.is_empty() {
                        self.installs.push((name.to_owned(), group.to_owned()));
                    }
                }
            }
            "update" => self.updates = true,
            "upgrade" => self.strange = true,
            "del" => self
                .removed
                .extend(named.iter().map(|name| (*name).to_owned())),
            _ => {}
        }
        true
    }

    /// What it adds.
    pub(super) fn finish(self, machine: &mut Machine) -> Option<Added> {
        if self.installs.is_empty() && !self.updates && !self.strange {
            return None;
        }
        let gone = |name: &String| self.removed.contains(name);
        let (gone, left): (Vec<_>, Vec<_>) = self
            .installs
            .iter()
            .partition(|(name, group)| gone(name) || gone(group));
        let left = left.into_iter().map(|(name, _)| name.as_str());
        let table = machine.tables.packages(Repository::Trixie);
        // The share is that of the layers of official images, as transferred.
        let mut sum = by_debian(
            left,
            self.strange,
            (25, 48, 100),
            (&table, &mut machine.debian),
            "Alpine's packages",
        );
        if !gone.is_empty() {
            let mut aside = machine.debian.clone();
            let known = gone
                .iter()
                .filter(|(name, _)| install_like(&table, &mut aside, name).is_some());
            let count = u32::try_from(known.count()).unwrap_or(u32::MAX);
            let basis = listed(&table, count, "removed again: Alpine's packages, by ");
            sum.size = sum.size.plus(&Estimate::known(0, basis));
        }
        let cached = self.updates || !self.installs.is_empty() && !self.no_cache;
        if cached && !self.index_removed {
            let basis = Basis::Heuristic("apk's index, which is not removed".to_owned());
            let index = within(APK_INDEX, 70, 150, basis);
            sum.size = sum.size.plus(&index);
            sum.compressed = sum.compressed.plus(&index);
        }
        Some(sum)
    }
}

/// Packages of `yum` and `dnf`, which are estimated by Debian's.
#[derive(Debug, Clone, Default)]
pub(super) struct Rpm {
    installs: Vec<String>,
    strange: bool,
    pub(super) cleaned: bool,
}

impl Rpm {
    /// Takes a command in, if it is one of theirs.
    pub(super) fn command(&mut self, name: &str, words: &[&str], place: &Place<'_>) -> bool {
        if !matches!(name, "yum" | "dnf" | "microdnf" | "tdnf" | "zypper") {
            return false;
        }
        let plain = operands(words, &["-c", "--enablerepo", "--disablerepo", "--setopt"]);
        let Some((verb, named)) = plain.split_first() else {
            return true;
        };
        match *verb {
            "install" | "in" => {
                for name in named {
                    let strange = name.contains(UNKNOWN)
                        || name.contains(['/', '*', '@'])
                        || name.ends_with(".rpm");
                    if strange {
                        self.strange = true;
                    } else {
                        self.installs.push((*name).to_owned());
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
        true
    }

    /// What it adds.
    pub(super) fn finish(self, machine: &mut Machine) -> Option<Added> {
        if self.installs.is_empty() && !self.strange {
            return None;
        }
        let table = machine.tables.packages(Repository::Trixie);
        let names = self.installs.iter().map(String::as_str);
        let mut sum = by_debian(
            names,
            self.strange,
            (40, 100, 250),
            (&table, &mut machine.debian),
            "RPM packages",
        );
        if !self.cleaned {
            let basis = Basis::Heuristic("the cache of yum or dnf".to_owned());
            let cache = Estimate::between(20_000_000, 80_000_000, 300_000_000, basis);
            sum.size = sum.size.plus(&cache);
            sum.compressed = sum.compressed.plus(&cache);
        }
        Some(sum)
    }
}

/// What compiling Python's standard library writes, which the first call of pip does where the image
/// has it uncompiled: measured for CPython 3.11 on 2026-11-23.
const PYTHON_COMPILED: u64 = 5_143_000;
/// The same for pip's own files.
const PIP_COMPILED: u64 = 5_490_000;
/// A virtual environment: pip and setuptools anew, compiled; measured like the above.
const VENV: u64 = 22_340_000;

/// What pip does in a step.
#[derive(Debug, Clone, Default)]
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

/// A distribution's name as PyPI compares it, without version and marker.
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
    extras.sort();
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
            let names = unknown
                .iter()
                .take(3)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
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

/// What npm, yarn and pnpm do in a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Npm {
    /// With the version that is wanted, as written.
    installs: Vec<(String, String)>,
    locked: bool,
    called: bool,
    yarn: bool,
    keeps_cache: bool,
    strange: Vec<String>,
    builds: bool,
    pub(super) cache_removed: bool,
    pub(super) yarn_cache_removed: bool,
    emptied: bool,
}

/// The major version that a version or a range of them wants; `None` where any will do.
fn major(version: &str) -> Option<&str> {
    let digits = version.trim_start_matches(['^', '~', '=', 'v', '>', '<', ' ']);
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits.get(..end).filter(|major| !major.is_empty())
}

/// What `npm cache clean` leaves behind.
const NPM_EMPTIED: u64 = 15_000;

/// The packages with their versions in a part of `package.json`.
fn named_in(text: &str, part: &str) -> Vec<(String, String)> {
    let key = format!("\"{part}\"");
    let Some((_, rest)) = text.split_once(key.as_str()) else {
        return Vec::new();
    };
    let inside = rest
        .trim_start()
        .strip_prefix(':')
        .and_then(|rest| rest.trim_start().strip_prefix('{'))
        .and_then(|rest| rest.split('}').next())
        .unwrap_or_default();
    // Names and versions in turn; neither has quotes in it.
    let mut strings = inside.split('"').skip(1).step_by(2);
    let mut found = Vec::new();
    while let (Some(name), Some(version)) = (strings.next(), strings.next()) {
        if found.len() < 2_000 {
            found.push((name.to_owned(), version.to_owned()));
        }
    }
    found
}

impl Npm {
    /// Takes in what the project's own `package.json` names.
    fn project(&mut self, words: &[&str], place: &Place<'_>, at: &Words<'_>) {
        let Some(text) = (place.list)(&at.path("package.json")) else {
            self.strange.push("what package.json names".to_owned());
            return;
        };
        let omits = [
            "--omit=dev",
            "--production",
            "--only=production",
            "--only=prod",
            "--prod",
        ];
        let production = words.iter().any(|word| omits.contains(word))
            || (place.value)("NODE_ENV").is_some_and(|value| value == "production");
        let dev = if production {
            None
        } else {
            Some("devDependencies")
        };
        for part in ["dependencies", "optionalDependencies"]
            .into_iter()
            .chain(dev)
        {
            self.installs.extend(named_in(text, part));
        }
    }

    /// Takes a command in, if it is one of theirs.
    pub(super) fn command(
        &mut self,
        name: &str,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
    ) -> bool {
        if !matches!(name, "npm" | "yarn" | "pnpm" | "npx" | "corepack") {
            return false;
        }
        let options = [
            "--prefix",
            "--registry",
            "--loglevel",
            "--cache",
            "-C",
            "--network-timeout",
            "--cwd",
            "--omit",
            "--only",
            "--production",
            "--filter",
            "-w",
            "--workspace",
            "--network-concurrency",
            "--cache-folder",
            "--include",
        ];
        // `--production` is a switch unless a value follows.
        let options: Vec<&str> = options
            .into_iter()
            .filter(|one| *one != "--production")
            .collect();
        let plain = operands(words, &options);
        let (verb, named) = match plain.split_first() {
            Some((verb, named)) => (*verb, named),
            None => ("", &[][..]),
        };
        let (verb, named) = match (verb, named.split_first()) {
            ("global", Some((verb, named))) => (*verb, named),
            _ => (verb, named),
        };
        let kept = match name {
            "yarn" => "/usr/local/share/.cache/yarn",
            "pnpm" => "/root/.local/share/pnpm",
            _ => "/root/.npm",
        };
        match (name, verb) {
            ("npm", "cache") | ("yarn", "cache") | ("pnpm", "store") => {
                self.emptied |= name == "npm";
                self.yarn_cache_removed |= name != "npm";
                return true;
            }
            ("npm", "ci" | "clean-install") | ("yarn" | "pnpm", "" | "install" | "i")
                if named.is_empty() =>
            {
                self.called = true;
                self.locked = true;
                self.project(words, place, at);
            }
            ("npm" | "pnpm", "install" | "i" | "add" | "isntall") | ("yarn", "add") => {
                self.called = true;
                if named.is_empty() {
                    self.locked |= (place.holds)(&at.path("package-lock.json"));
                    self.project(words, place, at);
                }
                for name in named {
                    let bare = match name.char_indices().skip(1).find(|(_, c)| *c == '@') {
                        Some((end, _)) => name.get(..end).unwrap_or(name),
                        None => name,
                    };
                    let version = name.get(bare.len() + 1..).unwrap_or("latest");
                    let strange = bare.contains(UNKNOWN)
                        || bare.starts_with(['.', '/'])
                        || bare.contains(':')
                        || bare.contains('/') && !bare.starts_with('@');
                    if strange {
                        self.strange
                            .push("packages that only the build can name".to_owned());
                    } else {
                        self.installs.push((bare.to_owned(), version.to_owned()));
                    }
                }
            }
            (_, "run" | "build" | "run-script") | ("npx", _) => {
                self.builds = true;
                return true;
            }
            _ => return true,
        }
        self.yarn |= name == "yarn";
        self.keeps_cache |= !place.is_mounted(kept);
        true
    }

    /// What it adds.
    pub(super) fn finish(self, machine: &mut Machine) -> Option<Added> {
        if !self.called && !self.builds {
            return None;
        }
        let table = machine.tables.packages(Repository::Npm);
        let mut weight = Weight::default();
        let mut unknown = Vec::new();
        // Of another major version than is wanted.
        let mut other = Weight::default();
        for (name, version) in &self.installs {
            let major = major(version);
            match table.install_major(&mut machine.npm, name, major, self.locked) {
                Some((found, known)) => {
                    weight = weight.plus(found);
                    if major.is_some_and(|major| major != known) {
                        other = other.plus(found);
                    }
                }
                None => unknown.push(name.as_str()),
            }
        }
        let [files, cache, pages] = weight.bytes;
        let mut likely = files;
        let removed = self.cache_removed || self.yarn && self.yarn_cache_removed;
        if self.emptied {
            likely += NPM_EMPTIED;
        } else if self.keeps_cache && !removed {
            likely += cache;
            if !self.locked {
                likely += pages;
            }
        }
        let (low, high) = if other.bytes[0] > files / 5 {
            (50, 160)
        } else {
            (80, 122)
        };
        let mut size = if likely > 0 {
            within(likely, low, high, listed(&table, weight.count, ""))
        } else {
            Estimate::zero()
        };
        size.high = size.high.map(|high| high + 50_000);
        if !unknown.is_empty() {
            let names = unknown
                .iter()
                .take(3)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            // A few among many hardly matter.
            let guess = 1_500_000 * u64::try_from(unknown.len()).unwrap_or(u64::MAX);
            let more = if guess.saturating_mul(3) <= files {
                let basis = Basis::Heuristic(format!("npm packages like {names}"));
                Estimate::between(guess / 20, guess, guess * 4, basis)
            } else {
                Estimate::unknown(format!("the npm package {names}"))
            };
            size = size.plus(&more);
        }
        if let Some(what) = self.strange.first() {
            size = size.plus(&Estimate::unknown(what.as_str()));
        }
        if self.builds {
            let basis = Basis::Heuristic("a script of package.json".to_owned());
            size = size.plus(&Estimate::range(0, 100_000_000, basis));
        }
        Some(Added {
            compressed: Share(150, 260, 400).of(&size, "npm packages"),
            size,
        })
    }
}
