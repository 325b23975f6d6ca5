//! What the image says of itself, and its history.

use std::fmt::Write as _;

use stagecraft_image::{Healthcheck, ImageConfig};
use stagecraft_semantic::paths::join;
use stagecraft_semantic::{
    Base, Command, CommandId, Model, Role, Scopes, Stage, StageId, Variable,
};
use stagecraft_syntax::{Form, Keyword, Kind, Parse};
use stagecraft_text::sort;

use super::History;
use super::run::command_words;
use super::solve::{Run, Task, task};

/// PATH where an image says nothing of it. Source: BuildKit's `system.DefaultPathEnvUnix`.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Nanoseconds.
const SECOND: u64 = 1_000_000_000;
/// The last port.
const LAST_PORT: u32 = 65_535;
/// So many ports of ranges are written out, more than any image has: each once for TCP and once for
/// UDP. What else there is stays a range.
const MOST_PORTS: usize = 2 * 65_535;
/// So many new entries of a sorted list are put where they belong one by one.
const FEW: usize = 16;

/// How the image of a stage comes about, oldest first, as far as the file tells: each entry with
/// the command that makes it. What it starts from has entries of its own, which are not among them.
pub fn history(file: &Parse, model: &Model, target: StageId) -> Vec<(CommandId, History)> {
    let mut gathered = Gathered::default();
    let mut commands = Vec::new();
    let chain: Vec<&Stage> = model.chain(target).collect();
    for stage in chain.into_iter().rev() {
        gathered.stage(file, model, stage, |id| commands.push(id));
    }
    commands.into_iter().zip(gathered.history).collect()
}

/// What is gathered on the way.
#[derive(Default)]
struct Gathered {
    config: ImageConfig,
    author: String,
    history: Vec<History>,
    /// How many ports of ranges were written out.
    ports: usize,
}

impl Run<'_> {
    /// The config, author and history of a stage's image.
    pub(super) fn config(&self, target: StageId) -> Option<(ImageConfig, String, Vec<History>)> {
        let (file, model) = (self.request.file, self.request.model);
        let chain: Vec<&Stage> = model.chain(target).collect();
        let first = chain.last()?;
        let mut gathered = Gathered::default();
        match &first.base {
            Base::Image(name) => {
                let key = (name.as_ref().to_owned(), self.platform(first));
                if let Some(image) = self.images.get(&key).and_then(Option::as_ref) {
                    gathered.config = image.config.clone();
                    gathered.history.clone_from(&image.history);
                }
            }
            _ => "/".clone_into(&mut gathered.config.working_dir),
        }
        if gathered.config.env("PATH").is_none() {
            gathered.config.set_env("PATH", PATH);
        }
        for stage in chain.into_iter().rev() {
            gathered.stage(file, model, stage, |_| ());
        }
        for (name, value) in &self.request.labels {
            let labels = &mut gathered.config.labels;
            labels.insert(name.clone(), value.clone());
        }
        Some((gathered.config, gathered.author, gathered.history))
    }
}

impl Gathered {
    /// Goes through a stage, and hands over the command behind each entry that it makes.
    fn stage(
        &mut self,
        file: &Parse,
        model: &Model,
        stage: &Stage,
        mut made: impl FnMut(CommandId),
    ) {
        // Triggers are used up by the first stage that is built on them.
        self.config.on_build.clear();
        let mut has_cmd = false;
        for (id, _) in model.numbered_commands(stage) {
            let Some(task) = task(file, model, stage, id) else {
                continue;
            };
            let before = self.history.len();
            self.add(&task, model.scopes(), &mut has_cmd);
            if self.history.len() > before {
                made(id);
            }
        }
    }

    fn note(&mut self, created_by: String, empty_layer: bool) {
        self.history.push(History {
            created_by,
            comment: String::new(),
            empty_layer,
        });
    }

    fn add(&mut self, task: &Task<'_>, scopes: &Scopes, has_cmd: &mut bool) {
        match task.instruction.keyword {
            Keyword::Run | Keyword::Copy | Keyword::Add | Keyword::Workdir => {
                self.add_files(task, scopes);
            }
            Keyword::Env | Keyword::Label | Keyword::Arg => self.add_pairs(task, scopes),
            Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell | Keyword::Healthcheck => {
                self.add_process(task, scopes, has_cmd);
            }
            _ => self.add_other(task),
        }
    }

    /// Instructions that make a layer.
    fn add_files(&mut self, task: &Task<'_>, scopes: &Scopes) {
        let (text, instruction, command) = (task.text, task.instruction, task.command);
        match instruction.keyword {
            Keyword::Run => {
                let words = command_words(task, scopes.shell(command.before));
                let mut line = "RUN ".to_owned();
                let declared = declared(scopes, command);
                if !declared.is_empty() {
                    let _ = write!(line, "|{} {} ", declared.len(), declared.join(" "));
                }
                let _ = write!(line, "{} # buildkit", words.join(" "));
                self.note(line, false);
            }
            Keyword::Copy | Keyword::Add => {
                let mut line = instruction.keyword.name().to_owned();
                for (flag, wanted) in [("chown", Role::Chown), ("chmod", Role::Chmod)] {
                    if let Some(value) = task.parts.words(|role| role == wanted).pop() {
                        let _ = write!(line, " --{flag}={value}");
                    }
                }
                if matches!(&instruction.kind, Kind::Transfer(transfer) if transfer.parents) {
                    line.push_str(" --parents");
                }
                let mut heredocs = text.heredocs(instruction).iter();
                let words: Vec<String> = arguments(task)
                    .into_iter()
                    .map(
                        |word| match word.contains("<<").then(|| heredocs.next()).flatten() {
                            Some(heredoc) => format!("<<{}", text.str(heredoc.name)),
                            None => word.to_owned(),
                        },
                    )
                    .collect();
                let _ = write!(line, " {} # buildkit", words.join(" "));
                self.note(line, false);
            }
            _ => {
                let config = &mut self.config;
                let Some(written) = arguments(task).pop() else {
                    return;
                };
                let path = if written.starts_with('/') {
                    written.to_owned()
                } else {
                    join(&config.working_dir, written)
                };
                config.working_dir.clone_from(&path);
                let is_root = scopes.workdir(command.after) == Some("/");
                self.note(format!("WORKDIR {path}"), is_root);
            }
        }
    }

    fn add_pairs(&mut self, task: &Task<'_>, scopes: &Scopes) {
        let keyword = task.instruction.keyword;
        let mut line = keyword.name().to_owned();
        for (name, value) in pairs(task) {
            let value = match keyword {
                Keyword::Arg => scopes
                    .history(task.command.after)
                    .take_while(|it| it.command.is_some())
                    .find(|it| it.name() == name && it.origin.is_argument())
                    .and_then(Variable::value),
                _ => Some(value.unwrap_or_default()),
            };
            let _ = match value {
                Some(value) => write!(line, " {name}={value}"),
                None => write!(line, " {name}"),
            };
            let value = value.unwrap_or_default();
            match keyword {
                Keyword::Env => self.config.set_env(name, value),
                Keyword::Label => {
                    let labels = &mut self.config.labels;
                    labels.insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        self.note(line, true);
    }

    /// What is run, and how.
    fn add_process(&mut self, task: &Task<'_>, scopes: &Scopes, has_cmd: &mut bool) {
        let (text, instruction, command) = (task.text, task.instruction, task.command);
        let config = &mut self.config;
        match instruction.keyword {
            Keyword::Shell => {
                let words: Vec<String> = text
                    .args(instruction)
                    .iter()
                    .map(|&word| text.word(word).to_owned())
                    .collect();
                let line = format!("SHELL [{}]", words.join(" "));
                config.shell = Some(words);
                self.note(line, true);
            }
            Keyword::Cmd | Keyword::Entrypoint => {
                let words = command_words(task, scopes.shell(command.before));
                let line = format!("{} {}", instruction.keyword.name(), quoted(&words));
                if instruction.keyword == Keyword::Cmd {
                    config.cmd = Some(words);
                    config.args_escaped = true;
                    *has_cmd = true;
                } else {
                    config.entrypoint = Some(words);
                    if !*has_cmd {
                        config.cmd = None;
                    }
                }
                self.note(line, true);
            }
            _ => {
                let Kind::Healthcheck(check) = &instruction.kind else {
                    return;
                };
                let words = text.args(instruction).iter();
                let words = words.map(|&word| text.word(word).to_owned()).skip(1);
                let first = match (check.none, instruction.form) {
                    (true, _) => "NONE",
                    (_, Form::Json) => "CMD",
                    _ => "CMD-SHELL",
                };
                let test: Vec<String> = std::iter::once(first.to_owned())
                    .chain(words.filter(|_| !check.none))
                    .collect();
                let health = Healthcheck {
                    test,
                    interval: check.interval.unwrap_or(0),
                    timeout: check.timeout.unwrap_or(0),
                    start_period: check.start_period.unwrap_or(0),
                    start_interval: check.start_interval.unwrap_or(0),
                    retries: check.retries.unwrap_or(0),
                };
                let line = format!(
                    "HEALTHCHECK {{Test:[{}] Interval:{} Timeout:{} StartPeriod:{} StartInterval:{} Retries:{}}}",
                    health.test.join(" "),
                    duration(health.interval),
                    duration(health.timeout),
                    duration(health.start_period),
                    duration(health.start_interval),
                    health.retries,
                );
                config.healthcheck = Some(health);
                self.note(line, true);
            }
        }
    }

    fn add_other(&mut self, task: &Task<'_>) {
        let (text, instruction) = (task.text, task.instruction);
        let config = &mut self.config;
        match instruction.keyword {
            Keyword::User => {
                let name = arguments(task).pop().unwrap_or_default().to_owned();
                config.user.clone_from(&name);
                self.note(format!("USER {name}"), true);
            }
            Keyword::Expose => {
                let mut all = Vec::new();
                for text in arguments(task) {
                    let room = MOST_PORTS - self.ports;
                    let before = all.len();
                    all.extend(ports(text, room));
                    // A single port is none of a range.
                    self.ports += Some(all.len() - before).filter(|it| *it > 1).unwrap_or(0);
                }
                sort(&mut all);
                add_sorted(&mut config.exposed_ports, &all);
                self.note(format!("EXPOSE [{}]", all.join(" ")), true);
            }
            Keyword::Volume => {
                let all: Vec<String> = arguments(task)
                    .iter()
                    .map(|&path| path.to_owned())
                    .collect();
                add_sorted(&mut config.volumes, &all);
                self.note(format!("VOLUME [{}]", all.join(" ")), true);
            }
            Keyword::Stopsignal => {
                let signal = arguments(task).pop().unwrap_or_default().to_owned();
                config.stop_signal.clone_from(&signal);
                self.note(format!("STOPSIGNAL {signal}"), true);
            }
            Keyword::Maintainer => {
                let name = text.args(instruction).first().map(|&word| text.word(word));
                name.unwrap_or_default().clone_into(&mut self.author);
                let line = format!("MAINTAINER {}", self.author);
                self.note(line, true);
            }
            Keyword::Onbuild => {
                if let Kind::Onbuild(Some(inner)) = &instruction.kind {
                    config.on_build.push(text.str(inner.text).to_owned());
                }
            }
            _ => {}
        }
    }
}

/// The arguments of an instruction, expanded.
fn arguments<'a>(task: &'a Task<'_>) -> Vec<&'a str> {
    task.parts.words(|role| role == Role::Argument)
}

/// The names and values of ENV, LABEL and ARG.
fn pairs<'a>(task: &'a Task<'_>) -> Vec<(&'a str, Option<&'a str>)> {
    let model = task.parts.model;
    let mut pairs: Vec<(&str, Option<&str>)> = Vec::new();
    for word in model.words(task.command) {
        let text = model.text(task.text, task.command, word);
        match word.role {
            Role::Name => pairs.push((text, None)),
            Role::Value => {
                if let Some((_, value)) = pairs.last_mut() {
                    *value = Some(text);
                }
            }
            _ => {}
        }
    }
    pairs
}

/// The arguments that a RUN can use, with what they stand for there, in order.
fn declared(scopes: &Scopes, command: &Command) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    let variables: Vec<_> = scopes.history(command.before).collect();
    for variable in variables.into_iter().rev() {
        if variable.origin.is_argument() && !names.contains(&variable.name()) {
            names.push(variable.name());
        }
    }
    let value = |name| scopes.value(command.before, name).unwrap_or_default();
    names
        .into_iter()
        .map(|name| format!("{name}={}", value(name)))
        .collect()
}

/// `80`, `80/udp`, `8000-8003/tcp` as `port/protocol`; a range of more ports than there is room for
/// stays one.
fn ports(text: &str, room: usize) -> Vec<String> {
    let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = protocol.to_lowercase();
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let (Ok(low), Ok(high)) = (low.parse::<u32>(), high.parse::<u32>()) else {
        return Vec::new();
    };
    let all = low..=high.min(LAST_PORT);
    if low != high && all.clone().nth(room).is_some() {
        return vec![format!("{low}-{high}/{protocol}")];
    }
    all.map(|port| format!("{port}/{protocol}")).collect()
}

/// Adds what is not there yet to a list that is sorted.
fn add_sorted(list: &mut Vec<String>, more: &[String]) {
    let is_new = |text: &&String| list.binary_search(text).is_err();
    let new: Vec<String> = more.iter().filter(is_new).cloned().collect();
    if new.len() > FEW {
        list.extend(new);
        sort(list);
        list.dedup();
        return;
    }
    for text in new {
        if let Err(at) = list.binary_search(&text) {
            list.insert(at, text);
        }
    }
}

/// As Go prints a list of strings in quotes.
fn quoted(words: &[String]) -> String {
    let mut out = "[".to_owned();
    for (at, word) in words.iter().enumerate() {
        out.push_str(if at > 0 { " \"" } else { "\"" });
        for c in word.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_ascii_control() => {
                    let _ = write!(out, "\\x{:02x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
    out.push(']');
    out
}

/// As Go prints a duration, of nanoseconds.
fn duration(nanoseconds: i64) -> String {
    let total = nanoseconds.unsigned_abs();
    let fraction = |value: u64, unit: u64| {
        let whole = value / unit;
        let rest = value % unit;
        if rest == 0 {
            return whole.to_string();
        }
        let width = unit.to_string().len() - 1;
        let digits = format!("{rest:0width$}");
        format!("{whole}.{}", digits.trim_end_matches('0'))
    };
    match total {
        0 => "0s".to_owned(),
        1..1_000 => format!("{total}ns"),
        1_000..1_000_000 => format!("{}µs", fraction(total, 1_000)),
        1_000_000..SECOND => format!("{}ms", fraction(total, 1_000_000)),
        _ => {
            let seconds = total / SECOND;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let rest = fraction(total % (60 * SECOND), SECOND);
            match (hours, minutes) {
                (0, 0) => format!("{rest}s"),
                (0, minutes) => format!("{minutes}m{rest}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, ports};

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (5_000_000_000, "5s"),
            (1_500_000_000, "1.5s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (1_000_000, "1ms"),
        ] {
            assert_eq!(duration(nanoseconds), text);
        }
    }

    #[test]
    fn a_range_of_ports_is_each_of_them() {
        assert_eq!(ports("80", 0), ["80/tcp"]);
        assert_eq!(ports("1-2/UDP", 2), ["1/udp", "2/udp"]);
        assert_eq!(ports("1-2/UDP", 1), ["1-2/udp"]);
        assert_eq!(ports("x", 9), [""; 0]);
    }
}
