//! The programs whose names tell what they write.

use stagecraft_shell::may_wrap;
use stagecraft_sizes::{Basis, rule, unknown};

use super::names::Slots;
use super::pip;
use Program::{
    Account, Apk, Apt, Cargo, Changer, Dotnet, Dpkg, Fetch, Folder, Go, Maker, Npm, Open, Other,
    Php, Pip, Printer, Quiet, Range, Remove, Rpm, Shell, Small, Starter, Wrapper, Writer,
};

/// What a program does, by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Program {
    /// It writes next to nothing, or nothing, whatever its words are.
    Quiet,
    /// The same, but it may run the command in its words.
    Wrapper,
    /// It writes next to nothing that is new, but files that are there may be others afterwards.
    Changer,
    /// It makes folders.
    Maker,
    /// It prints its words.
    Printer,
    Apt,
    Apk,
    Rpm,
    Pip,
    Npm,
    /// What is there no more.
    Remove,
    /// Where it goes on.
    Folder,
    /// A few files in `/etc` are written anew, as users or groups are made.
    Account,
    /// Its words tell what it writes; where they do not, that is not known.
    Writer(&'static Basis),
    /// Its words tell which program it starts.
    Starter,
    /// Its words may have a script in them.
    Shell,
    Dpkg,
    /// It builds extensions of PHP, or has PHP load them.
    Php,
    Go,
    Cargo,
    Dotnet,
    /// It fetches a file.
    Fetch,
    /// A third of so many bytes to three times as many.
    Small(u64, &'static Basis),
    /// From so many bytes to so many.
    Range(u64, u64, &'static Basis),
    /// Nobody knows what.
    Open(&'static Basis),
    /// The same of one that is not named here.
    Other,
}

/// Programs that are quiet.
#[rustfmt::skip]
const QUIET: [&str; 133] = [
    ".", ":", "[", "[[", "a2dismod", "a2dissite", "a2enconf", "a2enmod", "a2ensite", "alias",
    "apt-cache", "apt-config", "apt-mark", "arch", "awk", "b2sum", "basename", "break", "cat",
    "chkconfig", "chpasswd", "chsh", "cksum", "clear", "cmp", "column", "comm", "continue", "cut",
    "date", "debconf-set-selections", "declare", "df", "diff", "dirname", "dpkg-architecture",
    "dpkg-divert", "dpkg-query", "du", "egrep", "envsubst", "exit", "export", "expr", "false",
    "fgrep", "file", "find", "fold", "free", "getcap", "getconf", "getent", "gpgconf", "grep",
    "groups", "hash", "head", "hostname", "id", "jobs", "jq", "kill", "killall", "ldd",
    "lighttpd-enable-mod", "ln", "local", "locale", "ls", "lsb_release", "md5sum", "mktemp", "nl",
    "nproc", "od", "passwd", "paste", "phpdismod", "phpenmod", "pkill", "popd", "printenv", "ps",
    "pushd", "pwd", "rabbitmq-plugins", "read", "readlink", "realpath", "return", "rev", "rmdir",
    "scanelf", "seq", "set", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum",
    "shift", "shopt", "sleep", "sort", "source", "ssh-keyscan", "stat", "sync", "sysctl",
    "systemctl", "tac", "tail", "test", "tput", "tr", "trap", "true", "type", "ulimit", "umask",
    "uname", "uniq", "unset", "update-alternatives", "update-rc.d", "visudo", "wait", "wc",
    "which", "whoami", "xx-verify", "yes",
];

/// Nobody knows what a program writes.
macro_rules! open {
    ($name:literal) => {
        ($name, Open(unknown!(concat!("what `", $name, "` writes"))))
    };
}

/// The same where its words do not tell it.
macro_rules! writer {
    ($name:literal) => {
        (
            $name,
            Writer(unknown!(concat!("what `", $name, "` writes"))),
        )
    };
}

/// As four programs of the guide left it, and one of Debian with many libraries (2026-11-30).
const LINKER: Program = Small(14_000, rule!("the cache of the linker"));
const SECRET: Program = Small(3_000, rule!("a key or a certificate"));
const CACHE: Program = Small(100_000, rule!("a cache"));
const CERTIFICATES: Program = Small(250_000, rule!("the bundle of certificates"));
const KEYRING: Program = Small(20_000, rule!("a keyring"));
pub(super) const SETTING: Program = Small(50, rule!("a line of settings"));
const LOCALE: Program = Small(3_000_000, rule!("the archive of a compiled locale"));
const CONDA: Program = Range(1_000_000, 8_000_000_000, rule!("packages of conda"));
const JAVA: Program = Range(
    1_000_000,
    800_000_000,
    rule!("Java classes and their dependencies"),
);
const COMPOSER: Program = Range(20_000, 400_000_000, rule!("PHP packages"));
const RUBY: Program = Range(20_000, 600_000_000, rule!("Ruby gems"));

/// Those that are not, and others that are called often.
#[rustfmt::skip]
const OTHERS: [(&str, Program); 112] = [
    ("add-apt-repository", Apt), ("addgroup", Account), ("adduser", Account), ("apk", Apk),
    ("apt", Apt), ("apt-add-repository", Apt), ("apt-get", Apt), ("apt-install", Apt), ("apt-key", KEYRING), ("aptitude", Apt),
    ("ash", Shell), ("bash", Shell), ("bundle", RUBY), ("bundler", RUBY), ("cargo", Cargo), ("cd", Folder),
    ("chgrp", Changer), ("chmod", Changer), ("chown", Changer), open!("cmake"), ("composer", COMPOSER),
    ("conda", CONDA), open!("configure"), ("corepack", Npm), writer!("cp"), ("curl", Fetch),
    ("dash", Shell), writer!("dd"), ("delgroup", Account), ("deluser", Account), ("dnf", Rpm),
    ("docker-php-ext-configure", Php), ("docker-php-ext-enable", Php),
    ("docker-php-ext-install", Php), ("docker-php-source", Php), ("dotnet", Dotnet), ("dpkg", Dpkg),
    ("dpkg-reconfigure", CACHE), ("eval", Shell), writer!("fallocate"), ("fc-cache", CACHE), ("gem", RUBY),
    open!("git"), ("go", Go), ("gpasswd", Account), ("gpg", KEYRING), ("gpg2", KEYRING),
    ("gradle", JAVA), ("gradlew", JAVA), ("groupadd", Account), ("groupdel", Account),
    ("groupmod", Account), writer!("install"), ("install_packages", Apt), ("locale-gen", LOCALE), ("localedef", LOCALE),
    open!("make"), ("mamba", CONDA), ("microdnf", Rpm), ("micromamba", CONDA), writer!("mv"),
    ("mvn", JAVA), ("mvnw", JAVA), ("npm", Npm), ("npx", Npm), open!("patch"), ("pecl", Php),
    ("php", Starter), ("pip", Pip), ("pip3", Pip), ("pnpm", Npm), ("python", Starter),
    ("python3", Starter), ("rm", Remove), open!("rpm"), open!("service"), ("sh", Shell),
    ("su", Shell), writer!("tar"),
    ("tdnf", Rpm), writer!("truncate"), writer!("unzip"), ("update-ca-certificates", CERTIFICATES),
    ("update-locale", SETTING),
    ("useradd", Account), ("userdel", Account), ("usermod", Account), ("uv", Starter),
    ("uv-pip", Pip), ("venv", Pip), ("virtualenv", Pip), ("wget", Fetch), ("yarn", Npm),
    ("yum", Rpm), ("zypper", Rpm),
    ("command", Wrapper), ("env", Wrapper), ("time", Wrapper), ("xargs", Wrapper),
    ("sed", Changer), ("setcap", Changer), ("strip", Changer), ("touch", Changer),
    ("echo", Printer), ("mkdir", Maker), ("printf", Printer), ("crontab", SETTING), ("keytool", SECRET), ("ldconfig", LINKER), ("openssl", SECRET),
    ("ssh-keygen", SECRET), writer!("tee"),
];

const COUNT: usize = QUIET.len() + OTHERS.len();

/// All of them.
#[expect(
    clippy::indexing_slicing,
    reason = "done by the compiler, which would say so"
)]
static KNOWN: [(&str, Program); COUNT] = {
    let mut all = [("", Quiet); COUNT];
    let mut at = 0;
    while at < COUNT {
        if at < OTHERS.len() {
            all[at] = OTHERS[at];
        } else {
            all[at].0 = QUIET[at - OTHERS.len()];
        }
        at += 1;
    }
    all
};

static SLOTS: Slots<512> = Slots::of(&KNOWN);

impl Program {
    /// Whether a program may run the command in its words.
    pub(super) fn may_wrap(self, name: &str) -> bool {
        // All others that do have no name here.
        matches!(self, Wrapper | Other) && may_wrap(name)
    }

    /// What is known of the program of that name.
    pub(super) fn of(name: &str) -> Self {
        match SLOTS.find(&KNOWN, name) {
            Some(program) => *program,
            None if pip::is_pip(name) => Pip,
            None if name.starts_with("python") => Starter,
            None => Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_found_by_its_name() {
        let kind = std::mem::discriminant::<Program>;
        for (at, name) in QUIET.iter().enumerate() {
            assert_eq!(kind(&Program::of(name)), kind(&Quiet), "{name}");
            assert!(!may_wrap(name), "{name}");
            assert!(!QUIET[..at].contains(name), "{name} is there twice");
        }
        for (at, (name, program)) in OTHERS.iter().enumerate() {
            assert_eq!(kind(&Program::of(name)), kind(program), "{name}");
            assert_eq!(program.may_wrap(name), may_wrap(name), "{name}");
            let is_there = OTHERS[..at].iter().any(|(other, _)| other == name);
            assert!(!is_there && !QUIET.contains(name), "{name} is there twice");
        }
        for (name, program) in [
            ("pip3.11", Pip),
            ("python3.11", Starter),
            ("pipenv", Other),
            ("", Other),
        ] {
            assert_eq!(kind(&Program::of(name)), kind(&program), "{name}");
        }
    }
}
