//! Stages, what they are made from, and what holds at each of their instructions.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use stagecraft_image::{ImageConfig, Places, Platform, Reference as ImageName};
use stagecraft_shell::Script;
use stagecraft_syntax::{Instruction, Keyword, Kind, Parse, Word};
use stagecraft_text::TextRange;

use crate::problem::{Problem, ProblemPhase};
use crate::scope::{Scopes, State};
use crate::script::{ReadOnce, ShellScript};

/// A stage, by its number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageId(pub u32);

impl StageId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a stage starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing: `FROM scratch`.
    Scratch,
    /// An earlier stage.
    Stage(StageId),
    /// An image, by its name once variables are expanded.
    Image(Arc<str>),
    /// A folder given by `--build-context`.
    Folder(String),
    /// Not known: the line is broken.
    Unknown,
}

/// A stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its number.
    pub id: StageId,
    /// The index of its FROM in [`Parse::instructions`].
    pub from: usize,
    /// Its name in lower case, as BuildKit knows it.
    pub name: Option<String>,
    /// What it starts from.
    pub base: Base,
    /// The base once variables are expanded; as written where that fails.
    pub base_text: Arc<str>,
    /// Where the parts of its base's name are, where that is an image that can be.
    pub(crate) image: Option<Places>,
    /// `--platform`, where it is given and right.
    pub platform: Option<Platform>,
    /// What the comment above says of it, where that comment starts with its name.
    pub description: Option<Word>,
    /// Its instructions: those that its base brings along, then its own.
    pub(crate) commands: Range<u32>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// Whether the target needs it.
    pub reachable: bool,
    /// What its base image says of itself, where that is known; for a stage as base, what that
    /// stage's own base image says.
    pub base_config: Option<ImageConfig>,
    /// What holds before its first instruction.
    pub start: State,
    /// What holds behind its last one.
    pub end: State,
    /// Variables in FROM and in its `--platform`, which only global arguments fill.
    pub references: Vec<Reference>,
}

impl Stage {
    /// Its FROM.
    pub fn from_instruction<'a>(
        &self,
        file: &'a Parse,
    ) -> Option<(&'a Instruction, &'a stagecraft_syntax::From)> {
        let instruction = file.instructions().get(self.from)?;
        match &instruction.kind {
            Kind::From(from) => Some((instruction, from)),
            _ => None,
        }
    }

    /// The image that it starts from, where it starts from one that can be.
    pub fn image(&self) -> Option<ImageName<'_>> {
        match &self.base {
            Base::Image(name) => Some(self.image?.of(name)),
            _ => None,
        }
    }

    /// Its name, or `stage-N`, as BuildKit shows it.
    pub fn display_name(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => format!("stage-{}", self.id.0),
        }
    }
}

/// Why a stage needs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DependencyKind {
    /// FROM
    From,
    /// `COPY --from`
    Copy,
    /// `RUN --mount=…,from=`
    Mount,
}

impl DependencyKind {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::Copy => "copy",
            Self::Mount => "mount",
        }
    }
}

/// What a stage needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A stage.
    Stage(StageId),
    /// An image, by its name.
    Image(Arc<str>),
    /// A folder given by `--build-context`.
    Folder(String),
    /// Nothing: `scratch`.
    Scratch,
    /// Not known: the name is wrong.
    Unknown,
}

/// A need of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Why.
    pub kind: DependencyKind,
    /// What is needed.
    pub source: Source,
    /// Its name as BuildKit looks for it.
    pub name: Arc<str>,
    /// Where it is named.
    pub range: TextRange,
    /// The first line of the instruction.
    pub line: u32,
    /// The command that needs it; `None` for FROM.
    pub command: Option<CommandId>,
}

/// A command, by its place among those of all stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub u32);

impl CommandId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a command is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// In the stage itself: its index in [`Parse::instructions`].
    Here(usize),
    /// Behind ONBUILD of the stage that this one is based on: the index of the ONBUILD.
    OnBuild(usize),
    /// In the base image: which of its triggers, as [`Model::instruction`] knows them.
    InImage(usize),
}

/// An instruction in the stage in which it works.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Which stage.
    pub stage: StageId,
    /// Where it is written.
    pub written: Written,
    /// What holds before it.
    pub before: State,
    /// What holds behind it.
    pub after: State,
    pub(crate) words: Range<u32>,
    pub(crate) references: Range<u32>,
    /// The place in [`Model::scripts`] of what it hands to a shell.
    pub(crate) script: Option<u32>,
}

/// What a word of a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// An argument in order; for COPY and ADD the destination is the last.
    Argument,
    /// The name in ARG, ENV, LABEL; its value follows, if it has one.
    Name,
    /// The value of the name before.
    Value,
    /// `--chown`
    Chown,
    /// `--chmod`
    Chmod,
    /// `--checksum`
    Checksum,
    /// One of `--exclude`
    Exclude,
    /// An option of a mount: which mount, and which of its options.
    Mount(u16, u16),
}

/// A word of a command with its variables expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// What it is for.
    pub role: Role,
    /// As written.
    pub word: Word,
    /// Expanded, where that is not what is written.
    pub(crate) text: Option<Box<str>>,
}

/// A variable that a word asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// Where: from `$` on.
    pub range: TextRange,
    /// Whether it has a value.
    pub set: bool,
    /// Whether an ARG of the stage declares it, with a value or without.
    pub declared: bool,
}

/// An argument before the first FROM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// Its name.
    pub name: String,
    /// What FROM sees: the build argument, or the default.
    pub value: Option<String>,
    /// The default alone.
    pub default: Option<String>,
    /// Where it is declared.
    pub range: TextRange,
    /// The index of its ARG in [`Parse::instructions`].
    pub instruction: usize,
}

/// Values by name.
pub(crate) type GlobalValues = Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>;

/// What a Dockerfile means.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) globals: Vec<Global>,
    /// Values that FROM and its `--platform` see: predefined ones, then global arguments.
    pub(crate) global_values: GlobalValues,
    pub(crate) global_references: Vec<Reference>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) commands: Vec<Command>,
    pub(crate) words: Vec<Expanded>,
    pub(crate) references: Vec<Reference>,
    pub(crate) scripts: Vec<ReadOnce>,
    pub(crate) scopes: Scopes,
    pub(crate) triggers: Vec<Parse>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) target: Option<StageId>,
}

impl Model {
    /// The arguments before the first FROM, in order.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// Values that FROM sees, by name; the later one counts.
    pub fn global_value(&self, name: &str) -> Option<&str> {
        self.global_values
            .iter()
            .rfind(|(known, _)| known == name)
            .map(|(_, value)| &**value)
    }

    /// The names that FROM can use: predefined ones first, then global arguments.
    pub fn global_names(&self) -> impl Iterator<Item = &str> {
        self.global_values.iter().map(|(name, _)| &**name)
    }

    /// Variables in the defaults of global arguments.
    pub fn global_references(&self) -> &[Reference] {
        &self.global_references
    }

    /// The stages in order.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// A stage and those that it is based on, one upon the other; it comes first.
    pub fn chain(&self, stage: StageId) -> impl Iterator<Item = &Stage> {
        let mut next = self.stage(stage);
        std::iter::from_fn(move || {
            let stage = next?;
            next = match stage.base {
                // One that stands later is a mistake, and may lead back here.
                Base::Stage(below) if below < stage.id => self.stage(below),
                _ => None,
            };
            Some(stage)
        })
    }

    /// A stage by its number.
    pub fn stage(&self, id: StageId) -> Option<&Stage> {
        self.stages.get(id.index())
    }

    /// The stage that is built; `None` where there is no stage or none of that name.
    pub fn target(&self) -> Option<StageId> {
        self.target
    }

    /// What is wrong, in order of place.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problem that a build of the target ends with, if there is one. What is wrong with the
    /// images or commands of a stage that is not built does not matter.
    pub fn stopping_problem(&self) -> Option<&Problem> {
        let built = |problem: &&Problem| {
            problem.phase < ProblemPhase::Images
                || problem
                    .stage
                    .and_then(|id| self.stage(id))
                    .is_none_or(|stage| stage.reachable)
        };
        let problems = self.problems.iter().filter(built);
        problems.min_by_key(|problem| (problem.phase, problem.stage, problem.line))
    }

    /// The commands of a stage in order.
    pub fn commands(&self, stage: &Stage) -> &[Command] {
        self.commands
            .get(stage.commands.start as usize..stage.commands.end as usize)
            .unwrap_or_default()
    }

    /// The instructions that are written in a stage, FROM not among them, with their indices.
    pub fn own_instructions<'a>(
        &self,
        file: &'a Parse,
        stage: &Stage,
    ) -> impl Iterator<Item = (usize, &'a Instruction)> {
        let instructions = file.instructions().iter().enumerate();
        instructions
            .skip(stage.from + 1)
            .take_while(|(_, instruction)| instruction.keyword != Keyword::From)
    }

    /// The commands of a stage with their numbers.
    pub fn numbered_commands(&self, stage: &Stage) -> impl Iterator<Item = (CommandId, &Command)> {
        (stage.commands.start..)
            .map(CommandId)
            .zip(self.commands(stage))
    }

    /// A command by its number.
    pub fn command(&self, id: CommandId) -> Option<&Command> {
        self.commands.get(id.index())
    }

    /// The words of a command with variables expanded: arguments first, then those of flags.
    /// RUN has the options of its mounts only; CMD, ENTRYPOINT and HEALTHCHECK have none.
    pub fn words(&self, command: &Command) -> &[Expanded] {
        self.words
            .get(command.words.start as usize..command.words.end as usize)
            .unwrap_or_default()
    }

    /// The variables that a command asks for.
    pub fn references(&self, command: &Command) -> &[Reference] {
        self.references
            .get(command.references.start as usize..command.references.end as usize)
            .unwrap_or_default()
    }

    /// The instruction of a command and the text that its words name places of: `file`, or what
    /// an image brings along.
    pub fn instruction<'a>(
        &'a self,
        file: &'a Parse,
        command: &Command,
    ) -> Option<(&'a Parse, &'a Instruction)> {
        match command.written {
            Written::Here(index) => Some((file, file.instructions().get(index)?)),
            Written::OnBuild(index) => match &file.instructions().get(index)?.kind {
                Kind::Onbuild(Some(inner)) => Some((file, inner)),
                _ => None,
            },
            Written::InImage(index) => {
                let file = self.triggers.get(index)?;
                Some((file, file.instructions().first()?))
            }
        }
    }

    /// What a command is.
    pub fn keyword(&self, file: &Parse, command: &Command) -> Keyword {
        self.instruction(file, command)
            .map_or(Keyword::Unknown, |(_, instruction)| instruction.keyword)
    }

    /// What a command hands to a shell, as [`ShellScript::read`] has it. Whoever asks first has it
    /// read.
    pub fn script<'a>(&'a self, file: &'a Parse, command: &'a Command) -> Option<Script<'a>> {
        let (file, instruction) = self.instruction(file, command)?;
        let shell = self.scopes.shell(command.before);
        let read = || ShellScript::read(file, instruction, shell, false);
        let script = self.scripts.get(command.script? as usize)?;
        Some(script.get_or_init(read)?.script(file))
    }

    /// The text of an expanded word.
    pub fn text<'a>(&'a self, file: &'a Parse, command: &Command, word: &'a Expanded) -> &'a str {
        match &word.text {
            Some(text) => text,
            None => match command.written {
                Written::InImage(index) => self
                    .triggers
                    .get(index)
                    .map_or("", |file| file.word(word.word)),
                _ => file.word(word.word),
            },
        }
    }

    /// What is known of variables, folders, users and shells at some place.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The stage that an instruction of the file belongs to.
    pub fn stage_of_instruction(&self, index: usize) -> Option<&Stage> {
        let after = self.stages.partition_point(|stage| stage.from <= index);
        self.stages.get(after.checked_sub(1)?)
    }

    /// The command that an instruction of the file is in its own stage.
    pub fn command_of_instruction(&self, index: usize) -> Option<CommandId> {
        let stage = self.stage_of_instruction(index)?;
        self.numbered_commands(stage)
            .find(|(_, command)| command.written == Written::Here(index))
            .map(|(id, _)| id)
    }
}
