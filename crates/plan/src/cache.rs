//! What a build takes from the cache that earlier ones have left, and why not more.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::{Context, ContextFile};
use crate::model::{Plan, Step};

/// What becomes of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken from the cache.
    Cached,
    /// It is taken from the cache if what it copies out of a stage that runs again comes out as
    /// before: the builder looks at the content, which nobody knows beforehand.
    Perhaps,
    /// It runs.
    Runs(Cause),
    /// It never runs: it makes no layer, or is not built.
    Nothing,
}

/// The one thing that makes a step run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There was no earlier build that got here.
    First,
    /// The step that it stands on runs; its index.
    Below(usize),
    /// A step that it takes files from runs; its index.
    From(usize),
    /// The content of this file of the context, or that it came or went.
    File(String),
    /// It makes a folder in an image that is empty, which the builder never looks up.
    Empty,
    /// The instruction's own words, or a variable, folder, user or shell that it runs with.
    Instruction,
}

impl Verdict {
    /// In a word; `None` for what never runs.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::Cached => Some("cached"),
            Self::Perhaps => Some("perhaps"),
            Self::Runs(_) => Some("runs"),
            Self::Nothing => None,
        }
    }
}

impl Cause {
    /// In one clause; `line` gives the first line of the step with an index.
    pub fn words(&self, line: impl Fn(usize) -> u32) -> String {
        match self {
            Self::First => "nothing is in the cache yet".to_owned(),
            Self::Below(at) => format!("the step in line {}, which it stands on, runs", line(*at)),
            Self::From(at) => {
                format!("the step in line {}, whose files it takes, runs", line(*at))
            }
            Self::File(path) => format!("`{path}` is not what it was"),
            Self::Empty => "a folder in an empty image is made anew each time".to_owned(),
            Self::Instruction => {
                "its words, or the variables, folder or user that it runs with, are not what they were"
                    .to_owned()
            }
        }
    }
}

/// What earlier builds have left, by all keys of their steps.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    whole: BTreeSet<u64>,
    loose: BTreeSet<u64>,
    /// Of what steps leave: `--link` puts it together in a step of its own.
    left: BTreeSet<u64>,
    left_loose: BTreeSet<u64>,
    /// The content of each file that a step has read, by the step's place in the text and path.
    contents: BTreeMap<(String, String), u64>,
    filled: bool,
}

impl Cache {
    /// Remembers all steps of a build that went well.
    pub fn remember(&mut self, plan: &Plan, context: Option<&Context>) {
        self.filled = true;
        for step in plan.steps.iter().filter(|step| is_run(step)) {
            self.whole.insert(step.keys.whole);
            self.loose.insert(step.keys.loose);
            self.left.insert(step.keys.left.0);
            self.left_loose.insert(step.keys.left.1);
            let old = |(name, _): &(String, String)| *name == step.instruction;
            self.contents.retain(|key, _| !old(key));
            for file in files(step, context) {
                let key = (step.instruction.clone(), file.path.clone());
                self.contents.insert(key, file.content);
            }
        }
    }
}

/// The files of the context that a step reads.
fn files<'a>(
    step: &'a Step,
    context: Option<&'a Context>,
) -> impl Iterator<Item = &'a ContextFile> {
    let files = context.map_or(&[][..], |context| &context.files);
    step.reads.iter().filter_map(move |&at| files.get(at))
}

/// Whether a build has something to do for it.
fn is_run(step: &Step) -> bool {
    step.built && (step.layer || step.command.is_none())
}

impl Plan {
    /// What becomes of each step with that cache.
    pub fn verdicts(&self, cache: &Cache, context: Option<&Context>) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let verdict = if !is_run(step) {
                Verdict::Nothing
            } else if step.always {
                Verdict::Runs(Cause::Empty)
            } else if cache.whole.contains(&step.keys.whole) {
                Verdict::Cached
            } else if cache.loose.contains(&step.keys.loose) {
                Verdict::Perhaps
            } else {
                Verdict::Runs(cause(step, cache, context, &verdicts))
            };
            verdicts.push(verdict);
        }
        verdicts
    }

    /// What becomes of the second step of each `--link`, which puts its files onto what is below;
    /// the others have [`Verdict::Nothing`].
    pub fn link_verdicts(&self, cache: &Cache, context: Option<&Context>) -> Vec<Verdict> {
        let verdicts = self.verdicts(cache, context);
        let linked = self.steps.iter().zip(verdicts.iter());
        linked
            .map(|(step, own)| {
                if !step.link || *own == Verdict::Nothing {
                    Verdict::Nothing
                } else if cache.left.contains(&step.keys.left.0) {
                    Verdict::Cached
                } else if cache.left_loose.contains(&step.keys.left.1) {
                    Verdict::Perhaps
                } else {
                    match (own, step.needs.first()) {
                        (Verdict::Cached | Verdict::Perhaps, Some(&below)) => {
                            Verdict::Runs(Cause::Below(below))
                        }
                        (own, _) => own.clone(),
                    }
                }
            })
            .collect()
    }
}

/// Why a step runs.
fn cause(step: &Step, cache: &Cache, context: Option<&Context>, verdicts: &[Verdict]) -> Cause {
    if !cache.filled {
        return Cause::First;
    }
    let runs = |at: &&usize| {
        let verdict = verdicts.get(**at);
        matches!(verdict, Some(Verdict::Runs(cause)) if *cause != Cause::Empty)
    };
    let again = step.needs.iter().enumerate().find(|(_, at)| runs(at));
    if let Some((place, &at)) = again {
        return if place == 0 {
            Cause::Below(at)
        } else {
            Cause::From(at)
        };
    }
    let name = &step.instruction;
    let before = cache.contents.range((name.clone(), String::new())..);
    let before: BTreeMap<&str, u64> = before
        .take_while(|((instruction, _), _)| instruction == name)
        .map(|((_, path), content)| (path.as_str(), *content))
        .collect();
    if before.is_empty() {
        return Cause::Instruction;
    }
    let changed = files(step, context)
        .find(|file| before.get(file.path.as_str()) != Some(&file.content))
        .map(|file| file.path.as_str());
    let now: BTreeSet<&str> = files(step, context)
        .map(|file| file.path.as_str())
        .collect();
    let gone = before.keys().find(|path| !now.contains(*path));
    match changed.or(gone.copied()) {
        Some(path) => Cause::File(path.to_owned()),
        None => Cause::Instruction,
    }
}
