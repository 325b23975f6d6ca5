//! What curl and wget do with what they fetch.

use stagecraft_sizes::{Estimate, rule, unknown};

use super::files::Printed;
use super::{Run, apt, has_scheme, repositories};
use crate::downloads::{COMPOSER_INSTALLER, Download, GET_PIP, at};

/// Where curl or wget puts what it fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output<'w> {
    /// Into that file, which is in that folder where one is named.
    File(Option<&'w str>, &'w str),
    /// Into a file that is called like what is fetched.
    Own(Option<&'w str>),
    /// It prints it.
    Printed,
}

/// Letters of options that have a value.
const CURL_VALUES: &str = "AbCcDdEeFHKmPQrTtUuwXxYyz";
const WGET_VALUES: &str = "aBDeIilQoRtTUwX";

impl<'w> Output<'w> {
    /// By the words of a call.
    pub(super) fn of(program: &str, words: &[&'w str]) -> Self {
        let is_curl = program == "curl";
        let (mut folder, mut file, mut own) = (None, None, !is_curl);
        let mut rest = words.iter().copied();
        while let Some(word) = rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long
                    .split_once('=')
                    .map_or((long, None), |(name, value)| (name, Some(value)));
                match name {
                    "output" | "output-document" => file = value.or_else(|| rest.next()),
                    "output-dir" | "directory-prefix" => folder = value.or_else(|| rest.next()),
                    "remote-name" | "remote-name-all" => own = true,
                    _ => {}
                }
                continue;
            }
            let Some(letters) = word.strip_prefix('-') else {
                continue;
            };
            // `-nv`, `-nc` and the like of wget are one letter with another.
            let letters = letters
                .strip_prefix('n')
                .filter(|_| !is_curl)
                .map_or(letters, |rest| rest.get(1..).unwrap_or_default());
            for (at, letter) in letters.char_indices() {
                let mut value = || {
                    let own = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                    let own = Some(own).filter(|own| !own.is_empty());
                    own.or_else(|| rest.next())
                };
                match (letter, is_curl) {
                    ('o', true) | ('O', false) => file = value(),
                    ('O', true) => {
                        own = true;
                        continue;
                    }
                    ('P', false) => folder = value(),
                    (_, true) if CURL_VALUES.contains(letter) => _ = value(),
                    (_, false) if WGET_VALUES.contains(letter) => _ = value(),
                    _ => continue,
                }
                break;
            }
        }
        match file {
            Some("-") => Self::Printed,
            Some(file) => Self::File(folder.filter(|_| is_curl), file),
            None if own => Self::Own(folder),
            None => Self::Printed,
        }
    }

    /// The path of the file, for what is at an address.
    pub(super) fn path(self, address: &str) -> Option<String> {
        let (folder, name) = match self {
            Self::File(folder, name) => (folder, name),
            Self::Own(folder) => (folder, name_of(address)),
            Self::Printed => return None,
        };
        Some(match folder {
            Some(folder) => [folder, "/", name].concat(),
            None => name.to_owned(),
        })
    }
}

/// How what is fetched from an address is called.
pub(crate) fn name_of(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// What curl or wget prints, where that is known.
pub(super) fn printed(program: &str, words: &[&str]) -> Option<Download> {
    let mut urls = words.iter().filter(|word| has_scheme(word));
    let url = urls.next()?;
    let is_printed = Output::of(program, words) == Output::Printed;
    let is_known = is_printed && urls.next().is_none();
    known(url).filter(|_| is_known)
}

/// What a command that fetches hands over to the next one.
#[derive(Debug)]
pub(super) enum Piped {
    /// An archive that holds that.
    Archive(Estimate),
    /// The script that installs pip.
    Pip,
    /// Composer's installer.
    Composer,
    /// A key, a signature, a list.
    Small,
    /// Anything else.
    Other,
}

impl Piped {
    /// What is handed over of the file at an address.
    pub(super) fn of(address: &str) -> Self {
        if address.ends_with(GET_PIP) {
            return Self::Pip;
        }
        if address.ends_with(COMPOSER_INSTALLER) {
            return Self::Composer;
        }
        if is_small(address) {
            return Self::Small;
        }
        at(address)
            .and_then(|it| it.held)
            .map_or(Self::Other, Self::Archive)
    }

    /// What is left of it behind a command that picks or changes some.
    pub(super) fn filtered(self) -> Self {
        match self {
            Self::Small => self,
            _ => Self::Other,
        }
    }
}

/// Endings of what is small: keys, signatures, sums and lists.
#[rustfmt::skip]
const SMALL: [&str; 12] = [
    ".asc", ".gpg", ".key", ".list", ".md5", ".pub", ".repo", ".sha1", ".sha256", ".sha512", ".sig",
    ".sources",
];

/// Whether what is called so is small, by its ending. Docker's key has its ending for a name.
fn is_small(address: &str) -> bool {
    address.ends_with("/gpg") || SMALL.iter().any(|ending| address.ends_with(ending))
}

/// One of them.
fn small() -> Download {
    let basis = rule!("a key or a list of sources");
    Download {
        size: Estimate::between(100, 3_000, 12_000, basis),
        held: None,
    }
}

/// What is known of the file at an address.
fn known(address: &str) -> Option<Download> {
    at(address).or_else(|| is_small(address).then(small))
}

impl Run<'_, '_> {
    /// Takes in what curl or wget fetches.
    pub(super) fn download(&mut self, name: &str, words: &[&str]) {
        let mut urls = words.iter().copied().filter(|word| has_scheme(word));
        let url = urls.next().unwrap_or_default();
        let is_one = urls.next().is_none();
        let output = Output::of(name, words);
        let file = match output {
            Output::File(_, file) => Some(file),
            Output::Own(_) | Output::Printed => None,
        };
        if repositories::is_script(url) {
            self.apt.set_up(url);
            if file.is_some() {
                let basis = rule!("a script that adds a repository");
                self.add(&Estimate::between(2_000, 5_000, 15_000, basis));
            }
            return;
        }
        if file.is_some_and(|file| file.starts_with(apt::SOURCES)) {
            self.apt.added.add(url);
        }
        let Some(path) = output.path(url) else {
            // What is printed is in no file: it depends on who takes it.
            let piped = if is_one { Piped::of(url) } else { Piped::Other };
            self.piped = Some(piped);
            return;
        };
        let known = if file.is_some_and(is_small) {
            Some(small())
        } else {
            known(url)
        };
        match known.filter(|_| is_one) {
            Some(Download { size, held }) => self.write(&path, Printed::Known(size, held), false),
            None => self.open(unknown!("a download")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, name_of, printed};

    #[test]
    fn options_tell_where_a_download_goes() {
        let file = |name| Output::File(None, name);
        for (call, expected) in [
            ("curl -fsSL u", Output::Printed),
            ("curl -fsSLo a u", file("a")),
            ("curl -fsSLoa u", file("a")),
            ("curl u -o a", file("a")),
            ("curl --output=a u", file("a")),
            ("curl -o - u", Output::Printed),
            ("curl -fsSLO u", Output::Own(None)),
            ("curl -H o u --remote-name", Output::Own(None)),
            ("curl -XGET -Ho u", Output::Printed),
            ("curl --output-dir /d -O u", Output::Own(Some("/d"))),
            ("curl --output-dir /d -o a u", Output::File(Some("/d"), "a")),
            ("wget u", Output::Own(None)),
            ("wget -q -O a u", file("a")),
            ("wget -qO a u", file("a")),
            ("wget -qO- u", Output::Printed),
            ("wget -nv -O a u", file("a")),
            ("wget -nvO a u", file("a")),
            ("wget -nc -P /d u", Output::Own(Some("/d"))),
            ("wget --output-document a u", file("a")),
            ("wget -o O u", Output::Own(None)),
            ("curl", Output::Printed),
            ("wget -O", Output::Own(None)),
        ] {
            let mut words = call.split(' ');
            let name = words.next().unwrap();
            let words: Vec<&str> = words.collect();
            assert_eq!(Output::of(name, &words), expected, "{call}");
        }
    }

    #[test]
    fn a_download_is_called_like_the_end_of_its_address() {
        assert_eq!(name_of("https://a.example/b/c.tgz?d=/e#f"), "c.tgz");
        let path = |output: Output<'_>| output.path("https://a.example/b/c.tgz?d");
        assert_eq!(path(Output::Own(Some("/o"))).as_deref(), Some("/o/c.tgz"));
        assert_eq!(path(Output::File(None, "x")).as_deref(), Some("x"));
        assert_eq!(path(Output::Printed), None);
        let go = "https://go.dev/dl/go1.22.0.linux-amd64.tar.gz";
        assert!(printed("curl", &["-L", go]).is_some());
        assert!(printed("curl", &["-L", go, go]).is_none());
        assert!(printed("curl", &["-LO", go]).is_none());
    }
}
