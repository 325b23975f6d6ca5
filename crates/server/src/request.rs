//! What a request asks for, read without trust.

/// How a copy of a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli, which browsers take over TLS and from their own machine.
    Brotli,
    /// gzip, which all take.
    Gzip,
}

impl Encoding {
    /// The smaller one first.
    pub(crate) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Whether `Accept-Encoding` names it, other than to forbid it.
    pub(crate) fn is_in(self, accepted: &str) -> bool {
        accepted.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(self.name()));
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .unwrap_or("1");
            named && !weight.trim_end_matches(['0', '.']).is_empty()
        })
    }
}

/// The path of a file below the root; `None` for one that may lead anywhere else. A folder's gets its
/// `index.html`.
pub(crate) fn file_path(path: &str) -> Option<String> {
    let mut path = decoded(path.trim_start_matches('/'))?;
    // What parts a path, names a drive or ends a name for some system.
    let strange = |c: char| c.is_control() || matches!(c, '\\' | ':');
    if path.chars().any(strange) {
        return None;
    }
    if path.is_empty() || path.ends_with('/') {
        path.push_str("index.html");
    }
    let known = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    known.then_some(path)
}

/// The path with `%20` and its like read; `None` where what comes of it is no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after
            .get(..2)
            .filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        if code.is_some() {
            rest = after.get(2..).unwrap_or_default();
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_root() {
        for (path, file) in [
            ("/", Some("index.html")),
            ("//a.js", Some("a.js")),
            ("/a/", Some("a/index.html")),
            ("/a%20b/c%C3%A9.js", Some("a b/cé.js")),
            ("/100%", Some("100%")),
            ("/%+1x", Some("%+1x")),
            ("/a//b", None),
            ("/..", None),
            ("/a/../b", None),
            ("/a/./b", None),
            ("/%2e%2e/b", None),
            ("/a%2f..%2fb", None),
            ("/a\\..\\b", None),
            ("/%5c%5chost", None),
            ("/c:/b", None),
            ("/a%00.js", None),
            ("/%ff", None),
            ("*", Some("*")),
        ] {
            assert_eq!(file_path(path).as_deref(), file, "{path}");
        }
    }

    #[test]
    fn a_coding_is_taken_where_it_is_named_and_not_forbidden() {
        for (accepted, brotli, gzip) in [
            ("", false, false),
            ("gzip, deflate", false, true),
            ("gzip, deflate, br, zstd", true, true),
            ("GZIP;q=0.5,Br ; q=1", true, true),
            ("gzip;q=0, br; q=0.000", false, false),
            ("identity", false, false),
            (";;,,q=", false, false),
        ] {
            assert_eq!(Encoding::Brotli.is_in(accepted), brotli, "{accepted}");
            assert_eq!(Encoding::Gzip.is_in(accepted), gzip, "{accepted}");
        }
    }
}
