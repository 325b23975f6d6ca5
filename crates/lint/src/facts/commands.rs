//! The commands of a file as they are read for the rules: facts borrow from them.

use std::cell::OnceCell;

use stagecraft_semantic::ShellScript;
use stagecraft_shell::Script;
use stagecraft_syntax::{Form, Instruction, Keyword, Parse};

use super::unwrapped;
use crate::calls::{Call, Single, Words};

/// The commands of a file that are read for the rules alone; [`Facts`](super::Facts) borrow from them.
pub(crate) struct Scripts {
    /// How many RUN there are.
    pub(super) count: usize,
    /// By the place of the RUN in [`Facts::runs`](super::Facts::runs), once one is asked for: few files have any.
    all: OnceCell<Vec<Read>>,
}

/// The command of one instruction.
#[derive(Default)]
pub(super) struct Read {
    pub(super) script: OnceCell<Option<Box<ShellScript>>>,
    /// See [`RunFacts::misread`](super::RunFacts::misread) and [`read_otherwise`]; there are few.
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

    pub(super) fn get(&self, number: usize) -> Option<&Read> {
        let all = || (0..self.count).map(|_| Read::default()).collect();
        self.all.get_or_init(all).get(number)
    }
}

/// What all RUN of a file call, once it is read; [`Facts`](super::Facts) borrow from it. One list for all takes
/// less time than many small ones.
pub(crate) struct Called<'a> {
    pub(super) simple: OnceCell<Vec<Single<'a>>>,
    pub(super) calls: OnceCell<Vec<Call<'a>>>,
    pub(super) words: Words<'a>,
    /// By the place of the RUN in [`Facts::runs`](super::Facts::runs).
    pub(super) scripts: Vec<Room<'a>>,
}

/// What the command of a RUN is, with its text; what is seen of it borrows from here.
#[derive(Default)]
pub(super) struct Room<'a> {
    pub(super) script: OnceCell<Script<'a>>,
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

/// The command of a RUN whose shell is another one, as `sh` would read it.
pub(super) fn read_as_sh<'a>(
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
pub(super) fn read_otherwise<'a>(
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
