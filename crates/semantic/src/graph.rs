//! What stages need of each other, and which of them the target reaches.

use std::collections::BTreeMap;

use stagecraft_image::Reference as ImageName;
use stagecraft_syntax::{Instruction, Kind, Parse, Word};
use stagecraft_text::closest;

use crate::model::{Base, CommandId, Dependency, DependencyKind, Model, Source, StageId, Written};
use crate::options::{NamedContext, Options};
use crate::problem::{Problem, ProblemKind, ProblemPhase};

/// Connects the stages of `model` and marks those that the target needs.
pub(crate) fn connect(
    file: &Parse,
    options: &Options,
    names: &BTreeMap<String, StageId>,
    model: &mut Model,
) {
    let mut links = Links {
        file,
        options,
        names,
        model,
        found: Vec::new(),
        problems: Vec::new(),
    };
    // Only flags name others, those of what images bring along among them.
    if file.has_flags() || !links.model.triggers.is_empty() {
        links.collect();
    }
    let (found, problems) = (links.found, links.problems);
    for (stage, dependency) in found {
        if let Some(stage) = model.stages.get_mut(stage.index()) {
            stage.dependencies.push(dependency);
        }
    }
    model.problems.extend(problems);
    find_target(file, options, names, model);
    if needs_stages(model) {
        find_cycle(model);
    }
    reach(model);
}

struct Links<'a> {
    file: &'a Parse,
    options: &'a Options,
    names: &'a BTreeMap<String, StageId>,
    model: &'a Model,
    found: Vec<(StageId, Dependency)>,
    problems: Vec<Problem>,
}

impl Links<'_> {
    fn collect(&mut self) {
        let model = self.model;
        for stage in model.stages() {
            for (id, command) in model.numbered_commands(stage) {
                let Some((file, instruction)) = model.instruction(self.file, command) else {
                    continue;
                };
                let written = command.written;
                match &instruction.kind {
                    Kind::Transfer(transfer) => {
                        if let Some(from) = transfer.from {
                            let copy = DependencyKind::Copy;
                            self.link(stage.id, id, written, file, instruction, from, copy);
                        }
                    }
                    Kind::Run(_) => {
                        for mount in file.mounts(instruction) {
                            let from = file.mount_option(mount, "from");
                            if let Some(from) = from.and_then(|option| option.value) {
                                let mount = DependencyKind::Mount;
                                self.link(stage.id, id, written, file, instruction, from, mount);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one place of one command")]
    fn link(
        &mut self,
        stage: StageId,
        command: CommandId,
        written: Written,
        file: &Parse,
        instruction: &Instruction,
        word: Word,
        kind: DependencyKind,
    ) {
        let name = file.word(word);
        if name.is_empty() {
            // As if it were not there: the build context.
            return;
        }
        let from = self
            .model
            .stage(stage)
            .and_then(|stage| self.file.instructions().get(stage.from));
        let (range, line) = match (written, from) {
            (Written::InImage(_), Some(from)) => (from.range, from.lines.first),
            _ => (word.range, instruction.lines.first),
        };
        let mut wrong = |kind, line, phase| {
            self.problems.push(Problem {
                kind,
                range,
                line,
                phase,
                stage: Some(stage),
            });
        };
        let source = if name.contains('$') {
            let line = (kind == DependencyKind::Mount).then_some(line);
            wrong(
                ProblemKind::VariableInFrom,
                line,
                ProblemPhase::Dependencies,
            );
            Source::Unknown
        } else if let (DependencyKind::Copy, Some(index)) = (kind, number(name)) {
            let other = u32::try_from(index).ok().map(StageId);
            let other = other.filter(|&id| self.model.stage(id).is_some());
            if other.is_none() {
                let kind = ProblemKind::StageIndex(index);
                wrong(kind, None, ProblemPhase::Dependencies);
            }
            other.map_or(Source::Unknown, Source::Stage)
        } else {
            match self.options.context(name) {
                Some(NamedContext::Image(image)) => Source::Image(image.as_str().into()),
                Some(NamedContext::Folder(folder)) => Source::Folder(folder.clone()),
                None => match stage_named(self.names, name) {
                    Some(&other) => Source::Stage(other),
                    None if name == "scratch" => Source::Scratch,
                    None => {
                        if let Err(error) = ImageName::parse(name) {
                            let kind = ProblemKind::BaseName(error);
                            wrong(kind, Some(line), ProblemPhase::Images);
                        }
                        Source::Image(name.into())
                    }
                },
            }
        };
        if let Source::Stage(other) = source
            && other > stage
        {
            let kind = ProblemKind::LaterStage(other);
            wrong(kind, Some(line), ProblemPhase::Commands);
        }
        self.found.push((
            stage,
            Dependency {
                kind,
                source,
                name: name.into(),
                range,
                line,
                command: Some(command),
            },
        ));
    }
}

/// The stage of that name, however it is written.
fn stage_named<'a>(names: &'a BTreeMap<String, StageId>, name: &str) -> Option<&'a StageId> {
    let is_lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if name.bytes().all(is_lower) {
        names.get(name)
    } else {
        names.get(&name.to_lowercase())
    }
}

/// A number as Go's `strconv.Atoi` reads it.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(i64::MAX))
}

fn find_target(
    file: &Parse,
    options: &Options,
    names: &BTreeMap<String, StageId>,
    model: &mut Model,
) {
    let Some(wanted) = options.target.as_deref().filter(|name| !name.is_empty()) else {
        model.target = model.stages.last().map(|stage| stage.id);
        return;
    };
    model.target = names.get(&wanted.to_lowercase()).copied();
    if model.target.is_none() {
        let known = names.keys().map(String::as_str);
        let meant = closest(wanted, known).and_then(|name| names.get(name).copied());
        let last = file.instructions().last();
        let range = last.map_or(stagecraft_text::TextRange::empty(0.into()), |last| {
            stagecraft_text::TextRange::empty(last.range.end())
        });
        model.problems.push(Problem {
            kind: ProblemKind::UnknownTarget(meant),
            range,
            line: None,
            phase: ProblemPhase::Target,
            stage: None,
        });
    }
}

/// Whether any stage needs one, be it itself.
fn needs_stages(model: &Model) -> bool {
    let mut all = model.stages.iter().flat_map(|stage| &stage.dependencies);
    all.any(|dependency| matches!(dependency.source, Source::Stage(_)))
}

/// Looks for stages that need each other and reports the first.
fn find_cycle(model: &mut Model) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let count = model.stages.len();
    let mut marks = vec![Mark::New; count];
    let mut found = None;
    // Each with the number of needs that were followed.
    let mut path = Vec::with_capacity(count);
    'all: for root in 0..count {
        path.push((root, 0));
        while let Some((at, next)) = path.pop() {
            let Some(stage) = model.stages.get(at) else {
                continue;
            };
            if next == 0 {
                if marks.get(at) != Some(&Mark::New) {
                    continue;
                }
                if let Some(mark) = marks.get_mut(at) {
                    *mark = Mark::Open;
                }
            }
            let Some(dependency) = stage.dependencies.get(next) else {
                if let Some(mark) = marks.get_mut(at) {
                    *mark = Mark::Done;
                }
                continue;
            };
            path.push((at, next + 1));
            if let Source::Stage(other) = dependency.source {
                match marks.get(other.index()) {
                    Some(Mark::Open) => {
                        found = Some((stage.id, other, dependency.range));
                        break 'all;
                    }
                    Some(Mark::New) => path.push((other.index(), 0)),
                    _ => {}
                }
            }
        }
    }
    if let Some((stage, other, range)) = found {
        model.problems.push(Problem {
            kind: ProblemKind::Cycle(other),
            range,
            line: None,
            phase: ProblemPhase::Dependencies,
            stage: Some(stage),
        });
    }
}

/// Marks the target and everything it needs.
fn reach(model: &mut Model) {
    let (mut next, mut open) = (model.target, Vec::new());
    while let Some(id) = next {
        let stage = model.stages.get_mut(id.index());
        if let Some(stage) = stage.filter(|stage| !stage.reachable) {
            stage.reachable = true;
            if let Base::Stage(base) = stage.base {
                open.push(base);
            }
            for dependency in &stage.dependencies {
                if let Source::Stage(other) = dependency.source {
                    open.push(other);
                }
            }
        }
        next = open.pop();
    }
}
