//! What a simple command really calls.

use std::borrow::Cow;

use crate::arguments::{Argument, OptionSpec};
use crate::script::{Simple, Words};
use crate::word::Word;

/// A program with its arguments, once everything that only wraps it is taken away:
/// `sudo -E env A=b /usr/bin/apt-get update` calls `apt-get` with `update`.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    simple: Simple<'a>,
    name: Cow<'a, str>,
    word: Word<'a>,
    arguments: Words<'a>,
    /// How many words of the command come before the program's.
    depth: u32,
}

/// A program that runs the command in its arguments.
struct Wrapper {
    names: &'static [&'static str],
    options: OptionSpec<'static>,
    /// `a=b` may stand before the command.
    assignments: bool,
    /// So many operands stand before the command.
    operands: u32,
    /// With one of these letters it does something else.
    not_with: &'static str,
}

const fn wrapper(names: &'static [&'static str], options: OptionSpec<'static>) -> Wrapper {
    Wrapper {
        names,
        options: options.operands_end(),
        assignments: false,
        operands: 0,
        not_with: "",
    }
}

/// Their manuals say which options take a value.
const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        assignments: true,
        not_with: "elvV",
        ..wrapper(
            &["sudo"],
            OptionSpec::new(
                "CDghpRrTtUu",
                &[
                    "chdir",
                    "chroot",
                    "close-from",
                    "command-timeout",
                    "group",
                    "host",
                    "other-user",
                    "prompt",
                    "role",
                    "type",
                    "user",
                ],
            ),
        )
    },
    wrapper(&["doas"], OptionSpec::new("Cu", &[])),
    Wrapper {
        assignments: true,
        not_with: "S",
        ..wrapper(&["env"], OptionSpec::new("uC", &["unset", "chdir"]))
    },
    wrapper(&["exec"], OptionSpec::new("a", &[])),
    Wrapper {
        not_with: "vV",
        ..wrapper(&["command"], OptionSpec::new("", &[]))
    },
    wrapper(
        &[
            "builtin",
            "busybox",
            "catchsegv",
            "chronic",
            "dumb-init",
            "eatmydata",
            "linux32",
            "linux64",
            "nohup",
            "setsid",
            "unbuffer",
        ],
        OptionSpec::new("", &[]),
    ),
    wrapper(&["time"], OptionSpec::new("fo", &["format", "output"])),
    wrapper(&["nice"], OptionSpec::new("n", &["adjustment"])),
    wrapper(
        &["ionice"],
        OptionSpec::new("cnpPu", &["class", "classdata", "pid", "pgid", "uid"]),
    ),
    wrapper(&["tini"], OptionSpec::new("ep", &[])),
    wrapper(
        &["fakeroot"],
        OptionSpec::new("lsib", &["lib", "faked", "fd-base"]),
    ),
    wrapper(
        &["stdbuf"],
        OptionSpec::new("ioe", &["input", "output", "error"]),
    ),
    wrapper(
        &["xargs"],
        OptionSpec::new(
            "EILnPsda",
            &[
                "arg-file",
                "delimiter",
                "max-args",
                "max-chars",
                "max-procs",
                "process-slot-var",
            ],
        ),
    ),
    Wrapper {
        operands: 1,
        ..wrapper(&["timeout"], OptionSpec::new("ks", &["kill-after", "signal"]))
    },
    Wrapper {
        operands: 1,
        ..wrapper(&["chroot", "gosu", "su-exec"], OptionSpec::new("", &[]))
    },
    Wrapper {
        operands: 1,
        not_with: "c",
        ..wrapper(
            &["flock"],
            OptionSpec::new("wE", &["timeout", "wait", "conflict-exit-code"]),
        )
    },
    Wrapper {
        not_with: "c",
        ..wrapper(
            &["runuser"],
            OptionSpec::new("ugG", &["user", "group", "supp-group"]),
        )
    },
    wrapper(
        &["setpriv"],
        OptionSpec::new(
            "",
            &[
                "reuid",
                "ruid",
                "euid",
                "regid",
                "rgid",
                "egid",
                "groups",
                "inh-caps",
                "ambient-caps",
                "bounding-set",
                "securebits",
                "pdeathsig",
                "selinux-label",
                "apparmor-profile",
            ],
        ),
    ),
];

impl<'a> Simple<'a> {
    /// What it really calls; `None` where it calls nothing (assignments alone) or where
    /// expansions decide what.
    ///
    /// ```
    /// use stagecraft_shell::{Dialect, Tree};
    /// use stagecraft_text::Joined;
    ///
    /// let text = "sudo -u root env A=b /usr/bin/apt-get install -y git";
    /// let tree = Tree::parse(text, Dialect::Posix);
    /// let script = tree.script(Joined::identity(text));
    /// let (simple, _) = script.simple_commands().next().unwrap();
    /// let call = simple.invocation().unwrap();
    /// assert_eq!(call.name(), "apt-get");
    /// assert!(call.is_wrapped_by("sudo"));
    /// assert_eq!(call.arguments().next().unwrap().text(), "install");
    /// ```
    pub fn invocation(&self) -> Option<Invocation<'a>> {
        let mut words = self.words();
        let word = words.next()?;
        let mut invocation = Invocation {
            simple: *self,
            name: word.static_base_name()?,
            word,
            arguments: words,
            depth: 0,
        };
        while let Some(inner) = invocation.unwrapped() {
            invocation = inner;
        }
        Some(invocation)
    }
}

impl<'a> Invocation<'a> {
    /// The program's name without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The word that names the program.
    pub fn name_word(&self) -> Word<'a> {
        self.word
    }

    /// The words behind the program's name.
    pub fn arguments(&self) -> Words<'a> {
        self.arguments.clone()
    }

    /// The arguments sorted into options and operands.
    pub fn options<'s>(&self, spec: OptionSpec<'s>) -> crate::Arguments<'a, 's> {
        self.arguments().options(spec)
    }

    /// The simple command that it was found in, with the assignments and redirections.
    pub fn simple(&self) -> Simple<'a> {
        self.simple
    }

    /// The wrappers around it, outermost first, by name.
    pub fn wrappers(&self) -> impl Iterator<Item = Invocation<'a>> + use<'a> {
        let depth = self.depth;
        let mut words = self.simple.words();
        let word = words.next();
        let outermost = word.and_then(|word| {
            Some(Self {
                simple: self.simple,
                name: word.static_base_name()?,
                word,
                arguments: words,
                depth: 0,
            })
        });
        std::iter::successors(outermost, Self::unwrapped).take_while(move |call| call.depth < depth)
    }

    /// Whether a wrapper of this name is around it.
    pub fn is_wrapped_by(&self, name: &str) -> bool {
        self.wrappers().any(|wrapper| wrapper.name == name)
    }

    /// What it runs, if it is a wrapper and that is known.
    fn unwrapped(&self) -> Option<Self> {
        let wrapper = WRAPPERS
            .iter()
            .find(|wrapper| wrapper.names.contains(&self.name()))?;
        let mut operands = wrapper.operands;
        let mut arguments = self.options(wrapper.options);
        let word = loop {
            // Behind the first operand all are operands.
            match arguments.next()? {
                Argument::Short { letter, .. } if wrapper.not_with.contains(letter) => return None,
                Argument::Operand(word) => {
                    let assigns = || {
                        let prefix = word.static_prefix();
                        !prefix.starts_with('=') && prefix.contains('=')
                    };
                    if wrapper.assignments && assigns() {
                        continue;
                    }
                    match operands.checked_sub(1) {
                        Some(left) => operands = left,
                        None => break word,
                    }
                }
                _ => {}
            }
        };
        Some(Self {
            simple: self.simple,
            name: word.static_base_name()?,
            word,
            arguments: arguments.rest(),
            depth: self.depth + 1,
        })
    }
}
