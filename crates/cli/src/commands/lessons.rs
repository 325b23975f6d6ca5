//! `stagecraft lessons`: checks and packs a folder of lessons.

use std::path::Path;

use stagecraft_lessons::author::{self, Authored, Folder, Mistake};

use crate::input::files_below;

/// Reads every text of a folder of lessons. What is no text (an image, say) is a mistake.
///
/// # Errors
/// Where the folder cannot be read.
pub fn folder(root: &Path) -> std::io::Result<(Folder, Vec<Mistake>)> {
    let mut files = Folder::new();
    let mut mistakes = Vec::new();
    for (file, bytes) in files_below(root)? {
        match String::from_utf8(bytes) {
            Ok(text) => {
                files.insert(file, text);
            }
            Err(_) => mistakes.push(Mistake {
                file,
                line: 0,
                message: "this file is not text in UTF-8".to_owned(),
            }),
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
