//! What is asked of the linter: options of the command, and a file as hadolint reads it.

use std::collections::BTreeMap;

use serde::Deserialize;
use stagecraft_engine::diagnostics::{Diagnostic, Severity};
use stagecraft_engine::lint::{Config, LabelKind};

/// What is asked for besides the profile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// What is asked of the rules.
    pub config: Config,
    /// Rules that are not to be heard of, by name or code.
    pub ignored: Vec<String>,
    /// Other severities for rules, by name or code.
    pub severities: BTreeMap<String, Severity>,
    /// Findings milder than this do not make the command fail.
    pub threshold: Option<Severity>,
    /// Whether findings never make it fail.
    pub no_fail: bool,
}

/// The file `.hadolint.yaml`. Fields that say how to print are accepted and not used.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    ignored: Vec<String>,
    #[serde(rename = "override")]
    overrides: Overrides,
    #[serde(rename = "trustedRegistries")]
    trusted_registries: Vec<String>,
    #[serde(rename = "label-schema")]
    label_schema: BTreeMap<String, String>,
    #[serde(rename = "strict-labels")]
    strict_labels: bool,
    #[serde(rename = "failure-threshold")]
    failure_threshold: Option<String>,
    #[serde(rename = "no-fail")]
    no_fail: bool,
    #[serde(rename = "disable-ignore-pragma")]
    disable_ignore_pragma: bool,
    format: Option<String>,
    #[serde(rename = "no-color")]
    no_color: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Overrides {
    error: Vec<String>,
    warning: Vec<String>,
    info: Vec<String>,
    style: Vec<String>,
}

/// A severity by hadolint's word for it.
fn severity(word: &str) -> Option<Severity> {
    Some(match word {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "info" => Severity::Info,
        "style" | "hint" | "ignore" | "none" => Severity::Hint,
        _ => return None,
    })
}

impl Settings {
    /// Reads the text of `.hadolint.yaml`.
    ///
    /// # Errors
    /// One clause that says what is wrong with it, and where.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File = if text.trim().is_empty() {
            File::default()
        } else {
            serde_saphyr::from_str(text).map_err(|error| error.to_string())?
        };
        let mut settings = Self {
            ignored: file.ignored,
            no_fail: file.no_fail,
            ..Self::default()
        };
        let config = &mut settings.config;
        config.trusted_registries = file.trusted_registries;
        config.strict_labels = file.strict_labels;
        config.no_pragmas = file.disable_ignore_pragma;
        for (name, kind) in file.label_schema {
            settings.require_label(&format!("{name}:{kind}"))?;
        }
        let Overrides {
            error,
            warning,
            info,
            style,
        } = file.overrides;
        for (severity, rules) in [
            (Severity::Error, error),
            (Severity::Warning, warning),
            (Severity::Info, info),
            (Severity::Hint, style),
        ] {
            let rules = rules.into_iter().map(|rule| (rule, severity));
            settings.severities.extend(rules);
        }
        if let Some(word) = file.failure_threshold {
            let threshold = severity(&word);
            settings.threshold = Some(threshold.ok_or(format!("`{word}` is no severity"))?);
        }
        Ok(settings)
    }

    /// Asks for a label: `name:kind`.
    ///
    /// # Errors
    /// Where there is no such kind.
    pub fn require_label(&mut self, label: &str) -> Result<(), String> {
        let (name, kind) = label
            .rsplit_once(':')
            .ok_or(format!("`{label}` is not written as `name:kind`"))?;
        let kind = LabelKind::named(kind).ok_or(format!(
            "`{kind}` is no kind of label: there are text, url, semver, rfc3339, spdx, hash and email"
        ))?;
        self.config.labels.insert(name.to_owned(), kind);
        Ok(())
    }

    /// Takes out what is not to be heard of, and sets severities.
    pub fn apply(&self, findings: &mut Vec<Diagnostic>) {
        let is = |named: &str, finding: &Diagnostic| {
            named.eq_ignore_ascii_case(finding.rule)
                || finding
                    .codes
                    .iter()
                    .any(|code| named.eq_ignore_ascii_case(code.code))
        };
        findings.retain(|finding| !self.ignored.iter().any(|named| is(named, finding)));
        for finding in findings {
            let other = self.severities.iter().find(|(named, _)| is(named, finding));
            if let Some((_, severity)) = other {
                finding.severity = *severity;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_hadolint_is_read() {
        let settings = Settings::read(
            "ignored:\n  - DL3008\noverride:\n  error:\n    - DL3006\ntrustedRegistries:\n  - docker.io\nlabel-schema:\n  author: text\nstrict-labels: true\nfailure-threshold: warning\nno-fail: false\n",
        )
        .unwrap();
        assert_eq!(settings.ignored, ["DL3008"]);
        assert_eq!(settings.severities["DL3006"], Severity::Error);
        assert_eq!(settings.config.trusted_registries, ["docker.io"]);
        assert_eq!(settings.config.labels["author"], LabelKind::Text);
        assert!(settings.config.strict_labels);
        assert_eq!(settings.threshold, Some(Severity::Warning));
        assert_eq!(Settings::read(""), Ok(Settings::default()));
        assert_eq!(Settings::read("# nothing\n{}\n"), Ok(Settings::default()));
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        for (text, word) in [
            ("ignored: 5\n", "ignored"),
            ("nonsense: true\n", "nonsense"),
            ("label-schema:\n  a: colour\n", "colour"),
            ("failure-threshold: loud\n", "loud"),
            ("a: [\n", ""),
        ] {
            let error = Settings::read(text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
