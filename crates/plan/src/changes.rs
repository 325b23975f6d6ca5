//! What the commands of a RUN change of files that are there: it is copied into the layer, or hidden.

use std::borrow::Cow;
use std::sync::Arc;

use stagecraft_semantic::paths::join;
use stagecraft_shell::{Invocation, Script};
use stagecraft_sizes::{Estimate, rule};

use crate::held::{By, Files, SYSTEM, Work, is_below, joined};
use crate::model::Waste;
use crate::packed::Share;
use crate::run::is_below_any;

/// The step whose commands change something.
pub(crate) struct Step<'s> {
    pub(crate) number: usize,
    /// Where its commands run.
    pub(crate) workdir: &'s str,
    /// Paths of volumes, of which nothing stays.
    pub(crate) volumes: &'s [String],
    /// Whether an absolute path, which a command names with that word, may have been made by the step
    /// itself.
    pub(crate) made: &'s dyn Fn(&str, &str) -> bool,
}

impl Step<'_> {
    /// What a command changes of what earlier layers hold is copied into this one; what it takes
    /// away is hidden. Source: overlay file systems copy a file up when anything of it changes, and
    /// BuildKit leaves out what is the same afterwards.
    pub(crate) fn changes(
        &self,
        calls: &[Elsewhere<'_>],
        files: &mut Files,
        work: &Work,
        waste: &mut Vec<Waste>,
    ) -> Estimate {
        let mut total = Estimate::zero();
        // So many paths of which nothing is known are looked for in the commands.
        let mut left = 50;
        let at = self.number;
        for (call, folder) in calls {
            let workdir = folder.as_deref().unwrap_or(self.workdir);
            let words = || call.arguments().filter_map(|word| word.as_static());
            // Mostly what is removed is nothing that is known.
            if call.name() == "rm" && !words().any(|word| files.may_hold(&joined(workdir, &word))) {
                continue;
            }
            let words: Vec<Cow<'_, str>> = words().collect();
            let words: Vec<&str> = words.iter().map(|word| &**word).collect();
            let Some((change, paths)) = Rewrite::of(call.name(), &words) else {
                continue;
            };
            let recursive = words.iter().any(|word| {
                *word == "--recursive"
                    || word.starts_with('-') && !word.starts_with("--") && word.contains(['r', 'R'])
            });
            for word in paths.into_iter().take(100) {
                // All that is in a folder is what is known of it.
                let path = joined(workdir, word.strip_suffix("/*").unwrap_or(word));
                if is_below_any(&path, self.volumes) {
                    continue;
                }
                let parts = files.parts(&path, work);
                if parts.is_empty()
                    && let Some(unseen) = change.unseen(&path)
                {
                    if (recursive || !is_usual_folder(&path)) && left > 0 {
                        left -= 1;
                        if !(self.made)(&path, word) {
                            // One reason is enough.
                            left = if unseen.likely.is_none() { 0 } else { left };
                            total.add(&unseen);
                        }
                    }
                    continue;
                }
                // Without -R a folder itself is changed, which has no bytes.
                if !recursive
                    && files
                        .thing(&path, work)
                        .is_none_or(|(_, is_folder)| is_folder)
                {
                    continue;
                }
                let parts = parts.into_iter();
                let parts = parts.filter(|part| part.by.step != at && change.changes(&part.by));
                let mut changed = false;
                for part in parts {
                    changed = true;
                    // Folders alone.
                    if part.size.high == Some(0) {
                        continue;
                    }
                    let mut size = part.size;
                    if matches!(change, Rewrite::Mode) {
                        // Perhaps it is so already.
                        size.low = 0;
                    }
                    if let Some(share) = change.share() {
                        let copied = Estimate::of(share.of(size.span()), size.basis.clone());
                        total.add(&copied);
                    }
                    waste.push(Waste {
                        wrote: part.by.step,
                        hid: at,
                        what: (&*path).into(),
                        size,
                    });
                }
                match &change {
                    _ if !changed => {}
                    Rewrite::Gone => files.remove(&path, at),
                    Rewrite::Owner(owner) => {
                        let owner = Some(Arc::clone(owner));
                        files.write_again(&path, By { step: at, owner });
                    }
                    _ => {
                        let owner = None;
                        files.write_again(&path, By { step: at, owner });
                    }
                }
            }
        }
        total
    }
}

/// A command with the folder that it runs in, where that is not the step's own.
pub(crate) type Elsewhere<'a> = (Invocation<'a>, Option<String>);

/// The paths that some commands take away.
pub(crate) fn removed(rewrites: &[Elsewhere<'_>], workdir: &str) -> Vec<String> {
    let removes = rewrites.iter().filter(|(call, _)| call.name() == "rm");
    let words = removes.flat_map(|(call, folder)| {
        let folder = folder.as_deref().unwrap_or(workdir);
        call.arguments().map(move |word| (folder, word))
    });
    let paths = words.map(|(folder, word)| {
        let path = word.as_static().unwrap_or_else(|| word.text().into());
        (folder, path)
    });
    paths
        .filter(|(_, path)| !path.starts_with('-'))
        .map(|(folder, path)| join(folder, path.trim_end_matches('*')))
        .collect()
}

/// What a command does to files that are there.
enum Rewrite {
    /// They belong to that user and group.
    Owner(Arc<str>),
    /// They have other permissions.
    Mode,
    /// They have other capabilities.
    Capabilities,
    /// They have another time, or are made.
    Time,
    /// They are edited.
    Edited,
    /// They lose their symbols.
    Stripped,
    /// They are no longer there.
    Gone,
}

impl Rewrite {
    /// What a command does by its words, and to which paths.
    fn of<'w>(name: &str, words: &[&'w str]) -> Option<(Self, Vec<&'w str>)> {
        if name == "sed" {
            return Some((Self::Edited, edited_in_place(words)?));
        }
        let operands = words.iter().copied().filter(|word| !word.starts_with('-'));
        let operands: Vec<&str> = operands.collect();
        let behind_first = || operands.get(1..).unwrap_or_default().to_vec();
        let first = operands.first()?;
        Some(match name {
            "rm" => (Self::Gone, operands),
            "touch" => (Self::Time, operands),
            "strip" => (Self::Stripped, operands),
            "chown" => (Self::Owner(owner_of(first)), behind_first()),
            "chgrp" => (Self::Owner(format!("?:{first}").into()), behind_first()),
            "chmod" => (Self::Mode, behind_first()),
            "setcap" => (Self::Capabilities, behind_first()),
            _ => return None,
        })
    }

    /// How large a file is in the layer for what it was; `None` where nothing of it is there.
    fn share(&self) -> Option<Share> {
        match self {
            Self::Owner(_) | Self::Mode | Self::Capabilities | Self::Time => Some(Share::WHOLE),
            Self::Edited => Some(Share(950, 1_000, 1_050)),
            // Of Rust three quarters (`measured-layers.jsonl`), of C with all that is for debugging a
            // tenth.
            Self::Stripped => Some(Share(100, 750, 1_000)),
            Self::Gone => None,
        }
    }

    /// What comes to the layer of a file of which nothing is known; `None` where that is nothing, as
    /// it is mostly not there.
    fn unseen(&self, path: &str) -> Option<Estimate> {
        match self {
            Self::Owner(_) | Self::Mode | Self::Capabilities | Self::Stripped => {
                Some(Estimate::unknown(["what is at ", path].concat()))
            }
            Self::Edited => {
                let basis = rule!("a file of settings that is edited");
                Some(Estimate::between(100, 2_500, 60_000, basis))
            }
            Self::Time | Self::Gone => None,
        }
    }

    /// Whether anything is another afterwards.
    fn changes(&self, by: &By) -> bool {
        match self {
            Self::Owner(owner) => by.owner.as_ref() != Some(owner),
            _ => true,
        }
    }
}

/// The files that sed edits where they are; `None` where it prints them.
fn edited_in_place<'w>(words: &[&'w str]) -> Option<Vec<&'w str>> {
    let (mut in_place, mut has_script) = (false, false);
    let mut operands = Vec::new();
    let mut rest = words.iter().copied();
    while let Some(word) = rest.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').unwrap_or((long, ""));
            in_place |= name == "in-place";
            if let "expression" | "file" = name {
                has_script = true;
                if value.is_empty() {
                    rest.next();
                }
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty()) else {
            operands.push(word);
            continue;
        };
        for (at, letter) in letters.char_indices() {
            match letter {
                // What comes behind it is the ending of copies.
                'i' => {
                    in_place = true;
                    break;
                }
                'e' | 'f' | 'l' => {
                    has_script |= letter != 'l';
                    if at + 1 == letters.len() {
                        rest.next();
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    // Without `-e` the first operand is the script.
    let files = operands.get(usize::from(!has_script)..);
    in_place.then(|| files.unwrap_or_default().to_vec())
}

/// Whether a path is that of a folder in nearly every image, in which there are others.
fn is_usual_folder(path: &str) -> bool {
    let others = [
        "/dev",
        "/home",
        "/media",
        "/mnt",
        "/opt",
        "/run",
        "/srv",
        "/tmp",
        "/usr/bin",
        "/usr/lib",
        "/usr/local",
        "/usr/local/bin",
        "/usr/local/lib",
        "/usr/local/share",
        "/usr/share",
        "/usr/src",
        "/var/cache",
        "/var/lib",
        "/var/log",
        "/var/run",
        "/var/tmp",
        "/var/www",
    ];
    SYSTEM.contains(&path) || others.contains(&path)
}

/// Whether any command of a script but those that change what is there names a path, something in
/// it, or a folder that it is in: then it may have been made there.
pub(crate) fn names_elsewhere(script: &Script<'_>, path: &str, word: &str, workdir: &str) -> bool {
    let word = word.trim_end_matches(['/', '*']);
    let names = |text: &str| {
        let text = text.trim_end_matches('/');
        if matches!(text, "" | "." | "..") || text.starts_with('-') {
            return false;
        }
        let other = joined(workdir, text);
        text == word || is_below(path, &other) || is_below(&other, path)
    };
    script.simple().take(200).any(|simple| {
        let Some(call) = simple.invocation() else {
            return false;
        };
        let changes = [
            "chown", "chgrp", "chmod", "setcap", "strip", "sed", "ls", "cd", "test", "[",
        ];
        !changes.contains(&call.name())
            && call
                .arguments()
                .any(|word| names(&word.as_static().unwrap_or_else(|| word.text().into())))
    })
}

/// A user with a group, by number where they are root's. Without a group it is the user's own.
pub(crate) fn owner_of(text: &str) -> Arc<str> {
    let (user, group) = text.split_once([':', '.']).unwrap_or((text, ""));
    let group = if group.is_empty() { user } else { group };
    let number = |name| if name == "root" { "0" } else { name };
    [number(user), ":", number(group)].concat().into()
}

#[cfg(test)]
mod tests {
    use super::edited_in_place;

    #[test]
    fn sed_edits_the_files_behind_its_script() {
        for (words, expected) in [
            ("-i s/a/b/ x y", Some("x y")),
            ("-ri s/a/b/ x", Some("x")),
            ("-i.bak -e s/a/b/ -e s/c/d/ x", Some("x")),
            ("-ie s/a/b/ x", Some("x")),
            ("--in-place=.bak --expression=s/a/b/ x", Some("x")),
            ("--in-place --expression s/a/b/ x", Some("x")),
            ("-i -f a.sed x", Some("x")),
            ("-i s/a/b/", Some("")),
            ("s/a/b/ x", None),
            ("-n -e s/-i/b/ x", None),
            ("", None),
        ] {
            let words: Vec<&str> = words.split_whitespace().collect();
            let files = edited_in_place(&words).map(|files| files.join(" "));
            assert_eq!(files.as_deref(), expected, "{words:?}");
        }
    }
}
