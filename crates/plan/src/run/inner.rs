//! Scripts that commands give to a shell of their own: `sh -c '…'`.

use stagecraft_shell::{Embedded, Script, Tree};
use stagecraft_text::TextSize;

use super::MOST_COMMANDS;

/// Those in a script, but for those in one of them.
#[derive(Default)]
pub(crate) struct Inner<'s>(Vec<Text<'s>>);

/// The text of one.
struct Text<'s> {
    at: TextSize,
    is_here: bool,
    embedded: Embedded<'s>,
    tree: Tree,
}

/// One of them, read.
pub(crate) struct Given<'s> {
    /// Where the command starts that gives it to a shell, which tells it from all others.
    pub(super) at: TextSize,
    pub(crate) script: Script<'s>,
    /// The shell is the one that reads the command, too.
    pub(super) is_here: bool,
}

impl<'s> Inner<'s> {
    /// Reads them.
    pub(crate) fn of(script: &'s Script<'s>) -> Self {
        let commands = script.simple_commands_apart().take(MOST_COMMANDS);
        let inner = commands.filter_map(|(simple, _)| {
            let call = simple.invocation()?;
            let embedded = call.embedded()?;
            Some(Text {
                at: simple.range().start(),
                is_here: call.name() == "eval",
                tree: embedded.parse(),
                embedded,
            })
        });
        Self(inner.collect())
    }

    /// The scripts.
    pub(crate) fn scripts(&self) -> Vec<Given<'_>> {
        let each = self.0.iter().map(|text| Given {
            at: text.at,
            script: text.tree.script(text.embedded.joined()),
            is_here: text.is_here,
        });
        each.collect()
    }
}
