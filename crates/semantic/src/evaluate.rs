//! Goes through a file from top to bottom: stages, their bases, and each command with its
//! variables expanded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use stagecraft_image::{Places, Platform, Reference as ImageName, ReferenceError};
use stagecraft_syntax::expand::{self, Expander, Room};
use stagecraft_syntax::{Instruction, Keyword, Kind, Parse, Word};
use stagecraft_text::{TextRange, size, sort_by};

use crate::arguments::predefined;
use crate::commands::Scope;
use crate::graph;
use crate::model::{
    Base, Dependency, DependencyKind, Global, Model, Reference, Source, Stage, StageId,
};
use crate::options::{Images, NamedContext, Options};
use crate::problem::{Problem, ProblemKind, ProblemPhase};
use crate::scope::{Scopes, State};
use crate::script::ReadOnce;

/// Works out what `file` means when it is built with `options`, with `images` for what is known
/// of base images. Never fails: see [`Model::problems`].
pub fn analyze(file: &Parse, options: &Options, images: &dyn Images) -> Model {
    let instructions = file.instructions();
    let (mut stages, mut scripts, mut settings) = (0, 0, 0);
    for instruction in instructions {
        match instruction.keyword {
            Keyword::From => stages += 1,
            Keyword::Arg | Keyword::Env => settings += 1,
            keyword => scripts += usize::from(ReadOnce::is_for(keyword)),
        }
    }
    let mut walk = Walk {
        file,
        options,
        images,
        model: Model {
            globals: Vec::new(),
            global_values: predefined(options),
            global_references: Vec::new(),
            stages: Vec::with_capacity(stages),
            commands: Vec::with_capacity(instructions.len()),
            words: Vec::with_capacity(2 * instructions.len()),
            references: Vec::new(),
            scripts: Vec::with_capacity(scripts),
            // Each stage starts with a variable of its own.
            scopes: Scopes::with_capacity(stages + settings),
            triggers: Vec::new(),
            problems: Vec::new(),
            target: None,
        },
        names: BTreeMap::new(),
        // Nothing starts from the last one.
        ends: Vec::with_capacity(stages.saturating_sub(1)),
        room: Room::of_file(),
    };
    for (index, instruction) in instructions.iter().enumerate() {
        match &instruction.kind {
            Kind::From(from) => walk.stage(index, instruction, from),
            Kind::Pairs(_)
                if walk.model.stages.is_empty() && instruction.keyword == Keyword::Arg =>
            {
                walk.global(index, instruction);
            }
            _ => {}
        }
    }
    for id in 0..walk.model.stages.len() {
        walk.commands(StageId(u32::from(size(id))));
    }
    let Walk {
        mut model, names, ..
    } = walk;
    graph::connect(file, options, &names, &mut model);
    sort_by(&mut model.problems, |one, other| {
        let starts = one.range.start().cmp(&other.range.start());
        starts.then(one.phase.cmp(&other.phase))
    });
    model
}

/// So many global values are looked through one by one.
const FEW: usize = 32;

/// The way through a file.
pub(crate) struct Walk<'a> {
    pub(crate) file: &'a Parse,
    pub(crate) options: &'a Options,
    pub(crate) images: &'a dyn Images,
    pub(crate) model: Model,
    /// Stages by name, the last one where two have the same.
    names: BTreeMap<String, StageId>,
    /// What holds at the end of each stage that is done.
    pub(crate) ends: Vec<Scope>,
    /// What is left for expansions.
    pub(crate) room: Room,
}

impl Walk<'_> {
    pub(crate) fn problem(
        &mut self,
        kind: ProblemKind,
        range: TextRange,
        line: Option<u32>,
        phase: ProblemPhase,
        stage: Option<StageId>,
    ) {
        self.model.problems.push(Problem {
            kind,
            range,
            line,
            phase,
            stage,
        });
    }

    /// `ARG` before the first FROM. Each pair sees those before it.
    fn global(&mut self, index: usize, instruction: &Instruction) {
        for pair in self.file.pairs(instruction) {
            let name = self.file.word(pair.name).to_owned();
            let default = pair.value.and_then(|value| {
                self.expand_global(value, |walk, references| {
                    walk.model.global_references.extend(references);
                })
                .unwrap_or_else(|(error, range)| {
                    let line = Some(instruction.lines.first);
                    let kind = ProblemKind::Expand(error);
                    self.problem(kind, range, line, ProblemPhase::Stages, None);
                    None
                })
            });
            let default = default.map(|default| String::from(&*default));
            let given = self.options.build_args.get(&name).cloned();
            let value = given.or_else(|| default.clone());
            if let Some(value) = &value {
                // The newest counts and stands last.
                let known = self.model.global_values.to_mut();
                known.retain(|(known, _)| **known != *name);
                known.push((Cow::Owned(name.clone()), Cow::Owned(value.clone())));
            }
            self.model.globals.push(Global {
                name,
                value,
                default,
                range: pair.word.range,
                instruction: index,
            });
        }
    }

    /// Expands a word with what FROM can see.
    fn expand_global(
        &mut self,
        word: Word,
        found: impl FnOnce(&mut Self, Vec<Reference>),
    ) -> Result<Option<Arc<str>>, (expand::ExpandError, TextRange)> {
        let text = self.file.word(word);
        if expand::is_plain(text, self.file.escape()) {
            return Ok(Some(text.into()));
        }
        let few = self.model.global_values.len() <= FEW;
        let by_name = || {
            let all = self.model.global_values.iter();
            all.map(|(name, value)| (&**name, &**value)).collect()
        };
        let values: BTreeMap<&str, &str> = if few { BTreeMap::new() } else { by_name() };
        let lookup = |name: &str| {
            if few {
                self.model.global_value(name)
            } else {
                values.get(name).copied()
            }
        };
        let expander = Expander {
            room: Some(&self.room),
            ..Expander::new(self.file.escape(), &lookup)
        };
        let expanded = expand::word(text, &expander).map_err(|error| (error, word.range))?;
        let references = expanded
            .references
            .into_iter()
            .map(|reference| Reference {
                range: place(self.file, word, reference.range),
                name: reference.name,
                set: reference.set,
                declared: false,
            })
            .collect();
        found(self, references);
        Ok(Some(expanded.text.into()))
    }

    /// A FROM.
    fn stage(&mut self, index: usize, instruction: &Instruction, from: &stagecraft_syntax::From) {
        let file = self.file;
        let id = StageId(u32::from(size(self.model.stages.len())));
        let line = Some(instruction.lines.first);
        let mut references = Vec::new();
        let mut resolve = |walk: &mut Self, word: Word| {
            walk.expand_global(word, |_, found| references.extend(found))
                .unwrap_or_else(|(error, range)| {
                    let kind = ProblemKind::Expand(error);
                    walk.problem(kind, range, line, ProblemPhase::Stages, Some(id));
                    None
                })
        };
        let base_text = from.image.and_then(|word| resolve(self, word));
        let platform_text = from.platform.and_then(|word| resolve(self, word));
        let platform = platform_text.and_then(|text| {
            let range = from.platform.map_or(instruction.range, |word| word.range);
            let kind = if text.is_empty() {
                ProblemKind::BlankPlatform
            } else {
                match Platform::parse(&text) {
                    Ok(platform) => return Some(platform),
                    Err(_) => ProblemKind::Platform(String::from(&*text)),
                }
            };
            self.problem(kind, range, line, ProblemPhase::Stages, Some(id));
            None
        });
        let range = from.image.map_or(instruction.name.range, |word| word.range);
        let (base, image) = match &base_text {
            None => (Base::Unknown, None),
            Some(text) if text.is_empty() => {
                self.problem(
                    ProblemKind::BlankBase,
                    range,
                    line,
                    ProblemPhase::Stages,
                    Some(id),
                );
                (Base::Unknown, None)
            }
            Some(text) => self.base(text, range, line, id),
        };
        let name = from.name.map(|word| file.word(word).to_lowercase());
        let source = match &base {
            Base::Scratch => Source::Scratch,
            Base::Stage(stage) => Source::Stage(*stage),
            Base::Image(image) => Source::Image(Arc::clone(image)),
            Base::Folder(folder) => Source::Folder(folder.clone()),
            Base::Unknown => Source::Unknown,
        };
        let written = || from.image.map_or("", |word| file.word(word)).into();
        let base_text: Arc<str> = base_text.unwrap_or_else(written);
        let description = name
            .as_deref()
            .and_then(|name| description(file, instruction, name));
        if let Some(name) = &name {
            self.names.insert(name.clone(), id);
        }
        self.model.stages.push(Stage {
            id,
            from: index,
            name,
            dependencies: vec![Dependency {
                kind: DependencyKind::From,
                source,
                name: Arc::clone(&base_text),
                range,
                line: instruction.lines.first,
                command: None,
            }],
            base,
            base_text,
            image,
            platform,
            description,
            commands: 0..0,
            reachable: false,
            base_config: None,
            start: State::UNKNOWN,
            end: State::UNKNOWN,
            references,
        });
    }

    /// What a name behind FROM stands for: an earlier stage of exactly that name, `scratch`, or an
    /// image, with the places of its parts.
    fn base(
        &mut self,
        text: &Arc<str>,
        range: TextRange,
        line: Option<u32>,
        id: StageId,
    ) -> (Base, Option<Places>) {
        match self.options.context(text) {
            Some(NamedContext::Image(image)) => {
                let places = ImageName::parse(image).ok().map(|it| it.places());
                return (Base::Image(image.as_str().into()), places);
            }
            Some(NamedContext::Folder(folder)) => return (Base::Folder(folder.clone()), None),
            None => {}
        }
        if let Some(&stage) = self.names.get(&**text) {
            return (Base::Stage(stage), None);
        }
        if **text == *"scratch" {
            return (Base::Scratch, None);
        }
        let image = ImageName::parse(text);
        if let Err(error) = image {
            let meant = self.names.get(&text.to_lowercase());
            let kind = match (error, meant) {
                (ReferenceError::UpperCase, Some(&stage)) => ProblemKind::BaseCase(stage),
                _ => ProblemKind::BaseName(error),
            };
            self.problem(kind, range, line, ProblemPhase::Images, Some(id));
        }
        let places = image.ok().map(|it| it.places());
        (Base::Image(Arc::clone(text)), places)
    }
}

/// The place of a part of a word.
pub(crate) fn place(file: &Parse, word: Word, range: TextRange) -> TextRange {
    file.part(word, range.start().into(), range.end().into())
        .range
}

/// What the comments above a FROM say of a stage: the one that starts with its name.
/// Source: BuildKit's `getComment` for stages and arguments.
fn description(file: &Parse, instruction: &Instruction, name: &str) -> Option<Word> {
    file.comments_above(instruction).iter().find_map(|comment| {
        let text = file.str(comment.as_buildkit);
        let rest = text.strip_prefix(name)?.strip_prefix(' ')?;
        let start = text.len() - rest.len();
        let text = comment.as_buildkit.sub(start, text.len());
        let range = file.range(text);
        Some(Word { text, range })
    })
}
