//! Bytes from files and standard input.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// All files below a folder, by their path from it with `/` between the names.
///
/// # Errors
/// Where something in it cannot be read.
pub fn files_below(root: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap_or(&path);
            files.insert(name.to_string_lossy().replace('\\', "/"), fs::read(&path)?);
        }
    }
    Ok(files)
}

/// Decodes UTF-8 as Go does: every byte that is part of no character becomes U+FFFD.
///
/// Rust's own lossy decoding makes one U+FFFD of several bytes; BuildKit's answers hold one
/// for each.
pub fn decode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn each_bad_byte_is_replaced_on_its_own() {
        assert_eq!(
            decode(b"a\xff\xfeb\xe2\x82"),
            "a\u{fffd}\u{fffd}b\u{fffd}\u{fffd}"
        );
        assert_eq!(decode("é".as_bytes()), "é");
    }
}
