//! Reads what is inside of `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK`: shell commands, with
//! the place of everything.

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
pub use invocation::Invocation;
pub use node::{Joint, Tree};
pub use note::{Construct, Note, NoteKind};
pub use script::{
    Array, Assignment, CaseItem, Command, CommandKind, HereDoc, List, ListRole, RedirectOp,
    Redirection, Script, Simple, TestItem, Words,
};
pub use walk::{Connector, Context, Position, SimpleCommands};
pub use word::{Parameter, ParameterOp, Part, PartKind, Parts, Word, WordRole};

#[cfg(test)]
mod scratch {
    use crate::testing::*;
    #[test]
    fn show() {
        for input in std::fs::read_to_string("/tmp/sh/try.txt").unwrap().split("\n%%\n") {
            println!("{input}\n    {}", dump(input, crate::Dialect::Bash));
            let tree = crate::Tree::parse(input, crate::Dialect::Bash);
            for n in tree.notes() { println!("    ! {:?} {:?}", n.kind, stagecraft_text::slice(input, n.range)); }
        }
    }
}
