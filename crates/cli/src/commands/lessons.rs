//! `stagecraft lessons`: checks and packs a folder of lessons.

use std::fs;
use std::path::Path;

use stagecraft_lessons::author::{self, Authored, Folder, Mistake};

/// Reads every text of a folder of lessons. What is no text (an image, say) is a mistake.
///
/// # Errors
/// Where the folder cannot be read.
pub fn folder(root: &Path) -> std::io::Result<(Folder, Vec<Mistake>)> {
    let mut files = Folder::new();
    let mut mistakes = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            match String::from_utf8(fs::read(&path)?) {
                Ok(text) => {
                    files.insert(name, text);
                }
                Err(_) => mistakes.push(Mistake {
                    file: name,
                    line: 0,
                    message: "this file is not text in UTF-8".to_owned(),
                }),
            }
        }
    }
    Ok((files, mistakes))
}

/// Reads a folder of lessons.
///
/// # Errors
/// Every mistake in it; an unreadable folder is one.
pub fn read(root: &Path) -> Result<Authored, Vec<Mistake>> {
    let (files, mut mistakes) = folder(root).map_err(|error| {
        vec![Mistake {
            file: root.display().to_string(),
            line: 0,
            message: error.to_string(),
        }]
    })?;
    match author::read(&files) {
        Ok(authored) if mistakes.is_empty() => Ok(authored),
        Ok(_) => Err(mistakes),
        Err(more) => {
            mistakes.extend(more);
            mistakes.sort();
            Err(mistakes)
        }
    }
}
