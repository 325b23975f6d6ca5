//! Patterns for names of files: `*`, `?`, `[a-z]`, `\`.

/// Whether `name` fits `pattern`. A star stands for any characters but `/`, and works in time
/// that grows with the product of both lengths at most.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where to go on from when what follows the last star does not fit.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match pattern.get(at) {
            Some('*') => {
                at += 1;
                star = Some((at, read));
                continue;
            }
            Some(_) => {
                if let Some((next, true)) = name.get(read).map(|&c| one(&pattern, at, c)) {
                    at = next;
                    read += 1;
                    continue;
                }
            }
            None if read == name.len() => return true,
            None => {}
        }
        let Some((next, from)) = star else {
            return false;
        };
        if name.get(from).is_none_or(|&c| c == '/') {
            return false;
        }
        star = Some((next, from + 1));
        (at, read) = (next, from + 1);
    }
}

/// Whether the one character that the pattern has at `at` stands for `c`, and where it goes on.
fn one(pattern: &[char], at: usize, c: char) -> (usize, bool) {
    match pattern.get(at) {
        Some('?') => (at + 1, c != '/'),
        Some('\\') => match pattern.get(at + 1) {
            Some(&quoted) => (at + 2, quoted == c),
            None => (at + 1, c == '\\'),
        },
        Some('[') => set(pattern, at + 1, c).unwrap_or((at + 1, c == '[')),
        Some(&literal) => (at + 1, literal == c),
        None => (at, false),
    }
}

/// A bracket expression whose first character is at `at`; `None` if it does not end.
fn set(pattern: &[char], mut at: usize, c: char) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let mut found = false;
    loop {
        let low = *pattern.get(at)?;
        if low == ']' && at > first {
            return Some((at + 1, c != '/' && found != negated));
        }
        let mut low = low;
        if low == '\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        let high = match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(&high)) if high != ']' => {
                at += 2;
                high
            }
            _ => low,
        };
        found |= (low..=high).contains(&c);
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_fit_what_a_shell_would_find() {
        for (pattern, name, fits) in [
            ("*.txt", "a.txt", true),
            ("*.txt", "a.md", false),
            ("a?.txt", "a1.txt", true),
            ("a?.txt", "a22.txt", false),
            ("[b-c].txt", "c.txt", true),
            ("[!b-c].txt", "c.txt", false),
            ("[", "[", true),
            ("*", "a/b", false),
            ("a*b*c", "aXbYbZc", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!matches(
            &"*a".repeat(200),
            &"a".repeat(199).replace("aa", "ab")
        ));
    }
}
