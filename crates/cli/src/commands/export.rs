//! `stagecraft export`: the three forms of the playground, from a page and a folder of lessons.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use stagecraft_lessons::Guide;
use stagecraft_site::{Files, Options, Shell, archive, compressed, single, site};

/// The folder for any static host.
const SITE: &str = "site";
/// The archive that any server serves, in any folder.
const ARCHIVE: &str = "stagecraft-offline.zip";
/// The one file that opens by double click.
const SINGLE: &str = "stagecraft.html";

/// What stands in the archive for whoever unpacks it.
const README: &str = "Stagecraft, a Dockerfile playground, without a network

Unpack this archive, open a terminal in the folder and start any web server, such as

    python3 -m http.server 8000

Then open http://localhost:8000/ in a browser. Others in the same network open the address of this
computer, with the same number behind it. Nothing is sent anywhere.
";

/// Writes the three forms into `out` and says what was written. A folder `site` that is there is
/// replaced if it is one of ours.
///
/// # Errors
/// Where the page is none or something cannot be written, in a sentence.
pub fn run(shell: &Shell, guide: &Guide, options: &Options, out: &Path) -> Result<String, String> {
    let problem = |problem: stagecraft_site::Problem| problem.to_string();
    let page = single(shell, guide).map_err(problem)?;
    let files = site(shell, guide, options).map_err(problem)?;
    // Wherever the archive goes, it is not at the address of the site.
    let mut offline = site(shell, guide, &Options::default()).map_err(problem)?;
    offline.insert("README.txt".to_owned(), README.as_bytes().to_vec());
    let packed = archive("stagecraft", &offline).map_err(|error| error.to_string())?;

    let folder = out.join(SITE);
    replace(&folder).map_err(|error| format!("cannot replace {}: {error}", folder.display()))?;
    let copies = compressed(&files);
    let mut said = String::new();
    for (path, bytes) in files.iter().chain(&copies) {
        write(&folder.join(path), bytes)?;
    }
    write(&out.join(ARCHIVE), &packed)?;
    write(&out.join(SINGLE), page.as_bytes())?;
    let sum = |files: &Files| files.values().map(Vec::len).sum::<usize>();
    // Writing to a string does not fail.
    let _ = writeln!(
        said,
        "{SITE:24} {:>10} bytes, {} files, with compressed copies {}",
        sum(&files),
        files.len(),
        sum(&files) + sum(&copies)
    );
    let _ = writeln!(said, "{ARCHIVE:24} {:>10} bytes", packed.len());
    let _ = writeln!(said, "{SINGLE:24} {:>10} bytes", page.len());
    Ok(said)
}

/// Takes away an old site, and nothing else.
fn replace(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.join("manifest.webmanifest").exists() && fs::read_dir(folder)?.next().is_some() {
        return Err(io::Error::other("it holds something else"));
    }
    fs::remove_dir_all(folder)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, bytes));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}
