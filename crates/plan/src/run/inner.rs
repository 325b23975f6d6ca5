//! Scripts that commands give to a shell of their own: `sh -c '…'`.

use stagecraft_shell::{Embedded, Script, Simple, Tree};
use stagecraft_text::TextSize;

use super::MOST_COMMANDS;

/// Those in a script, but for those in one of them.
#[derive(Default)]
pub(crate) struct Inner<'s>(Vec<(Simple<'s>, Embedded<'s>, Tree)>);

/// One of them, read.
pub(crate) struct Given<'s> {
    /// Where the command starts that gives it to a shell, which tells it from all others.
    pub(super) at: TextSize,
    pub(super) script: Script<'s>,
    /// The shell is the one that reads the command, too.
    pub(super) is_here: bool,
}

impl<'s> Inner<'s> {
    /// Reads them.
    pub(crate) fn of(script: &'s Script<'s>) -> Self {
        let commands = script.simple_commands_apart().take(MOST_COMMANDS);
        let inner = commands.filter_map(|(simple, _)| {
            let embedded = simple.invocation()?.embedded()?;
            let tree = embedded.parse();
            Some((simple, embedded, tree))
        });
        Self(inner.collect())
    }

    /// The scripts.
    pub(crate) fn scripts(&self) -> Vec<Given<'_>> {
        let each = self.0.iter();
        each.map(|(simple, embedded, tree)| Given {
            at: simple.range().start(),
            script: tree.script(embedded.joined()),
            is_here: simple
                .invocation()
                .is_some_and(|call| call.name() == "eval"),
        })
        .collect()
    }
}
