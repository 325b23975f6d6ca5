//! Whether goals are met.
//!
//! Answers have three values: met, not met, and `None` where nothing is known that would tell.
//! A goal that nothing can tell counts as not met.

use std::collections::BTreeSet;
use std::sync::Arc;

use stagecraft_engine::image::Reference;
use stagecraft_engine::plan::{Context, ContextFile as PlanFile, Told as PlanTold};
use stagecraft_engine::semantic::ignore::Patterns;
use stagecraft_engine::semantic::{Base, Command, Source, Stage, StageId};
use stagecraft_engine::syntax::{Form, Instruction, Keyword, MountKind, Parse};
use stagecraft_engine::{Analysis, Workspace};

use crate::check::{Check, EditStep};
use crate::guide::{Files, Lesson};

impl Lesson {
    /// The workspace of somebody who has written `files` in this lesson.
    pub fn workspace(&self, files: &Files) -> Workspace {
        let lists = self.context.iter().filter_map(|file| {
            let text = file.text.as_deref();
            let text = text.filter(|_| Context::names_packages(&file.path))?;
            Some((file.path.clone(), Arc::from(text)))
        });
        let mut workspace = Workspace {
            dockerfile: files.dockerfile.as_str().into(),
            dockerignore: files.dockerignore.as_deref().map(Arc::from),
            context: Some(Arc::new(Context {
                files: self.context.iter().map(plan_file).collect(),
                lists: lists.collect(),
                ..Context::default()
            })),
            told: self
                .told
                .iter()
                .map(|told| PlanTold {
                    path: told.path.clone(),
                    step: told.step.clone(),
                    size: told.size,
                    because: told.because.clone(),
                })
                .collect(),
            ..Workspace::default()
        };
        workspace.options.target.clone_from(&self.target);
        workspace
    }

    /// Which of the goals are met, in their order.
    pub fn goals_met(&self, workspace: &Workspace, analysis: &Analysis) -> Vec<bool> {
        self.goals
            .iter()
            .map(|goal| met(&goal.check, analysis, workspace).unwrap_or(false))
            .collect()
    }
}

fn plan_file(file: &crate::guide::ContextFile) -> PlanFile {
    // FNV-1a: equal content gets an equal number, here and in every later build.
    let content = file.text.as_deref().unwrap_or(&file.path);
    let content = content.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    PlanFile {
        path: file.path.clone(),
        size: file.size,
        count: file.count,
        content,
        mode: 0,
    }
}

/// Whether `check` holds; `None` where nothing is known that would tell.
pub fn met(check: &Check, analysis: &Analysis, workspace: &Workspace) -> Option<bool> {
    let seen = Seen {
        workspace,
        analysis,
    };
    seen.met(check)
}

/// What checks look at.
#[derive(Clone, Copy)]
struct Seen<'a> {
    workspace: &'a Workspace,
    analysis: &'a Analysis,
}

impl<'a> Seen<'a> {
    fn met(self, check: &Check) -> Option<bool> {
        match check {
            Check::UsesAnotherStage(wanted) => Some(self.uses_another_stage() == *wanted),
            Check::StagesBuilt(least) => {
                Some(self.built().count() >= usize::try_from(*least).unwrap_or(usize::MAX))
            }
            Check::FinalBase(names) => Some(self.final_base_is_one_of(names)?),
            Check::FinalBaseNot(names) => Some(!self.final_base_is_one_of(names)?),
            Check::StartsFrom(names) => Some(self.built().any(|stage| match &stage.base {
                Base::Image(image) => names.iter().any(|name| is_image(image, name)),
                _ => false,
            })),
            Check::Target(name) => Some(
                self.target()
                    .is_some_and(|stage| stage.display_name() == name.to_lowercase()),
            ),
            Check::Builds(name) => Some(self.named(name).is_some_and(|stage| stage.reachable)),
            Check::Skips(name) => Some(self.named(name).is_some_and(|stage| !stage.reachable)),
            Check::NoFinding(rules) => {
                let findings = &self.analysis.findings;
                Some(
                    !findings
                        .iter()
                        .any(|finding| rules.iter().any(|rule| *rule == finding.rule)),
                )
            }
            Check::BuildSucceeds(wanted) => Some(self.succeeds() == *wanted),
            Check::ImageAtMost(most) => {
                let images = &self.analysis.plan.images;
                if images.is_empty() {
                    return None;
                }
                let target = self.analysis.model.target();
                let image = images.iter().find(|image| Some(image.stage) == target);
                Some(
                    image
                        .and_then(|image| image.total.likely)
                        .is_some_and(|size| size <= *most),
                )
            }
            Check::WasteAtMost(most) => {
                let plan = &self.analysis.plan;
                if plan.steps.is_empty() {
                    return None;
                }
                let mut sizes = plan.waste.iter().map(|waste| waste.size.likely);
                let sum = sizes.try_fold(0_u64, |sum, size| Some(sum.saturating_add(size?)));
                Some(sum.is_some_and(|sum| sum <= *most))
            }
            Check::SideBySide(one, other) => Some(self.side_by_side(one, other)),
            Check::UserNotRoot(wanted) => Some(self.user_is_not_root()? == *wanted),
            Check::ExecForm(wanted) => Some(self.exec_form() == *wanted),
            Check::RunsCommand(text) => {
                let text = one_blank(text);
                Some(
                    self.runs()
                        .any(|run| self.command_text(&run).contains(&text)),
                )
            }
            Check::CacheMount(path) => Some(self.runs().any(|run| mounts_cache(&run, path))),
            Check::NotSent(paths) => Some(self.sent(paths, false)),
            Check::Sent(paths) => Some(self.sent(paths, true)),
            Check::CachedAfter(edit) => self.after(edit, false),
            Check::RunsAfter(edit) => self.after(edit, true),
            // What the image holds is for the plan to say, and it does not say so yet.
            Check::Holds(_) | Check::NowhereInImage(_) => None,
            Check::All(checks) => self.all(checks),
            Check::Any(checks) => {
                let answers = checks.iter().map(|check| self.met(check).map(|met| !met));
                every(answers).map(|none| !none)
            }
            Check::Not(check) => self.met(check).map(|met| !met),
        }
    }

    fn all(self, checks: &[Check]) -> Option<bool> {
        every(checks.iter().map(|check| self.met(check)))
    }

    /// Whether all of these files are sent to the builder, or none.
    fn sent(self, paths: &[String], wanted: bool) -> bool {
        let text = self.workspace.dockerignore.as_deref().unwrap_or_default();
        let patterns = Patterns::read(text);
        paths
            .iter()
            .all(|path| patterns.verdict(path).ignored != wanted)
    }

    /// Whether every step that the edit is about does as wanted, and there is one. Nothing can
    /// be told without a context.
    fn after(self, edit: &EditStep, runs_again: bool) -> Option<bool> {
        let context = self.workspace.context.as_ref()?;
        let plan = &self.analysis.plan;
        let runs = plan.runs_after(context, &edit.edit);
        let mut answers = plan
            .steps
            .iter()
            .zip(runs)
            .filter(|(step, _)| {
                step.built && step.layer && self.analysis.instruction(step).contains(&edit.step)
            })
            .map(|(_, runs)| runs == runs_again);
        Some(answers.next().unwrap_or(false) && answers.all(|right| right))
    }

    fn target(self) -> Option<&'a Stage> {
        self.stage(self.analysis.model.target()?)
    }

    fn stage(self, id: StageId) -> Option<&'a Stage> {
        self.analysis.model.stage(id)
    }

    /// The stage that a name stands for: the last one of that name.
    fn named(self, name: &str) -> Option<&'a Stage> {
        let name = name.to_lowercase();
        let mut stages = self.analysis.model.stages().iter();
        stages.rfind(|stage| stage.name.as_deref() == Some(&name))
    }

    /// The stages that are built; none where there is no target.
    fn built(self) -> impl Iterator<Item = &'a Stage> {
        let any = self.analysis.model.target().is_some();
        let stages = self.analysis.model.stages().iter();
        stages.filter(move |stage| any && stage.reachable)
    }

    fn uses_another_stage(self) -> bool {
        let target = self.analysis.model.target();
        self.built().any(|stage| Some(stage.id) != target)
    }

    fn succeeds(self) -> bool {
        self.analysis.file.stopping_error().is_none()
            && self.analysis.model.stopping_problem().is_none()
            && self.analysis.model.target().is_some()
    }

    /// The target and the stages that it is based on, the lowest last.
    fn chain(self) -> Vec<&'a Stage> {
        let mut chain: Vec<&Stage> = Vec::new();
        let mut next = self.target();
        while let Some(stage) = next {
            if chain.iter().any(|known| known.id == stage.id) {
                break;
            }
            chain.push(stage);
            next = match stage.base {
                Base::Stage(id) => self.stage(id),
                _ => None,
            };
        }
        chain
    }

    /// `None` where there is nothing to build or the base is not known.
    fn final_base_is_one_of(self, names: &[String]) -> Option<bool> {
        match &self.chain().last()?.base {
            Base::Image(image) => Some(names.iter().any(|name| is_image(image, name))),
            Base::Scratch => Some(names.iter().any(|name| name == "scratch")),
            Base::Folder(_) => Some(false),
            Base::Stage(_) | Base::Unknown => None,
        }
    }

    fn side_by_side(self, one: &str, other: &str) -> bool {
        let (Some(one), Some(other)) = (self.named(one), self.named(other)) else {
            return false;
        };
        one.id != other.id
            && one.reachable
            && other.reachable
            && !self.needs(one).contains(&other.id)
            && !self.needs(other).contains(&one.id)
    }

    /// Every stage that `stage` needs, itself among them.
    fn needs(self, stage: &Stage) -> BTreeSet<StageId> {
        let mut found = BTreeSet::from([stage.id]);
        let mut open = vec![stage.id];
        while let Some(stage) = open.pop().and_then(|id| self.stage(id)) {
            for dependency in &stage.dependencies {
                if let Source::Stage(id) = dependency.source
                    && found.insert(id)
                {
                    open.push(id);
                }
            }
        }
        found
    }

    /// Whom the container runs as: the last USER, else what the name of the base image says.
    fn user_is_not_root(self) -> Option<bool> {
        let target = self.target()?;
        if let Some(user) = self.analysis.model.scopes().user(target.end) {
            let name = user.split(':').next().unwrap_or_default();
            return Some(!matches!(name, "" | "0" | "root"));
        }
        match &self.chain().last()?.base {
            // Tags of distroless and others that are known to set a user.
            Base::Image(image) => Some(
                Reference::parse(image)
                    .ok()
                    .and_then(|image| image.tag())
                    .is_some_and(|tag| tag.split('-').any(|part| part == "nonroot")),
            ),
            Base::Scratch => Some(false),
            _ => None,
        }
    }

    /// Whether no shell stands between the container and its program. What only a base image
    /// says is taken to be an array, as it is in the official ones.
    fn exec_form(self) -> bool {
        let chain = self.chain();
        let from_nothing = chain.last().is_none_or(|stage| stage.base == Base::Scratch);
        let mut entrypoint = None;
        let mut command = None;
        for stage in chain.into_iter().rev() {
            let mut own_command = false;
            for instruction in self.instructions(stage).map(|(_, _, found)| found) {
                match instruction.keyword {
                    Keyword::Cmd => {
                        command = Some(instruction.form);
                        own_command = true;
                    }
                    Keyword::Entrypoint => {
                        entrypoint = Some(instruction.form);
                        // An ENTRYPOINT takes away the CMD that came from below.
                        if !own_command {
                            command = None;
                        }
                    }
                    _ => {}
                }
            }
        }
        if entrypoint.is_none() && command.is_none() {
            return !from_nothing;
        }
        [entrypoint, command]
            .into_iter()
            .flatten()
            .all(|form| form == Form::Json)
    }

    fn instructions(
        self,
        stage: &'a Stage,
    ) -> impl Iterator<Item = (&'a Command, &'a Parse, &'a Instruction)> {
        let model = &self.analysis.model;
        model.commands(stage).iter().filter_map(move |command| {
            let (file, instruction) = model.instruction(&self.analysis.file, command)?;
            Some((command, file, instruction))
        })
    }

    /// Every RUN of the stages that are built.
    fn runs(self) -> impl Iterator<Item = Run<'a>> {
        self.built()
            .flat_map(move |stage| self.instructions(stage))
            .filter(|(_, _, instruction)| instruction.keyword == Keyword::Run)
            .map(|(command, file, instruction)| Run {
                command,
                file,
                instruction,
            })
    }

    /// What ENV and ARG set for a RUN, then the RUN, in one line with single blanks.
    fn command_text(self, run: &Run<'_>) -> String {
        let scopes = self.analysis.model.scopes();
        let mut text = String::new();
        for (name, value) in scopes.environment(run.command.before) {
            text.push_str(name);
            text.push('=');
            text.push_str(value);
            text.push(' ');
        }
        text.push_str(run.file.str(run.instruction.text));
        if !run.file.heredocs(run.instruction).is_empty() {
            let range = run.instruction.range;
            text.push(' ');
            text.push_str(
                run.file
                    .source()
                    .get(usize::from(range.start())..usize::from(range.end()))
                    .unwrap_or_default(),
            );
        }
        one_blank(&text)
    }
}

struct Run<'a> {
    command: &'a Command,
    file: &'a Parse,
    instruction: &'a Instruction,
}

fn mounts_cache(run: &Run<'_>, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    run.file
        .mounts(run.instruction)
        .iter()
        .filter(|mount| mount.kind == MountKind::Cache)
        .filter_map(|mount| run.file.mount_option(mount, "target")?.value)
        .any(|value| run.file.word(value).trim_end_matches('/') == path)
}

/// Whether all are met: one that is not decides, and so does one that nobody can tell.
fn every(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut sum = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            None => sum = None,
            Some(true) => {}
        }
    }
    sum
}

/// Whether an image is the one that is named; a name without a tag stands for every tag.
fn is_image(image: &str, name: &str) -> bool {
    let (Ok(image), Ok(name)) = (Reference::parse(image), Reference::parse(name)) else {
        return false;
    };
    let same_path = match (image.official(), name.official()) {
        (None, None) => image.registry() == name.registry() && image.path() == name.path(),
        (one, other) => one == other,
    };
    same_path && (name.tag().is_none() || image.tag() == name.tag())
}

fn one_blank(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use stagecraft_engine::analyze;

    use super::*;
    use crate::guide::ContextFile;

    fn tell(check: &Check, dockerfile: &str) -> Option<bool> {
        let workspace = Workspace {
            dockerfile: dockerfile.into(),
            ..Workspace::default()
        };
        met(check, &analyze(&workspace), &workspace)
    }

    #[test]
    fn packages_that_a_lessons_own_files_name_are_estimated() {
        let file = |path: &str, text: &str| ContextFile {
            path: path.to_owned(),
            text: Some(text.to_owned()),
            size: text.len() as u64,
            count: 1,
        };
        let lesson = Lesson {
            context: vec![
                file(
                    "package.json",
                    "{\"dependencies\": {\"express\": \"^5.0.0\"}}",
                ),
                file("server.js", "require('express')"),
            ],
            ..Lesson::default()
        };
        let workspace = lesson.workspace(&Files {
            dockerfile: "FROM node:20\nCOPY . .\nRUN npm ci\n".to_owned(),
            dockerignore: None,
        });
        let lists = workspace.context.as_ref().map(|context| &context.lists);
        assert!(lists.is_some_and(|lists| lists.keys().eq(["package.json"])));
        let step = analyze(&workspace).plan.steps.pop().unwrap();
        assert!(step.size.likely > Some(1_000_000), "{:?}", step.size);
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn bases_are_found_through_stages_and_spellings() {
        let alpine = Check::FinalBase(names(&["alpine"]));
        for (dockerfile, expected) in [
            ("FROM alpine", Some(true)),
            ("FROM docker.io/library/alpine:3.20", Some(true)),
            (
                "ARG V=3.20\nFROM alpine:$V AS a\nFROM a AS b\nFROM b",
                Some(true),
            ),
            ("FROM alpine AS a\nFROM debian", Some(false)),
            ("FROM example.com/alpine", Some(false)),
            ("FROM scratch", Some(false)),
            ("", None),
        ] {
            assert_eq!(tell(&alpine, dockerfile), expected, "{dockerfile}");
        }
        let tagged = Check::FinalBase(names(&["alpine:3.20"]));
        assert_eq!(tell(&tagged, "FROM alpine:3.19"), Some(false));
        let scratch = Check::FinalBase(names(&["scratch"]));
        assert_eq!(tell(&scratch, "FROM scratch"), Some(true));
    }

    #[test]
    fn the_program_needs_an_array() {
        let check = Check::ExecForm(true);
        for (dockerfile, expected) in [
            ("FROM a\nCMD [\"x\"]", true),
            ("FROM a\nCMD x", false),
            ("FROM a\nCMD x\nCMD [\"x\"]", true),
            ("FROM a\nENTRYPOINT x\nCMD [\"x\"]", false),
            ("FROM a AS b\nCMD x\nFROM b", false),
            ("FROM a AS b\nCMD x\nFROM b\nENTRYPOINT [\"x\"]", true),
            ("FROM a\nCMD x\nENTRYPOINT [\"x\"]", false),
            ("FROM a AS b\nCMD x\nFROM a", true),
            ("FROM scratch", false),
        ] {
            assert_eq!(tell(&check, dockerfile), Some(expected), "{dockerfile}");
        }
    }

    #[test]
    fn users_come_from_the_stage_and_from_known_tags() {
        let check = Check::UserNotRoot(true);
        for (dockerfile, expected) in [
            ("FROM a\nUSER app", true),
            ("FROM a\nUSER 65532:65532", true),
            ("FROM a\nUSER 0:5", false),
            ("FROM a\nUSER app\nUSER root", false),
            ("FROM a", false),
            ("FROM a AS b\nUSER app\nFROM a", false),
            ("FROM a AS b\nUSER app\nFROM b", true),
            ("FROM a/b:debug-nonroot", true),
            ("FROM a/b:nonroot\nUSER root", false),
        ] {
            assert_eq!(tell(&check, dockerfile), Some(expected), "{dockerfile}");
        }
    }

    #[test]
    fn commands_count_with_their_variables_where_they_are_built() {
        let check = Check::RunsCommand("X=1 RUN go  build".to_owned());
        for (dockerfile, expected) in [
            ("FROM a\nENV X=1\nRUN go \\\n  build", true),
            ("FROM a\nARG X=1\nRUN go build", true),
            ("FROM a\nRUN go build\nENV X=1", false),
            ("FROM a\nENV X=1\nRUN go build\nFROM a", false),
        ] {
            assert_eq!(tell(&check, dockerfile), Some(expected), "{dockerfile}");
        }
        let heredoc = Check::RunsCommand("npm ci".to_owned());
        assert_eq!(tell(&heredoc, "FROM a\nRUN <<E\nnpm ci\nE\n"), Some(true));
        let cache = Check::CacheMount("/c".to_owned());
        let dockerfile = "FROM a\nRUN --mount=dst=/c/,type=cache x";
        assert_eq!(tell(&cache, dockerfile), Some(true));
        assert_eq!(tell(&cache, "FROM a\nRUN --mount=target=/c x"), Some(false));
    }

    #[test]
    fn stages_stand_side_by_side_where_neither_needs_the_other() {
        let check = Check::SideBySide("a".to_owned(), "B".to_owned());
        let last = "FROM x\nCOPY --from=a / /\nCOPY --from=b / /\n";
        for (stages, expected) in [
            ("FROM x AS a\nFROM x AS b\n", true),
            ("FROM x AS a\nFROM a AS b\n", false),
            (
                "FROM x AS a\nFROM x AS m\nCOPY --from=a / /\nFROM m AS b\n",
                false,
            ),
            (
                "FROM x AS a\nFROM x AS b\nRUN --mount=from=a,target=/a y\n",
                false,
            ),
        ] {
            let dockerfile = format!("{stages}{last}");
            assert_eq!(tell(&check, &dockerfile), Some(expected), "{dockerfile}");
        }
        let alone = "FROM x AS a\nFROM x AS b\nFROM x\nCOPY --from=a / /\n";
        assert_eq!(tell(&check, alone), Some(false));
    }

    #[test]
    fn a_part_that_nobody_can_tell_decides_only_where_it_matters() {
        let untold = Check::CachedAfter(EditStep {
            edit: "a".to_owned(),
            step: "b".to_owned(),
        });
        let yes = Check::BuildSucceeds(true);
        let no = Check::BuildSucceeds(false);
        for (check, expected) in [
            (Check::All(vec![untold.clone(), yes.clone()]), None),
            (Check::All(vec![untold.clone(), no.clone()]), Some(false)),
            (Check::Any(vec![untold.clone(), yes]), Some(true)),
            (Check::Any(vec![untold.clone(), no]), None),
            (Check::Any(Vec::new()), Some(false)),
            (Check::Not(Box::new(untold)), None),
        ] {
            assert_eq!(tell(&check, "FROM a"), expected, "{check:?}");
        }
    }
}
