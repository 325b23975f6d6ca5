//! What the commands of a RUN change of files that are there: it is copied into the layer, or hidden.

use std::borrow::Cow;
use std::sync::Arc;

use stagecraft_semantic::paths::join;
use stagecraft_shell::{Invocation, Script};
use stagecraft_sizes::Estimate;

use crate::held::{By, Files, Work, is_below, joined};
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
            let (options, operands): (Vec<Cow<'_, str>>, Vec<Cow<'_, str>>) =
                words().partition(|word| word.starts_with('-'));
            let Some((change, paths)) = Rewrite::of(call.name(), &operands, &options) else {
                continue;
            };
            let recursive = options.iter().any(|option| {
                option == "--recursive" || !option.starts_with("--") && option.contains(['r', 'R'])
            });
            for word in paths.iter().take(100) {
                // All that is in a folder is what is known of it.
                let path = joined(workdir, word.strip_suffix("/*").unwrap_or(word));
                if is_below_any(&path, self.volumes) {
                    continue;
                }
                let parts = files.parts(&path, work);
                if parts.is_empty() && change.copies_unknown() {
                    if (recursive || !is_usual_folder(&path)) && left > 0 {
                        left -= 1;
                        if !(self.made)(&path, word) {
                            left = 0;
                            total.add(&Estimate::unknown(["what is at ", &path].concat()));
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
                    match change {
                        Rewrite::Gone => {}
                        Rewrite::Content(share) => {
                            let left = Estimate::of(share.of(size.span()), size.basis.clone());
                            total = total.plus(&left);
                        }
                        Rewrite::Owner(_) | Rewrite::Mode => {
                            if matches!(change, Rewrite::Mode) {
                                // Perhaps it is so already.
                                size.low = 0;
                            }
                            total = total.plus(&size);
                        }
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
                    Rewrite::Mode | Rewrite::Content(_) => {
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
    /// They have another content, other attributes or another time, and are so large for what they
    /// were.
    Content(Share),
    /// They are no longer there.
    Gone,
}

impl Rewrite {
    /// What a command does, and to which of its operands.
    fn of<'w>(
        name: &str,
        operands: &'w [Cow<'w, str>],
        options: &[Cow<'_, str>],
    ) -> Option<(Self, &'w [Cow<'w, str>])> {
        let in_place = |option: &Cow<'_, str>| {
            option.starts_with("--in-place") || !option.starts_with("--") && option.contains('i')
        };
        match name {
            "rm" => return Some((Self::Gone, operands)),
            // A program's file without its symbols: of Rust three quarters (`measured-layers.jsonl`),
            // of C with all that is for debugging a tenth.
            "strip" => return Some((Self::Content(Share(100, 750, 1_000)), operands)),
            // The script is no path that is known.
            "sed" if options.iter().any(in_place) => {
                return Some((Self::Content(Share(950, 1_000, 1_050)), operands));
            }
            "touch" | "setcap" => return Some((Self::Content(Share::WHOLE), operands)),
            _ => {}
        }
        let (first, rest) = operands.split_first()?;
        match name {
            "chown" => Some((Self::Owner(owner_of(first)), rest)),
            "chgrp" => Some((Self::Owner(format!("?:{first}").into()), rest)),
            "chmod" => Some((Self::Mode, rest)),
            _ => None,
        }
    }

    /// Whether it copies files of which nothing is known. Others are mostly not there, or small.
    fn copies_unknown(&self) -> bool {
        matches!(self, Self::Owner(_) | Self::Mode)
    }

    /// Whether anything is another afterwards.
    fn changes(&self, by: &By) -> bool {
        match self {
            Self::Owner(owner) => by.owner.as_ref() != Some(owner),
            Self::Mode | Self::Content(_) | Self::Gone => true,
        }
    }
}

/// Whether a path is that of a folder in nearly every image, in which there are others.
fn is_usual_folder(path: &str) -> bool {
    matches!(
        path,
        "/" | "/bin"
            | "/dev"
            | "/etc"
            | "/home"
            | "/lib"
            | "/media"
            | "/mnt"
            | "/opt"
            | "/root"
            | "/run"
            | "/sbin"
            | "/srv"
            | "/tmp"
            | "/usr"
            | "/usr/bin"
            | "/usr/lib"
            | "/usr/local"
            | "/usr/local/bin"
            | "/usr/local/lib"
            | "/usr/local/share"
            | "/usr/share"
            | "/usr/src"
            | "/var"
            | "/var/cache"
            | "/var/lib"
            | "/var/log"
            | "/var/run"
            | "/var/tmp"
            | "/var/www"
    )
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
        let changes = ["chown", "chgrp", "chmod", "setcap", "ls", "cd", "test", "["];
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
