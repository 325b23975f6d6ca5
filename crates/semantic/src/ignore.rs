//! `.dockerignore`: which files of the context are not sent.
//!
//! Order, `!`, `**`, classes and escapes as BuildKit's pattern matcher has them (moby/patternmatcher,
//! settled by the recorded builds): the last line that matches a path, or a folder above it,
//! decides.

/// The lines of a `.dockerignore`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patterns {
    lines: Vec<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// From 1.
    line: u32,
    /// `!`: matching files are sent after all.
    exception: bool,
    /// The parts between slashes.
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `**`: any number of folders.
    Any,
    /// A name with `*`, `?`, classes and escapes.
    Name(Vec<Unit>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Unit {
    Char(char),
    /// `?`
    One,
    /// `*`
    Star,
    /// `[a-z]`, `[^a]`
    Class(bool, Vec<(char, char)>),
}

/// Whether a file is left out, and which line says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Whether it is left out.
    pub ignored: bool,
    /// The line that decided, from 1; `None` where none matches.
    pub line: Option<u32>,
}

impl Patterns {
    /// Reads a `.dockerignore`. Empty lines and comments say nothing; a pattern that cannot be read
    /// matches nothing.
    pub fn read(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.starts_with('#') {
                continue;
            }
            let text = text.trim();
            let (exception, text) = match text.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, text),
            };
            let parts = pattern_parts(text);
            if parts.is_empty() {
                continue;
            }
            let parts: Option<Vec<Part>> = parts.into_iter().map(part).collect();
            if let Some(parts) = parts {
                lines.push(Pattern {
                    line,
                    exception,
                    parts,
                });
            }
        }
        Self { lines }
    }

    /// Whether a line leaves out every name, and no later one lets any in again.
    pub fn leaves_nothing(&self) -> bool {
        let whole = |pattern: &Pattern| {
            !pattern.exception
                && match pattern.parts.as_slice() {
                    [Part::Any] => true,
                    [Part::Name(units)] => matches!(units.as_slice(), [Unit::Star]),
                    _ => false,
                }
        };
        let last = self.lines.iter().rposition(whole);
        last.is_some_and(|at| self.lines.iter().skip(at).all(|pattern| !pattern.exception))
    }

    /// Says whether the file of that path (without a leading slash) is left out.
    pub fn verdict(&self, path: &str) -> Verdict {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let mut verdict = Verdict::default();
        for pattern in &self.lines {
            // Whoever matches a folder matches what is in it.
            let matches = (1..=names.len())
                .any(|depth| matches(&pattern.parts, names.get(..depth).unwrap_or_default()));
            if matches {
                verdict = Verdict {
                    ignored: !pattern.exception,
                    line: Some(pattern.line),
                };
            }
        }
        verdict
    }
}

/// The parts of a path without `.`, `..` and doubled slashes.
fn clean(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts
}

/// The parts of a pattern. One that leads out of the context fits nothing in it.
fn pattern_parts(text: &str) -> Vec<&str> {
    let mut parts = clean(text);
    if text.starts_with('/') {
        return parts;
    }
    let mut depth = 0_usize;
    let mut outside = 0;
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => outside += 1,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    parts.splice(..0, std::iter::repeat_n("..", outside));
    parts
}

fn part(text: &str) -> Option<Part> {
    if text == "**" {
        return Some(Part::Any);
    }
    let mut units = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        units.push(match char {
            '*' => {
                // `**` inside of a name is as good as `*`.
                while chars.next_if_eq(&'*').is_some() {}
                Unit::Star
            }
            '?' => Unit::One,
            '\\' => Unit::Char(chars.next()?),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    let mut low = chars.next()?;
                    if low == ']' && !ranges.is_empty() {
                        break;
                    }
                    if low == '\\' {
                        low = chars.next()?;
                    }
                    let mut high = low;
                    if chars.next_if_eq(&'-').is_some() {
                        high = chars.next()?;
                        if high == '\\' {
                            high = chars.next()?;
                        }
                    }
                    ranges.push((low, high));
                }
                Unit::Class(negated, ranges)
            }
            char => Unit::Char(char),
        });
    }
    Some(Part::Name(units))
}

/// Whether the parts match these names, all of them. Linear in the product of both lengths.
fn matches(parts: &[Part], names: &[&str]) -> bool {
    // `reached[i]`: the parts so far can have taken the first `i` names.
    let mut reached = vec![false; names.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for (at, part) in parts.iter().enumerate() {
        match part {
            // `docs/**` is what is in `docs`, and not `docs` itself.
            Part::Any if at > 0 && at + 1 == parts.len() => {
                let mut any = false;
                for place in &mut reached {
                    (*place, any) = (any, any || *place);
                }
            }
            Part::Any => {
                let mut any = false;
                for place in &mut reached {
                    any |= *place;
                    *place = any;
                }
            }
            Part::Name(units) => {
                let before = reached.clone();
                reached.fill(false);
                for ((place, name), was) in reached.iter_mut().skip(1).zip(names).zip(before) {
                    *place = was && matches_name(units, name);
                }
            }
        }
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether a name is all matched. Goes back to the last star only, so that it stays quadratic.
fn matches_name(units: &[Unit], name: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    let (mut unit, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < chars.len() {
        let taken = match (units.get(unit), chars.get(at)) {
            (Some(Unit::Star), _) => {
                star = Some((unit, at));
                unit += 1;
                continue;
            }
            (Some(Unit::One), Some(_)) => true,
            (Some(Unit::Char(wanted)), Some(char)) => wanted == char,
            (Some(Unit::Class(negated, ranges)), Some(char)) => {
                ranges.iter().any(|(low, high)| low <= char && char <= high) != *negated
            }
            _ => false,
        };
        if taken {
            unit += 1;
            at += 1;
        } else if let Some((star_unit, star_at)) = star {
            star = Some((star_unit, star_at + 1));
            unit = star_unit + 1;
            at = star_at + 1;
        } else {
            return false;
        }
    }
    units
        .iter()
        .skip(unit)
        .all(|unit| matches!(unit, Unit::Star))
}

/// Whether a source of COPY (a path or a pattern below the context, `.` for all of it) takes a
/// file.
pub fn takes(source: &str, path: &str) -> bool {
    let parts = clean(source);
    let parts: Option<Vec<Part>> = parts.into_iter().map(part).collect();
    let Some(parts) = parts else {
        return false;
    };
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    // A folder is taken with all that is in it.
    (0..=names.len()).any(|depth| matches(&parts, names.get(..depth).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_decides() {
        for (text, path, ignored, line) in [
            ("node_modules\n", "node_modules/a/b.js", true, Some(1)),
            ("node_modules\n", "app/node_modules/a.js", false, None),
            ("**/node_modules\n", "app/node_modules/a.js", true, Some(1)),
            ("/node_modules/\n", "node_modules/a.js", true, Some(1)),
            ("*.log\n!keep.log\n", "keep.log", false, Some(2)),
            ("*.log\n!keep.log\n", "a.log", true, Some(1)),
            ("*.log\n", "logs/a.log", false, None),
            ("**/*.log\n", "a.log", true, Some(1)),
            ("docs\n!docs/README.md\n", "docs/README.md", false, Some(2)),
            ("!a\na\n", "a", true, Some(2)),
            ("# a\n\na?c\n", "abc", true, Some(3)),
            ("[a-c]x\n", "bx", true, Some(1)),
            ("[^a-c]x\n", "bx", false, None),
            ("\\*\n", "*", true, Some(1)),
            ("\\*\n", "a", false, None),
            ("./a/../b\n", "b", true, Some(1)),
            ("*\n!src\n", "src/main.go", false, Some(2)),
            ("*\n!src\n", "README", true, Some(1)),
            ("a[\n", "a[", false, None),
            ("", "a", false, None),
        ] {
            let verdict = Patterns::read(text).verdict(path);
            assert_eq!(verdict, Verdict { ignored, line }, "{text:?} {path}");
        }
    }

    #[test]
    fn sources_take_files_folders_and_patterns() {
        for (source, path, taken) in [
            (".", "a/b", true),
            ("package*.json", "package-lock.json", true),
            ("package*.json", "src/package.json", false),
            ("src/", "src/a/b", true),
            ("./src", "src/a", true),
            ("a.txt", "b.txt", false),
        ] {
            assert_eq!(takes(source, path), taken, "{source} {path}");
        }
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let patterns = Patterns::read(&("a*".repeat(1_000) + "b"));
        assert!(!patterns.verdict(&"a".repeat(1_000)).ignored);
        let patterns = Patterns::read(&"**/a/".repeat(500));
        assert!(!patterns.verdict(&"a/".repeat(200)).ignored);
    }
}
