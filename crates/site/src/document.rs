//! The frame of a page that is read without JavaScript, the page for what is not there, and the
//! sitemap.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::html::escape;
use crate::shell::Icons;
use crate::{Files, Options};

/// What all static pages share.
pub(crate) struct Pages<'a> {
    pub(crate) options: &'a Options,
    /// The path of their style sheet.
    pub(crate) style: &'a str,
    pub(crate) icons: &'a Icons,
}

/// A static page: it lies in a folder of its own, as `index.html`.
pub(crate) struct Page<'a> {
    /// The folder, with a `/` at its end.
    pub(crate) folder: &'a str,
    pub(crate) title: &'a str,
    /// What it is about, in a sentence.
    pub(crate) summary: &'a str,
    /// Where the playground opens the same: what stands behind `#`; `None` where it has not the same.
    pub(crate) place: Option<&'a str>,
    /// Its content, HTML.
    pub(crate) body: &'a str,
}

impl Pages<'_> {
    /// Puts a page into its frame. Returns its path and its bytes.
    pub(crate) fn file(&self, page: &Page<'_>) -> (String, Vec<u8>) {
        let up = "../".repeat(page.folder.matches('/').count());
        let live = page.place.map_or_else(String::new, |place| {
            format!("<p class=\"page__live\"><a class=\"button\" href=\"{up}#{place}\">Open it in the playground</a></p>\n")
        });
        let head = head(
            page.title,
            page.summary,
            page.folder,
            self.options,
            self.icons,
        );
        let html = format!(
            "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'\">
<title>{title} · Stagecraft</title>
<meta name=\"description\" content=\"{summary}\">
{head}<link rel=\"icon\" type=\"image/svg+xml\" href=\"{up}{icon}\">
<link rel=\"stylesheet\" href=\"{up}{style}\">
</head>
<body class=\"page\">
<header class=\"page__bar\"><a class=\"page__brand\" href=\"{up}\">Stagecraft</a><nav aria-label=\"Site\"><a href=\"{up}lessons/\">Lessons</a><a href=\"{up}rules/\">Rules</a></nav></header>
<main class=\"lesson\">
{body}{live}</main>
</body>
</html>
",
            title = escape(page.title),
            summary = escape(&page.summary.replace('`', "")),
            icon = self.icons.svg,
            style = self.style,
            body = page.body,
        );
        (format!("{}index.html", page.folder), html.into_bytes())
    }
}

/// What search engines and previews read of a page: what it is, and where it is if that is known.
pub(crate) fn head(
    title: &str,
    summary: &str,
    folder: &str,
    options: &Options,
    icons: &Icons,
) -> String {
    let (title, summary) = (escape(title), escape(&summary.replace('`', "")));
    let mut out = format!(
        "<meta property=\"og:type\" content=\"website\">
<meta property=\"og:site_name\" content=\"Stagecraft\">
<meta property=\"og:title\" content=\"{title}\">
<meta property=\"og:description\" content=\"{summary}\">
"
    );
    if let Some(address) = &options.address {
        let (page, card) = (address.of(folder), address.of(&icons.card));
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<link rel=\"canonical\" href=\"{page}\">
<meta property=\"og:url\" content=\"{page}\">
<meta property=\"og:image\" content=\"{card}\">
<meta property=\"og:image:width\" content=\"1200\">
<meta property=\"og:image:height\" content=\"630\">
<meta name=\"twitter:card\" content=\"summary_large_image\">
"
        );
    }
    out
}

/// The page for what is not there. A host shows it for addresses of any depth, so that nothing in it
/// may be relative: its style stands in it, allowed by its hash.
pub(crate) fn not_found(options: &Options) -> Vec<u8> {
    const STYLE: &str = ":root{color-scheme:light dark;--paper:#f6f4ef;--ink:#211f1b;--accent:#2c46c8}@media(prefers-color-scheme:dark){:root{--paper:#161512;--ink:#ece7dc;--accent:#96a7ff}}body{max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 'Iowan Old Style',Charter,Georgia,serif}h1{font-size:1.75rem;line-height:1.2}a{color:var(--accent)}";
    let start = options
        .address
        .as_ref()
        .map_or_else(|| "/".to_owned(), |address| address.of(""));
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{hash}'; base-uri 'none'; form-action 'none'\">
<meta name=\"robots\" content=\"noindex\">
<title>Not here · Stagecraft</title>
<style>{STYLE}</style>
</head>
<body>
<h1>There is nothing at this address</h1>
<p>What you wrote is not lost: it is kept in your browser, and the playground shows it again.</p>
<p><a href=\"{start}\">To the start</a></p>
</body>
</html>
",
        hash = source_hash(STYLE),
        start = escape(&start),
    )
    .into_bytes()
}

/// How a policy names an inline style or script that it allows.
pub(crate) fn source_hash(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    format!("sha256-{}", BASE64.encode(Sha256::digest(text)))
}

/// Which pages there are, for search engines: needs the address.
pub(crate) fn sitemap(files: &Files, options: &Options) -> Files {
    let Some(address) = &options.address else {
        return Files::new();
    };
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for folder in files
        .keys()
        .filter_map(|path| path.strip_suffix("index.html"))
    {
        let _ = writeln!(out, "<url><loc>{}</loc></url>", escape(&address.of(folder)));
    }
    out.push_str("</urlset>\n");
    let robots = format!(
        "User-agent: *\nAllow: /\nSitemap: {}\n",
        address.of("sitemap.xml")
    );
    Files::from([
        ("robots.txt".to_owned(), robots.into_bytes()),
        ("sitemap.xml".to_owned(), out.into_bytes()),
    ])
}
