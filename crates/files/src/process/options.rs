//! Options of tools.

use super::{Run, unknown};

/// The options and operands of a tool.
pub(super) struct Options<'a> {
    /// Short options in order, each with its value if it takes one.
    pub(super) given: Vec<(char, Option<&'a str>)>,
    /// What is no option.
    pub(super) operands: Vec<&'a str>,
}

impl<'a> Options<'a> {
    /// Sorts arguments. `known` are the options without a value, `valued` those with one, and
    /// `long` the long ones with what they are for short; another option is not known.
    pub(super) fn read(
        arguments: &'a [String],
        known: &str,
        valued: &str,
        long: &[(&str, char)],
    ) -> Run<Self> {
        let mut options = Self {
            given: Vec::new(),
            operands: Vec::new(),
        };
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(word) = rest.next() {
            if word == "--" {
                options.operands.extend(rest.by_ref());
            } else if let Some(name) = word.strip_prefix("--") {
                let (name, value) = match name.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (name, None),
                };
                let Some(&(_, short)) = long.iter().find(|(long, _)| *long == name) else {
                    return unknown(format!("the option --{name}"));
                };
                let value = match value {
                    None if valued.contains(short) => rest.next(),
                    value => value,
                };
                options.given.push((short, value));
            } else if word.len() > 1 && word.starts_with('-') {
                let letters = word.char_indices().skip(1);
                for (at, letter) in letters {
                    if valued.contains(letter) {
                        let attached = word
                            .get(at + letter.len_utf8()..)
                            .filter(|text| !text.is_empty());
                        let value = attached.or_else(|| rest.next());
                        options.given.push((letter, value));
                        break;
                    }
                    if !known.contains(letter) {
                        return unknown(format!("the option -{letter}"));
                    }
                    options.given.push((letter, None));
                }
            } else {
                options.operands.push(word);
            }
        }
        Ok(options)
    }

    /// Whether one of these is given.
    pub(super) fn has(&self, any: &str) -> bool {
        self.given.iter().any(|(letter, _)| any.contains(*letter))
    }

    /// The value of an option, the last one if it is given several times.
    pub(super) fn value(&self, wanted: char) -> Option<&'a str> {
        self.given
            .iter()
            .rev()
            .find(|(letter, _)| *letter == wanted)
            .and_then(|(_, value)| *value)
    }
}

/// A size as `head -c`, `truncate -s` and `dd` read it: `10`, `4k`, `1M`, `1MB`.
pub(super) fn size(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "kB" | "KB" => 1_000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "m" | "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// A mode as chmod reads it, applied to `old`. `None` where it is none.
pub(crate) fn mode(text: &str, old: u32, is_dir: bool) -> Option<u32> {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return (mode <= 0o7777).then_some(mode);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(at);
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        if who.is_empty() {
            // As with the usual umask.
            mask = 0o7755;
        }
        let mut op = '+';
        let mut bits = 0;
        let mut pending = false;
        let apply = |op: char, bits: u32, mode: &mut u32| match op {
            '+' => *mode |= bits & mask,
            '-' => *mode &= !(bits & mask),
            _ => *mode = *mode & !(mask & 0o0777) | bits & mask,
        };
        for letter in rest.chars() {
            match letter {
                '+' | '-' | '=' => {
                    if pending {
                        apply(op, bits, &mut mode);
                    }
                    (op, bits, pending) = (letter, 0, true);
                }
                'r' => bits |= 0o444,
                'w' => bits |= 0o222,
                'x' => bits |= 0o111,
                'X' if is_dir || old & 0o111 != 0 => bits |= 0o111,
                'X' => {}
                's' => bits |= 0o6000,
                't' => bits |= 0o1000,
                _ => return None,
            }
        }
        if pending {
            apply(op, bits, &mut mode);
        }
    }
    Some(mode)
}

#[cfg(test)]
mod tests {
    use super::{mode, size};

    #[test]
    fn modes_are_read_as_chmod_reads_them() {
        for (text, old, new) in [
            ("755", 0, Some(0o755)),
            ("u+x,go-r", 0o644, Some(0o700)),
            ("+x", 0o644, Some(0o755)),
            ("a=r", 0o755, Some(0o444)),
            ("g+s", 0o755, Some(0o2755)),
            ("u+X", 0o644, Some(0o644)),
            ("q+x", 0o644, None),
            ("99999", 0o644, None),
        ] {
            assert_eq!(mode(text, old, false), new, "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("4k"), Some(4096));
        assert_eq!(size("1MB"), Some(1_000_000));
        assert_eq!(size("x"), None);
        assert_eq!(size("99999999999999999999"), None);
    }
}
