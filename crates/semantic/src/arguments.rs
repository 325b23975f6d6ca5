//! Arguments that are there without being declared.

use stagecraft_image::Platform;

use crate::options::Options;

/// Build arguments that every RUN sees without an ARG, and that are in no cache key.
/// Source: BuildKit's reference, "Predefined ARGs".
pub const PROXY_ARGUMENTS: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Arguments of the scanner for bills of materials, which are never in the environment.
pub(crate) const NOT_IN_ENVIRONMENT: [&str; 2] =
    ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The arguments that the builder itself gives to FROM, with their values. A stage sees them
/// behind an ARG of that name. Source: BuildKit's reference, "Automatic platform ARGs in the
/// global scope".
pub fn predefined(options: &Options) -> Vec<(&'static str, String)> {
    let target = options.target.as_deref().filter(|name| !name.is_empty());
    let mut list = Vec::with_capacity(11);
    let mut platform = |names: [&'static str; 5], platform: &Platform| {
        let [whole, os, version, architecture, variant] = names;
        list.push((whole, platform.to_string()));
        list.push((os, platform.os.clone()));
        list.push((version, String::new()));
        list.push((architecture, platform.architecture.clone()));
        list.push((variant, platform.variant.clone()));
    };
    platform(
        [
            "BUILDPLATFORM",
            "BUILDOS",
            "BUILDOSVERSION",
            "BUILDARCH",
            "BUILDVARIANT",
        ],
        &options.build_platform,
    );
    platform(
        [
            "TARGETPLATFORM",
            "TARGETOS",
            "TARGETOSVERSION",
            "TARGETARCH",
            "TARGETVARIANT",
        ],
        &options.platform,
    );
    list.push(("TARGETSTAGE", target.unwrap_or("default").to_owned()));
    for (name, value) in &mut list {
        if let Some(given) = options.build_args.get(*name) {
            value.clone_from(given);
        }
    }
    list
}
