//! What rules read, found once.

mod commands;
mod gather;
mod stages;
mod variables;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use stagecraft_semantic::ignore::Patterns;
use stagecraft_semantic::{Command, Model, Stage, StageId};
use stagecraft_shell::{PartKinds, Script, Simple};
use stagecraft_syntax::{Form, From, Instruction, Kind, MountKind, Parse, Word as DockerWord};
use stagecraft_text::{Edit, TextRange, size};

use crate::Bases;
pub(crate) use crate::calls::{Argument, Call};
use crate::calls::{Names, Single, has_byte};
use crate::config::Config;
use crate::files::{Placed, Seen};
use crate::packages::{self, Family, RunUpkeep};
use crate::programs::{Bits, Programs};
use crate::rule::{Keywords, Marks, Rule, When};
use crate::shellcheck::Shell;
#[cfg(feature = "elsewhere")]
use crate::shellcheck::Usage;
use crate::triggers;
pub(crate) use commands::{Called, Scripts};
use stages::StageFacts;
use variables::AllAssigned;

/// What ONBUILD holds, or the instruction itself.
pub(crate) fn unwrapped(outer: &Instruction) -> &Instruction {
    let mut instruction = outer;
    while let Kind::Onbuild(Some(inner)) = &instruction.kind {
        instruction = inner;
    }
    instruction
}

/// What there is to know of a Dockerfile. Everything that rules ask for again and again is worked
/// out once, so that each question takes the same short time however long the file is.
pub(crate) struct Facts<'a> {
    pub(crate) file: &'a Parse,
    pub(crate) model: &'a Model,
    /// What `.dockerignore` leaves out, if there is one.
    pub(crate) ignore: Option<Patterns>,
    pub(crate) config: &'a Config,
    pub(crate) bases: &'a dyn Bases,
    /// Whether what other tools say, and we do not, is of any use: most who ask never hear of it.
    pub(crate) others: bool,
    scripts: &'a Scripts,
    called: &'a Called<'a>,
    /// Every instruction in order, those that ONBUILD holds in its place.
    pub(crate) items: Vec<Item<'a>>,
    /// What each of them puts into the image, once it is asked for.
    placed: OnceCell<Vec<OnceCell<Vec<Placed>>>>,
    /// Every RUN whose command is known.
    pub(crate) runs: Vec<RunFacts<'a>>,
    /// The instructions that it has, those that ONBUILD holds among them.
    keywords: Keywords,
    marks: Marks,
    /// The bit of every program that is called.
    programs: Bits,
    /// What there is to know of the names of all commands.
    names: Names,
    /// Which parts words of its commands have.
    parts: PartKinds,
    /// Whether any of them is not a simple one.
    any_compound: bool,
    /// Once they are asked for.
    letters: OnceCell<Letters>,
    /// Whether any RUN has [`RunFacts::misread`].
    any_misread: bool,
    /// By the number of the stage.
    stages: Vec<StageFacts>,
    /// For what stands in none.
    no_stage: StageFacts,
    /// The shell that hadolint takes commands to be written for where no SHELL says it.
    default_shell: Option<Shell>,
    /// Names that a FROM starts from, as written, without tag and digest, in order.
    started_from: OnceCell<Vec<&'a str>>,
    /// Every ARG and ENV by its name, those of one name in order, once that is asked for.
    assigned: OnceCell<AllAssigned<'a>>,
    /// Names of those that a shell cannot read as part of a command.
    nonsense: Vec<&'a str>,
    /// See [`packages::late_removals`].
    late: OnceCell<BTreeMap<(Option<StageId>, Family), usize>>,
    /// First lines of the stages that take over what an ONBUILD holds, by its place in the items.
    triggered: BTreeMap<usize, Vec<u32>>,
}

/// Which of those that are looked for are anywhere in a file: few have any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letters {
    /// What may be `<<` once lines are joined; in a string of JSON letters can be written otherwise.
    pub(crate) heredoc: bool,
    pub(crate) carriage_return: bool,
}

impl Letters {
    fn of(source: &str) -> Self {
        Self {
            heredoc: memchr::memchr_iter(b'<', source.as_bytes()).any(|at| {
                let next = source.as_bytes().get(at + 1);
                matches!(next, Some(b'<' | b'\\' | b'`'))
            }),
            carriage_return: has_byte(source, b'\r'),
        }
    }
}

/// An instruction, or what ONBUILD holds.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) instruction: &'a Instruction,
    pub(crate) onbuild: bool,
    /// `None` above the first FROM.
    pub(crate) stage: Option<StageId>,
    /// The place of its facts in [`Facts::runs`], where it is RUN.
    run: Option<usize>,
    /// What it is in its own stage; `None` where no build gets to it.
    command: Option<&'a Command>,
    /// The place of the SHELL above it in its stage.
    shell: Option<usize>,
    /// The same as hadolint has it when it looks into commands: the next ARG or ENV undoes it, and
    /// a stage goes on with that of the one that it starts from.
    checked: Option<Told>,
}

/// What tells hadolint which shell commands are written for.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// The SHELL at that place in the items.
    Shell(usize),
    /// A comment; it names none that ShellCheck knows where there is no shell.
    Comment(Option<Shell>),
}

/// A RUN with what it calls.
pub(crate) struct RunFacts<'a> {
    pub(crate) instruction: &'a Instruction,
    pub(crate) onbuild: bool,
    pub(crate) stage: Option<StageId>,
    /// Whether a shell of Windows reads it, whose language is another one.
    pub(crate) foreign: bool,
    /// Which shell hadolint takes it to be written for; `None` where it has ShellCheck not look.
    pub(crate) checked: Option<Shell>,
    /// The command read as `sh`, where hadolint takes it for that and it is not.
    pub(crate) misread: Option<&'a Script<'a>>,
    /// `None` for a program that is run without a shell.
    pub(crate) script: Option<&'a Script<'a>>,
    /// Where in the [`Lists`] its simple commands and its calls are.
    places: (Range<usize>, Range<usize>),
    /// The simple commands of what ShellCheck looks at: of the misread command, where there is one.
    pub(crate) simple: &'a [Single<'a>],
    /// The shell that reads it, as ShellCheck has it; `None` where it is none that we can read.
    pub(crate) reader: Option<Shell>,
    /// What SHELL says, if it says anything.
    pub(crate) shell: Option<Vec<String>>,
    /// See [`RunFacts::late`].
    late: OnceCell<Box<Late<'a>>>,
    /// Whether backquotes are in what ShellCheck looks at, once it is asked for.
    pub(crate) backquotes: OnceCell<bool>,
    /// What it calls, in order.
    pub(crate) calls: &'a [Call<'a>],
    /// The bit of each.
    programs: Bits,
    pub(crate) upkeep: RunUpkeep,
    /// Of [`RunFacts::simple`].
    pub(crate) names: Names,
    /// How many commands it has whose name is known; `[` is a part of the language.
    pub(crate) commands: usize,
    /// The place in [`Facts::items`].
    pub(crate) item: usize,
    /// The place in [`Facts::runs`].
    pub(crate) number: usize,
}

/// What is worked out for a RUN when a rule asks for it, which is for few of them.
#[derive(Default)]
pub(crate) struct Late<'a> {
    /// What is known of the files that it leaves.
    pub(crate) seen: Seen<'a>,
    /// See [`crate::shellcheck::Checked::usage`].
    #[cfg(feature = "elsewhere")]
    pub(crate) usage: OnceCell<Usage<'a>>,
}

impl<'a> Item<'a> {
    /// What it is in its own stage; `None` where no build gets to it.
    pub(crate) fn command(&self) -> Option<&'a Command> {
        self.command.filter(|_| !self.onbuild)
    }
}

impl<'a> RunFacts<'a> {
    /// What is worked out once a rule asks for it.
    pub(crate) fn late(&self) -> &Late<'a> {
        self.late.get_or_init(Box::default)
    }

    /// Whether it may call one of these programs; where the answer is no, it does not.
    #[inline]
    pub(crate) fn may_call(&self, programs: Bits) -> bool {
        self.programs.meet(programs)
    }

    /// Whether it calls one of these programs.
    #[inline]
    pub(crate) fn has_any(&self, programs: Programs) -> bool {
        self.may_call(programs.bits) && self.calls.iter().any(|call| call.is(programs))
    }

    /// Whether a command may have one of these names, whatever that calls.
    #[inline]
    pub(crate) fn may_have(&self, names: Programs) -> bool {
        self.names.may_be.meet(names.bits)
    }

    /// The simple commands that may have one of these names.
    pub(crate) fn simple_of(&self, names: Programs) -> impl Iterator<Item = Simple<'a>> {
        let all = if self.may_have(names) {
            self.simple
        } else {
            &[]
        };
        let all = all.iter();
        all.filter(move |it| it.may_be.meet(names.bits))
            .map(|it| it.simple)
    }

    /// The calls of these programs.
    pub(crate) fn calls_of(&self, programs: Programs) -> impl Iterator<Item = &Call<'a>> {
        let all = if self.may_call(programs.bits) {
            self.calls
        } else {
            &[]
        };
        all.iter().filter(move |call| call.is(programs))
    }
}

/// Text of a Dockerfile's word without the quotes around it.
pub(crate) fn unquoted(text: &str) -> &str {
    // Most start with a letter.
    if !matches!(text.as_bytes().first(), Some(b'"' | b'\'')) {
        return text;
    }
    for quote in ['"', '\''] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|it| it.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner;
        }
    }
    text
}

impl<'a> Facts<'a> {
    /// Where what an item puts into the image is kept, once it is asked for.
    pub(crate) fn room_for_placed(&self, at: usize) -> Option<&OnceCell<Vec<Placed>>> {
        let rooms = || self.items.iter().map(|_| OnceCell::new()).collect();
        self.placed.get_or_init(rooms).get(at)
    }

    /// Every FROM.
    pub(crate) fn froms(&self) -> impl Iterator<Item = (&'a Instruction, &'a From)> {
        let instructions = self.file.instructions().iter();
        instructions.filter_map(|instruction| match &instruction.kind {
            Kind::From(from) => Some((instruction, from)),
            _ => None,
        })
    }

    /// What each stage starts from, with its FROM and the word in it.
    pub(crate) fn bases(&self) -> impl Iterator<Item = (&'a Stage, &'a Instruction, DockerWord)> {
        let file = self.file;
        self.model.stages().iter().filter_map(move |stage| {
            let (instruction, from) = stage.from_instruction(file)?;
            Some((stage, instruction, from.image?))
        })
    }

    /// The instructions that are written in a stage.
    pub(crate) fn own(&self, stage: &Stage) -> impl Iterator<Item = &'a Instruction> {
        self.model
            .own_instructions(self.file, stage)
            .map(|(_, instruction)| instruction)
    }

    /// The instructions of a stage, its FROM among them.
    pub(crate) fn items_of(&self, stage: StageId) -> &[Item<'a>] {
        let start = self.first_item_of(Some(stage));
        let end = self.items.partition_point(|item| item.stage <= Some(stage));
        self.items.get(start..end).unwrap_or_default()
    }

    /// The place of the first instruction of a stage.
    pub(crate) fn first_item_of(&self, stage: Option<StageId>) -> usize {
        self.items.partition_point(|item| item.stage < stage)
    }

    /// The same, each with its place in the items.
    pub(crate) fn numbered_items_of(
        &self,
        stage: StageId,
    ) -> impl Iterator<Item = (usize, &Item<'a>)> {
        (self.first_item_of(Some(stage))..).zip(self.items_of(stage))
    }

    /// The RUN of a stage; they follow each other.
    pub(crate) fn runs_of(&self, stage: StageId) -> &[RunFacts<'a>] {
        let start = self.runs.partition_point(|run| run.stage < Some(stage));
        let end = self.runs.partition_point(|run| run.stage <= Some(stage));
        self.runs.get(start..end).unwrap_or_default()
    }

    /// Whether any RUN may call one of these programs; where the answer is no, none does.
    #[inline]
    pub(crate) fn may_call(&self, programs: Bits) -> bool {
        self.programs.meet(programs)
    }

    /// Goes through the rules that may find anything, by name.
    #[inline]
    pub(crate) fn each_rule(&self, with: impl FnMut(&'static Rule)) {
        let programs = if self.any_misread {
            Bits::ALL
        } else {
            self.programs
        };
        let has = |when| match when {
            When::Names(bits) => self.names.may_be.meet(bits),
            When::Parts(kinds) => self.parts.meet(kinds),
            When::Compounds => self.any_compound,
            When::OddNames => self.names.odd,
            // Those are started.
            When::Always | When::Has(_) | When::With(_) | When::Calls(_) => false,
        };
        triggers::each(self.keywords, self.marks, programs, has, with);
    }

    /// Which of those that few files have are in this one.
    pub(crate) fn letters(&self) -> Letters {
        let own = || Letters::of(self.file.source());
        *self.letters.get_or_init(own)
    }

    /// Whether the name of a command in any RUN starts like an option or ends in no
    /// letter and no digit.
    pub(crate) fn has_odd_names(&self) -> bool {
        self.names.odd
    }

    /// Whether any RUN calls one of these programs.
    pub(crate) fn calls_any(&self, programs: Programs) -> bool {
        let mut calls = self.called.calls.get().into_iter().flatten();
        self.may_call(programs.bits) && calls.any(|call| call.is(programs))
    }

    /// Every RUN that may call one of these programs.
    pub(crate) fn runs_with(&self, programs: Programs) -> impl Iterator<Item = &RunFacts<'a>> {
        let runs = if self.may_call(programs.bits) {
            self.runs.as_slice()
        } else {
            &[]
        };
        runs.iter().filter(move |run| run.may_call(programs.bits))
    }

    /// Every call of these programs, with its RUN.
    pub(crate) fn calls(
        &self,
        programs: Programs,
    ) -> impl Iterator<Item = (&RunFacts<'a>, &Call<'a>)> {
        self.runs_with(programs).flat_map(move |run| {
            let calls = run.calls.iter().filter(move |call| call.is(programs));
            calls.map(move |call| (run, call))
        })
    }

    /// Every instruction that stands in its stage below a COPY of the whole context, with the line
    /// of that.
    pub(crate) fn behind_whole_context(&self) -> impl Iterator<Item = (&Item<'a>, u32)> {
        let copies_all = |item: &Item<'_>| {
            let Kind::Transfer(transfer) = &item.instruction.kind else {
                return false;
            };
            let mut sources = self.file.sources(item.instruction).iter();
            let whole = |word: &DockerWord| matches!(self.file.word(*word), "." | "./");
            !item.onbuild && transfer.from.is_none() && sources.any(whole)
        };
        // Many files have none.
        let first = self.items.iter().position(copies_all);
        let items = first.and_then(|first| self.items.get(first..));
        let items = items.unwrap_or_default().iter();
        let mut all: Option<(Option<StageId>, u32)> = None;
        items.filter(|item| !item.onbuild).filter_map(move |item| {
            let line = all.filter(|(stage, _)| *stage == item.stage);
            if line.is_none() && copies_all(item) {
                all = Some((item.stage, item.instruction.lines.first));
            }
            line.map(|(_, line)| (item, line))
        })
    }

    /// Whether a later RUN removes what a package manager has left in this one: then that is the
    /// fault.
    pub(crate) fn is_cleaned_late(&self, run: &RunFacts<'_>, family: Family) -> bool {
        let late = self.late.get_or_init(|| packages::late_removals(self));
        let last = late
            .get(&(run.stage, family))
            .and_then(|&at| self.runs.get(at));
        last.is_some_and(|last| last.item > run.item) && packages::leaves(run, family)
    }

    /// The lines of an instruction, the last line feed among them: what goes where it is taken
    /// away.
    pub(crate) fn lines_of(&self, instruction: &Instruction) -> TextRange {
        let range = instruction.range;
        let text = self.file.source();
        let behind = text.get(usize::from(range.end())..).unwrap_or_default();
        let rest = behind.split_inclusive('\n').next().unwrap_or_default();
        // A blank stays where something else follows, which does not happen.
        let end = if rest.trim().is_empty() {
            range.end() + size(rest.len())
        } else {
            range.end()
        };
        TextRange::new(range.start(), end)
    }

    /// A flag of an instruction with the blanks behind it.
    pub(crate) fn flag_with_blank(
        &self,
        instruction: &Instruction,
        name: &str,
    ) -> Option<TextRange> {
        let flag = self.file.flag(instruction, name)?;
        let range = flag.word.range;
        let behind = self.file.source().get(usize::from(range.end())..)?;
        let blank = behind.len() - behind.trim_start_matches([' ', '\t']).len();
        Some(TextRange::new(range.start(), range.end() + size(blank)))
    }

    /// The place behind the last command of a RUN, where ` && …` can be added to its text.
    pub(crate) fn end_of_run(&self, run: &RunFacts<'_>) -> Option<TextRange> {
        let instruction = run.instruction;
        let text = self.file.word(instruction.rest).trim_end();
        let plain = instruction.form == Form::Shell
            && self.file.heredocs(instruction).is_empty()
            && !run.foreign
            && !text.is_empty()
            && !has_byte(text, b'#')
            && !text.ends_with([';', '&', '|', '\\', '(']);
        plain.then(|| TextRange::empty(instruction.rest.range.end()))
    }

    /// The changes that make one RUN of two that follow each other. The first is of the word RUN
    /// itself, so that nothing else makes another instruction of it meanwhile.
    pub(crate) fn join(&self, first: &RunFacts<'_>, second: &RunFacts<'_>) -> Option<Vec<Edit>> {
        let start = self.end_of_run(first)?.end();
        self.end_of_run(second)?;
        let apart = self.file.source().get(
            usize::from(first.instruction.range.end())
                ..usize::from(second.instruction.range.start()),
        )?;
        let plain = apart.trim().is_empty()
            && self.file.flags(second.instruction).is_empty()
            && first.onbuild == second.onbuild;
        let range = TextRange::new(start, second.instruction.rest.range.start());
        let mut glue = String::with_capacity(16);
        glue.push(' ');
        glue.push(self.file.escape());
        glue.push_str("\n    && ");
        let name = first.instruction.name;
        plain.then(|| {
            vec![
                Edit::replace(name.range, self.file.word(name)),
                Edit::replace(range, glue),
            ]
        })
    }

    /// The facts of a RUN.
    pub(crate) fn run(&self, item: &Item<'_>) -> Option<&RunFacts<'a>> {
        self.runs.get(item.run?)
    }

    /// Whether a folder is mounted for a RUN, and so is in no layer.
    pub(crate) fn is_mounted(&self, run: &RunFacts<'_>, path: &str) -> bool {
        self.is_mounted_where(run, |target| target == path)
    }

    /// The same for folders of some kind.
    pub(crate) fn is_mounted_where(
        &self,
        run: &RunFacts<'_>,
        wanted: impl Fn(&str) -> bool,
    ) -> bool {
        self.file.mounts(run.instruction).iter().any(|mount| {
            let kept = matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs);
            let target = self.file.mount_option(mount, "target");
            let target = target.and_then(|option| option.value);
            let target = target.map(|word| self.file.word(word).trim_end_matches('/'));
            kept && target.is_some_and(&wanted)
        })
    }

    /// Whether a blank stands behind a word in its line.
    pub(crate) fn has_blank_behind(&self, word: DockerWord) -> bool {
        let behind = self.file.source().get(usize::from(word.range.end())..);
        behind.is_some_and(|behind| behind.starts_with([' ', '\t']))
    }

    /// What SHELL says above an instruction, in its own stage.
    pub(crate) fn own_shell(&self, item: usize) -> Option<Vec<&'a str>> {
        let shell = self.items.get(self.items.get(item)?.shell?)?;
        let words = self.file.args(shell.instruction).iter();
        Some(words.map(|word| self.file.word(*word)).collect())
    }

    /// The first lines of the stages that take over what ONBUILD holds.
    pub(crate) fn triggered_at(&self, onbuild: usize) -> &[u32] {
        self.triggered.get(&onbuild).map_or(&[], Vec::as_slice)
    }
}
