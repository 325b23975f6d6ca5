//! What is on the desk: the files, the choices, and what the engine says of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use stagecraft_engine::graph::StageGraph;
use stagecraft_engine::image::Platform;
use stagecraft_engine::plan::{BuilderKind, Cache, Context, ContextFile, NoCache, Tables, Verdict};
use stagecraft_engine::semantic::Base;
use stagecraft_engine::text::TextSize;
use stagecraft_engine::{Analysis, Memory, Workspace, analyze, analyze_again};
use stagecraft_lessons::{Files, Lesson};
use yew::Reducible;

use crate::exchange::Given;

/// Which file the editor shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenFile {
    /// `Dockerfile`
    Dockerfile,
    /// `.dockerignore`
    Dockerignore,
}

impl OpenFile {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Dockerfile, Self::Dockerignore];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dockerfile => "Dockerfile",
            Self::Dockerignore => ".dockerignore",
        }
    }
}

/// What is on the desk.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// The lesson at hand; `None` for a free desk.
    pub lesson: Option<Rc<Lesson>>,
    /// The files and choices.
    pub workspace: Workspace,
    /// What is to be said of them.
    pub analysis: Rc<Analysis>,
    /// The graph that is shown, and whether it is that of an earlier text, because the one at hand
    /// has no stage.
    pub graph: (Rc<StageGraph>, bool),
    /// Which of the lesson's goals are met.
    pub goals: Vec<bool>,
    /// The cursor's line in the Dockerfile, from 1.
    pub line: u32,
    /// Which file the editor shows.
    pub open: OpenFile,
    /// How often the texts were replaced from outside of the editor.
    pub replaced: u32,
    /// How often a place of the Dockerfile was sought, and the last of them.
    pub sought: (u32, Sought),
    /// The context as the lesson has it.
    given: Option<Arc<Context>>,
    /// What an analysis leaves for the next.
    memory: Rc<RefCell<Memory>>,
    /// What the builds that were asked for have left.
    pub cache: Rc<Cache>,
    /// Whether every step is to run, whatever the cache holds.
    pub no_cache: bool,
    /// Bytes of the image that the lesson starts with, where that is known.
    pub start: Option<u64>,
    /// Under which name drafts are kept, where it is not the lesson's: what came by a link.
    pub slot: Option<String>,
}

/// A place of the Dockerfile that is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Wherever the cursor is.
    Cursor,
    /// An offset.
    Offset(TextSize),
}

impl PartialEq for Desk {
    fn eq(&self, other: &Self) -> bool {
        // An analysis is made anew for every change, so its address says whether anything changed.
        Rc::ptr_eq(&self.analysis, &other.analysis)
            && Rc::ptr_eq(&self.graph.0, &other.graph.0)
            && self.line == other.line
            && self.open == other.open
            && self.replaced == other.replaced
            && self.sought == other.sought
            && Rc::ptr_eq(&self.cache, &other.cache)
            && self.no_cache == other.no_cache
    }
}

/// What changes the desk.
pub(crate) enum Action {
    /// Something was typed.
    Edit(OpenFile, String),
    /// The cursor of the Dockerfile went to another line.
    Cursor(u32),
    /// The editor shows another file.
    Open(OpenFile),
    /// Another stage is to be built; `None` for the last.
    Target(Option<String>),
    /// Another lesson, with the files as they were left.
    Lesson(Option<Rc<Lesson>>, Files),
    /// What was handed in takes the place of all that is there.
    Given(Option<Rc<Lesson>>, Box<Given>),
    /// Other files for the same lesson, and their target: its start, its solution, an example of
    /// its text. The first file that changes is shown.
    Replace(Files),
    /// The editor is to show a place of the Dockerfile and take the focus.
    Seek(Sought),
    /// The tables of packages have been fetched.
    Tables(Tables),
    /// A build: what it makes is in the cache from now on.
    Build,
    /// The context changes.
    Context(ContextEdit),
    /// Another build is asked for.
    Option(BuildOption),
    /// A base image, by the name that FROM has for it, has so many bytes; `None` takes that back.
    Base(String, Option<u64>),
}

/// What a build is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildOption {
    /// `--build-arg NAME=VALUE`; without a value the default.
    Argument(String, Option<String>),
    /// `--platform`
    Platform(String),
    /// `--no-cache`
    NoCache(bool),
    /// `DOCKER_BUILDKIT`
    Builder(BuilderKind),
}

/// What is done to the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ContextEdit {
    /// A file gets another content.
    Touch(String),
    /// A file goes.
    Remove(String),
    /// A file comes, or its content is another.
    Add(String),
    /// All is as the lesson has it.
    Restore,
}

/// What a new file of the context weighs, in bytes.
const NEW_FILE: u64 = 1_000;

impl Desk {
    /// A desk with these files.
    pub(crate) fn new(lesson: Option<Rc<Lesson>>, files: Files) -> Self {
        let workspace = workspace(lesson.as_deref(), files);
        let given = workspace.context.clone();
        let analysis = Rc::new(analyze(&workspace));
        let goals = goals(lesson.as_deref(), &workspace, &analysis);
        let graph = Rc::new(analysis.graph.clone());
        Self {
            lesson,
            workspace,
            analysis,
            graph: (graph, false),
            goals,
            line: 1,
            open: OpenFile::Dockerfile,
            replaced: 0,
            sought: (0, Sought::Cursor),
            given,
            memory: Rc::default(),
            cache: Rc::default(),
            no_cache: false,
            start: None,
            slot: None,
        }
        .weighed()
    }

    /// In the place of another desk, of which the page's own knowledge stays.
    fn after(mut self, before: &Self) -> Self {
        self.replaced = before.replaced + 1;
        self.sought = before.sought;
        self.workspace.tables = before.workspace.tables.clone();
        // What is said of an image now counts for more than what was said of it before.
        let told = std::mem::replace(&mut self.workspace.bases, before.workspace.bases.clone());
        self.workspace.bases.extend(told);
        self.analyze();
        self.weighed()
    }

    /// With the weight of the lesson's start, by which edits are measured.
    fn weighed(mut self) -> Self {
        self.start = self.lesson.as_deref().and_then(|lesson| {
            let start = analyze(&Workspace {
                tables: self.workspace.tables.clone(),
                bases: self.workspace.bases.clone(),
                ..lesson.workspace(&lesson.start)
            });
            let image = start.plan.image(start.model.target()?)?;
            image.total.likely
        });
        self
    }

    /// A desk with what was handed in.
    pub(crate) fn with(lesson: Option<Rc<Lesson>>, given: Given) -> Self {
        let mut desk = Self::new(lesson, given.files);
        let workspace = &mut desk.workspace;
        if let Some(context) = given.context {
            // Files are known by their sizes; what the lesson's say is as it was.
            let lists = workspace.context.as_ref().map(|own| own.lists.clone());
            let lists = lists.unwrap_or_default();
            workspace.context = Some(Arc::new(Context { lists, ..context }));
        }
        workspace.options.target = given.target;
        workspace.options.build_args = given.build_args;
        let platform = given.platform.as_deref().map(Platform::parse);
        if let Some(Ok(platform)) = platform {
            workspace.options.platform = platform;
        }
        workspace.bases = given.bases;
        desk.no_cache = given.no_cache;
        desk.slot = given.slot;
        desk.analyze();
        desk.weighed()
    }

    /// The base images of these files whose size was told, with it.
    pub(crate) fn told_bases(&self) -> impl Iterator<Item = (&str, u64)> {
        let stages = self.analysis.model.stages();
        let is_used = |name: &str| {
            let mut bases = stages.iter().map(|stage| &stage.base);
            bases.any(|base| matches!(base, Base::Image(image) if **image == *name))
        };
        let told = self.workspace.bases.iter();
        told.map(|(name, bytes)| (name.as_str(), *bytes))
            .filter(move |(name, _)| is_used(name))
    }

    /// The files as they are.
    pub(crate) fn files(&self) -> Files {
        Files {
            dockerfile: self.workspace.dockerfile.to_string(),
            dockerignore: self.workspace.dockerignore.as_deref().map(str::to_owned),
        }
    }

    /// The text of a file; empty where there is none.
    pub(crate) fn text(&self, file: OpenFile) -> &str {
        match file {
            OpenFile::Dockerfile => &self.workspace.dockerfile,
            OpenFile::Dockerignore => self.workspace.dockerignore.as_deref().unwrap_or_default(),
        }
    }

    /// Whether somebody has changed the context.
    pub(crate) fn is_context_changed(&self) -> bool {
        match (&self.workspace.context, &self.given) {
            // Mostly it is the very same.
            (Some(own), Some(given)) => !Arc::ptr_eq(own, given) && own != given,
            (own, given) => own.is_some() || given.is_some(),
        }
    }

    fn change_context(&mut self, edit: ContextEdit) {
        if edit == ContextEdit::Restore {
            self.workspace.context = self.given.clone();
            return;
        }
        let context = self.workspace.context.get_or_insert_default();
        let files = &mut Arc::make_mut(context).files;
        match edit {
            ContextEdit::Touch(path) => {
                for file in files.iter_mut().filter(|file| file.path == path) {
                    file.content = file.content.wrapping_add(1);
                }
            }
            ContextEdit::Remove(path) => files.retain(|file| file.path != path),
            ContextEdit::Add(path) => {
                if let Some(file) = files.iter_mut().find(|file| file.path == path) {
                    file.content = file.content.wrapping_add(1);
                } else {
                    let place = files.iter().position(|file| file.path > path);
                    let file = ContextFile {
                        path,
                        size: NEW_FILE,
                        count: 1,
                        content: 1,
                        mode: 0,
                    };
                    files.insert(place.unwrap_or(files.len()), file);
                }
            }
            ContextEdit::Restore => {}
        }
    }

    /// What becomes of each step now.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let no_cache = if self.no_cache {
            NoCache::All
        } else {
            NoCache::Nothing
        };
        let context = self.workspace.context.as_deref();
        self.analysis.verdicts(&self.cache, context, &no_cache)
    }

    fn analyze(&mut self) {
        let analysis = analyze_again(&self.workspace, &mut self.memory.borrow_mut());
        // Half a FROM is no reason to lose the picture.
        if !analysis.graph.nodes.is_empty() || analysis.file.source().trim().is_empty() {
            self.graph = (Rc::new(analysis.graph.clone()), false);
        } else {
            self.graph.1 = true;
        }
        self.goals = goals(self.lesson.as_deref(), &self.workspace, &analysis);
        self.analysis = Rc::new(analysis);
    }
}

fn goals(lesson: Option<&Lesson>, workspace: &Workspace, analysis: &Analysis) -> Vec<bool> {
    lesson.map_or_else(Vec::new, |lesson| lesson.goals_met(workspace, analysis))
}

/// The files with what the lesson tells of its surroundings.
fn workspace(lesson: Option<&Lesson>, files: Files) -> Workspace {
    match lesson {
        Some(lesson) => lesson.workspace(&files),
        None => Workspace {
            dockerfile: files.dockerfile.into(),
            dockerignore: files.dockerignore.map(Arc::from),
            ..Workspace::default()
        },
    }
}

impl Reducible for Desk {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Action::Edit(file, text) => {
                if self.text(file) == text {
                    return self;
                }
                match file {
                    OpenFile::Dockerfile => next.workspace.dockerfile = text.into(),
                    // An empty file is as good as none.
                    OpenFile::Dockerignore => {
                        let text = Some(text).filter(|text| !text.is_empty());
                        next.workspace.dockerignore = text.map(Arc::from);
                    }
                }
                next.analyze();
            }
            Action::Cursor(line) if line == self.line => return self,
            Action::Cursor(line) => next.line = line,
            Action::Open(file) => next.open = file,
            Action::Target(target) => {
                next.workspace.options.target = target;
                next.analyze();
            }
            // Nothing is lost by coming back from somewhere else.
            Action::Lesson(lesson, _) if lesson == self.lesson && self.slot.is_none() => {
                return self;
            }
            Action::Given(lesson, given) => next = Self::with(lesson, *given).after(&self),
            Action::Lesson(lesson, files) => next = Self::new(lesson, files).after(&self),
            Action::Replace(files) => {
                next.workspace = Workspace {
                    // What a person did to the context is not undone by another text.
                    context: self.workspace.context.clone(),
                    tables: self.workspace.tables.clone(),
                    bases: self.workspace.bases.clone(),
                    ..workspace(self.lesson.as_deref(), files)
                };
                let options = self.workspace.options.clone();
                next.workspace.options.build_args = options.build_args;
                next.workspace.options.platform = options.platform;
                next.replaced += 1;
                let mut changed = OpenFile::ALL
                    .iter()
                    .filter(|file| next.text(**file) != self.text(**file));
                next.open = changed.next().copied().unwrap_or(self.open);
                next.analyze();
            }
            Action::Tables(tables) => {
                next.workspace.tables = tables;
                next.analyze();
                next = next.weighed();
            }
            Action::Base(name, bytes) => {
                let bases = &mut next.workspace.bases;
                match bytes {
                    Some(bytes) => bases.insert(name, bytes),
                    None => bases.remove(&name),
                };
                next.analyze();
                next = next.weighed();
            }
            Action::Build => {
                let mut cache = (*self.cache).clone();
                self.analysis
                    .remember(&mut cache, self.workspace.context.as_deref());
                next.cache = Rc::new(cache);
            }
            Action::Option(BuildOption::NoCache(no_cache)) => next.no_cache = no_cache,
            Action::Option(BuildOption::Argument(name, value)) => {
                let given = &mut next.workspace.options.build_args;
                match value {
                    Some(value) => given.insert(name, value),
                    None => given.remove(&name),
                };
                next.analyze();
            }
            Action::Option(BuildOption::Platform(name)) => {
                if let Ok(platform) = Platform::parse(&name) {
                    next.workspace.options.platform = platform;
                    next.analyze();
                }
            }
            Action::Option(BuildOption::Builder(builder)) => {
                next.workspace.builder = builder;
                next.analyze();
            }
            Action::Context(edit) => {
                next.change_context(edit);
                next.analyze();
            }
            Action::Seek(place) => {
                next.open = OpenFile::Dockerfile;
                next.sought = (self.sought.0 + 1, place);
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_engine::plan::{Cause, Change, Verdict};

    use super::*;

    fn desk(dockerfile: &str) -> Rc<Desk> {
        let files = Files {
            dockerfile: dockerfile.to_owned(),
            dockerignore: None,
        };
        Rc::new(Desk::new(None, files))
    }

    #[test]
    fn the_picture_stays_while_the_text_has_no_stage() {
        let first = desk("FROM a AS x\n");
        let broken = first.reduce(Action::Edit(
            OpenFile::Dockerfile,
            "FRO a AS x\n".to_owned(),
        ));
        assert_eq!(broken.graph.0.nodes.len(), 2);
        assert!(broken.graph.1);
        let mended = broken.reduce(Action::Edit(OpenFile::Dockerfile, "FROM b\n".to_owned()));
        assert!(!mended.graph.1);
    }

    #[test]
    fn an_empty_text_has_an_empty_picture() {
        let emptied = desk("FROM a\n").reduce(Action::Edit(OpenFile::Dockerfile, String::new()));
        assert!(emptied.graph.0.nodes.is_empty());
        assert!(!emptied.graph.1);
    }

    #[test]
    fn typing_what_is_there_changes_nothing() {
        let first = desk("FROM a\n");
        let same =
            Rc::clone(&first).reduce(Action::Edit(OpenFile::Dockerfile, "FROM a\n".to_owned()));
        assert!(Rc::ptr_eq(&first, &same));
    }

    #[test]
    fn tables_that_were_fetched_stay() {
        let files = Files {
            dockerfile: "FROM debian:bookworm-slim\nRUN apt-get install -y git\n".to_owned(),
            dockerignore: None,
        };
        let size = |desk: &Desk| desk.analysis.plan.steps[1].size.likely;
        let empty =
            Rc::new(Desk::new(None, files.clone())).reduce(Action::Tables(Tables::read(&[])));
        assert_eq!(size(&empty), None);
        let replaced = Rc::clone(&empty).reduce(Action::Replace(files));
        assert_eq!(size(&replaced), None);
    }

    #[test]
    fn the_size_of_a_base_that_was_typed_stays() {
        let files = Files {
            dockerfile: "FROM registry.example/base\n".to_owned(),
            dockerignore: None,
        };
        let total = |desk: &Desk| desk.analysis.plan.images[0].total.likely;
        let desk = Rc::new(Desk::new(None, files.clone()));
        assert_eq!(total(&desk), None);
        let name = "registry.example/base".to_owned();
        let typed = desk.reduce(Action::Base(name.clone(), Some(7_000_000)));
        assert_eq!(total(&typed), Some(7_000_000));
        let replaced = typed.reduce(Action::Replace(files));
        assert_eq!(total(&replaced), Some(7_000_000));
        assert_eq!(total(&replaced.reduce(Action::Base(name, None))), None);
    }

    #[test]
    fn what_is_replaced_is_shown() {
        let files = |dockerfile: &str, dockerignore: &str| Files {
            dockerfile: dockerfile.to_owned(),
            dockerignore: Some(dockerignore.to_owned()),
        };
        let first = Rc::new(Desk::new(None, files("FROM a\n", "x\n")));
        let ignore = Rc::clone(&first).reduce(Action::Replace(files("FROM a\n", "y\n")));
        assert_eq!(ignore.open, OpenFile::Dockerignore);
        let same = Rc::clone(&ignore).reduce(Action::Replace(files("FROM a\n", "y\n")));
        assert_eq!(same.open, OpenFile::Dockerignore);
        let both = ignore.reduce(Action::Replace(files("FROM b\n", "x\n")));
        assert_eq!(both.open, OpenFile::Dockerfile);
    }

    #[test]
    fn what_was_built_is_in_the_cache_until_it_changes() {
        let first = desk("FROM a\nRUN x\nRUN y\n");
        let verdicts = |desk: &Desk| desk.verdicts();
        assert!(matches!(verdicts(&first)[1], Verdict::Runs(Cause::First)));
        let built = first.reduce(Action::Build);
        assert_eq!(verdicts(&built)[1..], [Verdict::Cached, Verdict::Cached]);
        let edited = built.reduce(Action::Edit(
            OpenFile::Dockerfile,
            "FROM a\nRUN x\nRUN z\n".to_owned(),
        ));
        assert_eq!(
            verdicts(&edited)[1..],
            [Verdict::Cached, Verdict::Runs(Cause::Instruction)]
        );
    }

    #[test]
    fn an_argument_that_is_given_says_why_a_step_runs() {
        let built = desk("FROM a\nARG V=1\nRUN x\n").reduce(Action::Build);
        let give = |value: &str| {
            let given = Some(value.to_owned()).filter(|value| !value.is_empty());
            Action::Option(BuildOption::Argument("V".to_owned(), given))
        };
        let other = Rc::clone(&built).reduce(give("2"));
        let verdict = &other.verdicts()[2];
        assert!(
            matches!(verdict, Verdict::Runs(Cause::Variable(name, Change::Content, Some(_))) if name == "V"),
            "{verdict:?}"
        );
        let same = other.reduce(give(""));
        assert_eq!(same.verdicts()[2], Verdict::Cached);
        let forced = same.reduce(Action::Option(BuildOption::NoCache(true)));
        assert_eq!(forced.verdicts()[2], Verdict::Runs(Cause::NoCache));
    }

    #[test]
    fn the_builder_before_buildkit_plans_and_refuses_as_it_does() {
        let first = desk(
            "FROM a\nVOLUME /data\nRUN dd if=/dev/zero of=/data/x bs=1000 count=5\nRUN --mount=type=cache,target=/c x\n",
        );
        let written = |desk: &Desk| desk.analysis.plan.steps[2].size.likely;
        assert_eq!(written(&first), Some(5_000));
        let old = first.reduce(Action::Option(BuildOption::Builder(BuilderKind::Legacy)));
        assert_eq!(written(&old), Some(0));
        let refused = |desk: &Desk| {
            let mut findings = desk.analysis.findings.iter();
            findings.any(|it| {
                it.message
                    .contains("unknown to the builder before BuildKit")
            })
        };
        assert!(refused(&old));
        let new = old.reduce(Action::Option(BuildOption::Builder(BuilderKind::Buildkit)));
        assert!(!refused(&new));
        assert_eq!(written(&new), Some(5_000));
    }

    #[test]
    fn files_of_the_context_come_and_go_and_come_back() {
        let first = desk("FROM a\nCOPY . /\n");
        let paths = |desk: &Desk| {
            let files = desk.workspace.context.as_deref();
            let files = files.into_iter().flat_map(|it| &it.files);
            files.map(|file| file.path.clone()).collect::<Vec<_>>()
        };
        let add = |desk: Rc<Desk>, path: &str| {
            desk.reduce(Action::Context(ContextEdit::Add(path.to_owned())))
        };
        let two = add(add(first, "b"), "a");
        assert_eq!(paths(&two), ["a", "b"]);
        assert!(two.is_context_changed());
        let again = add(Rc::clone(&two), "a");
        assert_eq!(paths(&again), ["a", "b"]);
        let one = again.reduce(Action::Context(ContextEdit::Remove("a".to_owned())));
        assert_eq!(paths(&one), ["b"]);
        let none = one.reduce(Action::Context(ContextEdit::Restore));
        assert!(!none.is_context_changed());
    }

    #[test]
    fn a_sought_place_opens_the_dockerfile() {
        let ignore = desk("FROM a\n").reduce(Action::Open(OpenFile::Dockerignore));
        let sought = ignore.reduce(Action::Seek(Sought::Cursor));
        assert_eq!(sought.open, OpenFile::Dockerfile);
        assert_eq!(sought.sought.0, 1);
    }

    #[test]
    fn what_was_handed_in_is_kept_apart_from_a_lesson_until_one_is_opened() {
        let given = Given {
            files: Files {
                dockerfile: "FROM a AS x\n".to_owned(),
                dockerignore: None,
            },
            target: Some("x".to_owned()),
            platform: Some("linux/arm64".to_owned()),
            slot: Some("@1".to_owned()),
            ..Given::default()
        };
        let shown = desk("FROM b\n").reduce(Action::Given(None, Box::new(given)));
        assert_eq!(shown.text(OpenFile::Dockerfile), "FROM a AS x\n");
        assert_eq!(shown.workspace.options.target.as_deref(), Some("x"));
        assert_eq!(shown.workspace.options.platform.to_string(), "linux/arm64");
        assert_eq!((shown.slot.as_deref(), shown.replaced), (Some("@1"), 1));
        let back = shown.reduce(Action::Lesson(None, Files::default()));
        assert_eq!(
            (back.slot.as_deref(), back.text(OpenFile::Dockerfile)),
            (None, "")
        );
    }

    #[test]
    fn what_was_told_of_a_base_is_handed_in_and_on() {
        let files = |name: &str| Files {
            dockerfile: format!("FROM {name}\n"),
            dockerignore: None,
        };
        let given = Given {
            files: files("registry.example/base"),
            no_cache: true,
            bases: [("registry.example/base".to_owned(), 7_000_000)].into(),
            ..Given::default()
        };
        let typed = Action::Base("registry.example/other".to_owned(), Some(1));
        let shown = desk("FROM registry.example/other\n")
            .reduce(typed)
            .reduce(Action::Given(None, Box::new(given)));
        assert!(shown.no_cache);
        assert_eq!(shown.analysis.plan.images[0].total.likely, Some(7_000_000));
        let told = |desk: &Desk| desk.told_bases().map(|(_, size)| size).collect::<Vec<_>>();
        assert_eq!(told(&shown), [7_000_000]);
        let other = shown.reduce(Action::Replace(files("registry.example/other")));
        assert_eq!(told(&other), [1], "what a person typed is not forgotten");
        let empty = other.reduce(Action::Replace(files("scratch")));
        assert!(told(&empty).is_empty());
    }

    #[test]
    fn an_emptied_dockerignore_is_none() {
        let with = desk("FROM a\n").reduce(Action::Edit(OpenFile::Dockerignore, "x\n".to_owned()));
        assert_eq!(with.files().dockerignore.as_deref(), Some("x\n"));
        let without = with.reduce(Action::Edit(OpenFile::Dockerignore, String::new()));
        assert_eq!(without.files().dockerignore, None);
    }
}
