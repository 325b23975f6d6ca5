//! The linter's verdicts: the same code on the same line as BuildKit's check and hadolint.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde_json::Value;
use stagecraft_cli::commands::lint;
use stagecraft_cli::settings::Settings;
use stagecraft_engine::lint::Profile;
use stagecraft_engine::semantic::Options;

use super::{Report, corpus};

/// A code and its line.
type Verdict = (String, u64);

/// How often a tool's code was met.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Said by both.
    pub agreed: usize,
    /// Said by the tool alone.
    pub missed: usize,
    /// Said by us alone.
    pub extra: usize,
}

/// A comparison, and what it is made of by code.
#[derive(Debug)]
pub struct LintReport {
    /// By file.
    pub files: Report,
    /// By code.
    pub codes: BTreeMap<String, Tally>,
}

impl LintReport {
    fn new(name: &str) -> Self {
        Self {
            files: Report::new(name),
            codes: BTreeMap::new(),
        }
    }

    fn case(&mut self, id: &str, ours: &BTreeSet<Verdict>, theirs: &BTreeSet<Verdict>) {
        // Writing to a string does not fail.
        let mut what = String::new();
        for verdict in ours.union(theirs) {
            let tally = self.codes.entry(verdict.0.clone()).or_default();
            let (code, line) = verdict;
            match (ours.contains(verdict), theirs.contains(verdict)) {
                (true, true) => tally.agreed += 1,
                (true, false) => {
                    tally.extra += 1;
                    let _ = write!(what, " +{code}:{line}");
                }
                _ => {
                    tally.missed += 1;
                    let _ = write!(what, " -{code}:{line}");
                }
            }
        }
        self.files
            .case(id, Some(what).filter(|what| !what.is_empty()));
    }
}

impl fmt::Display for LintReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.files)?;
        for (code, tally) in &self.codes {
            let Tally {
                agreed,
                missed,
                extra,
            } = tally;
            writeln!(
                f,
                "  {code:<36} {agreed:>6} agreed {missed:>6} missed {extra:>6} extra"
            )?;
        }
        Ok(())
    }
}

/// What we say in a profile.
fn ours(
    source: &str,
    dockerignore: Option<&str>,
    options: &Options,
    profile: Profile,
    settings: &Settings,
) -> BTreeSet<Verdict> {
    let checked = lint::checked(source, dockerignore, options, profile, settings);
    let codes = checked.findings.iter().flat_map(|finding| &finding.codes);
    codes
        .map(|code| (code.code.to_owned(), u64::from(code.line)))
        .collect()
}

/// What BuildKit says.
fn buildkit(warnings: &Value) -> BTreeSet<Verdict> {
    let rows = warnings.as_array().into_iter().flatten();
    rows.map(|row| {
        let line = row["lines"][0][0].as_u64().or_else(|| row["line"].as_u64());
        (corpus::text(row, "rule"), line.unwrap_or_default())
    })
    .collect()
}

/// What hadolint says, of its own codes.
fn hadolint(rows: &Value) -> BTreeSet<Verdict> {
    rows.as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| Some((row[0].as_str()?.to_owned(), row[1].as_u64()?)))
        .filter(|(code, _)| code.starts_with("DL"))
        .collect()
}

/// BuildKit's rules over its own cases, the made-up and the wild files.
pub fn buildkit_reports() -> Option<Vec<LintReport>> {
    let mut reports = Vec::new();
    let mut compare = |name: &str, rows: Vec<(Value, Value)>| {
        let mut report = LintReport::new(&format!("buildkit {name}"));
        for (row, warnings) in rows {
            let mut options = Options::default();
            let mut settings = Settings::default();
            for (key, value) in row["attrs"].as_object().into_iter().flatten() {
                if let Some(name) = key.strip_prefix("build-arg:") {
                    let value = value.as_str().unwrap_or_default().to_owned();
                    if name == "BUILDKIT_DOCKERFILE_CHECK" {
                        settings.config.check = Some(value.clone());
                    }
                    settings.config.build_args_given = true;
                    options.build_args.insert(name.to_owned(), value);
                }
            }
            let ours = ours(
                &corpus::dockerfile(&row),
                row["dockerignore"].as_str(),
                &options,
                Profile::Buildkit,
                &settings,
            );
            report.case(&corpus::text(&row, "id"), &ours, &buildkit(&warnings));
        }
        reports.push(report);
    };
    let cases = corpus::rows("buildkit-lint.jsonl")?.into_iter();
    let with = |key: &'static str, row: Value| {
        let answer = row[key].clone();
        (row, answer)
    };
    compare(
        "buildkit-lint.jsonl",
        cases.map(|row| with("check", row)).collect(),
    );
    let edge = corpus::rows("edge.jsonl")?.into_iter();
    compare(
        "edge.jsonl",
        edge.filter(|row| !row["lint"].is_null())
            .map(|row| {
                let answer = row["lint"]["warnings"].clone();
                (row, answer)
            })
            .collect(),
    );
    compare(
        "wild.jsonl.gz",
        corpus::wild()?
            .into_iter()
            .filter(|(_, answer)| !answer["lint"].is_null())
            .map(|(row, answer)| (row, answer["lint"]["warnings"].clone()))
            .collect(),
    );
    Some(reports)
}

/// What a case of hadolint's specifications asks for on the command line.
fn settings(flags: &Value) -> Settings {
    let mut settings = Settings::default();
    let flags: Vec<&str> = flags
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut at = flags.iter();
    while let Some(&flag) = at.next() {
        match flag {
            "--strict-labels" => settings.config.strict_labels = true,
            "--trusted-registry" => {
                let registry = at.next().expect("a registry");
                settings
                    .config
                    .trusted_registries
                    .push((*registry).to_owned());
            }
            "--require-label" => {
                let label = at.next().expect("a label");
                settings.require_label(label).expect("a known kind");
            }
            "--ignore" => {
                let code = at.next().expect("a code");
                settings.ignored.push((*code).to_owned());
            }
            other => unreachable!("an unknown flag {other}"),
        }
    }
    settings
}

/// hadolint's rules over its specifications, the made-up and the wild files.
pub fn hadolint_reports() -> Option<Vec<LintReport>> {
    const OFF: [&str; 2] = ["DL1001", "DL3057"];
    let mut spec = LintReport::new("hadolint hadolint-spec.jsonl");
    for row in corpus::rows("hadolint-spec.jsonl")? {
        if row["confirmed"] != true {
            continue;
        }
        let mut settings = settings(&row["flags"]);
        settings.config.everything = row["rule"] != "*";
        let ours = ours(
            &corpus::dockerfile(&row),
            None,
            &Options::default(),
            Profile::Hadolint,
            &settings,
        );
        spec.case(
            &corpus::text(&row, "id"),
            &ours,
            &hadolint(&row["observed"]),
        );
    }
    let mut reports = vec![spec];
    let edge = corpus::rows("edge.jsonl")?.into_iter();
    let edge = edge.map(|row| {
        let answer = row["hadolint"].clone();
        (row, answer)
    });
    let wild = corpus::wild()?
        .into_iter()
        .map(|(row, answer)| (row, answer["hadolint"].clone()));
    for (name, rows) in [
        ("edge.jsonl", edge.collect::<Vec<_>>()),
        ("wild.jsonl.gz", wild.collect()),
    ] {
        let mut report = LintReport::new(&format!("hadolint {name}"));
        for (row, answer) in rows.iter().filter(|(_, answer)| !answer.is_null()) {
            let mut ours = ours(
                &corpus::dockerfile(row),
                None,
                &Options::default(),
                Profile::Hadolint,
                &Settings::default(),
            );
            ours.retain(|(code, _)| !OFF.contains(&code.as_str()));
            report.case(&corpus::text(row, "id"), &ours, &hadolint(answer));
        }
        reports.push(report);
    }
    Some(reports)
}
