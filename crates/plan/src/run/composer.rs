//! Composer, as its own installer puts it there.

use super::Run;
use super::fetch::Piped;
use super::words::value_of;
use crate::downloads::{self, COMPOSER_INSTALLER};

/// How the installer is called where it is kept, as its own instructions have it.
const SETUP: &str = "composer-setup.php";

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
        let is_fetched = code.contains(COMPOSER_INSTALLER) && code.contains(SETUP);
        let installer = ["https://", COMPOSER_INSTALLER].concat();
        if let Some(script) = downloads::at(&installer).filter(|_| is_fetched) {
            self.put(SETUP, script.size);
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
        let folder = value_of(options, &["--install-dir"]).unwrap_or(".");
        let name = value_of(options, &["--filename"]).unwrap_or("composer.phar");
        let path = [folder, "/", name].concat();
        self.put(&path, downloads::composer());
    }
}
