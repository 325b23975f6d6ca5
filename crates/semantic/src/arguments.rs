//! Arguments that are there without being declared.

use std::borrow::Cow;

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
pub(crate) fn predefined(options: &Options) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
    let target = options.target.as_deref().filter(|name| !name.is_empty());
    let mut list = Vec::with_capacity(11);
    let mut platform = |names: [&'static str; 5], platform: &Platform| {
        let [whole, os, version, architecture, variant] = names;
        list.push((Cow::Borrowed(whole), in_full(platform)));
        list.push((Cow::Borrowed(os), usual(&platform.os)));
        list.push((Cow::Borrowed(version), Cow::Borrowed("")));
        list.push((Cow::Borrowed(architecture), usual(&platform.architecture)));
        list.push((Cow::Borrowed(variant), usual(&platform.variant)));
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
    let stage = target.map_or(Cow::Borrowed("default"), |name| Cow::Owned(name.to_owned()));
    list.push((Cow::Borrowed("TARGETSTAGE"), stage));
    for (name, value) in &mut list {
        if let Some(given) = options.build_args.get(&**name) {
            *value = Cow::Owned(given.clone());
        }
    }
    list
}

/// A platform as it is written; the usual one takes no copy.
fn in_full(platform: &Platform) -> Cow<'static, str> {
    let Platform {
        os,
        architecture,
        variant,
    } = platform;
    match (os.as_str(), architecture.as_str(), variant.as_str()) {
        ("linux", "amd64", "") => Cow::Borrowed("linux/amd64"),
        _ => Cow::Owned(platform.to_string()),
    }
}

/// A part of a platform; the usual ones take no copy.
fn usual(text: &str) -> Cow<'static, str> {
    match text {
        "" => Cow::Borrowed(""),
        "linux" => Cow::Borrowed("linux"),
        "amd64" => Cow::Borrowed("amd64"),
        other => Cow::Owned(other.to_owned()),
    }
}
