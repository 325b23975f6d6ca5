//! A file is removed in a later layer than the one that it is in.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{Kind, Word};

use crate::calls::Programs;
use crate::facts::Facts;
use crate::files::{self, Layers};
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

/// What fetches files, and what removes them.
const PROGRAMS: Programs = programs!["rm", "wget", "curl", "git"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    if !facts.calls_any(programs!["rm"]) {
        return;
    }
    let mut layers = Layers::default();
    for (at, item) in facts.items.iter().enumerate() {
        if !facts.ships(item.stage) || item.onbuild {
            continue;
        }
        layers.turn_to(item.stage);
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
        let run = facts.run(item).filter(|run| run.has_any(PROGRAMS));
        let Some(run) = run else {
            continue;
        };
        let calls = files::calls(facts, run);
        let mut said = false;
        let mut removals = calls.of(programs!["rm"]);
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
                        .report(item.instruction, word.range(), message)
                        .label(put.instruction.name.range, "put there");
                }
            }
        }
        for (number, path) in files::downloads(facts, run) {
            let behind = calls.behind(*number);
            // That an archive stays once it is unpacked is a fault of that step.
            if files::stays(facts, run, behind, path)
                && !files::is_unpacked(facts, run, behind, path)
            {
                layers.put(path, at);
            }
        }
    }
}
