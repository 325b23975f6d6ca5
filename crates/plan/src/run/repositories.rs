//! Repositories that are added to those of a Debian distribution, and what apt takes from them.

use stagecraft_sizes::{Estimate, Span, rule};

use super::has_scheme;

/// What addresses have in common whatever they are for.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "amd", "apt", "arch", "archive", "binary", "cloud", "com", "contrib", "current", "deb",
    "debian", "dists", "download", "downloads", "edge", "free", "ftp", "http", "https", "io",
    "latest", "linux", "lts", "main", "mirror", "mirrors", "multiverse", "net", "non",
    "org", "packages", "ports", "ppa", "pub", "repo", "repos", "repository", "security", "stable",
    "team", "ubuntu", "universe", "www",
];

/// Repositories whose packages are not called as they are.
const CALLED_OTHERWISE: &[(&str, &[&str])] = &[
    ("cran", &["r"]),
    ("deadsnakes", &["python"]),
    (
        "llvm",
        &["clang", "clangd", "libclang", "lld", "lldb", "libomp"],
    ),
    ("mozillateam", &["firefox", "thunderbird"]),
    ("project", &["r"]),
    ("toolchain", &["cpp", "g", "gcc", "gfortran", "libstdc"]),
];

/// Node.js as NodeSource packs it, with npm: the first major version of which it holds, what apt
/// says that the package takes up on the disk, and its archive, both in tenths of a megabyte.
///
/// Source: what apt printed in published logs, for 6.14, 8.17 (its archive, and what it took more
/// than another), 10.22, 12.4 (with what it needs), 14.18, 16.20, 18.17, 20.19, 22.16 and 24.20 (its
/// archive; what it takes up is that of 22 and what nodejs.org's own builds grew by).
const NODE: &[(u32, u64, u64)] = &[
    (0, 456, 101),
    (8, 620, 141),
    (10, 813, 162),
    (12, 820, 170),
    (14, 1_220, 252),
    (16, 1_280, 275),
    (18, 1_880, 289),
    (20, 1_990, 320),
    (22, 2_250, 369),
    (24, 2_320, 391),
];

/// What NodeSource's script installs before it adds the repository, and what its package needs.
/// Source: the script as it has been since 2023, and the fields of the package.
pub(super) const SET_UP: [&str; 4] = ["apt-transport-https", "ca-certificates", "curl", "gnupg"];
pub(super) const NEEDS: [&str; 2] = ["ca-certificates", "python3"];

/// The repositories that have been added.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Repositories {
    /// The major version of Node.js that NodeSource's is for.
    node: Option<u32>,
    /// Yarn's own is there.
    yarn: bool,
    /// What others are called, by the words of their addresses.
    called: Vec<String>,
    /// What has been installed from those that are known.
    installed: Vec<Provider>,
}

/// Where a package comes from that is not the distribution's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Provider {
    /// Node.js, from NodeSource.
    Node(u32),
    /// Yarn, from its own repository.
    Yarn,
    /// A repository of which nothing more is known.
    Other,
}

impl Repositories {
    /// Adds one by its address, which may be that of a list of sources or of a script that adds it.
    pub(super) fn add(&mut self, address: &str) {
        let address = match address.split_once("://") {
            Some((_, address)) => address,
            None => address.strip_prefix("ppa:").unwrap_or(address),
        };
        if address.starts_with("deb.nodesource.com/") {
            let name = address.rsplit(['/', '_']).find(|part| !part.is_empty());
            let major = name.and_then(|name| name.split('.').next()?.parse().ok());
            // Others have `lts` or `current` there, or what nobody knows.
            self.node = Some(major.unwrap_or(u32::MAX));
            return;
        }
        if address.starts_with("dl.yarnpkg.com/") {
            self.yarn = true;
            return;
        }
        for word in address.split(|letter: char| !letter.is_ascii_alphabetic()) {
            let word = word.to_ascii_lowercase();
            if let Some((_, others)) = CALLED_OTHERWISE.iter().find(|(known, _)| *known == word) {
                for other in *others {
                    self.call((*other).into());
                }
            }
            if word.len() > 2 && !COMMON.contains(&&*word) {
                self.call(word);
            }
        }
    }

    fn call(&mut self, word: String) {
        // More are not looked at.
        if self.called.len() < 100 && !self.called.contains(&word) {
            self.called.push(word);
        }
    }

    /// Adds all of others.
    pub(super) fn extend(&mut self, others: &Self) {
        self.node = others.node.or(self.node);
        self.yarn |= others.yarn;
        for word in &others.called {
            self.call(word.clone());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.node.is_none() && !self.yarn && self.called.is_empty()
    }

    /// The one that a package comes from, as far as names tell; `None` for the distribution's own.
    pub(super) fn of(&self, package: &str) -> Option<Provider> {
        if package == "nodejs"
            && let Some(major) = self.node
        {
            return Some(Provider::Node(major));
        }
        if package == "yarn" && self.yarn {
            return Some(Provider::Yarn);
        }
        if self.called.is_empty() {
            return None;
        }
        let ends = |letter: char| !letter.is_ascii_alphabetic();
        let stem = package.split(ends).next().unwrap_or_default();
        let is_called = self.called.iter().any(|word| word == stem);
        is_called.then_some(Provider::Other)
    }

    /// Notes that a package comes from one that is known; whether it was not there.
    pub(super) fn install(&mut self, from: Provider) -> bool {
        let is_same = |one: &Provider| std::mem::discriminant(one) == std::mem::discriminant(&from);
        let is_new = !self.installed.iter().any(is_same);
        if is_new {
            self.installed.push(from);
        }
        is_new
    }
}

/// The address in a line of a list of sources, given by its words.
pub(super) fn listed<'w>(words: &[&'w str]) -> Option<&'w str> {
    let mut parts = words.iter().flat_map(|word| word.split_whitespace());
    let is_line = |part: &str| matches!(part, "deb" | "deb-src" | "URIs:");
    parts.find(|part| is_line(part))?;
    parts.find(|part| has_scheme(part))
}

/// Whether an address is that of a script which adds NodeSource's repository.
pub(super) fn is_script(address: &str) -> bool {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    address.starts_with("deb.nodesource.com/setup")
}

/// What Node.js adds that NodeSource has packed, on disk and as transferred. What lies below
/// `/usr/share/doc`, which slim images leave out, is what the package has more than nodejs.org's own
/// builds with npm: about a sixth (20.20: 148,975,268 bytes, npm 12,178,974, apt 196 MB).
pub(super) fn node(major: u32, full: bool) -> (Estimate, Span) {
    let held = NODE.iter().rev().find(|(first, ..)| *first <= major);
    let (_, size, archive) = held.copied().unwrap_or_default();
    // apt counts whole kilobytes for each file, and a folder as one.
    let (low, likely, high) = if full { (88, 97, 104) } else { (70, 83, 100) };
    let part = |share: u64| size * 1_000 * share;
    let basis = rule!("Node.js as NodeSource packs it");
    let size = Estimate::between(part(low), part(likely), part(high), basis);
    // Packed with gzip where the archive is packed with xz.
    let part = |share: u64| archive * 1_000 * share;
    let (low, likely) = if full { (105, 121) } else { (90, 112) };
    (size, Span::between(part(low), part(likely), part(140)))
}

#[cfg(test)]
mod tests {
    use super::{Provider, Repositories, listed, node};

    fn with(addresses: &[&str]) -> Repositories {
        let mut all = Repositories::default();
        for address in addresses {
            all.add(address);
        }
        all
    }

    #[test]
    fn a_package_comes_from_the_repository_that_is_called_like_it() {
        for (address, packages) in [
            (
                "https://apt.postgresql.org/pub/repos/apt",
                "postgresql-client-15",
            ),
            ("http://apt.llvm.org/bookworm/", "clang-18"),
            ("ppa:deadsnakes/ppa", "python3.9 python3.9-venv"),
            ("ppa:ondrej/php", "php8.1-cli php"),
            ("https://packages.sury.org/php/", "php8.1-cli"),
            ("http://nginx.org/packages/debian", "nginx"),
            ("ppa:ubuntu-toolchain-r/test", "g++-11 gcc-11"),
            ("ppa:git-core/ppa", "git"),
            ("https://cloud.r-project.org/bin/linux/ubuntu", "r-base"),
            ("https://download.docker.com/linux/debian", "docker-ce"),
        ] {
            let all = with(&[address]);
            for package in packages.split(' ') {
                assert_eq!(
                    all.of(package),
                    Some(Provider::Other),
                    "{package} {address}"
                );
            }
            for package in ["curl", "ca-certificates", "apt-transport-https", "nodejs"] {
                assert_eq!(all.of(package), None, "{package} {address}");
            }
        }
    }

    #[test]
    fn another_mirror_of_the_distribution_changes_nothing() {
        let all = with(&[
            "http://ftp.debian.org/debian",
            "http://mirrors.aliyun.com/ubuntu/",
            "http://security.ubuntu.com/ubuntu",
            "http://ftp.us.debian.org/debian/",
        ]);
        for package in [
            "debian-archive-keyring",
            "ubuntu-keyring",
            "security",
            "apt",
        ] {
            assert_eq!(all.of(package), None, "{package}");
        }
    }

    #[test]
    fn nodesources_addresses_tell_the_version() {
        for (address, major) in [
            ("https://deb.nodesource.com/setup_18.x", 18),
            ("https://deb.nodesource.com/node_20.x", 20),
            ("https://deb.nodesource.com/node_20.x/", 20),
            ("http://deb.nodesource.com/setup_lts.x", u32::MAX),
            ("https://deb.nodesource.com/setup_current.x", u32::MAX),
            ("https://deb.nodesource.com/setup_0.12", 0),
            ("https://deb.nodesource.com/setup", u32::MAX),
            ("https://deb.nodesource.com/node_\u{fffd}.x", u32::MAX),
        ] {
            assert_eq!(
                with(&[address]).of("nodejs"),
                Some(Provider::Node(major)),
                "{address}"
            );
        }
        assert_eq!(with(&["ppa:x/nodesource"]).of("nodejs"), None);
    }

    #[test]
    fn what_is_installed_once_is_there() {
        let mut all = with(&["https://dl.yarnpkg.com/debian/"]);
        assert_eq!(all.of("yarn"), Some(Provider::Yarn));
        assert!(all.install(Provider::Yarn) && !all.install(Provider::Yarn));
        assert!(all.install(Provider::Node(18)) && !all.install(Provider::Node(20)));
    }

    #[test]
    fn node_weighs_what_its_release_does() {
        let likely = |major, full| node(major, full).0.likely;
        assert_eq!(likely(20, true), Some(193_030_000));
        assert_eq!(likely(21, true), likely(20, true));
        assert_eq!(likely(4, true), likely(6, true));
        assert_eq!(likely(u32::MAX, true), likely(24, true));
        assert!(likely(20, false) < likely(20, true));
    }

    #[test]
    fn a_line_of_a_list_of_sources_has_its_address() {
        for words in [
            &["deb https://a.example/x stable main"][..],
            &[
                "-e",
                "deb [arch=amd64 signed-by=/k.gpg] https://a.example/x stable main",
            ],
            &["deb", "https://a.example/x", "./"],
            &["Types: deb\nURIs: https://a.example/x\nSuites: stable"],
        ] {
            assert_eq!(listed(words), Some("https://a.example/x"), "{words:?}");
        }
        assert_eq!(listed(&["see https://a.example/x"]), None);
        assert_eq!(listed(&["deb"]), None);
    }
}
