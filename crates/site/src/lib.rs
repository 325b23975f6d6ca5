//! The forms in which the playground is handed out, made of a built page and a guide: a folder for
//! any static host ([`site`]), the same in an archive ([`archive`]), and one HTML file that opens by
//! double click ([`single`]). Files in, files out; nothing here touches a disk.
//!
//! A built page (`cargo xtask dist` makes it) knows no lessons. So whoever has one can make all
//! forms from a folder of lessons, without a compiler and without Node.js.

mod document;
mod guide;
mod html;
mod pack;
mod rules;
mod shell;
mod single;
mod worker;

use std::collections::BTreeMap;
use std::fmt;

use stagecraft_lessons::Guide;

pub use pack::{archive, compressed, gzipped, unpacked};
pub use shell::Shell;
pub use single::single;

/// Files by their path below the root, with `/` between folders.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What somebody wants to know besides the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Where the site will be, such as `https://example.org/docker/`. Canonical links, the picture
    /// for previews and the sitemap need it; all other addresses are relative.
    pub address: Option<Address>,
}

/// The address of a site; it ends with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Reads an address; `None` for what is not one of the web, or has a part that no folder has.
    pub fn new(text: &str) -> Option<Self> {
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))?;
        let host = rest.split('/').next().unwrap_or_default();
        let known = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}?#".contains(c);
        if host.is_empty() || !rest.chars().all(known) {
            return None;
        }
        Some(Self(format!("{}/", text.trim_end_matches('/'))))
    }

    /// The address of a file or folder of the site.
    fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// Why a built page is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

/// The site: the page, a page for each lesson and each rule that can be read without JavaScript, what
/// an installed page needs, and what other pages take: `embed.html`, `element.js`, `upgrade.js`.
///
/// # Errors
/// Where `shell` is not what `cargo xtask dist` makes of the page.
pub fn site(shell: &Shell, lessons: &Guide, options: &Options) -> Result<Files, Problem> {
    let pack = lessons.pack();
    let shell = shell.fitting(&pack)?;
    let mut files = shell.files();
    let first = lessons.beginning().pack();
    let packed = shell::Lessons {
        all: pack::hashed("assets/lessons", "bin", &pack),
        first: pack::hashed("assets/first-lesson", "bin", &first),
    };
    files.insert(packed.all.clone(), pack);
    files.insert(packed.first.clone(), first);
    let icons = shell.icons(&mut files)?;
    let style = shell.hashed("static.css", "static", "css", &mut files)?;
    let pages = document::Pages {
        options,
        style: &style,
        icons: &icons,
    };
    files.insert(
        "index.html".to_owned(),
        shell.index(&packed, &icons, options)?.into_bytes(),
    );
    files.insert("embed.html".to_owned(), shell.embed(&packed)?.into_bytes());
    for script in ["element.js", "upgrade.js"] {
        let code = shell.part(script)?.as_bytes().to_vec();
        files.insert(script.to_owned(), code);
    }
    files.insert("manifest.webmanifest".to_owned(), worker::manifest(&icons));
    files.extend(guide::pages(lessons, &pages));
    files.extend(rules::pages(&pages));
    files.insert("404.html".to_owned(), document::not_found(options));
    files.extend(document::sitemap(&files, options));
    let worker = worker::script(shell.part("sw.js")?, &files);
    files.insert("sw.js".to_owned(), worker);
    Ok(files)
}

#[cfg(test)]
mod tests;
