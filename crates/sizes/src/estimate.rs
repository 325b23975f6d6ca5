//! A size that is not known exactly, and why it is believed.

use std::sync::Arc;

use crate::reasons::{Name, Reasons};

/// Where a figure was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What it was read in.
    pub name: Name,
    /// When: `YYYY-MM-DD`, or less of it.
    pub date: Name,
}

/// Why a size is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// A row of the table of base images.
    Image {
        /// The image and tag of the row.
        row: Name,
        /// Whether that row is only the nearest one to what was asked for.
        nearest: bool,
        /// Where the figure was read.
        source: Arc<Origin>,
    },
    /// Packages out of a distribution's own index.
    Packages {
        /// Which index.
        source: Arc<Origin>,
        /// How many packages, what they need included.
        count: u32,
    },
    /// Files of the build context.
    Context,
    /// Files that an earlier stage holds.
    Stage,
    /// A rule of thumb, by its name.
    Heuristic(Name),
    /// The lesson or the person says so, and why.
    Told(Name),
    /// Nothing is known; what it is about.
    Unknown(Name),
}

impl Basis {
    /// Whether it is the same; most that are not are told apart at once.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Heuristic(one), Self::Heuristic(other))
            | (Self::Unknown(one), Self::Unknown(other)) => one == other,
            (Self::Heuristic(_) | Self::Unknown(_), _) => false,
            _ => self == other,
        }
    }

    /// In a few words, for a table cell.
    pub fn words(&self) -> String {
        match self {
            Self::Image {
                row,
                nearest,
                source,
            } => {
                let near = if *nearest { "nearest known tag, " } else { "" };
                let Origin { name: source, date } = &**source;
                format!("{near}{row} ({source}, {date})")
            }
            Self::Packages { source, count } => {
                let Origin { name: source, date } = &**source;
                format!("{count} packages ({source}, {date})")
            }
            Self::Context => "files of the build context".to_owned(),
            Self::Stage => "files of an earlier stage".to_owned(),
            Self::Heuristic(name) => format!("rule of thumb: {name}"),
            Self::Told(because) => format!("told: {because}"),
            Self::Unknown(what) => format!("unknown: {what}"),
        }
    }
}

/// A number of bytes: not less than `low`, likely about `likely`, hardly more than `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The least.
    pub low: u64,
    /// The best guess; `None` where nothing is known.
    pub likely: Option<u64>,
    /// The most; `None` where there is no telling.
    pub high: Option<u64>,
}

impl Span {
    /// Of which nothing is known.
    pub const UNKNOWN: Self = Self {
        low: 0,
        likely: None,
        high: None,
    };

    /// Exactly so many bytes.
    pub const fn exact(bytes: u64) -> Self {
        Self {
            low: bytes,
            likely: Some(bytes),
            high: Some(bytes),
        }
    }

    /// A range.
    pub fn between(low: u64, likely: u64, high: u64) -> Self {
        Self {
            low: low.min(likely),
            likely: Some(likely),
            high: Some(high.max(likely)),
        }
    }

    /// Adds another to it. Where one is unknown, so is the sum, but not its least.
    #[inline]
    pub fn add(&mut self, other: Self) {
        let both = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        self.low = self.low.saturating_add(other.low);
        self.likely = both(self.likely, other.likely);
        self.high = both(self.high, other.high);
    }

    /// So many thousandths of it, for what is compressed.
    #[must_use]
    pub fn thousandths(self, share: u64) -> Self {
        let part = |bytes: u64| (bytes / 1000).saturating_mul(share);
        Self {
            low: part(self.low),
            likely: self.likely.map(part),
            high: self.high.map(part),
        }
    }

    /// In words: the likely figure with its range, or that it is unknown and what it is at least.
    pub fn words(&self) -> String {
        match (self.likely, self.high) {
            (Some(likely), Some(high)) if self.low == likely && high == likely => words(likely),
            (Some(likely), Some(high)) => {
                format!("{} ({} to {})", words(likely), words(self.low), words(high))
            }
            (Some(likely), None) => format!("{} ({} or more)", words(likely), words(self.low)),
            (None, Some(high)) => {
                format!("somewhere from {} to {}", words(self.low), words(high))
            }
            (None, None) if self.low > 0 => format!("unknown, at least {}", words(self.low)),
            (None, None) => "unknown".to_owned(),
        }
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let mut sum = Self::exact(0);
        all.for_each(|one| sum.add(one));
        sum
    }
}

/// A number of bytes, and why it is believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estimate {
    /// The least.
    pub low: u64,
    /// The best guess; `None` where nothing is known.
    pub likely: Option<u64>,
    /// The most; `None` where there is no telling.
    pub high: Option<u64>,
    /// Why, each reason once.
    pub basis: Reasons,
}

impl Estimate {
    /// No bytes at all, which needs no reason.
    pub fn zero() -> Self {
        Self::of(Span::exact(0), Reasons::default())
    }

    /// So many bytes, for those reasons.
    pub fn of(span: Span, basis: impl Into<Reasons>) -> Self {
        let Span { low, likely, high } = span;
        Self {
            low,
            likely,
            high,
            basis: basis.into(),
        }
    }

    /// Exactly so many bytes.
    pub fn known(bytes: u64, basis: impl Into<Reasons>) -> Self {
        Self::of(Span::exact(bytes), basis)
    }

    /// A range.
    pub fn between(low: u64, likely: u64, high: u64, basis: impl Into<Reasons>) -> Self {
        Self::of(Span::between(low, likely, high), basis)
    }

    /// A range in which nothing is likelier than anything else.
    pub fn range(low: u64, high: u64, basis: impl Into<Reasons>) -> Self {
        let span = Span {
            low,
            likely: None,
            high: Some(high.max(low)),
        };
        Self::of(span, basis)
    }

    /// Nothing is known; what it is about.
    pub fn unknown(what: impl Into<Name>) -> Self {
        Self::open(Basis::Unknown(what.into()))
    }

    /// Nothing is known, and why.
    pub fn open(basis: impl Into<Reasons>) -> Self {
        Self::of(Span::UNKNOWN, basis)
    }

    /// The bytes alone.
    pub const fn span(&self) -> Span {
        Span {
            low: self.low,
            likely: self.likely,
            high: self.high,
        }
    }

    /// Both together, as [`Span::add`] has it.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Adds another to it.
    pub fn add(&mut self, other: &Self) {
        let mut span = self.span();
        span.add(other.span());
        Span {
            low: self.low,
            likely: self.likely,
            high: self.high,
        } = span;
        self.basis.add(&other.basis);
    }

    /// In words, as [`Span::words`] has it.
    pub fn words(&self) -> String {
        self.span().words()
    }
}

/// Bytes as Docker writes them: decimal units, three digits, `15.8 MB`.
pub fn words(bytes: u64) -> String {
    for (unit, scale) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)] {
        let whole = bytes / scale;
        if whole == 0 {
            continue;
        }
        let rest = bytes % scale;
        return match whole {
            100.. => format!("{whole} {unit}"),
            10..100 => format!("{whole}.{} {unit}", rest / (scale / 10)),
            _ => format!("{whole}.{:02} {unit}", rest / (scale / 100)),
        };
    }
    format!("{bytes} B")
}

/// Bytes as `docker images` and `docker history` print them: `15.8MB`, `7.8MB`, `0B`.
/// Source: `HumanSizeWithPrecision` of go-units with three digits.
pub fn docker_words(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut scale = 1_u64;
    let mut unit = 0;
    while bytes / scale >= 1_000 && unit + 1 < UNITS.len() {
        scale = scale.saturating_mul(1_000);
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    let places = match bytes / scale {
        100.. => 0,
        10..100 => 1,
        _ => 2,
    };
    let parts = 10_u128.pow(places);
    let scale = u128::from(scale);
    let rounded = (u128::from(bytes) * parts + scale / 2) / scale;
    let (whole, rest) = (rounded / parts, rounded % parts);
    let width = usize::try_from(places).unwrap_or(0);
    let rest = format!("{rest:0width$}");
    match rest.trim_end_matches('0') {
        "" => format!("{whole}{name}"),
        rest => format!("{whole}.{rest}{name}"),
    }
}

/// Bytes in binary units: `15.0 MiB`.
pub fn binary_words(bytes: u64) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        let whole = bytes >> shift;
        if whole > 0 {
            let tenths = (u128::from(bytes) * 10) >> shift;
            return format!("{whole}.{} {unit}", tenths % 10);
        }
    }
    format!("{bytes} B")
}

impl<'a> std::iter::Sum<&'a Estimate> for Estimate {
    fn sum<I: Iterator<Item = &'a Estimate>>(all: I) -> Self {
        all.fold(Self::zero(), Estimate::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_an_unknown_part_has_a_least_only() {
        let known = Estimate::known(7, Basis::Context);
        let sum = known.clone().plus(&Estimate::unknown("x"));
        assert_eq!((sum.low, sum.likely, sum.high), (7, None, None));
        assert_eq!(sum.basis.len(), 2);
    }

    #[test]
    fn a_reason_is_given_once() {
        let sum: Estimate = [
            Estimate::known(1, Basis::Context),
            Estimate::known(2, Basis::Context),
        ]
        .iter()
        .sum();
        assert_eq!(sum, Estimate::known(3, Basis::Context));
    }

    #[test]
    fn sizes_are_written_as_docker_writes_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_500, "1.50 kB"),
            (7_800_000, "7.80 MB"),
            (15_849_999, "15.8 MB"),
            (823_150_000, "823 MB"),
            (1_120_000_000, "1.12 GB"),
            (u64::MAX, "18446744073 GB"),
        ] {
            assert_eq!(words(bytes), text);
        }
        for (bytes, text) in [
            (1_023, "1023 B"),
            (1_536, "1.5 KiB"),
            (15_849_999, "15.1 MiB"),
            (u64::MAX, "17179869183.9 GiB"),
        ] {
            assert_eq!(binary_words(bytes), text);
        }
        for (bytes, text) in [
            (0, "0B"),
            (999, "999B"),
            (1_500, "1.5kB"),
            (7_800_000, "7.8MB"),
            (15_849_999, "15.8MB"),
            (15_850_000, "15.9MB"),
            (1_000_000, "1MB"),
            (1_020_000_000, "1.02GB"),
            (u64::MAX, "18.4EB"),
        ] {
            assert_eq!(docker_words(bytes), text);
        }
        assert_eq!(Estimate::unknown("x").words(), "unknown");
        let range = Estimate::between(1_000, 2_000, 3_000, Basis::Context);
        assert_eq!(range.words(), "2.00 kB (1.00 kB to 3.00 kB)");
        let range = Estimate::range(1_000, 3_000, Basis::Context);
        assert_eq!(range.words(), "somewhere from 1.00 kB to 3.00 kB");
    }

    #[test]
    fn sums_do_not_overflow() {
        let most = Estimate::known(u64::MAX, Basis::Context);
        assert_eq!(most.clone().plus(&most).likely, Some(u64::MAX));
    }
}
