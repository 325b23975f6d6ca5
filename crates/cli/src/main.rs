//! The `stagecraft` command.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the terminal that it was started in"
)]

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, Parser, Subcommand, ValueEnum};
use mimalloc::MiMalloc;
use stagecraft_cli::build::{Build, context_of};
use stagecraft_cli::commands::{
    explain, export, fix, lessons, lint, parse, plan, rebuild, serve, size,
};
use stagecraft_cli::input::decode;
use stagecraft_cli::page;
use stagecraft_cli::scenario::Bases;
use stagecraft_cli::settings::Settings;
use stagecraft_engine::diagnostics::Severity;
use stagecraft_engine::lint::Profile;
use stagecraft_engine::plan::{Cache, Context, NoCache};
use stagecraft_engine::semantic::Options;
use stagecraft_engine::{Analysis, Workspace, analyze};
use stagecraft_lessons::Guide;
use stagecraft_site::{Address, Options as SiteOptions, site};

/// Many small pieces of memory for each file are what checking thousands of files takes.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Reads Dockerfiles and says what a build of them would do.
///
/// Ends with 0 where all is well, 1 where something was found, 2 where it was used wrongly or a
/// file could not be read.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Prints the tree.
    Parse {
        #[command(flatten)]
        files: Files,
    },
    /// Says what is wrong.
    Lint {
        #[command(flatten)]
        files: Paths,
        #[command(flatten)]
        rules: Rules,
        /// How to write it.
        #[arg(long, value_enum, default_value_t = lint::Format::Text)]
        format: lint::Format,
        /// Findings milder than this do not make the command fail; `info` where nothing says.
        #[arg(long, visible_alias = "failure-threshold", value_enum)]
        threshold: Option<Threshold>,
    },
    /// Applies the safe fixes of what it finds, in place; standard input goes to standard output.
    Fix {
        #[command(flatten)]
        files: Paths,
        #[command(flatten)]
        rules: Rules,
        /// Applies those that may change what a build does, too.
        #[arg(long = "unsafe")]
        risky: bool,
        /// Changes nothing and shows what would change.
        #[arg(long)]
        diff: bool,
    },
    /// Prints the stages and steps of a build.
    Plan {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        build: Build,
        /// The Dockerfile of a build before: says what comes from the cache, and why the rest runs.
        #[arg(long, value_name = "FILE")]
        after: Option<String>,
        /// The context of that build, where it was another one.
        #[arg(long, value_name = "FOLDER", requires = "after")]
        after_context: Option<PathBuf>,
        /// Uses nothing of the cache.
        #[arg(long, requires = "after", conflicts_with = "no_cache_filter")]
        no_cache: bool,
        /// Uses nothing of the cache for these stages.
        #[arg(long, value_name = "STAGE", value_delimiter = ',', requires = "after")]
        no_cache_filter: Vec<String>,
    },
    /// Says how large stages and image get.
    Size {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        build: Build,
        /// Prints the rows that `docker history` would have for the image.
        #[arg(long)]
        history: bool,
        /// With its instructions whole.
        #[arg(long, requires = "history")]
        no_trunc: bool,
    },
    /// Goes through builds and rebuilds that are written down: what runs, what comes from the cache,
    /// what the image and each layer hold. One JSON object a line and scenario.
    Rebuild {
        /// The only form there is.
        #[arg(long, value_enum, default_value_t = OnlyJson::Json)]
        format: OnlyJson,
        /// The images that they start from: a JSON object by name.
        #[arg(long, value_name = "FILE")]
        bases: String,
        /// The scenarios: a JSON object a line; `-` for standard input.
        #[arg(long, value_name = "FILE")]
        scenarios: String,
    },
    /// Says what a rule is for; without a name, lists all rules.
    Explain {
        /// Its name, or what another tool calls it: `DL3006`, `StageNameCasing`.
        rule: Option<String>,
    },
    /// Makes the playground with its lessons as a site, as an archive for rooms without a network,
    /// and as one file that opens by double click.
    Export {
        #[command(flatten)]
        source: Source,
        /// Where to write them.
        #[arg(long, value_name = "FOLDER", default_value = "dist")]
        out: PathBuf,
        /// Where the site will be, such as `https://example.org/docker/`: for canonical links,
        /// previews and the sitemap.
        #[arg(long, value_name = "URL")]
        address: Option<String>,
    },
    /// Serves the playground with its lessons, to this computer or to a whole room.
    Serve {
        #[command(flatten)]
        source: Source,
        /// The port; 0 for any free one.
        #[arg(long, default_value_t = 8000)]
        port: u16,
        /// Lets in everybody in the same network, and prints the address for them.
        #[arg(long)]
        room: bool,
    },
    /// Packs a built page for the feature `page`.
    #[command(hide = true)]
    PackPage { page: PathBuf, out: PathBuf },
    /// Checks or packs a folder of lessons.
    Lessons {
        #[command(subcommand)]
        task: LessonsTask,
    },
}

#[derive(Debug, Args)]
struct Source {
    /// Lessons of your own: the folder with `guide.toml`.
    #[arg(long, value_name = "FOLDER")]
    guide: Option<PathBuf>,
    /// A built page other than the one that this command carries.
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Paths {
    /// Dockerfiles; `-` for standard input.
    #[arg(required_unless_present = "list", value_name = "FILE")]
    paths: Vec<String>,
    /// A file that names further Dockerfiles, one a line.
    #[arg(long = "files-from", value_name = "LIST")]
    list: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Rules {
    /// Whose verdicts.
    #[arg(long, value_enum, default_value_t = ProfileName::Default)]
    profile: ProfileName,
    /// A rule that is not to be heard of, by name or code.
    #[arg(long, value_name = "RULE")]
    ignore: Vec<String>,
    /// A registry that images may come from; others are reported.
    #[arg(long = "trusted-registry", value_name = "REGISTRY")]
    trusted_registries: Vec<String>,
    /// A label that images must have, with the kind of its value.
    #[arg(long = "require-label", value_name = "NAME:KIND")]
    labels: Vec<String>,
    /// Reports labels that are not required.
    #[arg(long)]
    strict_labels: bool,
    /// Comments in the files silence nothing.
    #[arg(long)]
    disable_ignore_pragma: bool,
    /// Settings as hadolint reads them; `.hadolint.yaml` where it is there.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Files {
    #[command(flatten)]
    paths: Paths,
    /// For people, or one JSON object a line and file.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnlyJson {
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProfileName {
    Default,
    Buildkit,
    Hadolint,
    All,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Default => Self::Default,
            ProfileName::Buildkit => Self::Buildkit,
            ProfileName::Hadolint => Self::Hadolint,
            ProfileName::All => Self::All,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Threshold {
    Hint,
    Info,
    Warning,
    Error,
}

impl From<Threshold> for Severity {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Hint => Self::Hint,
            Threshold::Info => Self::Info,
            Threshold::Warning => Self::Warning,
            Threshold::Error => Self::Error,
        }
    }
}

#[derive(Debug, Subcommand)]
enum LessonsTask {
    /// Says with file and line what is wrong with the lessons.
    Check {
        /// The folder with `guide.toml`.
        folder: PathBuf,
    },
    /// Makes the file that the page reads.
    Pack {
        /// The folder with `guide.toml`.
        folder: PathBuf,
        /// Where to write it.
        #[arg(long)]
        out: PathBuf,
        /// Where to write what a first visit needs of it.
        #[arg(long)]
        beginning: Option<PathBuf>,
    },
}

/// How a run ended: the worst over all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Clean,
    Findings,
    Unreadable,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Parse { files } => parse_task(&files),
        Task::Lint {
            files,
            rules,
            format,
            threshold,
        } => lint_task(&files, &rules, format, threshold.map(Severity::from)),
        Task::Fix {
            files,
            rules,
            risky,
            diff,
        } => fix_task(&files, &rules, risky, diff),
        Task::Plan {
            files,
            build,
            after,
            after_context,
            no_cache,
            no_cache_filter,
        } => {
            let no_cache = match no_cache_filter {
                _ if no_cache => NoCache::All,
                names if names.is_empty() => NoCache::Nothing,
                names => NoCache::Stages(names),
            };
            let before = (after.as_deref(), after_context.as_deref());
            plan_task(&files, &build, before, &no_cache)
        }
        Task::Size {
            files,
            build,
            history,
            no_trunc,
        } => {
            let text = |analysis: &Analysis, _: Option<&Context>| match (history, no_trunc) {
                (false, _) => size::text(analysis),
                (true, false) => size::history_text(analysis, size::History::Cut),
                (true, true) => size::history_text(analysis, size::History::Whole),
            };
            let json = |path: &str, analysis: &Analysis, _: Option<&Context>| {
                size::json_line(path, analysis, history)
            };
            build_task(&files, &build, text, json)
        }
        Task::Rebuild {
            format: OnlyJson::Json,
            bases,
            scenarios,
        } => rebuild_task(&bases, &scenarios),
        Task::Explain { rule } => explain_task(rule.as_deref()),
        Task::Export {
            source,
            out,
            address,
        } => said(export_task(&source, &out, address.as_deref())),
        Task::PackPage { page, out } => said(page::pack(&page, &out).map(|()| String::new())),
        Task::Serve { source, port, room } => said(serve_task(&source, port, room)),
        Task::Lessons {
            task: LessonsTask::Check { folder },
        } => lessons_task(&folder, |guide| {
            println!("{} lessons, nothing wrong", guide.lessons().count());
            Ok(())
        }),
        Task::Lessons {
            task:
                LessonsTask::Pack {
                    folder,
                    out,
                    beginning,
                },
        } => lessons_task(&folder, |guide| {
            let parts = [(Some(out), guide.clone()), (beginning, guide.beginning())];
            for (path, part) in parts {
                let Some(path) = path else { continue };
                std::fs::write(&path, part.pack())
                    .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            }
            Ok(())
        }),
    };
    ExitCode::from(match outcome {
        Outcome::Clean => 0,
        Outcome::Findings => 1,
        Outcome::Unreadable => 2,
    })
}

/// Goes through the scenarios; a line that is none is said and the rest goes on.
fn rebuild_task(bases: &str, scenarios: &str) -> Outcome {
    let bases = read(bases).and_then(|text| {
        Bases::read(&text).map_err(|error| format!("{bases} describes no images: {error}"))
    });
    let (bases, text) = match (bases, read(scenarios)) {
        (Ok(bases), Ok(text)) => (bases, text),
        (bases, text) => {
            for error in [bases.err(), text.err()].into_iter().flatten() {
                eprintln!("{error}");
            }
            return Outcome::Unreadable;
        }
    };
    let mut outcome = Outcome::Clean;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let out = serde_json::from_str(line)
            .map(|scenario| rebuild::run(&scenario, &bases))
            .and_then(|output| serde_json::to_string(&output));
        match out {
            Ok(out) => print(&format!("{out}\n")),
            Err(error) => {
                eprintln!("{scenarios}:{number} is no scenario: {error}");
                outcome = Outcome::Unreadable;
            }
        }
    }
    outcome
}

/// Prints text that may be cut off by a closed pipe, as `head` closes it.
fn print(text: &str) {
    // Nobody is left to be told.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

impl Paths {
    /// All of them, with those that the list names.
    fn all(&self) -> Result<Vec<String>, String> {
        let mut paths = self.paths.clone();
        if let Some(list) = &self.list {
            let bytes = std::fs::read(list)
                .map_err(|error| format!("cannot read {}: {error}", list.display()))?;
            let text = decode(&bytes);
            let named = text.lines().filter(|line| !line.is_empty());
            paths.extend(named.map(str::to_owned));
        }
        Ok(paths)
    }
}

/// The text of a file; `-` is standard input.
fn read(path: &str) -> Result<String, String> {
    let read = if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    match read {
        // Offsets are 32 bits wide.
        Ok(bytes) if u32::try_from(bytes.len()).is_err() => Err(format!(
            "{path} is larger than 4 GiB, which is no Dockerfile"
        )),
        Ok(bytes) => Ok(decode(&bytes)),
        Err(error) => Err(format!("cannot read {path}: {error}")),
    }
}

/// Reads every file and hands it on; what cannot be read is said and the rest goes on.
fn each(paths: &Paths, mut work: impl FnMut(&str, String) -> Outcome) -> Outcome {
    let paths = match paths.all() {
        Ok(paths) => paths,
        Err(error) => {
            eprintln!("{error}");
            return Outcome::Unreadable;
        }
    };
    let mut outcome = Outcome::Clean;
    for path in &paths {
        let found = match read(path) {
            Ok(source) => work(path, source),
            Err(error) => {
                eprintln!("{error}");
                Outcome::Unreadable
            }
        };
        outcome = outcome.max(found);
    }
    outcome
}

/// So many files are looked at before anything is printed.
const BATCH: usize = 256;

/// Does `work` for all of them on all cores; the results in the same order.
fn in_parallel<T: Send>(paths: &[String], work: impl Fn(&str) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let run = || {
            let mut own = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(at) else {
                    return own;
                };
                own.push((at, work(path)));
            }
        };
        let threads: Vec<_> = (1..cores.min(paths.len()))
            .map(|_| scope.spawn(run))
            .collect();
        let mut all = run();
        // A thread that panics ends the command as if it were the only one.
        for thread in threads {
            match thread.join() {
                Ok(own) => all.extend(own),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

impl Rules {
    /// What is asked for: what the file says, and what the options say besides.
    fn settings(&self) -> Result<Settings, String> {
        let found = [".hadolint.yaml", ".hadolint.yml"].map(PathBuf::from);
        let file = match &self.config {
            Some(file) => Some(file),
            None => found.iter().find(|file| file.is_file()),
        };
        let mut settings = match file {
            Some(file) => {
                let bytes = std::fs::read(file)
                    .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
                let settings = Settings::read(&decode(&bytes))
                    .map_err(|error| format!("{}: {error}", file.display()))?;
                for field in &settings.unknown {
                    eprintln!("{}: `{field}` is no setting, and not used", file.display());
                }
                settings
            }
            None => Settings::default(),
        };
        settings.ignored.extend(self.ignore.iter().cloned());
        for label in &self.labels {
            settings.require_label(label)?;
        }
        let config = &mut settings.config;
        let trusted = self.trusted_registries.iter().cloned();
        config.trusted_registries.extend(trusted);
        config.strict_labels |= self.strict_labels;
        config.no_pragmas |= self.disable_ignore_pragma;
        Ok(settings)
    }
}

/// Prints a line of JSON.
fn print_json(path: &str, line: serde_json::Result<String>) -> Outcome {
    match line {
        Ok(line) => {
            print(&line);
            print("\n");
            Outcome::Clean
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            Outcome::Unreadable
        }
    }
}

fn explain_task(rule: Option<&str>) -> Outcome {
    if let Some(text) = explain::text(rule) {
        print(&text);
        return Outcome::Clean;
    }
    eprintln!(
        "there is no rule `{}`; `stagecraft explain` lists them all",
        rule.unwrap_or_default()
    );
    Outcome::Unreadable
}

fn parse_task(files: &Files) -> Outcome {
    each(&files.paths, |path, source| {
        let file = stagecraft_engine::syntax::parse(&source);
        let outcome = if file.errors().is_empty() {
            Outcome::Clean
        } else {
            Outcome::Findings
        };
        let printed = match files.format {
            Format::Json => print_json(path, parse::json_line(path, &source)),
            Format::Text => {
                let output = parse::output(path, &file);
                print_json(path, serde_json::to_string_pretty(&output))
            }
        };
        outcome.max(printed)
    })
}

fn lint_task(
    paths: &Paths,
    rules: &Rules,
    format: lint::Format,
    threshold: Option<Severity>,
) -> Outcome {
    let (paths, settings) = match paths.all().and_then(|all| Ok((all, rules.settings()?))) {
        Ok(both) => both,
        Err(error) => {
            eprintln!("{error}");
            return Outcome::Unreadable;
        }
    };
    let threshold = threshold.or(settings.threshold).unwrap_or(Severity::Info);
    let profile = rules.profile.into();
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let options = Options::default();
    let one = |path: &str| -> Result<(bool, String), String> {
        let source = read(path)?;
        let dockerignore = dockerignore(path);
        let checked = lint::checked(
            &source,
            dockerignore.as_deref(),
            &options,
            profile,
            &settings,
        );
        let failed = lint::fails(&checked, threshold) && !settings.no_fail;
        let part = format.part(path, &checked, colours);
        let part = part.map_err(|error| format!("{path}: {error}"))?;
        Ok((failed, part))
    };
    let mut outcome = Outcome::Clean;
    let mut parts = Vec::new();
    for batch in paths.chunks(BATCH) {
        for result in in_parallel(batch, one) {
            match result {
                Ok((failed, part)) => {
                    if failed {
                        outcome = outcome.max(Outcome::Findings);
                    }
                    parts.push(part);
                }
                Err(error) => {
                    eprintln!("{error}");
                    outcome = Outcome::Unreadable;
                }
            }
        }
        if format.is_streamed() {
            print(&parts.concat());
            parts.clear();
        }
    }
    if !format.is_streamed() {
        match format.document(&parts) {
            Ok(text) => print(&text),
            Err(error) => {
                eprintln!("{error}");
                outcome = Outcome::Unreadable;
            }
        }
    }
    outcome
}

fn fix_task(paths: &Paths, rules: &Rules, risky: bool, diff: bool) -> Outcome {
    let settings = match rules.settings() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return Outcome::Unreadable;
        }
    };
    each(paths, |path, source| {
        let dockerignore = dockerignore(path);
        let profile = rules.profile.into();
        let fixed = fix::fixed(&source, dockerignore.as_deref(), profile, &settings, risky);
        if diff {
            print(&fix::diff(path, &source, &fixed.text));
        } else if path == "-" {
            print(&fixed.text);
        } else if fixed.text != source {
            // Bytes that are no UTF-8 would be lost.
            if std::fs::read(path).is_ok_and(|bytes| bytes != source.as_bytes()) {
                eprintln!("{path} is not plain UTF-8, and is left as it is");
                return Outcome::Unreadable;
            }
            if let Err(error) = std::fs::write(path, &fixed.text) {
                eprintln!("cannot write {path}: {error}");
                return Outcome::Unreadable;
            }
            eprintln!("{path}: {} mended", fixed.count);
        }
        if diff && fixed.text != source {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    })
}

/// The `.dockerignore` that belongs to a Dockerfile: `NAME.dockerignore` beside it first.
fn dockerignore(path: &str) -> Option<String> {
    if path == "-" {
        return None;
    }
    let own = PathBuf::from(format!("{path}.dockerignore"));
    let common = Path::new(path).with_file_name(".dockerignore");
    let bytes = std::fs::read(own).or_else(|_| std::fs::read(common)).ok()?;
    Some(decode(&bytes))
}

/// The `.dockerignore` of a build: beside the Dockerfile with its name, or in the context.
fn ignored(path: &str, context: Option<&Path>) -> Option<String> {
    let Some(context) = context else {
        return dockerignore(path);
    };
    let own = PathBuf::from(format!("{path}.dockerignore"));
    let bytes = std::fs::read(own).or_else(|_| std::fs::read(context.join(".dockerignore")));
    Some(decode(&bytes.ok()?))
}

fn plan_task(
    files: &Files,
    build: &Build,
    (after, after_context): (Option<&str>, Option<&Path>),
    no_cache: &NoCache,
) -> Outcome {
    let before = |path: &str| -> Result<Cache, String> {
        let mut workspace = build.workspace()?;
        if let Some(folder) = after_context {
            workspace.context = Some(context_of(folder)?);
        }
        let folder = after_context.or(build.context.as_deref());
        workspace.dockerfile = read(path)?.into();
        workspace.dockerignore = ignored(path, folder).map(Into::into);
        let mut cache = Cache::default();
        analyze(&workspace).remember(&mut cache, workspace.context.as_deref());
        Ok(cache)
    };
    let cache = match after.map(before).transpose() {
        Ok(cache) => cache,
        Err(error) => {
            eprintln!("{error}");
            return Outcome::Unreadable;
        }
    };
    let verdicts = |analysis: &Analysis, context: Option<&Context>| {
        let cache = cache.as_ref();
        cache.map_or_else(Vec::new, |cache| {
            analysis.verdicts(cache, context, no_cache)
        })
    };
    build_task(
        files,
        build,
        |analysis, context| plan::text(analysis, &verdicts(analysis, context)),
        |path, analysis, context| plan::json_line(path, analysis, &verdicts(analysis, context)),
    )
}

fn build_task(
    files: &Files,
    build: &Build,
    text: impl Fn(&Analysis, Option<&Context>) -> String,
    json: impl Fn(&str, &Analysis, Option<&Context>) -> serde_json::Result<String>,
) -> Outcome {
    let surroundings = match build.workspace() {
        Ok(workspace) => workspace,
        Err(error) => {
            eprintln!("{error}");
            return Outcome::Unreadable;
        }
    };
    each(&files.paths, |path, source| {
        let analysis = analyze(&Workspace {
            dockerfile: source.into(),
            dockerignore: ignored(path, build.context.as_deref()).map(Into::into),
            ..surroundings.clone()
        });
        let context = surroundings.context.as_deref();
        let errors = analysis
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let mut outcome = Outcome::Clean;
        for finding in errors {
            let line = analysis.lines.position(finding.range.start()).line;
            eprintln!("{path}:{line}: {}", finding.message);
            outcome = Outcome::Findings;
        }
        let printed = match files.format {
            Format::Json => print_json(path, json(path, &analysis, context)),
            Format::Text => {
                print(&text(&analysis, context));
                Outcome::Clean
            }
        };
        outcome.max(printed)
    })
}

/// Prints what was said, or why it could not be done.
fn said(outcome: Result<String, String>) -> Outcome {
    match outcome {
        Ok(text) => {
            print(&text);
            Outcome::Clean
        }
        Err(error) => {
            eprintln!("{error}");
            Outcome::Unreadable
        }
    }
}

fn export_task(source: &Source, out: &Path, address: Option<&str>) -> Result<String, String> {
    let address = address
        .map(|text| Address::new(text).ok_or_else(|| format!("{text} is no address of the web")))
        .transpose()?;
    let shell = page::shell(source.page.as_deref())?;
    let guide = page::guide(source.guide.as_deref(), &shell)?;
    export::run(&shell, &guide, &SiteOptions { address }, out)
}

fn serve_task(source: &Source, port: u16, room: bool) -> Result<String, String> {
    let shell = page::shell(source.page.as_deref())?;
    let guide = page::guide(source.guide.as_deref(), &shell)?;
    let files = site(&shell, &guide, &SiteOptions::default()).map_err(|error| error.to_string())?;
    let serving = serve::Serving::new(files, port, room)?;
    print(&serving.announcement());
    serving.run(serve::interrupted())?;
    Ok(String::new())
}

fn lessons_task(folder: &Path, then: impl FnOnce(&Guide) -> Result<(), String>) -> Outcome {
    let authored = match lessons::read(folder) {
        Ok(authored) => authored,
        Err(mistakes) => {
            for mistake in &mistakes {
                eprintln!("{}/{mistake}", folder.display());
            }
            return Outcome::Findings;
        }
    };
    match then(&authored.guide) {
        Ok(()) => Outcome::Clean,
        Err(error) => {
            eprintln!("{error}");
            Outcome::Unreadable
        }
    }
}
