//! One HTML file with everything in it, for whoever has no server: it opens by double click.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use stagecraft_lessons::Guide;

use crate::Problem;
use crate::document::source_hash;
use crate::pack::gzip;
use crate::shell::{Shell, WHOLE_APP, before};

/// Unpacks what stands in the file, and starts the page with it. A browser reads no module from a
/// file beside this one, but from memory.
const BOOT: &str = "const unpack=async name=>{const text=document.getElementById(\"packed-\"+name).textContent;const bytes=Uint8Array.from(atob(text),c=>c.charCodeAt(0));return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(\"gzip\"))).arrayBuffer())};const module=async name=>import(URL.createObjectURL(new Blob([await unpack(name)],{type:\"text/javascript\"})));globalThis.stagecraftFile={unpack,module};addEventListener(\"DOMContentLoaded\",()=>module(\"main\").catch(error=>{document.getElementById(\"boot-failure\").hidden=false;throw error}))";

/// The page as one file.
///
/// Its policy allows the one script and the one style sheet that stand in it, by their hashes, and
/// modules that are unpacked from it. No address at all may be asked for.
///
/// # Errors
/// Where `shell` is not what `cargo xtask dist` makes of the page.
pub fn single(shell: &Shell, guide: &Guide) -> Result<String, Problem> {
    let style = shell.text(shell.named("style-", ".css")?)?;
    let icon = BASE64.encode(shell.bytes(shell.named("icon-", ".svg")?)?);
    let policy = format!(
        "default-src 'none'; script-src '{}' blob: 'wasm-unsafe-eval'; style-src '{}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'",
        source_hash(BOOT),
        source_hash(style)
    );
    let html = with_policy(&without_files(shell.text("index.html")?), &policy)?;
    let html = before(
        &html,
        "</head>",
        &format!(
            "<link rel=\"icon\" href=\"data:image/svg+xml;base64,{icon}\"/><style>{style}</style><script>{BOOT}</script>"
        ),
    )?;
    let mut packed = String::new();
    for (name, bytes) in [
        ("main", shell.part("single.js")?.as_bytes()),
        ("app", shell.bytes(shell.named("stagecraft-web-", ".js")?)?),
        ("wasm", shell.bytes(WHOLE_APP)?),
        ("lessons", &guide.pack()),
        (
            "packages",
            shell.bytes(shell.starting("assets/packages-")?)?,
        ),
    ] {
        let text = BASE64.encode(gzip(bytes));
        for part in [
            "<script type=\"application/gzip\" id=\"packed-",
            name,
            "\">",
            &text,
            "</script>\n",
        ] {
            packed.push_str(part);
        }
    }
    before(&html, "</body>", &packed)
}

/// A page without the elements that name other files.
fn without_files(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = ["<link ", "<script "]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min()
    {
        let (start, tag) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(start);
        let end = if tag.starts_with("<script") {
            "</script>"
        } else {
            ">"
        };
        rest = tag.split_once(end).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// A page with another policy.
fn with_policy(html: &str, policy: &str) -> Result<String, Problem> {
    let missing = || Problem("this is no built page: index.html has no policy".to_owned());
    let mark = "http-equiv=\"Content-Security-Policy\"";
    let (start, rest) = html.split_once(mark).ok_or_else(missing)?;
    let (between, rest) = rest.split_once("content=\"").ok_or_else(missing)?;
    let (_, rest) = rest.split_once('"').ok_or_else(missing)?;
    Ok([start, mark, between, "content=\"", policy, "\"", rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_that_name_files_go_and_all_else_stays() {
        let html =
            "<a><link rel=\"x\" href=\"y\"/><b><script type=\"module\" src=\"z\"></script><c>";
        assert_eq!(without_files(html), "<a><b><c>");
        assert_eq!(without_files("<p>"), "<p>");
    }
}
