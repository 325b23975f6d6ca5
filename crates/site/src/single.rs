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
const BOOT: &str = "const unpack=async name=>{const {textContent:text,dataset}=document.getElementById(\"packed-\"+name);const bytes=new Uint8Array(dataset.size);let bits=0,count=0,to=0;const put=seven=>{bits=bits<<7|seven;count+=7;if(count>7)bytes[to++]=bits>>(count-=8)};for(let at=0;at<text.length;at++){const code=text.charCodeAt(at);if(code>127)put([0,10,13,26,27,38,60,127][(code>>7)-1]);put(code&127)}return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(\"gzip\"))).arrayBuffer())};const module=async name=>import(URL.createObjectURL(new Blob([await unpack(name)],{type:\"text/javascript\"})));globalThis.stagecraftFile={unpack,module};addEventListener(\"DOMContentLoaded\",()=>module(\"main\").catch(error=>{document.getElementById(\"boot-failure\").hidden=false;throw error}))";

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
            &by_sevens(&bytes),
            "</script>\n",
        ] {
            packed.push_str(part);
        }
    }
    before(&html, "</body>", &packed)
}

/// What may not stand in a script element, or what programs that take the file for a text may
/// change: the line ends, and what ends a text, starts a command of a terminal or is no letter at
/// all. Eight, as many as three bits tell apart.
const KEPT_OUT: [u8; 8] = [0, b'\n', b'\r', 0x1A, 0x1B, b'&', b'<', 0x7F];

/// Bytes as text that may stand in a script element: a letter of ASCII for seven bits, the first
/// bits first. One of [`KEPT_OUT`] and the seven bits behind it become one letter beyond ASCII,
/// which has two bytes in the file as well. base64 has six bits a letter. Bits that are missing at
/// the end are zeros.
fn by_sevens(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 7 + 4);
    let mut sevens = sevens(bytes);
    while let Some(seven) = sevens.next() {
        let letter = match (1..).zip(KEPT_OUT).find(|(_, byte)| *byte == seven) {
            None => u32::from(seven),
            Some((number, _)) => number << 7 | u32::from(sevens.next().unwrap_or_default()),
        };
        out.push(char::from_u32(letter).unwrap_or_default());
    }
    out
}

/// The bits of bytes, seven at a time.
fn sevens(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let mut bytes = bytes.iter();
    let (mut bits, mut count) = (0_u16, 0);
    std::iter::from_fn(move || {
        if count < 7 {
            match bytes.next() {
                Some(byte) => {
                    bits = bits << 8 | u16::from(*byte);
                    count += 8;
                }
                None if count == 0 => return None,
                None => {
                    bits <<= 7 - count;
                    count = 7;
                }
            }
        }
        count -= 7;
        // Seven bits are a byte.
        Some((bits >> count & 0x7F) as u8)
    })
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
    fn bytes_are_text_that_ends_no_script_and_survives_as_text() {
        assert_eq!(by_sevens(&[]), "");
        assert_eq!(by_sevens(&[0b1000_0010, 0b0000_1111]), "A\u{3}`");
        // What is kept out, with what stands behind it, if anything does.
        assert_eq!(by_sevens(&[0]), "\u{80}");
        assert_eq!(by_sevens(&[b'<' << 1, 0b0000_0100]), "\u{381}\u{80}");
        let all: Vec<u8> = (0..=255).cycle().take(4096).collect();
        let text = by_sevens(&all);
        assert!(text.len() <= all.len() * 8 / 7 + 2);
        assert!(!text.bytes().any(|byte| KEPT_OUT.contains(&byte)));
        // As the file reads it.
        let (mut read, mut bits, mut count) = (Vec::new(), 0_u32, 0);
        let mut put = |seven: u32| {
            bits = bits << 7 | seven;
            count += 7;
            if count > 7 {
                count -= 8;
                read.push((bits >> count & 255) as u8);
            }
        };
        for letter in text.chars().map(u32::from) {
            if letter > 127 {
                put(KEPT_OUT[(letter >> 7) as usize - 1].into());
            }
            put(letter & 127);
        }
        assert_eq!(read[..all.len()], all);
    }

    #[test]
    fn what_is_kept_out_is_the_same_in_the_file() {
        let list = KEPT_OUT.map(|byte| byte.to_string()).join(",");
        assert!(BOOT.contains(&format!("put([{list}]")));
    }

    #[test]
    fn elements_that_name_files_go_and_all_else_stays() {
        let html =
            "<a><link rel=\"x\" href=\"y\"/><b><script type=\"module\" src=\"z\"></script><c>";
        assert_eq!(without_files(html), "<a><b><c>");
        assert_eq!(without_files("<p>"), "<p>");
    }
}
