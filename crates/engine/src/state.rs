//! What holds at some place: for the inspector and for hovers.

use stagecraft_semantic::{Model, Origin, Stage, State, Variable};
use stagecraft_syntax::Parse;
use stagecraft_text::TextSize;

/// What holds before the instruction with that index, if it stands in a stage.
pub(crate) fn state_before(model: &Model, index: usize) -> Option<State> {
    let stage = model.stage_of_instruction(index)?;
    if stage.from == index {
        return None;
    }
    let command = model.command_of_instruction(index)?;
    model.command(command).map(|command| command.before)
}

/// What holds at one place of a Dockerfile.
#[derive(Debug, Clone, PartialEq)]
pub struct StateView<'a> {
    /// The stage, by its name or `stage-N`; `None` before the first.
    pub stage: Option<String>,
    /// The folder; `None` where only the base image knows it.
    pub workdir: Option<&'a str>,
    /// The user; `None` where only the base image knows it, empty for root.
    pub user: Option<&'a str>,
    /// What runs shell forms; `None` for the default.
    pub shell: Option<&'a [String]>,
    /// ENV and ARG by name.
    pub variables: Vec<&'a Variable>,
    /// Global arguments that have a value above but none here, because no ARG of this stage
    /// asks for them.
    pub only_global: Vec<&'a str>,
}

/// What holds behind the instruction at `offset`, or before it where `offset` is in its first
/// word.
pub fn state_at<'a>(file: &Parse, model: &'a Model, offset: TextSize) -> StateView<'a> {
    let after = file
        .instructions()
        .partition_point(|instruction| instruction.range.start() <= offset);
    let index = after.checked_sub(1);
    let stage = index.and_then(|index| model.stage_of_instruction(index));
    let state = stage.map(|stage| {
        let command = index.and_then(|index| model.command_of_instruction(index));
        let command = command.and_then(|id| model.command(id));
        command.map_or(stage.start, |command| command.after)
    });
    let scopes = model.scopes();
    let variables = state.map_or_else(Vec::new, |state| scopes.variables(state));
    let declared = |name: &str| variables.iter().any(|variable| variable.name() == name);
    let only_global = match stage {
        Some(_) => model
            .globals()
            .iter()
            .map(|global| global.name.as_str())
            .filter(|name| !declared(name))
            .collect(),
        None => Vec::new(),
    };
    StateView {
        stage: stage.map(Stage::display_name),
        workdir: state.and_then(|state| scopes.workdir(state)),
        user: state.and_then(|state| scopes.user(state)),
        shell: state.and_then(|state| scopes.shell(state)),
        variables,
        only_global,
    }
}

/// Where a value comes from, in words.
pub const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::BaseImage => "from the base image",
        Origin::Env => "ENV",
        Origin::ArgDefault => "ARG, its default",
        Origin::ArgGlobal => "ARG, from the top of the file",
        Origin::BuildArg => "ARG, given by --build-arg",
        Origin::Predefined => "ARG, given by the builder",
        Origin::ArgUnset => "ARG without a value",
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_semantic::{NoImages, Options, analyze};
    use stagecraft_syntax::parse;
    use stagecraft_text::size;

    use super::*;

    fn at_mark(marked: &str, check: impl FnOnce(StateView<'_>)) {
        let offset = marked.find('|').unwrap();
        let file = parse(&marked.replacen('|', "", 1));
        let model = analyze(&file, &Options::default(), &NoImages);
        check(state_at(&file, &model, size(offset)));
    }

    #[test]
    fn the_state_is_that_behind_the_line_of_the_cursor() {
        at_mark(
            "FROM scratch AS x\nWORKDIR /a\nUSER 1|\nUSER 2\n",
            |state| {
                assert_eq!(state.stage.as_deref(), Some("x"));
                assert_eq!(state.workdir, Some("/a"));
                assert_eq!(state.user, Some("1"));
            },
        );
    }

    #[test]
    fn an_argument_of_the_top_is_unset_here_until_it_is_declared() {
        at_mark("ARG V=1\nFROM a\nRUN x|\nARG V\n", |state| {
            assert_eq!(state.only_global, ["V"]);
        });
        at_mark("ARG V=1\nFROM a\nARG V|\n", |state| {
            assert!(state.only_global.is_empty());
            let v = state.variables.iter().find(|it| it.name() == "V").unwrap();
            assert_eq!((v.value(), v.origin), (Some("1"), Origin::ArgGlobal));
        });
    }

    #[test]
    fn a_new_base_starts_anew() {
        at_mark("FROM a\nENV X=1\nWORKDIR /w\nFROM b|\n", |state| {
            assert_eq!(state.workdir, None);
            assert!(state.variables.iter().all(|it| it.name() != "X"));
        });
    }
}
