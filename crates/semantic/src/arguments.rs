//! Arguments that are there without being declared.

use std::borrow::Cow;

use stagecraft_image::Platform;

use crate::model::GlobalValues;
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

/// What most builds have: made for the usual platform on one of that kind.
static USUAL: [(Cow<'static, str>, Cow<'static, str>); 11] = [
    (Cow::Borrowed("BUILDPLATFORM"), Cow::Borrowed("linux/amd64")),
    (Cow::Borrowed("BUILDOS"), Cow::Borrowed("linux")),
    (Cow::Borrowed("BUILDOSVERSION"), Cow::Borrowed("")),
    (Cow::Borrowed("BUILDARCH"), Cow::Borrowed("amd64")),
    (Cow::Borrowed("BUILDVARIANT"), Cow::Borrowed("")),
    (
        Cow::Borrowed("TARGETPLATFORM"),
        Cow::Borrowed("linux/amd64"),
    ),
    (Cow::Borrowed("TARGETOS"), Cow::Borrowed("linux")),
    (Cow::Borrowed("TARGETOSVERSION"), Cow::Borrowed("")),
    (Cow::Borrowed("TARGETARCH"), Cow::Borrowed("amd64")),
    (Cow::Borrowed("TARGETVARIANT"), Cow::Borrowed("")),
    (Cow::Borrowed("TARGETSTAGE"), Cow::Borrowed("default")),
];

/// The arguments that the builder itself gives to FROM, with their values. A stage sees them
/// behind an ARG of that name. Source: BuildKit's reference, "Automatic platform ARGs in the
/// global scope".
pub(crate) fn predefined(options: &Options) -> GlobalValues {
    let mut list = Cow::Borrowed(USUAL.as_slice());
    let target = options.target.as_deref().filter(|name| !name.is_empty());
    let usual = |platform: &Platform| {
        let Platform {
            os,
            architecture,
            variant,
        } = platform;
        os == "linux" && architecture == "amd64" && variant.is_empty()
    };
    if target.is_none()
        && options.build_args.is_empty()
        && usual(&options.build_platform)
        && usual(&options.platform)
    {
        return list;
    }
    let value = |name: &str| {
        let platform = match name.strip_prefix("BUILD") {
            Some(_) => &options.build_platform,
            None => &options.platform,
        };
        let kind = name.strip_prefix("BUILD").or(name.strip_prefix("TARGET"));
        match (options.build_args.get(name), kind) {
            (Some(given), _) => given.clone(),
            (None, Some("PLATFORM")) => platform.to_string(),
            (None, Some("OS")) => platform.os.clone().into_owned(),
            (None, Some("ARCH")) => platform.architecture.clone().into_owned(),
            (None, Some("VARIANT")) => platform.variant.clone().into_owned(),
            (None, Some("STAGE")) => target.unwrap_or("default").to_owned(),
            (None, _) => String::new(),
        }
    };
    for (name, known) in list.to_mut() {
        *known = Cow::Owned(value(name));
    }
    list
}
