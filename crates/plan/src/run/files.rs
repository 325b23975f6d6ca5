//! Files that commands write whose size their words tell.

use std::borrow::Cow;
use std::collections::BTreeMap;

use stagecraft_semantic::archive::packing;
use stagecraft_semantic::paths::join;
use stagecraft_shell::Simple;
use stagecraft_sizes::{Estimate, Span, rule};

use super::words::{Words, has_unknown, operands, value_of};
use super::{Place, Placed};
use crate::held::is_below;
use crate::{downloads, packed, usual};

/// What a program prints.
#[derive(Debug)]
pub(super) enum Printed<'n> {
    Bytes(u64),
    /// A line or a page.
    Little,
    /// So much, and what is in it where it is an archive of which that is known.
    Known(Estimate, Option<Estimate>),
    /// Nobody knows what that program prints.
    Unknown(Cow<'n, str>),
}

/// What a step has written, by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    files: BTreeMap<String, Estimate>,
    /// What archives held, by the folder that it came into.
    unpacked: BTreeMap<String, Estimate>,
    /// What archives hold of which that is known, by their paths; there are few.
    archives: Vec<(String, Estimate)>,
    /// Folders that are made.
    made: Vec<String>,
    /// Bytes that do not compress, and such that do to nothing.
    random: u64,
    zeros: u64,
}

/// A number with dd's and truncate's suffixes; `None` for what is none.
pub(super) fn number(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let value: u64 = text.get(..end)?.parse().ok()?;
    let scale: u64 = match text.get(end..)?.to_ascii_lowercase().as_str() {
        "" | "c" | "b" if text.get(end..)? != "b" => 1,
        "b" => 512,
        "k" | "kib" => 1 << 10,
        "kb" => 1_000,
        "m" | "mib" => 1 << 20,
        "mb" => 1_000_000,
        "g" | "gib" => 1 << 30,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    value.checked_mul(scale)
}

/// How many bytes a text has.
fn len(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

/// What a file has held before to which something is added, where nothing is known of it but that it
/// may be there.
fn before(path: &str) -> Option<Estimate> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let usual = match path.strip_prefix("/etc/") {
        Some(name) => matches!(
            name,
            "apt/sources.list"
                | "bash.bashrc"
                | "environment"
                | "fstab"
                | "group"
                | "login.defs"
                | "nanorc"
                | "passwd"
                | "profile"
                | "shells"
                | "ssh/ssh_config"
                | "ssh/sshd_config"
                | "sudoers"
        ),
        None => matches!(name, ".bashrc" | ".profile"),
    };
    let basis = rule!("what the file held before");
    if usual {
        return Some(Estimate::between(0, 1_000, 5_000, basis));
    }
    // It is new, or a package has brought it.
    let folders = ["/etc/", "/opt/", "/usr/", "/var/"];
    folders.iter().find(|folder| path.starts_with(*folder))?;
    let is_new = path.contains(".d/") || !path.starts_with("/etc/");
    let likely = if is_new { 0 } else { 1_000 };
    Some(Estimate::between(0, likely, 60_000, basis))
}

/// Options of `install` whose value is the next word.
#[rustfmt::skip]
const INSTALL_VALUES: &[&str] = &[
    "-t", "-S", "-m", "-o", "-g", "--target-directory", "--mode", "--owner", "--group",
];

/// Whether `install` makes folders, and no files.
fn makes_folders(words: &[&str]) -> bool {
    let mut words = words.iter();
    words.any(|word| match word.strip_prefix("--") {
        Some(long) => long == "directory",
        // Behind these letters is a value.
        None => word.strip_prefix('-').is_some_and(|letters| {
            let mut own = letters.split(['m', 'o', 'g', 't', 'S']);
            own.next().is_some_and(|own| own.contains('d'))
        }),
    })
}

/// What `cat` prints of what stands in the script.
pub(super) fn here_doc(simple: Simple<'_>) -> Option<u64> {
    let doc = simple.redirections().find_map(|one| one.here_doc())?;
    doc.as_static().map(|text| len(&text))
}

/// What a program prints, where its words are all of it.
pub(super) fn output(name: &str, texts: &[&str]) -> Option<u64> {
    let known = |texts: &[&str]| !texts.iter().any(|text| has_unknown(text));
    match name {
        "echo" if known(texts) => {
            let plain: Vec<&str> = texts
                .iter()
                .copied()
                .skip_while(|text| ["-n", "-e", "-ne", "-en"].contains(text))
                .collect();
            let line = !texts.first().is_some_and(|text| text.starts_with("-n"));
            // Escapes are one byte; nobody writes many.
            let escaped: usize = plain.iter().map(|text| text.matches("\\n").count()).sum();
            let bytes: u64 = plain.iter().map(|text| len(text)).sum();
            let spaces = len(" ") * u64::try_from(plain.len().saturating_sub(1)).unwrap_or(0);
            let escaped = u64::try_from(escaped).unwrap_or(0);
            Some((bytes + spaces + u64::from(line)).saturating_sub(escaped))
        }
        "printf" if known(texts) => {
            let (format, rest) = texts.split_first()?;
            let escapes = u64::try_from(format.matches('\\').count()).unwrap_or(0);
            let holes = u64::try_from(format.matches("%s").count()).unwrap_or(0);
            let values: u64 = rest.iter().map(|text| len(text)).sum();
            Some((len(format) + values).saturating_sub(escapes + 2 * holes))
        }
        "head" if texts.len() == 3 && texts.first() == Some(&"-c") => {
            ["/dev/zero", "/dev/urandom", "/dev/random"]
                .contains(texts.get(2)?)
                .then(|| number(texts.get(1)?))?
        }
        "head" => {
            let count = texts.first()?.strip_prefix("-c")?;
            ["/dev/zero", "/dev/urandom", "/dev/random"]
                .contains(texts.get(1)?)
                .then(|| number(count))?
        }
        _ => None,
    }
}

impl Written {
    /// Whether this step has written a file.
    fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Something is added to a file: what it has held is in the layer, too.
    pub(super) fn open_again(&mut self, path: &str, place: &Place<'_>) {
        if !self.has(path) {
            let held = (place.at)(path).or_else(|| before(path));
            self.files.extend(held.map(|held| (path.to_owned(), held)));
        }
    }

    /// What a program prints goes to a file.
    pub(super) fn write(&mut self, path: String, printed: Printed<'_>, append: bool) {
        let basis = rule!("what the command prints");
        let size = match printed {
            Printed::Bytes(bytes) => Estimate::known(bytes, basis),
            Printed::Little => Estimate::between(0, 200, 20_000, basis),
            Printed::Known(size, held) => {
                self.archives.extend(held.map(|held| (path.clone(), held)));
                size
            }
            Printed::Unknown(name) => Estimate::unknown(["what `", &name, "` prints"].concat()),
        };
        match self.files.get_mut(&path) {
            Some(there) if append => *there = std::mem::take(there).plus(&size),
            _ => {
                self.files.insert(path, size);
            }
        }
    }

    /// What cat prints: all of some files.
    pub(super) fn together<'n>(
        &self,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
    ) -> Printed<'n> {
        let mut sum = 0_u64;
        let paths = operands(words, &[]);
        if paths.clone().next().is_none() {
            return Printed::Unknown("cat".into());
        }
        for path in paths {
            let path = at.path(path);
            let size = match self.files.get(&path) {
                Some(size) => Some(size.span()),
                None => (place.at)(&path).map(|size| size.span()),
            };
            match size.and_then(|size| size.likely) {
                Some(bytes) => sum = sum.saturating_add(bytes),
                None => return Printed::Unknown("cat".into()),
            }
        }
        Printed::Bytes(sum)
    }

    /// The folders that mkdir makes.
    pub(super) fn make(&mut self, words: &[&str], at: &Words<'_>) {
        self.make_folders(operands(words, &["-m", "--mode"]), at);
    }

    fn make_folders<'w>(&mut self, paths: impl Iterator<Item = &'w str>, at: &Words<'_>) {
        for path in paths.take(50) {
            let path = at.path(path.trim_end_matches('/'));
            if !has_unknown(&path) && !self.unpacked.contains_key(&path) {
                self.made.push(path);
            }
        }
    }

    /// What an archive holds that is called so and lies at that path.
    fn held(&self, archive: &str, path: &str, place: &Place<'_>) -> Option<Estimate> {
        let own = self.archives.iter().rev().find(|(own, _)| own == path);
        let held = own.map(|(_, held)| held.clone());
        held.or_else(|| downloads::held(archive)).or_else(|| {
            let own = self.files.get(path).map(Estimate::span);
            let span = own.or_else(|| Some((place.at)(path)?.span()))?;
            Some(packed::unpacked(packing(archive)?, span))
        })
    }

    /// Files that are there go elsewhere, if they are known.
    fn copy(&mut self, name: &str, words: &[&str], place: &Place<'_>, at: &Words<'_>) -> bool {
        let with_value = if name == "install" {
            INSTALL_VALUES
        } else {
            &["-t", "-S", "--target-directory"]
        };
        let mut paths: Vec<&str> = operands(words, with_value).collect();
        let folder = value_of(words, &["-t", "--target-directory"]);
        paths.extend(folder);
        let Some((to, from @ [_, ..])) = paths.split_last() else {
            return false;
        };
        let known = |path: &&str| {
            let path = at.path(path.trim_end_matches(['/', '*', '.']));
            let own = self.files.get(&path).cloned();
            let own = own.or_else(|| (place.at)(&path));
            Some((own.or_else(|| usual::built(&path))?, path))
        };
        let Some(known) = from.iter().map(known).collect::<Option<Vec<_>>>() else {
            return false;
        };
        for (size, from) in known {
            if name == "mv" {
                self.files.remove(&from);
            }
            let many = folder.is_some() || paths.len() > 2 || to.ends_with('/');
            let file = from.rsplit('/').next().unwrap_or_default();
            let to = at.path(to.trim_end_matches('/'));
            let to = if many { join(&to, file) } else { to };
            self.files.insert(to, size);
        }
        true
    }

    /// What goes through a pipe goes to files, too.
    fn tee(&mut self, words: &[&str], place: &Place<'_>, at: &Words<'_>) {
        let append = words.iter().any(|word| ["-a", "--append"].contains(word));
        for path in operands(words, &[]).filter(|path| !path.starts_with("/dev/")) {
            let path = at.path(path);
            if append {
                self.open_again(&path, place);
            }
            self.write(path, Printed::Little, append);
        }
    }

    /// Takes a command in, if its words tell what it writes. `piped` is what the archive holds that
    /// the command before it hands over.
    pub(super) fn command(
        &mut self,
        name: &str,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
        piped: Option<Estimate>,
    ) -> bool {
        let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key));
        match name {
            "dd" => {
                let Some(path) = value("of=") else {
                    return false;
                };
                let block = value("bs=").map_or(Some(512), number);
                let count = value("count=").and_then(number);
                let bytes = block.and_then(|block| block.checked_mul(count?));
                let Some(bytes) = bytes else {
                    return false;
                };
                match value("if=") {
                    Some("/dev/zero") => self.zeros += bytes,
                    Some("/dev/urandom" | "/dev/random") => self.random += bytes,
                    _ => return false,
                }
                self.write(at.path(path), Printed::Bytes(bytes), false);
                true
            }
            "fallocate" | "truncate" => {
                let size = value_of(words, &["-l", "-s", "--length", "--size"])
                    .or_else(|| value("-s"))
                    .or_else(|| value("-l"));
                let Some(bytes) = size.and_then(number) else {
                    return false;
                };
                let paths = operands(words, &["-l", "-s", "--length", "--size"]);
                let write = |path: &str| {
                    self.zeros += bytes;
                    self.write(at.path(path), Printed::Bytes(bytes), false);
                };
                paths.map(write).count() > 0
            }
            "tee" => {
                self.tee(words, place, at);
                true
            }
            "tar" | "unzip" => {
                let unpacking = match name {
                    "tar" => Unpacking::of_tar(words),
                    _ => Unpacking::of_unzip(words),
                };
                let Some(Unpacking { archive, folder }) = unpacking else {
                    return false;
                };
                let Some(archive) = archive else {
                    // It lists what is in one.
                    return true;
                };
                let held = match archive {
                    STDIN => piped,
                    archive => self.held(archive, &at.path(archive), place),
                };
                let Some(held) = held else {
                    return false;
                };
                let folder =
                    folder.map_or_else(|| at.folder().to_owned(), |folder| at.path(folder));
                let there = self.unpacked.entry(folder).or_insert_with(Estimate::zero);
                there.add(&held);
                true
            }
            "install" if makes_folders(words) => {
                self.make_folders(operands(words, INSTALL_VALUES), at);
                true
            }
            "mv" | "cp" | "install" => self.copy(name, words, place, at),
            _ => false,
        }
    }

    /// A folder gets that.
    pub(super) fn fill(&mut self, folder: String, size: Estimate) {
        self.unpacked.insert(folder, size);
    }

    /// Whether there is nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.unpacked.is_empty() && self.made.is_empty()
    }

    /// Perhaps something at a path and below it is there no more.
    pub(super) fn thin_out(&mut self, path: &str) {
        let files = self
            .files
            .iter_mut()
            .filter(|(name, _)| is_below(name, path));
        let folders = self.unpacked.iter_mut();
        let folders = folders.filter(|(name, _)| is_below(name, path) || is_below(path, name));
        for (_, size) in files.chain(folders) {
            size.low = 0;
        }
    }

    /// Nothing is left of a file, or of a folder.
    pub(super) fn remove(&mut self, path: &str) {
        if self.is_nothing() {
            return;
        }
        self.files.retain(|name, _| !is_below(name, path));
        for (folder, size) in &mut self.unpacked {
            // Perhaps that is a part of what was in the archive, which is none itself.
            if packing(path).is_none() && path != folder && is_below(path, folder) {
                size.low = 0;
            }
        }
        self.unpacked.retain(|name, _| !is_below(name, path));
        self.made.retain(|name| !is_below(name, path));
        if self.is_nothing() {
            self.random = 0;
            self.zeros = 0;
        }
    }

    /// All that is left, by place.
    pub(super) fn placed(&mut self) -> Vec<Placed> {
        let files = std::mem::take(&mut self.files).into_iter();
        let folders = std::mem::take(&mut self.unpacked).into_iter();
        let placed = |folder: bool| {
            move |(path, size): (String, Estimate)| Placed {
                path: path.into(),
                size,
                folder,
            }
        };
        files
            .map(placed(false))
            .chain(folders.map(placed(true)))
            .collect()
    }

    /// The folders that are left.
    pub(super) fn made(&mut self) -> Vec<String> {
        std::mem::take(&mut self.made)
    }

    /// All that is left.
    pub(super) fn sum(&self) -> Estimate {
        self.files.values().chain(self.unpacked.values()).sum()
    }

    /// What is known better of how far files of those bytes compress, where most of them are zeros or
    /// noise.
    pub(super) fn random(&self, sum: &Estimate) -> Option<Span> {
        let all = sum.likely.filter(|all| *all > 0)?;
        if self.random >= all / 10 * 9 {
            Some(Span::between(all, all, all / 100 * 101 + 1_000))
        } else if self.zeros >= all / 10 * 9 {
            Some(Span::between(all / 1100, all / 1000, all / 200 + 1_000))
        } else {
            None
        }
    }
}

/// How a call of tar names what comes through a pipe.
const STDIN: &str = "-";

/// What a call takes out of an archive.
#[derive(Debug, PartialEq, Eq)]
struct Unpacking<'w> {
    /// The archive, [`STDIN`] for what comes through a pipe; `None` where nothing is taken out of it.
    archive: Option<&'w str>,
    /// The folder that it comes into; `None` for the one that the call runs in.
    folder: Option<&'w str>,
}

impl<'w> Unpacking<'w> {
    /// What a call of tar does; `None` where it does anything else, or where that is not known.
    fn of_tar(words: &[&'w str]) -> Option<Self> {
        let (mut mode, mut archive, mut folder) = (None, None, None);
        let mut rest = words.iter().copied().enumerate();
        while let Some((at, word)) = rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long
                    .split_once('=')
                    .map_or((long, None), |(name, value)| (name, Some(value)));
                let mut value = || value.or_else(|| rest.next().map(|(_, word)| word));
                match name {
                    "extract" | "get" => mode = Some('x'),
                    "list" => mode = Some('t'),
                    "file" => archive = value(),
                    "directory" => folder = value(),
                    // Of most the value is behind `=`.
                    "strip-components" | "strip" => _ = value(),
                    "create" | "append" | "update" | "to-stdout" | "to-command" => return None,
                    _ => {}
                }
                continue;
            }
            // The first word needs no dash.
            let Some(letters) = word.strip_prefix('-').or((at == 0).then_some(word)) else {
                // Some files of it only.
                return None;
            };
            let has_dash = letters.len() < word.len();
            let mut letters = letters.char_indices();
            while let Some((place, letter)) = letters.next() {
                let mut value = || {
                    // Behind a dash the rest of the word is the value, if there is any.
                    let own = word
                        .get(1 + place + letter.len_utf8()..)
                        .filter(|own| has_dash && !own.is_empty());
                    if own.is_some() {
                        letters = "".char_indices();
                    }
                    own.or_else(|| rest.next().map(|(_, word)| word))
                };
                match letter {
                    'x' | 't' => mode = Some(letter),
                    'f' => archive = value(),
                    'C' => folder = value(),
                    'I' | 'T' | 'X' | 'K' | 'N' | 'V' | 'F' | 'g' | 'H' | 'b' => _ = value(),
                    'c' | 'r' | 'u' | 'A' | 'O' => return None,
                    _ => {}
                }
            }
        }
        if mode? == 't' {
            let (archive, folder) = (None, None);
            return Some(Self { archive, folder });
        }
        let archive = archive.or(Some(STDIN));
        Some(Self { archive, folder })
    }

    /// The same of unzip.
    fn of_unzip(words: &[&'w str]) -> Option<Self> {
        let mut folder = None;
        let mut operands = Vec::new();
        let mut rest = words.iter().copied();
        while let Some(word) = rest.next() {
            match word.strip_prefix('-') {
                None => operands.push(word),
                Some("d") => folder = rest.next(),
                Some(letters) => match letters.strip_prefix('d') {
                    Some(own) => folder = Some(own),
                    None if letters.contains(['l', 't', 'v', 'Z']) => {
                        return Some(Self {
                            archive: None,
                            folder: None,
                        });
                    }
                    None if letters.contains(['p', 'c', 'x']) => return None,
                    None => {}
                },
            }
        }
        match operands[..] {
            [archive] => Some(Self {
                archive: Some(archive),
                folder,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unpacking;

    #[test]
    fn tar_tells_what_it_takes_out_of_what() {
        for (words, expected) in [
            ("xzf a.tgz", Some((Some("a.tgz"), None))),
            ("-xzf a.tgz -C /opt", Some((Some("a.tgz"), Some("/opt")))),
            ("-C /opt -xf a.tgz", Some((Some("a.tgz"), Some("/opt")))),
            ("xfC a.tgz /opt", Some((Some("a.tgz"), Some("/opt")))),
            ("-xzfa.tgz -C/opt", Some((Some("a.tgz"), Some("/opt")))),
            (
                "-x -z -f a.tgz --strip-components=1",
                Some((Some("a.tgz"), None)),
            ),
            (
                "--extract --file a.tgz --directory=/o",
                Some((Some("a.tgz"), Some("/o"))),
            ),
            (
                "--strip-components 1 -xf a.tgz",
                Some((Some("a.tgz"), None)),
            ),
            ("tzf a.tgz", Some((None, None))),
            ("xz -C /opt", Some((Some("-"), Some("/opt")))),
            ("-xzf - -C /opt", Some((Some("-"), Some("/opt")))),
            ("xzf a.tgz some/file", None),
            ("czf a.tgz .", None),
            ("", None),
            ("-", None),
        ] {
            let words: Vec<&str> = words.split_whitespace().collect();
            let expected = expected.map(|(archive, folder)| Unpacking { archive, folder });
            assert_eq!(Unpacking::of_tar(&words), expected, "{words:?}");
        }
    }

    #[test]
    fn unzip_tells_it_too() {
        for (words, expected) in [
            ("a.zip", Some((Some("a.zip"), None))),
            ("-q a.zip -d /opt", Some((Some("a.zip"), Some("/opt")))),
            ("-qo -d/opt a.zip", Some((Some("a.zip"), Some("/opt")))),
            ("-l a.zip", Some((None, None))),
            ("a.zip one.txt", None),
            ("-p a.zip", None),
        ] {
            let words: Vec<&str> = words.split_whitespace().collect();
            let expected = expected.map(|(archive, folder)| Unpacking { archive, folder });
            assert_eq!(Unpacking::of_unzip(&words), expected, "{words:?}");
        }
    }
}
