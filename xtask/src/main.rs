//! Tasks of the project: `cargo xtask <task>`. `cargo xtask --help` lists them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the terminal that it was started in"
)]

mod accuracy;
mod bench;
mod cache;
mod data;
mod dist;
mod new_rule;
mod page;
mod progress;
mod project;
mod serve;
mod setup;
mod shots;
mod test;
mod trunk;

use anyhow::{Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt};
use page::Mode;
use progress::Progress;
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// Every task has its line here and its arm in [`dispatch`].
const HELP: &str = "\
Stagecraft's tasks. Whatever one needs and can be got is got first.

cargo xtask serve [--port N] [--release]   build the page, serve it on 127.0.0.1, rebuild on change
cargo xtask test [--only STAGE,…]          run every test; the last line is `N passed, M failed`
                 [--browsers all]          and the smoke test in Firefox and WebKit
cargo xtask build                          build the page for a release into dist/ and print its sizes
cargo xtask dist [--address URL]           all that is handed out, into dist/: site, archive, one file,
                 [--no-command]            and the command with the page inside
cargo xtask shots [--out DIR]              take screenshots of the page, for people to look at
cargo xtask data [--from DIR]              make the tables of sizes from the measured figures
cargo xtask accuracy [--cases] [--unknown] say how near the estimated sizes come to measured ones
cargo xtask new-rule NAME [--code CODE]…   a file for a rule, registered; --elsewhere: not our choice
cargo xtask bench                          time the core over real files, beside what others need
cargo xtask setup                          only get what is missing

Tools are kept in $STAGECRAFT_CACHE, else in $XDG_CACHE_HOME/stagecraft or ~/.cache/stagecraft.";

fn main() -> ExitCode {
    progress::start_log();
    match dispatch(Parser::from_env()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut arguments: Parser) -> Result<ExitCode> {
    let task = match arguments.next()? {
        None | Some(Arg::Short('h') | Arg::Long("help")) => "help".to_owned(),
        Some(Arg::Value(task)) => task.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    match task.as_str() {
        "help" => println!("{HELP}"),
        "serve" => {
            let mut options = serve::Options {
                port: None,
                release: false,
            };
            while let Some(argument) = arguments.next()? {
                match argument {
                    Arg::Long("port") => options.port = Some(arguments.value()?.parse()?),
                    Arg::Long("release") => options.release = true,
                    other => return Err(other.unexpected().into()),
                }
            }
            serve::run(&options)?;
        }
        "test" => {
            let options = test::Options::read(&mut arguments)?;
            return test::run(&options);
        }
        "build" => {
            no_more(&mut arguments)?;
            build()?;
        }
        "dist" => {
            let options = dist::Options::read(&mut arguments)?;
            dist::run(&options)?;
        }
        "shots" => {
            let mut out = std::env::temp_dir().join("stagecraft-shots");
            while let Some(argument) = arguments.next()? {
                match argument {
                    Arg::Long("out") => out = PathBuf::from(arguments.value()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            shots::run(&out)?;
        }
        "data" => {
            let mut from = data::default_folder();
            while let Some(argument) = arguments.next()? {
                match argument {
                    Arg::Long("from") => from = PathBuf::from(arguments.value()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            data::run(&from)?;
        }
        "accuracy" => {
            let mut more = Vec::new();
            while let Some(argument) = arguments.next()? {
                match argument {
                    Arg::Long("cases") => more.push("--cases"),
                    Arg::Long("unknown") => more.push("--unknown"),
                    other => return Err(other.unexpected().into()),
                }
            }
            accuracy::run(&more)?;
        }
        "new-rule" => {
            let mut options = new_rule::Options::default();
            while let Some(argument) = arguments.next()? {
                match argument {
                    Arg::Value(name) if options.name.is_empty() => options.name = name.string()?,
                    Arg::Long("code") => options.codes.push(arguments.value()?.string()?),
                    Arg::Long("elsewhere") => options.elsewhere = true,
                    other => return Err(other.unexpected().into()),
                }
            }
            new_rule::run(&options)?;
        }
        "bench" => {
            no_more(&mut arguments)?;
            bench::run()?;
        }
        "setup" => {
            no_more(&mut arguments)?;
            setup::for_tests(&mut Progress::new(setup::TEST_STEPS))?;
        }
        // Steps that Trunk's hooks call.
        "page" => {
            let step = arguments.value()?.string()?;
            no_more(&mut arguments)?;
            trunk::hook(&step)?;
        }
        other => bail!("there is no task `{other}`: `cargo xtask --help` lists them"),
    }
    Ok(ExitCode::SUCCESS)
}

fn no_more(arguments: &mut Parser) -> Result<()> {
    arguments
        .next()?
        .map_or(Ok(()), |argument| Err(anyhow!(argument.unexpected())))
}

/// Builds the page for a release and says what it weighs.
fn build() -> Result<()> {
    let started = Instant::now();
    let out = project::root().join("dist");
    let mut progress = Progress::new(setup::PAGE_STEPS + 1);
    let tools = setup::for_page(&mut progress)?;
    progress.step("page", |step| {
        Ok(((), page::build(step, &tools, Mode::Release, &out)?))
    })?;
    println!(
        "\n{}\n\nbuilt in {}",
        page::measure(&out)?.table(),
        progress::duration(started.elapsed())
    );
    Ok(())
}
