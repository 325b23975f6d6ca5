//! What the rules share that answer to ShellCheck: which shell it takes a command to be written
//! for, what it knows of a variable's value, and which of its findings hadolint passes on.
//!
//! hadolint hands each RUN in shell form to ShellCheck, with a line above it that exports what
//! ARG and ENV set. Of all that comes back it reports one finding for each RUN: the last.

mod condition;
mod flow;
mod order;
mod usage;

use std::borrow::Cow;

use stagecraft_semantic::Base;
use stagecraft_shell::{Dialect, PartKind, PartKinds, Script, Word, WordRole};
use stagecraft_syntax::Form;
use stagecraft_text::{TextRange, has_part};

use crate::calls::{base, has_byte};
use crate::facts::{Facts, RunFacts};
use crate::programs::Programs;
use crate::rule::{Found, Report};

pub(crate) use condition::is_condition;
#[cfg(feature = "elsewhere")]
pub(crate) use flow::unquoted;
pub(crate) use order::{fails, keep_last, level};
pub(crate) use usage::Assigned;
#[cfg(feature = "elsewhere")]
pub(crate) use usage::{SETTING, Usage, kept};

/// Patterns for names of files.
pub(crate) const GLOBS: PartKinds = PartKinds::of(&[PartKind::Glob]);

/// A shell that ShellCheck knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    /// POSIX, and nothing else.
    Sh,
    /// dash and busybox's ash.
    Dash,
    Bash,
    Ksh,
}

impl Shell {
    /// The shell of that name, with or without its folder.
    pub(crate) fn named(program: &str) -> Option<Self> {
        match base(program) {
            "sh" => Some(Self::Sh),
            "dash" | "ash" => Some(Self::Dash),
            "bash" => Some(Self::Bash),
            "ksh" | "mksh" => Some(Self::Ksh),
            _ => None,
        }
    }

    /// The shell that a comment for hadolint names; what it does not know it takes for bash.
    pub(crate) fn told(program: &str) -> Option<Self> {
        let other = || {
            let without = ["cmd", "powershell", "pwsh", "zsh"];
            (!without.contains(&base(program))).then_some(Self::Bash)
        };
        Self::named(program).or_else(other)
    }

    /// Whether it has to do without what bash added.
    pub(crate) fn is_plain(self) -> bool {
        matches!(self, Self::Sh | Self::Dash)
    }
}

/// A command that ShellCheck looks at, or that we look at in its stead.
#[derive(Clone, Copy)]
pub(crate) struct Checked<'f, 'a> {
    pub(crate) facts: &'f Facts<'a>,
    pub(crate) run: &'f RunFacts<'a>,
    pub(crate) script: &'a Script<'a>,
    /// The shell as it is; `None` where it is none that we can read.
    pub(crate) ours: Option<Shell>,
    /// The shell as hadolint has it; `None` where it does not look.
    pub(crate) theirs: Option<Shell>,
}

#[cfg(feature = "elsewhere")]
impl<'f, 'a> Checked<'f, 'a> {
    /// Which variables it sets and reads.
    pub(crate) fn usage(&self) -> &'f Usage<'a> {
        let simple = self.run.simple;
        let usage = &self.run.late().usage;
        usage.get_or_init(|| Usage::of(self.script, simple))
    }
}

impl<'f> Checked<'f, '_> {
    /// The shell that what ShellCheck says depends on.
    pub(crate) fn shell(&self) -> Shell {
        self.theirs.or(self.ours).unwrap_or(Shell::Sh)
    }

    /// Whether a byte is in the text: most commands need not be walked to see that a rule has
    /// nothing to say.
    pub(crate) fn has(&self, byte: u8) -> bool {
        has_byte(self.script.text(), byte)
    }

    /// Whether it calls a program, by whatever way.
    pub(crate) fn calls(&self, programs: Programs) -> bool {
        self.run.misread.is_some() || self.run.has_any(programs)
    }

    /// Whether it calls sudo.
    pub(crate) fn calls_sudo(&self) -> bool {
        let may_call = || self.run.may_have(programs!["sudo"]);
        self.run.misread.is_some()
            || may_call() && self.run.calls.iter().any(|call| call.sudo().is_some())
    }

    /// Whether double quotes can be put around something: not in a string of JSON, and not in
    /// backquotes, which may stand in quotes themselves.
    pub(crate) fn can_quote(&self) -> bool {
        let backquotes = self.run.backquotes.get_or_init(|| self.has(b'`'));
        self.run.instruction.form != Form::Json && !backquotes
    }

    /// Whether the file ends in the middle of the command: its last line says that it goes on.
    pub(crate) fn ends_in_escape(&self) -> bool {
        let (file, instruction) = (self.facts.file, self.run.instruction);
        let source = file.source();
        // That of most commands is somewhere else.
        if instruction.range.end() < stagecraft_text::size(source.len().saturating_sub(1)) {
            return false;
        }
        let rest = source.get(usize::from(instruction.range.start())..);
        rest.is_some_and(|rest| rest.ends_with(file.escape()))
    }

    /// Whether `/bin/sh` is dash, as far as the name of the image says.
    pub(crate) fn is_read_by_dash(&self) -> bool {
        self.facts.image_below(self.run).is_some_and(is_debian)
    }

    /// The source of a range of the text.
    pub(crate) fn source(&self, range: TextRange) -> TextRange {
        self.script.source_range(range)
    }

    /// What the source has there.
    pub(crate) fn written(&self, range: TextRange) -> &'f str {
        stagecraft_text::slice(self.facts.file.source(), self.source(range))
    }
}

impl<'a> Facts<'a> {
    /// The image that the stage of a RUN is made from in the end.
    fn image_below(&self, run: &RunFacts<'_>) -> Option<&'a str> {
        match self.root(run.stage)? {
            Base::Image(name) => Some(name),
            _ => None,
        }
    }

    /// Whether a RUN is for Windows, by the name of its image or the file's escape character.
    fn is_of_windows(&self, run: &RunFacts<'_>) -> bool {
        self.file.escape() == '`' || self.is_windows_below(run.stage)
    }

    /// The shell that reads a RUN; `None` where it is none that we can read. What a stage starts
    /// from has to be known.
    pub(crate) fn reader(&self, run: &RunFacts<'_>) -> Option<Shell> {
        match run.script?.dialect() {
            Dialect::Opaque => None,
            Dialect::Bash => Some(Shell::Bash),
            Dialect::Posix => match run.shell.as_deref().and_then(<[String]>::first) {
                Some(program) => Shell::named(program).or(Some(Shell::Sh)),
                // Without a SHELL it is `cmd` on Windows.
                None => (!self.is_of_windows(run)).then_some(Shell::Sh),
            },
        }
    }

    /// Every command that calls one of these programs, by whatever way.
    pub(crate) fn checked_with(&self, programs: Programs) -> impl Iterator<Item = Checked<'_, 'a>> {
        self.checked_where(move |run, _| run.misread.is_some() || run.has_any(programs))
    }

    /// Every command that a shell reads.
    pub(crate) fn checked(&self) -> impl Iterator<Item = Checked<'_, 'a>> {
        self.checked_where(|_, _| true)
    }

    /// Those in which are parts of these kinds.
    pub(crate) fn checked_having(&self, kinds: PartKinds) -> impl Iterator<Item = Checked<'_, 'a>> {
        self.checked_where(move |_, script| script.has_any(kinds))
    }

    fn checked_where(
        &self,
        wanted: impl Fn(&RunFacts<'a>, &Script<'a>) -> bool,
    ) -> impl Iterator<Item = Checked<'_, 'a>> {
        self.runs.iter().filter_map(move |run| {
            let script = run.misread.or(run.script)?;
            wanted(run, script).then(|| self.checked_script(run, script))
        })
    }

    /// One of them.
    pub(crate) fn checked_run<'f>(&'f self, run: &'f RunFacts<'a>) -> Option<Checked<'f, 'a>> {
        let script = run.misread.or(run.script)?;
        Some(self.checked_script(run, script))
    }

    fn checked_script<'f>(
        &'f self,
        run: &'f RunFacts<'a>,
        script: &'a Script<'a>,
    ) -> Checked<'f, 'a> {
        Checked {
            facts: self,
            run,
            script,
            ours: run.reader.filter(|_| run.misread.is_none()),
            theirs: run.checked,
        }
    }
}

impl Found<'_> {
    /// Reports a fault of a command, under one of the rule's codes where hadolint looks at it.
    pub(crate) fn shell(
        &mut self,
        checked: &Checked<'_, '_>,
        code: &'static str,
        range: TextRange,
        message: impl Into<Cow<'static, str>>,
    ) -> Report<'_> {
        let (instruction, range) = (checked.run.instruction, checked.source(range));
        let codes: &[_] = match checked.theirs {
            Some(_) => &[code],
            None => &[],
        };
        let report = self.put(instruction, range, message.into(), codes);
        match (checked.theirs, checked.ours) {
            (Some(_), None) => report.elsewhere(&[code]),
            _ => report,
        }
    }
}

/// Whether an official image is made from Debian or Ubuntu, as far as its name says.
fn is_debian(image: &str) -> bool {
    const MADE_FROM_DEBIAN: [&str; 24] = [
        "buildpack-deps",
        "debian",
        "drupal",
        "eclipse-temurin",
        "elixir",
        "erlang",
        "gcc",
        "golang",
        "gradle",
        "httpd",
        "maven",
        "mongo",
        "node",
        "openjdk",
        "perl",
        "php",
        "postgres",
        "pypy",
        "python",
        "redis",
        "ruby",
        "rust",
        "tomcat",
        "ubuntu",
    ];
    const OTHERS: [&str; 9] = [
        "alpine",
        "busybox",
        "centos",
        "fedora",
        "nanoserver",
        "oracle",
        "ubi",
        "windows",
        "-ol",
    ];
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let image = image.split('@').next().unwrap_or_default();
    let (name, tag) = image.split_once(':').unwrap_or((image, ""));
    // Most tags are a number.
    let may_name = || tag.bytes().any(|byte| byte.is_ascii_alphabetic());
    MADE_FROM_DEBIAN.contains(&name)
        && !(may_name() && OTHERS.iter().any(|other| has_part(tag, other)))
}

/// The name of the command that a word belongs to, without its folder.
pub(crate) fn command_of(word: Word<'_>) -> Option<String> {
    let name = word.simple()?.name()?.as_static()?;
    Some(base(&name).to_owned())
}

/// Whether a shell splits what it puts in place of an unquoted expansion in this word.
///
/// `export a=$b` is split where POSIX alone is promised; dash and bash take it for an assignment.
pub(crate) fn splits(word: Word<'_>, shell: Shell) -> bool {
    match word.role() {
        WordRole::CommandName => word.parts().nth(1).is_some(),
        WordRole::Argument
        | WordRole::RedirectTarget
        | WordRole::BraceAlternative
        | WordRole::HereString => true,
        WordRole::AssignedValue => {
            shell == Shell::Sh && word.assigned_by().is_some_and(|it| it.is_argument())
        }
        _ => false,
    }
}

/// Whether `set -e` stands in it: the shell then ends at the first failure.
pub(crate) fn sets_errexit(run: &RunFacts<'_>) -> bool {
    run.simple_of(programs!["set"])
        .filter(|simple| simple.name().is_some_and(|name| name.text() == "set"))
        .any(|simple| {
            let mut named = false;
            for word in simple.arguments() {
                let text = word.as_static().unwrap_or_default();
                if named && text == "errexit" || is_errexit(&text) {
                    return true;
                }
                if text == "--" || !text.starts_with('-') && !named {
                    return false;
                }
                named = text.ends_with('o');
            }
            false
        })
}

/// Whether it is `-e`, alone or in a bundle.
pub(crate) fn is_errexit(option: &str) -> bool {
    option
        .strip_prefix('-')
        .is_some_and(|letters| !letters.starts_with('-') && letters.contains('e'))
}
