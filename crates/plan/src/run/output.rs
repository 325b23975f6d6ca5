//! What goes to files: the output of commands, and of groups of them.

use std::borrow::Cow;

use stagecraft_semantic::paths::is_mounted;
use stagecraft_shell::{CommandKind, Redirection, Script, Simple};
use stagecraft_sizes::Estimate;

use super::fetch::{self, Piped};
use super::files::{self, Printed};
use super::minor::Minor;
use super::programs::Program;
use super::words::Room;
use super::{Call, MOST_COMMANDS, Run, apt, has_scheme, minor, repositories};
use crate::downloads::Download;

impl<'a> Run<'a, '_> {
    /// Output that goes to a file.
    #[inline(never)]
    pub(super) fn redirections(
        &mut self,
        simple: Simple<'_>,
        call: Option<&Call<'_>>,
        room: &mut Room,
    ) {
        let files = simple.redirections();
        let files = files.filter_map(|redirection| self.written_by(redirection));
        let mut files: Vec<(Cow<'_, str>, bool)> = files.collect();
        let Some((path, append)) = files.pop() else {
            return;
        };
        // All are opened; what is printed goes to the last.
        for (path, append) in files {
            self.write(&path, Printed::Bytes(0), append);
        }
        if is_device(&path) {
            return;
        }
        if path.starts_with(apt::SOURCES)
            && let Some(call) = call
        {
            self.with_words(call, room, |run, words| {
                let address = words.iter().find(|word| has_scheme(word)).copied();
                if let Some(address) = repositories::listed(words).or(address) {
                    run.apt.added.add(address);
                }
            });
        }
        let printed = match call {
            Some(call) => self.printed(simple, call, room),
            // A variable names it, or it is given to a shell.
            None if simple.name().is_some() => Printed::Little,
            None => Printed::Bytes(0),
        };
        self.write(&path, printed, append);
    }

    /// What a redirection writes with what is printed, and whether that is added to it.
    fn written_by<'w>(&self, redirection: Redirection<'w>) -> Option<(Cow<'w, str>, bool)> {
        let target = redirection.target().filter(|_| redirection.op().writes())?;
        let path = self.words.one(target);
        let is_output = redirection.descriptor() != Some(2);
        is_output.then(|| (path, redirection.text().contains(">>")))
    }

    /// Writes what is printed to a file. Of one that an earlier layer has, all is in this one then.
    pub(super) fn write(&mut self, path: &str, printed: Printed<'_>, append: bool) {
        let path = self.words.path(path);
        if is_mounted(&path) || is_device(&path) {
            return;
        }
        if append {
            self.written.open_again(&path, self.place);
        }
        self.written.write(path, printed, append);
    }

    /// What a call prints.
    fn printed<'c>(
        &mut self,
        simple: Simple<'_>,
        call: &'c Call<'_>,
        room: &mut Room,
    ) -> Printed<'c> {
        use Program::{
            Apk, Apt, Cargo, Changer, Folder, Go, Maker, Npm, Pip, Printer, Quiet, Remove, Rpm,
            Small, Wrapper,
        };
        let bytes = match &*call.name {
            "echo" | "printf" | "head" => {
                self.with_words(call, room, |_, words| files::output(&call.name, words))
            }
            "cat" => match files::here_doc(simple) {
                None => {
                    return self.with_words(call, room, |run, words| {
                        run.written.together(words, run.place, &run.words)
                    });
                }
                bytes => bytes,
            },
            "curl" | "wget" => {
                let take = |_: &mut Self, words: &[&str]| fetch::printed(&call.name, words);
                if let Some(Download { size, held }) = self.with_words(call, room, take) {
                    return Printed::Known(size, held);
                }
                None
            }
            "true" | ":" => Some(0),
            _ => None,
        };
        match (bytes, call.program) {
            (Some(bytes), _) => Printed::Bytes(bytes),
            // It takes some of what is fetched, or all.
            (None, Quiet | Changer) if self.takes_a_download() => {
                Printed::Unknown(Cow::Borrowed(&call.name))
            }
            // What these print is a line or a page.
            (
                None,
                Quiet | Printer | Maker | Changer | Wrapper | Remove | Folder | Apt | Apk | Rpm
                | Pip | Npm | Go | Cargo | Small(..),
            ) => Printed::Little,
            (None, _) if minor(call) == Some(Minor::Names) => Printed::Little,
            (None, _) => Printed::Unknown(Cow::Borrowed(&call.name)),
        }
    }

    /// Whether the command before hands over what it has fetched, and that may be large.
    fn takes_a_download(&self) -> bool {
        !matches!(self.piped, None | Some(Piped::Small))
    }

    /// A command makes a file of that size.
    pub(super) fn put(&mut self, path: &str, size: Estimate) {
        self.write(path, Printed::Known(size, None), false);
    }

    /// What a group of commands prints into a file: `{ …; } > file`.
    pub(super) fn groups<'s: 'a>(&mut self, script: &'s Script<'s>, room: &mut Room) {
        // So many commands are looked at once more.
        let mut left = MOST_COMMANDS;
        for group in script.compounds() {
            for redirection in group.redirections() {
                let Some((path, append)) = self.written_by(redirection) else {
                    continue;
                };
                let path = path.into_owned();
                let range = group.range();
                // Loops and branches print it more than once, or not at all.
                let is_once = matches!(group.kind(), CommandKind::Group | CommandKind::Subshell);
                let mut sum = if is_once && left > 0 {
                    Printed::Bytes(0)
                } else {
                    Printed::Little
                };
                for simple in script.simple().take(left) {
                    left -= 1;
                    if !range.contains_range(simple.range()) {
                        continue;
                    }
                    let mut behind = simple.words();
                    let name = behind.next().and_then(|word| word.as_plain());
                    let call = Call::of(simple, name.map(|(text, _)| text), behind);
                    let goes = simple.redirections().any(|one| one.op().writes());
                    let Some(call) = call.filter(|_| !goes) else {
                        continue;
                    };
                    sum = match (sum, self.printed(simple, &call, room)) {
                        (Printed::Bytes(sum), Printed::Bytes(more)) => {
                            Printed::Bytes(sum.saturating_add(more))
                        }
                        (Printed::Unknown(name), _) => Printed::Unknown(name),
                        (_, Printed::Unknown(name)) => Printed::Unknown(name.into_owned().into()),
                        // Nobody has so many that they are worth a sum.
                        (_, Printed::Known(..)) => Printed::Unknown(call.name.into_owned().into()),
                        _ => Printed::Little,
                    };
                }
                self.write(&path, sum, append);
            }
        }
    }
}

/// Whether a path is no file of the image.
fn is_device(path: &str) -> bool {
    path.starts_with("/dev/")
}
