//! What is asked of the linter: options of the command, and a file as hadolint reads it.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
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
    /// Fields of the file that nothing here knows, as hadolint does not either: likely misspelt.
    pub unknown: Vec<String>,
}

/// The file `.hadolint.yaml`. Fields that say how to print are accepted and not used; a field without
/// a value is as one that is not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::zero_sized_map_values,
    reason = "serde gathers the others in a map"
)]
struct File {
    #[serde(deserialize_with = "given")]
    ignored: Vec<String>,
    #[serde(rename = "override", deserialize_with = "given")]
    overrides: Overrides,
    #[serde(rename = "trustedRegistries", deserialize_with = "given")]
    trusted_registries: Vec<String>,
    #[serde(rename = "label-schema", deserialize_with = "given")]
    label_schema: BTreeMap<String, String>,
    #[serde(rename = "strict-labels", deserialize_with = "given")]
    strict_labels: bool,
    #[serde(rename = "failure-threshold")]
    failure_threshold: Option<String>,
    #[serde(rename = "no-fail", deserialize_with = "given")]
    no_fail: bool,
    #[serde(rename = "disable-ignore-pragma", deserialize_with = "given")]
    disable_ignore_pragma: bool,
    format: Option<String>,
    #[serde(rename = "no-color")]
    no_color: Option<bool>,
    /// Others, which hadolint passes over.
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::zero_sized_map_values,
    reason = "serde gathers the others in a map"
)]
struct Overrides {
    #[serde(deserialize_with = "given")]
    error: Vec<String>,
    #[serde(deserialize_with = "given")]
    warning: Vec<String>,
    #[serde(deserialize_with = "given")]
    info: Vec<String>,
    #[serde(deserialize_with = "given")]
    style: Vec<String>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

/// The value of a field that is there, or what stands for none.
fn given<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
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
        let is_blank = |line: &str| {
            let line = line.trim();
            line.is_empty() || line == "---" || line.starts_with('#')
        };
        let file: File = if text.lines().all(is_blank) {
            File::default()
        } else {
            serde_saphyr::from_str(text).map_err(|error| {
                // What its reader can be told to do instead is of no use here.
                error.to_string().replacen(
                    ", set DuplicateKeyPolicy in Options if acceptable",
                    "",
                    1,
                )
            })?
        };
        let mut settings = Self {
            ignored: file.ignored,
            no_fail: file.no_fail,
            unknown: file.others.into_keys().collect(),
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
            others,
        } = file.overrides;
        let others = others.into_keys().map(|name| format!("override.{name}"));
        settings.unknown.extend(others);
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
        assert_eq!(Settings::read("---\n# nothing\n"), Ok(Settings::default()));
        let empty = "ignored:\noverride:\nstrict-labels:\nformat: json\n";
        assert_eq!(Settings::read(empty), Ok(Settings::default()));
    }

    #[test]
    fn what_nobody_knows_is_passed_over_and_told() {
        let text = "ingored: [DL3008]\nignored: [DL3006]\noverride:\n  ignore: [DL3007]\n";
        let settings = Settings::read(text).unwrap();
        assert_eq!(settings.ignored, ["DL3006"]);
        assert_eq!(settings.unknown, ["ingored", "override.ignore"]);
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        for (text, word) in [
            ("ignored: 5\n", "ignored"),
            ("no-fail: 3\n", "boolean"),
            ("label-schema:\n  a: colour\n", "colour"),
            ("failure-threshold: loud\n", "loud"),
            ("a: [\n", ""),
        ] {
            let error = Settings::read(text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
