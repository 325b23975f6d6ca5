//! All tests of this crate, in one binary.

mod parity;

#[cfg(not(target_arch = "wasm32"))]
mod directions;
#[cfg(not(target_arch = "wasm32"))]
mod hygiene;
#[cfg(not(target_arch = "wasm32"))]
mod repository;
