//! How near the estimated sizes come to measured ones.
//!
//! The figures do not belong to the repository; see [`crate::conformance`] for where they are looked
//! for. Half of them, by their names, are never tuned on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use stagecraft_engine::plan::{Basis, Context, ContextFile, Span, Step};
use stagecraft_engine::semantic::ShellScript;
use stagecraft_engine::syntax::Keyword;
use stagecraft_engine::{Analysis, Workspace, analyze};

use crate::conformance::corpus::{dockerfile, folder, rows, text};

/// Instructions of official images are cut to so many characters.
const CUT: usize = 160;

/// A step with its true size and what was estimated.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// `apt`, `apk`, `pip`, `npm`, `copy, shell` or `other`.
    pub kind: &'static str,
    /// Bytes, as measured.
    pub truth: u64,
    /// What was estimated.
    pub estimate: Span,
}

impl Case {
    /// Whether it is one of those that are not tuned on.
    pub fn is_held_out(&self) -> bool {
        let sum = self
            .id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        sum >> 32 & 1 == 1
    }

    /// Whether the estimator says that it knows.
    pub fn is_known(&self) -> bool {
        self.estimate.likely.is_some()
    }

    /// Whether the truth lies in the range.
    pub fn is_within(&self) -> bool {
        self.estimate.low <= self.truth && self.estimate.high.is_none_or(|high| self.truth <= high)
    }

    /// How far the likely figure is off, in thousandths of the truth.
    pub fn error(&self) -> u64 {
        let likely = self.estimate.likely.unwrap_or(0);
        likely.abs_diff(self.truth).saturating_mul(1000) / self.truth.max(1_000)
    }

    /// The most by the least, in hundredths; bytes below a page do not count.
    pub fn width(&self) -> u64 {
        let page = 4096;
        let high = self.estimate.high.unwrap_or(u64::MAX / 1000).max(page);
        high.saturating_mul(100) / self.estimate.low.max(page)
    }
}

/// What cases of a kind come to.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// How many.
    pub cases: usize,
    /// Of these such that the estimator says it knows.
    pub known: usize,
    /// Of these such whose truth lies in the range.
    pub within: usize,
    /// The median of their errors, in thousandths.
    pub error: u64,
    /// The median of their widths, in hundredths.
    pub width: u64,
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

impl Summary {
    /// Sums up.
    pub fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let cases: Vec<&Case> = cases.collect();
        let known: Vec<&&Case> = cases.iter().filter(|case| case.is_known()).collect();
        Self {
            cases: cases.len(),
            known: known.len(),
            within: known.iter().filter(|case| case.is_within()).count(),
            error: median(known.iter().map(|case| case.error()).collect()),
            width: median(known.iter().map(|case| case.width()).collect()),
        }
    }

    fn line(&self, name: &str) -> String {
        let percent = |part: usize, whole: usize| match whole {
            0 => "-".to_owned(),
            _ => format!("{} %", part * 100 / whole),
        };
        format!(
            "{name:<34} {:>5} {:>7} {:>7} {:>4}.{} % {:>5}.{:02}",
            self.cases,
            percent(self.known, self.cases),
            percent(self.within, self.known),
            self.error / 10,
            self.error % 10,
            self.width / 100,
            self.width % 100,
        )
    }
}

/// The kinds of steps, in the order of the table.
pub const KINDS: [&str; 6] = ["apt", "apk", "pip", "npm", "copy, shell", "other"];

fn data(name: &str) -> Option<Vec<Value>> {
    let text = fs::read_to_string(folder()?.join("../data").join(name)).ok()?;
    let rows = text.lines().filter(|line| !line.is_empty());
    Some(
        rows.map(|line| serde_json::from_str(line).expect("a row of JSON"))
            .collect(),
    )
}

/// The steps that were measured one by one: the size of their files.
pub fn measured() -> Option<Vec<Case>> {
    let cases = data("measured-layers.jsonl")?.into_iter().map(|row| {
        let source = written(&row);
        let mut workspace = Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        };
        workspace.context = Some(context(&row).into());
        let analysis = analyze(&workspace);
        let step = analysis.plan.steps.iter().rfind(|step| step.layer);
        Case {
            id: text(&row, "id"),
            kind: match text(&row, "ecosystem").as_str() {
                "apt" => "apt",
                "pip" => "pip",
                "npm" => "npm",
                "shell" | "copy" => "copy, shell",
                _ => "other",
            },
            truth: row["content_bytes"].as_u64().unwrap_or(0),
            estimate: step.map_or(Span::UNKNOWN, |step| step.size.span()),
        }
    });
    Some(cases.collect())
}

/// The Dockerfile whose last step is the row's, with what its notes say was there before.
fn written(row: &Value) -> String {
    let (base, notes) = (text(row, "base"), text(row, "notes"));
    let mut out = format!(
        "FROM {}\n",
        base.split([' ', '(']).next().unwrap_or_default()
    );
    if base.contains("+ curl wget xz-utils") {
        out.push_str("RUN apt-get update && apt-get install -y curl wget xz-utils && rm -rf /var/lib/apt/lists/*\n");
    }
    for (name, value) in row["env"].as_object().into_iter().flatten() {
        let _ = writeln!(out, "ENV {name}={}", value.as_str().unwrap_or_default());
    }
    for folder in ["app", "app2"] {
        if notes.starts_with(&format!("/{folder} below"))
            && !text(row, "dockerfile_step").starts_with("COPY")
        {
            let _ = writeln!(out, "COPY {folder} /{folder}");
        }
    }
    if notes.contains("layer below is apt-get update") {
        out.push_str("RUN apt-get update\n");
    }
    if notes.contains("already has ca-certificates curl")
        || notes.contains("curl already in the layer below")
    {
        out.push_str("RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*\n");
    }
    if row["inputs"].is_object() {
        out.push_str("COPY inputs /app\n");
    }
    let step = text(row, "dockerfile_step");
    out.push_str(step.split("  # ").next().unwrap_or_default());
    out.push('\n');
    out
}

fn context(row: &Value) -> Context {
    let mut context = Context::default();
    let mut file = |path: String, size: u64, content: &str| {
        if Context::names_packages(&path) {
            context.lists.insert(path.clone(), content.into());
        }
        context.files.push(ContextFile {
            path,
            size,
            count: 1,
            ..ContextFile::default()
        });
    };
    let notes = text(row, "notes");
    if notes.contains("1000 files of 100000 random bytes") {
        for at in 0..1000 {
            file(format!("app/d{}/f{}.bin", at / 50, at % 50), 100_000, "");
        }
    }
    if notes.contains("5000 files of ~10 bytes") {
        // Which of "about 10 bytes" it is, only their sum tells: this one is a line with the number.
        for at in 1..=5000 {
            let line = format!("file {at}\n");
            let size = u64::try_from(line.len()).unwrap_or(0);
            file(format!("app2/{at}.txt"), size, &line);
        }
    }
    for (name, content) in row["inputs"].as_object().into_iter().flatten() {
        // Where no folder stands before it, the step says which one.
        let folder = if name.contains('/') {
            ""
        } else {
            let step = row["dockerfile_step"].as_str().unwrap_or_default();
            let place = step.split("cd /app/").nth(1);
            place.and_then(|rest| rest.split(' ').next()).unwrap_or("")
        };
        let content = match content.as_str() {
            Some(text) => text.to_owned(),
            None => content.to_string(),
        };
        let size = u64::try_from(content.len()).unwrap_or(0);
        file(
            format!("inputs/{folder}/{name}").replace("//", "/"),
            size,
            &content,
        );
    }
    let step = text(row, "dockerfile_step");
    if step.contains("npm") && !step.contains("no package-lock.json") {
        let place = step
            .split("cd /app/")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        file(
            format!("inputs/{}/package-lock.json", place.unwrap_or("")),
            100_000,
            "",
        );
    }
    context
}

/// The steps of official images that are listed whole: the size of their layers as transferred.
pub fn official() -> Option<Vec<Case>> {
    let mut cases = BTreeMap::new();
    for row in data("base-images.jsonl")? {
        let layers: Vec<u64> = row["layers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        let history: Vec<&str> = row["history"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let makes = |line: &&&str| {
            ["RUN", "COPY", "ADD", "WORKDIR"]
                .iter()
                .any(|word| line.starts_with(word))
        };
        if layers.is_empty() || history.iter().filter(makes).count() != layers.len() {
            continue;
        }
        let Some(base) = base(&history, layers.first().copied().unwrap_or(0)) else {
            continue;
        };
        let mut source = format!("FROM {base}\n");
        let mut sizes = layers.iter().copied();
        let mut wanted = Vec::new();
        // What a step installs that is not listed whole, later ones do not install again.
        let mut uncertain = false;
        for (at, line) in history.iter().enumerate() {
            let size = makes(&line).then(|| sizes.next()).flatten();
            if at == 0 || line.contains("alpine-minirootfs") || line.contains("debian.sh") {
                continue;
            }
            let whole = line.ends_with("# buildkit") || line.chars().count() < CUT;
            let line = line.trim_end_matches("# buildkit").trim();
            let variable = line
                .strip_prefix("ENV ")
                .and_then(|rest| rest.split_once('='));
            let _ = match variable {
                Some((name, value)) => writeln!(source, "ENV {name}=\"{value}\""),
                None => writeln!(source, "{line}"),
            };
            let installs = line.contains("install") || line.contains("apk");
            if let Some(size) =
                size.filter(|_| whole && line.starts_with("RUN") && !(uncertain && installs))
            {
                wanted.push((source.lines().count(), line.to_owned(), size));
            }
            uncertain |= !whole && installs;
        }
        let analysis = analyze(&Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        });
        for (number, line, size) in wanted {
            let step = step_at(&analysis, number);
            let Some(step) = step else { continue };
            let id = format!("{base} {line}");
            cases.entry(id.clone()).or_insert(Case {
                id,
                kind: kind(&line),
                truth: size,
                estimate: step.compressed,
            });
        }
    }
    Some(cases.into_values().collect())
}

/// Whole stages of the guide's Dockerfiles.
#[derive(Debug, Clone, Default)]
pub struct GuideStages {
    /// Those all of whose steps were measured, with what the lessons tell.
    pub told: Vec<Case>,
    /// The same as the estimator alone has them.
    pub alone: Vec<Case>,
    /// How many others there are: a step of theirs was not measured.
    pub others: usize,
}

/// What each layer of the guide's stages holds, by lesson, variant and stage, as
/// `xtask/measure/guide.tsv` has it.
fn measured_guide() -> BTreeMap<(String, String, usize), Vec<u64>> {
    let mut found: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    let table = include_str!("../../xtask/measure/guide.tsv");
    for line in table.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().expect("a field of guide.tsv");
        let (lesson, variant, stage) = (next(), next(), next());
        let (_base, _step, bytes) = (next(), next(), next());
        let stage = stage.parse().expect("a number of a stage");
        let key = (lesson.to_owned(), variant.to_owned(), stage);
        let bytes = bytes.parse().expect("a number of bytes");
        found.entry(key).or_default().push(bytes);
    }
    found
}

/// Older versions of Python packages, which a step names, as `xtask/measure/pypi-pins.tsv` has them.
pub fn pinned() -> Vec<Case> {
    let table = include_str!("../../xtask/measure/pypi-pins.tsv");
    let case = |line: &str| {
        let [name, version, _, bytes] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a line of pypi-pins.tsv: {line}");
        };
        // The first call of pip compiles what is there already.
        let dockerfile = format!(
            "FROM python:3.11-slim\nRUN pip list\n\
             RUN pip install --no-cache-dir {name}=={version}\n"
        );
        let analysis = analyze(&Workspace {
            dockerfile: dockerfile.into(),
            ..Workspace::default()
        });
        let estimate = analysis.plan.steps.last().map(|step| step.size.span());
        Case {
            id: format!("{name}=={version}"),
            kind: "pip",
            truth: bytes.parse().expect("a number of bytes"),
            estimate: estimate.expect("a step"),
        }
    };
    table.lines().map(case).collect()
}

/// Puts together what stages of the guide weigh: the base as it is listed, and each step as it was
/// run (`xtask/measure/guide.py`).
pub fn guide_stages() -> Option<GuideStages> {
    let images = data("base-images.jsonl")?;
    let measured = measured_guide();
    let listed = |name: &str| {
        let (image, tag) = name.split_once(':')?;
        let row = images.iter().find(|row| {
            let aliases = row["aliases"].as_array().into_iter().flatten();
            let mut tags = aliases.filter_map(Value::as_str);
            row["image"] == image && (row["tag"] == tag || tags.any(|alias| alias == tag))
        })?;
        row["uncompressed_bytes"].as_u64()
    };
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../guide");
    let authored =
        stagecraft_cli::commands::lessons::read(&root).expect("a guide without mistakes");
    let mut found = GuideStages::default();
    let mut seen = std::collections::BTreeSet::new();
    for lesson in authored.guide.lessons() {
        for (variant, files) in [("start", &lesson.start), ("solution", &lesson.solution)] {
            let mut workspace = lesson.workspace(files);
            let told = analyze(&workspace);
            workspace.told.clear();
            let alone = analyze(&workspace);
            let (model, plan) = (&told.model, &told.plan);
            for (image, bare) in plan.images.iter().zip(&alone.plan.images) {
                let chain: Vec<_> = model.chain(image.stage).collect();
                let base = chain.last().map_or("", |stage| &*stage.base_text);
                let layers = chain.iter().map(|stage| {
                    let steps = plan.steps.iter().filter(|step| {
                        let words = ["RUN ", "COPY "];
                        step.stage == stage.id
                            && words
                                .iter()
                                .any(|word| told.instruction(step).starts_with(word))
                    });
                    let key = (lesson.slug.clone(), variant.to_owned(), stage.id.index());
                    let layers = measured.get(&key).map_or(&[][..], Vec::as_slice);
                    (layers.len() == steps.count()).then(|| layers.iter().sum::<u64>())
                });
                let layers = layers.sum::<Option<u64>>();
                let own = plan
                    .steps
                    .iter()
                    .filter(|step| step.layer && chain.iter().any(|stage| stage.id == step.stage));
                let words: Vec<_> = own.map(|step| told.instruction(step)).collect();
                // A stage counts once, however many lessons have it; a bare base not at all.
                if words.is_empty() || !seen.insert((base.to_owned(), words.join("\n"), layers)) {
                    continue;
                }
                let Some((base, layers)) = listed(base).zip(layers) else {
                    found.others += 1;
                    continue;
                };
                let case = |estimate: Span| Case {
                    id: format!("guide-{}-{variant}-{}", lesson.slug, image.stage.0),
                    kind: "guide",
                    truth: base + layers,
                    estimate,
                };
                found.told.push(case(image.total));
                found.alone.push(case(bare.total));
            }
        }
    }
    Some(found)
}

fn step_at(analysis: &Analysis, line: usize) -> Option<&Step> {
    let line = u32::try_from(line).ok()?;
    analysis
        .plan
        .steps
        .iter()
        .find(|step| step.layer && step.lines.0 == line)
}

/// The image that a list of instructions starts from.
fn base(history: &[&str], first: u64) -> Option<String> {
    for line in history.iter().take(4) {
        if let Some((_, rest)) = line.split_once("alpine-minirootfs-") {
            let version: Vec<&str> = rest.split(['.', '-']).take(2).collect();
            return Some(format!("alpine:{}", version.join(".")));
        }
        if let Some((_, rest)) = line.split_once("out/ '") {
            let suite = rest.split('\'').next()?;
            let slim = if first < 40_000_000 { "-slim" } else { "" };
            return Some(format!("debian:{suite}{slim}"));
        }
    }
    None
}

fn kind(line: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if has(&["apt-get install", "apt install"]) {
        "apt"
    } else if has(&["apk add", "apk --no-cache add", "apk -U add"]) {
        "apk"
    } else if has(&["pip install", "pip3 install"]) {
        "pip"
    } else if has(&["npm ", "yarn "]) {
        "npm"
    } else if has(&["curl ", "wget ", "make", "tar ", "gcc", "git clone"]) {
        "other"
    } else {
        "copy, shell"
    }
}

/// How many RUN steps of real files that install packages have a known basis.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Steps that install packages.
    pub steps: usize,
    /// Those of which a table knows packages, or of which all is known.
    pub known: usize,
    /// Those of which all is known, whatever else they do.
    pub whole: usize,
    /// What is not known of the others, and how often.
    pub unknown: BTreeMap<String, usize>,
}

/// Looks through the real files.
pub fn coverage() -> Option<BTreeMap<&'static str, Coverage>> {
    let mut found: BTreeMap<&'static str, Coverage> = BTreeMap::new();
    for row in rows("wild.jsonl.gz")? {
        let analysis = analyze(&Workspace {
            dockerfile: dockerfile(&row).into(),
            ..Workspace::default()
        });
        for step in &analysis.plan.steps {
            let managers = managers(&analysis, step);
            if managers.is_empty() {
                continue;
            }
            let listed =
                |basis: &Basis| matches!(basis, Basis::Packages { count, .. } if *count > 0);
            let whole = step.size.likely.is_some();
            let known = whole || step.size.basis.iter().any(listed);
            for name in managers.into_iter().chain(["all"]) {
                let sum = found.entry(name).or_default();
                sum.steps += 1;
                sum.known += usize::from(known);
                sum.whole += usize::from(whole);
                for basis in &step.size.basis {
                    if let Basis::Unknown(what) = basis {
                        *sum.unknown.entry(what.to_string()).or_default() += 1;
                    }
                }
            }
        }
    }
    Some(found)
}

/// The package managers that a step installs with.
fn managers(analysis: &Analysis, step: &Step) -> Vec<&'static str> {
    let command = step.command.and_then(|id| analysis.model.command(id));
    let found = command.and_then(|command| {
        let (file, instruction) = analysis.model.instruction(&analysis.file, command)?;
        (instruction.keyword == Keyword::Run).then_some(())?;
        let shell = analysis.model.scopes().shell(command.before);
        let script = ShellScript::read(file, instruction, shell, false)?;
        let script = script.script(file);
        let mut found = Vec::new();
        for (simple, _) in script.simple_commands() {
            let Some(call) = simple.invocation() else {
                continue;
            };
            let words: Vec<&str> = call.arguments().map(|word| word.text()).collect();
            let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
            let name = match call.name() {
                "apt-get" | "apt" | "aptitude" if has(&["install"]) => "apt",
                "apk" if has(&["add"]) => "apk",
                "yum" | "dnf" | "microdnf" | "tdnf" | "zypper" if has(&["install", "in"]) => "rpm",
                "npm" | "pnpm" if has(&["install", "ci", "i", "add"]) => "npm",
                "yarn" if words.is_empty() || has(&["install", "add"]) => "npm",
                "gem" | "bundle" if has(&["install"]) => "gem",
                name if name.starts_with("pip") && has(&["install"]) => "pip",
                name if name.starts_with("python") && has(&["pip"]) && has(&["install"]) => "pip",
                _ => continue,
            };
            if !found.contains(&name) {
                found.push(name);
            }
        }
        Some(found)
    });
    found.unwrap_or_default()
}

/// All as a table.
pub fn table(
    [measured, official, pinned]: [&[Case]; 3],
    guide: &GuideStages,
    coverage: &BTreeMap<&str, Coverage>,
) -> String {
    let mut out = format!(
        "{:<34} {:>5} {:>7} {:>7} {:>8} {:>8}\n",
        "", "cases", "known", "within", "error", "high/low"
    );
    let mut rows = |name: &str, cases: &[Case]| {
        for (half, held) in [("tuned on", false), ("held out", true)] {
            let half_of = || cases.iter().filter(move |case| case.is_held_out() == held);
            for kind in KINDS {
                let summary = Summary::of(half_of().filter(|case| case.kind == kind));
                if summary.cases > 0 {
                    let _ = writeln!(out, "{}", summary.line(&format!("{name}, {half}: {kind}")));
                }
            }
            let _ = writeln!(
                out,
                "{}",
                Summary::of(half_of()).line(&format!("{name}, {half}: all"))
            );
        }
    };
    rows("measured", measured);
    rows("official", official);
    rows("pinned", pinned);
    let rows = [
        ("guide, whole stages", &guide.told),
        ("guide, nothing told", &guide.alone),
    ];
    for (name, cases) in rows {
        let _ = writeln!(out, "{}", Summary::of(cases.iter()).line(name));
    }
    let _ = writeln!(
        out,
        "guide: {} more stages have a step that nobody has measured",
        guide.others
    );
    for (name, sum) in coverage {
        let _ = writeln!(
            out,
            "wild, RUN with {name:<4} {:>6} steps, packages known in {:>3} %, all known in {:>3} %",
            sum.steps,
            sum.known * 100 / sum.steps.max(1),
            sum.whole * 100 / sum.steps.max(1)
        );
    }
    out
}
