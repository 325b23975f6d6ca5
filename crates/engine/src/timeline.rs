//! When each step of a build is done, for a picture of it.

use stagecraft_plan::{BuilderKind, Costs, Schedule, Verdict};

use crate::Analysis;

/// A build as either builder would go about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// When each step of the plan is done.
    pub schedule: Schedule,
    /// What each step takes, in thousandths of a second; 0 for what comes from the cache.
    pub costs: Vec<u64>,
}

impl Analysis {
    /// When the steps are done by as many workers as it takes, given what becomes of each. The
    /// costs are [`Costs`]' rules of thumb.
    pub fn timeline(&self, builder: BuilderKind, verdicts: &[Verdict]) -> Timeline {
        let keyword = |command| {
            let command = self.model.command(command)?;
            Some(self.model.keyword(&self.file, command))
        };
        let rules = Costs::default();
        let costs = self.plan.cost(builder, &rules, verdicts, |step| {
            step.command.and_then(keyword)
        });
        let target = self.model.target();
        let time = |at: usize, _: &stagecraft_plan::Step| costs.get(at).copied().unwrap_or(0);
        let mut schedule = self.plan.schedule(builder, None, time);
        if builder == BuilderKind::Legacy {
            // Behind the target it does nothing.
            for (step, slot) in self.plan.steps.iter().zip(&mut schedule.slots) {
                if target.is_some_and(|target| step.stage > target) {
                    *slot = None;
                }
            }
            let slots = schedule.slots.iter().flatten();
            schedule.end = slots.map(|slot| slot.end).max().unwrap_or(0);
            schedule.work = schedule.end;
        }
        Timeline { schedule, costs }
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_plan::{BuilderKind, Cache, NoCache};

    use crate::{Workspace, analyze};

    #[test]
    fn the_old_builder_takes_the_stages_that_nothing_needs_too() {
        let source = "FROM a\nRUN 1\nFROM b\nRUN 2\nFROM c AS late\nRUN 3\n";
        let mut workspace = Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        };
        workspace.options.target = Some("late".to_owned());
        let analysis = analyze(&workspace);
        let verdicts = analysis.verdicts(&Cache::default(), None, &NoCache::Nothing);
        let end = |builder| analysis.timeline(builder, &verdicts).schedule.end;
        assert!(end(BuilderKind::Legacy) > 2 * end(BuilderKind::Buildkit));
    }
}
