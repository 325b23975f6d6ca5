//! What instructions, flags and options are for, in a sentence each: for hovers and proposals.

use stagecraft_syntax::{Keyword, MountKind};

/// What an instruction does.
pub const fn instruction(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Add => {
            "Copies files from the build context, a URL or a Git repository into the image; unpacks local tar archives."
        }
        Keyword::Arg => {
            "Declares a value that `--build-arg` can set. It is in the environment of RUN from here on, and not in the image."
        }
        Keyword::Cmd => {
            "What a container runs by default, or the default arguments of ENTRYPOINT. The last one counts."
        }
        Keyword::Copy => {
            "Copies files from the build context, or from a stage or an image with `--from`. A layer of its own."
        }
        Keyword::Entrypoint => {
            "The program of a container; arguments of `docker run` are put behind it. The last one counts."
        }
        Keyword::Env => "Sets a variable for what follows and for containers. Part of the image.",
        Keyword::Expose => {
            "Says on which ports the container listens. Publishes nothing by itself."
        }
        Keyword::From => {
            "Starts a new stage from an image, from an earlier stage, or from nothing (`scratch`)."
        }
        Keyword::Healthcheck => {
            "How to tell whether a container works: a command that is run again and again."
        }
        Keyword::Label => "Adds a name and a value to the description of the image. No layer.",
        Keyword::Maintainer => "Names an author. A label does the same and more.",
        Keyword::Onbuild => {
            "An instruction for whoever uses this image as a base; it runs there, not here."
        }
        Keyword::Run => {
            "Runs a command in the image as it is so far and keeps what it changed as a layer."
        }
        Keyword::Shell => "Which program runs commands in shell form from here on.",
        Keyword::Stopsignal => "The signal that asks a container to end.",
        Keyword::User => {
            "As whom RUN and the container run from here on. COPY and ADD take no notice."
        }
        Keyword::Volume => {
            "A folder whose content lives outside of the container's own file system."
        }
        Keyword::Workdir => {
            "Makes a folder the current one, and creates it where it is not there: a layer, too."
        }
        Keyword::Unknown => "",
    }
}

/// What a flag is for.
pub fn flag(keyword: Keyword, name: &str) -> &'static str {
    match (keyword, name) {
        (_, "chown") => "The owner of the files: a name or a number, and a group behind a colon.",
        (_, "chmod") => "The mode of the files, such as `755`.",
        (_, "link") => {
            "Makes a layer that does not depend on those below, so that it stays cached when they change."
        }
        (_, "exclude") => "A pattern of files to leave out; can be given again.",
        (Keyword::Copy, "from") => {
            "Copies from a stage, by name or number, or from an image, instead of the build context."
        }
        (Keyword::Copy, "parents") => "Keeps the folders that the sources are in.",
        (Keyword::Add, "checksum") => "What the download must hash to.",
        (Keyword::Add, "keep-git-dir") => "Keeps the `.git` folder of a repository.",
        (Keyword::Add, "unpack") => "Whether archives are unpacked.",
        (Keyword::From, "platform") => {
            "For which system and processor the base is, such as `linux/arm64`."
        }
        (Keyword::Run, "mount") => {
            "Makes files, a cache or a secret available for this command only."
        }
        (Keyword::Run, "network") => "Which network the command sees: `default`, `none` or `host`.",
        (Keyword::Run, "security") => "`insecure` runs the command with all rights of the builder.",
        (Keyword::Run, "device") => "A device that the command may use.",
        (Keyword::Healthcheck, "interval") => {
            "Time between two checks; 30 s where nothing is said."
        }
        (Keyword::Healthcheck, "timeout") => {
            "Time after which a check has failed; 30 s where nothing is said."
        }
        (Keyword::Healthcheck, "start-period") => "Time in which failures do not count.",
        (Keyword::Healthcheck, "start-interval") => "Time between two checks in the start period.",
        (Keyword::Healthcheck, "retries") => {
            "Failures in a row before the container is unhealthy; 3 where nothing is said."
        }
        _ => "",
    }
}

/// What a type of mount is for.
pub const fn mount(kind: MountKind) -> &'static str {
    match kind {
        MountKind::Bind => "Files of the build context, a stage or an image, without copying them.",
        MountKind::Cache => "A folder that later builds find again; it is in no layer.",
        MountKind::Tmpfs => "A folder in memory.",
        MountKind::Secret => "A file with a secret; it is in no layer.",
        MountKind::Ssh => "Access to SSH keys through an agent.",
        MountKind::Unknown => "",
    }
}

/// Options that a type of mount has.
pub const fn mount_options(kind: MountKind) -> &'static [&'static str] {
    match kind {
        MountKind::Bind => &["type", "target", "source", "from", "readwrite"],
        MountKind::Cache => &[
            "type", "target", "id", "sharing", "from", "source", "mode", "uid", "gid", "readonly",
        ],
        MountKind::Tmpfs => &["type", "target", "size"],
        MountKind::Secret => &[
            "type", "id", "target", "env", "required", "mode", "uid", "gid",
        ],
        MountKind::Ssh => &["type", "id", "target", "required", "mode", "uid", "gid"],
        MountKind::Unknown => &["type"],
    }
}

/// What an option of a mount is for.
pub fn mount_option(name: &str) -> &'static str {
    match name {
        "type" => "What is mounted.",
        "target" => "Where in the image it appears.",
        "source" => "Which part of the source is mounted.",
        "from" => "The stage or image that it comes from.",
        "id" => "Its name among those of its type.",
        "sharing" => {
            "What happens when two builds want it at once: `shared`, `private` or `locked`."
        }
        "readonly" => "The command cannot write to it.",
        "readwrite" => "The command can write to it; what it writes is thrown away.",
        "required" => "The build fails without it.",
        "env" => "The variable that the secret is put into.",
        "size" => "The most that it may hold.",
        "mode" => "Its mode, in octal.",
        "uid" | "gid" => "Its owner, as a number.",
        _ => "",
    }
}
