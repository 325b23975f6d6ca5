//! The built page that all forms are made of. `cargo xtask dist` writes it: the files of the page as
//! they are served, and beside them in `parts/` what only some forms need.

use std::borrow::Cow;

use stagecraft_lessons::Guide;

use crate::document::head;
use crate::pack::hashed;
use crate::{Files, Options, Problem};

/// Where the parts are that only some forms need.
const PARTS: &str = "parts/";

/// The app in one piece, for the forms that do not take it in two.
pub(crate) const WHOLE_APP: &str = "parts/app.wasm";

/// How the path of the packed lessons begins, and of what a first visit needs of them.
const LESSONS: &str = "assets/lessons-";
const FIRST_LESSON: &str = "assets/first-lesson-";

/// A built page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    pub(crate) files: Files,
}

/// Where the lessons of the site are, packed.
pub(crate) struct Lessons {
    /// All of them.
    pub(crate) all: String,
    /// What a first visit needs of them.
    pub(crate) first: String,
}

impl Lessons {
    /// The links by which the page finds them. It asks for one of the two when it knows which.
    fn links(&self) -> String {
        let Self { all, first } = self;
        format!(
            "<link rel=\"lessons\" href=\"./{all}\" id=\"lessons\"/>\n<link rel=\"lessons\" href=\"./{first}\" id=\"first-lesson\"/>\n"
        )
    }
}

/// Where the pictures of the site are.
pub(crate) struct Icons {
    /// The icon as SVG.
    pub(crate) svg: String,
    /// The icon for phones, 180 pixels wide.
    pub(crate) touch: String,
    /// The icon as PNG with its width in pixels, and whether all but its middle may be cut off.
    pub(crate) sizes: Vec<(String, u32, bool)>,
    /// The picture for previews, 1200 by 630 pixels.
    pub(crate) card: String,
}

impl Shell {
    /// Takes the files of a built page.
    ///
    /// # Errors
    /// Where they are none.
    pub fn new(files: Files) -> Result<Self, Problem> {
        let shell = Self { files };
        shell.text("index.html")?;
        shell.part("sw.js")?;
        Ok(shell)
    }

    /// The lessons that the page was built with.
    ///
    /// # Errors
    /// Where they are missing or of another version.
    pub fn guide(&self) -> Result<Guide, Problem> {
        let bytes = self
            .files
            .iter()
            .find(|(path, _)| path.starts_with(LESSONS))
            .and_then(|(_, bytes)| Guide::unpack(bytes));
        bytes.ok_or_else(|| Problem("this is no built page: it has no lessons".to_owned()))
    }

    /// This page with the app in one piece, unless these are the lessons that it was built with: it
    /// was cut at what a first visit to those runs.
    pub(crate) fn fitting(&self, lessons: &[u8]) -> Result<Cow<'_, Self>, Problem> {
        let built_with = self.bytes(self.starting(LESSONS)?)?;
        let Ok(rest) = self.named("rest-", ".wasm") else {
            return Ok(Cow::Borrowed(self));
        };
        if built_with == lessons {
            return Ok(Cow::Borrowed(self));
        }
        let mut files = self.files.clone();
        files.remove(rest);
        let link = format!("<link rel=\"rest\" href=\"./{rest}\"/>");
        let html = self.text("index.html")?.replacen(&link, "", 1);
        files.insert("index.html".to_owned(), html.into_bytes());
        let app = self.named("stagecraft-web-", "_bg.wasm")?.to_owned();
        files.insert(app, self.bytes(WHOLE_APP)?.to_vec());
        Ok(Cow::Owned(Self { files }))
    }

    /// What is served, but for the lessons that the page was built with.
    pub(crate) fn files(&self) -> Files {
        self.files
            .iter()
            .filter(|(path, _)| {
                ![PARTS, LESSONS, FIRST_LESSON]
                    .iter()
                    .any(|start| path.starts_with(start))
            })
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect()
    }

    pub(crate) fn bytes(&self, path: &str) -> Result<&[u8], Problem> {
        self.files
            .get(path)
            .map(Vec::as_slice)
            .ok_or_else(|| Problem(format!("this is no built page: {path} is missing")))
    }

    pub(crate) fn text(&self, path: &str) -> Result<&str, Problem> {
        std::str::from_utf8(self.bytes(path)?)
            .map_err(|_| Problem(format!("this is no built page: {path} is no text")))
    }

    /// A part that only some forms need.
    pub(crate) fn part(&self, name: &str) -> Result<&str, Problem> {
        self.text(&format!("{PARTS}{name}"))
    }

    /// The one file at the root that is called so, but for the hash in its name.
    pub(crate) fn named(&self, start: &str, end: &str) -> Result<&str, Problem> {
        self.files
            .keys()
            .find(|path| path.starts_with(start) && path.ends_with(end) && !path.contains('/'))
            .map(String::as_str)
            .ok_or_else(|| Problem(format!("this is no built page: no {start}…{end} is in it")))
    }

    /// The one file whose path begins so.
    pub(crate) fn starting(&self, start: &str) -> Result<&str, Problem> {
        self.files
            .keys()
            .find(|path| path.starts_with(start))
            .map(String::as_str)
            .ok_or_else(|| Problem(format!("this is no built page: no {start}… is in it")))
    }

    /// Puts a part among the served files, under a name that its content gives it.
    pub(crate) fn hashed(
        &self,
        part: &str,
        stem: &str,
        extension: &str,
        files: &mut Files,
    ) -> Result<String, Problem> {
        let bytes = self.bytes(&format!("{PARTS}{part}"))?.to_vec();
        let path = hashed(stem, extension, &bytes);
        files.insert(path.clone(), bytes);
        Ok(path)
    }

    /// Puts the pictures among the served files.
    pub(crate) fn icons(&self, files: &mut Files) -> Result<Icons, Problem> {
        let svg = self.named("icon-", ".svg")?.to_owned();
        let mut png = |name: &str| {
            let part = format!("icons/{name}.png");
            self.hashed(&part, &format!("assets/{name}"), "png", files)
        };
        Ok(Icons {
            svg,
            touch: png("icon-180")?,
            sizes: vec![
                (png("icon-192")?, 192, false),
                (png("icon-512")?, 512, false),
                (png("maskable-512")?, 512, true),
            ],
            card: png("card")?,
        })
    }

    /// The page itself, with what a site adds to it.
    pub(crate) fn index(
        &self,
        lessons: &Lessons,
        icons: &Icons,
        options: &Options,
    ) -> Result<String, Problem> {
        let head = format!(
            "{}<link rel=\"manifest\" href=\"./manifest.webmanifest\"/>
<link rel=\"apple-touch-icon\" href=\"./{}\"/>
<meta name=\"theme-color\" content=\"#fffefb\" media=\"(prefers-color-scheme: light)\"/>
<meta name=\"theme-color\" content=\"#1c1b18\" media=\"(prefers-color-scheme: dark)\"/>
{}",
            lessons.links(),
            icons.touch,
            head(
                "Stagecraft: a Dockerfile playground",
                "Write a Dockerfile and see its problems, its stages and its sizes as you type.",
                "",
                options,
                icons
            )
        );
        let html = before(self.text("index.html")?, "</head>", &head)?;
        before(
            &html,
            "</body>",
            "<noscript><p>The playground needs JavaScript. <a href=\"lessons/\">The lessons</a> and <a href=\"rules/\">the rules</a> can be read without it.</p></noscript>\n",
        )
    }

    /// The page for a frame in somebody else's page.
    pub(crate) fn embed(&self, lessons: &Lessons) -> Result<String, Problem> {
        let head = format!(
            "{}<meta name=\"robots\" content=\"noindex\"/>
",
            lessons.links()
        );
        let html = before(self.text("index.html")?, "</head>", &head)?;
        Ok(html.replacen("<html ", "<html data-embed ", 1))
    }
}

/// `html` with `insert` in front of the first `mark`.
pub(crate) fn before(html: &str, mark: &str, insert: &str) -> Result<String, Problem> {
    let (start, end) = html
        .split_once(mark)
        .ok_or_else(|| Problem(format!("this is no built page: index.html has no {mark}")))?;
    Ok([start, insert, mark, end].concat())
}
