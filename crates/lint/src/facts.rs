//! What rules read, found once.

use std::collections::BTreeMap;

use stagecraft_semantic::{Model, ShellScript, Stage, State, Written};
use stagecraft_syntax::{From, Instruction, Keyword, Kind, Parse};

/// What there is to know of a Dockerfile.
pub(crate) struct Facts<'a> {
    pub(crate) file: &'a Parse,
    pub(crate) model: &'a Model,
    /// Every RUN of the file whose command a shell reads.
    pub(crate) runs: Vec<RunFacts<'a>>,
    /// The place in `runs` of a RUN that begins at that byte.
    by_start: BTreeMap<u32, usize>,
}

/// A RUN with its shell script.
pub(crate) struct RunFacts<'a> {
    pub(crate) instruction: &'a Instruction,
    pub(crate) script: ShellScript,
    /// What holds before it.
    before: State,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(file: &'a Parse, model: &'a Model) -> Self {
        let mut runs = Vec::new();
        let mut by_start = BTreeMap::new();
        for stage in model.stages() {
            for command in model.commands(stage) {
                let Written::Here(index) = command.written else {
                    continue;
                };
                let Some(instruction) = file.instructions().get(index) else {
                    continue;
                };
                if instruction.keyword != Keyword::Run {
                    continue;
                }
                let shell = model.scopes().shell(command.before);
                if let Some(script) = ShellScript::read(file, instruction, shell, false) {
                    by_start.insert(u32::from(instruction.range.start()), runs.len());
                    runs.push(RunFacts {
                        instruction,
                        script,
                        before: command.before,
                    });
                }
            }
        }
        Self {
            file,
            model,
            runs,
            by_start,
        }
    }

    /// Every FROM with its index.
    pub(crate) fn froms(&self) -> impl Iterator<Item = (usize, &'a Instruction, &'a From)> {
        let instructions = self.file.instructions().iter().enumerate();
        instructions.filter_map(|(index, instruction)| match &instruction.kind {
            Kind::From(from) => Some((index, instruction, from)),
            _ => None,
        })
    }

    /// The instructions that are written in a stage.
    pub(crate) fn own(&self, stage: &Stage) -> impl Iterator<Item = &'a Instruction> {
        self.model
            .own_instructions(self.file, stage)
            .map(|(_, instruction)| instruction)
    }

    /// Every instruction that is written in a stage, with the stage.
    pub(crate) fn staged(&self) -> impl Iterator<Item = (&'a Stage, &'a Instruction)> {
        let (file, model) = (self.file, self.model);
        model.stages().iter().flat_map(move |stage| {
            let own = model.own_instructions(file, stage);
            own.map(move |(_, instruction)| (stage, instruction))
        })
    }

    /// The facts of a RUN.
    pub(crate) fn run(&self, instruction: &Instruction) -> Option<&RunFacts<'a>> {
        let at = self.by_start.get(&u32::from(instruction.range.start()))?;
        self.runs.get(*at)
    }

    /// Whether a variable has a value while that RUN works.
    pub(crate) fn sets(&self, run: &RunFacts<'_>, name: &str) -> bool {
        self.model.scopes().value(run.before, name).is_some()
    }
}
