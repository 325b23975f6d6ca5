//! The values that lessons are.

use serde::{Deserialize, Serialize};

use crate::check::Check;

/// All lessons, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Guide {
    /// Its name.
    pub title: String,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// Some lessons that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub title: String,
    /// Its lessons.
    pub lessons: Vec<Lesson>,
}

/// A lesson.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Lesson {
    /// Its name in addresses: small letters, digits and dashes.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// About how long it takes.
    pub minutes: u8,
    /// What the editor starts with.
    pub start: Files,
    /// One way to meet all goals.
    pub solution: Files,
    /// The build context.
    pub context: Vec<ContextFile>,
    /// The target that is chosen at the start.
    pub target: Option<String>,
    /// Sizes that only the lesson knows.
    pub told: Vec<Told>,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// Help, from a nudge to the answer.
    pub hints: Vec<Vec<Inline>>,
    /// The text.
    pub body: Vec<Block>,
    /// Where more is to be found.
    pub sources: Vec<Source>,
}

/// The files that a reader edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Files {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The `.dockerignore`, if there is one.
    pub dockerignore: Option<String>,
}

/// A file, or many alike, of the build context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFile {
    /// Its path; a folder ends in `/` and stands for `count` files in it.
    pub path: String,
    /// Its text, if it has one.
    pub text: Option<String>,
    /// Its size in bytes, all files of a folder together.
    pub size: u64,
    /// How many files it stands for.
    pub count: u32,
}

/// The size of something that a command makes, as the lesson knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What is made: an absolute path in the image.
    pub path: String,
    /// The instruction that makes it contains this.
    pub step: String,
    /// Its size in bytes.
    pub size: u64,
    /// How the author knows.
    pub because: String,
}

/// Something to be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// In words.
    pub say: String,
    /// How it is told.
    pub check: Check,
}

/// Where more is to be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A heading, of level 2 or 3.
    Heading(u8, Vec<Inline>),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List {
        /// Whether it is numbered.
        ordered: bool,
        /// What is listed.
        items: Vec<ListItem>,
    },
    /// A Dockerfile to look at.
    Dockerfile {
        /// Its text.
        text: String,
        /// Whether it can be put into the editor.
        live: bool,
    },
    /// Any other text in fixed width.
    Code {
        /// What language it is in, if that is said.
        language: String,
        /// The text.
        text: String,
    },
    /// Commands of Docker with the answers that the model computes.
    Docker(Vec<DockerCommand>),
    /// A remark.
    Callout(CalloutKind, Vec<Block>),
    /// A table.
    Table {
        /// Its head.
        head: Vec<Vec<Inline>>,
        /// Its rows.
        rows: Vec<Vec<Vec<Inline>>>,
    },
}

/// An item of a list.
pub type ListItem = Vec<Block>;

/// What kind of remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CalloutKind {
    /// Worth knowing.
    Note,
    /// Worth trying.
    Tip,
    /// Often done wrong, or said wrong elsewhere.
    Warning,
}

/// A command of Docker whose answer is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DockerCommand {
    /// `docker build …`: the steps, as `--progress=plain` shows them.
    Build {
        /// As written.
        line: String,
        /// `--target`
        target: Option<String>,
        /// `-t`
        tag: Option<String>,
    },
    /// `docker images`: a row for each image that was built above it in the same block.
    Images(String),
    /// `docker history NAME`
    History {
        /// As written.
        line: String,
        /// Of which image.
        name: String,
    },
    /// A command without a computed answer, such as `docker run`.
    Other(String),
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Text in fixed width.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// A link.
    Link(Link, Vec<Inline>),
    /// A line end.
    Break,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// To another lesson.
    Lesson(String),
    /// To the page of a rule.
    Rule(String),
    /// To another site.
    Web(String),
}

impl Lesson {
    /// Whether it is more than a name (see [`Guide::beginning`]): every lesson starts with a Dockerfile.
    pub fn is_whole(&self) -> bool {
        !self.start.dockerfile.is_empty()
    }
}

impl Guide {
    /// The lessons in order.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.parts.iter().flat_map(|part| &part.lessons)
    }

    /// The lesson of that name.
    pub fn lesson(&self, slug: &str) -> Option<&Lesson> {
        self.lessons().find(|lesson| lesson.slug == slug)
    }

    /// What a first visit shows: the first lesson whole, and the names of the others.
    #[must_use]
    pub fn beginning(&self) -> Self {
        let mut guide = self.clone();
        let lessons = guide.parts.iter_mut().flat_map(|part| &mut part.lessons);
        for lesson in lessons.skip(1) {
            *lesson = Lesson {
                slug: std::mem::take(&mut lesson.slug),
                title: std::mem::take(&mut lesson.title),
                ..Lesson::default()
            };
        }
        guide
    }

    /// The guide as bytes, for [`Guide::unpack`].
    pub fn pack(&self) -> Vec<u8> {
        // Writing to memory fails for values that cannot tell their length; there are none.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Reads what [`Guide::pack`] wrote; `None` for any other bytes.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// Text without marks, for titles and for readers without eyes.
pub fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link(_, inner) => {
                out.push_str(&plain(inner));
            }
            Inline::Break => out.push(' '),
        }
    }
    out
}
