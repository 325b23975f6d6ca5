//! Reads Dockerfiles exactly as BuildKit does, and never fails.
//!
//! [`parse`] turns any text into a [`Parse`]: flat lists of instructions, words, flags,
//! heredocs and comments that name places of the text, and the errors. After a mistake the
//! reading goes on at the next logical line. [`expand`] holds the builder's own rules for
//! variables and quotes.
//!
//! ```
//! use stagecraft_syntax::{Keyword, parse};
//!
//! let file = parse("FROM golang:1.22 AS build\nRUN go build \\\n  -o /app\n");
//! let run = &file.instructions()[1];
//! assert_eq!(run.keyword, Keyword::Run);
//! assert_eq!(file.word(file.args(run)[0]), "go build   -o /app");
//! assert!(file.errors().is_empty());
//! ```
//!
//! What BuildKit does here was settled against its own answers for thousands of files; see
//! `tests/`. Nothing here knows of stages, images or the shell.

mod arguments;
mod error;
pub mod expand;
mod heredoc;
mod instruction;
mod json;
mod parser;
mod scan;
mod settle;
#[doc(hidden)]
pub mod sound;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;

pub use error::{ErrorKind, Phase, SyntaxError};
pub use instruction::{
    From, Healthcheck, Kind, Mount, MountKind, MountOption, Pair, Run, Transfer,
};
pub use parser::{MAX_SOURCE, parse};
pub use settle::{duration, is_stage_name, known_flags};
pub use tokens::{Token, TokenKind};
pub use tree::{
    Comment, CommentKind, Directive, DirectiveLine, Flag, Form, Heredoc, Instruction, Keyword,
    Lines, Parse, Span, Text, Word,
};
