//! When each step of a build starts and ends, by a model of what steps cost.
//!
//! The costs are rules of thumb and say so: they order steps by how much they do, and are no
//! promise. What is shown with them are shares of a whole, not seconds of anybody's machine.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use stagecraft_sizes::Span;
use stagecraft_syntax::Keyword;

use crate::cache::Verdict;
use crate::model::{Plan, Step};

/// Which builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BuilderKind {
    /// BuildKit: what the target needs, side by side where nothing waits for another.
    #[default]
    Buildkit,
    /// The builder before it (`DOCKER_BUILDKIT=0`): every stage up to the target, one step after
    /// the other in the order of the file. Once a step of a stage runs, all behind it do.
    Legacy,
}

/// What steps cost, in thousandths of a second and bytes a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// A RUN, besides what it writes.
    pub run: u64,
    /// A RUN of which nobody knows what it writes.
    pub unknown_run: u64,
    /// How many bytes a RUN writes in a second: it downloads, unpacks and compiles them.
    pub run_speed: u64,
    /// COPY, ADD or WORKDIR, besides what it copies.
    pub file: u64,
    /// How many bytes COPY and ADD write in a second.
    pub file_speed: u64,
    /// How many bytes of an image are fetched and unpacked in a second.
    pub pull_speed: u64,
    /// An image of which nobody knows how large it is.
    pub unknown_pull: u64,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            run: 300,
            unknown_run: 5_000,
            run_speed: 10_000_000,
            file: 50,
            file_speed: 200_000_000,
            pull_speed: 25_000_000,
            unknown_pull: 2_000,
        }
    }
}

impl Costs {
    /// What a step takes, in thousandths of a second.
    pub fn of(&self, step: &Step, keyword: Option<Keyword>) -> u64 {
        let seconds = |size: Span, speed: u64| {
            let size = size.likely.or((size.low > 0).then_some(size.low))?;
            Some(size.saturating_mul(1000) / speed.max(1))
        };
        match keyword {
            None => seconds(step.compressed, self.pull_speed).unwrap_or(self.unknown_pull),
            Some(Keyword::Run) => match seconds(step.size.span(), self.run_speed) {
                Some(time) => self.run.saturating_add(time),
                None => self.unknown_run,
            },
            _ => {
                let time = seconds(step.size.span(), self.file_speed).unwrap_or(0);
                self.file.saturating_add(time)
            }
        }
    }
}

/// When a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it starts, in thousandths of a second since the build does.
    pub start: u64,
    /// When it ends.
    pub end: u64,
    /// Which worker does it, from 0; what takes no time has none.
    pub lane: Option<usize>,
    /// Whether the build ends later if this does.
    pub critical: bool,
}

/// When each step is done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// By the plan's steps; `None` for what this builder does not do.
    pub slots: Vec<Option<Slot>>,
    /// When all of it is done.
    pub end: u64,
    /// What all steps take one after the other.
    pub work: u64,
    /// How many workers had something to do.
    pub lanes: usize,
}

impl Plan {
    /// When each step is done by so many workers; without a number, by as many as it takes.
    /// `time` says what a step takes, by its place; what comes from the cache takes nothing.
    pub fn schedule(
        &self,
        builder: BuilderKind,
        workers: Option<usize>,
        time: impl Fn(usize, &Step) -> u64,
    ) -> Schedule {
        let times: Vec<Option<u64>> = self
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| {
                let is_work = step.layer || step.command.is_none();
                let is_done = is_work && (builder == BuilderKind::Legacy || step.built);
                let is_once = builder == BuilderKind::Legacy || step.same_as.is_none();
                (is_done && is_once).then(|| time(at, step))
            })
            .collect();
        let mut schedule = match builder {
            BuilderKind::Legacy => in_order(&times),
            BuilderKind::Buildkit => self.side_by_side(&times, workers),
        };
        schedule.work = times
            .iter()
            .flatten()
            .fold(0, |sum, &time| time.saturating_add(sum));
        schedule.end = schedule
            .slots
            .iter()
            .flatten()
            .map(|slot| slot.end)
            .max()
            .unwrap_or(0);
        schedule
    }

    /// What a step takes for one of the builders, when some of it comes from the cache.
    pub fn cost(
        &self,
        builder: BuilderKind,
        costs: &Costs,
        verdicts: &[Verdict],
        keyword: impl Fn(&Step) -> Option<Keyword>,
    ) -> Vec<u64> {
        let mut missed = None;
        let steps = self.steps.iter().enumerate();
        steps
            .map(|(at, step)| {
                let legacy = builder == BuilderKind::Legacy;
                let runs = match verdicts.get(at) {
                    Some(Verdict::Runs(_)) | None => true,
                    // Nothing is known of what the other builder would not do.
                    Some(Verdict::Nothing) => legacy && !step.built,
                    Some(Verdict::Cached | Verdict::Perhaps) => false,
                };
                if runs || legacy && missed == Some(step.stage) {
                    missed = Some(step.stage);
                    costs.of(step, keyword(step))
                } else {
                    0
                }
            })
            .collect()
    }

    /// The step that is done for the one at `at`.
    fn done_by(&self, at: usize) -> usize {
        self.steps
            .get(at)
            .and_then(|step| step.same_as)
            .unwrap_or(at)
    }

    /// Whoever is free takes the step that could start first; of several, the one that the file
    /// has first. Takes time that grows with steps, needs and their logarithm.
    fn side_by_side(&self, times: &[Option<u64>], workers: Option<usize>) -> Schedule {
        let time_of = |at: usize| times.get(at).copied().flatten();
        let mut slots: Vec<Option<Slot>> = vec![None; times.len()];
        // What the start of each waited for: an input, or the worker's last step.
        let mut waited: Vec<Option<usize>> = vec![None; times.len()];
        let mut followers: Vec<Vec<usize>> = vec![Vec::new(); times.len()];
        let mut open: Vec<usize> = vec![0; times.len()];
        // Since when each could start, and what it had to wait for until then.
        let mut since: Vec<(u64, Option<usize>)> = vec![(0, None); times.len()];
        let mut ready = BinaryHeap::new();
        for (at, step) in self.steps.iter().enumerate() {
            if time_of(at).is_none() {
                continue;
            }
            // What is not done at all is nothing to wait for.
            let needs = step.needs().map(|need| self.done_by(need));
            for need in needs.filter(|&need| time_of(need).is_some()) {
                if let (Some(followers), Some(open)) = (followers.get_mut(need), open.get_mut(at)) {
                    followers.push(at);
                    *open += 1;
                }
            }
            if open.get(at) == Some(&0) {
                ready.push(Reverse((0, at)));
            }
        }
        let mut crew = Crew::new(workers);
        while let Some(Reverse((start, at))) = ready.pop() {
            let time = time_of(at).unwrap_or(0);
            let mut by = since.get(at).and_then(|&(_, by)| by);
            let mut slot = Slot {
                start,
                end: start.saturating_add(time),
                lane: None,
                critical: false,
            };
            if time > 0 {
                let (lane, until, last) = crew.next(start);
                if until > start {
                    (slot.start, by) = (until, last);
                    slot.end = until.saturating_add(time);
                }
                slot.lane = Some(lane);
                crew.busy(lane, slot.end, at);
            }
            for &next in followers.get(at).into_iter().flatten() {
                let (Some(open), Some(since)) = (open.get_mut(next), since.get_mut(next)) else {
                    continue;
                };
                *open -= 1;
                if slot.end > since.0 {
                    *since = (slot.end, Some(at));
                }
                if *open == 0 {
                    ready.push(Reverse((since.0, next)));
                }
            }
            if let (Some(place), Some(wait)) = (slots.get_mut(at), waited.get_mut(at)) {
                *place = Some(slot);
                *wait = by;
            }
        }
        // Back from the last one along what each waited for.
        let all = slots.iter().enumerate();
        let last = all.filter_map(|(at, slot)| Some((slot.as_ref()?.end, at)));
        let mut at = last
            .max_by_key(|&(end, at)| (end, Reverse(at)))
            .map(|(_, at)| at);
        while let Some(step) = at {
            if let Some(slot) = slots.get_mut(step).and_then(Option::as_mut) {
                slot.critical = slot.end > slot.start;
            }
            at = waited.get(step).copied().flatten();
        }
        Schedule {
            slots,
            lanes: crew.hired,
            ..Schedule::default()
        }
    }
}

fn in_order(times: &[Option<u64>]) -> Schedule {
    let mut now = 0_u64;
    let slots = times.iter().map(|time| {
        let time = (*time)?;
        let start = now;
        now = now.saturating_add(time);
        Some(Slot {
            start,
            end: now,
            lane: (time > 0).then_some(0),
            critical: time > 0,
        })
    });
    Schedule {
        slots: slots.collect(),
        lanes: 1,
        ..Schedule::default()
    }
}

/// Workers.
struct Crew {
    most: usize,
    hired: usize,
    /// Those that have nothing to do, the first one first.
    free: BTreeSet<usize>,
    /// Until when the others have, and what with.
    busy: BinaryHeap<Reverse<(u64, usize, usize)>>,
}

impl Crew {
    fn new(workers: Option<usize>) -> Self {
        Self {
            most: workers.unwrap_or(usize::MAX).max(1),
            hired: 0,
            free: BTreeSet::new(),
            busy: BinaryHeap::new(),
        }
    }

    /// A worker for something that could start at `start`, which only grows from call to call;
    /// with when it is free, and what it did until then.
    fn next(&mut self, start: u64) -> (usize, u64, Option<usize>) {
        while let Some(&Reverse((until, lane, _))) = self.busy.peek() {
            if until > start {
                break;
            }
            self.busy.pop();
            self.free.insert(lane);
        }
        if let Some(lane) = self.free.pop_first() {
            return (lane, 0, None);
        }
        match self.busy.pop() {
            Some(Reverse((until, lane, last))) if self.hired >= self.most => {
                (lane, until, Some(last))
            }
            other => {
                self.busy.extend(other);
                self.hired += 1;
                (self.hired - 1, 0, None)
            }
        }
    }

    fn busy(&mut self, lane: usize, until: u64, with: usize) {
        self.busy.push(Reverse((until, lane, with)));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;
    use stagecraft_semantic::{NoImages, Options, analyze};
    use stagecraft_syntax::parse;

    use super::{BuilderKind, Schedule};
    use crate::{Plan, Surroundings, plan};

    fn planned(source: &str) -> Plan {
        let file = parse(source);
        let model = analyze(&file, &Options::default(), &NoImages);
        plan(&file, &model, &Surroundings::default())
    }

    const TWO: &str = "FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\nFROM c\n\
                       COPY --from=one /x /\nCOPY --from=two /y /\n";

    fn ten(plan: &Plan, workers: Option<usize>) -> Schedule {
        plan.schedule(BuilderKind::Buildkit, workers, |_, _| 10)
    }

    #[test]
    fn stages_that_do_not_wait_for_each_other_run_side_by_side() {
        let plan = planned(TWO);
        let schedule = ten(&plan, None);
        assert_eq!((schedule.end, schedule.work, schedule.lanes), (40, 70, 3));
        assert_eq!(ten(&plan, Some(1)).end, 70);
        let starts: Vec<u64> = schedule
            .slots
            .iter()
            .flatten()
            .map(|slot| slot.start)
            .collect();
        assert_eq!(starts, [0, 10, 0, 10, 0, 20, 30]);
    }

    #[test]
    fn the_old_builder_does_every_stage_up_to_the_target_in_order() {
        let plan = planned("FROM a\nRUN 1\nFROM b\nRUN 2\n");
        let legacy = plan.schedule(BuilderKind::Legacy, None, |_, _| 10);
        assert_eq!((legacy.end, legacy.lanes), (40, 1));
        assert_eq!(ten(&plan, None).end, 20);
    }

    #[test]
    fn what_the_end_waits_for_is_critical() {
        let plan = planned(TWO);
        let slow = plan.schedule(
            BuilderKind::Buildkit,
            None,
            |at, _| if at == 3 { 50 } else { 10 },
        );
        let critical = slow.slots.iter().enumerate();
        let critical = critical.filter(|(_, slot)| slot.is_some_and(|slot| slot.critical));
        let critical: Vec<usize> = critical.map(|(at, _)| at).collect();
        assert_eq!(critical, [2, 3, 6]);
        assert_eq!(slow.end, 70);
    }

    /// The longest way to a step and through it.
    fn longest(plan: &Plan, times: &[u64], at: usize) -> u64 {
        let step = &plan.steps[at];
        if let Some(first) = step.same_as {
            return longest(plan, times, first);
        }
        let before = step.needs().map(|need| longest(plan, times, need));
        before.max().unwrap_or(0) + times[at]
    }

    proptest! {
        #[test]
        fn many_workers_need_the_longest_way_and_one_the_sum(
            copies in prop::collection::vec((0..4_usize, 0..4_usize), 1..8),
            times in prop::collection::vec(0..100_u64, 64),
            workers in 1..5_usize,
        ) {
            let mut source = String::new();
            for (number, (runs, from)) in copies.iter().enumerate() {
                source.push_str("FROM base AS s");
                source.push_str(&number.to_string());
                source.push('\n');
                for run in 0..*runs {
                    let _ = writeln!(source, "RUN {number} {run}");
                }
                if *from < number {
                    let _ = writeln!(source, "COPY --from=s{from} /x /");
                }
            }
            let plan = planned(&source);
            let time = |at: usize| times[at % times.len()];
            let schedule = |workers| plan.schedule(BuilderKind::Buildkit, workers, |at, _| time(at));
            let all: Vec<u64> = (0..plan.steps.len()).map(time).collect();
            let done = |at: &usize| plan.steps[*at].built && plan.steps[*at].same_as.is_none();
            let way = (0..all.len()).filter(done).map(|at| longest(&plan, &all, at)).max();
            prop_assert_eq!(schedule(None).end, way.unwrap_or(0));
            let one = schedule(Some(1));
            prop_assert_eq!(one.end, one.work);
            // More workers never make it longer than one, and it takes no longer than the sum.
            let some = schedule(Some(workers));
            prop_assert!(some.end <= one.end && some.end >= schedule(None).end);
            prop_assert!(some.lanes <= workers);
        }
    }
}
