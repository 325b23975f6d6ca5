//! What a step adds to the files of its stage, on disk and as transferred.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_semantic::paths::join;
use stagecraft_semantic::{
    Base, Command, Dependency, DependencyKind, Role, ShellScript, Source, StageId,
};
use stagecraft_sizes::{Basis, Estimate, Span, rule, unknown};
use stagecraft_syntax::{Instruction, Keyword, Kind, Mount, MountKind, Parse};
use stagecraft_text::has_part;

use super::archives::Split;
use super::{Builder, texts_of};
use crate::again::Land;
use crate::changes::{self, names_elsewhere, owner_of, removed};
use crate::context::Context;
use crate::downloads;
use crate::held::{By, Copied, Files, Work, is_below, joined};
use crate::model::Told;
use crate::packed::{self, Share};
use crate::run::{
    Given, Inner, Machine, Place, Placed, Program, added, has_scheme, is_below_any, name_of,
};
use crate::usual;

impl<'a> Builder<'a> {
    /// What a step that makes a layer adds to it, on disk and as transferred.
    pub(super) fn layer(
        &mut self,
        command: &Command,
        file: &Parse,
        instruction: &Instruction,
        (at, dependencies): (usize, &[Dependency]),
        land: &mut Land,
    ) -> (Estimate, Span) {
        match &instruction.kind {
            Kind::Transfer(transfer) => {
                let from = transfer.from.filter(|from| !file.word(*from).is_empty());
                let heredocs = file.heredocs(instruction).iter();
                let text: usize = heredocs.map(|heredoc| heredoc.content.len()).sum();
                let mut words = texts_of(self.model, command, file, Role::Argument);
                let Some(destination) = words.next_back() else {
                    return (Estimate::zero(), Span::exact(0));
                };
                let workdir = self.model.scopes().workdir(command.before).unwrap_or("/");
                let target = joined(workdir, destination);
                let owner = file.flag_value(instruction, "chown");
                let owner = owner.map(|word| owner_of(file.word(word)));
                let by = By {
                    step: at,
                    owner: Some(owner.unwrap_or_else(|| self.root())),
                };
                let is_folder = destination.ends_with('/') || destination == ".";
                let unpacks = Unpacks {
                    files: instruction.keyword == Keyword::Add && transfer.unpack != Some(false),
                    downloads: transfer.unpack == Some(true),
                };
                if from.is_none() && self.around.context.is_none() {
                    let all = Unseen::of(words, text, unpacks.downloads);
                    let place = match all.name {
                        Some(name) if is_folder => join(&target, name),
                        _ => target.into_owned(),
                    };
                    let is_folder = all.many || is_folder && all.name.is_none();
                    let size = all.size.clone();
                    land.files.write(place.into(), size, is_folder, by);
                    return (all.size, all.compressed);
                }
                let sources: Vec<&str> = words.collect();
                let sources = &sources[..];
                let folder = sources.len() > 1 || is_folder;
                let target = (&*target, folder);
                if from.is_none() {
                    let how = (text, unpacks);
                    return self.copy_from_context(sources, target, None, how, &by, land);
                }
                let kind = DependencyKind::Copy;
                let from = dependencies.iter().find(|need| need.kind == kind);
                let folder = from.and_then(|need| match &need.source {
                    Source::Folder(name) => self.around.folders.get_key_value(name),
                    _ => None,
                });
                if let Some((name, context)) = folder {
                    let from = Some((&**name, context));
                    let how = (0, Unpacks::default());
                    return self.copy_from_context(sources, target, from, how, &by, land);
                }
                let from = (command.stage, from);
                self.copy_from_stage(from, sources, target, &by, &mut land.files)
            }
            Kind::Run(_) => self.run(command, file, instruction, at, land),
            // WORKDIR makes a folder, which has no bytes of its own.
            _ => (Estimate::zero(), Span::exact(0)),
        }
    }

    /// Copies files of a context: those that `sources` name, of which archives are taken apart where
    /// that is said, and so many bytes that are written in the Dockerfile.
    fn copy_from_context(
        &mut self,
        sources: &[&str],
        (target, folder): (&str, bool),
        from: Option<(&str, &'a Arc<Context>)>,
        (text, unpacks): (usize, Unpacks),
        by: &By,
        land: &mut Land,
    ) -> (Estimate, Span) {
        let mut total = written_here(text);
        let mut transferred = Span::exact(0);
        for source in files_of_context(sources.iter().copied()) {
            let around = self.around;
            let context = from.map(|(_, folder)| folder).or(around.context.as_ref());
            let Some(context) = context.filter(|_| !is_remote(source)) else {
                let (size, packed) = unseen(source, unpacks.downloads);
                total.add(&size);
                transferred.add(packed);
                let place = if folder && !unpacks.downloads {
                    join(target, name_of(source))
                } else {
                    target.to_owned()
                };
                let by = by.clone();
                land.files.write(place.into(), size, unpacks.downloads, by);
                continue;
            };
            let folder = folder || sources.len() > 1;
            let folder_of = from.and_then(|(name, _)| self.folders.get_mut(name));
            let selections = folder_of.unwrap_or(&mut *self.selections);
            let mut selection = selections.of(source);
            if unpacks.files
                && let Some(split) = Split::of(context, &selection, source)
            {
                total.add(&split.size);
                transferred.add(split.compressed);
                // More comes to a folder that is there.
                let there = land.files.thing(target, &self.work);
                let size = match there {
                    Some((there, true)) => there.plus(&split.size),
                    _ => split.size,
                };
                land.files
                    .write(target.to_owned().into(), size, true, by.clone());
                if split.others.files.is_empty() {
                    continue;
                }
                selection = Rc::new(split.others);
            }
            let copied = Copied::new(context, &selection, source, (target, folder));
            if selection.is_unknown {
                total.add(&Estimate::open(unknown!("more files than are looked at")));
            } else if !selection.files.is_empty() {
                let files = Estimate::known(selection.bytes, Basis::Context);
                transferred.add(packed::of_files(selection.bytes, selection.compressed));
                total.add(&files);
            }
            for (place, list) in copied.lists(&selection) {
                let machine = Rc::make_mut(&mut land.machine);
                let lists = machine.lists.get_or_insert_default();
                Rc::make_mut(lists).insert(place, Arc::clone(list));
            }
            land.files.copy(copied, by.clone());
        }
        transferred.add(Share::TEXT.of(written_here(text).span()));
        // What is not known is not known packed either.
        if total.likely.is_none() {
            transferred.likely = None;
            transferred.high = transferred.high.filter(|_| total.high.is_some());
        }
        (total, transferred)
    }

    /// The name of the image that a source of files is, or starts from.
    fn image_of(&self, source: &'a Source) -> Option<&'a str> {
        match source {
            Source::Image(name) => Some(name),
            Source::Stage(id) => match &self.model.chain(*id).last()?.base {
                Base::Image(name) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// What there is at a path of a stage before or an image, and whether that is a folder.
    fn held(
        &self,
        stage: Option<usize>,
        image: Option<&str>,
        name: &str,
        path: &str,
    ) -> (Estimate, bool) {
        let files = stage.and_then(|stage| self.files_of(stage));
        if let Some(mut size) = files.and_then(|files| files.at(path, &self.work)) {
            let thing = files.and_then(|files| files.thing(path, &self.work));
            // Of a folder the content is copied.
            let is_folder = thing.map_or(size.likely.is_some(), |(_, it)| it);
            size.basis.add(&Basis::Stage.into());
            return (size, is_folder);
        }
        let built = || Some((usual::built(path)?, false));
        // Where the context is known, what is not of it is of commands.
        let files = files.filter(|_| self.around.context.is_some());
        let perhaps = || {
            let mut size = files?.perhaps(path, &self.work)?;
            size.basis.add(&Basis::Stage.into());
            Some((size, false))
        };
        let found = usual::held(image, path).or_else(built);
        found.or_else(perhaps).unwrap_or_else(|| {
            let what = ["what `", name, "` holds at ", path].concat();
            (Estimate::unknown(what), false)
        })
    }

    fn copy_from_stage(
        &mut self,
        (stage, source): (StageId, Option<&Dependency>),
        sources: &[&str],
        (target, folder): (&str, bool),
        by: &By,
        files: &mut Files,
    ) -> (Estimate, Span) {
        let from = source.and_then(|need| match need.source {
            Source::Stage(other) if other < stage => Some(other.index()),
            _ => None,
        });
        let name = source.map_or("", |need| &need.name);
        let image = source.and_then(|need| self.image_of(&need.source));
        let mut total = Estimate::zero();
        for path in sources {
            let path = joined("/", path);
            let (size, is_folder) = self.held(from, image, name, &path);
            total = total.plus(&size);
            let place = if folder && !is_folder {
                join(target, path.rsplit('/').next().unwrap_or_default())
            } else {
                target.to_owned()
            };
            files.write(place.into(), size, is_folder, by.clone());
        }
        let compressed = Share::ANY.of(total.span());
        (total, compressed)
    }

    fn run(
        &mut self,
        command: &Command,
        file: &Parse,
        instruction: &Instruction,
        at: usize,
        land: &mut Land,
    ) -> (Estimate, Span) {
        let line = file.str(instruction.text);
        let program;
        let script = match self.model.script(self.file, command) {
            None => {
                program = ShellScript::of_program(file, instruction);
                program.as_ref().map(|program| program.script(file))
            }
            script => script,
        };
        // Read where a shell is given any.
        let (inner, inner_scripts) = (OnceCell::new(), OnceCell::new());
        let is_told = |one: &&Told| !one.step.is_empty() && line.contains(&one.step);
        let told: Vec<&Told> = self.around.told.iter().filter(is_told).collect();
        let scopes = self.model.scopes();
        let Land {
            files,
            machine,
            volumes,
        } = land;
        let volumes = volumes.as_deref().map_or(&[][..], Vec::as_slice);
        let workdir = scopes.workdir(command.before).unwrap_or("/");
        let mounts = mounted(file, instruction, workdir);
        let mounted = mounted_files(file, instruction, workdir);
        let lists = Lists::new(mounted, self.around.context.as_deref(), machine);
        let place = Place {
            mounts: &mounts,
            volumes,
            value: &|name| scopes.value(command.before, name),
            list: &|path| lists.get(path),
            at: &|path| files.at(path, &self.work),
            workdir,
        };
        // What is told stands for all that the step adds, as far as it is kept, but for what is known
        // to be elsewhere; what it installs is there afterwards.
        let mut rewrites = Vec::new();
        // What removes where there is nothing does nothing.
        let removes = !files.is_nothing() || !told.is_empty();
        let mut take = |inner| {
            rewrites.clear();
            added(
                script.as_ref(),
                inner,
                &place,
                machine,
                &mut self.room,
                |simple, program, folder| {
                    let matters = removes || !matches!(program, Program::Remove);
                    if matters && let Some(call) = simple.invocation() {
                        rewrites.push((call, (folder != workdir).then(|| folder.to_owned())));
                    }
                },
            )
        };
        let mut guess = take(None);
        if guess.has_inner {
            let inner = inner.get_or_init(|| script.as_ref().map(Inner::of).unwrap_or_default());
            let scripts = inner_scripts.get_or_init(|| inner.scripts());
            guess = take(Some(scripts.as_slice()));
        }
        let by = By {
            step: at,
            owner: None,
        };
        if told.is_empty() {
            let changes = (!rewrites.is_empty()).then(|| {
                let made = |path: &str, word: &str| {
                    let is_placed =
                        |one: &Placed| is_below(&one.path, path) || is_below(path, &one.path);
                    guess.brings_files || guess.placed.iter().any(is_placed) || {
                        let inner = inner_scripts.get().into_iter().flatten();
                        let inner = inner.map(|given: &Given<'_>| &given.script);
                        let mut scripts = script.iter().chain(inner);
                        scripts.any(|script| names_elsewhere(script, path, word, workdir))
                    }
                };
                let step = changes::Step {
                    number: at,
                    workdir,
                    volumes,
                    made: &made,
                };
                step.changes(&rewrites, files, &self.work, &mut self.plan.waste)
            });
            put(guess.placed, guess.made, files, &self.work, &by);
            files.lose(&guess.loose);
            let (mut size, mut compressed) = (guess.size, guess.compressed);
            if let Some(changed) = changes {
                size.add(&changed);
                compressed.add(Share::ANY.of(changed.span()));
            }
            // The archive of a layer has a head for each file.
            if compressed != Span::UNKNOWN {
                compressed.add(Span::between(29, 150, 1_000));
            }
            return (size, compressed);
        }
        let gone = removed(&rewrites, workdir);
        let is_kept = |path: &str| {
            let folders = [volumes, &mounts, &gone];
            !folders.iter().any(|folders| is_below_any(path, folders))
        };
        as_told(&told, guess.placed, is_kept, files, &by)
    }
}

/// Notes what a RUN has put at places that are known, and the folders that it has made.
fn put(placed: Vec<Placed>, made: Vec<String>, files: &mut Files, work: &Work, by: &By) {
    for Placed { path, size, folder } in placed {
        // More packages come to those that are there.
        let there = folder.then(|| files.thing(&path, work)).flatten();
        let size = match there {
            Some((there, true)) => there.plus(&size),
            _ => size,
        };
        files.write(path, size, folder, by.clone());
    }
    for path in made {
        if files.parts(&path, work).is_empty() {
            files.write(path.into(), Estimate::zero(), true, by.clone());
        }
    }
}

/// What a RUN adds of which a lesson tells something, on disk and as transferred: that, as far as it
/// is kept, and what is known to be elsewhere.
fn as_told(
    told: &[&Told],
    placed: Vec<Placed>,
    is_kept: impl Fn(&str) -> bool,
    files: &mut Files,
    by: &By,
) -> (Estimate, Span) {
    let mut total = Estimate::zero();
    let mut paths: Vec<String> = told.iter().map(|told| join("/", &told.path)).collect();
    let mut renamed = program_elsewhere(&paths, &placed);
    for Placed { path, size, folder } in placed {
        if is_below_any(&path, &paths) {
            continue;
        }
        if size.likely.is_none()
            && let Some(told) = renamed.take().and_then(|at| paths.get_mut(at))
        {
            *told = path.into_owned();
            continue;
        }
        total = total.plus(&size);
        files.write(path, size, folder, by.clone());
    }
    for (told, path) in told.iter().zip(paths).filter(|(_, path)| is_kept(path)) {
        let size = Estimate::known(told.size, Basis::Told(told.because.clone().into()));
        total = total.plus(&size);
        files.write(path.into(), size, false, by.clone());
    }
    let compressed = Share::ANY.of(total.span());
    (total, compressed)
}

/// Of the paths of which a lesson tells something, that of a program which the step has put elsewhere: the
/// only one that is in no cache, if nothing is there.
fn program_elsewhere(paths: &[String], placed: &[Placed]) -> Option<usize> {
    let is_cache = |path: &str| has_part(path, "/.cache/") || has_part(path, "/pkg/mod");
    let programs = paths.iter().enumerate();
    let mut programs = programs.filter(|(_, path)| !is_cache(path));
    let (at, path) = programs.next()?;
    let is_there = placed.iter().any(|one| is_below(&one.path, path));
    (programs.next().is_none() && !is_there).then_some(at)
}

/// What COPY or ADD writes of the text in the Dockerfile.
fn written_here(text: usize) -> Estimate {
    match u64::try_from(text).unwrap_or(u64::MAX) {
        0 => Estimate::zero(),
        bytes => Estimate::known(bytes, rule!("the text in the Dockerfile")),
    }
}

/// The sources of COPY or ADD that are not written in the Dockerfile.
fn files_of_context<'s>(sources: impl Iterator<Item = &'s str>) -> impl Iterator<Item = &'s str> {
    sources.filter(|source| !source.starts_with("<<"))
}

/// Whether ADD fetches a source.
fn is_remote(source: &str) -> bool {
    has_scheme(source) || source.starts_with("git@")
}

/// The size of a source whose files are not known, on disk and as transferred; `unpacks` says that an
/// archive which is fetched is taken apart.
fn unseen(source: &str, unpacks: bool) -> (Estimate, Span) {
    if !is_remote(source) {
        return (Estimate::open(unknown!("the build context")), Span::UNKNOWN);
    }
    let open = || Estimate::open(unknown!("the size of a download"));
    let is_packed = !unpacks && packed::is_compressed(name_of(source));
    let size = downloads::at(source).and_then(|download| {
        if unpacks {
            download.held
        } else {
            Some(download.size)
        }
    });
    let size = size.unwrap_or_else(open);
    let share = if is_packed { Share::PACKED } else { Share::ANY };
    let packed = share.of(size.span());
    (size, packed)
}

/// What ADD takes apart.
#[derive(Debug, Clone, Copy, Default)]
struct Unpacks {
    /// Archives of the context.
    files: bool,
    /// Those that it fetches.
    downloads: bool,
}

/// What COPY or ADD writes where nothing is known of the context.
struct Unseen<'s> {
    size: Estimate,
    /// As transferred.
    compressed: Span,
    /// Whether it is more than one file for sure.
    many: bool,
    /// How it is called, where it is one file that is fetched.
    name: Option<&'s str>,
}

impl<'s> Unseen<'s> {
    /// Of some sources and so many bytes in the Dockerfile; `unpacks` as for [`unseen`].
    fn of(sources: impl Iterator<Item = &'s str>, text: usize, unpacks: bool) -> Self {
        let size = written_here(text);
        let mut all = Self {
            compressed: Share::ANY.of(size.span()),
            size,
            many: unpacks,
            name: None,
        };
        for (at, source) in sources.enumerate() {
            all.many |= at > 0 || source.ends_with('/') || matches!(source, "." | "./");
            all.name = is_remote(source).then(|| name_of(source));
            if !source.starts_with("<<") {
                let (size, packed) = unseen(source, unpacks);
                all.size.add(&size);
                all.compressed.add(packed);
            }
        }
        all.name = all.name.filter(|_| !all.many);
        all
    }
}

/// The lists of packages that a RUN finds, by their paths.
struct Lists<'a> {
    /// Where files of the context are mounted: the paths, and what is there.
    mounted: Vec<(String, &'a str)>,
    context: Option<&'a Context>,
    /// Those that steps before have copied.
    copied: Option<Rc<BTreeMap<String, Arc<str>>>>,
}

impl<'a> Lists<'a> {
    fn new(
        mounted: Vec<(String, &'a str)>,
        context: Option<&'a Context>,
        machine: &Machine,
    ) -> Self {
        Self {
            mounted,
            context,
            copied: machine.lists.clone(),
        }
    }

    fn get(&self, path: &str) -> Option<&str> {
        let mut mounted = self.mounted.iter();
        let mounted = mounted.find_map(|(target, source)| {
            let inside = path.strip_prefix(target.trim_end_matches('/'))?;
            let own = match inside.strip_prefix('/') {
                None if inside.is_empty() => (*source).to_owned(),
                None => return None,
                Some(inside) if source.is_empty() => inside.to_owned(),
                Some(inside) => [source, "/", inside].concat(),
            };
            self.context?.lists.get(&own)
        });
        let copied = || self.copied.as_ref()?.get(path);
        mounted.or_else(copied).map(|text| &**text)
    }
}

/// Where a RUN finds files of the context that are mounted: the paths, and what is there.
fn mounted_files<'f>(
    file: &'f Parse,
    instruction: &Instruction,
    workdir: &str,
) -> Vec<(String, &'f str)> {
    let mounts = file.mounts(instruction).iter();
    let own = mounts
        .filter(|mount| mount.kind == MountKind::Bind && option(file, mount, "from").is_none());
    let pairs = own.filter_map(|mount| {
        let target = option(file, mount, "target")?;
        let source = option(file, mount, "source").unwrap_or_default();
        let source = source.trim_start_matches("./").trim_matches('/');
        let source = if source == "." { "" } else { source };
        Some((joined(workdir, target).into_owned(), source))
    });
    pairs.collect()
}

/// The paths of a RUN's mounts.
fn mounted(file: &Parse, instruction: &Instruction, workdir: &str) -> Vec<String> {
    let mounts = file.mounts(instruction).iter();
    let targets = mounts.filter_map(|mount| option(file, mount, "target"));
    targets
        .map(|target| joined(workdir, target).into_owned())
        .collect()
}

/// The value of an option of a mount.
fn option<'f>(file: &'f Parse, mount: &Mount, key: &str) -> Option<&'f str> {
    let value = file.mount_option(mount, key)?.value?;
    Some(file.word(value))
}
