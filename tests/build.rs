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
        let text = |file: &str| {
            if folder.join(file).is_file() {
                format!(
                    "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/goldens/{name}/{file}\"))"
                )
            } else {
                "\"\"".to_owned()
            }
        };
        let (dockerfile, expected) = (text("Dockerfile"), text("analysis.json"));
        writeln!(
            list,
            "Golden {{ name: {name:?}, dockerfile: {dockerfile}, expected: {expected} }},"
        )?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("goldens.rs"), list)?;
    Ok(())
}
