//! The `stagecraft` command.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the terminal that it was started in"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use stagecraft_cli::commands::lessons;

/// Reads Dockerfiles and says what a build of them would do.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Checks or packs a folder of lessons.
    Lessons {
        #[command(subcommand)]
        task: LessonsTask,
    },
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

fn main() -> ExitCode {
    match Arguments::parse().task {
        Task::Lessons {
            task: LessonsTask::Check { folder },
        } => lessons_task(&folder, None),
        Task::Lessons {
            task: LessonsTask::Pack { folder, out },
        } => lessons_task(&folder, Some(&out)),
    }
}

fn lessons_task(folder: &Path, out: Option<&Path>) -> ExitCode {
    let authored = match lessons::read(folder) {
        Ok(authored) => authored,
        Err(mistakes) => {
            for mistake in &mistakes {
                eprintln!("{}/{mistake}", folder.display());
            }
            return ExitCode::from(1);
        }
    };
    let Some(out) = out else {
        println!(
            "{} lessons, nothing wrong",
            authored.guide.lessons().count()
        );
        return ExitCode::SUCCESS;
    };
    match std::fs::write(out, authored.guide.pack()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write {}: {error}", out.display());
            ExitCode::from(2)
        }
    }
}
