//! Tests over the whole of it: the goldens, the corpora of real tools' answers, and what is asked
//! of the repository. The tests themselves are in `suite/`, those of the page in `e2e/`.

#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::missing_panics_doc,
        reason = "a corpus that is not what its README says must fail the test"
    )
)]

#[cfg(not(target_arch = "wasm32"))]
pub mod accuracy;
#[cfg(not(target_arch = "wasm32"))]
pub mod conformance;

/// A Dockerfile and the analysis that is right for it, from `goldens/<name>/`.
#[derive(Clone, Copy, Debug)]
pub struct Golden {
    /// The folder's name.
    pub name: &'static str,
    /// The text of `Dockerfile`.
    pub dockerfile: &'static str,
    /// The text of `analysis.json`; empty where it has not been written yet.
    pub expected: &'static str,
}

/// All goldens, by name.
pub const GOLDENS: &[Golden] = include!(concat!(env!("OUT_DIR"), "/goldens.rs"));
