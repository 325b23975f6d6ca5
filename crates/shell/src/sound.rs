//! What must hold for the tree of any text: for property tests and fuzzing.

use stagecraft_text::{Joined, Segment, SourceMap, TextRange, TextSize};

use crate::node::Kind;
use crate::{Dialect, OptionSpec, Parts, Script, Simple, Tree, Word};

/// Parses `text` in all dialects, holds the trees to their promises, and calls everything that
/// can be asked of them.
///
/// # Panics
///
/// Where a promise is broken.
pub fn check(text: &str) {
    for dialect in [Dialect::Posix, Dialect::Bash, Dialect::Opaque] {
        let tree = Tree::parse(text, dialect);
        let script = tree.script(Joined::identity(text));
        nodes(script);
        words(script);
        commands(script);
    }
}

/// Ranges lie on the text, nest, and are in order.
fn nodes(script: Script<'_>) {
    let text = script.text();
    let nodes = &script.tree.nodes;
    let groups = (0_u32..).zip(nodes.iter().map(|node| node.kind.group()));
    let in_group = groups.filter(|(_, group)| *group != 0);
    assert!(in_group.eq(script.tree.marked.iter().copied()));
    for (id, node) in (0_u32..).zip(nodes) {
        let at = script.at(id);
        assert!(node.start <= node.end, "{node:?}");
        for place in [node.start, node.end] {
            assert!(
                text.is_char_boundary(place as usize),
                "{node:?} of {text:?}"
            );
        }
        assert!(node.next > id && node.next as usize <= nodes.len());
        let mut end = TextSize::new(node.start);
        for child in at.children() {
            assert_eq!(child.node().parent, id);
            let range = child.range();
            assert!(
                range.start() >= end,
                "{:?} in {node:?} of {text:?}",
                child.node()
            );
            end = range.end();
        }
        assert!(end <= TextSize::new(node.end), "{node:?} of {text:?}");
    }
    assert_eq!(script.root().text(), text);
    for note in script.notes() {
        assert!(
            text.get(note.range.start().into()..note.range.end().into())
                .is_some()
        );
    }
}

/// The parts of a word are the word.
fn words(script: Script<'_>) {
    for word in script.words() {
        cover(word.parts(), word.range());
        values(word);
    }
    for part in script.expansions() {
        let _ = (
            part.kind(),
            part.is_quoted(),
            part.is_other_form(),
            part.word(),
        );
        let _ = part.list().map(|list| (list.role(), list.owner()));
        if let Some(parameter) = part.parameter() {
            assert!(parameter.part() == part);
            assert!(part.range().contains_range(parameter.name_range()));
            assert!(!parameter.name().is_empty());
            let _ = (parameter.subscript(), parameter.operands().count());
        }
    }
    for redirection in script.redirections() {
        let _ = (
            redirection.op(),
            redirection.descriptor(),
            redirection.target(),
        );
        if let Some(here_doc) = redirection.here_doc() {
            cover(here_doc.parts(), here_doc.range());
            let _ = here_doc.as_static();
        }
    }
    for assignment in script.assignments() {
        assert!(assignment.range().contains_range(assignment.name_range()));
        let _ = (
            assignment.subscript(),
            assignment.value(),
            assignment.array(),
        );
    }
}

fn cover(parts: Parts<'_>, range: TextRange) {
    let mut end = range.start();
    for part in parts {
        assert_eq!(
            part.range().start(),
            end,
            "{part:?} of {:?}",
            part.script().text()
        );
        end = part.range().end();
        let inner = part.parts();
        if inner.clone().next().is_some() {
            cover(inner, part.content_range());
        }
        assert!(part.range().contains_range(part.content_range()));
    }
    assert_eq!(end, range.end(), "{range:?}");
}

fn values(word: Word<'_>) {
    let prefix = word.static_prefix();
    if let Some(value) = word.as_static() {
        assert_eq!(prefix, value);
        assert!(word.expansions().next().is_none());
        assert!(word.as_pattern().is_some());
    }
    let _ = (
        word.role(),
        word.static_base_name(),
        word.has_quotes(),
        word.has_glob(),
    );
    assert!(!word.has_unquoted_expansion() || word.expansions().next().is_some());
}

/// Every simple command comes once, in order, and can be asked everything.
fn commands(script: Script<'_>) {
    let mut last = None;
    let mut count = 0;
    for (simple, context) in script.simple_commands() {
        assert!(last < Some(simple.0.id));
        last = Some(simple.0.id);
        count += 1;
        assert!(context.pipeline.index < context.pipeline.count);
        assert!(context.chain.index < context.chain.count);
        assert_eq!(context.before.is_none(), context.chain.is_first());
        assert_eq!(context.after.is_none(), context.chain.is_last());
        for word in simple.words() {
            cover(word.parts(), word.range());
        }
        calls(simple);
    }
    let all = script.tree.nodes.iter();
    assert_eq!(count, all.filter(|node| node.kind == Kind::Simple).count());
    for command in script.commands() {
        let _ = (
            command.kind(),
            command.words().count(),
            command.test_items().count(),
        );
        let _ = (command.list(), command.next(), command.enclosing().count());
    }
}

fn calls(simple: Simple<'_>) {
    let Some(call) = simple.invocation() else {
        return;
    };
    let _ = (call.name(), call.wrappers().count());
    let specs = [
        OptionSpec::new("o", &["output"]),
        OptionSpec::new("o", &["output"]).single_dash(),
    ];
    for argument in specs.iter().flat_map(|spec| call.options(*spec)) {
        let _ = argument.is_option(Some('x'), "y");
        if let crate::Argument::Short {
            value: Some(value), ..
        }
        | crate::Argument::Long {
            value: Some(value), ..
        } = argument
        {
            let _ = (value.as_static(), value.range());
        }
    }
    if let Some(embedded) = call.embedded() {
        let outer = simple.script();
        let joined = embedded.joined();
        let inner = embedded.parse();
        nodes(inner.script(joined));
        // Every byte is where the map says.
        for (place, byte) in joined.text.bytes().enumerate() {
            let source = joined.map.start(stagecraft_text::size(place));
            let found = outer.text().as_bytes().get(usize::from(source));
            assert_eq!(
                found,
                Some(&byte),
                "{:?} in {:?}",
                joined.text,
                outer.text()
            );
        }
    }
}

/// As [`check`], for a text that lies in its source with a gap in the middle of it: no place of
/// the tree may then be outside of the source.
///
/// # Panics
///
/// Where a promise is broken.
pub fn check_joined(text: &str) {
    let Some(seam) = (0..=text.len() / 2)
        .rev()
        .find(|&at| text.is_char_boundary(at))
    else {
        return;
    };
    let seam = stagecraft_text::size(seam);
    let gap = TextSize::new(7);
    let zero = TextSize::new(0);
    let segments = [
        Segment {
            at: zero,
            source: zero,
        },
        Segment {
            at: seam,
            source: seam + gap,
        },
    ];
    let joined = Joined {
        text,
        map: SourceMap::new(&segments),
    };
    let tree = Tree::parse(text, Dialect::Bash);
    let script = tree.script(joined);
    let whole = stagecraft_text::length(text) + gap;
    for word in script.words() {
        let range = word.source_range();
        assert!(range.end() <= whole);
        for part in word.parts() {
            assert!(range.contains_range(part.source_range()));
        }
    }
    for (simple, _) in script.simple_commands() {
        let Some(embedded) = simple.invocation().and_then(|call| call.embedded()) else {
            continue;
        };
        let inner = embedded.joined();
        for (place, byte) in inner.text.bytes().enumerate() {
            let source = inner.map.start(stagecraft_text::size(place));
            let back = if source < seam { source } else { source - gap };
            assert_eq!(text.as_bytes().get(usize::from(back)), Some(&byte));
        }
    }
}
