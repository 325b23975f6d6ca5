//! The commands of a stage, one after the other: their words with variables expanded, and what
//! each leaves behind for those below.

use std::collections::BTreeMap;

use stagecraft_image::ImageConfig;
use stagecraft_syntax::expand::{self, Expander, Quotes};
use stagecraft_syntax::{Form, Heredoc, Instruction, Keyword, Kind, Parse, Word, parse};
use stagecraft_text::{TextRange, size};

use crate::arguments::NOT_IN_ENVIRONMENT;
use crate::evaluate::{Walk, place};
use crate::model::{
    Base, Command, CommandId, Expanded, Model, Reference, Role, Stage, StageId, Written,
};
use crate::paths;
use crate::problem::{ProblemKind, ProblemPhase};
use crate::scope::{Origin, Scopes, State, Variable};
use crate::script::ReadOnce;

/// The longest path of a folder that is kept, in bytes. Source: `PATH_MAX` of Linux.
const LONGEST_PATH: usize = 4096;

/// What holds at one place of a stage, with variables by name.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    state: State,
    set: Values,
    /// What an ARG declares, with a value or without.
    declared: Values,
    /// Which of [`NOT_IN_ENVIRONMENT`] an ARG declares.
    declared_apart: [bool; NOT_IN_ENVIRONMENT.len()],
}

impl Scope {
    fn new() -> Self {
        Self {
            state: State::UNKNOWN,
            set: Values::default(),
            declared: Values::default(),
            declared_apart: [false; NOT_IN_ENVIRONMENT.len()],
        }
    }

    /// Whether an ARG declares a variable.
    fn is_declared(&self, scopes: &Scopes, name: &str) -> bool {
        let mut apart = NOT_IN_ENVIRONMENT.iter().zip(self.declared_apart);
        self.declared.get(scopes, name).is_some()
            || apart.any(|(known, declared)| declared && *known == name)
    }

    fn value<'a>(&self, scopes: &'a Scopes, name: &str) -> Option<&'a str> {
        let variable = scopes.variable(self.set.get(scopes, name)?)?;
        variable.value()
    }
}

/// So many variables are looked through one by one.
const FEW: usize = 16;

/// The newest of some variables of each name. Most stages have few of them, which take no copy
/// of their names.
#[derive(Debug, Clone, Default)]
struct Values {
    few: [u32; FEW],
    /// How many there are in that.
    count: usize,
    /// Those that came when there were so many already.
    more: BTreeMap<String, u32>,
}

impl Values {
    fn get(&self, scopes: &Scopes, name: &str) -> Option<u32> {
        let mut few = self.few.iter().take(self.count);
        let known = few.find(|&&id| is_named(scopes, id, name));
        known.or_else(|| self.more.get(name)).copied()
    }

    /// Puts a variable in the place of an older one of that name.
    fn set(&mut self, scopes: &Scopes, id: u32) {
        let Some(variable) = scopes.variable(id) else {
            return;
        };
        let name = variable.name();
        let mut few = self.few.iter_mut().take(self.count);
        if let Some(known) = few.find(|known| is_named(scopes, **known, name)) {
            *known = id;
        } else if let Some(free) = self.few.get_mut(self.count) {
            *free = id;
            self.count += 1;
        } else {
            self.more.insert(name.to_owned(), id);
        }
    }
}

fn is_named(scopes: &Scopes, id: u32, name: &str) -> bool {
    let variable = scopes.variable(id);
    variable.is_some_and(|variable| variable.is_named(name))
}

/// Where a command is, for problems and places.
struct Site<'a> {
    /// The text that the words name places of.
    file: &'a Parse,
    instruction: &'a Instruction,
    id: CommandId,
    stage: StageId,
    /// The place of everything in it, where it is not in the Dockerfile itself.
    elsewhere: Option<TextRange>,
    line: u32,
}

impl<'a> Site<'a> {
    fn new(file: &'a Parse, instruction: &'a Instruction, id: CommandId, stage: StageId) -> Self {
        Self {
            file,
            instruction,
            id,
            stage,
            elsewhere: None,
            line: instruction.lines.first,
        }
    }

    fn place(&self, word: Word, range: TextRange) -> TextRange {
        self.elsewhere
            .unwrap_or_else(|| place(self.file, word, range))
    }

    fn range(&self, word: Word) -> TextRange {
        self.elsewhere.unwrap_or(word.range)
    }
}

impl Walk<'_> {
    /// The commands of a stage; if its base is a stage, that one is done.
    pub(crate) fn commands(&mut self, id: StageId) {
        let Some(stage) = self.model.stages.get(id.index()) else {
            return;
        };
        let from = stage.from;
        let first = self.model.commands.len();
        let mut scope = Scope::new();
        let triggers = match &stage.base {
            Base::Stage(parent) => {
                let parent = *parent;
                self.enter_stage(id, parent, &mut scope)
            }
            Base::Image(_) => {
                let platform = stage.platform.as_ref().unwrap_or(&self.options.platform);
                let name = stage.image().filter(|_| self.images.knows_any());
                let config = name.and_then(|name| self.images.config(&name, platform));
                self.enter_image(id, config, &mut scope)
            }
            Base::Scratch | Base::Folder(_) => {
                self.enter_image(id, Some(ImageConfig::default()), &mut scope)
            }
            Base::Unknown => self.enter_image(id, None, &mut scope),
        };
        let start = scope.state;
        for written in triggers {
            self.command(written, id, from, &mut scope);
        }
        let instructions = self.file.instructions();
        for (index, instruction) in instructions.iter().enumerate().skip(from + 1) {
            if instruction.keyword == Keyword::From {
                break;
            }
            self.command(Written::Here(index), id, from, &mut scope);
        }
        let last = self.model.commands.len();
        if let Some(stage) = self.model.stages.get_mut(id.index()) {
            stage.commands = u32::from(size(first))..u32::from(size(last));
            stage.start = start;
            stage.end = scope.state;
        }
        // Nothing starts from the last one.
        if id.index() + 1 < self.model.stages.len() {
            self.ends.push(scope);
        }
    }

    /// Starts a stage from another one; gives the triggers of that.
    fn enter_stage(&mut self, id: StageId, parent: StageId, scope: &mut Scope) -> Vec<Written> {
        if let Some(end) = self.ends.get(parent.index()) {
            scope.clone_from(end);
        }
        let Some(parent) = self.model.stages.get(parent.index()) else {
            return Vec::new();
        };
        let config = parent.base_config.clone();
        let triggers = triggers_of(self.file, &self.model, parent);
        if let Some(stage) = self.model.stages.get_mut(id.index()) {
            stage.base_config = config;
        }
        triggers
    }

    /// Starts a stage from an image; gives the triggers of that.
    fn enter_image(
        &mut self,
        id: StageId,
        config: Option<ImageConfig>,
        scope: &mut Scope,
    ) -> Vec<Written> {
        let scopes = &mut self.model.scopes;
        let set = |scopes: &mut Scopes, scope: &mut Scope, variable: Variable| {
            let id = scopes.push(&mut scope.state, variable);
            scope.set.set(scopes, id);
        };
        let env = config.as_ref().map_or(&[][..], |config| &config.env);
        for (name, value) in env {
            let variable = Variable::new(name, Some(value), Origin::BaseImage, id);
            set(scopes, scope, variable);
        }
        if !env.iter().any(|(name, _)| name == "PATH") {
            set(scopes, scope, Variable::default_path(id));
        }
        let mut triggers = Vec::new();
        if let Some(config) = &config {
            let workdir = match config.working_dir.as_str() {
                "" => "/",
                folder => folder,
            };
            scope.state.workdir = Some(scopes.add_text(workdir.to_owned()));
            scope.state.user = Some(scopes.add_text(config.user.clone()));
            scope.state.shell = config.shell.clone().map(|shell| scopes.add_list(shell));
            for trigger in &config.on_build {
                triggers.push(Written::InImage(self.model.triggers.len()));
                self.model.triggers.push(parse(trigger));
            }
        }
        if let Some(stage) = self.model.stages.get_mut(id.index()) {
            stage.base_config = config;
        }
        triggers
    }

    fn command(&mut self, written: Written, stage: StageId, from: usize, scope: &mut Scope) {
        let id = CommandId(u32::from(size(self.model.commands.len())));
        let file = self.file;
        let here = match written {
            Written::Here(index) => file.instructions().get(index),
            Written::OnBuild(index) => on_build(file, index),
            Written::InImage(index) => {
                // Words name places of it while the model grows.
                let triggers = std::mem::take(&mut self.model.triggers);
                let trigger = triggers.get(index);
                let first = trigger.and_then(|file| Some((file, file.instructions().first()?)));
                if let Some((trigger, instruction)) = first {
                    let mut site = Site::new(trigger, instruction, id, stage);
                    if let Some(from) = file.instructions().get(from) {
                        (site.elsewhere, site.line) = (Some(from.range), from.lines.first);
                    }
                    self.command_at(&site, written, scope);
                }
                self.model.triggers = triggers;
                return;
            }
        };
        if let Some(instruction) = here {
            let site = Site::new(file, instruction, id, stage);
            self.command_at(&site, written, scope);
        }
    }

    fn command_at(&mut self, site: &Site<'_>, written: Written, scope: &mut Scope) {
        let before = scope.state;
        let words = self.model.words.len();
        let references = self.model.references.len();
        self.words(site, scope);
        self.check_values(site, words);
        self.take_effect(site, words, scope);
        let number = u32::from(size(self.model.scripts.len()));
        let script = ReadOnce::is_for(site.instruction.keyword).then_some(number);
        if script.is_some() {
            self.model.scripts.push(ReadOnce::default());
        }
        let until = |from: usize, to: usize| u32::from(size(from))..u32::from(size(to));
        self.model.commands.push(Command {
            stage: site.stage,
            written,
            before,
            after: scope.state,
            words: until(words, self.model.words.len()),
            references: until(references, self.model.references.len()),
            script,
        });
    }

    /// Expands the words of a command.
    fn words(&mut self, site: &Site<'_>, scope: &Scope) {
        let (file, instruction) = (site.file, site.instruction);
        match instruction.keyword {
            Keyword::Workdir | Keyword::User | Keyword::Stopsignal | Keyword::Volume => {
                for &word in file.args(instruction) {
                    self.word(site, scope, Role::Argument, word);
                }
            }
            Keyword::Expose => {
                for &word in file.args(instruction) {
                    self.split_word(site, scope, word);
                }
            }
            Keyword::Arg | Keyword::Env | Keyword::Label => {
                for pair in file.pairs(instruction) {
                    self.word(site, scope, Role::Name, pair.name);
                    if let Some(value) = pair.value {
                        self.word(site, scope, Role::Value, value);
                    }
                }
            }
            Keyword::Add | Keyword::Copy => self.transfer_words(site, scope),
            Keyword::Run => {
                for (mount_at, mount) in file.mounts(instruction).iter().enumerate() {
                    for (option_at, option) in file.mount_options(mount).iter().enumerate() {
                        let number = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
                        let role = Role::Mount(number(mount_at), number(option_at));
                        match option.value {
                            // A variable there is a mistake of its own.
                            Some(value) if option.key == "from" => self.keep(role, value),
                            Some(value) => self.word(site, scope, role, value),
                            None => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn transfer_words(&mut self, site: &Site<'_>, scope: &Scope) {
        let (file, instruction) = (site.file, site.instruction);
        let Kind::Transfer(_) = &instruction.kind else {
            return;
        };
        let heredocs = match instruction.form {
            Form::Shell => file.heredocs(instruction),
            Form::Json => &[],
        };
        for &word in file.args(instruction) {
            let heredoc = heredocs.iter().find(|heredoc| heredoc.marker == word.range);
            if let Some(heredoc) = heredoc {
                // Whoever writes its lines expands them; here only the variables count.
                self.keep(Role::Argument, word);
                self.refer_in_heredoc(site, scope, heredoc);
            } else {
                self.word(site, scope, Role::Argument, word);
            }
        }
        if file.flags(instruction).is_empty() {
            return;
        }
        for (role, flag) in [
            (Role::Chown, "chown"),
            (Role::Chmod, "chmod"),
            (Role::Checksum, "checksum"),
        ] {
            if let Some(word) = file.flag_value(instruction, flag) {
                self.word(site, scope, role, word);
            }
        }
        for word in file.excludes(instruction) {
            self.word(site, scope, Role::Exclude, word);
        }
    }

    /// The variables in the lines of a heredoc.
    fn refer_in_heredoc(&mut self, site: &Site<'_>, scope: &Scope, heredoc: &Heredoc) {
        if !heredoc.expand {
            return;
        }
        let scopes = &self.model.scopes;
        let lookup = |name: &str| scope.value(scopes, name);
        let expander = Expander {
            quotes: Quotes::Ignore,
            ..self.expander(site, &lookup)
        };
        let content = Word {
            text: heredoc.content,
            range: site.file.range(heredoc.content),
        };
        if let Ok(expanded) = expand::word(site.file.word(content), &expander) {
            self.refer(site, scope, content, expanded.references);
        }
    }

    fn keep(&mut self, role: Role, word: Word) {
        self.model.words.push(Expanded {
            role,
            word,
            text: None,
        });
    }

    fn expander<'e>(
        &'e self,
        site: &Site<'_>,
        lookup: &'e dyn Fn(&str) -> Option<&'e str>,
    ) -> Expander<'e> {
        Expander {
            room: Some(&self.room),
            ..Expander::new(site.file.escape(), lookup)
        }
    }

    /// Expands a word. Where that fails it stays as it is.
    fn word(&mut self, site: &Site<'_>, scope: &Scope, role: Role, word: Word) {
        let text = site.file.word(word);
        if expand::is_plain(text, site.file.escape()) {
            return self.keep(role, word);
        }
        let scopes = &self.model.scopes;
        let lookup = |name: &str| scope.value(scopes, name);
        match expand::word(text, &self.expander(site, &lookup)) {
            Ok(expanded) => {
                self.model.words.push(Expanded {
                    role,
                    word,
                    text: (expanded.text != text).then(|| expanded.text.into()),
                });
                self.refer(site, scope, word, expanded.references);
            }
            Err(error) => self.cannot_expand(site, scope, role, word, error),
        }
    }

    /// Expands a word that can become several, or none.
    fn split_word(&mut self, site: &Site<'_>, scope: &Scope, word: Word) {
        let text = site.file.word(word);
        if expand::is_plain(text, site.file.escape()) {
            return self.keep(Role::Argument, word);
        }
        let scopes = &self.model.scopes;
        let lookup = |name: &str| scope.value(scopes, name);
        let expander = self.expander(site, &lookup);
        let both = expand::word(text, &expander)
            .and_then(|whole| Ok((whole.references, expand::words(text, &expander)?)));
        match both {
            Ok((references, parts)) => {
                for part in parts {
                    self.model.words.push(Expanded {
                        role: Role::Argument,
                        word,
                        text: Some(part.text.into()),
                    });
                }
                self.refer(site, scope, word, references);
            }
            Err(error) => self.cannot_expand(site, scope, Role::Argument, word, error),
        }
    }

    fn refer(&mut self, site: &Site<'_>, scope: &Scope, word: Word, found: Vec<expand::Reference>) {
        let Model {
            scopes, references, ..
        } = &mut self.model;
        let found = found.into_iter().map(|reference| Reference {
            range: site.place(word, reference.range),
            declared: scope.is_declared(scopes, &reference.name),
            name: reference.name,
            set: reference.set,
        });
        references.extend(found);
    }

    fn cannot_expand(
        &mut self,
        site: &Site<'_>,
        scope: &Scope,
        role: Role,
        word: Word,
        error: expand::ExpandError,
    ) {
        self.keep(role, word);
        // What it asked for counts all the same.
        let text = site.file.word(word);
        for (at, _) in text.match_indices('$') {
            let braced = text.get(at + 1..at + 2) == Some("{");
            let start = at + 1 + usize::from(braced);
            let rest = text.get(start..).unwrap_or_default();
            let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            // Before another operator it does not get to the name.
            let known = |next: &str| next.starts_with([':', '}', '-', '+', '?', '#', '%', '/']);
            let reached = !braced || rest.get(end..).is_some_and(known);
            if !name.is_empty() && reached {
                let reference = expand::Reference {
                    name: name.to_owned(),
                    range: TextRange::new(size(at), size(start + end)),
                    set: scope.value(&self.model.scopes, name).is_some(),
                };
                self.refer(site, scope, word, vec![reference]);
            }
        }
        self.problem(
            ProblemKind::Expand(error),
            site.range(word),
            Some(site.line),
            ProblemPhase::Commands,
            Some(site.stage),
        );
    }

    /// Values that are wrong once they are expanded; the words are those of the model from `words`
    /// on. Source: BuildKit looks at them when it turns the instruction into a step.
    fn check_values(&mut self, site: &Site<'_>, words: usize) {
        let keyword = site.instruction.keyword;
        let may_be_wrong = match keyword {
            Keyword::Add | Keyword::Copy => !site.file.flags(site.instruction).is_empty(),
            Keyword::Expose => true,
            _ => false,
        };
        if !may_be_wrong {
            return;
        }
        let mut found = Vec::new();
        let last = self.model.words.len().saturating_sub(1);
        let all = self.model.words.iter().enumerate().skip(words);
        let has_checksum = all.clone().any(|(_, it)| it.role == Role::Checksum);
        let mut arguments = all.clone().filter(|(_, it)| it.role == Role::Argument);
        let target = arguments.next_back().map_or(last, |(at, _)| at);
        for (at, expanded) in all {
            let text = match &expanded.text {
                Some(text) => text,
                None => site.file.word(expanded.word),
            };
            let kind = match expanded.role {
                Role::Chmod if !text.is_empty() && !is_mode(text) => ProblemKind::Mode(text.into()),
                Role::Argument if keyword == Keyword::Expose && !is_port(text) => {
                    ProblemKind::Port(text.into())
                }
                Role::Argument if has_checksum && at != target && !is_remote(text) => {
                    ProblemKind::ChecksumOfLocal
                }
                _ => continue,
            };
            found.push((kind, expanded.word));
        }
        for (kind, word) in found {
            self.problem(
                kind,
                site.range(word),
                Some(site.line),
                ProblemPhase::Commands,
                Some(site.stage),
            );
        }
    }

    /// What a command leaves behind; its words are those of the model from `words` on.
    fn take_effect(&mut self, site: &Site<'_>, words: usize, scope: &mut Scope) {
        match site.instruction.keyword {
            Keyword::Workdir => {
                if let Some(path) = self.text_of(site, words) {
                    let current = self.model.scopes.workdir(scope.state);
                    let path = paths::join(current.unwrap_or("/"), path);
                    // No system has longer ones, and each adds to the one before.
                    if path.len() <= LONGEST_PATH {
                        scope.state.workdir = Some(self.model.scopes.add_text(path));
                    }
                }
            }
            Keyword::User => {
                if let Some(user) = self.text_of(site, words) {
                    let user = user.to_owned();
                    scope.state.user = Some(self.model.scopes.add_text(user));
                }
            }
            Keyword::Shell if site.instruction.form == Form::Json => {
                let list = site.file.args(site.instruction).iter();
                let list = list.map(|&word| site.file.word(word).to_owned()).collect();
                scope.state.shell = Some(self.model.scopes.add_list(list));
            }
            Keyword::Env => self.environment(site, words, scope),
            Keyword::Arg => self.arguments(site, words, scope),
            _ => {}
        }
    }

    fn text_of<'t>(&'t self, site: &Site<'t>, index: usize) -> Option<&'t str> {
        let word = self.model.words.get(index)?;
        Some(match &word.text {
            Some(text) => text,
            None => site.file.word(word.word),
        })
    }

    /// The name and the value of the pair whose words start at `at`, which is moved behind it.
    fn pair_at<'t>(&'t self, site: &Site<'t>, at: &mut usize) -> (&'t str, Option<&'t str>) {
        let name = self.text_of(site, *at).unwrap_or_default();
        *at += 1;
        let next = self.model.words.get(*at);
        if next.is_none_or(|word| word.role != Role::Value) {
            return (name, None);
        }
        let value = self.text_of(site, *at);
        *at += 1;
        (name, value)
    }

    fn environment(&mut self, site: &Site<'_>, words: usize, scope: &mut Scope) {
        let mut at = words;
        for pair in site.file.pairs(site.instruction) {
            let (name, value) = self.pair_at(site, &mut at);
            let variable = Variable::new(name, value, Origin::Env, site.stage);
            let range = site.range(pair.word);
            self.set(scope, variable.given_by(site.id, range));
        }
    }

    /// `ARG`: the build argument, else the default, else the global argument of that name.
    /// Source: BuildKit's `dispatchArg`.
    fn arguments(&mut self, site: &Site<'_>, words: usize, scope: &mut Scope) {
        let mut at = words;
        for pair in site.file.pairs(site.instruction) {
            let (name, default) = self.pair_at(site, &mut at);
            let (value, origin) = if let Some(given) = self.options.build_args.get(name) {
                (Some(given.as_str()), Origin::BuildArg)
            } else if default.is_some() {
                (default, Origin::ArgDefault)
            } else if let Some(global) = self.model.global_value(name) {
                let is_global = self.model.globals.iter().any(|global| global.name == name);
                let origin = if is_global {
                    Origin::ArgGlobal
                } else {
                    Origin::Predefined
                };
                (Some(global), origin)
            } else {
                (None, Origin::ArgUnset)
            };
            let mut apart = NOT_IN_ENVIRONMENT.iter().zip(&mut scope.declared_apart);
            if let Some((_, declared)) = apart.find(|(known, _)| **known == name) {
                *declared = true;
            } else {
                let variable = Variable::new(name, value, origin, site.stage);
                let range = site.range(pair.word);
                self.set(scope, variable.given_by(site.id, range));
            }
        }
    }

    fn set(&mut self, scope: &mut Scope, variable: Variable) {
        let (has_value, origin) = (variable.value().is_some(), variable.origin);
        let id = self.model.scopes.push(&mut scope.state, variable);
        if has_value {
            scope.set.set(&self.model.scopes, id);
        }
        if origin.is_argument() {
            scope.declared.set(&self.model.scopes, id);
        }
    }
}

/// Whether chmod takes it for a mode: `755`, `u+x,go-w`.
fn is_mode(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    text.split(',').all(|clause| {
        let rest = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        rest.starts_with(['+', '-', '='])
            && rest.chars().all(|letter| "+-=rwxXstugo".contains(letter))
    })
}

/// Whether it names a port or a range of ports, perhaps with a protocol.
fn is_port(text: &str) -> bool {
    // Most are this: four digits make no number that is too large.
    if (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let port = text.split('/').next().unwrap_or(text);
    let port = port.rsplit(':').next().unwrap_or(port);
    let is_number = |text: &str| text.parse::<u16>().is_ok();
    match port.split_once('-') {
        Some((low, high)) => is_number(low) && is_number(high),
        None => is_number(port),
    }
}

/// Whether ADD downloads it.
fn is_remote(text: &str) -> bool {
    text.contains("://") || text.starts_with("git@") || text.starts_with("github.com/")
}

/// What the instruction of that index wraps, if it is an ONBUILD.
fn on_build(file: &Parse, index: usize) -> Option<&Instruction> {
    match &file.instructions().get(index)?.kind {
        Kind::Onbuild(Some(inner)) => Some(inner),
        _ => None,
    }
}

/// The triggers that a stage leaves for those based on it; those of its own base are used up.
fn triggers_of(file: &Parse, model: &Model, stage: &Stage) -> Vec<Written> {
    model
        .commands(stage)
        .iter()
        .filter_map(|command| match command.written {
            Written::Here(index) => on_build(file, index).map(|_| Written::OnBuild(index)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use stagecraft_syntax::parse;

    use crate::{NoImages, Options, analyze};

    #[test]
    fn of_many_variables_the_newest_value_holds_as_of_few() {
        for count in [3, 50] {
            let mut text = String::from("FROM scratch\n");
            for value in ["old", "new"] {
                for name in 0..count {
                    let _ = writeln!(text, "ENV V{name}={value}");
                }
            }
            for name in 0..count {
                let _ = writeln!(text, "WORKDIR /$V{name}");
                let model = analyze(&parse(&text), &Options::default(), &NoImages);
                let stage = model.stages().last().unwrap();
                let last = model.commands(stage).last().unwrap();
                let folder = model.scopes().workdir(last.after);
                assert_eq!(folder, Some("/new"), "{name} of {count}");
            }
        }
    }

    #[test]
    fn a_long_value_that_is_repeated_does_not_fill_the_memory() {
        let doubled = "ENV A=$A$A\n".repeat(16);
        for line in ["ENV A=$A\n", "LABEL a=$A\n", "COPY $A /x\n", "EXPOSE $A\n"] {
            let text = format!("FROM a\nENV A=x\n{doubled}{}", line.repeat(5_000));
            let model = analyze(&parse(&text), &Options::default(), &NoImages);
            let stage = model.stages().last().unwrap();
            let words = model.commands(stage).iter().flat_map(|it| model.words(it));
            let bytes: usize = words.filter_map(|it| Some(it.text.as_ref()?.len())).sum();
            assert!(bytes < 40_000_000, "{line}: {bytes}");
            assert!(!model.problems().is_empty(), "{line}");
        }
    }
}
