//! How [`Facts`] are worked out: one walk over the instructions.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use stagecraft_semantic::ignore::Patterns;
use stagecraft_semantic::{Command, DependencyKind, ShellScript, Stage, StageId, Written};
use stagecraft_shell::{Dialect, PartKinds, Script};
use stagecraft_syntax::{Form, Instruction, Keyword, Kind};

use super::commands::{Called, Scripts, read_as_sh, read_otherwise};
use super::stages::StageFacts;
use super::{Facts, Item, RunFacts, Told, unwrapped};
use crate::calls::{Lists, Names};
use crate::packages::RunUpkeep;
use crate::programs::Bits;
use crate::rule::{Keywords, Mark, Marks};
use crate::shellcheck::Shell;
use crate::{Subject, ignored};

impl<'a> Facts<'a> {
    /// Works them out; `others` is [`Facts::others`].
    pub(crate) fn new(
        subject: Subject<'a>,
        scripts: &'a Scripts,
        called: &'a Called<'a>,
        others: bool,
    ) -> Self {
        let Subject { file, model, .. } = subject;
        let mut facts = Self {
            file,
            model,
            others,
            ignore: subject.dockerignore.map(Patterns::read),
            config: subject.config,
            bases: subject.bases,
            scripts,
            called,
            items: Vec::with_capacity(file.instructions().len()),
            placed: OnceCell::new(),
            runs: Vec::with_capacity(scripts.count),
            keywords: Keywords::default(),
            marks: Marks::default(),
            programs: Bits::default(),
            names: Names::default(),
            parts: PartKinds::of(&[]),
            any_compound: false,
            letters: OnceCell::new(),
            any_misread: false,
            stages: vec![StageFacts::default(); model.stages().len()],
            no_stage: StageFacts::default(),
            default_shell: Some(Shell::Sh),
            started_from: OnceCell::new(),
            assigned: OnceCell::new(),
            nonsense: Vec::new(),
            triggered: BTreeMap::new(),
            late: OnceCell::new(),
        };
        if model.stages().len() > 1 {
            facts.add_taken_bases();
        }
        let mut growing = Lists::for_bytes(file.source().len());
        let mut stages = model.stages().iter().peekable();
        let mut stage = None;
        let mut commands = [].iter().peekable();
        let mut shell = None;
        let mut checked = None;
        let tells_shell = ignored::tells_shell(file);
        for (index, outer) in file.instructions().iter().enumerate() {
            let instruction = unwrapped(outer);
            if tells_shell {
                checked = facts.told_above(index, outer).or(checked);
            }
            while let Some(next) = stages.next_if(|stage| stage.from <= index) {
                stage = Some(next.id);
                let own = model.commands(next);
                // Those that it takes over come first.
                let taken = own
                    .iter()
                    .take_while(|it| !matches!(it.written, Written::Here(_)));
                commands = own
                    .get(taken.count()..)
                    .unwrap_or_default()
                    .iter()
                    .peekable();
            }
            let item = Item {
                instruction,
                onbuild: outer.keyword == Keyword::Onbuild,
                stage,
                run: None,
                command: commands.next_if(|it| it.written == Written::Here(index)),
                shell,
                checked,
            };
            facts.items.push(item);
            facts.keywords.add(outer.keyword);
            facts.keywords.add(instruction.keyword);
            facts.mark(outer.empty_continuation, instruction, item.stage);
            match instruction.keyword {
                Keyword::From => {
                    shell = None;
                    checked = facts.checked_below(item.stage);
                }
                Keyword::Shell if !item.onbuild => {
                    shell = Some(index);
                    checked = Some(Told::Shell(index));
                }
                Keyword::Run => facts.run_at(index, &mut growing),
                Keyword::Arg | Keyword::Env => {
                    if others {
                        facts.add_nonsense(instruction);
                    }
                    if !item.onbuild {
                        checked = None;
                    }
                }
                _ => {}
            }
            facts.stage_at(index, checked);
        }
        facts.mark_file();
        facts.share(growing);
        if facts.keywords.has(Keyword::Onbuild) {
            facts.add_triggered();
        }
        facts.chain();
        facts.add_readers();
        facts
    }

    /// What a comment above an instruction says of the shell that hadolint takes commands for; above
    /// the first one it is for the whole file.
    fn told_above(&mut self, index: usize, instruction: &Instruction) -> Option<Told> {
        let told = Shell::told(ignored::shell_above(self.file, instruction)?);
        if index == 0 {
            self.default_shell = told;
            return None;
        }
        Some(Told::Comment(told))
    }

    /// Notes which shell reads each RUN.
    fn add_readers(&mut self) {
        for at in 0..self.runs.len() {
            let reader = self.runs.get(at).and_then(|run| self.reader(run));
            if let Some(run) = self.runs.get_mut(at) {
                run.reader = reader;
            }
        }
    }

    /// Notes what an instruction has that starts rules.
    fn mark(&mut self, empty: bool, instruction: &Instruction, stage: Option<StageId>) {
        let marks = &mut self.marks;
        marks.add(Mark::EmptyLines, empty);
        marks.add(Mark::BeforeFrom, stage.is_none());
        match &instruction.kind {
            Kind::From(from) => {
                marks.add(Mark::Platforms, from.platform.is_some());
                marks.add(Mark::StageNames, from.name.is_some());
            }
            Kind::Transfer(transfer) => marks.add(Mark::CopiesFrom, transfer.from.is_some()),
            _ => {}
        }
    }

    /// Notes what the file and who looks at it have that starts rules.
    fn mark_file(&mut self) {
        let (marks, stages) = (&mut self.marks, self.model.stages());
        marks.add(Mark::Comments, !self.file.comments().is_empty());
        marks.add(Mark::SmallLetters, self.file.has_small_letters());
        marks.add(Mark::Stages, stages.len() > 1);
        for stage in stages {
            marks.add(Mark::BaseVariables, !stage.references.is_empty());
            let mut needs = stage.dependencies.iter();
            let any_besides = needs.any(|need| need.kind != DependencyKind::From);
            marks.add(Mark::Dependencies, any_besides);
        }
        let sets = |stage: &Stage| stage.base_config.is_some();
        marks.add(Mark::BaseConfigs, stages.iter().any(sets));
        marks.add(Mark::Dockerignore, self.ignore.is_some());
        marks.add(Mark::Labels, !self.config.labels.is_empty());
        marks.add(Mark::Registries, !self.config.trusted_registries.is_empty());
    }

    /// Notes which ONBUILD is taken over where.
    fn add_triggered(&mut self) {
        for stage in self.model.stages() {
            let from = self.file.instructions().get(stage.from);
            let line = from.map_or(0, |from| from.lines.first);
            for command in self.model.commands(stage) {
                if let Written::OnBuild(index) = command.written {
                    self.triggered.entry(index).or_default().push(line);
                }
            }
        }
    }

    /// Notes what an instruction sets that no shell can read.
    fn add_nonsense(&mut self, instruction: &Instruction) {
        // hadolint knows one name of ARG.
        let most = match instruction.keyword {
            Keyword::Arg => 1,
            _ => usize::MAX,
        };
        for pair in self.file.pairs(instruction).iter().take(most) {
            let name = self.file.word(pair.name);
            let quotes = name.matches(['"', '\'']).count();
            if has_any!(name, b'(' | b'`') || !quotes.is_multiple_of(2) {
                self.nonsense.push(name);
            }
        }
    }

    /// Hands to each RUN what it calls.
    fn share(&mut self, mut lists: Lists<'a>) {
        let called = self.called;
        called.words.set(lists.words, lists.late);
        for call in &mut lists.calls {
            call.share();
        }
        let simple = called.simple.get_or_init(|| lists.simple);
        let calls = called.calls.get_or_init(|| lists.calls);
        for run in &mut self.runs {
            let (own_simple, own_calls) = run.places.clone();
            run.simple = simple.get(own_simple).unwrap_or_default();
            run.calls = calls.get(own_calls).unwrap_or_default();
        }
    }

    /// Looks at the RUN with that place in the items. What it calls is added to `lists`.
    fn run_at(&mut self, at: usize, lists: &mut Lists<'a>) {
        let number = self.runs.len();
        let Some(item) = self.items.get_mut(at) else {
            return;
        };
        item.run = Some(number);
        let Item {
            instruction,
            onbuild,
            stage,
            command,
            ..
        } = *item;
        let shell = self.shell_at(at, command);
        // A shell that nobody knows is taken for one like others, unless it is one of Windows.
        let known = shell.as_deref().filter(|shell| {
            let words: Vec<&str> = shell.iter().map(String::as_str).collect();
            Dialect::from_shell(&words) != Dialect::Opaque || is_of_windows(shell, false)
        });
        let file = self.file;
        let (scripts, room) = (self.scripts, self.called.scripts.get(number));
        let read = || scripts.get(number);
        // Mostly it is read as the plan of the file reads it, and so once for both.
        let shared = command.filter(|_| !onbuild && known.is_some() == shell.is_some());
        let script = match shared {
            Some(command) => self.model.script(file, command),
            None => read().and_then(|read| {
                let script = || ShellScript::read(file, instruction, known, false).map(Box::new);
                Some(read.script.get_or_init(script).as_ref()?.script(file))
            }),
        };
        let script = room.zip(script);
        let script = script.map(|(room, script)| room.script.get_or_init(|| script));
        // A heredoc that names its own program is not looked at.
        let own = |script: &Script<'_>| script.text().starts_with("#!");
        let checked = self.checked_shell(at);
        let checked = checked.filter(|_| !script.is_some_and(own));
        let unread = |script: &Script<'_>| script.dialect() == Dialect::Opaque;
        let misread =
            cfg!(feature = "elsewhere") && checked.is_some() && script.is_some_and(unread);
        let misread = misread.then(read).flatten().zip(room);
        let misread = misread.and_then(|(read, room)| read_as_sh(read, room, file, instruction));
        let (mut first, first_call) = (lists.simple.len(), lists.calls.len());
        let mut names = Names::default();
        let windows = shell.as_deref().is_some_and(|it| is_of_windows(it, false));
        let other = (script.is_none() || windows).then(read).flatten().zip(room);
        let other = other.and_then(|(read, room)| read_otherwise(read, room, file, instruction));
        if let Some(script) = other.or(script) {
            names = lists.add(script, &self.called.words);
        }
        // hadolint does not know what `["sh", "-c", "..."]` does.
        let wraps = instruction.form == Form::Json && other.is_none();
        let (mut programs, mut upkeep) = (Bits::default(), RunUpkeep::default());
        for call in lists.calls.iter_mut().skip(first_call) {
            call.wrapped |= wraps;
            programs.add(call.bit);
            upkeep.add(call.upkeep);
        }
        self.programs.add(programs);
        let commands = names.known;
        if let Some(script) = misread {
            first = lists.simple.len();
            names = Names::read(script, &mut lists.simple);
        }
        self.names.join(names);
        if let Some(script) = misread.or(script) {
            self.parts = self.parts.and(script.kinds());
            self.any_compound |= script.has_compound();
        }
        let places = (first..lists.simple.len(), first_call..lists.calls.len());
        self.any_misread |= misread.is_some();
        self.runs.push(RunFacts {
            late: OnceCell::new(),
            backquotes: OnceCell::new(),
            checked,
            misread,
            reader: None,
            foreign: shell
                .as_deref()
                .is_some_and(|shell| is_of_windows(shell, true)),
            instruction,
            onbuild,
            stage,
            script,
            places,
            simple: &[],
            shell,
            calls: &[],
            programs,
            upkeep,
            names,
            commands,
            item: at,
            number,
        });
    }

    /// What SHELL says for the RUN with that place in the items.
    fn shell_at(&self, at: usize, command: Option<&Command>) -> Option<Vec<String>> {
        if let Some(command) = command {
            let shell = self.model.scopes().shell(command.before);
            return shell.map(<[String]>::to_vec);
        }
        let words = self.own_shell(at)?.into_iter();
        Some(words.map(str::to_owned).collect())
    }

    /// Which shell hadolint takes the RUN with that place in the items to be written for.
    fn checked_shell(&self, at: usize) -> Option<Shell> {
        let item = self.items.get(at)?;
        if item.instruction.form == Form::Json {
            return None;
        }
        if item.onbuild {
            return Some(Shell::Sh);
        }
        match item.checked {
            None => self.default_shell,
            Some(Told::Comment(shell)) => shell,
            Some(Told::Shell(at)) => {
                let words = self.file.args(self.items.get(at)?.instruction);
                Shell::named(self.file.word(*words.first()?))
            }
        }
    }
}

/// Whether SHELL names a shell of Windows; hadolint knows them without their folder only.
fn is_of_windows(shell: &[String], with_folder: bool) -> bool {
    shell.first().is_some_and(|program| {
        let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let bare = name.len() == program.len();
        let name = name.to_lowercase();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        (bare || with_folder) && matches!(name, "cmd" | "powershell" | "pwsh")
    })
}
