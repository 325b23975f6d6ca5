//! Packages of distributions whose own figures are not there: they are taken to weigh about what those
//! of Debian do.

use stagecraft_sizes::{Basis, Estimate, Installed, Packages, Weight};

use super::names::Slots;
use super::{Share, first_of, listed};

/// Names that Debian writes otherwise, sorted, with what they are there; nothing where its base image
/// has it.
#[rustfmt::skip]
const AS_IN_DEBIAN: &[(&str, &str)] = &[
    ("MariaDB-server", "mariadb-server"),
    ("alpine-sdk", "build-essential git"),
    ("apache2-utils", "apache2-utils"),
    ("argon2-dev", "libargon2-dev"),
    ("bind-tools", "dnsutils"),
    ("boost", "libboost-dev"),
    ("build-base", "gcc g++ make libc6-dev"),
    ("busybox-extras", ""),
    ("bzip2-devel", "libbz2-dev"),
    ("ca-certificates-bundle", ""),
    ("coreutils", ""),
    ("curl-dev", "libcurl4-openssl-dev"),
    ("docker", "docker.io"),
    ("docker-cli", "docker.io"),
    ("epel-release", ""),
    ("findutils", ""),
    ("freetype-dev", "libfreetype-dev"),
    ("gcc-c++", "g++"),
    ("gd-dev", "libgd-dev"),
    ("geoip-dev", "libgeoip-dev"),
    ("glibc", ""),
    ("glibc-devel", "libc6-dev"),
    ("glibc-static", "libc6-dev"),
    ("gmp", ""),
    ("go", "golang"),
    ("gpgme", "libgpgme11"),
    ("grep", ""),
    ("hostname", ""),
    ("httpd", "apache2"),
    ("icu-libs", "libicu-dev"),
    ("iproute", "iproute2"),
    ("java-1.7.0-openjdk", "openjdk-17-jre-headless"),
    ("java-1.7.0-openjdk-devel", "openjdk-17-jdk-headless"),
    ("java-1.8.0-openjdk", "openjdk-17-jre-headless"),
    ("java-1.8.0-openjdk-devel", "openjdk-17-jdk-headless"),
    ("java-11-openjdk", "openjdk-17-jre-headless"),
    ("java-11-openjdk-devel", "openjdk-17-jdk-headless"),
    ("java-17-openjdk", "openjdk-17-jre-headless"),
    ("jpeg-dev", "libjpeg-dev"),
    ("kernel-headers", "linux-libc-dev"),
    ("libc-dev", "libc6-dev"),
    ("libc6-compat", ""),
    ("libcrypto1.1", "openssl"),
    ("libcrypto3", "openssl"),
    ("libffi-devel", "libffi-dev"),
    ("libgcc", ""),
    ("libintl", ""),
    ("libnsl-dev", "libnsl-dev"),
    ("libressl", "openssl"),
    ("libressl-dev", "libssl-dev"),
    ("libssl1.1", "openssl"),
    ("libssl3", "openssl"),
    ("libstdc++", ""),
    ("libstdc++-static", "libstdc++-12-dev"),
    ("libxml2-devel", "libxml2-dev"),
    ("linux-headers", "linux-libc-dev"),
    ("mariadb", "mariadb-server"),
    ("mariadb-dev", "libmariadb-dev"),
    ("mod_ssl", ""),
    ("musl", ""),
    ("musl-dev", "libc6-dev"),
    ("mysql", "mariadb-server"),
    ("mysql-client", "mariadb-client"),
    ("mysql-server", "mariadb-server"),
    ("nc", "netcat-openbsd"),
    ("ncurses-dev", "libncurses-dev"),
    ("ncurses-devel", "libncurses-dev"),
    ("nmap-ncat", "netcat-openbsd"),
    ("oniguruma-dev", "libonig-dev"),
    ("openjdk11", "openjdk-17-jdk-headless"),
    ("openjdk11-jre", "openjdk-17-jre-headless"),
    ("openjdk17", "openjdk-17-jdk-headless"),
    ("openjdk17-jre", "openjdk-17-jre-headless"),
    ("openjdk7", "openjdk-17-jdk-headless"),
    ("openjdk7-jre", "openjdk-17-jre-headless"),
    ("openjdk7-jre-base", "openjdk-17-jre-headless"),
    ("openjdk8", "openjdk-17-jdk-headless"),
    ("openjdk8-jre", "openjdk-17-jre-headless"),
    ("openjdk8-jre-base", "openjdk-17-jre-headless"),
    ("openssh", "openssh-client"),
    ("openssh-clients", "openssh-client"),
    ("openssl-dev", "libssl-dev"),
    ("openssl-devel", "libssl-dev"),
    ("pkgconf", "pkg-config"),
    ("postgresql-dev", "libpq-dev"),
    ("procps-ng", "procps"),
    ("python-devel", "python3-dev"),
    ("python3-devel", "python3-dev"),
    ("qemu-img", "qemu-utils"),
    ("readline-dev", "libreadline-dev"),
    ("readline-devel", "libreadline-dev"),
    ("redhat-lsb-core", "lsb-release"),
    ("rpm", "rpm"),
    ("shadow", ""),
    ("shadow-utils", ""),
    ("sqlite", "sqlite3"),
    ("sqlite-dev", "libsqlite3-dev"),
    ("sqlite-devel", "libsqlite3-dev"),
    ("su-exec", ""),
    ("tar", ""),
    ("ttf-dejavu", "fonts-dejavu-core"),
    ("tzdata", ""),
    ("vim-enhanced", "vim"),
    ("vim-minimal", "vim-tiny"),
    ("which", ""),
    ("xz", "xz-utils"),
    ("yum-utils", ""),
    ("zlib", ""),
    ("zlib-dev", "zlib1g-dev"),
    ("zlib-devel", "zlib1g-dev"),
];

static SLOTS: Slots<256> = Slots::of(AS_IN_DEBIAN);

/// Installs by another distribution's name what Debian has under nearly the same one, where
/// `install` takes a name of Debian's.
pub(super) fn install_like(
    table: Packages<'_>,
    install: &mut dyn FnMut(&str) -> Option<Weight>,
    name: &str,
) -> Option<Weight> {
    if let Some(names) = SLOTS.find(AS_IN_DEBIAN, name) {
        let each = names.split_whitespace();
        return Some(each.fold(Weight::default(), |sum, name| {
            sum.plus(install(name).unwrap_or_default())
        }));
    }
    let name = name
        .strip_suffix(".x86_64")
        .or_else(|| name.strip_suffix(".i686"))
        .unwrap_or(name);
    let mut install = |name: &str| {
        let found = install(name);
        found.or_else(|| install(table.kin(name)?))
    };
    let stem = name.strip_suffix("-devel");
    let devel = stem.map(|stem| [stem, "-dev"].concat());
    let debian = devel.as_deref().unwrap_or(name);
    let python = ["py3-", "py-", "py2-", "python-", "python3-"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix));
    let perl = name.strip_prefix("perl-");
    install(debian)
        .or_else(|| install(&["python3-", python?].concat()))
        .or_else(|| install(&["lib", perl?, "-perl"].concat().to_ascii_lowercase()))
        .or_else(|| install(&["lib", debian].concat()))
        .or_else(|| install(debian.strip_suffix("-libs")?.trim_end_matches("-libs")))
}

/// How far packages compress.
pub(super) const PACKAGES: Share = Share(330, 400, 480);

/// Packages of a distribution whose own figures are not there, by those of Debian: so many
/// hundredths of them.
pub(super) fn by_debian<'n>(
    names: impl Iterator<Item = &'n str>,
    strange: bool,
    (low, likely, high): (u64, u64, u64),
    (table, there): (Packages<'_>, &mut Installed),
    (what, what_is_open): (&'static str, &'static Basis),
) -> Estimate {
    let mut weight = Weight::default();
    let mut unknown = Vec::new();
    // Those that are in Debian's image already, of which nothing is known.
    let mut plain = 0_u64;
    for name in names {
        let mut install = |name: &str| table.install(there, name, false);
        match install_like(table, &mut install, name) {
            Some(found) => {
                plain += u64::from(found.count > 0 && found.bytes[0] == 0);
                weight = weight.plus(found);
            }
            None => unknown.push(name),
        }
    }
    let count = u64::try_from(unknown.len()).unwrap_or(u64::MAX);
    let part = |share: u64| weight.bytes[0] / 100 * share;
    let basis = if weight.count > 0 {
        listed(
            table,
            weight.count,
            &[what, ", which are about as those of "],
        )
    } else {
        Basis::Heuristic([what, " of unknown size"].concat().into())
    };
    let mut size = if weight.count == 0 && count > 0 {
        Estimate::zero()
    } else {
        Estimate::between(
            part(low) + plain * 300_000,
            part(likely) + count * 1_000_000 + plain * 1_200_000,
            part(high) + count * 8_000_000 + plain * 2_500_000 + 300_000,
            basis,
        )
    };
    if strange {
        size = size.plus(&Estimate::open(what_is_open));
    } else if count * 3_000_000 > part(likely) && count > 0 {
        size = size.plus(&Estimate::unknown(first_of(what, &unknown)));
    }
    size
}

#[cfg(test)]
mod tests {
    use super::AS_IN_DEBIAN;

    #[test]
    fn other_names_are_sorted() {
        assert!(AS_IN_DEBIAN.is_sorted());
    }
}
