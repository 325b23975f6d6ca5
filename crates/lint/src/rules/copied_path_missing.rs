//! COPY takes a path of a stage that nothing there makes.

use std::collections::BTreeMap;

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::paths::join;
use stagecraft_semantic::{Base, DependencyKind, Role, Source, Stage, StageId, Written};
use stagecraft_syntax::{Keyword, Kind};

use crate::facts::Facts;
use crate::files::{self, is_below};
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copied-path-missing",
    codes: &[],
    severity: Severity::Error,
    by_default: true,
    why: "The build fails there. The stage runs no command, so that all it has is what it was given.",
    bad: "FROM scratch AS files\nCOPY app /app/\nFROM alpine:3.20\nCOPY --from=files /apps /app\n",
    good: "FROM scratch AS files\nCOPY app /app/\nFROM alpine:3.20\nCOPY --from=files /app /app\n",
    when: When::With(Mark::Dependencies),
    check,
};

/// What a stage holds besides its image.
struct Held {
    paths: Vec<String>,
    /// Its image has files of its own.
    image: bool,
}

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut known: BTreeMap<StageId, Option<Held>> = BTreeMap::new();
    for need in facts.model.stages().iter().flat_map(|it| &it.dependencies) {
        let Source::Stage(id) = need.source else {
            continue;
        };
        let command = need.command.and_then(|id| facts.model.command(id));
        let here = command.filter(|it| matches!(it.written, Written::Here(_)));
        let (Some(command), DependencyKind::Copy) = (here, need.kind) else {
            continue;
        };
        let held = known.entry(id).or_insert_with(|| held(facts, id));
        let instruction = facts.model.instruction(facts.file, command);
        let (Some(held), Some((_, instruction))) = (held, instruction) else {
            continue;
        };
        let words = facts.model.words(command).iter();
        let words: Vec<_> = words.filter(|word| word.role == Role::Argument).collect();
        let sources = words.split_last().map_or(&[][..], |(_, sources)| sources);
        for word in sources {
            let text = facts.model.text(facts.file, command, word);
            if text.contains(['*', '?', '[', '$', '\\']) {
                continue;
            }
            let path = join("/", text);
            let made = |it: &String| is_below(&path, it) || is_below(it, &path);
            if path != "/" && !held.paths.iter().any(made) && !(held.image && is_usual(&path)) {
                let stage = facts.model.stage(id).map(Stage::display_name);
                let message = format!(
                    "nothing in the stage `{}` makes `{path}`",
                    stage.unwrap_or_default()
                );
                found.report(instruction, word.word.range, message);
            }
        }
    }
}

/// Whether images of a system mostly have such a path.
fn is_usual(path: &str) -> bool {
    const FOLDERS: [&str; 20] = [
        "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt",
        "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr",
    ];
    let first = path.split('/').nth(1).unwrap_or_default();
    FOLDERS.contains(&first) || matches!(first, "var" | "linuxrc")
}

/// What a stage holds, if that can be known: no command runs in it or below.
fn held(facts: &Facts<'_>, id: StageId) -> Option<Held> {
    let image = match facts.root(Some(id))? {
        Base::Scratch => false,
        Base::Image(_) => {
            let name = facts.root_image(Some(id))?.official()?;
            if !["alpine", "busybox", "debian", "ubuntu"].contains(&name) {
                return None;
            }
            true
        }
        _ => return None,
    };
    let mut paths = Vec::new();
    let mut next = facts.model.stage(id);
    while let Some(stage) = next {
        for (at, item) in facts.numbered_items_of(stage.id) {
            match (&item.instruction.kind, item.instruction.keyword) {
                (_, Keyword::Run | Keyword::Onbuild) => return None,
                (Kind::Transfer(_), _) => {
                    let placed = files::placed(facts, at).iter();
                    // A copy whose place is not known may have put it anywhere.
                    let paths_of = placed.flat_map(|it| [Some(&*it.path), it.into()]);
                    let placed: Vec<String> = paths_of.flatten().map(str::to_owned).collect();
                    let vague = |it: &String| it == "/" || it.contains('…');
                    if placed.is_empty() || placed.iter().any(vague) {
                        return None;
                    }
                    paths.extend(placed);
                }
                (_, Keyword::Workdir) => {
                    let after = item.command().map(|it| it.after);
                    let folder = after.and_then(|it| facts.model.scopes().workdir(it));
                    paths.extend(folder.map(str::to_owned));
                }
                _ => {}
            }
        }
        next = match stage.base {
            Base::Stage(below) if below < stage.id => facts.model.stage(below),
            _ => None,
        };
    }
    Some(Held { paths, image })
}
