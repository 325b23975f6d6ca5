//! Stages, what they need, and which of them the target reaches.

use serde_json::Value;
use stagecraft_engine::semantic::{NoImages, Options, analyze};
use stagecraft_engine::syntax::parse;

use super::parse::first_difference;
use super::{Report, corpus};

/// Compares the graph of every wild file; `None` where they are not there.
pub fn reports() -> Option<Vec<Report>> {
    let mut report = Report::new("graph wild.jsonl.gz");
    for (row, answer) in corpus::wild()? {
        let graph = &answer["graph"];
        if !graph.is_null() {
            report.case(&corpus::text(&row, "id"), difference(&row, graph));
        }
    }
    Some(vec![report])
}

fn difference(row: &Value, graph: &Value) -> Option<String> {
    let source = corpus::dockerfile(row);
    let file = parse(&source);
    let model = analyze(&file, &Options::default(), &NoImages);
    if !graph["error"].is_null() {
        return file
            .stopping_error()
            .is_none()
            .then(|| format!("error: ours none, theirs {}", graph["error"]));
    }
    let stages = stagecraft_engine::report::stages(&file, &model);
    let stages = serde_json::to_value(&stages).expect("JSON");
    if stages != graph["stages"] {
        return Some(first_difference("stages", &stages, &graph["stages"]));
    }
    let target = model.target().map(|id| id.0);
    if graph["target"].as_u64() != target.map(u64::from) {
        return Some(format!(
            "target: ours {target:?}, theirs {}",
            graph["target"]
        ));
    }
    let theirs = &graph["llb_error"]["lines"][0][0];
    let ours = model.stopping_problem();
    let line = ours.and_then(|problem| problem.line);
    (theirs.as_u64() != line.map(u64::from))
        .then(|| format!("llb_error: ours {ours:?}, theirs {}", graph["llb_error"]))
}
