//! A file is removed in a later layer than the one that it is in.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Kind, Word};

use crate::facts::Facts;
use crate::files::{self, Layers};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "removed-too-late",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "A layer is never changed. What a later step removes is only hidden: the image is as large as before, and whoever has it can still read the file. Fetch, use and remove it in one RUN, or mount it.",
    bad: "FROM alpine:3.20\nCOPY setup.tar /tmp/setup.tar\nRUN rm /tmp/setup.tar\n",
    good: "FROM alpine:3.20\nRUN --mount=type=bind,source=setup.tar,target=/tmp/setup.tar tar -xf /tmp/setup.tar\n",
    when: When::calls(programs!["rm"]),
    check,
};

const REMOVES: Programs = programs!["rm"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut layers = Layers::default();
    let runs = facts.runs_with(REMOVES).filter(|run| run.has_any(REMOVES));
    for run in runs.filter(|run| facts.ships(run.stage) && !run.onbuild) {
        for at in layers.turn_to(facts, run) {
            lay(facts, at, &mut layers);
        }
        let mut said = false;
        let mut removals = files::calls(facts, run).of(REMOVES);
        while !layers.is_empty()
            && let Some((_, call, here)) = removals.next()
        {
            for word in call.operands() {
                let text = word.text.trim_end_matches("/*");
                let path = files::path(facts, run, here, text).filter(|path| path != "/");
                let put = path.and_then(|path| layers.take(&path));
                let put = put.and_then(|put| facts.items.get(put));
                if let Some(put) = put.filter(|_| !std::mem::replace(&mut said, true)) {
                    let message = format!(
                        "`{}` stays in the layer of line {}; this only hides it",
                        word.text, put.instruction.lines.first
                    );
                    found
                        .report(run.instruction, word.range(), message)
                        .label(put.instruction.name.range, "put there");
                }
            }
        }
    }
}

/// Notes what the item with that place puts into its layer.
fn lay<'f>(facts: &'f Facts<'_>, at: usize, layers: &mut Layers<'f>) {
    let Some(item) = facts.items.get(at).filter(|item| !item.onbuild) else {
        return;
    };
    // An archive of the web that ADD has not unpacked is a fault of that.
    let archive = |word: &Word| {
        let text = facts.file.word(*word);
        files::is_address(text) && files::is_archive(text)
    };
    if let Kind::Transfer(_) = item.instruction.kind
        && !facts.file.sources(item.instruction).iter().any(archive)
    {
        for placed in files::placed(facts, at) {
            layers.put(&placed.path, at);
        }
    }
    let Some(run) = facts.run(item) else {
        return;
    };
    for (number, path) in files::downloads(facts, run) {
        let behind = files::calls(facts, run).behind(*number);
        // That an archive stays once it is unpacked is a fault of that step.
        if files::stays(facts, run, behind, path) && !files::is_unpacked(facts, run, behind, path) {
            layers.put(path, at);
        }
    }
}
