//! Composer, as its own installer puts it there.

use stagecraft_sizes::{Estimate, rule};

use super::Run;
use super::downloads::Download;
use super::fetch::Piped;
use super::files::Printed;

/// How the installer is called where it is kept, as its own instructions have it.
const SETUP: &str = "composer-setup.php";

/// Where the installer comes from.
pub(super) const INSTALLER: &str = "getcomposer.org/installer";

/// The least, the middle and the most that it weighs.
///
/// Source: the layer of 2.10.3 in the official image (`base-images.tsv`), 1,083,241 bytes packed, where
/// what is written in PHP is taken to pack to about a third. The least is a rule of thumb for older ones.
pub(super) const PROGRAM: [u64; 3] = [1_800_000, 3_100_000, 3_700_000];

/// The same of the installer. A rule of thumb.
pub(super) const SCRIPT: [u64; 3] = [20_000, 60_000, 120_000];

/// What it weighs.
pub(crate) fn composer() -> Estimate {
    let [low, likely, high] = PROGRAM;
    Estimate::between(low, likely, high, rule!("Composer"))
}

impl Run<'_, '_> {
    /// What PHP runs, as far as it is known.
    pub(super) fn php_script(&mut self, words: &[&str]) -> bool {
        let is_piped = matches!(self.piped.take(), Some(Piped::Composer));
        match words {
            ["-r", code, ..] => self.php_code(code),
            [script, options @ ..] if script.ends_with(SETUP) => {
                self.install_composer(options);
                true
            }
            ["-i" | "-m"] => true,
            [] | ["--" | "-", ..] if is_piped => {
                self.install_composer(words);
                true
            }
            _ => false,
        }
    }

    /// The lines that Composer's instructions have people run.
    fn php_code(&mut self, code: &str) -> bool {
        if code.contains(INSTALLER) && code.contains(SETUP) {
            let [low, likely, high] = SCRIPT;
            let size = Estimate::between(low, likely, high, rule!("Composer's installer"));
            self.write(
                SETUP,
                Printed::Fetched(Download { size, held: None }),
                false,
            );
            return true;
        }
        if code.contains(SETUP) && code.starts_with("unlink(") {
            let path = self.words.path(SETUP);
            self.written.remove(&path);
            return true;
        }
        code.contains(SETUP) && code.starts_with("if (hash")
    }

    fn install_composer(&mut self, options: &[&str]) {
        // The value is behind `=`, or is the next word.
        let option = |name: &str| {
            let mut words = options.iter();
            let own = words.find_map(|word| word.strip_prefix(name))?;
            own.strip_prefix('=').or_else(|| words.next().copied())
        };
        let folder = option("--install-dir").unwrap_or(".");
        let name = option("--filename").unwrap_or("composer.phar");
        let path = [folder, "/", name].concat();
        let (size, held) = (composer(), None);
        let program = Printed::Fetched(Download { size, held });
        self.write(&path, program, false);
    }
}
