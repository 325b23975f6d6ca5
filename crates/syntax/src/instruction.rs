//! What the arguments of each instruction mean.

use stagecraft_text::TextRange;

use crate::tree::{Instruction, Parse, Span, Word};

/// The arguments of an instruction by what they mean.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// CMD, ENTRYPOINT, EXPOSE, MAINTAINER, SHELL, STOPSIGNAL, USER, VOLUME, WORKDIR:
    /// [`Parse::args`] says it all.
    Words,
    /// FROM.
    From(From),
    /// ARG, ENV and LABEL: see [`Parse::pairs`].
    Pairs(Span),
    /// COPY and ADD.
    Transfer(Transfer),
    /// RUN; the command itself is in [`Parse::args`] and [`Parse::heredocs`].
    Run(Run),
    /// HEALTHCHECK; the command is in [`Parse::args`] from the second one on.
    Healthcheck(Box<Healthcheck>),
    /// ONBUILD with what it wraps; `None` where nothing follows.
    Onbuild(Option<Box<Instruction>>),
    /// An instruction that does not exist.
    Unknown,
}

/// `FROM [--platform=…] image [AS name]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From {
    /// The image or the stage.
    pub image: Option<Word>,
    /// The name of the stage as written; BuildKit goes by its lower case.
    pub name: Option<Word>,
    /// The value of `--platform`.
    pub platform: Option<Word>,
}

/// One `name=value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// All of it.
    pub word: Word,
    /// What stands before `=`, quotes kept.
    pub name: Word,
    /// What stands behind `=`, quotes kept; `None` for `ARG NAME`.
    pub value: Option<Word>,
    /// Written the old way, `ENV name value`.
    pub legacy: bool,
}

/// `COPY` or `ADD`; for `--chown`, `--chmod` and `--checksum` see [`Parse::flag_value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transfer {
    /// What is copied; heredoc markers among it.
    pub sources: Span,
    /// Where to.
    pub destination: Option<Word>,
    /// `--from`: a stage, by name or number, or an image.
    pub from: Option<Word>,
    /// `--link`: the files make a layer that does not depend on those below.
    pub link: bool,
    /// `--parents`: the directories of the sources are made, too.
    pub parents: bool,
    /// `--keep-git-dir`
    pub keep_git_dir: bool,
    /// `--unpack`, where it is given.
    pub unpack: Option<bool>,
}

/// `RUN`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    pub(crate) mounts: Span,
    /// `--network`
    pub network: Option<Word>,
    /// `--security`
    pub security: Option<Word>,
}

/// What is mounted for one RUN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MountKind {
    /// Files of the context, a stage or an image.
    Bind,
    /// A folder that outlives the build and is in no layer.
    Cache,
    /// A folder in memory.
    Tmpfs,
    /// A file that is in no layer.
    Secret,
    /// The agent's socket.
    Ssh,
    /// Something else, or a variable.
    Unknown,
}

impl MountKind {
    /// As it is written; empty for [`MountKind::Unknown`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
            Self::Unknown => "",
        }
    }

    /// Every type of mount.
    pub const ALL: [Self; 5] = [
        Self::Bind,
        Self::Cache,
        Self::Tmpfs,
        Self::Secret,
        Self::Ssh,
    ];
}

/// One `--mount`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mount {
    /// The flag.
    pub range: TextRange,
    /// What is mounted; [`MountKind::Bind`] where it is not said.
    pub kind: MountKind,
    pub(crate) options: Span,
}

/// One option of a mount, `key` or `key=value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MountOption {
    /// Which one, in its long form: `target` for `dst` and `destination`, `source` for `src`,
    /// `readonly` for `ro`, `readwrite` for `rw`. Empty where there is no such option.
    pub key: &'static str,
    /// The key as written.
    pub name: Word,
    /// Its value.
    pub value: Option<Word>,
}

/// `HEALTHCHECK`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Healthcheck {
    /// `NONE`: what the base image has is switched off.
    pub none: bool,
    /// `--interval` in nanoseconds.
    pub interval: Option<i64>,
    /// `--timeout` in nanoseconds.
    pub timeout: Option<i64>,
    /// `--start-period` in nanoseconds.
    pub start_period: Option<i64>,
    /// `--start-interval` in nanoseconds.
    pub start_interval: Option<i64>,
    /// `--retries`
    pub retries: Option<i32>,
}

impl Parse {
    /// `AS` of a FROM as written; `None` for others and where it is not there.
    pub fn as_word(&self, instruction: &Instruction) -> Option<Word> {
        let Kind::From(_) = instruction.kind else {
            return None;
        };
        let word = self.args(instruction).get(1).copied()?;
        self.word(word).eq_ignore_ascii_case("as").then_some(word)
    }

    /// The `name=value` pairs of ARG, ENV and LABEL; empty for others.
    pub fn pairs(&self, instruction: &Instruction) -> &[Pair] {
        match instruction.kind {
            Kind::Pairs(span) => span.of(&self.pairs),
            _ => &[],
        }
    }

    /// The mounts of a RUN; empty for others.
    pub fn mounts(&self, instruction: &Instruction) -> &[Mount] {
        match &instruction.kind {
            Kind::Run(run) => run.mounts.of(&self.mounts),
            _ => &[],
        }
    }

    /// The options of a mount, in order.
    pub fn mount_options(&self, mount: &Mount) -> &[MountOption] {
        mount.options.of(&self.mount_options)
    }

    /// The option of that (long) name, the last one where it is given more than once.
    pub fn mount_option(&self, mount: &Mount, key: &str) -> Option<&MountOption> {
        self.mount_options(mount)
            .iter()
            .rfind(|option| option.key == key)
    }

    /// What COPY or ADD copies; empty for others.
    pub fn sources(&self, instruction: &Instruction) -> &[Word] {
        match &instruction.kind {
            Kind::Transfer(transfer) => transfer.sources.of(&self.words),
            _ => &[],
        }
    }

    /// The patterns of `--exclude` of a COPY or ADD.
    pub fn excludes<'a>(&'a self, instruction: &Instruction) -> impl Iterator<Item = Word> + 'a {
        self.flags(instruction)
            .iter()
            .filter(|flag| self.word(flag.name) == "exclude")
            .filter_map(|flag| flag.value)
    }
}
