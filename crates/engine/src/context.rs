//! What becomes of the files of a build context.

use stagecraft_plan::ContextFile;
use stagecraft_semantic::ignore::Patterns;

use crate::{Analysis, Workspace};

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A step takes it: the first one's index in the plan.
    Taken(usize),
    /// No step that is built takes it, so it is not sent.
    /// Source: BuildKit asks for the paths that steps name, and no others.
    Unused,
    /// A line of `.dockerignore` leaves it out: its number, from 1.
    Ignored(u32),
}

/// The files of the context in order, with what becomes of each; `None` where the context is not
/// known.
pub fn fates<'a>(
    workspace: &'a Workspace,
    analysis: &Analysis,
) -> Option<Vec<(&'a ContextFile, Fate)>> {
    let context = workspace.context.as_ref()?;
    let patterns = workspace.dockerignore.as_deref().map(Patterns::read);
    let patterns = patterns.unwrap_or_default();
    let mut first: Vec<Option<usize>> = vec![None; context.files.len()];
    for (at, step) in analysis.plan.steps.iter().enumerate() {
        for &file in step.reads.iter().filter(|_| step.built) {
            if let Some(first) = first.get_mut(file) {
                first.get_or_insert(at);
            }
        }
    }
    let files = context.files.iter().zip(first);
    let fates = files.map(|(file, first)| {
        let verdict = patterns.verdict(&file.path);
        let fate = match (verdict.ignored, first) {
            (true, _) => Fate::Ignored(verdict.line.unwrap_or(0)),
            (false, Some(step)) => Fate::Taken(step),
            (false, None) => Fate::Unused,
        };
        (file, fate)
    });
    Some(fates.collect())
}

#[cfg(test)]
mod tests {
    use stagecraft_plan::{Context, ContextFile};

    use super::{Fate, fates};
    use crate::{Workspace, analyze};

    #[test]
    fn each_file_says_what_takes_it_or_what_leaves_it_out() {
        let file = |path: &str| ContextFile {
            path: path.to_owned(),
            size: 1,
            count: 1,
            content: 1,
            mode: 0,
        };
        let workspace = Workspace {
            dockerfile: "FROM a AS unused\nCOPY c /\nFROM a\nCOPY a .git /\n".into(),
            dockerignore: Some("# ours\n.git\n".into()),
            context: Some(
                Context {
                    files: ["a", "b", "c", ".git/HEAD"].map(file).into(),
                    ..Context::default()
                }
                .into(),
            ),
            ..Workspace::default()
        };
        let analysis = analyze(&workspace);
        let found = fates(&workspace, &analysis).unwrap();
        let found: Vec<Fate> = found.into_iter().map(|(_, fate)| fate).collect();
        assert_eq!(
            found,
            [Fate::Taken(3), Fate::Unused, Fate::Unused, Fate::Ignored(2)]
        );
        assert!(fates(&Workspace::default(), &analysis).is_none());
    }
}
