//! Archives of files, by their names.

/// How an archive is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// tar alone.
    Plain,
    /// tar with gzip.
    Gzip,
    /// tar with bzip2.
    Bzip2,
    /// tar with xz, or with LZMA as xz had it before.
    Xz,
    /// tar with Zstandard.
    Zstd,
    /// Not of tar at all.
    Zip,
}

const ENDINGS: [(&str, Packing); 14] = [
    (".tar", Packing::Plain),
    (".tar.gz", Packing::Gzip),
    (".tgz", Packing::Gzip),
    (".taz", Packing::Gzip),
    (".tar.bz2", Packing::Bzip2),
    (".tbz2", Packing::Bzip2),
    (".tbz", Packing::Bzip2),
    (".tar.xz", Packing::Xz),
    (".txz", Packing::Xz),
    (".tar.lzma", Packing::Xz),
    (".tlz", Packing::Xz),
    (".tar.zst", Packing::Zstd),
    (".tzst", Packing::Zstd),
    (".zip", Packing::Zip),
];

/// How what has that name is packed, in small letters or large ones; `None` for what is not named
/// like an archive of files.
pub fn packing(name: &str) -> Option<Packing> {
    // Most end in another letter.
    let (b'2' | b'a' | b'p' | b'r' | b't' | b'z') = name.as_bytes().last()?.to_ascii_lowercase()
    else {
        return None;
    };
    let ends = |ending: &str| {
        let start = name.len().checked_sub(ending.len())?;
        let end = name.get(start..)?;
        end.eq_ignore_ascii_case(ending).then_some(())
    };
    let mut endings = ENDINGS.iter();
    endings
        .find(|(ending, _)| ends(ending).is_some())
        .map(|(_, packing)| *packing)
}

impl Packing {
    /// Whether ADD takes an archive of the build context apart. It looks at what is in the file, not
    /// at its name, which is all that can be known here.
    ///
    /// Source: the reference of Dockerfiles, at ADD; zstd is one more that the code knows.
    pub fn is_unpacked_by_add(self) -> bool {
        self != Self::Zip
    }
}

#[cfg(test)]
mod tests {
    use super::{Packing, packing};

    #[test]
    fn the_name_of_an_archive_tells_its_packing() {
        for (ending, packing) in super::ENDINGS {
            assert_eq!(super::packing(&["a", ending].concat()), Some(packing));
        }
        for (name, expected) in [
            ("a.tar", Some(Packing::Plain)),
            ("dist/app-1.2.tar.gz", Some(Packing::Gzip)),
            ("APP.TGZ", Some(Packing::Gzip)),
            ("root.tar.xz", Some(Packing::Xz)),
            ("a.tar.zst", Some(Packing::Zstd)),
            ("a.zip", Some(Packing::Zip)),
            ("a.gz", None),
            ("tar", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(packing(name), expected, "{name}");
        }
        assert!(packing("a.tgz").is_some_and(Packing::is_unpacked_by_add));
        assert!(!Packing::Zip.is_unpacked_by_add());
    }
}
