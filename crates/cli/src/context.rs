//! Reading the build context off the disk.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

use stagecraft_engine::plan::{Context, ContextFile};

/// More files are no context that anybody wants to look at.
const MOST_FILES: usize = 200_000;

/// Longer lists of packages are not looked at.
const MOST_BYTES: usize = 1_000_000;

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
