//! Files that commands write whose size their words tell.

use std::collections::BTreeMap;

use stagecraft_semantic::paths::join;
use stagecraft_shell::Simple;
use stagecraft_sizes::{Estimate, Span, rule};

use super::words::{Words, has_unknown, operands};
use super::{Place, Placed};

/// What a step has written, by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    files: BTreeMap<String, Estimate>,
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
    /// A file of so many bytes; `None` where nobody can tell.
    pub(super) fn write(&mut self, path: String, bytes: Option<u64>, append: bool) {
        let basis = rule!("what the command prints");
        let size = match bytes {
            Some(bytes) => Estimate::known(bytes, basis),
            // What programs print is a line or a page.
            None => Estimate::between(0, 200, 20_000, basis),
        };
        match self.files.get_mut(&path) {
            Some(there) if append => *there = std::mem::take(there).plus(&size),
            _ => {
                self.files.insert(path, size);
            }
        }
    }

    /// Takes a command in, if its words tell what it writes.
    pub(super) fn command(
        &mut self,
        name: &str,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
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
                self.write(at.path(path), Some(bytes), false);
                true
            }
            "fallocate" | "truncate" => {
                let size = words
                    .iter()
                    .position(|word| ["-l", "-s", "--length", "--size"].contains(word))
                    .and_then(|place| words.get(place + 1).copied())
                    .or_else(|| value("--size="))
                    .or_else(|| value("--length="))
                    .or_else(|| value("-s"))
                    .or_else(|| value("-l"));
                let Some(bytes) = size.and_then(number) else {
                    return false;
                };
                let paths = operands(words, &["-l", "-s", "--length", "--size"]);
                let write = |path: &str| {
                    self.zeros += bytes;
                    self.write(at.path(path), Some(bytes), false);
                };
                paths.map(write).count() > 0
            }
            "mv" | "cp" => {
                let paths: Vec<&str> = operands(words, &["-t", "-S"]).collect();
                let Some((to, from @ [_, ..])) = paths.split_last() else {
                    return false;
                };
                let known = |path: &&str| {
                    let path = at.path(path.trim_end_matches(['/', '*', '.']));
                    let own = self.files.get(&path).cloned();
                    Some((own.or_else(|| (place.at)(&path))?, path))
                };
                let Some(known) = from.iter().map(known).collect::<Option<Vec<_>>>() else {
                    return false;
                };
                for (size, from) in known {
                    if name == "mv" {
                        self.files.remove(&from);
                    }
                    let many = paths.len() > 2 || to.ends_with('/');
                    let file = from.rsplit('/').next().unwrap_or_default();
                    let to = at.path(to.trim_end_matches('/'));
                    let to = if many { join(&to, file) } else { to };
                    self.files.insert(to, size);
                }
                true
            }
            _ => false,
        }
    }

    /// Whether there is nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.files.is_empty()
    }

    /// Nothing is left of a file, or of a folder.
    pub(super) fn remove(&mut self, path: &str) {
        if self.files.is_empty() {
            return;
        }
        self.files.retain(|name, _| {
            let inside = name
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            !inside
        });
        if self.files.is_empty() {
            self.random = 0;
            self.zeros = 0;
        }
    }

    /// All that is left, by place.
    pub(super) fn placed(&mut self) -> Vec<Placed> {
        let files = std::mem::take(&mut self.files).into_iter();
        files
            .map(|(path, size)| Placed {
                path: path.into(),
                size,
                folder: false,
            })
            .collect()
    }

    /// All that is left.
    pub(super) fn sum(&self) -> Estimate {
        self.files.values().sum()
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
