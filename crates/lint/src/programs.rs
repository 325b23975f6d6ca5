//! Sets of programs, which are compared at once.

use crate::triggers::places;

/// The programs that rules look for. Each has a bit of its own, so that two numbers say whether a
/// command calls it. A rule may look for others as well: they share a bit, and their names tell
/// them apart, which takes longer.
#[rustfmt::skip]
const KNOWN: [&str; 120] = [
    "[", "alias", "apk", "apt", "apt-get", "aptitude", "bsdtar", "builtin", "bundle", "bunzip2",
    "bzr", "caller", "cargo", "cc", "cd", "chgrp", "chmod", "chown", "cmake", "command", "compgen",
    "complete", "configure", "cp", "curl", "declare", "dirs", "disown", "dnf",
    "docker-php-ext-install", "echo", "enable", "export", "find", "free", "g++", "gcc", "gem",
    "getopts", "git", "go", "gpg", "gradle", "gunzip", "gzcat", "hash", "hg", "ifconfig", "install",
    "jobs", "kill", "let", "ln", "local", "logout", "ls", "make", "mapfile", "md5sum", "microdnf",
    "mkdir", "mount", "mv", "mvn", "nano", "ninja", "npm", "patch", "pecl", "phpize", "pip", "pip3",
    "pipenv", "pnpm", "popd", "printf", "ps", "pushd", "read", "readarray", "readonly", "rm", "rmdir",
    "service", "set", "sha1sum", "sha256sum", "sha512sum", "shopt", "shutdown", "source", "ssh",
    "sudo", "suspend", "svn", "swift", "tar", "test", "top", "trap", "type", "typeset", "ulimit",
    "umask", "uncompress", "unlink", "unlzma", "unset", "unxz", "unzip", "useradd", "vim", "wait",
    "wget", "xargs", "yarn", "yum", "zcat", "zgz", "zypper",
];

/// The last two bits are shared.
const _: () = assert!(KNOWN.len() + 2 <= Bits::COUNT);

/// Bits of programs: those that a rule looks for, or that a command may be taken to call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    low: u64,
    high: u64,
}

impl Bits {
    /// How many there are.
    pub(crate) const COUNT: usize = 128;
    /// Of a command of which nobody knows what it calls.
    pub(crate) const ALL: Self = Self {
        low: u64::MAX,
        high: u64::MAX,
    };
    /// Of all programs that have none of their own.
    pub(crate) const OTHERS: Self = Self::at(127);
    /// Of those programs of Python that have none of their own: `python3.12`, `pip2`.
    const PYTHON: Self = Self::at(126);
    /// Of all whose names start with `pip` or `python`.
    pub(crate) const ALL_PYTHON: Self = Programs::of(&["pip", "pip3", "pipenv"])
        .bits
        .and(Self::PYTHON);

    /// Of all that may run the command in their arguments.
    pub(crate) const MAY_WRAP: Self = Programs::of(&["builtin", "command", "sudo", "xargs"])
        .bits
        .and(Self::OTHERS);

    /// That of a program.
    pub(crate) fn of(name: &str) -> Self {
        let mut slot = slot(name.as_bytes());
        while let Some(&place @ 1..) = SLOTS.get(slot) {
            let place = usize::from(place) - 1;
            if KNOWN.get(place).is_some_and(|known| *known == name) {
                return Self::at(place);
            }
            slot = next(slot);
        }
        Self::shared(name.as_bytes())
    }

    /// That of a program that has none of its own.
    const fn shared(name: &[u8]) -> Self {
        match name {
            [b'p', b'i', b'p', ..] | [b'p', b'y', b't', b'h', b'o', b'n', ..] => Self::PYTHON,
            _ => Self::OTHERS,
        }
    }

    const fn at(place: usize) -> Self {
        match place {
            0..64 => Self {
                low: 1 << place,
                high: 0,
            },
            _ => Self {
                low: 0,
                high: 1 << (place - 64),
            },
        }
    }

    /// Whether the program with that place is among them.
    pub(crate) const fn has_place(self, at: usize) -> bool {
        self.meet(Self::at(at))
    }

    /// The places of all.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        places(self.low).chain(places(self.high).map(|at| at + 64))
    }

    pub(crate) const fn and(self, others: Self) -> Self {
        Self {
            low: self.low | others.low,
            high: self.high | others.high,
        }
    }

    pub(crate) fn add(&mut self, others: Self) {
        *self = self.and(others);
    }

    /// Whether one is in both.
    #[inline]
    pub(crate) const fn meet(self, others: Self) -> bool {
        self.low & others.low | self.high & others.high != 0
    }
}

/// Names of programs, with the bits of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Programs {
    names: &'static [&'static str],
    pub(crate) bits: Bits,
}

impl Programs {
    pub(crate) const fn of(names: &'static [&'static str]) -> Self {
        let mut bits = Bits { low: 0, high: 0 };
        let mut rest = names;
        while let [name, others @ ..] = rest {
            bits = bits.and(known(name));
            rest = others;
        }
        Self { names, bits }
    }

    /// Whether a program is one of these, by its bit and its name.
    #[inline]
    pub(crate) fn has(self, bit: Bits, name: &str) -> bool {
        const SHARED: Bits = Bits::OTHERS.and(Bits::PYTHON);
        let both = Bits {
            low: self.bits.low & bit.low,
            high: self.bits.high & bit.high,
        };
        // Few look for what shares its bit, so that the compiler mostly leaves out the names.
        both.meet(Bits::ALL) && (!both.meet(SHARED) || self.names.contains(&name))
    }
}

/// [`Programs`] of these names, whose bits are worked out when this is compiled.
macro_rules! programs {
    ($($name:literal),* $(,)?) => {
        const { $crate::programs::Programs::of(&[$($name),*]) }
    };
}

/// The bit of a program, as long as the compiler looks for it.
const fn known(name: &str) -> Bits {
    let mut place = 0;
    let mut rest = KNOWN.as_slice();
    while let [known, others @ ..] = rest {
        if is_same(known.as_bytes(), name.as_bytes()) {
            return Bits::at(place);
        }
        (place, rest) = (place + 1, others);
    }
    Bits::shared(name.as_bytes())
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([first, one @ ..], [letter, other @ ..]) => *first == *letter && is_same(one, other),
        _ => false,
    }
}

const SLOT_COUNT: usize = 256;

/// One more than the place in [`KNOWN`] of the name that starts to be looked for there; where that
/// is another one, it is in one of the next slots.
#[expect(
    clippy::indexing_slicing,
    reason = "done by the compiler, which would say so"
)]
static SLOTS: [u8; SLOT_COUNT] = {
    let mut slots = [0; SLOT_COUNT];
    let mut place = 0;
    let mut rest = KNOWN.as_slice();
    while let [name, others @ ..] = rest {
        let mut at = slot(name.as_bytes());
        while slots[at] != 0 {
            at = next(at);
        }
        place += 1;
        (slots[at], rest) = (place, others);
    }
    slots
};

/// Where to start to look for a name. The factors are such that few programs which are called often
/// find another one there.
const fn slot(name: &[u8]) -> usize {
    match (name.first(), name.last()) {
        (Some(first), Some(last)) => {
            let sum = name.len() * 38 + *first as usize * 88 + *last as usize * 217;
            sum % SLOT_COUNT
        }
        _ => 0,
    }
}

const fn next(slot: usize) -> usize {
    (slot + 1) % SLOT_COUNT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_bit_or_by_its_name() {
        for (at, name) in KNOWN.iter().enumerate() {
            assert_eq!(Bits::of(name), known(name), "{name}");
            let wraps = stagecraft_shell::may_wrap(name);
            assert_eq!(Bits::of(name).meet(Bits::MAY_WRAP), wraps, "{name}");
            assert!(!KNOWN[..at].contains(name), "{name} is there twice");
        }
        let some = programs!["git", "no-such-program", "pip9", "zypper"];
        for (name, is_one) in [
            ("git", true),
            ("zypper", true),
            ("no-such-program", true),
            ("pip9", true),
            ("pip8", false),
            ("another", false),
            ("rm", false),
            ("", false),
        ] {
            assert_eq!(some.has(Bits::of(name), name), is_one, "{name}");
        }
        for name in ["pip", "pip3", "pipenv", "pip3.11", "python", "python3"] {
            assert!(Bits::ALL_PYTHON.meet(Bits::of(name)), "{name}");
        }
        assert!(!Bits::ALL_PYTHON.meet(Bits::of("perl")));
    }
}
