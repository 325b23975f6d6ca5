//! What a simple command really calls.

use std::borrow::Cow;

use crate::arguments::{Argument, OptionSpec};
use crate::script::{Simple, Words};
use crate::word::Word;

/// A program with its arguments, once everything that only wraps it is taken away:
/// `sudo -E env A=b /usr/bin/apt-get update` calls `apt-get` with `update`.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    name: Cow<'a, str>,
    /// The program's; those behind it in its command are the arguments.
    word: Word<'a>,
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
        ..wrapper(
            &["timeout"],
            OptionSpec::new("ks", &["kill-after", "signal"]),
        )
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

/// One bit of 64 for a name. The factors are such that those programs which are called most have
/// none of a wrapper's.
const fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            let sum = bytes.len() * 17 + *first as usize * 3 + *last as usize * 2;
            1 << (sum % 64)
        }
        _ => 0,
    }
}

/// The bits of all wrappers: of other programs few have one of them.
const WRAPPER_BITS: u64 = {
    let mut bits = 0;
    let mut wrappers = WRAPPERS;
    while let [wrapper, rest @ ..] = wrappers {
        let mut names = wrapper.names;
        while let [name, others @ ..] = names {
            bits |= bit(name);
            names = others;
        }
        wrappers = rest;
    }
    bits
};

/// Whether a program of that name may run the command in its arguments; where the answer is no, it
/// calls nothing but itself.
pub fn may_wrap(name: &str) -> bool {
    wrapper_of(name).is_some()
}

/// The wrapper of that name, if it is one.
fn wrapper_of(name: &str) -> Option<&'static Wrapper> {
    if WRAPPER_BITS & bit(name) == 0 {
        return None;
    }
    // Most that are as long differ in the first letter already.
    let first = name.as_bytes().first();
    let same = |other: &&str| other.as_bytes().first() == first && *other == name;
    let mut wrappers = WRAPPERS.iter();
    wrappers.find(|wrapper| wrapper.names.iter().any(same))
}

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
        let mut invocation = Invocation::of(self.name()?, 0)?;
        while let Some(inner) = invocation.unwrapped() {
            invocation = inner;
        }
        Some(invocation)
    }
}

impl<'a> Invocation<'a> {
    fn of(word: Word<'a>, depth: u32) -> Option<Self> {
        let name = word.static_base_name()?;
        Some(Self { name, word, depth })
    }

    /// The program's name without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same, without a copy where it stands in the text in one piece.
    pub fn program(&self) -> Cow<'a, str> {
        self.name.clone()
    }

    /// The word that names the program.
    pub fn name_word(&self) -> Word<'a> {
        self.word
    }

    /// The words behind the program's name.
    pub fn arguments(&self) -> Words<'a> {
        Words::behind(self.word)
    }

    /// The arguments sorted into options and operands.
    pub fn options<'s>(&self, spec: OptionSpec<'s>) -> crate::Arguments<'a, 's> {
        self.arguments().options(spec)
    }

    /// The simple command that it was found in, with the assignments and redirections.
    pub fn simple(&self) -> Simple<'a> {
        Simple(self.word.around())
    }

    /// Whether a wrapper is around it.
    pub fn is_wrapped(&self) -> bool {
        self.depth > 0
    }

    /// The wrappers around it, outermost first, by name.
    pub fn wrappers(&self) -> impl Iterator<Item = Invocation<'a>> + use<'a> {
        let depth = self.depth;
        let word = self.simple().name();
        let outermost = word.and_then(|word| Self::of(word, 0));
        std::iter::successors(outermost, Self::unwrapped).take_while(move |call| call.depth < depth)
    }

    /// Whether a wrapper of this name is around it.
    pub fn is_wrapped_by(&self, name: &str) -> bool {
        self.wrappers().any(|wrapper| wrapper.name == name)
    }

    /// What it runs, if it is a wrapper and that is known.
    fn unwrapped(&self) -> Option<Self> {
        let wrapper = wrapper_of(self.name())?;
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
        Self::of(word, self.depth + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::may_wrap;
    use crate::Dialect;
    use crate::testing::with_dialect;

    fn called(input: &str) -> String {
        with_dialect(input, Dialect::Posix, |script| {
            let (simple, _) = script.simple_commands().next().unwrap();
            match simple.invocation() {
                Some(call) => {
                    let words: Vec<&str> = call.arguments().map(|word| word.text()).collect();
                    let wrappers: Vec<String> = call
                        .wrappers()
                        .map(|wrapper| wrapper.name().to_owned())
                        .collect();
                    format!("{}|{}|{}", wrappers.join(" "), call.name(), words.join(" "))
                }
                None => "?".to_owned(),
            }
        })
    }

    #[test]
    fn what_wraps_a_command_is_taken_away() {
        let cases: &[(&str, &str)] = &[
            ("apt-get update", "|apt-get|update"),
            ("A=b /usr/bin/apt-get update", "|apt-get|update"),
            ("sudo -E apt-get update", "sudo|apt-get|update"),
            ("sudo -u root -- A=b c d", "sudo|c|d"),
            ("sudo --user=root --group x c", "sudo|c|"),
            ("env A=b C= d -e", "env|d|-e"),
            ("env -i -u A -C /x b", "env|b|"),
            ("exec -a x y z", "exec|y|z"),
            ("command -p a", "command|a|"),
            ("time -f %E a b", "time|a|b"),
            ("nice -n 10 a", "nice|a|"),
            ("nice -10 a", "nice|a|"),
            ("nohup a -b", "nohup|a|-b"),
            ("timeout -k 5 10s a b", "timeout|a|b"),
            ("xargs -0 -n 1 rm -f", "xargs|rm|-f"),
            ("xargs -I {} rm {}", "xargs|rm|{}"),
            ("chroot /x a", "chroot|a|"),
            ("gosu user a", "gosu|a|"),
            ("sudo env A=b nice -n 1 a b", "sudo env nice|a|b"),
            ("stdbuf -oL a", "stdbuf|a|"),
            ("busybox wget x", "busybox|wget|x"),
        ];
        for (input, expected) in cases {
            assert_eq!(called(input), *expected, "{input}");
        }
    }

    #[test]
    fn a_wrapper_around_nothing_known_is_itself_called() {
        assert_eq!(called("sudo"), "|sudo|");
        assert_eq!(called("env"), "|env|");
        assert_eq!(called("exec >x"), "|exec|");
        assert_eq!(called("exec \"$@\""), "|exec|\"$@\"");
        assert_eq!(called("sudo env A=b"), "sudo|env|A=b");
    }

    #[test]
    fn an_option_may_make_a_wrapper_something_else() {
        assert_eq!(called("command -v a"), "|command|-v a");
        assert_eq!(called("env -S 'a b'"), "|env|-S 'a b'");
    }

    #[test]
    fn nothing_is_called_by_assignments_or_by_what_is_not_known() {
        assert_eq!(called("a=b"), "?");
        assert_eq!(called("$a b"), "?");
        assert_eq!(called("$a/bin/b c"), "|b|c");
    }

    #[test]
    fn what_may_wrap_is_told_by_its_name() {
        assert!(may_wrap("sudo") && may_wrap("su-exec") && may_wrap("linux32"));
        assert!(!may_wrap("apt-get") && !may_wrap("sudO") && !may_wrap(""));
    }
}
