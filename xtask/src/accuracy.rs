//! `cargo xtask accuracy`: how near the estimated sizes come to measured ones, and what the tables
//! weigh.

use crate::project;
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Node has the compressor, so no crate is built for it.
const SCRIPT: &str = r#"
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  const name = path.split("/").pop();
  console.log(`${name.padEnd(34)} ${bytes.length} bytes, ${brotliCompressSync(bytes).length} after brotli`);
}
"#;

/// Prints both; `more` are options of the benchmark: `--cases`, `--unknown`.
pub(crate) fn run(more: &[&str]) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(project::root())
        .args([
            "bench",
            "--quiet",
            "--locked",
            "--package",
            "stagecraft-tests",
        ])
        .args(["--bench", "accuracy", "--"])
        .args(more);
    if !cargo.status().context("cannot start cargo")?.success() {
        bail!("the figures could not be compared");
    }
    let data = project::root().join("crates/sizes/data");
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", SCRIPT, "--"])
        .args(["packages.bin", "base-images.tsv"].map(|name| data.join(name)));
    println!(
        "{}",
        project::output_of(&mut node).context("Node.js cannot weigh the tables")?
    );
    Ok(())
}
