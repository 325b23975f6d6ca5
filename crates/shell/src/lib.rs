//! Reads what is inside of `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK` in shell form, and of
//! heredocs: POSIX `sh`, and what Dockerfiles use of bash.
//!
//! Reading never fails. Any text gives a tree, in time and space that grow with its length and
//! no faster; what cannot be understood is an opaque command or part, and what a shell would
//! complain of is a [`Note`].
//!
//! Two layers:
//!
//! - **The tree.** [`Tree::parse`] makes one, [`Tree::script`] puts it together with its text.
//!   A [`Script`] is a list of [`Command`]s; a [`Simple`] command has [`Word`]s, and a word has
//!   [`Part`]s. All of these are views: small, copied freely, worked out when asked.
//! - **What it means.** [`Simple::invocation`] looks through `sudo`, `env A=b`, `/usr/bin/` and
//!   their like to the program that really runs. [`Words::options`] sorts arguments into options
//!   and operands. [`Invocation::embedded`] is the script of a `sh -c '…'`.
//!
//! # Places
//!
//! The text is a [`Joined`](stagecraft_text::Joined): Docker has taken its line continuations
//! out. Every `range()` is one of the joined text; every `source_range()` is the range of the
//! Dockerfile that covers it.
//!
//! A `RUN` that has heredocs keeps their lines apart. Where the heredoc is the whole command
//! (`RUN <<EOF`), its lines are the script. Otherwise Docker's builder puts them back behind the
//! command for the shell to read, and so must whoever calls: the command, a line feed, and for
//! each heredoc its lines and its delimiter on a line of its own.
//!
//! # Example
//!
//! Does every `apt-get install` answer its own question, and is any value split?
//!
//! ```
//! use stagecraft_shell::{Connector, Dialect, OptionSpec, Tree};
//! use stagecraft_text::Joined;
//!
//! let text = "apt-get update && sudo apt-get -y install $PACKAGES || exit 1";
//! let tree = Tree::parse(text, Dialect::Posix);
//! let script = tree.script(Joined::identity(text));
//! assert!(script.notes().is_empty());
//!
//! let mut calls = script
//!     .simple_commands()
//!     .filter_map(|(simple, context)| Some((simple.invocation()?, context)));
//!
//! let (update, context) = calls.next().unwrap();
//! assert_eq!(update.name(), "apt-get");
//! assert_eq!((context.chain.index, context.after), (0, Some(Connector::And)));
//!
//! let (install, context) = calls.next().unwrap();
//! assert!(install.is_wrapped_by("sudo"));
//! assert_eq!((context.chain.index, context.after), (1, Some(Connector::Or)));
//! let mut arguments = install.options(OptionSpec::new("ct", &[]));
//! assert!(arguments.any(|argument| argument.is_option(Some('y'), "yes")));
//!
//! let split: Vec<&str> = script
//!     .expansions()
//!     .filter(|part| !part.is_quoted())
//!     .filter(|part| part.word().is_some_and(|word| word.role().splits()))
//!     .map(|part| part.text())
//!     .collect();
//! assert_eq!(split, ["$PACKAGES"]);
//! ```
//!
//! # What it does not do
//!
//! - It runs and expands nothing. Aliases, options of the shell (`shopt`, `set`) and the values
//!   of variables play no part.
//! - The text in backquotes is read as it stands. Where backslashes in it belong to the
//!   backquotes, words have no static value; with escaped backquotes inside it is opaque.
//! - Expressions of arithmetic are text with expansions in it, extended globs (`@(a|b)`) are one
//!   part, and `coproc` is a plain command.
//! - More than 200 levels of nesting are opaque.
//! - What is particular to ksh and zsh is not read.

mod arguments;
mod dialect;
mod embedded;
mod invocation;
mod node;
mod note;
mod parser;
mod script;
#[doc(hidden)]
pub mod sound;
mod value;
mod walk;
mod word;

#[cfg(test)]
mod testing;

pub use arguments::{Argument, Arguments, OptionSpec, Value};
pub use dialect::Dialect;
pub use embedded::Embedded;
pub use invocation::{Invocation, may_wrap};
pub use node::{Joint, Tree};
pub use note::{Construct, Note, NoteKind};
pub use script::{
    Array, Assignment, CaseItem, Command, CommandKind, HereDoc, List, ListRole, RedirectOp,
    Redirection, Script, Simple, TestItem, Words,
};
pub use walk::{Connector, Context, Position, SimpleCommands};
pub use word::{Parameter, ParameterOp, Part, PartKind, PartKinds, Parts, Word, WordRole};
