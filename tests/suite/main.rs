//! All tests of this crate, in one binary.

#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "this is all test: what is missing is to be noticed"
    )
)]

mod parity;

#[cfg(not(target_arch = "wasm32"))]
mod accuracy;
#[cfg(not(target_arch = "wasm32"))]
mod conformance;
#[cfg(not(target_arch = "wasm32"))]
mod directions;
#[cfg(not(target_arch = "wasm32"))]
mod hygiene;
#[cfg(not(target_arch = "wasm32"))]
mod own_rules;
#[cfg(not(target_arch = "wasm32"))]
mod repository;
#[cfg(not(target_arch = "wasm32"))]
mod sarif;
