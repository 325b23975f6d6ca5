//! What steps come to is kept while a Dockerfile is edited: a step that is made of the same, and
//! stands on the same, comes to the same. Everything that goes into one is compared, and nothing is
//! taken for equal because it stands at the same place.

use std::rc::Rc;
use std::sync::Arc;

use memchr::memchr;
use stagecraft_semantic::{Command, Dependency, Model, Scopes, Source, State, Variable};
use stagecraft_syntax::{Instruction, Parse};
use stagecraft_text::slice;

use crate::Surroundings;
use crate::context::Context;
use crate::held::Files;
use crate::model::{Outcome, Waste};
use crate::run::Machine;

/// More variables than anybody has: those of many edits. Then all is forgotten.
const MOST_VARIABLES: usize = 20_000;

/// Of the variables upon one, and of the folders and users with the same variables, only so many are
/// looked at: what is not found is taken for new.
const MOST_ALIKE: usize = 64;

/// What holds before a step and behind it, by number.
pub(crate) type Around = (usize, usize);

/// What the steps of the plan before came to.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// What all of it depends on.
    around: Option<(Surroundings, char)>,
    scopes: KnownScopes,
    /// By step: those of the plan before, until others take their places.
    steps: Vec<Option<Box<Record>>>,
    /// What stages start with, in the order of their first steps; what is taken over goes from those
    /// of the plan before to `starts`.
    past_starts: Vec<Start>,
    starts: Vec<Start>,
}

/// What a stage finds in its image.
#[derive(Debug)]
struct Start {
    first: usize,
    machine: Rc<Machine>,
    empty: Files,
    files: Files,
}

/// What a step is made of and what it came to.
#[derive(Debug)]
pub(crate) struct Record {
    text: Box<str>,
    /// Whether there may be variables in it.
    has_variables: bool,
    is_broken: bool,
    scopes: Around,
    words: Vec<Box<str>>,
    needs: Vec<(Dependency, Option<Files>)>,
    before: Land,
    outcome: Arc<Outcome>,
    /// `None` where that is what was before.
    after: Option<Land>,
    waste: Vec<Waste>,
    work: usize,
}

/// What a stage has, before a step or after it.
#[derive(Debug, Clone)]
pub(crate) struct Land {
    pub(crate) files: Files,
    pub(crate) machine: Rc<Machine>,
    /// Paths below which nothing is kept of what RUN writes; `None` where there is none.
    pub(crate) volumes: Option<Rc<Vec<String>>>,
}

/// What there is behind the last step of a stage.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) land: Land,
    /// The last step that makes a layer, or the FROM.
    pub(crate) last: Option<usize>,
}

impl Land {
    fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.machine, &other.machine)
            && self.files.is(&other.files)
            && self.volumes == other.volumes
    }
}

/// A step whose outcome is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'s> {
    pub(crate) model: &'s Model,
    pub(crate) command: &'s Command,
    pub(crate) file: &'s Parse,
    pub(crate) instruction: &'s Instruction,
    pub(crate) needs: &'s [Dependency],
    /// Its place among all.
    pub(crate) at: usize,
}

impl<'s> Asked<'s> {
    fn text(&self) -> &'s str {
        slice(self.file.source(), self.instruction.range)
    }

    fn words(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        let Self {
            model,
            command,
            file,
            ..
        } = *self;
        let words = model.words(command).iter();
        words.map(move |word| model.text(file, command, word))
    }

    /// What it needs, with the files of stages.
    fn needs<'f>(
        &self,
        stages: &'f [Ended],
    ) -> impl Iterator<Item = (&'s Dependency, Option<&'f Files>)> + use<'s, 'f> {
        let own = self.command.stage;
        self.needs.iter().map(move |need| match need.source {
            Source::Stage(other) if other < own => {
                let ended = stages.get(other.index());
                (need, ended.map(|ended| &ended.land.files))
            }
            _ => (need, None),
        })
    }
}

impl Kept {
    /// Starts with another plan of that file.
    pub(crate) fn begin(&mut self, file: &Parse, around: &Surroundings) {
        let is_same = self
            .around
            .as_ref()
            .is_some_and(|(known, escape)| *escape == file.escape() && is_same(known, around));
        if !is_same || self.scopes.is_full() {
            *self = Self::default();
            self.around = Some((around.clone(), file.escape()));
        }
        std::mem::swap(&mut self.past_starts, &mut self.starts);
        self.starts.clear();
        self.scopes.begin();
    }

    /// Ends with it, which has so many steps.
    pub(crate) fn end(&mut self, steps: usize) {
        self.steps.truncate(steps);
    }

    /// The files that the stage with that first step starts with, where `write` writes what its
    /// image has.
    pub(crate) fn start(
        &mut self,
        first: usize,
        machine: &Rc<Machine>,
        empty: Files,
        write: impl FnOnce(&mut Files),
    ) -> Files {
        let at = self.past_starts.partition_point(|past| past.first < first);
        let known = self.past_starts.get(at).filter(|past| {
            past.first == first && Rc::ptr_eq(&past.machine, machine) && past.empty.is(&empty)
        });
        let files = if let Some(known) = known {
            known.files.clone()
        } else {
            let mut files = empty.clone();
            write(&mut files);
            files
        };
        self.starts.push(Start {
            first,
            machine: Rc::clone(machine),
            empty,
            files: files.clone(),
        });
        files
    }

    /// The numbers of what holds before a step and behind it.
    pub(crate) fn scopes(&mut self, asked: Asked<'_>) -> Around {
        self.scopes.around(asked)
    }

    /// What the step at that place came to, where it is made of the same and stands on the same, and
    /// what it left; `work` says how much may be looked at.
    pub(crate) fn take(
        &self,
        asked: Asked<'_>,
        scopes: Around,
        land: &Land,
        stages: &[Ended],
        work: usize,
    ) -> Option<&Record> {
        let past = self.steps.get(asked.at)?.as_deref()?;
        let is_same = past.scopes == scopes
            && past.is_broken == asked.instruction.broken
            && past.work <= work
            && *past.text == *asked.text()
            && past.before.is(land)
            && (!past.has_variables || past.has_words_of(&asked))
            && past.needs.len() == asked.needs.len()
            && (past.needs.is_empty() || past.has_needs_of(&asked, stages));
        is_same.then_some(past)
    }

    /// Keeps what a step came to, and gives what is left of it the identity that it had before where
    /// it is the same.
    pub(crate) fn keep(
        &mut self,
        (asked, scopes): (Asked<'_>, Around),
        before: Land,
        stages: &[Ended],
        (outcome, after): (&Arc<Outcome>, &mut Land),
        (waste, work): (&[Waste], usize),
    ) {
        if *after.machine == *before.machine {
            after.machine = Rc::clone(&before.machine);
        }
        let past = self.steps.get(asked.at).and_then(Option::as_deref);
        if let Some(past) = past.filter(|past| past.before.is(&before)) {
            let past = past.after.as_ref().unwrap_or(&past.before);
            if after.files.is_alike(&past.files, &before.files) {
                after.files = past.files.clone();
            }
            if *after.machine == *past.machine {
                after.machine = Rc::clone(&past.machine);
            }
        }
        let needs = asked.needs(stages);
        let needs = needs.map(|(need, files)| (need.clone(), files.cloned()));
        let text = asked.text();
        let record = Box::new(Record {
            text: text.into(),
            has_variables: memchr(b'$', text.as_bytes()).is_some(),
            is_broken: asked.instruction.broken,
            scopes,
            words: asked.words().map(Into::into).collect(),
            needs: needs.collect(),
            after: (!after.is(&before)).then(|| after.clone()),
            before,
            outcome: Arc::clone(outcome),
            waste: waste.to_vec(),
            work,
        });
        self.put(asked.at, record);
    }

    fn put(&mut self, at: usize, record: Box<Record>) {
        if self.steps.len() <= at {
            self.steps.resize_with(at + 1, || None);
        }
        if let Some(place) = self.steps.get_mut(at) {
            *place = Some(record);
        }
    }
}

impl Record {
    /// Whether a step with the same text has the same words. Only variables make others of it.
    fn has_words_of(&self, asked: &Asked<'_>) -> bool {
        self.words.iter().map(|word| &**word).eq(asked.words())
    }

    fn has_needs_of(&self, asked: &Asked<'_>, stages: &[Ended]) -> bool {
        let mut pairs = self.needs.iter().zip(asked.needs(stages));
        pairs.all(|(past, need)| is_same_need(past, need))
    }

    /// What it came to, what it left where that is not what was there, what it hid, and how much was
    /// looked at for it.
    pub(crate) fn parts(&self) -> (&Arc<Outcome>, Option<&Land>, &[Waste], usize) {
        (&self.outcome, self.after.as_ref(), &self.waste, self.work)
    }
}

/// Whether a step needs the same.
fn is_same_need(
    (past, past_files): &(Dependency, Option<Files>),
    (need, files): (&Dependency, Option<&Files>),
) -> bool {
    let files = match (past_files, files) {
        (Some(past), Some(files)) => past.is(files),
        (past, files) => past.is_none() && files.is_none(),
    };
    files && past.kind == need.kind && past.source == need.source && past.name == need.name
}

/// Whether the surroundings are the same; what is shared need not be compared.
fn is_same(one: &Surroundings, other: &Surroundings) -> bool {
    let Surroundings {
        context,
        dockerignore,
        folders,
        // Told of each step anew.
        secrets: _,
        platform,
        tables,
        told,
        builder,
        bases,
    } = one;
    let is_same = |one: Option<&Arc<Context>>, other: Option<&Arc<Context>>| match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    let pairs = folders.iter().zip(&other.folders);
    is_same(context.as_ref(), other.context.as_ref())
        && *dockerignore == other.dockerignore
        && folders.len() == other.folders.len()
        && { pairs }.all(|(one, other)| one.0 == other.0 && Arc::ptr_eq(one.1, other.1))
        && *platform == other.platform
        && *tables == other.tables
        && *told == other.told
        && *builder == other.builder
        && *bases == other.bases
}

/// A number for each state of variables, folder, user and shell: the same for equal ones, of
/// whatever text.
#[derive(Debug, Default)]
struct KnownScopes {
    variables: Vec<KnownVariable>,
    states: Vec<KnownState>,
    /// Of the text at hand: the variables in order of where they are, and the last state.
    here: Vec<(*const Variable, usize)>,
    last: Option<(State, usize)>,
}

/// A variable on top of others. The first stands for none.
#[derive(Debug, Default)]
struct KnownVariable {
    name: Box<str>,
    value: Option<Box<str>>,
    /// What was set next.
    above: Numbers,
    /// The states with it as the newest one.
    states: Numbers,
}

/// A few numbers, mostly asked for in the order in which they came.
#[derive(Debug, Default)]
struct Numbers {
    all: Vec<usize>,
    /// Behind the one that was found last.
    next: usize,
}

impl Numbers {
    fn find(&mut self, is_wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let Self { all, next } = self;
        for _ in 0..all.len().min(MOST_ALIKE) {
            let number = *all.get(*next)?;
            *next += 1;
            if *next == all.len() {
                *next = 0;
            }
            if is_wanted(number) {
                return Some(number);
            }
        }
        None
    }
}

#[derive(Debug)]
struct KnownState {
    workdir: Option<Box<str>>,
    user: Option<Box<str>>,
    shell: Option<Vec<String>>,
}

impl KnownScopes {
    fn is_full(&self) -> bool {
        self.variables.len().max(self.states.len()) > MOST_VARIABLES
    }

    fn begin(&mut self) {
        self.here.clear();
        self.last = None;
        if self.variables.is_empty() {
            self.variables.push(KnownVariable::default());
        }
    }

    /// Those before a command and behind it.
    fn around(&mut self, asked: Asked<'_>) -> Around {
        let scopes = asked.model.scopes();
        let Command { before, after, .. } = asked.command;
        let number = self.state(scopes, before);
        // Most leave it as it is.
        if after == before {
            (number, number)
        } else {
            (number, self.state(scopes, after))
        }
    }

    fn state(&mut self, scopes: &Scopes, state: &State) -> usize {
        match &self.last {
            Some((last, number)) if last == state => *number,
            _ => self.other_state(scopes, *state),
        }
    }

    fn other_state(&mut self, scopes: &Scopes, state: State) -> usize {
        let newest = self.newest(scopes, state);
        let texts = (scopes.workdir(state), scopes.user(state));
        let shell = scopes.shell(state);
        let states = &self.states;
        let is_same = |number: usize| {
            states.get(number).is_some_and(|known| {
                (known.workdir.as_deref(), known.user.as_deref()) == texts
                    && known.shell.as_deref() == shell
            })
        };
        let known = self.variables.get_mut(newest);
        let known = known.and_then(|variable| variable.states.find(is_same));
        let number = known.unwrap_or_else(|| {
            let number = self.states.len();
            self.states.push(KnownState {
                workdir: texts.0.map(Into::into),
                user: texts.1.map(Into::into),
                shell: shell.map(<[String]>::to_vec),
            });
            if let Some(variable) = self.variables.get_mut(newest) {
                variable.states.all.push(number);
            }
            number
        });
        self.last = Some((state, number));
        number
    }

    /// The number of the newest variable of a state.
    fn newest(&mut self, scopes: &Scopes, state: State) -> usize {
        // Mostly one is new.
        let (mut newest, mut others) = (None, Vec::new());
        let mut at = 0;
        for variable in scopes.history(state) {
            match self.place_of(variable) {
                Ok(known) => {
                    at = known;
                    break;
                }
                Err(_) if newest.is_none() => newest = Some(variable),
                Err(_) => others.push(variable),
            }
        }
        for variable in others.into_iter().rev().chain(newest) {
            at = self.above(at, variable);
            // Mostly they come in order, so that nothing has to be moved.
            if let Err(place) = self.place_of(variable) {
                self.here.insert(place, (variable, at));
            }
        }
        at
    }

    /// Where a variable of the text at hand is among those that are known: its number; else where it
    /// belongs.
    fn place_of(&self, variable: &Variable) -> Result<usize, usize> {
        let own = std::ptr::from_ref(variable);
        // Mostly it is the newest, or behind that.
        match self.here.last() {
            Some((last, number)) if *last == own => return Ok(*number),
            Some((last, _)) if *last > own => {}
            _ => return Err(self.here.len()),
        }
        let place = self.here.partition_point(|(other, _)| *other < own);
        let there = self.here.get(place).filter(|(other, _)| *other == own);
        there.map(|(_, number)| *number).ok_or(place)
    }

    /// The number of a variable that is set upon another.
    fn above(&mut self, below: usize, variable: &Variable) -> usize {
        let (name, value) = (variable.name(), variable.value());
        let known = self.variables.get_mut(below);
        let mut above = known.map_or_else(Numbers::default, |it| std::mem::take(&mut it.above));
        let known = above.find(|at| {
            self.variables
                .get(at)
                .is_some_and(|known| *known.name == *name && known.value.as_deref() == value)
        });
        let at = known.unwrap_or_else(|| {
            let at = self.variables.len();
            self.variables.push(KnownVariable {
                name: name.into(),
                value: value.map(Into::into),
                ..KnownVariable::default()
            });
            above.all.push(at);
            at
        });
        if let Some(below) = self.variables.get_mut(below) {
            below.above = above;
        }
        at
    }
}
