//! What makes a site an app that works without a network: the manifest, and the list of files that
//! the service worker keeps.

use std::fmt::Write as _;

use crate::Files;
use crate::pack::digest;
use crate::shell::Icons;

/// The manifest of the app.
pub(crate) fn manifest(icons: &Icons) -> Vec<u8> {
    let mut pictures = format!(
        "{{\"src\": \"{}\", \"sizes\": \"any\", \"type\": \"image/svg+xml\"}}",
        icons.svg
    );
    for (path, width, cut) in &icons.sizes {
        let purpose = if *cut { "maskable" } else { "any" };
        // Writing to a string does not fail.
        let _ = write!(
            pictures,
            ",\n    {{\"src\": \"{path}\", \"sizes\": \"{width}x{width}\", \"type\": \"image/png\", \"purpose\": \"{purpose}\"}}"
        );
    }
    format!(
        "{{
  \"id\": \"./\",
  \"name\": \"Stagecraft: a Dockerfile playground\",
  \"short_name\": \"Stagecraft\",
  \"description\": \"Write a Dockerfile and see its problems, its stages and its sizes as you type.\",
  \"start_url\": \"./\",
  \"scope\": \"./\",
  \"display\": \"standalone\",
  \"background_color\": \"#f6f4ef\",
  \"theme_color\": \"#fffefb\",
  \"icons\": [
    {pictures}
  ]
}}
"
    )
    .into_bytes()
}

/// Whether a file is kept from the first visit on. Pages that are read without JavaScript are not:
/// the app shows the same, and the worker leads there while there is no network.
fn is_kept(path: &str) -> bool {
    let left_out = ["lessons/", "rules/", "assets/card-"];
    let never = ["404.html", "robots.txt", "sitemap.xml"];
    !left_out.iter().any(|start| path.starts_with(start)) && !never.contains(&path)
}

/// The service worker with the files that it keeps. Whenever one of them changes, so does the worker,
/// and a browser notices.
pub(crate) fn script(code: &str, files: &Files) -> Vec<u8> {
    let mut list = String::new();
    for (path, bytes) in files.iter().filter(|(path, _)| is_kept(path)) {
        // Writing to a string does not fail. A path holds no quotes.
        let _ = writeln!(list, "  [\"{path}\", \"{}\"],", digest(bytes));
    }
    let version = digest(list.as_bytes());
    format!("const VERSION = \"{version}\";\nconst FILES = [\n{list}];\n{code}").into_bytes()
}
