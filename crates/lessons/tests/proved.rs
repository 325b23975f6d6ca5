//! Every lesson of the guide is proved by its attempts.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use stagecraft_engine::analyze;
use stagecraft_lessons::author::{self, Authored, Folder};
use stagecraft_lessons::{Files, Lesson, met};

/// Goals that nothing can tell yet, as `lesson goal`, goals counted from 1. Every attempt that
/// is to meet all goals is silent on these, and only on these.
const UNTOLD: &[&str] = &[];

/// Attempts that miss only goals that nothing can tell yet.
const WAITING: &[&str] = &[];

fn guide() -> Result<Authored, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guide");
    let mut files = Folder::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&root)?.to_string_lossy();
            files.insert(name.replace('\\', "/"), fs::read_to_string(&path)?);
        }
    }
    author::read(&files).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        lines.join("\n").into()
    })
}

/// What is told of each goal.
fn answers(lesson: &Lesson, files: &Files) -> Vec<Option<bool>> {
    let workspace = lesson.workspace(files);
    let analysis = analyze(&workspace);
    let answers: Vec<Option<bool>> = lesson
        .goals
        .iter()
        .map(|goal| met(&goal.check, &analysis, &workspace))
        .collect();
    let counted: Vec<bool> = answers
        .iter()
        .map(|answer| answer.unwrap_or(false))
        .collect();
    assert_eq!(lesson.goals_met(&workspace, &analysis), counted);
    answers
}

#[test]
fn every_lesson_is_proved() -> Result<(), Box<dyn Error>> {
    let Authored { guide, attempts } = guide()?;
    assert!(guide.lessons().count() > 10);
    let mut wrong = Vec::new();
    let mut untold = BTreeSet::new();
    let mut waiting = BTreeSet::new();
    for lesson in guide.lessons() {
        let slug = &lesson.slug;
        let attempts = &attempts[slug];
        let start = (format!("{slug}/start/Dockerfile"), lesson.start.clone());
        let solution = (
            format!("{slug}/solution/Dockerfile"),
            lesson.solution.clone(),
        );
        for (path, files) in attempts.accepted.iter().chain([&solution]) {
            for (at, answer) in answers(lesson, files).into_iter().enumerate() {
                match answer {
                    Some(true) => {}
                    None => {
                        untold.insert(format!("{slug} {}", at + 1));
                    }
                    Some(false) => wrong.push(format!("{path}: misses goal {}", at + 1)),
                }
            }
        }
        for (path, files) in attempts.rejected.iter().chain([&start]) {
            let answers = answers(lesson, files);
            if answers.contains(&Some(false)) {
                continue;
            }
            if answers.contains(&None) {
                waiting.insert(path.clone());
            } else {
                wrong.push(format!("{path}: meets every goal"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed = |list: &[&str]| -> BTreeSet<String> {
        list.iter().map(|&entry| entry.to_owned()).collect()
    };
    assert_eq!(untold, listed(UNTOLD), "goals that nothing can tell");
    assert_eq!(
        waiting,
        listed(WAITING),
        "attempts that miss only what nothing can tell"
    );
    Ok(())
}
