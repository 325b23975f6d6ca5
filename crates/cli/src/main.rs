//! The `stagecraft` command.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the terminal that it was started in"
)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use stagecraft_cli::commands::{explain, lessons, lint, parse, plan, size};
use stagecraft_cli::input::decode;
use stagecraft_engine::diagnostics::Severity;
use stagecraft_engine::lint::Profile;
use stagecraft_engine::semantic::Options;
use stagecraft_engine::{Analysis, Workspace, analyze};

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
        files: Files,
        /// Whose verdicts.
        #[arg(long, value_enum, default_value_t = ProfileName::Default)]
        profile: ProfileName,
        /// Findings milder than this do not make the command fail.
        #[arg(long, value_enum, default_value_t = Threshold::Info)]
        threshold: Threshold,
    },
    /// Prints the stages and steps of a build.
    Plan {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        build: Build,
    },
    /// Says how large stages and image get.
    Size {
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        build: Build,
    },
    /// Says what a rule is for; without a name, lists all rules.
    Explain {
        /// Its name, or what another tool calls it: `DL3006`, `StageNameCasing`.
        rule: Option<String>,
    },
    /// Checks or packs a folder of lessons.
    Lessons {
        #[command(subcommand)]
        task: LessonsTask,
    },
}

#[derive(Debug, Args)]
struct Files {
    /// Dockerfiles; `-` for standard input.
    #[arg(required_unless_present = "list", value_name = "FILE")]
    paths: Vec<String>,
    /// A file that names further Dockerfiles, one a line.
    #[arg(long = "files-from", value_name = "LIST")]
    list: Option<PathBuf>,
    /// For people, or one JSON object a line and file.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
struct Build {
    /// The stage to build; the last one where it is not given.
    #[arg(long)]
    target: Option<String>,
    /// `NAME=VALUE`; without a value it is taken from the environment.
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    build_args: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
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
            profile,
            threshold,
        } => lint_task(&files, profile.into(), threshold.into()),
        Task::Plan { files, build } => {
            let text = |_: &str, analysis: &Analysis| plan::text(analysis);
            build_task(&files, &build, text, plan::json_line)
        }
        Task::Size { files, build } => {
            let text = |_: &str, analysis: &Analysis| size::text(analysis);
            build_task(&files, &build, text, size::json_line)
        }
        Task::Explain { rule } => explain_task(rule.as_deref()),
        Task::Lessons {
            task: LessonsTask::Check { folder },
        } => lessons_task(&folder, None),
        Task::Lessons {
            task: LessonsTask::Pack { folder, out },
        } => lessons_task(&folder, Some(&out)),
    };
    ExitCode::from(match outcome {
        Outcome::Clean => 0,
        Outcome::Findings => 1,
        Outcome::Unreadable => 2,
    })
}

/// Prints text that may be cut off by a closed pipe, as `head` closes it.
fn print(text: &str) {
    // Nobody is left to be told.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Reads every file and hands it on; what cannot be read is said and the rest goes on.
fn each(files: &Files, mut work: impl FnMut(&str, String) -> Outcome) -> Outcome {
    let mut outcome = Outcome::Clean;
    let mut paths = files.paths.clone();
    if let Some(list) = &files.list {
        match std::fs::read(list) {
            Ok(bytes) => {
                let text = decode(&bytes);
                paths.extend(
                    text.lines()
                        .filter(|line| !line.is_empty())
                        .map(str::to_owned),
                );
            }
            Err(error) => {
                eprintln!("cannot read {}: {error}", list.display());
                return Outcome::Unreadable;
            }
        }
    }
    for path in &paths {
        let read = if path == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        let found = match read {
            // Offsets are 32 bits wide.
            Ok(bytes) if u32::try_from(bytes.len()).is_err() => {
                eprintln!("{path} is larger than 4 GiB, which is no Dockerfile");
                Outcome::Unreadable
            }
            Ok(bytes) => work(path, decode(&bytes)),
            Err(error) => {
                eprintln!("cannot read {path}: {error}");
                Outcome::Unreadable
            }
        };
        outcome = outcome.max(found);
    }
    outcome
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
    each(files, |path, source| {
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

fn lint_task(files: &Files, profile: Profile, threshold: Severity) -> Outcome {
    each(files, |path, source| {
        let dockerignore = dockerignore(path);
        let analysis = analyze(&Workspace {
            dockerfile: source.into(),
            dockerignore: dockerignore.as_deref().map(Into::into),
            ..Workspace::default()
        });
        let found = lint::chosen(
            &analysis,
            dockerignore.as_deref(),
            profile,
            &lint::Settings::default(),
        );
        let failed = found.iter().any(|finding| finding.severity >= threshold);
        let outcome = if failed {
            Outcome::Findings
        } else {
            Outcome::Clean
        };
        let printed = match files.format {
            Format::Json => print_json(path, lint::json_line(path, &analysis, &found)),
            Format::Text => {
                print(&lint::text(path, &analysis, &found));
                Outcome::Clean
            }
        };
        outcome.max(printed)
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

fn build_task(
    files: &Files,
    build: &Build,
    text: impl Fn(&str, &Analysis) -> String,
    json: impl Fn(&str, &Analysis) -> serde_json::Result<String>,
) -> Outcome {
    let argument = |given: &String| match given.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((given.clone(), std::env::var(given).ok()?)),
    };
    let options = Options {
        target: build.target.clone(),
        build_args: build
            .build_args
            .iter()
            .filter_map(argument)
            .collect::<BTreeMap<_, _>>(),
        ..Options::default()
    };
    each(files, |path, source| {
        let analysis = analyze(&Workspace {
            dockerfile: source.into(),
            dockerignore: dockerignore(path).map(Into::into),
            options: options.clone(),
            ..Workspace::default()
        });
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
            Format::Json => print_json(path, json(path, &analysis)),
            Format::Text => {
                print(&text(path, &analysis));
                Outcome::Clean
            }
        };
        outcome.max(printed)
    })
}

fn lessons_task(folder: &Path, out: Option<&Path>) -> Outcome {
    let authored = match lessons::read(folder) {
        Ok(authored) => authored,
        Err(mistakes) => {
            for mistake in &mistakes {
                eprintln!("{}/{mistake}", folder.display());
            }
            return Outcome::Findings;
        }
    };
    let Some(out) = out else {
        println!(
            "{} lessons, nothing wrong",
            authored.guide.lessons().count()
        );
        return Outcome::Clean;
    };
    match std::fs::write(out, authored.guide.pack()) {
        Ok(()) => Outcome::Clean,
        Err(error) => {
            eprintln!("cannot write {}: {error}", out.display());
            Outcome::Unreadable
        }
    }
}
