//! Images as they are named and as they describe themselves: references, platforms, configs.
//!
//! Knows no Dockerfile and no table of sizes; both of those know it.

mod config;
mod platform;
mod reference;

pub use config::{Healthcheck, ImageConfig};
pub use platform::{Platform, PlatformError};
pub use reference::{Places, Reference, ReferenceError};
