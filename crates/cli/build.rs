//! With the feature `page` the command carries the built page: `STAGECRAFT_PAGE` names the archive
//! that `cargo xtask dist` makes of it.

fn main() {
    println!("cargo::rerun-if-env-changed=STAGECRAFT_PAGE");
    if std::env::var_os("CARGO_FEATURE_PAGE").is_none() {
        return;
    }
    match std::env::var("STAGECRAFT_PAGE") {
        Ok(archive) => {
            println!("cargo::rerun-if-changed={archive}");
            println!("cargo::rustc-env=STAGECRAFT_PAGE={archive}");
        }
        Err(_) => println!(
            "cargo::error=the feature `page` needs the built page: use `cargo xtask dist`, which names it in STAGECRAFT_PAGE"
        ),
    }
}
