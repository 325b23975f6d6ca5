//! What `docker history` would print of the image that is built.

use std::collections::BTreeMap;

use stagecraft_plan::rebuild::history;
use stagecraft_plan::{Estimate, Step};
use stagecraft_semantic::CommandId;

use crate::Analysis;

/// A row of `docker history`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// Index of the step of the plan behind it; `None` for what the image starts from where that
    /// is no image.
    pub step: Option<usize>,
    /// The instruction as the image has it.
    pub created_by: String,
    /// Bytes of its layer; none at all where it makes none.
    pub size: Estimate,
    /// Who wrote it down: BuildKit; empty for what the image starts from.
    pub comment: &'static str,
}

/// What BuildKit notes with each entry.
const BUILDKIT: &str = "buildkit.dockerfile.v0";

impl Analysis {
    /// The rows of the image that is built, the newest first; last the image that it starts from,
    /// as one row: the layers of that one are known by their sum. Words are those of BuildKit,
    /// whoever builds.
    pub fn history(&self) -> Vec<HistoryRow> {
        let Some(target) = self.model.target() else {
            return Vec::new();
        };
        let steps = &self.plan.steps;
        let numbered = steps.iter().enumerate();
        let step_of: BTreeMap<CommandId, usize> = numbered
            .filter_map(|(at, step)| Some((step.command?, at)))
            .collect();
        let own = history(&self.file, &self.model, target).into_iter().rev();
        let mut rows: Vec<HistoryRow> = own
            .map(|(id, entry)| {
                let step = step_of.get(&id).copied();
                let layer = step
                    .and_then(|at| steps.get(at))
                    .filter(|_| !entry.empty_layer);
                HistoryRow {
                    step,
                    created_by: entry.created_by,
                    size: layer.map_or_else(Estimate::zero, |step| step.size.clone()),
                    comment: BUILDKIT,
                }
            })
            .collect();
        rows.extend(self.base_row());
        rows
    }

    /// The same rows with instructions as the builder's progress shows them. The page has these:
    /// the words that an image keeps (`EXPOSE [80/tcp]`) would make it 8 kB heavier.
    pub fn short_history(&self) -> Vec<HistoryRow> {
        let Some(target) = self.model.target() else {
            return Vec::new();
        };
        let chain: Vec<_> = self.model.chain(target).map(|stage| stage.id).collect();
        let steps = self.plan.steps.iter().enumerate().rev();
        let own = steps.filter(|(_, step)| step.command.is_some() && chain.contains(&step.stage));
        let mut rows: Vec<HistoryRow> = own
            .map(|(at, step)| HistoryRow {
                step: Some(at),
                created_by: self.instruction(step).into_owned(),
                size: step.size.clone(),
                comment: BUILDKIT,
            })
            .collect();
        rows.extend(self.base_row());
        rows
    }

    fn base_row(&self) -> Option<HistoryRow> {
        let target = self.model.target()?;
        let image = self.plan.image(target)?;
        let root = self.model.chain(target).last()?;
        let is_from = |step: &Step| step.command.is_none() && step.stage == root.id;
        let at = self.plan.steps.iter().position(is_from);
        let from = at.and_then(|at| self.plan.steps.get(at));
        if from.is_none() && image.base.high == Some(0) {
            // Nothing comes of `scratch`.
            return None;
        }
        Some(HistoryRow {
            step: at,
            created_by: match from {
                Some(step) => self.instruction(step).into_owned(),
                None => format!("FROM {}", root.base_text),
            },
            size: image.base.clone(),
            comment: "",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Workspace, analyze};

    #[test]
    fn both_histories_have_the_same_rows() {
        let source = "FROM alpine:3.20 AS base\nENV A=1\nFROM other AS x\nRUN y\nFROM base\n\
                      WORKDIR /\nWORKDIR /a\nRUN printf 1 > f\nEXPOSE 80\nCMD [\"x\"]\n";
        let analysis = analyze(&Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        });
        let rows = |rows: Vec<super::HistoryRow>| -> Vec<_> {
            rows.into_iter().map(|row| (row.step, row.size)).collect()
        };
        let whole = rows(analysis.history());
        assert_eq!(whole.len(), 7);
        assert_eq!(whole, rows(analysis.short_history()));
    }

    #[test]
    fn ranges_of_ports_do_not_fill_the_memory_however_often_they_are_written() {
        let source = format!("FROM a\n{}", "EXPOSE 1-65535\n".repeat(300));
        let analysis = analyze(&Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        });
        let rows = analysis.history();
        let bytes: usize = rows.iter().map(|row| row.created_by.len()).sum();
        assert!(bytes < 3_000_000, "{bytes}");
        assert!(rows.iter().any(|row| row.created_by.contains("65535/tcp")));
        assert_eq!(rows[0].created_by, "EXPOSE [1-65535/tcp]");
    }
}
