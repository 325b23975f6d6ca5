//! Sizes as people write them.

use serde::Deserialize;
use serde::de::{self, Deserializer};

/// A number of bytes, written `12 MB` (decimal, as Docker writes it) or as a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).map(Size).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is no size: write it like `12 MB` or `640 kB`"
            ))
        })
    }
}

/// Reads `12 MB`; decimal units, one decimal point.
pub(super) fn read(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), "B"));
    let unit: u64 = match unit.trim() {
        "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = whole.parse().ok()?;
    let mut total = whole.checked_mul(unit)?;
    let mut scale = unit;
    for digit in part.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        scale /= 10;
        total = total.checked_add(u64::from(digit - b'0') * scale)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn sizes_are_decimal() {
        for (text, bytes) in [
            ("12 MB", Some(12_000_000)),
            ("1.25 GB", Some(1_250_000_000)),
            ("640 kB", Some(640_000)),
            ("17", Some(17)),
            ("12 MiB", None),
            ("x MB", None),
            ("1.x MB", None),
        ] {
            assert_eq!(read(text), bytes, "{text}");
        }
    }
}
