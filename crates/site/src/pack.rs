//! Names that change with the content, compressed copies, the archive.

use std::io::{Cursor, Read as _, Write as _};
use std::num::NonZeroU64;

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::Files;

/// The first digits of a content's hash: enough to tell two files of one site apart.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in Sha256::digest(bytes).iter().take(8) {
        // Two digits each; `format!` would make a string for each.
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    out
}

/// The name of a file that may be kept for ever, because its content gives it its name.
pub(crate) fn hashed(stem: &str, extension: &str, bytes: &[u8]) -> String {
    format!("{stem}-{}.{extension}", digest(bytes))
}

/// How often the smallest form is looked for; more rounds save some bytes of a hundred thousand.
const ROUNDS: NonZeroU64 = NonZeroU64::new(5).expect("five");

/// `bytes` as gzip, level 9, without a name or a time.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// The same as small as gzip gets, a twentieth smaller, which takes a second for a megabyte.
pub(crate) fn smallest_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let options = zopfli::Options {
        iteration_count: ROUNDS,
        ..zopfli::Options::default()
    };
    // Writing to memory does not fail.
    let _ = zopfli::compress(options, zopfli::Format::Gzip, bytes, &mut out);
    out
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..Default::default()
    };
    // Writing to memory does not fail.
    let _ = brotli::BrotliCompress(&mut Cursor::new(bytes), &mut out, &settings);
    out
}

/// Whether a file gets smaller by compression: pictures and fonts are compressed already.
fn is_worth_it(path: &str, bytes: &[u8]) -> bool {
    const PACKED: [&str; 2] = [".png", ".woff2"];
    bytes.len() > 256 && !PACKED.iter().any(|end| path.ends_with(end))
}

/// The compressed copies, `.br` and `.gz`, that stand beside the files of a site.
pub fn compressed(files: &Files) -> Files {
    let mut out = gzipped(files);
    out.extend(copies(files, "br", brotli));
    out
}

/// The copies in `.gz` alone: many times as quick to make.
pub fn gzipped(files: &Files) -> Files {
    copies(files, "gz", gzip).collect()
}

fn copies(
    files: &Files,
    ending: &str,
    pack: impl Fn(&[u8]) -> Vec<u8>,
) -> impl Iterator<Item = (String, Vec<u8>)> {
    files
        .iter()
        .filter(|(path, bytes)| is_worth_it(path, bytes))
        .map(move |(path, bytes)| (format!("{path}.{ending}"), pack(bytes)))
}

/// The files in a zip archive, below one folder. The same files make the same archive.
///
/// # Errors
/// Where the files are more than an archive can hold.
pub fn archive(folder: &str, files: &Files) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (path, bytes) in files {
        writer.start_file(format!("{folder}/{path}"), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The files of an archive that [`archive`] made, without their common folder.
///
/// # Errors
/// Where it is no archive.
pub fn unpacked(archive: &[u8]) -> zip::result::ZipResult<Files> {
    let mut reader = ZipArchive::new(Cursor::new(archive))?;
    let mut files = Files::new();
    for at in 0..reader.len() {
        let mut file = reader.by_index(at)?;
        let path = file
            .name()?
            .split_once('/')
            .map(|(_, path)| path.to_owned());
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        files.extend(path.map(|path| (path, bytes)));
    }
    Ok(files)
}
