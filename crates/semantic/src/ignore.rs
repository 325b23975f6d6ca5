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
        let mut verdict = Verdict::default();
        if self.lines.is_empty() {
            return verdict;
        }
        let names: Vec<&str> = names(path).collect();
        for pattern in &self.lines {
            if matches_above(&pattern.parts, &names, 1) {
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

/// For each count of names, from none to all, whether the parts match so many of the first. Linear in
/// the product of both lengths.
fn reached(parts: &[Part], names: &[&str]) -> Vec<bool> {
    // By the parts so far.
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
    reached
}

/// Whether the parts match a path or a folder above it, of at least so many names: whoever matches
/// a folder matches what is in it.
fn matches_above(parts: &[Part], names: &[&str], least: usize) -> bool {
    if parts.contains(&Part::Any) {
        return reached(parts, names).into_iter().skip(least).any(|it| it);
    }
    // As many names as there are parts, and no others.
    parts.len() >= least
        && parts.len() <= names.len()
        && parts.iter().zip(names).all(|(part, name)| match part {
            Part::Name(units) => matches_name(units, name),
            Part::Any => false,
        })
}

/// The names that a path goes through.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// Whether a name is all matched. Goes back to the last star only, so that it stays quadratic.
fn matches_name(units: &[Unit], name: &str) -> bool {
    // Most names are plain, and most differ at once.
    if let Some(Unit::Char(first)) = units.first()
        && !name.starts_with(*first)
    {
        return false;
    }
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

/// The sources of COPY or ADD: paths or patterns below the context, `.` for all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    list: Vec<Taken>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Taken {
    /// The whole context.
    All,
    /// A file, or a folder with all that is in it.
    Path(String),
    Pattern(Vec<Part>),
}

impl Sources {
    /// Reads sources. A pattern that cannot be read takes nothing.
    pub fn read<'a>(sources: impl IntoIterator<Item = &'a str>) -> Self {
        let taken = |source: &'a str| {
            let parts = clean(source);
            if parts.is_empty() {
                Some(Taken::All)
            } else if source.contains(['*', '?', '[', '\\']) {
                let parts: Option<Vec<Part>> = parts.into_iter().map(part).collect();
                parts.map(Taken::Pattern)
            } else {
                Some(Taken::Path(parts.join("/")))
            }
        };
        Self {
            list: sources.into_iter().filter_map(taken).collect(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What every path starts with that they take; empty where nothing can be said.
    pub fn start(&self) -> &str {
        match self.list.as_slice() {
            [Taken::Path(path)] => path,
            _ => "",
        }
    }

    /// Whether one of them takes the file of that path (without a leading slash).
    pub fn takes(&self, path: &str) -> bool {
        self.list.iter().any(|source| match source {
            Taken::All => true,
            Taken::Path(own) => path
                .strip_prefix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            Taken::Pattern(parts) => {
                let names: Vec<&str> = names(path).collect();
                matches_above(parts, &names, 0)
            }
        })
    }
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
            ("src", "src2/a", false),
            ("a/../b", "b/c", true),
            ("*/x", "a/x/y", true),
            ("a[", "a[", false),
        ] {
            let sources = Sources::read([source]);
            assert_eq!(sources.takes(path), taken, "{source} {path}");
        }
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let patterns = Patterns::read(&("a*".repeat(1_000) + "b"));
        assert!(!patterns.verdict(&"a".repeat(1_000)).ignored);
        let patterns = Patterns::read(&"**/a/".repeat(500));
        assert!(!patterns.verdict(&"a/".repeat(200)).ignored);
        let patterns = Patterns::read("**/a");
        assert!(!patterns.verdict(&"b/".repeat(20_000)).ignored);
    }
}
