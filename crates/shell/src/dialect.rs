/// The language that a shell reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// POSIX `sh`, as dash and busybox ash have it. Docker's default (`/bin/sh -c`).
    ///
    /// What bash added is read all the same, so that a rule can point at it: `[[ ]]`, arrays,
    /// `$'…'`, `&>`, brace expansion and the rest stand in the tree as what bash would do.
    #[default]
    Posix,
    /// bash, and ksh and zsh where they agree with it.
    Bash,
    /// A language that this crate does not read: `cmd`, PowerShell, anything unknown.
    /// The tree is then one opaque command.
    Opaque,
}

impl Dialect {
    /// The dialect of a `SHELL` instruction's words (or an exec-form prefix such as
    /// `["/bin/bash", "-o", "pipefail", "-c"]`).
    ///
    /// The first word names the program; its folder, letter case and a `.exe` do not matter.
    /// With no words this is Docker's default on Linux. An unknown program is opaque.
    ///
    /// ```
    /// use stagecraft_shell::Dialect;
    ///
    /// assert_eq!(Dialect::from_shell(&["/bin/bash", "-c"]), Dialect::Bash);
    /// assert_eq!(Dialect::from_shell(&["powershell", "-Command"]), Dialect::Opaque);
    /// ```
    pub fn from_shell(words: &[&str]) -> Self {
        let Some(program) = words.first() else {
            return Self::Posix;
        };
        Self::from_program(program).unwrap_or(Self::Opaque)
    }

    /// The dialect of the shell called `program`, or `None` where that is no shell we know.
    pub fn from_program(program: &str) -> Option<Self> {
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let is = |known: &[&str]| {
            known.iter().any(|known| {
                name.eq_ignore_ascii_case(known)
                    || name
                        .len()
                        .checked_sub(4)
                        .and_then(|at| name.split_at_checked(at))
                        .is_some_and(|(stem, ending)| {
                            stem.eq_ignore_ascii_case(known) && ending.eq_ignore_ascii_case(".exe")
                        })
            })
        };
        if is(&["sh", "ash", "dash"]) {
            Some(Self::Posix)
        } else if is(&["bash", "ksh", "mksh", "zsh"]) {
            Some(Self::Bash)
        } else if is(&["cmd", "powershell", "pwsh"]) {
            Some(Self::Opaque)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_decides_whatever_its_folder_case_and_ending() {
        let cases: &[(&[&str], Dialect)] = &[
            (&[], Dialect::Posix),
            (&["/bin/sh", "-c"], Dialect::Posix),
            (&["ash"], Dialect::Posix),
            (&["/usr/bin/dash"], Dialect::Posix),
            (&["/bin/bash", "-o", "pipefail", "-c"], Dialect::Bash),
            (&["/usr/bin/zsh"], Dialect::Bash),
            (&["ksh"], Dialect::Bash),
            (&["cmd", "/S", "/C"], Dialect::Opaque),
            (&["PowerShell", "-Command"], Dialect::Opaque),
            (
                &["C:\\Program Files\\PowerShell\\pwsh.EXE"],
                Dialect::Opaque,
            ),
            (&["C:\\msys\\bash.exe"], Dialect::Bash),
            (&["/usr/bin/scl", "enable", "devtoolset-4"], Dialect::Opaque),
            (&[""], Dialect::Opaque),
        ];
        for (words, dialect) in cases {
            assert_eq!(Dialect::from_shell(words), *dialect, "{words:?}");
        }
    }
}
