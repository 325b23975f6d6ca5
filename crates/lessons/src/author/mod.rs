//! From a folder of lessons to a [`Guide`], with every mistake named by file and line.
//!
//! ```text
//! guide/
//!   guide.toml                  the title, and the lessons in order
//!   first-image/
//!     index.md                  front matter between lines of `+++`, then Markdown
//!     start/Dockerfile          what the editor starts with; `.dockerignore` beside it
//!     solution/Dockerfile       one way to meet all goals
//!     accepted/*.Dockerfile     other ways
//!     rejected/*.Dockerfile     attempts that miss a goal
//!     context/…                 files of the build context
//! ```
//!
//! Reads nothing itself: whoever calls hands in the files (see [`Folder`]), so that the same
//! code serves the command, the tests and a page.

mod front;
mod markdown;
mod sizes;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use stagecraft_engine::syntax;

use crate::guide::Goal;
use crate::guide::{Block, ContextFile, Files, Guide, Inline, Lesson, Link, Part, Source, Told};

/// Files by path, `/` between the parts.
pub type Folder = BTreeMap<String, String>;

/// A mistake of an author.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// A lesson with the attempts that prove its goals.
#[derive(Debug, Clone, PartialEq)]
pub struct Authored {
    /// The guide.
    pub guide: Guide,
    /// For each lesson by its name: attempts that meet all goals, and attempts that do not.
    pub attempts: BTreeMap<String, Attempts>,
}

/// Attempts at a lesson: `(path, files)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attempts {
    /// These meet all goals.
    pub accepted: Vec<(String, Files)>,
    /// These miss at least one.
    pub rejected: Vec<(String, Files)>,
}

/// Words that a lesson may have; more is not read.
const MOST_WORDS: usize = 420;

/// Reads a folder of lessons.
///
/// # Errors
/// Every mistake in it, in order of file and line.
pub fn read(folder: &Folder) -> Result<Authored, Vec<Mistake>> {
    let mut reader = Reader {
        folder,
        mistakes: Vec::new(),
    };
    let (guide, attempts) = reader.guide();
    reader.check_links(&guide);
    if reader.mistakes.is_empty() {
        return Ok(Authored { guide, attempts });
    }
    reader.mistakes.sort();
    reader.mistakes.dedup();
    Err(reader.mistakes)
}

struct Reader<'a> {
    folder: &'a Folder,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn mistake(&mut self, file: &str, line: u32, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            file: file.to_owned(),
            line,
            message: message.into(),
        });
    }

    fn guide(&mut self) -> (Guide, BTreeMap<String, Attempts>) {
        let mut attempts = BTreeMap::new();
        let Some(text) = self.folder.get("guide.toml") else {
            self.mistake(
                "guide.toml",
                0,
                "this file names the lessons and is missing",
            );
            return (Guide::default(), attempts);
        };
        let order: front::Order = match toml::from_str(text) {
            Ok(order) => order,
            Err(error) => {
                let line = line_of(text, error.span().map_or(0, |span| span.start));
                self.mistake("guide.toml", line, error.message());
                return (Guide::default(), attempts);
            }
        };
        let mut named = BTreeSet::new();
        let mut parts = Vec::new();
        for part in order.part {
            let mut lessons = Vec::new();
            for slug in part.lessons {
                if !is_slug(&slug) {
                    let message = format!(
                        "`{slug}` is no name for a lesson: use small letters, digits and dashes"
                    );
                    self.mistake("guide.toml", 0, message);
                }
                if !named.insert(slug.clone()) {
                    self.mistake(
                        "guide.toml",
                        0,
                        format!("the lesson `{slug}` is named twice"),
                    );
                    continue;
                }
                if let Some((lesson, tries)) = self.lesson(&slug) {
                    attempts.insert(slug, tries);
                    lessons.push(lesson);
                }
            }
            parts.push(Part {
                title: part.title,
                lessons,
            });
        }
        let unnamed: BTreeSet<&str> = self
            .folder
            .keys()
            .filter_map(|path| path.split_once('/'))
            .map(|(slug, _)| slug)
            .filter(|slug| *slug != "rules" && !named.contains(*slug))
            .collect();
        for slug in unnamed {
            self.mistake(
                "guide.toml",
                0,
                format!("the folder `{slug}` is not named here"),
            );
        }
        (
            Guide {
                title: order.title,
                parts,
            },
            attempts,
        )
    }

    fn lesson(&mut self, slug: &str) -> Option<(Lesson, Attempts)> {
        let path = format!("{slug}/index.md");
        let Some(text) = self.folder.get(&path) else {
            self.mistake(&path, 0, "this file is missing");
            return None;
        };
        let (front, body, first_line) = match front::split(text) {
            Ok(split) => split,
            Err(message) => {
                self.mistake(&path, 1, message);
                return None;
            }
        };
        let front: front::Front = match toml::from_str(front) {
            Ok(front) => front,
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                self.mistake(&path, line_of(front, start) + 1, error.message());
                return None;
            }
        };
        let (blocks, wrong) = markdown::blocks(body);
        for (line, message) in wrong {
            self.mistake(&path, line + first_line - 1, message);
        }
        let words = markdown::words(&blocks);
        if words > MOST_WORDS {
            let message = format!("{words} words are more than the {MOST_WORDS} that are read");
            self.mistake(&path, 0, message);
        }
        self.check_dockerfiles(&path, &blocks);
        let start = self.files(slug, "start")?;
        let solution = self.files(slug, "solution")?;
        let hints = self.hints(&path, &front);
        let goals = front
            .goal
            .into_iter()
            .map(|goal| Goal {
                say: goal.say,
                check: goal.check,
            })
            .collect::<Vec<_>>();
        if goals.is_empty() {
            self.mistake(&path, 0, "a lesson needs a goal");
        }
        let lesson = Lesson {
            slug: slug.to_owned(),
            title: front.title,
            summary: front.summary,
            minutes: front.minutes,
            context: self.context(slug, &path, front.context),
            start,
            solution,
            target: front.target,
            told: front
                .told
                .into_iter()
                .map(|told| Told {
                    path: told.path,
                    step: told.step,
                    size: told.size.0,
                    because: told.because,
                })
                .collect(),
            goals,
            hints,
            body: blocks,
            sources: front
                .source
                .into_iter()
                .map(|source| Source {
                    title: source.title,
                    url: source.url,
                })
                .collect(),
        };
        let attempts = Attempts {
            accepted: self.attempts(slug, "accepted", &lesson.start),
            rejected: self.attempts(slug, "rejected", &lesson.start),
        };
        if attempts.accepted.len() < 2 || attempts.rejected.len() < 2 {
            self.mistake(
                &path,
                0,
                "a lesson needs at least two accepted and two rejected attempts that prove its goals",
            );
        }
        Some((lesson, attempts))
    }

    fn files(&mut self, slug: &str, folder: &str) -> Option<Files> {
        let path = format!("{slug}/{folder}/Dockerfile");
        let Some(dockerfile) = self.folder.get(&path) else {
            self.mistake(&path, 0, "this file is missing");
            return None;
        };
        Some(Files {
            dockerfile: dockerfile.clone(),
            dockerignore: self
                .folder
                .get(&format!("{slug}/{folder}/.dockerignore"))
                .cloned(),
        })
    }

    /// `NAME.Dockerfile` with `NAME.dockerignore` beside it; without one, that of the start.
    fn attempts(&self, slug: &str, folder: &str, start: &Files) -> Vec<(String, Files)> {
        let prefix = format!("{slug}/{folder}/");
        self.folder
            .iter()
            .filter_map(|(path, text)| {
                let name = path.strip_prefix(&prefix)?.strip_suffix(".Dockerfile")?;
                let ignore = self.folder.get(&format!("{prefix}{name}.dockerignore"));
                let files = Files {
                    dockerfile: text.clone(),
                    dockerignore: ignore.or(start.dockerignore.as_ref()).cloned(),
                };
                Some((path.clone(), files))
            })
            .collect()
    }

    fn context(&mut self, slug: &str, path: &str, more: Vec<front::Context>) -> Vec<ContextFile> {
        let prefix = format!("{slug}/context/");
        let mut list: Vec<ContextFile> = self
            .folder
            .iter()
            .filter_map(|(path, text)| {
                Some(ContextFile {
                    path: path.strip_prefix(&prefix)?.to_owned(),
                    text: Some(text.clone()),
                    size: text.len() as u64,
                    count: 1,
                })
            })
            .collect();
        for file in more {
            let count = file.files.unwrap_or(1);
            if count > 1 && !file.path.ends_with('/') {
                let message = format!(
                    "`{}` stands for {count} files and must end in `/`",
                    file.path
                );
                self.mistake(path, 0, message);
            }
            list.push(ContextFile {
                path: file.path,
                text: None,
                size: file.size.0,
                count,
            });
        }
        list
    }

    fn hints(&mut self, path: &str, front: &front::Front) -> Vec<Vec<Inline>> {
        if front.hints.len() < 3 {
            let message = "a lesson needs three hints, from a nudge to the answer";
            self.mistake(path, 0, message);
        }
        let mut hints = Vec::new();
        for hint in &front.hints {
            match markdown::blocks(hint).0.as_slice() {
                [Block::Paragraph(inlines)] => hints.push(inlines.clone()),
                _ => self.mistake(path, 0, format!("this hint is not one paragraph: {hint}")),
            }
        }
        hints
    }

    fn check_dockerfiles(&mut self, path: &str, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Dockerfile { text, live: true } => {
                    if let Some(error) = syntax::parse(text).stopping_error() {
                        let message =
                            format!("a live Dockerfile of the text cannot be built: {error}");
                        self.mistake(path, 0, message);
                    }
                }
                Block::List { items, .. } => {
                    for item in items {
                        self.check_dockerfiles(path, item);
                    }
                }
                Block::Callout(_, inner) => self.check_dockerfiles(path, inner),
                _ => {}
            }
        }
    }

    fn check_links(&mut self, guide: &Guide) {
        for lesson in guide.lessons() {
            let file = format!("{}/index.md", lesson.slug);
            for link in markdown::links(&lesson.body) {
                if let Link::Lesson(slug) = link
                    && guide.lesson(slug).is_none()
                {
                    self.mistake(&file, 0, format!("there is no lesson `{slug}`"));
                }
            }
            for source in &lesson.sources {
                if !source.url.starts_with("https://") {
                    self.mistake(&file, 0, format!("`{}` is no https address", source.url));
                }
            }
        }
    }
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.get(..offset).unwrap_or(text);
    u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
}
