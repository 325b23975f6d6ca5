//! Where commands work, and which files they leave, as far as their words say it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::rc::Rc;

use stagecraft_semantic::archive::{Packing, packing};
use stagecraft_semantic::paths::join;
use stagecraft_semantic::{Role, StageId};
use stagecraft_shell::CommandKind;
use stagecraft_syntax::{Keyword, Kind};

use crate::calls::base;
use crate::facts::{Call, Facts, Item, RunFacts};
use crate::letters::starts;
use crate::packages::known;
use crate::programs::Programs;

/// A folder that only the base image knows: nothing else is in it.
const UNKNOWN: &str = "/…";

/// In a step with more calls nothing is looked for: each is compared with all behind it.
const MOST_CALLS: usize = 1_000;

/// The folder that an instruction works in.
pub(crate) fn folder<'a>(facts: &Facts<'a>, item: &Item<'a>) -> &'a str {
    let command = item.command();
    let known = command.and_then(|it| facts.model.scopes().workdir(it.before));
    known.unwrap_or(UNKNOWN)
}

/// What of the files that a RUN leaves is asked for again and again.
#[derive(Default)]
pub(crate) struct Seen<'a> {
    /// The folders of calls; `None` where there are too many.
    folders: OnceCell<Option<Folders<'a>>>,
    /// What calls download, by their number.
    downloads: OnceCell<Vec<(usize, String)>>,
}

/// The folders that the calls of a RUN work in.
struct Folders<'a> {
    /// That of the first.
    first: &'a str,
    /// From which call on it is another one; `None` is the first again.
    then: Vec<(usize, Option<Rc<str>>)>,
}

impl Folders<'_> {
    /// The folder of the call with that number.
    fn of(&self, at: usize) -> &str {
        let behind = self.then.partition_point(|(from, _)| *from <= at);
        let last = behind.checked_sub(1).and_then(|last| self.then.get(last));
        last.and_then(|(_, folder)| folder.as_deref())
            .unwrap_or(self.first)
    }
}

/// The calls of a RUN, each with the folder that it works in.
#[derive(Clone, Copy)]
pub(crate) struct Calls<'r, 'a> {
    all: &'r [Call<'a>],
    /// The number of the first of them.
    first: usize,
    folders: Option<&'r Folders<'a>>,
}

impl<'r, 'a> Calls<'r, 'a> {
    /// Those of these programs, each with its number and its folder.
    pub(crate) fn of(self, programs: Programs) -> Those<'r, 'a> {
        Those {
            rest: self.all.iter(),
            next: self.first,
            folders: self.folders,
            programs,
        }
    }

    /// Those behind the one with that number.
    pub(crate) fn behind(self, at: usize) -> Self {
        Self {
            all: self.all.get(at + 1..).unwrap_or_default(),
            first: self.first + at + 1,
            folders: self.folders,
        }
    }
}

/// The calls of some programs; see [`Calls::of`].
pub(crate) struct Those<'r, 'a> {
    rest: std::slice::Iter<'r, Call<'a>>,
    /// The number of the first of them.
    next: usize,
    folders: Option<&'r Folders<'a>>,
    programs: Programs,
}

impl<'r, 'a> Iterator for Those<'r, 'a> {
    type Item = (usize, &'r Call<'a>, &'r str);

    fn next(&mut self) -> Option<Self::Item> {
        let folders = self.folders?;
        for call in self.rest.by_ref() {
            let at = self.next;
            self.next += 1;
            if call.is(self.programs) {
                return Some((at, call, folders.of(at)));
            }
        }
        None
    }
}

/// The calls of a RUN, each with the folder that it works in once `cd` is followed.
pub(crate) fn calls<'r, 'a>(facts: &Facts<'a>, run: &'r RunFacts<'a>) -> Calls<'r, 'a> {
    let folders = run.late().seen.folders.get_or_init(|| folders(facts, run));
    Calls {
        all: run.calls,
        first: 0,
        folders: folders.as_ref(),
    }
}

/// What changes the folder.
const CHANGES: Programs = programs!["cd", "pushd"];

/// The folders that the calls of a RUN work in.
fn folders<'a>(facts: &Facts<'a>, run: &RunFacts<'a>) -> Option<Folders<'a>> {
    let item = facts.items.get(run.item);
    let item = item.filter(|_| run.calls.len() <= MOST_CALLS)?;
    let first = folder(facts, item);
    let mut then = Vec::new();
    // Most stay where they are.
    if !run.may_call(CHANGES.bits) {
        return Some(Folders { first, then });
    }
    let mut here: Option<Rc<str>> = None;
    // Where the shell is that a subshell returns to.
    let mut outside: Option<Option<Rc<str>>> = None;
    let subshells = run.script.is_some_and(|script| {
        let mut commands = script.commands();
        script.has_compound() && commands.any(|it| it.kind() == CommandKind::Subshell)
    });
    for (at, call) in run.calls.iter().enumerate() {
        if !subshells || !call.is_in_subshell() {
            if let Some(back) = outside.take() {
                here = back;
                then.push((at, here.clone()));
            }
        } else if outside.is_none() {
            outside = Some(here.clone());
        }
        if call.is(CHANGES) {
            let to = call.verb().and_then(|word| known(facts, run, &word.text));
            here = Some(match to {
                Some(to) if to != "-" => join(here.as_deref().unwrap_or(first), &to).into(),
                _ => UNKNOWN.into(),
            });
            then.push((at + 1, here.clone()));
        }
    }
    Some(Folders { first, then })
}

/// The file that a path of a call names; `None` where that is not known.
pub(crate) fn path(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    here: &str,
    text: &str,
) -> Option<String> {
    let text = known(facts, run, text)?;
    let plain = !text.is_empty() && !has_any!(&text, b'*' | b'?' | b'[' | b'{' | b'~');
    plain.then(|| join(here, &text))
}

/// The last part of a path or of an address.
pub(crate) fn base_name(text: &str) -> &str {
    let mut text = text;
    if is_address(text) {
        let end = text.bytes().position(|byte| matches!(byte, b'?' | b'#'));
        text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    }
    while let Some(rest) = text.strip_suffix('/') {
        text = rest;
    }
    base(text)
}

/// Whether it is an address of the web.
pub(crate) fn is_address(text: &str) -> bool {
    ["http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| starts(text, scheme))
}

/// Whether it is named like an archive.
pub(crate) fn is_archive(text: &str) -> bool {
    packing(text).is_some()
}

/// What COPY or ADD puts into the image.
pub(crate) struct Placed {
    /// Where it is.
    pub(crate) path: String,
    /// Whether that is a folder for sure, or may be one into which something is laid.
    pub(crate) folder: bool,
    /// Whether the instruction names a folder to lay it into.
    into: bool,
}

impl Placed {
    /// The folder that it is laid into, where the instruction names one. A folder as source is
    /// emptied into that.
    pub(crate) fn into(&self) -> Option<&str> {
        let folder = || self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match (self.into, self.folder) {
            (false, _) => None,
            (true, true) => Some(&self.path),
            (true, false) => Some(folder()).map(|it| if it.is_empty() { "/" } else { it }),
        }
    }
}

/// The files and folders that the COPY or ADD with that place in the items puts into the image.
pub(crate) fn placed<'f>(facts: &'f Facts<'_>, at: usize) -> &'f [Placed] {
    let item = facts.items.get(at);
    let (Some(item), Some(known)) = (item, facts.room_for_placed(at)) else {
        return &[];
    };
    known.get_or_init(|| places(facts, item))
}

fn places<'a>(facts: &Facts<'a>, item: &Item<'a>) -> Vec<Placed> {
    let (Kind::Transfer(transfer), Some(command)) = (&item.instruction.kind, item.command()) else {
        return Vec::new();
    };
    let words = facts.model.words(command).iter();
    let text = |word| facts.model.text(facts.file, command, word);
    let mut words = words.filter(|word| word.role == Role::Argument).map(text);
    let Some(to) = words.next_back().filter(|to| !has_any!(to, b'$')) else {
        return Vec::new();
    };
    let into = to.ends_with('/') || matches!(to, "." | "..") || words.clone().nth(1).is_some();
    let to = join(folder(facts, item), to);
    let unpacks = item.instruction.keyword == Keyword::Add && transfer.from.is_none();
    let spreads = |source: &str, name: &str| {
        matches!(name, "" | "." | "..")
            || has_any!(name, b'*' | b'?' | b'[' | b'$')
            || source.ends_with('/')
            || source.starts_with("<<")
            || unpacks
                && packing(name).is_some_and(Packing::is_unpacked_by_add)
                && !is_address(source)
    };
    if !into {
        // There is one, if there is any.
        let only = words.next().map(|source| Placed {
            path: to,
            folder: spreads(source, base_name(source)),
            into,
        });
        return only.into_iter().collect();
    }
    let place = |source: &str| {
        let name = base_name(source);
        let folder = spreads(source, name);
        let path = if folder { to.clone() } else { join(&to, name) };
        Placed { path, folder, into }
    };
    words.map(place).collect()
}

/// The files that calls of a RUN download to, and the folders that they clone to, by the number of
/// the call.
pub(crate) fn downloads<'r, 'a>(facts: &Facts<'a>, run: &'r RunFacts<'a>) -> &'r [(usize, String)] {
    if !run.has_any(DOWNLOADS) {
        return &[];
    }
    run.late().seen.downloads.get_or_init(|| {
        let found = calls(facts, run)
            .of(DOWNLOADS)
            .filter_map(|(at, call, here)| Some((at, downloaded(facts, run, call, here)?)));
        found.collect()
    })
}

/// What downloads files.
const DOWNLOADS: Programs = programs!["wget", "curl", "git"];

/// The file that a call downloads to, or the folder that it clones to.
fn downloaded(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    call: &Call<'_>,
    here: &str,
) -> Option<String> {
    let address = || {
        let mut words = call.words().iter();
        // Only what starts so, or with a variable, can be one.
        words.find_map(|word| {
            let may_be = is_address(&word.text) || word.text.contains('$');
            let text = may_be.then(|| known(facts, run, &word.text))?;
            text.filter(|text| is_address(text))
        })
    };
    let named = || address().map(|address| base_name(&address).to_owned());
    let to = match &*call.name {
        "wget" => {
            let file = call.value_of(b'O', "output-document").map(str::to_owned);
            let folder = call.value_of(b'P', "directory-prefix").unwrap_or(".");
            file.or_else(|| named().map(|name| format!("{folder}/{name}")))
        }
        "curl" => match call.value_of(b'o', "output") {
            Some(file) => Some(file.to_owned()),
            None if call.flag("O", &["remote-name"]) => named(),
            None => None,
        },
        "git" if call.verb_of(&["clone"]).is_some() => {
            const WITH_VALUE: [&str; 5] = ["-b", "--branch", "--depth", "-c", "--config"];
            let mut rest = call.operands_without(&WITH_VALUE).skip(1);
            match (rest.next(), rest.next()) {
                (_, Some(folder)) => Some(folder.text.to_string()),
                (Some(from), None) => {
                    let from = known(facts, run, &from.text)?;
                    let name = base_name(&from);
                    Some(name.strip_suffix(".git").unwrap_or(name).to_owned())
                }
                _ => None,
            }
        }
        _ => None,
    };
    let to = to.or_else(|| {
        let output = call.output().filter(|_| call.name != "git");
        output.map(|file| file.text.into_owned())
    })?;
    let to = to.trim_matches(['"', '\'']);
    if to.is_empty() || to == "-" || to.starts_with("/dev/") {
        return None;
    }
    path(facts, run, here, to)
}

/// Whether a file or folder that a call has left is still there when its RUN ends, as far as the
/// calls behind it say. A word that may stand for anything may stand for it.
pub(crate) fn stays(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    behind: Calls<'_, '_>,
    file: &str,
) -> bool {
    let name = base_name(file);
    !behind.of(REMOVES).any(|(_, call, here)| {
        call.words().iter().any(|word| {
            let text = &*word.text;
            let vague = has_any!(text, b'*' | b'$' | b'?' | b'{' | b'`') || base_name(text) == name;
            let folder = || path(facts, run, here, text);
            vague || folder().is_some_and(|folder| is_below(file, &folder))
        })
    })
}

/// What may take files away.
const REMOVES: Programs = programs!["rm", "mv", "find", "unlink", "install", "rmdir", "xargs"];

/// Whether one of these calls unpacks that file.
pub(crate) fn is_unpacked(
    facts: &Facts<'_>,
    run: &RunFacts<'_>,
    behind: Calls<'_, '_>,
    file: &str,
) -> bool {
    let name = base(file);
    behind.of(UNPACKS).any(|(_, call, here)| {
        // The options of tar need no dash.
        let first = call.words().first();
        let bare = || first.is_some_and(|word| has_any!(&word.text, b'x'));
        let unpacks = call.name == "unzip" || bare() || call.flag("x", &["extract"]);
        // What ends in another name is another file.
        let may_be = |text: &str| {
            let last = base(text);
            last == name || matches!(last, "" | "." | "..") || has_any!(text, b'$')
        };
        let names = |text: &str| {
            may_be(text) && path(facts, run, here, text).is_some_and(|path| path == file)
        };
        unpacks && call.words().iter().any(|word| names(&word.text))
    })
}

/// What may unpack archives.
pub(crate) const UNPACKS: Programs = programs!["tar", "bsdtar", "unzip"];

/// Whether a path is that of something in a folder, or the folder's own.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What lies in the layers of a stage, by path, with the place in the items of what put it there.
#[derive(Default)]
pub(crate) struct Layers<'f> {
    stage: Option<StageId>,
    /// The first item that was not asked what it puts there.
    next: usize,
    files: BTreeMap<&'f str, usize>,
}

impl<'f> Layers<'f> {
    /// Goes on with a RUN; what lies in other stages is forgotten. Gives the places of the items
    /// above it that were not yet asked what they put there: where nobody looks, none is.
    pub(crate) fn turn_to(&mut self, facts: &Facts<'_>, run: &RunFacts<'_>) -> Range<usize> {
        if self.stage != run.stage {
            self.stage = run.stage;
            self.files.clear();
            self.next = facts.first_item_of(run.stage);
        }
        std::mem::replace(&mut self.next, run.item)..run.item
    }

    /// Whether nothing lies there.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Notes that an item puts a file or folder there.
    pub(crate) fn put(&mut self, path: &'f str, item: usize) {
        self.files.insert(path, item);
    }

    /// What put a file there, or something into the folder of that name.
    pub(crate) fn below(&self, path: &str) -> Option<usize> {
        let (_, item) = first_below(&self.files, path)?;
        Some(item)
    }

    /// Takes away what lies there or below, and says what had put the first of it there.
    pub(crate) fn take(&mut self, path: &str) -> Option<usize> {
        let mut put = self.files.remove(path);
        while let Some((path, item)) = first_below(&self.files, path) {
            put.get_or_insert(item);
            self.files.remove(path);
        }
        put
    }

    /// What put exactly that there.
    pub(crate) fn at(&self, path: &str) -> Option<usize> {
        self.files.get(path).copied()
    }
}

fn first_below<'f>(layers: &BTreeMap<&'f str, usize>, path: &str) -> Option<(&'f str, usize)> {
    if let Some((path, item)) = layers.get_key_value(path) {
        return Some((*path, *item));
    }
    if layers.is_empty() {
        return None;
    }
    let folder = [path.trim_end_matches('/'), "/"].concat();
    let from = (Bound::Included(folder.as_str()), Bound::Unbounded);
    let (next, item) = layers.range::<str, _>(from).next()?;
    next.starts_with(&folder).then_some((*next, *item))
}
