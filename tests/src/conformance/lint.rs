//! The linter's verdicts: the same code on the same line as BuildKit's check and hadolint.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde_json::Value;
use stagecraft_cli::commands::lint;
use stagecraft_cli::settings::Settings;
use stagecraft_engine::lint::{Profile, rule};
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

impl Tally {
    /// Said by the tool.
    pub fn theirs(&self) -> usize {
        self.agreed + self.missed
    }

    /// Of a thousand that we say, how many the tool says too; all, where we say none.
    pub fn precision(&self) -> usize {
        permille(self.agreed, self.agreed + self.extra)
    }

    /// Of a thousand that the tool says, how many we say too; all, where it says none.
    pub fn recall(&self) -> usize {
        permille(self.agreed, self.theirs())
    }
}

fn permille(part: usize, whole: usize) -> usize {
    (part * 1000).checked_div(whole).unwrap_or(1000)
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
            write!(
                f,
                "  {code:<36} {:>6} theirs {agreed:>6} agreed {missed:>6} missed {extra:>6} extra",
                tally.theirs()
            )?;
            writeln!(
                f,
                " {:>6} ‰ precision {:>6} ‰ recall",
                tally.precision(),
                tally.recall()
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

/// What hadolint says, whoever's code it is.
fn hadolint(rows: &Value) -> BTreeSet<Verdict> {
    rows.as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| Some((row[0].as_str()?.to_owned(), row[1].as_u64()?)))
        .collect()
}

/// ShellCheck's codes that we answer to, those first that the wild files have most of.
pub const SHELLCHECK: [&str; 25] = [
    "SC2086", "SC2046", "SC2155", "SC2016", "SC2028", "SC2164", "SC3037", "SC2035", "SC3026",
    "SC1072", "SC2006", "SC1088", "SC2043", "SC2038", "SC3014", "SC3046", "SC1065", "SC2154",
    "SC3003", "SC2034", "SC3020", "SC3045", "SC2024", "SC2059", "SC3009",
];

/// Which codes are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codes {
    /// hadolint's own.
    Own,
    /// Those of [`SHELLCHECK`].
    Shellcheck,
}

impl Codes {
    fn has(self, verdict: &Verdict) -> bool {
        match self {
            Self::Own => verdict.0.starts_with("DL"),
            Self::Shellcheck => SHELLCHECK.contains(&verdict.0.as_str()),
        }
    }
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

/// What hadolint has switched off, unless it is asked for.
const OFF: [&str; 2] = ["DL1001", "DL3057"];

/// hadolint's own rules over its specifications, the made-up and the wild files.
pub fn hadolint_reports() -> Option<Vec<LintReport>> {
    through_hadolint(Codes::Own)
}

/// ShellCheck's codes, as hadolint passes them on, over the same.
pub fn shellcheck_reports() -> Option<Vec<LintReport>> {
    through_hadolint(Codes::Shellcheck)
}

/// ShellCheck's codes that hadolint has in the wild files and we do not answer to, with their
/// number.
pub fn shellcheck_left_out() -> Option<BTreeMap<String, usize>> {
    let mut left = BTreeMap::new();
    for (_, answer) in corpus::wild()? {
        for verdict in hadolint(&answer["hadolint"]) {
            if !Codes::Own.has(&verdict) && !Codes::Shellcheck.has(&verdict) {
                *left.entry(verdict.0).or_default() += 1;
            }
        }
    }
    Some(left)
}

/// The codes to which hadolint gives another severity than we do in its profile.
pub fn other_levels() -> Option<BTreeSet<String>> {
    let mut other = BTreeSet::new();
    for (row, answer) in corpus::wild()? {
        let rows = answer["hadolint"].as_array().into_iter().flatten();
        let theirs: BTreeMap<Verdict, String> = rows
            .filter_map(|row| {
                let verdict = (row[0].as_str()?.to_owned(), row[1].as_u64()?);
                Some((verdict, row[3].as_str()?.replace("style", "hint")))
            })
            .collect();
        let checked = lint::checked(
            &corpus::dockerfile(&row),
            None,
            &Options::default(),
            Profile::Hadolint,
            &Settings::default(),
        );
        for finding in &checked.findings {
            for code in &finding.codes {
                let verdict = (code.code.to_owned(), u64::from(code.line));
                let level = theirs.get(&verdict);
                if level.is_some_and(|level| level != finding.severity.name()) {
                    other.insert(format!("{} {level:?}", code.code));
                }
            }
        }
    }
    Some(other)
}

/// Dockerfiles of our own, each with its line in the list and what hadolint says of it.
fn own_files() -> impl Iterator<Item = (usize, String, &'static str)> {
    let lines = (1..).zip(include_str!("../../data/hadolint.tsv").lines());
    lines.skip(2).map(|(number, line)| {
        let (file, codes) = line.split_once('\t').unwrap_or((line, ""));
        (number, format!("{}\n", file.replace("\\n", "\n")), codes)
    })
}

/// Files of which our own choice says something else where a comment silences something, so that
/// what only others say is worked out as well: those of our own, and real ones where they are.
pub fn heard_otherwise() -> Vec<String> {
    let own = own_files().map(|(_, file, _)| file);
    let real = corpus::rows("wild.jsonl.gz").unwrap_or_default();
    let real = real.iter().map(corpus::dockerfile);
    let said = |above: &str, file: &str| {
        let (text, settings) = ([above, file].concat(), Settings::default());
        let checked = lint::checked(
            &text,
            None,
            &Options::default(),
            Profile::Default,
            &settings,
        );
        let places = checked.findings.into_iter().map(|finding| {
            let start = usize::from(finding.range.start()).checked_sub(above.len());
            (finding.rule, start)
        });
        let kept = places.filter(|(rule, _)| *rule != "unused-ignore");
        kept.collect::<Vec<_>>()
    };
    // Behind another comment a first one is no longer a directive, and a mark of UTF-8 no mark.
    own.chain(real)
        .filter(|file| !file.starts_with(['#', '\u{feff}']))
        .filter(|file| said("", file) != said("# hadolint global ignore=DL1001\n", file))
        .collect()
}

/// What hadolint says of Dockerfiles of our own, which are in the repository: each has one thing
/// that real files seldom have.
pub fn own_files_through_hadolint() -> LintReport {
    let mut report = LintReport::new("hadolint hadolint.tsv");
    for (number, file, codes) in own_files() {
        let theirs = codes.split(", ").filter_map(|code| {
            let (line, code) = code.split_once(' ')?;
            Some((code.to_owned(), line.parse().ok()?))
        });
        let mut theirs: BTreeSet<Verdict> = theirs.collect();
        let mut ours = ours(
            &file,
            None,
            &Options::default(),
            Profile::Hadolint,
            &Settings::default(),
        );
        ours.retain(|verdict| !OFF.contains(&verdict.0.as_str()));
        // hadolint says one of ShellCheck's codes of a line: one that no rule has hides others.
        let hides = |it: &&Verdict| it.0.starts_with("SC") && rule(&it.0).is_none();
        let hiding: BTreeSet<u64> = theirs.iter().filter(hides).map(|it| it.1).collect();
        for verdicts in [&mut ours, &mut theirs] {
            verdicts.retain(|it| !it.0.starts_with("SC") || !hiding.contains(&it.1));
        }
        report.case(&format!("line {number}"), &ours, &theirs);
    }
    report
}

fn through_hadolint(codes: Codes) -> Option<Vec<LintReport>> {
    let title = match codes {
        Codes::Own => "hadolint",
        Codes::Shellcheck => "shellcheck",
    };
    let chosen = |mut verdicts: BTreeSet<Verdict>| {
        verdicts.retain(|verdict| codes.has(verdict));
        verdicts
    };
    let mut spec = LintReport::new(&format!("{title} hadolint-spec.jsonl"));
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
            &chosen(ours),
            &chosen(hadolint(&row["observed"])),
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
        let mut report = LintReport::new(&format!("{title} {name}"));
        for (row, answer) in rows.iter().filter(|(_, answer)| !answer.is_null()) {
            let mut ours = ours(
                &corpus::dockerfile(row),
                None,
                &Options::default(),
                Profile::Hadolint,
                &Settings::default(),
            );
            ours.retain(|(code, _)| !OFF.contains(&code.as_str()));
            report.case(
                &corpus::text(row, "id"),
                &chosen(ours),
                &chosen(hadolint(answer)),
            );
        }
        reports.push(report);
    }
    Some(reports)
}
