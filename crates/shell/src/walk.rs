//! All simple commands of a script with what is around them.

use crate::node::{Id, Joint, Kind, Node, flag};
use crate::script::{ListRole, Script, Simple};

/// What is around a simple command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each asked for by its name"
)]
pub struct Context {
    /// Its place in its pipeline.
    pub pipeline: Position,
    /// The place of its pipeline in the chain of `&&` and `||`.
    pub chain: Position,
    /// What joins its pipeline to the one before it in the chain.
    pub before: Option<Connector>,
    /// What joins its pipeline to the one behind it in the chain.
    pub after: Option<Connector>,
    /// `!` stands before its pipeline.
    pub negated: bool,
    /// `&` stands behind its chain.
    pub background: bool,
    /// It is in the condition of an `if`, `elif`, `while` or `until`: a failure there is an
    /// answer. Ends at a substitution and at a function's body.
    pub in_condition: bool,
    /// It is in the body of a loop.
    pub in_loop: bool,
    /// It is in a branch: of an `if` or a `case`.
    pub in_branch: bool,
    /// It is in `( … )`, however deep.
    pub in_subshell: bool,
    /// It is in the body of a function.
    pub in_function: bool,
    /// It is in `$(…)`, `` `…` ``, `<(…)` or `>(…)`, however deep.
    pub in_substitution: bool,
}

/// A place in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// From 0.
    pub index: u32,
    /// How many there are.
    pub count: u32,
}

impl Position {
    /// Whether it is the first.
    pub fn is_first(self) -> bool {
        self.index == 0
    }

    /// Whether it is the last.
    pub fn is_last(self) -> bool {
        self.index + 1 >= self.count
    }

    const ALONE: Self = Self { index: 0, count: 1 };
}

/// What joins the pipelines of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Connector {
    /// `&&`
    And,
    /// `||`
    Or,
}

impl Connector {
    fn of(joint: Joint) -> Option<Self> {
        match joint {
            Joint::And => Some(Self::And),
            Joint::Or => Some(Self::Or),
            _ => None,
        }
    }
}

const OUTSIDE: Context = Context {
    pipeline: Position::ALONE,
    chain: Position::ALONE,
    before: None,
    after: None,
    negated: false,
    background: false,
    in_condition: false,
    in_loop: false,
    in_branch: false,
    in_subshell: false,
    in_function: false,
    in_substitution: false,
};

/// Iterator over the simple commands of a script; see [`Script::simple_commands`].
#[derive(Debug, Clone)]
pub struct SimpleCommands<'a> {
    script: &'a Script<'a>,
    next: Id,
    /// Whether the places of commands among others are found out.
    places: bool,
    /// The innermost list or function that is open.
    open: Open,
    /// Those around it, innermost last.
    around: Vec<Open>,
}

/// A list or function that is being walked.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// The node behind it.
    end: Id,
    /// What is around the command in it that is being walked.
    context: Context,
}

impl<'a> SimpleCommands<'a> {
    pub(crate) fn new(script: &'a Script<'a>, places: bool) -> Self {
        Self {
            script,
            next: 0,
            places,
            open: Open {
                end: Id::MAX,
                context: OUTSIDE,
            },
            around: Vec::new(),
        }
    }

    fn node(&self, id: Id) -> Option<&'a Node> {
        self.script.tree.node(id)
    }

    /// Goes into a list or function.
    fn open(&mut self, node: &Node, context: Context) {
        let open = Open {
            end: node.next,
            context,
        };
        let outer = std::mem::replace(&mut self.open, open);
        // Nothing stands around the root.
        if self.next > 1 {
            self.around.push(outer);
        }
    }

    /// What holds for all that stands in `list`.
    fn enter_list(&self, list: &Node, role: ListRole) -> Context {
        let around = self.open.context;
        let mut context = Context {
            in_condition: around.in_condition || role == ListRole::Condition,
            in_loop: around.in_loop,
            in_branch: around.in_branch,
            in_subshell: around.in_subshell,
            in_function: around.in_function,
            in_substitution: around.in_substitution,
            ..OUTSIDE
        };
        let body = matches!(role, ListRole::Body | ListRole::Else);
        match self.node(list.parent).map(|parent| parent.kind) {
            Some(Kind::Subshell) => context.in_subshell = true,
            Some(Kind::If | Kind::CaseItem) if body => context.in_branch = true,
            Some(Kind::For | Kind::ArithmeticFor | Kind::Select) => context.in_loop = true,
            Some(Kind::While | Kind::Until) if body => context.in_loop = true,
            Some(Kind::CommandSubstitution | Kind::ProcessSubstitution) => {
                context.in_substitution = true;
                context.in_condition = false;
            }
            _ => {}
        }
        context
    }

    /// Moves the innermost list on to its command `node`.
    fn enter_command(&mut self, node: &Node) {
        let tree = self.script.tree;
        let open = &mut self.open;
        let context = &mut open.context;
        // The next command of the same list.
        let end = open.end;
        let behind = |node: &Node| {
            let mut id = node.next;
            while id < end {
                let next = tree.node(id)?;
                if next.kind.is_command() {
                    return Some(next);
                }
                id = next.next;
            }
            None
        };
        if !node.joint.is_chain() {
            let mut last = node;
            let mut pipelines = 1;
            while let Some(next) = behind(last).filter(|next| next.joint.is_chain()) {
                pipelines += u32::from(!next.joint.is_pipe());
                last = next;
            }
            context.chain = Position {
                index: 0,
                count: pipelines,
            };
            context.background = last.has(flag::BACKGROUND);
        }
        if node.joint.is_pipe() {
            context.pipeline.index += 1;
        } else {
            let mut count = 1;
            let mut next = behind(node);
            while let Some(piped) = next.filter(|next| next.joint.is_pipe()) {
                count += 1;
                next = behind(piped);
            }
            context.pipeline = Position { index: 0, count };
            context.chain.index += u32::from(node.joint.is_chain());
            context.before = Connector::of(node.joint);
            context.after = next.and_then(|next| Connector::of(next.joint));
            context.negated = node.has(flag::NEGATED);
        }
    }
}

impl<'a> Iterator for SimpleCommands<'a> {
    type Item = (Simple<'a>, Context);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let id = self.next;
            let node = self.node(id)?;
            self.next += 1;
            let list = matches!(node.kind, Kind::List(_));
            if !list && !node.kind.is_command() {
                continue;
            }
            while self.open.end <= id
                && let Some(outer) = self.around.pop()
            {
                self.open = outer;
            }
            if let Kind::List(role) = node.kind {
                let context = self.enter_list(node, role);
                self.open(node, context);
                continue;
            }
            let in_list = |parent: &Node| matches!(parent.kind, Kind::List(_));
            if self.places && self.node(node.parent).is_some_and(in_list) {
                self.enter_command(node);
            }
            let context = self.open.context;
            match node.kind {
                Kind::Simple => {
                    // Only what is substituted has commands inside of a simple one.
                    if !self.script.substitutes() {
                        self.next = node.next.max(self.next);
                    }
                    return Some((Simple(self.script.at(id)), context));
                }
                Kind::Function => self.open(
                    node,
                    Context {
                        in_function: true,
                        ..OUTSIDE
                    },
                ),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::with_script;

    /// The context of each command by its first word.
    fn contexts<T>(input: &str, read: impl Fn(Context) -> T) -> Vec<(String, T)> {
        with_script(input, |script| {
            script
                .simple_commands()
                .map(|(simple, context)| (simple.name().unwrap().text().to_owned(), read(context)))
                .collect()
        })
    }

    fn named(input: &str, holds: impl Fn(Context) -> bool) -> String {
        let all = contexts(input, holds);
        let names: Vec<&str> = all
            .iter()
            .filter(|(_, holds)| *holds)
            .map(|(name, _)| name.as_str())
            .collect();
        names.join(" ")
    }

    #[test]
    fn every_simple_command_comes_once_in_source_order() {
        let input = "a $(b) | c; if d; then e; fi; f() { g; }; x=$(h) i <(j) <<E\n$(k)\nE\nl";
        assert_eq!(named(input, |_| true), "a b c d e g i h j k l");
    }

    #[test]
    fn without_what_is_around_them_they_are_the_same() {
        for input in [
            "a | b; if c; then d; fi; f() { g; }; x=1 h >i <<E\n$y\nE\nj",
            "a $(b <(c)) `d`; x=$(e) f",
        ] {
            with_script(input, |script| {
                let simple: Vec<_> = script.simple().collect();
                let all: Vec<_> = script.simple_commands().map(|(simple, _)| simple).collect();
                assert_eq!(simple, all, "{input}");
                let compounds = script.compounds().count();
                let others = script.commands().filter(|it| it.simple().is_none());
                assert_eq!(compounds, others.count(), "{input}");
            });
        }
    }

    #[test]
    fn a_command_has_a_place_in_its_pipeline() {
        let places = contexts("a | b | c && d; e | f", |it| {
            (it.pipeline.index, it.pipeline.count)
        });
        let places: Vec<_> = places.iter().map(|(_, place)| *place).collect();
        assert_eq!(places, [(0, 3), (1, 3), (2, 3), (0, 1), (0, 2), (1, 2)]);
    }

    #[test]
    fn a_pipeline_has_a_place_in_its_chain() {
        let input = "a | b && c || d; e";
        let chains = contexts(input, |it| {
            (it.chain.index, it.chain.count, it.before, it.after)
        });
        let chains: Vec<_> = chains.iter().map(|(_, chain)| *chain).collect();
        let (and, or) = (Some(Connector::And), Some(Connector::Or));
        assert_eq!(
            chains,
            [
                (0, 3, None, and),
                (0, 3, None, and),
                (1, 3, and, or),
                (2, 3, or, None),
                (0, 1, None, None),
            ]
        );
    }

    #[test]
    fn a_bang_and_an_ampersand_hold_for_the_whole_pipeline_and_chain() {
        assert_eq!(named("! a | b && c", |it| it.negated), "a b");
        assert_eq!(named("a; b && c | d & e", |it| it.background), "b c d");
    }

    #[test]
    fn what_is_around_holds_however_deep() {
        let input = "if a && (b); then c $(d); elif e; then f; else g; fi";
        assert_eq!(named(input, |it| it.in_condition), "a b e");
        assert_eq!(named(input, |it| it.in_branch), "c d f g");
        assert_eq!(named(input, |it| it.in_subshell), "b");
        assert_eq!(named(input, |it| it.in_substitution), "d");
        let input = "while a; do { b; (c); }; done; for x in $(d); do e; done; f";
        assert_eq!(named(input, |it| it.in_loop), "b c e");
        assert_eq!(named(input, |it| it.in_condition), "a");
        let input = "(f() { a; }; b); case x in y) c;; esac";
        assert_eq!(named(input, |it| it.in_function), "a");
        assert_eq!(named(input, |it| it.in_subshell), "b");
        assert_eq!(named(input, |it| it.in_branch), "c");
    }

    #[test]
    fn here_documents_and_comments_between_the_parts_of_a_chain_do_not_matter() {
        let input = "a <<E &&\nx\nE\n# why\nb | c";
        let counts = contexts(input, |it| (it.chain.count, it.pipeline.count));
        let counts: Vec<_> = counts.iter().map(|(_, counts)| *counts).collect();
        assert_eq!(counts, [(2, 1), (2, 2), (2, 2)]);
    }
}
