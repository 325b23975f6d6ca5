//! The builder before BuildKit (`DOCKER_BUILDKIT=0`): what it takes from its cache, and what it
//! does not know.
//!
//! Each instruction makes an image, which is found again by the image that it stands on and its
//! own words; of COPY and ADD the content of the files counts, of RUN the arguments. So LABEL or
//! CMD sends all that follows in its stage back to work, and a stage that is copied from is known
//! by its image, not by the files that are taken.
//! Source: the documentation of the two builders on docs.docker.com.

use stagecraft_semantic::StageId;
use stagecraft_syntax::{Keyword, Parse};
use stagecraft_text::TextRange;

use crate::cache::{Asked, Cache, Cause, NoCache, Verdict, cause_of_its_own};
use crate::key::hash;
use crate::model::Plan;

impl Plan {
    /// Whether that builder goes through the step: all stages up to the target, needed or not.
    pub fn is_legacy_step(&self, at: usize, asked: &Asked<'_>) -> bool {
        let target = asked.model.target();
        let step = self.steps.get(at);
        step.is_some_and(|step| target.is_none_or(|target| step.stage <= target))
    }

    /// What each step's image is known by. One for each step, in their order.
    pub(crate) fn legacy_keys(&self, asked: &Asked<'_>) -> Vec<u64> {
        let mut keys: Vec<u64> = Vec::with_capacity(self.steps.len());
        for (at, step) in self.steps.iter().enumerate() {
            let key_of = |at: usize| keys.get(at).copied().unwrap_or(0);
            let parent = self.legacy_parent(at).map(key_of);
            let keyword = asked.command(step).map(|(_, keyword)| keyword);
            let key = match keyword {
                // An argument counts where RUN finds it.
                Some(Keyword::Arg) => parent.unwrap_or(0),
                _ if step.layer => {
                    let others = step.needs().filter(|need| Some(*need) != step.below);
                    let others: Vec<u64> = others.map(|need| key_of(self.last_of(need))).collect();
                    hash(&(parent, step.keys.whole, others))
                }
                _ => hash(&(parent, &*step.instruction(asked.file, asked.model))),
            };
            keys.push(key);
        }
        keys
    }

    /// The step whose image another one starts from: the one before in the stage, else the last of
    /// the stage that it is based on.
    fn legacy_parent(&self, at: usize) -> Option<usize> {
        let step = self.steps.get(at)?;
        let before = at.checked_sub(1)?;
        if self.steps.get(before)?.stage == step.stage {
            return Some(before);
        }
        let base = step.base?;
        self.last_up_to(base)
    }

    /// The last step of the stage of a step.
    fn last_of(&self, at: usize) -> usize {
        let stage = self.steps.get(at).map(|step| step.stage);
        stage.and_then(|stage| self.last_up_to(stage)).unwrap_or(at)
    }

    /// The last step of a stage: they stand in the order of their stages, and each has its FROM.
    fn last_up_to(&self, stage: StageId) -> Option<usize> {
        let behind = self.steps.partition_point(|step| step.stage <= stage);
        behind.checked_sub(1)
    }

    /// What becomes of each step with that cache.
    pub(crate) fn legacy_verdicts(&self, cache: &Cache, asked: &Asked<'_>) -> Vec<Verdict> {
        let keys = self.legacy_keys(asked);
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(keys.len());
        for (at, (step, key)) in self.steps.iter().zip(keys).enumerate() {
            let runs = |at: usize| matches!(verdicts.get(at), Some(Verdict::Runs(_)));
            let parent = self.legacy_parent(at).filter(|&parent| runs(parent));
            let others = step.needs().filter(|need| Some(*need) != step.below);
            let other = others
                .map(|need| self.last_of(need))
                .find(|&need| runs(need));
            let verdict = if !self.is_legacy_step(at, asked) {
                Verdict::Nothing
            } else if *asked.no_cache != NoCache::Nothing && step.command.is_some() {
                // It knows no filter by stages.
                Verdict::Runs(Cause::NoCache)
            } else if let Some(parent) = parent {
                Verdict::Runs(match self.steps.get(parent) {
                    Some(below) if below.command.is_none() => Cause::Base(parent),
                    _ => Cause::Below(parent),
                })
            } else if cache.has_legacy(key) {
                Verdict::Cached
            } else if let Some(other) = other {
                Verdict::Runs(Cause::From(other))
            } else {
                Verdict::Runs(cause_of_its_own(step, self, cache, asked))
            };
            verdicts.push(verdict);
        }
        verdicts
    }

    /// What that builder does not know, in stages that it builds: the place, and what it is about.
    pub fn unknown_to_legacy(&self, asked: &Asked<'_>) -> Vec<(TextRange, String)> {
        let mut all = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let Some((file, instruction)) = asked.instruction(step) else {
                continue;
            };
            if !self.is_legacy_step(at, asked) {
                continue;
            }
            let knows = |name: &str| match instruction.keyword {
                Keyword::Run => false,
                Keyword::Copy | Keyword::Add => matches!(name, "from" | "chown"),
                _ => true,
            };
            let is_here = std::ptr::eq::<Parse>(file, asked.file);
            let place = |range: TextRange| if is_here { range } else { step.range };
            for flag in file.flags(instruction) {
                let name = file.word(flag.name);
                if !knows(name) {
                    all.push((place(flag.word.range), format!("`--{name}`")));
                }
            }
            if let Some(heredoc) = file.heredocs(instruction).first() {
                all.push((place(heredoc.marker), "a heredoc".to_owned()));
            }
        }
        all
    }
}
