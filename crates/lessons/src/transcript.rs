//! What Docker's commands would answer, computed.

use std::fmt::Write as _;

use stagecraft_engine::plan::{Span, words};
use stagecraft_engine::semantic::Stage;
use stagecraft_engine::{Analysis, plan::Step};

use crate::guide::DockerCommand;

/// The commands with what they print, as far as the model can tell. Nothing is typed in: sizes
/// are those of the plan, and what is unknown says so.
pub fn transcript(analysis: &Analysis, commands: &[DockerCommand]) -> String {
    let mut out = String::new();
    let mut built: Vec<(String, &Stage)> = Vec::new();
    for command in commands {
        let line = match command {
            DockerCommand::Build { line, .. }
            | DockerCommand::History { line, .. }
            | DockerCommand::Images(line)
            | DockerCommand::Other(line) => line,
        };
        // Writing to a string does not fail.
        let _ = writeln!(out, "$ {line}");
        match command {
            DockerCommand::Build { target, tag, .. } => {
                let Some(stage) = stage(analysis, target.as_deref()) else {
                    out.push_str("no such stage\n");
                    continue;
                };
                if let Some(tag) = tag {
                    built.push((tag.clone(), stage));
                }
            }
            DockerCommand::Images(_) => images(&mut out, analysis, &built),
            DockerCommand::History { name, .. } => {
                let known = built.iter().rfind(|(tag, _)| tag == name);
                let stage = known
                    .map(|(_, stage)| *stage)
                    .or_else(|| stage(analysis, None));
                if let Some(stage) = stage {
                    history(&mut out, analysis, stage);
                }
            }
            DockerCommand::Other(_) => {}
        }
    }
    out
}

fn stage<'a>(analysis: &'a Analysis, name: Option<&str>) -> Option<&'a Stage> {
    let model = &analysis.model;
    match name {
        None => model.stages().last(),
        Some(name) => {
            let name = name.to_lowercase();
            let mut stages = model.stages().iter();
            stages.rfind(|stage| stage.name.as_deref() == Some(&name))
        }
    }
}

fn images(out: &mut String, analysis: &Analysis, built: &[(String, &Stage)]) {
    let _ = writeln!(out, "{:<24}{:<12}SIZE", "REPOSITORY", "TAG");
    for (name, stage) in built {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let size = analysis
            .plan
            .image(stage.id)
            .map_or_else(|| "unknown".to_owned(), |image| short(image.total));
        let _ = writeln!(out, "{repository:<24}{tag:<12}{size}");
    }
}

/// Newest first, as Docker has it; the base image's own layers are one row here.
fn history(out: &mut String, analysis: &Analysis, stage: &Stage) {
    let _ = writeln!(out, "{:<22}CREATED BY", "SIZE");
    let steps = analysis.plan.steps.iter();
    let own: Vec<&Step> = steps.filter(|step| step.stage == stage.id).collect();
    for step in own.into_iter().rev() {
        let created: String = analysis.instruction(step).chars().take(60).collect();
        let _ = writeln!(out, "{:<22}{created}", short(step.size.span()));
    }
}

fn short(estimate: Span) -> String {
    match estimate.likely {
        Some(likely) => words(likely),
        None => estimate.words(),
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_engine::{Workspace, analyze};

    use super::*;

    #[test]
    fn images_that_were_built_above_are_listed_with_their_sizes() {
        let analysis = analyze(&Workspace {
            dockerfile: "FROM golang:1.22 AS build\nFROM alpine:3.20\nCMD [\"x\"]\n".into(),
            ..Workspace::default()
        });
        let build = |target: Option<&str>, tag: &str| DockerCommand::Build {
            line: "docker build".to_owned(),
            target: target.map(str::to_owned),
            tag: Some(tag.to_owned()),
        };
        let commands = [
            build(None, "app"),
            build(Some("build"), "tools:1"),
            DockerCommand::Images("docker images".to_owned()),
            build(Some("nothing"), "x"),
        ];
        let text = transcript(&analysis, &commands);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(rows[4], ["app", "latest", "7.80", "MB"]);
        assert_eq!(rows[5], ["tools", "1", "823", "MB"]);
        assert!(text.ends_with("no such stage\n"));
    }
}
