//! What rules read, found once.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use stagecraft_image::Reference as ImageName;
use stagecraft_semantic::ignore::Patterns;
use stagecraft_semantic::{
    Base, Command, DependencyKind, Model, ShellScript, Stage, StageId, Written,
};
use stagecraft_shell::{Dialect, PartKinds, Script, Simple};
use stagecraft_syntax::{
    Form, From, Instruction, Keyword, Kind, MountKind, Parse, Word as DockerWord,
};
use stagecraft_text::{Edit, TextRange, has_part, size, sort, sort_by};

pub(crate) use crate::calls::{Argument, Call};
use crate::calls::{Lists, Names, Single, Words, bit, has_byte};
use crate::config::Config;
use crate::files::{Placed, Seen};
use crate::image_name::WrittenName;
use crate::packages::{self, Family, RunUpkeep};
use crate::programs::{Bits, Programs};
use crate::rule::{Keywords, Mark, Marks, Rule, When};
use crate::shellcheck::Shell;
#[cfg(feature = "elsewhere")]
use crate::shellcheck::Usage;
use crate::triggers;
use crate::{Bases, Subject};

/// The commands of a file that are read for the rules alone; [`Facts`] borrow from them.
pub(crate) struct Scripts {
    /// How many RUN there are.
    count: usize,
    /// By the place of the RUN in [`Facts::runs`], once one is asked for: few files have any.
    all: OnceCell<Vec<Read>>,
}

/// The command of one instruction.
#[derive(Default)]
struct Read {
    script: OnceCell<Option<Box<ShellScript>>>,
    /// See [`RunFacts::misread`] and [`read_otherwise`]; there are few.
    misread: OnceCell<Option<Box<ShellScript>>>,
}

impl Scripts {
    /// Room for the commands of `file`; none is read yet.
    pub(crate) fn of(file: &Parse) -> Self {
        Self {
            count: runs_in(file).count(),
            all: OnceCell::new(),
        }
    }

    fn get(&self, number: usize) -> Option<&Read> {
        let all = || (0..self.count).map(|_| Read::default()).collect();
        self.all.get_or_init(all).get(number)
    }
}

/// What all RUN of a file call, once it is read; [`Facts`] borrow from it. One list for all takes
/// less time than many small ones.
pub(crate) struct Called<'a> {
    simple: OnceCell<Vec<Single<'a>>>,
    calls: OnceCell<Vec<Call<'a>>>,
    words: Words<'a>,
    /// By the place of the RUN in [`Facts::runs`].
    scripts: Vec<Room<'a>>,
}

/// What the command of a RUN is, with its text; what is seen of it borrows from here.
#[derive(Default)]
struct Room<'a> {
    script: OnceCell<Script<'a>>,
    /// Of [`Read::misread`].
    misread: OnceCell<Script<'a>>,
}

impl Called<'_> {
    /// Room for those of as many RUN as `scripts` have; none is read yet.
    pub(crate) fn of(scripts: &Scripts) -> Self {
        Self {
            simple: OnceCell::new(),
            calls: OnceCell::new(),
            words: Words::default(),
            scripts: (0..scripts.count).map(|_| Room::default()).collect(),
        }
    }
}

/// Every RUN, those that ONBUILD holds in its place.
fn runs_in(file: &Parse) -> impl Iterator<Item = &Instruction> {
    let all = file.instructions().iter().map(unwrapped);
    all.filter(|it| it.keyword == Keyword::Run)
}

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

/// What there is to know of a stage.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each asked for by its name"
)]
struct StageFacts {
    /// Place of its first WORKDIR in the items.
    workdir: Option<usize>,
    /// Whether WORKDIR stands in it or in one below it.
    any_workdir: bool,
    /// The same of SHELL.
    any_shell: bool,
    /// Whether another stage starts from it.
    is_base: bool,
    /// The last [`Item::checked`] in it.
    checked: Option<usize>,
    /// The stage that hadolint takes it to go on from, and the one that it has ShellCheck go on
    /// from; see [`Facts::add_taken_bases`].
    taken_base: Option<StageId>,
    checked_base: Option<StageId>,
    /// Whether WORKDIR stands in it or in one that it is taken to go on from.
    taken_workdir: bool,
    /// Whether its layers are those of the last image.
    ships: bool,
    /// The stage that it starts from in the end.
    root: Option<StageId>,
    /// Whether what it starts from in the end is for Windows, as far as the image's name says.
    windows: bool,
}

/// A variable as one instruction sets it.
#[derive(Debug, Clone, Copy)]
struct Assigned<'a> {
    name: &'a str,
    /// Of its name; see [`key`].
    key: u64,
    /// The place in the items.
    item: usize,
    stage: Option<StageId>,
    onbuild: bool,
    /// ARG, not ENV.
    argument: bool,
    value: Option<&'a str>,
}

impl Assigned<'_> {
    /// By the [`key`], and where that is the same by the name: mostly a comparison of numbers.
    #[inline]
    fn compare(&self, key: u64, name: &str) -> Ordering {
        let keys = self.key.cmp(&key);
        keys.then_with(|| self.name.cmp(name))
    }
}

/// The first letters of a name as a number, those of the same name the same.
fn key(name: &str) -> u64 {
    let bytes = name.as_bytes();
    match bytes.first_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => bytes
            .iter()
            .fold(0, |key, byte| key << 8 | u64::from(*byte)),
    }
}

/// What all ARG and ENV set.
struct AllAssigned<'a> {
    /// By [`key`] and name, those of one name in order.
    all: Vec<Assigned<'a>>,
    /// The [`bit`] of each name.
    bits: u64,
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
    checked: Option<usize>,
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

/// So many stages are looked at that start from each other.
const MOST_BELOW: usize = 32;

/// So many names are looked at.
const MOST_NONSENSE: usize = 16;

/// What the builder sets for every RUN where the person who builds has it.
const PROXIES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
];

fn is_named_for_windows(image: &str) -> bool {
    let named = ["windows", "nanoserver", "servercore"];
    // Few names have any letter that all of these have one of.
    has_any!(image, b'v' | b'w') && named.iter().any(|name| has_part(image, name))
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

/// The command of a RUN whose shell is another one, as `sh` would read it.
fn read_as_sh<'a>(
    read: &'a Read,
    room: &'a Room<'a>,
    file: &'a Parse,
    instruction: &Instruction,
) -> Option<&'a Script<'a>> {
    let script = || ShellScript::read(file, instruction, None, false).map(Box::new);
    let script = read.misread.get_or_init(script).as_ref()?.script(file);
    Some(room.misread.get_or_init(|| script))
}

/// The command of a RUN that we have no shell for. A program that is run without one is called all
/// the same; what a shell of Windows reads hadolint takes for a command of `sh`, if it can be one.
fn read_otherwise<'a>(
    read: &'a Read,
    room: &'a Room<'a>,
    file: &'a Parse,
    instruction: &Instruction,
) -> Option<&'a Script<'a>> {
    let script = || {
        if instruction.form == Form::Json {
            return ShellScript::of_program(file, instruction).map(Box::new);
        }
        let read = ShellScript::read(file, instruction, None, false);
        read.filter(|_| cfg!(feature = "elsewhere")).map(Box::new)
    };
    let script = read.misread.get_or_init(script).as_ref()?.script(file);
    let is_one = script.notes().is_empty();
    is_one.then(|| room.misread.get_or_init(|| script))
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
            default_shell: Shell::named(crate::ignored::shell(file).unwrap_or("/bin/sh")),
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
        for (index, outer) in file.instructions().iter().enumerate() {
            let instruction = unwrapped(outer);
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
                    checked = Some(index);
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

    /// What every ARG and ENV sets, by name.
    fn all_assigned(&self) -> AllAssigned<'a> {
        let mut all = Vec::with_capacity(16);
        let mut bits = 0;
        for (at, item) in self.items.iter().enumerate() {
            let keyword = item.instruction.keyword;
            if !matches!(keyword, Keyword::Arg | Keyword::Env) {
                continue;
            }
            for pair in self.file.pairs(item.instruction) {
                let name = self.file.word(pair.name);
                bits |= bit(name);
                all.push(Assigned {
                    name,
                    key: key(name),
                    item: at,
                    stage: item.stage,
                    onbuild: item.onbuild,
                    argument: keyword == Keyword::Arg,
                    value: pair.value.map(|value| unquoted(self.file.word(value))),
                });
            }
        }
        sort_by(&mut all, |one, other| one.compare(other.key, other.name));
        AllAssigned { all, bits }
    }

    /// Notes which stage hadolint takes each to go on from: the last one above that has the name
    /// behind its FROM, without registry and tag. It has that by AS, or, but for ShellCheck, by its
    /// own FROM. Where nobody asks for hadolint's verdicts it is the one that it starts from.
    fn add_taken_bases(&mut self) {
        if !cfg!(feature = "elsewhere") {
            for (stage, facts) in self.model.stages().iter().zip(&mut self.stages) {
                if let Base::Stage(below) = stage.base {
                    facts.taken_base = Some(below);
                    facts.checked_base = Some(below);
                }
            }
            return;
        }
        let (mut known, mut named) = (BTreeMap::new(), BTreeMap::new());
        let stages = self.model.stages().iter().zip(&mut self.stages);
        for (stage, facts) in stages {
            let Some((_, from)) = stage.from_instruction(self.file) else {
                continue;
            };
            let image = from.image.map(|word| self.file.word(word));
            let Some(image) = image.and_then(WrittenName::read) else {
                continue;
            };
            facts.taken_base = known.get(image.name).copied();
            facts.checked_base = named.get(image.name).copied();
            let name = from.name.map(|name| self.file.word(name));
            known.insert(name.unwrap_or(image.name), stage.id);
            named.extend(name.map(|name| (name, stage.id)));
        }
    }

    /// What hadolint takes a stage to go on with.
    fn checked_below(&self, stage: Option<StageId>) -> Option<usize> {
        let below = self.stage(stage).checked_base?;
        self.stage(Some(below)).checked
    }

    /// Notes what the instruction at that place means for its stage.
    fn stage_at(&mut self, at: usize, checked: Option<usize>) {
        let Some(item) = self.items.get(at) else {
            return;
        };
        let own = match item.stage {
            Some(id) => self.stages.get_mut(id.index()),
            None => Some(&mut self.no_stage),
        };
        if let Some(facts) = own.filter(|_| !item.onbuild) {
            facts.checked = checked;
            match item.instruction.keyword {
                Keyword::Workdir => facts.workdir = facts.workdir.or(Some(at)),
                Keyword::Shell => facts.any_shell = true,
                _ => {}
            }
        }
    }

    /// Hands on what a stage has from the one that it starts from, which stands above it.
    fn chain(&mut self) {
        for (at, stage) in self.model.stages().iter().enumerate() {
            let below = match stage.base {
                Base::Stage(id) => self.stages.get_mut(id.index()).map(|below| {
                    below.is_base = true;
                    *below
                }),
                _ => None,
            };
            let below = below.unwrap_or_default();
            let taken = self.stages.get(at).and_then(|facts| facts.taken_base);
            let taken_workdir = taken.is_some_and(|id| self.stage(Some(id)).taken_workdir);
            if let Some(facts) = self.stages.get_mut(at) {
                facts.taken_workdir = facts.workdir.is_some() || taken_workdir;
                facts.any_workdir = facts.workdir.is_some() || below.any_workdir;
                facts.any_shell |= below.any_shell;
                facts.root = match stage.base {
                    // Only an earlier one.
                    Base::Stage(_) => below.root.filter(|root| *root < stage.id),
                    _ => Some(stage.id),
                };
                facts.windows = match &stage.base {
                    Base::Image(name) => is_named_for_windows(name),
                    Base::Stage(_) => below.windows,
                    _ => false,
                };
            }
        }
        let mut next = self.model.stages().last();
        while let Some(stage) = next {
            if let Some(facts) = self.stages.get_mut(stage.id.index()) {
                facts.ships = true;
            }
            // Only an earlier one, so that this ends.
            next = match stage.base {
                Base::Stage(id) if id < stage.id => self.model.stage(id),
                _ => None,
            };
        }
    }

    /// Whether the layers of a stage are those of the last image.
    pub(crate) fn ships(&self, stage: Option<StageId>) -> bool {
        self.stage(stage).ships
    }

    /// Where what an item puts into the image is kept, once it is asked for.
    pub(crate) fn room_for_placed(&self, at: usize) -> Option<&OnceCell<Vec<Placed>>> {
        let rooms = || self.items.iter().map(|_| OnceCell::new()).collect();
        self.placed.get_or_init(rooms).get(at)
    }

    /// What a stage starts from in the end, once stages that stand on others are followed.
    pub(crate) fn root(&self, stage: Option<StageId>) -> Option<&'a Base> {
        let root = self.stage(stage).root?;
        self.model.stage(root).map(|stage| &stage.base)
    }

    /// The image that a stage starts from in the end.
    pub(crate) fn root_image(&self, stage: Option<StageId>) -> Option<ImageName<'a>> {
        self.image(self.stage(stage).root?)
    }

    /// The image that a stage starts from, where it starts from one that can be.
    pub(crate) fn image(&self, stage: StageId) -> Option<ImageName<'a>> {
        self.model.stage(stage)?.image()
    }

    /// Whether the image that a stage starts from in the end is for Windows, by its name.
    pub(crate) fn is_windows_below(&self, stage: Option<StageId>) -> bool {
        self.stage(stage).windows
    }

    fn stage(&self, stage: Option<StageId>) -> &StageFacts {
        let facts = stage.and_then(|id| self.stages.get(id.index()));
        facts.unwrap_or(&self.no_stage)
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
        let Some(shell) = item.checked else {
            return self.default_shell;
        };
        let words = self.file.args(self.items.get(shell)?.instruction);
        Shell::named(self.file.word(*words.first()?))
    }

    /// Whether hadolint takes a variable to be set and exported where a RUN stands.
    pub(crate) fn is_exported(&self, run: &RunFacts<'_>, name: &str) -> bool {
        if name.ends_with(['y', 'Y']) && PROXIES.contains(&name) {
            return true;
        }
        let above = self.above(name, run.item);
        if above.is_empty() {
            return false;
        }
        let index = |stage: Option<StageId>| stage.map(StageId::index);
        let mut stage = run.stage;
        for _ in 0..MOST_BELOW {
            // The stages stand in order.
            let start = above.partition_point(|it| index(it.stage) < index(stage));
            let own = above.get(start..).unwrap_or_default().iter();
            let mut own = own.take_while(|it| it.stage == stage);
            if own.any(|it| it.onbuild == run.onbuild) {
                return true;
            }
            stage = self.stage(stage).checked_base;
            if stage.is_none() {
                return false;
            }
        }
        false
    }

    /// Whether hadolint exports something there that no shell can read.
    pub(crate) fn exports_nonsense(&self, run: &RunFacts<'_>) -> bool {
        let mut names = self.nonsense.iter().take(MOST_NONSENSE);
        names.any(|name| self.is_exported(run, name))
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
        self.file.mounts(run.instruction).iter().any(|mount| {
            let kept = matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs);
            let target = self.file.mount_option(mount, "target");
            let target = target.and_then(|option| option.value);
            let target = target.map(|word| self.file.word(word).trim_end_matches('/'));
            kept && target == Some(path)
        })
    }

    /// The value of a variable while a RUN works.
    pub(crate) fn value(&self, run: &RunFacts<'_>, name: &str) -> Option<&str> {
        let item = self.items.get(run.item)?;
        if let Some(command) = item.command {
            // What nothing sets need not be looked for.
            let set = !self.assigned(name).is_empty() || self.marks.has(Mark::BaseConfigs);
            return set.then(|| self.model.scopes().value(command.before, name))?;
        }
        // No build gets there, but what stands above it is clear.
        let above = self.above(name, run.item);
        let own = above.iter().rev().find(|it| it.stage == run.stage)?;
        own.value
    }

    /// What sets a variable.
    fn assigned(&self, name: &str) -> &[Assigned<'a>] {
        let AllAssigned { all, bits } = self.assigned.get_or_init(|| self.all_assigned());
        // Most names that are asked for and not there have no bit either.
        if bits & bit(name) == 0 {
            return &[];
        }
        let key = key(name);
        let start = all.partition_point(|it| it.compare(key, name).is_lt());
        let all = all.get(start..).unwrap_or_default();
        let end = all.partition_point(|it| it.compare(key, name).is_eq());
        all.get(..end).unwrap_or_default()
    }

    /// What sets a variable above a place of the items.
    fn above(&self, name: &str, at: usize) -> &[Assigned<'a>] {
        let all = self.assigned(name);
        let end = all.partition_point(|it| it.item < at);
        all.get(..end).unwrap_or_default()
    }

    /// Whether some ARG or ENV above that place names a variable.
    pub(crate) fn is_assigned_above(&self, name: &str, at: usize) -> bool {
        !self.above(name, at).is_empty()
    }

    /// Whether some ARG above that place declares a variable.
    pub(crate) fn is_argument_above(&self, name: &str, at: usize) -> bool {
        self.above(name, at).iter().any(|it| it.argument)
    }

    /// Whether nothing that a RUN leaves gets into the last image or one that it starts from.
    pub(crate) fn is_thrown_away(&self, run: &RunFacts<'_>) -> bool {
        let last = self.model.stages().last().map(|stage| stage.id);
        let stage = run.stage.filter(|_| !run.onbuild);
        stage.is_some() && stage != last && !self.stage(stage).is_base
    }

    /// The same as hadolint has it, which knows a stage by its name as written, and takes one
    /// without a name for the last where both start from the same.
    pub(crate) fn is_thrown_away_as_written(&self, run: &RunFacts<'_>) -> bool {
        let stage = run.stage.filter(|_| !run.onbuild);
        let Some(stage) = stage.and_then(|id| self.model.stage(id)) else {
            return false;
        };
        let from = |stage: &Stage| stage.from_instruction(self.file).map(|(_, from)| from);
        let last = self.model.stages().last();
        let Some((own, last)) = from(stage).zip(last.filter(|last| last.id != stage.id)) else {
            return false;
        };
        if let Some(name) = own.name {
            let started = self.started_from.get_or_init(|| self.all_started_from());
            return started.binary_search(&self.file.word(name)).is_err();
        }
        let written = |from: &From| {
            let platform = from.platform.map(|it| self.file.word(it));
            (from.image.map(|it| self.file.word(it)), platform)
        };
        from(last).is_none_or(|last| last.name.is_some() || written(last) != written(own))
    }

    fn all_started_from(&self) -> Vec<&'a str> {
        let images = self
            .items
            .iter()
            .filter_map(|item| match &item.instruction.kind {
                Kind::From(from) => from.image,
                _ => None,
            });
        let names = images.filter_map(|image| self.file.word(image).split([':', '@']).next());
        let mut names: Vec<&str> = names.collect();
        sort(&mut names);
        names
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

    /// Whether SHELL stands in a stage or one below it.
    pub(crate) fn has_shell(&self, stage: Option<StageId>) -> bool {
        self.stage(stage).any_shell
    }

    /// The first lines of the stages that take over what ONBUILD holds.
    pub(crate) fn triggered_at(&self, onbuild: usize) -> &[u32] {
        self.triggered.get(&onbuild).map_or(&[], Vec::as_slice)
    }

    /// Whether WORKDIR is set where an instruction stands, by its stage or one below.
    pub(crate) fn has_workdir(&self, item: &Item<'_>, at: usize) -> bool {
        let base = item.stage.and_then(|id| self.model.stage(id));
        let below = match base.map(|stage| &stage.base) {
            Some(Base::Stage(id)) => self.stage(Some(*id)).any_workdir,
            _ => false,
        };
        below || self.has_own_workdir(item, at)
    }

    /// Whether hadolint takes WORKDIR to be set there.
    pub(crate) fn has_taken_workdir(&self, item: &Item<'_>, at: usize) -> bool {
        let below = self.stage(item.stage).taken_base;
        below.is_some_and(|id| self.stage(Some(id)).taken_workdir) || self.has_own_workdir(item, at)
    }

    fn has_own_workdir(&self, item: &Item<'_>, at: usize) -> bool {
        let first = self.stage(item.stage).workdir;
        first.is_some_and(|first| first < at)
    }

    /// Where each stage first sets a variable to such a value by ENV.
    pub(crate) fn first_set(
        &self,
        name: &str,
        fits: fn(&str) -> bool,
    ) -> BTreeMap<Option<StageId>, usize> {
        let all = self.assigned(name).iter();
        let all = all.filter(|it| !it.argument && !it.onbuild && it.value.is_some_and(fits));
        // The last that is put there stays.
        all.rev().map(|it| (it.stage, it.item)).collect()
    }

    /// Whether hadolint takes it that one of these places is above a RUN: in its stage, or in those
    /// that it takes to be below it.
    pub(crate) fn is_taken_over(
        &self,
        run: &RunFacts<'_>,
        places: &BTreeMap<Option<StageId>, usize>,
    ) -> bool {
        if places.is_empty() {
            return false;
        }
        let below = |stage: &Option<StageId>| Some(Some(self.stage(*stage).taken_base?));
        let mut stages = std::iter::successors(Some(run.stage), below).take(MOST_BELOW);
        stages.any(|stage| places.get(&stage).is_some_and(|place| *place < run.item))
    }
}
