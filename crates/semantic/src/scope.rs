//! Variables and what else an instruction leaves behind for those after it.

use std::borrow::Cow;

use stagecraft_text::{TextRange, sort_by};

use crate::model::{CommandId, StageId};

/// What holds at one place of a stage. A few numbers; ask [`Scopes`] what they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// The newest variable.
    pub(crate) newest: Option<u32>,
    /// The folder, as a text; `None` where only the base image knows it.
    pub(crate) workdir: Option<u32>,
    /// The user.
    pub(crate) user: Option<u32>,
    /// What runs shell forms, as a list.
    pub(crate) shell: Option<u32>,
}

impl State {
    pub(crate) const UNKNOWN: Self = Self {
        newest: None,
        workdir: None,
        user: None,
        shell: None,
    };
}

/// Where the value of a variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// The base image, or the builder's own PATH.
    BaseImage,
    /// ENV
    Env,
    /// The default of an ARG.
    ArgDefault,
    /// A global argument that an ARG imports.
    ArgGlobal,
    /// `--build-arg`
    BuildArg,
    /// A predefined argument, such as TARGETPLATFORM, that an ARG imports.
    Predefined,
    /// An ARG without a value.
    ArgUnset,
}

impl Origin {
    /// Whether it is an argument and not part of the image.
    pub const fn is_argument(self) -> bool {
        !matches!(self, Self::BaseImage | Self::Env)
    }
}

/// A variable from some instruction on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name and its value in one, as a file can have many.
    text: Cow<'static, str>,
    /// How many bytes of that are its name.
    name_length: usize,
    has_value: bool,
    /// Where the value comes from.
    pub origin: Origin,
    /// The place that gives it: a pair of ENV or ARG; `None` for the base image.
    pub range: Option<TextRange>,
    /// The command that gives it.
    pub command: Option<CommandId>,
    /// The stage in which that command works.
    pub stage: StageId,
    /// The one before it.
    previous: Option<u32>,
}

impl Variable {
    pub(crate) fn new(name: &str, value: Option<&str>, origin: Origin, stage: StageId) -> Self {
        Self {
            text: [name, value.unwrap_or_default()].concat().into(),
            name_length: name.len(),
            has_value: value.is_some(),
            origin,
            range: None,
            command: None,
            stage,
            previous: None,
        }
    }

    /// PATH where an image says nothing of it. Source: BuildKit's `system.DefaultPathEnvUnix`.
    pub(crate) fn default_path(stage: StageId) -> Self {
        const PATH: &str = "PATH/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self {
            text: Cow::Borrowed(PATH),
            name_length: "PATH".len(),
            has_value: true,
            origin: Origin::BaseImage,
            range: None,
            command: None,
            stage,
            previous: None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text.get(..self.name_length).unwrap_or_default()
    }

    /// Whether that is its name; the length tells most apart.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name_length == name.len() && self.text.starts_with(name)
    }

    /// Its value; `None` only for [`Origin::ArgUnset`].
    pub fn value(&self) -> Option<&str> {
        let value = self.text.get(self.name_length..);
        value.filter(|_| self.has_value)
    }

    pub(crate) fn given_by(self, command: CommandId, range: TextRange) -> Self {
        Self {
            command: Some(command),
            range: Some(range),
            ..self
        }
    }
}

/// All variables, folders, users and shells of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scopes {
    variables: Vec<Variable>,
    texts: Vec<String>,
    lists: Vec<Vec<String>>,
}

impl Scopes {
    /// Room for so many variables.
    pub(crate) fn with_capacity(variables: usize) -> Self {
        Self {
            variables: Vec::with_capacity(variables),
            ..Self::default()
        }
    }

    /// Puts `variable` in front of those that lead to `state`.
    pub(crate) fn push(&mut self, state: &mut State, variable: Variable) -> u32 {
        let id = u32::try_from(self.variables.len()).unwrap_or(u32::MAX);
        self.variables.push(Variable {
            previous: state.newest,
            ..variable
        });
        state.newest = Some(id);
        id
    }

    pub(crate) fn add_text(&mut self, text: String) -> u32 {
        self.texts.push(text);
        u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn add_list(&mut self, list: Vec<String>) -> u32 {
        self.lists.push(list);
        u32::try_from(self.lists.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn variable(&self, id: u32) -> Option<&Variable> {
        self.variables.get(id as usize)
    }

    /// Every ENV and ARG that leads to `state`, the newest first; a name can come again.
    pub fn history(&self, state: State) -> impl Iterator<Item = &Variable> {
        let mut next = state.newest;
        std::iter::from_fn(move || {
            let variable = self.variable(next?)?;
            next = variable.previous;
            Some(variable)
        })
    }

    /// The value of a variable.
    pub fn value(&self, state: State, name: &str) -> Option<&str> {
        self.history(state)
            .find(|variable| variable.has_value && variable.is_named(name))
            .and_then(Variable::value)
    }

    /// What each name stands for, by name: the newest that has a value, else an ARG without one.
    pub fn variables(&self, state: State) -> Vec<&Variable> {
        let mut all: Vec<(usize, &Variable)> = self.history(state).enumerate().collect();
        sort_by(&mut all, |one, other| {
            let key = |&(age, variable): &(usize, &'_ Variable)| (!variable.has_value, age);
            let names = one.1.name().cmp(other.1.name());
            names.then_with(|| key(one).cmp(&key(other)))
        });
        all.dedup_by(|(_, later), (_, first)| later.name() == first.name());
        all.into_iter().map(|(_, variable)| variable).collect()
    }

    /// What a process of RUN finds in its environment: ENV and ARG with values, the one that was
    /// set last at the end.
    pub fn environment(&self, state: State) -> Vec<(&str, &str)> {
        let mut seen = std::collections::BTreeSet::new();
        let mut list: Vec<(&str, &str)> = self
            .history(state)
            .filter_map(|variable| Some((variable.name(), variable.value()?)))
            .filter(|&(name, _)| seen.insert(name))
            .collect();
        list.reverse();
        list
    }

    /// The folder that is current; `None` where only the base image knows it.
    pub fn workdir(&self, state: State) -> Option<&str> {
        self.text(state.workdir)
    }

    /// The user; `None` where only the base image knows it.
    pub fn user(&self, state: State) -> Option<&str> {
        self.text(state.user)
    }

    /// What runs shell forms; `None` where it is the builder's default.
    pub fn shell(&self, state: State) -> Option<&[String]> {
        self.lists.get(state.shell? as usize).map(Vec::as_slice)
    }

    fn text(&self, id: Option<u32>) -> Option<&str> {
        self.texts.get(id? as usize).map(String::as_str)
    }
}
