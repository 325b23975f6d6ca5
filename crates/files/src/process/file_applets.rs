//! Tools that make, change and remove files.

use std::sync::Arc;

use super::options::{Options, mode, size};
use super::{Io, Process, Run, unknown};
use crate::content::Content;
use crate::tree::{Errno, Meta, Node, base_name, join};
use crate::users;

impl Process {
    pub(super) fn mkdir(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "pv",
            "m",
            &[("parents", 'p'), ("mode", 'm'), ("verbose", 'v')],
        )?;
        let mut code = 0;
        for path in &options.operands {
            self.step()?;
            let whole = self.absolute(path);
            let wanted = options.value('m');
            let made = if options.has("p") {
                self.make_folders(&whole)
            } else {
                self.make_folder(&whole)
            };
            match made {
                Ok(new) => {
                    if let (Some(text), true) = (wanted, new) {
                        let Some(mode) = mode(text, 0o777, true) else {
                            return unknown("a mode");
                        };
                        let place = self.locate(path, true).unwrap_or(whole);
                        let _ = self.tree.edit(&place, |node| node.meta_mut().mode = mode);
                    }
                }
                Err(error) => {
                    code = self.complain(
                        io,
                        "mkdir",
                        &format!("can't create directory '{path}': {}", error.words()),
                    )?;
                }
            }
        }
        Ok(code)
    }

    fn make_folder(&mut self, path: &str) -> Result<bool, Errno> {
        let place = self.tree.resolve(path.trim_end_matches('/'), false)?;
        if self.tree.at(&place).is_some() {
            return Err(Errno::Exists);
        }
        self.may_change_folder_of(&place)?;
        let meta = self.new_meta(0o777);
        self.tree.put(&place, Node::folder(meta))?;
        Ok(true)
    }

    /// Whether the last one is new.
    fn make_folders(&mut self, path: &str) -> Result<bool, Errno> {
        let mut place = "/".to_owned();
        let mut new = false;
        for name in crate::tree::names(path) {
            let next = self.tree.resolve(&join(&place, name), true)?;
            new = match self.tree.at(&next) {
                Some(Node::Dir(_)) => false,
                Some(_) => return Err(Errno::NotDir),
                None => self.make_folder(&next)?,
            };
            place = next;
        }
        Ok(new)
    }

    pub(super) fn mkfifo(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "", "m", &[])?;
        for path in &options.operands {
            let made = self.locate(path, false).and_then(|place| {
                if self.tree.at(&place).is_some() {
                    return Err(Errno::Exists);
                }
                self.may_change_folder_of(&place)?;
                let meta = self.new_meta(0o666);
                self.tree.put(&place, Node::Fifo(meta))
            });
            if let Err(error) = made {
                return self.complain(io, "mkfifo", &format!("{path}: {}", error.words()));
            }
        }
        Ok(0)
    }

    pub(super) fn touch(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "cham",
            "drt",
            &[("no-create", 'c'), ("date", 'd'), ("reference", 'r')],
        )?;
        let time = match options.value('d') {
            Some(text) => match date(text) {
                Some(seconds) => crate::Time::at(seconds),
                None => return unknown("a date"),
            },
            None if options.has("rt") => return unknown("a date"),
            None => self.clock.now(),
        };
        let mut code = 0;
        for path in &options.operands {
            self.step()?;
            let touched = self
                .locate(path, true)
                .and_then(|place| match self.tree.at(&place) {
                    Some(node) => {
                        if self.is_read_only(&place) {
                            return Err(Errno::ReadOnly);
                        }
                        if !self.may(node.meta(), 2) {
                            return Err(Errno::Permission);
                        }
                        self.tree.edit(&place, |node| node.meta_mut().time = time)
                    }
                    None if options.has("c") => Ok(()),
                    None => {
                        self.may_change_folder_of(&place)?;
                        let meta = Meta {
                            time,
                            ..self.new_meta(0o666)
                        };
                        self.tree.put(&place, Node::file(meta, Content::default()))
                    }
                });
            if let Err(error) = touched {
                code = self.complain(io, "touch", &format!("{path}: {}", error.words()))?;
            }
        }
        Ok(code)
    }

    pub(super) fn rm(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "rRfvid",
            "",
            &[
                ("recursive", 'r'),
                ("force", 'f'),
                ("verbose", 'v'),
                ("dir", 'd'),
            ],
        )?;
        let mut code = 0;
        for path in &options.operands {
            self.step()?;
            let removed = self.locate(path, false).and_then(|place| {
                match self.tree.at(&place) {
                    None => return Err(Errno::NotFound),
                    Some(Node::Dir(_)) if !options.has("rR") => return Err(Errno::IsDir),
                    Some(_) if place == "/" => return Err(Errno::Permission),
                    Some(_) => {}
                }
                self.may_remove(&place)?;
                self.tree.remove(&place).map(drop)
            });
            match removed {
                Err(Errno::NotFound | Errno::NotDir) if options.has("f") => {}
                Err(error) => {
                    code = self.complain(
                        io,
                        "rm",
                        &format!("can't remove '{path}': {}", error.words()),
                    )?;
                }
                Ok(()) => {}
            }
        }
        Ok(code)
    }

    pub(super) fn rmdir(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "", "", &[])?;
        let mut code = 0;
        for path in &options.operands {
            let removed = self.locate(path, false).and_then(|place| {
                match self.tree.at(&place) {
                    Some(Node::Dir(dir)) if dir.entries.is_empty() => {}
                    Some(Node::Dir(_)) => return Err(Errno::NotEmpty),
                    Some(_) => return Err(Errno::NotDir),
                    None => return Err(Errno::NotFound),
                }
                self.may_remove(&place)?;
                self.tree.remove(&place).map(drop)
            });
            if let Err(error) = removed {
                code = self.complain(io, "rmdir", &format!("'{path}': {}", error.words()))?;
            }
        }
        Ok(code)
    }

    /// Where something goes that is copied or moved to `target`.
    fn goal(&self, source: &str, target: &str, many: bool) -> Result<String, Errno> {
        let place = self.locate(target, true)?;
        match self.tree.at(&place) {
            Some(Node::Dir(_)) => {
                let name = base_name(source);
                Ok(
                    if matches!(name, "/" | "..") || source.ends_with("/.") || source == "." {
                        place
                    } else {
                        join(&place, name)
                    },
                )
            }
            _ if many || target.ends_with('/') => Err(Errno::NotDir),
            _ => Ok(place),
        }
    }

    pub(super) fn cp(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "rRapfdPLHviu",
            "t",
            &[
                ("recursive", 'r'),
                ("archive", 'a'),
                ("preserve", 'p'),
                ("force", 'f'),
                ("verbose", 'v'),
            ],
        )?;
        if options.has("tu") {
            return unknown("an option of cp");
        }
        let Some((target, sources)) = options
            .operands
            .split_last()
            .filter(|(_, rest)| !rest.is_empty())
        else {
            return self.complain(io, "cp", "missing operand");
        };
        let recursive = options.has("rRa");
        let follow = if options.has("dPa") {
            false
        } else {
            !recursive || options.has("L")
        };
        let how = Keep {
            all: options.has("ap"),
            links: !follow,
        };
        let mut code = 0;
        for source in sources {
            self.step()?;
            let copied = self.stat(source, follow).and_then(|node| {
                if node.as_dir().is_some() && !recursive {
                    return Err(Errno::IsDir);
                }
                let goal = self.goal(source, target, sources.len() > 1)?;
                self.copy_node(&node, &goal, &how)
            });
            if copied == Err(Errno::NoSpace) {
                return unknown("a command that does too much");
            }
            if let Err(error) = copied {
                code = self.complain(
                    io,
                    "cp",
                    &format!("can't stat '{source}': {}", error.words()),
                )?;
            }
        }
        Ok(code)
    }

    fn copy_node(&mut self, node: &Node, goal: &str, how: &Keep) -> Result<(), Errno> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > super::MOST_STEPS {
            return Err(Errno::NoSpace);
        }
        let kept = |process: &Self, meta: Meta| {
            if how.all {
                meta
            } else {
                Meta {
                    mode: meta.mode & !process.umask & 0o777,
                    ..process.new_meta(0)
                }
            }
        };
        match node {
            Node::Dir(dir) => {
                match self.tree.at(goal) {
                    Some(Node::Dir(_)) => {}
                    Some(_) => return Err(Errno::NotDir),
                    None => {
                        self.may_change_folder_of(goal)?;
                        let meta = kept(self, dir.meta);
                        self.tree.put(goal, Node::folder(meta))?;
                    }
                }
                for (name, inner) in &dir.entries {
                    self.copy_node(inner, &join(goal, name), how)?;
                }
                if how.all {
                    self.tree.edit(goal, |node| *node.meta_mut() = dir.meta)?;
                }
                Ok(())
            }
            Node::File(file) => {
                if !self.may(file.meta, 4) {
                    return Err(Errno::Permission);
                }
                match self.tree.at(goal) {
                    Some(Node::Dir(_)) => return Err(Errno::IsDir),
                    Some(_) if !how.all => return self.write_file(goal, file.content.clone()),
                    Some(_) if self.is_read_only(goal) => return Err(Errno::ReadOnly),
                    Some(_) => {}
                    None => self.may_change_folder_of(goal)?,
                }
                let meta = kept(self, file.meta);
                self.tree.put(goal, Node::file(meta, file.content.clone()))
            }
            Node::Link(link) => {
                if !how.links
                    && let Ok(target) = self.stat(&link.to, true)
                {
                    return self.copy_node(&target, goal, how);
                }
                self.may_change_folder_of(goal)?;
                let meta = if how.all {
                    link.meta
                } else {
                    Meta {
                        mode: 0o777,
                        ..self.new_meta(0)
                    }
                };
                self.tree.put(goal, Node::link(meta, link.to.clone()))
            }
            Node::Fifo(meta) => {
                self.may_change_folder_of(goal)?;
                self.tree.put(goal, Node::Fifo(kept(self, *meta)))
            }
        }
    }

    pub(super) fn mv(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "fvni", "", &[("force", 'f'), ("verbose", 'v')])?;
        let Some((target, sources)) = options
            .operands
            .split_last()
            .filter(|(_, rest)| !rest.is_empty())
        else {
            return self.complain(io, "mv", "missing operand");
        };
        let mut code = 0;
        for source in sources {
            self.step()?;
            let moved = self.locate(source, false).and_then(|from| {
                let node = self.tree.at(&from).ok_or(Errno::NotFound)?;
                let goal = self.goal(source, target, sources.len() > 1)?;
                if goal == from || goal.starts_with(&format!("{from}/")) {
                    return Err(Errno::Exists);
                }
                if options.has("n") && self.tree.at(&goal).is_some() {
                    return Ok(());
                }
                if matches!(self.tree.at(&goal), Some(Node::Dir(dir)) if !dir.entries.is_empty()) {
                    return Err(Errno::NotEmpty);
                }
                if crate::tree::depth(&node) + crate::tree::names(&goal).count()
                    > crate::tree::DEEPEST
                {
                    return Err(Errno::TooLong);
                }
                self.may_remove(&from)?;
                self.may_change_folder_of(&goal)?;
                self.tree.remove(&from)?;
                self.tree.put(&goal, node)
            });
            if let Err(error) = moved {
                code = self.complain(
                    io,
                    "mv",
                    &format!("can't rename '{source}': {}", error.words()),
                )?;
            }
        }
        Ok(code)
    }

    pub(super) fn ln(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "sfnvT",
            "",
            &[("symbolic", 's'), ("force", 'f'), ("no-dereference", 'n')],
        )?;
        let (sources, target): (&[&str], &str) = match options.operands.as_slice() {
            [only] => (std::slice::from_ref(only), "."),
            [sources @ .., target] => (sources, target),
            [] => return self.complain(io, "ln", "missing operand"),
        };
        for source in sources {
            self.step()?;
            let linked = self
                .goal(source, target, sources.len() > 1)
                .and_then(|goal| {
                    // `-n` takes a link to a folder for a name.
                    let goal = if options.has("nT") {
                        self.locate(target, false)?
                    } else {
                        goal
                    };
                    if self.tree.at(&goal).is_some() && !options.has("f") {
                        return Err(Errno::Exists);
                    }
                    self.may_change_folder_of(&goal)?;
                    if options.has("s") {
                        let meta = Meta {
                            mode: 0o777,
                            ..self.new_meta(0)
                        };
                        return self.tree.put(&goal, Node::link(meta, *source));
                    }
                    let place = self.locate(source, false)?;
                    let Some(Node::File(file)) = self.tree.at(&place) else {
                        return Err(Errno::NotFound);
                    };
                    let number = file.links.unwrap_or(self.links);
                    self.links = self.links.max(number + 1);
                    self.tree.edit(&place, |node| {
                        if let Node::File(file) = node {
                            Arc::make_mut(file).links = Some(number);
                        }
                    })?;
                    let node = self.tree.at(&place).ok_or(Errno::NotFound)?;
                    self.tree.put(&goal, node)
                });
            if let Err(error) = linked {
                return self.complain(io, "ln", &format!("{target}: {}", error.words()));
            }
        }
        Ok(0)
    }

    /// Changes something, and all that is in it where `deep` says so.
    fn each(
        &mut self,
        path: &str,
        deep: bool,
        how: &impl Fn(&Node) -> Option<Meta>,
    ) -> Run<Result<(), Errno>> {
        let place = match self.locate(path, true) {
            Ok(place) => place,
            Err(error) => return Ok(Err(error)),
        };
        let mut places = vec![place.clone()];
        if deep {
            self.tree.walk(&place, &mut |path, node| {
                if !matches!(node, Node::Link(_)) {
                    places.push(path.to_owned());
                }
            });
        }
        for place in places {
            self.step()?;
            let Some(node) = self.tree.at(&place) else {
                return Ok(Err(Errno::NotFound));
            };
            let Some(meta) = how(&node) else {
                return unknown("a mode");
            };
            if meta == node.meta() {
                continue;
            }
            if self.is_read_only(&place) {
                return Ok(Err(Errno::ReadOnly));
            }
            let owns = self.user.uid == 0
                || node.meta().uid == self.user.uid && meta.uid == node.meta().uid;
            if !owns {
                return Ok(Err(Errno::Permission));
            }
            if let Err(error) = self.tree.edit(&place, |node| *node.meta_mut() = meta) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    pub(super) fn chmod(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        // `-x` is a mode.
        let is_mode = |word: &String| {
            word.len() > 1
                && word.starts_with('-')
                && word.chars().skip(1).all(|c| "rwxXst".contains(c))
        };
        let (modes, rest): (Vec<String>, Vec<String>) =
            arguments.iter().cloned().partition(is_mode);
        let options = Options::read(&rest, "Rcvf", "", &[("recursive", 'R')])?;
        let mut operands = options.operands.iter().copied();
        let text = modes
            .first()
            .map(String::as_str)
            .or_else(|| operands.next());
        let Some(text) = text else {
            return self.complain(io, "chmod", "missing operand");
        };
        let mut code = 0;
        for path in operands {
            let how = |node: &Node| {
                let meta = node.meta();
                let mode = mode(text, meta.mode, node.as_dir().is_some())?;
                Some(Meta { mode, ..meta })
            };
            if let Err(error) = self.each(path, options.has("R"), &how)? {
                code = self.complain(io, "chmod", &format!("{path}: {}", error.words()))?;
            }
        }
        Ok(code)
    }

    pub(super) fn chown(&mut self, tool: &str, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "RhcvfPLH",
            "",
            &[("recursive", 'R'), ("no-dereference", 'h')],
        )?;
        let Some((who, paths)) = options.operands.split_first() else {
            return self.complain(io, tool, "missing operand");
        };
        let (name, group) = match (tool, who.split_once([':', '.'])) {
            ("chgrp", _) => ("", Some(*who)),
            (_, Some((name, group))) => (name, Some(group)),
            (_, None) => (*who, None),
        };
        let user = match name {
            "" => None,
            name => match users::user(&self.tree, name) {
                Some(user) => Some(user),
                None => return self.complain(io, tool, &format!("unknown user {name}")),
            },
        };
        let gid = match group {
            None => None,
            // `user:` means the user's own group.
            Some("") => user.as_ref().map(|user| user.gid),
            Some(group) => match users::group_id(&self.tree, group) {
                Some(gid) => Some(gid),
                None => return self.complain(io, tool, &format!("unknown group {group}")),
            },
        };
        let mut code = 0;
        for path in paths {
            let how = |node: &Node| {
                let meta = node.meta();
                Some(Meta {
                    uid: user.as_ref().map_or(meta.uid, |user| user.uid),
                    gid: gid.unwrap_or(meta.gid),
                    ..meta
                })
            };
            if let Err(error) = self.each(path, options.has("R"), &how)? {
                code = self.complain(io, tool, &format!("{path}: {}", error.words()))?;
            }
        }
        Ok(code)
    }

    pub(super) fn install(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(
            arguments,
            "dDcv",
            "mogt",
            &[
                ("mode", 'm'),
                ("owner", 'o'),
                ("group", 'g'),
                ("directory", 'd'),
            ],
        )?;
        if options.has("ogt") {
            return unknown("an option of install");
        }
        let Some(mode) = mode(options.value('m').unwrap_or("755"), 0, false) else {
            return unknown("a mode");
        };
        if options.has("d") {
            for path in &options.operands {
                let whole = self.absolute(path);
                if let Err(error) = self.make_folders(&whole) {
                    return self.complain(io, "install", &format!("{path}: {}", error.words()));
                }
                let _ = self.tree.edit(&whole, |node| node.meta_mut().mode = mode);
            }
            return Ok(0);
        }
        let Some((target, sources)) = options.operands.split_last() else {
            return self.complain(io, "install", "missing operand");
        };
        if options.has("D") {
            let whole = self.absolute(target);
            let _ = self.make_folders(crate::tree::parent(&whole));
        }
        for source in sources {
            let done = self.read_file(source).and_then(|content| {
                let goal = self.goal(source, target, sources.len() > 1)?;
                self.may_change_folder_of(&goal)?;
                let meta = Meta {
                    mode,
                    ..self.new_meta(0)
                };
                self.tree.put(&goal, Node::file(meta, content))
            });
            if let Err(error) = done {
                return self.complain(io, "install", &format!("{source}: {}", error.words()));
            }
        }
        Ok(0)
    }

    pub(super) fn truncate(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "c", "s", &[("size", 's')])?;
        let Some(size) = options.value('s').and_then(size) else {
            return unknown("a size");
        };
        for path in &options.operands {
            let old = self.read_file(path).unwrap_or_default();
            let content = match old.as_bytes() {
                Some([]) => Content::fill(0, size),
                Some(bytes) => {
                    let Ok(length) = usize::try_from(size) else {
                        return unknown("a size");
                    };
                    if length > super::MOST_BYTES {
                        return unknown("a large file");
                    }
                    let mut bytes = bytes.to_vec();
                    bytes.resize(length, 0);
                    Content::bytes(bytes)
                }
                None => return unknown("a large file"),
            };
            if let Err(error) = self.write_file(path, content) {
                return self.complain(io, "truncate", &format!("{path}: {}", error.words()));
            }
        }
        Ok(0)
    }

    /// `dd if=/dev/zero of=FILE bs=N count=M`, and `fallocate -l N FILE`.
    pub(super) fn dd(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let value = |key: &str| {
            arguments
                .iter()
                .filter_map(|word| word.split_once('='))
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value)
        };
        let block = value("bs").map_or(Some(512), size);
        let count = value("count").and_then(|count| count.parse::<u64>().ok());
        let (Some("/dev/zero"), Some(target), Some(block), Some(count)) =
            (value("if"), value("of"), block, count)
        else {
            return unknown("what dd writes");
        };
        let content = Content::fill(0, block.saturating_mul(count));
        match self.write_file(target, content) {
            Ok(()) => Ok(0),
            Err(error) => self.complain(io, "dd", &format!("{target}: {}", error.words())),
        }
    }

    pub(super) fn fallocate(&mut self, arguments: &[String], io: &Io) -> Run<i32> {
        let options = Options::read(arguments, "", "lo", &[("length", 'l')])?;
        let (Some(size), [path]) = (
            options.value('l').and_then(size),
            options.operands.as_slice(),
        ) else {
            return unknown("a size");
        };
        match self.write_file(path, Content::fill(0, size)) {
            Ok(()) => Ok(0),
            Err(error) => self.complain(io, "fallocate", &format!("{path}: {}", error.words())),
        }
    }
}

/// What `cp` takes along.
struct Keep {
    /// Modes, owners and times.
    all: bool,
    /// Links as links.
    links: bool,
}

/// `YYYY-MM-DD hh:mm:ss` in seconds since 1970, UTC.
fn date(text: &str) -> Option<u64> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let mut day = day.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let (year, month, day) = (day.next()??, day.next()??, day.next()??);
    let mut time = time
        .trim_end_matches('Z')
        .splitn(3, ':')
        .map(|part| part.parse::<u64>().ok());
    let (hour, minute) = (time.next()??, time.next()??);
    let second = time.next().flatten().unwrap_or(0);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days from the civil calendar; March comes first, so that leap days are last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn a_date_is_so_many_seconds() {
        assert_eq!(date("1970-01-01 00:00:00"), Some(0));
        assert_eq!(date("2020-01-02 00:00:00"), Some(1_577_923_200));
        assert_eq!(date("@5"), Some(5));
        assert_eq!(date("tomorrow"), None);
    }
}
