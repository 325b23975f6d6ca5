//! Writes the list of the goldens, so that the tests in a browser, where there are no files, have
//! them too.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let goldens = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("goldens");
    // Cargo looks through the whole folder: a new file is noticed too.
    println!("cargo::rerun-if-changed={}", goldens.display());
    let mut folders = Vec::new();
    for entry in fs::read_dir(&goldens)? {
        let path = entry?.path();
        if path.join("Dockerfile").is_file() {
            folders.push(path);
        }
    }
    folders.sort();

    let mut list = String::from("&[\n");
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let expected = folder.join("analysis.json");
        let expected = if expected.is_file() {
            format!("include_str!({expected:?})")
        } else {
            "\"\"".to_owned()
        };
        let dockerfile = folder.join("Dockerfile");
        writeln!(
            list,
            "    Golden {{ name: {name:?}, dockerfile: include_str!({dockerfile:?}), expected: {expected} }},"
        )?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("goldens.rs"), list)?;
    Ok(())
}
