//! One HTML file with everything in it, for whoever has no server: it opens by double click.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use stagecraft_lessons::Guide;

use crate::Problem;
use crate::document::source_hash;
use crate::pack::smallest_gzip;
use crate::shell::{Shell, WHOLE_APP, before};

/// Unpacks what stands in the file, and starts the page with it. A browser reads no module from a
/// file beside this one, but from memory.
const BOOT: &str = "const unpack=async name=>{const {textContent:text,dataset}=document.getElementById(\"packed-\"+name);const digit=at=>{const code=text.charCodeAt(at);return(code===126?60:code)-35};const bytes=new Uint8Array(text.length*13>>4);for(let from=0,to=0,bits=0,count=0;from<text.length;from+=2){bits|=digit(from)+91*digit(from+1)<<count;for(count+=13;count>7;count-=8){bytes[to++]=bits;bits>>>=8}}return new Uint8Array(await new Response(new Blob([bytes.subarray(0,dataset.size)]).stream().pipeThrough(new DecompressionStream(\"gzip\"))).arrayBuffer())};const module=async name=>import(URL.createObjectURL(new Blob([await unpack(name)],{type:\"text/javascript\"})));globalThis.stagecraftFile={unpack,module};addEventListener(\"DOMContentLoaded\",()=>module(\"main\").catch(error=>{document.getElementById(\"boot-failure\").hidden=false;throw error}))";

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
        let bytes = smallest_gzip(bytes);
        for part in [
            "<script type=\"application/gzip\" id=\"packed-",
            name,
            "\" data-size=\"",
            &bytes.len().to_string(),
            "\">",
            &base91(&bytes),
            "</script>\n",
        ] {
            packed.push_str(part);
        }
    }
    before(&html, "</body>", &packed)
}

/// Bytes as text that may stand in a script element: two letters for 13 bits, where base64 has two
/// for 12. The letters are 91 of ASCII from `#` on, but for `<`, in whose place is `~`; of two the
/// first counts ones. Bits that are missing at the end are zeros.
fn base91(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 16 / 13 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    let mut write = |value: u32| {
        for digit in [value % 91, value / 91] {
            let letter = char::from_u32(35 + digit).unwrap_or_default();
            out.push(if letter == '<' { '~' } else { letter });
        }
    };
    for &byte in bytes {
        bits |= u32::from(byte) << count;
        count += 8;
        if count >= 13 {
            write(bits % (1 << 13));
            bits >>= 13;
            count -= 13;
        }
    }
    if count > 0 {
        write(bits);
    }
    out
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
    fn bytes_are_text_that_ends_no_script() {
        assert_eq!(base91(&[]), "");
        assert_eq!(base91(&[0, 0]), "####");
        // 25 is the digit that `<` would stand for.
        assert_eq!(base91(&[25]), "~#");
        assert_eq!(base91(&[91]), "#$");
        let all: Vec<u8> = (0..=255).cycle().take(4096).collect();
        let text = base91(&all);
        assert_eq!(text.len(), 5042);
        assert!(
            text.bytes()
                .all(|letter| (35..=126).contains(&letter) && letter != b'<')
        );
        // As the file reads it.
        let digit = |letter: u8| u32::from(if letter == b'~' { b'<' } else { letter }) - 35;
        let (mut read, mut bits, mut count) = (Vec::new(), 0_u32, 0);
        for pair in text.as_bytes().chunks(2) {
            bits |= (digit(pair[0]) + 91 * digit(pair[1])) << count;
            count += 13;
            while count > 7 {
                read.push((bits & 255) as u8);
                bits >>= 8;
                count -= 8;
            }
        }
        assert_eq!(read[..all.len()], all);
        assert!(read.len() <= text.len() * 13 / 16);
    }

    #[test]
    fn elements_that_name_files_go_and_all_else_stays() {
        let html =
            "<a><link rel=\"x\" href=\"y\"/><b><script type=\"module\" src=\"z\"></script><c>";
        assert_eq!(without_files(html), "<a><b><c>");
        assert_eq!(without_files("<p>"), "<p>");
    }
}
