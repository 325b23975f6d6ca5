//! `index.html` and the part of `Trunk.toml` that say what the page is made of.
//!
//! `index.html` marks its parts with `data-trunk`, as Trunk reads them. The kinds that we use are
//! known here too; any other is an error, so that both builds stay the same page.

use crate::project;
use anyhow::{Context, Result, bail, ensure};
use std::iter;
use std::{fs, ops::Range, path::PathBuf};

/// What the page is made of.
pub(crate) struct Index {
    /// The text of `index.html`.
    pub(crate) html: String,
    /// Its marked elements, in their order.
    pub(crate) assets: Vec<Asset>,
    /// What `Trunk.toml` says.
    pub(crate) trunk: Trunk,
}

/// A marked element.
pub(crate) struct Asset {
    pub(crate) kind: Kind,
    /// The file or folder that it names.
    pub(crate) path: PathBuf,
    /// Where it stands in the text.
    pub(crate) span: Range<usize>,
    attributes: Vec<(String, String)>,
}

/// What is done with a file that the page names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rust,
    Css,
    Script,
    Icon,
    CopyFile,
    CopyDir,
}

/// The crate that is the page, and how it is built.
pub(crate) struct App {
    pub(crate) manifest: String,
    pub(crate) bin: String,
    pub(crate) profile_dev: String,
    pub(crate) profile_release: String,
    /// What `wasm-opt` is told for a release.
    pub(crate) optimisation: Vec<String>,
}

/// Values of `Trunk.toml`.
pub(crate) struct Trunk {
    /// What every address of the page starts with.
    pub(crate) public_url: String,
    /// What stands in the place of the element for the app.
    pub(crate) script: String,
    /// What is put at the end of the head.
    pub(crate) preload: String,
}

impl Index {
    /// Reads both files.
    pub(crate) fn read() -> Result<Self> {
        let html = fs::read_to_string(project::root().join("index.html"))
            .context("cannot read index.html")?;
        let assets = assets(&html)?;
        let trunk = Trunk::read()?;
        Ok(Self {
            html,
            assets,
            trunk,
        })
    }

    /// The app, which stands in the page exactly once.
    pub(crate) fn app(&self) -> Result<App> {
        let mut apps = self.assets.iter().filter(|asset| asset.kind == Kind::Rust);
        let (Some(asset), None) = (apps.next(), apps.next()) else {
            bail!(r#"index.html needs one <link data-trunk rel="rust">"#);
        };
        let value = |name: &str| {
            asset
                .attribute(name)
                .map(str::to_owned)
                .with_context(|| format!(r#"index.html: rel="rust" needs {name}"#))
        };
        Ok(App {
            manifest: asset.path.display().to_string(),
            bin: value("data-bin")?,
            profile_dev: value("data-cargo-profile-dev")?,
            profile_release: value("data-cargo-profile-release")?,
            optimisation: iter::once(format!("-O{}", value("data-wasm-opt")?))
                .chain(
                    value("data-wasm-opt-params")?
                        .split_whitespace()
                        .map(str::to_owned),
                )
                .collect(),
        })
    }
}

impl Trunk {
    fn read() -> Result<Self> {
        let text = fs::read_to_string(project::root().join("Trunk.toml"))
            .context("cannot read Trunk.toml")?;
        let value = |key: &str| {
            let rest = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
            let rest = rest
                .map(str::trim)
                .with_context(|| format!("Trunk.toml does not set {key}"))?;
            let inside = ['"', '\'']
                .into_iter()
                .find_map(|quote| rest.strip_prefix(quote)?.strip_suffix(quote));
            inside
                .map(str::to_owned)
                .with_context(|| format!("Trunk.toml: {key} must be one string on its line"))
        };
        Ok(Self {
            public_url: value("public_url")?,
            script: value("pattern_script")?,
            preload: value("pattern_preload")?,
        })
    }
}

impl Asset {
    fn new(element: &str, attributes: Vec<(String, String)>, span: Range<usize>) -> Result<Self> {
        let value = |name: &str| {
            attributes
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let (kind, file) = if element == "script" {
            (Kind::Script, value("src"))
        } else {
            let kind = match value("rel") {
                Some("rust") => Kind::Rust,
                Some("css") => Kind::Css,
                Some("icon") => Kind::Icon,
                Some("copy-file") => Kind::CopyFile,
                Some("copy-dir") => Kind::CopyDir,
                other => bail!(
                    "index.html: xtask does not know data-trunk with rel={:?}; teach it in xtask/src/page/index.rs",
                    other.unwrap_or("")
                ),
            };
            (kind, value("href"))
        };
        let path = project::root().join(
            file.with_context(|| format!("index.html: a <{element} data-trunk> names no file"))?,
        );
        Ok(Self {
            kind,
            path,
            span,
            attributes,
        })
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All attributes but Trunk's own and `except`, sorted, ready to be put into an element.
    pub(crate) fn other_attributes(&self, except: &[&str]) -> String {
        let mut others: Vec<_> = self
            .attributes
            .iter()
            .filter(|(key, _)| !key.starts_with("data-trunk") && !except.contains(&key.as_str()))
            .collect();
        others.sort();
        others
            .into_iter()
            .map(|(key, value)| {
                if value.is_empty() {
                    format!(" {key}")
                } else {
                    format!(" {key}=\"{value}\"")
                }
            })
            .collect()
    }
}

/// All `<link data-trunk …>` and `<script data-trunk …></script>` of a page, outside of comments.
fn assets(html: &str) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(open) = rest.find('<') else { break };
        let start = at + open;
        let rest = html.get(start..).unwrap_or_default();
        if rest.starts_with("<!--") {
            at = start
                + rest
                    .find("-->")
                    .context("index.html: a comment has no end")?;
            continue;
        }
        at = start + 1;
        let Some(element) = ["link", "script"].into_iter().find(|name| {
            rest.get(1..)
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with(char::is_whitespace))
        }) else {
            continue;
        };
        let (attributes, length) = attributes(rest.get(1 + element.len()..).unwrap_or_default())?;
        let mut end = start + 1 + element.len() + length;
        at = end;
        if !attributes.iter().any(|(name, _)| name == "data-trunk") {
            continue;
        }
        if element == "script" {
            let close = "</script>";
            ensure!(
                html.get(end..).is_some_and(|rest| rest.starts_with(close)),
                "index.html: a <script data-trunk> must be empty"
            );
            end += close.len();
        }
        assets.push(Asset::new(element, attributes, start..end)?);
    }
    Ok(assets)
}

/// The attributes up to the end of an element's first tag, and how many bytes they are with it.
fn attributes(text: &str) -> Result<(Vec<(String, String)>, usize)> {
    let mut attributes = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            return Ok((attributes, text.len() - after.len()));
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
            .context("index.html: an element has no end")?;
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        ensure!(
            !name.is_empty(),
            "index.html: an attribute has no name near {:?}",
            rest.chars().take(20).collect::<String>()
        );
        rest = after;
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let quote = after
                .strip_prefix('"')
                .context("index.html: the value of an attribute needs double quotes")?;
            let (inside, after) = quote
                .split_once('"')
                .context("index.html: the value of an attribute has no end")?;
            value = inside;
            rest = after;
        }
        attributes.push((name.to_owned(), value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_elements_are_found_with_their_place_and_attributes() {
        let html = "<head><link rel=\"x\" href=\"y\"><link\n data-trunk\n rel=\"css\" href=\"a/b.css\" media=\"print\" /><script data-trunk type=\"module\" src=\"m.js\"></script></head>";
        let found = assets(html).unwrap();
        let texts: Vec<_> = found
            .iter()
            .map(|asset| &html[asset.span.clone()])
            .collect();
        assert_eq!(
            texts,
            [
                "<link\n data-trunk\n rel=\"css\" href=\"a/b.css\" media=\"print\" />",
                "<script data-trunk type=\"module\" src=\"m.js\"></script>",
            ]
        );
        assert_eq!(found[0].kind, Kind::Css);
        assert_eq!(
            found[0].other_attributes(&["href", "rel"]),
            " media=\"print\""
        );
        assert_eq!(found[1].attribute("src"), Some("m.js"));
        assert_eq!(found[1].other_attributes(&["src"]), " type=\"module\"");
    }

    #[test]
    fn a_comment_marks_nothing() {
        assert!(
            assets("<!-- <link data-trunk rel=\"css\" href=\"a.css\"> --><p>")
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn an_unknown_kind_is_an_error() {
        let error = assets("<link data-trunk rel=\"sass\" href=\"a.scss\">")
            .err()
            .unwrap();
        assert!(error.to_string().contains("sass"), "{error}");
    }

    #[test]
    fn the_real_page_is_understood() {
        let index = Index::read().unwrap();
        assert_eq!(index.app().unwrap().bin, "stagecraft-web");
        assert_eq!(index.trunk.public_url, "./");
        assert!(index.trunk.preload.contains("{wasm}"));
    }
}
