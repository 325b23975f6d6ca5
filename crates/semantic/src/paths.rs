//! Paths of an image: absolute, with `/`.

/// `path` seen from the folder `from`, without `.`, `..` and doubled slashes.
pub fn join(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let from = if path.starts_with('/') { "" } else { from };
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = String::with_capacity(from.len() + path.len() + 1);
    for part in parts {
        out.push('/');
        out.push_str(part);
    }
    if out.is_empty() {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_absolute_and_clean() {
        for (from, path, want) in [
            ("/", "app", "/app"),
            ("/app", "src", "/app/src"),
            ("/app", "../x/./y//z/", "/x/y/z"),
            ("/app", "/etc", "/etc"),
            ("/", "..", "/"),
            ("", "", "/"),
        ] {
            assert_eq!(join(from, path), want, "{from} {path}");
        }
    }
}
