//! What a person sees while things take their time.
//!
//! Every step says its number, what it does, how far it is and, at its end, what came of it and how
//! long it took. On a terminal the line is alive; elsewhere it is repeated every 15 seconds.

use crate::project;
use anyhow::{Context, Result, bail};
use std::{
    env,
    fmt::Write as _,
    fs::{self, File},
    io::{self, IsTerminal, Read, Write},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How often the line of a step is drawn again on a terminal.
const FRAME: Duration = Duration::from_millis(200);
/// How often a step says that it is still at it where there is no terminal.
const REMINDER: Duration = Duration::from_secs(15);
/// A step that is done sooner than this is told of once, at its end.
const FIRST_REMINDER: Duration = Duration::from_secs(3);

/// A row of steps.
pub(crate) struct Progress {
    total: usize,
    done: usize,
    live: bool,
}

/// The step that is under way.
pub(crate) struct Step {
    head: String,
    started: Instant,
    live: bool,
}

/// A command that has ended.
pub(crate) struct Finished {
    /// Whether its exit status was zero.
    pub(crate) ok: bool,
    /// What it wrote, both streams in the order of arrival, without progress bars.
    pub(crate) text: String,
}

impl Finished {
    /// Fails with `sentence` where the command failed, after showing what it wrote.
    pub(crate) fn or_stop(self, sentence: impl FnOnce() -> String) -> Result<String> {
        if self.ok {
            return Ok(self.text);
        }
        self.show();
        bail!(sentence());
    }
}

/// What lines begin with that tell of work done well.
const NOISE: [&str; 6] = [
    "Compiling ",
    "Checking ",
    "Documenting ",
    "Downloaded ",
    "Fresh ",
    "PASS [",
];

impl Finished {
    /// Prints what the command wrote, without the lines of what went well.
    pub(crate) fn show(&self) {
        for line in self.text.lines() {
            if !NOISE
                .iter()
                .any(|start| line.trim_start().starts_with(start))
            {
                println!("{line}");
            }
        }
    }
}

impl Progress {
    /// `total` steps are to come.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            done: 0,
            live: io::stderr().is_terminal() && env::var_os("CI").is_none(),
        }
    }

    /// Does one step. The work returns its result and what came of it, in a few words.
    pub(crate) fn step<T>(
        &mut self,
        label: &str,
        work: impl FnOnce(&mut Step) -> Result<(T, String)>,
    ) -> Result<T> {
        self.done += 1;
        let head = format!("[{}/{}] {label}", self.done, self.total);
        let mut step = Step {
            head,
            started: Instant::now(),
            live: self.live,
        };
        if step.live {
            step.draw("");
        }
        let result = work(&mut step);
        step.erase();
        let elapsed = duration(step.started.elapsed());
        match &result {
            Ok((_, outcome)) => println!("{}: {outcome} ({elapsed})", step.head),
            Err(_) => println!("{}: failed ({elapsed})", step.head),
        }
        result.map(|(value, _)| value)
    }
}

impl Step {
    /// Runs `command` to its end. What it writes is kept, not shown; its progress is.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<Finished> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Cargo's bar is where we learn how far a build is.
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "100")
            .env("CARGO_TERM_COLOR", "never")
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let (sender, lines) = mpsc::channel();
        let readers = [
            child
                .stdout
                .take()
                .map(|pipe| read_lines(pipe, sender.clone())),
            child.stderr.take().map(|pipe| read_lines(pipe, sender)),
        ];
        let mut text = String::new();
        let mut far = String::new();
        let mut in_bar = false;
        let (first, wait) = if self.live {
            (FRAME, FRAME)
        } else {
            (FIRST_REMINDER, REMINDER)
        };
        let mut next = Instant::now() + first;
        loop {
            match lines.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(bar) = bar(&line) {
                        far = bar;
                        in_bar = true;
                    } else {
                        // What is indented belongs to the line before it.
                        if line.starts_with(|first: char| !first.is_whitespace()) && !in_bar {
                            line.clone_into(&mut far);
                        }
                        let _ = writeln!(text, "{line}");
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if Instant::now() >= next {
                self.draw(&far);
                next = Instant::now() + wait;
            }
        }
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let status = child
            .wait()
            .with_context(|| format!("{program} cannot be waited for"))?;
        self.log(command, &text);
        Ok(Finished {
            ok: status.success(),
            text,
        })
    }

    /// Shows a line above the step's own.
    pub(crate) fn note(&self, line: &str) {
        self.erase();
        println!("      {line}");
    }

    /// Draws the step's line: where it stands on a terminal, as a new line elsewhere.
    fn draw(&self, far: &str) {
        let elapsed = self.started.elapsed();
        let mut line = format!("{} …", self.head);
        if elapsed >= Duration::from_secs(1) {
            let _ = write!(line, " {}", duration(elapsed));
        }
        if !far.is_empty() {
            let _ = write!(line, ", {far}");
        }
        if self.live {
            let line: String = line
                .chars()
                .take(terminal_width().saturating_sub(1))
                .collect();
            eprint!("\r\x1b[2K{line}");
            let _ = io::stderr().flush();
        } else {
            println!("{line}");
        }
    }

    fn erase(&self) {
        if self.live {
            eprint!("\r\x1b[2K");
            let _ = io::stderr().flush();
        }
    }

    /// Keeps what a command wrote, for whoever wants to read it later.
    fn log(&self, command: &Command, text: &str) {
        let Ok(dir) = project::work_dir() else { return };
        let words: Vec<_> = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| word.to_string_lossy())
            .collect();
        let entry = format!("\n{}\n$ {}\n{text}", self.head, words.join(" "));
        let file = File::options()
            .create(true)
            .append(true)
            .open(dir.join("log.txt"));
        let _ = file.and_then(|mut file| file.write_all(entry.as_bytes()));
    }
}

/// Starts a new log: what the commands of this run write is kept there.
pub(crate) fn start_log() {
    if let Ok(dir) = project::work_dir() {
        let _ = fs::write(dir.join("log.txt"), "");
    }
}

/// The figures of cargo's progress bar: `34/120: yew, web-sys`.
fn bar(line: &str) -> Option<String> {
    let line = line.trim_start();
    let rest = ["Building [", "Fetch [", "Documenting [", "Checking ["]
        .iter()
        .find_map(|start| line.strip_prefix(start))?;
    let (_, figures) = rest.split_once(']')?;
    Some(figures.trim().to_owned())
}

/// Sends every line of a stream; a carriage return ends one too, as progress bars use it.
fn read_lines(
    mut pipe: impl Read + Send + 'static,
    lines: mpsc::Sender<String>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut rest = Vec::new();
        let mut chunk = [0_u8; 8192];
        while let Ok(count) = pipe.read(&mut chunk) {
            if count == 0 {
                break;
            }
            rest.extend(chunk.iter().take(count));
            while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                let line: Vec<u8> = rest.drain(..=end).collect();
                let line = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
                if lines.send(line).is_err() {
                    return;
                }
            }
        }
        if !rest.is_empty() {
            let _ = lines.send(String::from_utf8_lossy(&rest).into_owned());
        }
    })
}

fn terminal_width() -> usize {
    env::var("COLUMNS")
        .ok()
        .and_then(|width| width.parse().ok())
        .unwrap_or(80)
}

/// A duration as a person says it.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0..10) => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_bar_is_read_and_other_lines_are_not() {
        let line = "    Building [=====>                ] 34/120: yew, web-sys";
        assert_eq!(bar(line).as_deref(), Some("34/120: yew, web-sys"));
        assert_eq!(bar("   Compiling yew v0.23.0"), None);
        assert_eq!(bar("error: Building [ is broken"), None);
    }

    #[test]
    fn a_carriage_return_ends_a_line_and_the_last_line_needs_no_end() {
        let (sender, lines) = mpsc::channel();
        let _ = read_lines(io::Cursor::new("a\rb\r\nc\n\nd"), sender).join();
        let lines: Vec<_> = lines.iter().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["a", "b", "c", "d"]);
    }

    #[test]
    fn durations_are_said_in_the_unit_that_fits() {
        assert_eq!(duration(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(59)), "59 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
