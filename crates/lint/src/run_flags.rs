//! Flags of RUN as hadolint reads them.

/// Whether it knows a flag of that name; others are the command for it.
pub(crate) fn is_known(name: &str) -> bool {
    matches!(name, "mount" | "network" | "security")
}

/// Whether hadolint takes that for a mount.
pub(crate) fn is_mount(text: &str) -> bool {
    let fields = || {
        let pair = |field| str::split_once(field, '=').map_or((field, None), |(a, b)| (a, Some(b)));
        text.split(',').map(pair)
    };
    let kind = fields().find(|(key, _)| *key == "type");
    let kind = kind.map_or("bind", |(_, kind)| kind.unwrap_or_default());
    let (needed, options): (_, &[&str]) = match kind {
        "bind" => (1, &["target", "source", "from", "rw", "z", "relabel"]),
        "cache" => (
            1,
            &[
                "target", "source", "from", "rw", "id", "sharing", "mode", "uid", "gid",
            ],
        ),
        "tmpfs" => (1, &["target", "size"]),
        "secret" => (
            0,
            &[
                "target", "source", "id", "required", "env", "mode", "uid", "gid",
            ],
        ),
        "ssh" => (
            0,
            &["target", "source", "id", "required", "mode", "uid", "gid"],
        ),
        _ => return false,
    };
    let mut seen = 0_u32;
    let fits = fields().all(|(key, value)| {
        let option = match key {
            "dst" | "destination" => "target",
            "src" => "source",
            "ro" | "readonly" | "readwrite" => "rw",
            _ => key,
        };
        let place = options.iter().position(|it| *it == option);
        let place = if key == "type" {
            Some(options.len())
        } else {
            place
        };
        let Some(bit) = place.map(|place| 1 << place) else {
            return false;
        };
        let is_new = seen & bit == 0;
        seen |= bit;
        let one_of = |values: &[&str]| {
            let value = value.unwrap_or_default();
            values.iter().any(|it| value.eq_ignore_ascii_case(it))
        };
        is_new
            && match option {
                "rw" | "required" => value.is_none() || one_of(&["true", "false"]),
                "sharing" => one_of(&["shared", "private", "locked"]),
                "z" => true,
                _ => value.is_some_and(|value| !value.is_empty()),
            }
    });
    // The target comes first.
    fits && seen & needed == needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_options_of_its_own_and_each_option_stands_once() {
        for mount in [
            "type=cache,target=/x,sharing=locked,uid=$A",
            "target=/x,ro",
            "type=bind,dst=/x,src=a,from=b,z",
            "type=secret,env=A",
            "type=secret,required",
            "type=tmpfs,target=/x,size=1",
            "type=ssh",
        ] {
            assert!(is_mount(mount), "{mount}");
        }
        for mount in [
            "from=a,src=/b,rw",
            "type=cache",
            "type=cache,target=",
            "type=cache,target=/x,dst=/y",
            "type=cache,target=/x,sharing=$A",
            "type=bind,target=/x,id=a",
            "type=tmpfs,target=/x,ro",
            "type=secret,id=a,ro",
            "type=CACHE,target=/x",
            "type=cache,target=/x,ro=1",
        ] {
            assert!(!is_mount(mount), "{mount}");
        }
    }
}
