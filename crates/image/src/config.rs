//! What an image says about the containers made of it.

use std::collections::BTreeMap;

use crate::Platform;

/// The `config` of an image, as the OCI image specification has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageConfig {
    /// Variables in order.
    pub env: Vec<(String, String)>,
    /// The program and its first arguments; `None` where nothing is set.
    pub entrypoint: Option<Vec<String>>,
    /// The default arguments, or the program where there is no entry point.
    pub cmd: Option<Vec<String>>,
    /// The folder that processes start in; empty for `/`.
    pub working_dir: String,
    /// The user that processes run as; empty for root.
    pub user: String,
    /// `port/protocol`, in order.
    pub exposed_ports: Vec<String>,
    /// Paths of volumes, in order.
    pub volumes: Vec<String>,
    /// Labels by name.
    pub labels: BTreeMap<String, String>,
    /// The signal that stops the container; empty for SIGTERM.
    pub stop_signal: String,
    /// What runs commands in shell form; `None` for `/bin/sh -c`.
    pub shell: Option<Vec<String>>,
    /// How to tell whether the container works.
    pub healthcheck: Option<Healthcheck>,
    /// Instructions for images that are based on this one.
    pub on_build: Vec<String>,
    /// What it is for, where that is known.
    pub platform: Option<Platform>,
    /// Whether CMD is written as one string for the shell (Windows).
    pub args_escaped: bool,
}

impl ImageConfig {
    /// The value of a variable.
    pub fn env(&self, name: &str) -> Option<&str> {
        self.env
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a variable; one that is there keeps its place.
    pub fn set_env(&mut self, name: &str, value: &str) {
        match self.env.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.env.push((name.to_owned(), value.to_owned())),
        }
    }
}

/// A health check; times are nanoseconds, 0 for the default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Healthcheck {
    /// `NONE`; `CMD` and a program with its arguments; or `CMD-SHELL` and a command.
    pub test: Vec<String>,
    /// Between two checks.
    pub interval: i64,
    /// After which a check has failed.
    pub timeout: i64,
    /// In which failures do not count.
    pub start_period: i64,
    /// Between two checks in the start period.
    pub start_interval: i64,
    /// Failures in a row before the container is unhealthy.
    pub retries: i32,
}
