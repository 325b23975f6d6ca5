//! Paths of an image: absolute, with `/`.

/// `path` seen from the folder `from`, without `.`, `..` and doubled slashes.
pub fn join(from: &str, path: &str) -> String {
    let from = if path.starts_with('/') { "" } else { from };
    let mut out = String::with_capacity(from.len() + path.len() + 2);
    add(&mut out, from);
    add(&mut out, path);
    if out.is_empty() {
        out.push('/');
    }
    out
}

/// Whether the builder mounts a file of its own at an absolute path while RUN runs, and Docker one
/// when the image does: nothing that is written there stays.
///
/// Source: BuildKit's issue 1267 shows both mounted, read-only; moby's 11950 what the builder before
/// it did.
pub fn is_mounted(path: &str) -> bool {
    matches!(path, "/etc/hosts" | "/etc/resolv.conf")
}

/// Goes on from a clean path, the root being empty.
fn add(out: &mut String, path: &str) {
    let mut rest = path;
    while !rest.is_empty() {
        // Parts are short.
        let slash = rest.bytes().position(|byte| byte == b'/');
        let (part, behind) = match slash.and_then(|at| rest.split_at_checked(at)) {
            Some((part, behind)) => (part, behind.get(1..).unwrap_or_default()),
            None => (rest, ""),
        };
        rest = behind;
        match part {
            "" | "." => {}
            ".." => {
                let parent = out.bytes().rposition(|byte| byte == b'/');
                out.truncate(parent.unwrap_or(0));
            }
            part => {
                out.push('/');
                out.push_str(part);
            }
        }
    }
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
            ("/a", "/b/.c/d", "/b/.c/d"),
            ("//a", "b/", "/a/b"),
            ("", "", "/"),
        ] {
            assert_eq!(join(from, path), want, "{from} {path}");
        }
    }
}
