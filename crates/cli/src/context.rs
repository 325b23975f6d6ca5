//! Reading the build context off the disk.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use stagecraft_engine::plan::{Context, ContextFile};
use stagecraft_engine::semantic::archive::{Packing, packing};

/// More files are no context that anybody wants to look at.
const MOST_FILES: usize = 200_000;

/// Longer lists of packages are not looked at.
const MOST_BYTES: usize = 1_000_000;

/// Archives that hold more bytes are not looked into to their end.
const MOST_HELD: u64 = 4_000_000_000;

/// The files of a folder, with what stands for their content. Links are not followed.
///
/// # Errors
/// Where a folder or file cannot be read, or there are too many.
pub fn read(folder: &Path) -> io::Result<Context> {
    let mut context = Context::default();
    let mut open = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, path)) = open.pop() {
        let mut entries: Vec<fs::DirEntry> = fs::read_dir(&folder)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if context.files.len() >= MOST_FILES {
                return Err(io::Error::other("it holds more than 200,000 files"));
            }
            let name = entry.file_name();
            let path = format!("{path}{}", name.to_string_lossy());
            let kind = entry.file_type()?;
            let mut hasher = DefaultHasher::new();
            let size = if kind.is_dir() {
                open.push((entry.path(), format!("{path}/")));
                0
            } else if kind.is_symlink() {
                fs::read_link(entry.path())?.hash(&mut hasher);
                0
            } else {
                let bytes = fs::read(entry.path())?;
                bytes.hash(&mut hasher);
                if Context::names_packages(&path) && bytes.len() < MOST_BYTES {
                    let text = String::from_utf8_lossy(&bytes).into();
                    context.lists.insert(path.clone(), text);
                }
                if let Some(held) = held(&path, &bytes) {
                    context.archives.insert(path.clone(), held);
                }
                bytes.len()
            };
            let size = u64::try_from(size).unwrap_or(u64::MAX);
            context.files.push(ContextFile {
                path: if kind.is_dir() { path + "/" } else { path },
                size,
                count: u32::from(!kind.is_dir()),
                content: hasher.finish(),
                // A builder does not notice a folder whose mode alone is another.
                mode: if kind.is_dir() { 0 } else { mode(&entry)? },
            });
        }
    }
    context
        .files
        .sort_by(|one, other| one.path.cmp(&other.path));
    Ok(context)
}

/// The bytes of all files that ADD takes out of what is named like an archive; those of the file
/// itself where it is none after all. Only what tar has made, plain or packed with gzip, is looked
/// into.
fn held(path: &str, bytes: &[u8]) -> Option<u64> {
    let inside = match packing(path)? {
        Packing::Plain => sum(bytes),
        Packing::Gzip => sum(MultiGzDecoder::new(bytes)),
        _ => return None,
    };
    match inside {
        Some(0) => u64::try_from(bytes.len()).ok(),
        inside => inside,
    }
}

/// The bytes of the files in an archive, 0 for what is none; `None` where it is cut off or has too
/// many.
fn sum(archive: impl Read) -> Option<u64> {
    let mut archive = tar::Archive::new(archive.take(MOST_HELD));
    let mut sum = 0;
    for (at, entry) in archive.entries().ok()?.enumerate() {
        match entry {
            Ok(entry) if entry.header().entry_type().is_file() => sum += entry.size(),
            Ok(_) => {}
            Err(_) if at == 0 => break,
            Err(_) => return None,
        }
    }
    Some(sum)
}

/// The permissions, which are a part of what COPY looks at.
#[cfg(unix)]
fn mode(entry: &fs::DirEntry) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(entry.metadata()?.permissions().mode())
}

/// The permissions, which are a part of what COPY looks at.
#[cfg(not(unix))]
fn mode(_: &fs::DirEntry) -> io::Result<u32> {
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::held;

    fn archive() -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, size) in [("a.txt", 3_000), ("b/c.txt", 40)] {
            let mut header = tar::Header::new_gnu();
            header.set_size(size);
            let content = vec![b'x'; usize::try_from(size).unwrap()];
            archive
                .append_data(&mut header, path, &content[..])
                .unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_an_archive_holds_is_the_sum_of_its_files() {
        let archive = archive();
        assert_eq!(held("a.tar", &archive), Some(3_040));
        assert_eq!(held("x/a.tgz", &packed(&archive)), Some(3_040));
        assert_eq!(held("a.txt", &archive), None);
        assert_eq!(held("a.tar.xz", &archive), None);
    }

    #[test]
    fn what_is_only_named_like_an_archive_is_a_file() {
        assert_eq!(held("a.tar", b"no archive"), Some(10));
        assert_eq!(held("a.tar.gz", b"no archive"), Some(10));
        assert_eq!(held("a.tar.gz", b""), Some(0));
        // One that is cut off fails the build.
        assert_eq!(held("a.tar", &archive()[..2_000]), None);
    }
}
