//! Recorded builds: what BuildKit shows, takes from the cache and puts into the image, after each
//! edit, compared with what we say of the same builds.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use stagecraft_cli::commands::rebuild;
use stagecraft_cli::scenario::{Bases, Scenario, State};
use stagecraft_engine::files::{Node, Tree};
use stagecraft_engine::plan::{
    Asked, BuilderKind, Cache, Context, ContextFile, Plan, Surroundings, Verdict, plan,
};
use stagecraft_engine::semantic::analyze;
use stagecraft_engine::syntax::parse;

use super::{Report, corpus};

/// What is compared of a build, each with the part of a recording that says whether it comes out
/// the same in every run.
const VIEWS: [(&str, &str); 7] = [
    (
        "builds.jsonl, whether it goes well, and the line of the error",
        "",
    ),
    ("builds.jsonl, names of steps", "stage-names"),
    ("builds.jsonl, states of steps", "states"),
    ("builds.jsonl, config and author of images", "config"),
    ("builds.jsonl, history of images", "config"),
    ("builds.jsonl, layers and what is in them", "layers"),
    (
        "builds.jsonl, an unchanged build takes all from the cache",
        "states",
    ),
];

fn bases() -> Option<Bases> {
    let path = corpus::folder()?.join("builds-bases.json");
    let text = std::fs::read_to_string(path).ok()?;
    Some(Bases::read(&text).expect("images by name"))
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a vertex is a step of the Dockerfile.
fn is_step(name: &str) -> bool {
    let other = ["[internal]", "[auth]", "[context "];
    let is_other = other.iter().any(|start| name.starts_with(start));
    name.starts_with('[') && !is_other && !name.contains(" internal]")
}

/// The steps that BuildKit shows, with their states.
fn theirs(result: &Value) -> BTreeMap<String, String> {
    let vertices = result["vertices"].as_array().into_iter().flatten();
    vertices
        .map(|vertex| (corpus::text(vertex, "name"), corpus::text(vertex, "state")))
        .filter(|(name, _)| is_step(name))
        .collect()
}

/// What we say of every recorded build; `None` where the recordings are not there.
pub fn reports() -> Option<Vec<Report>> {
    let bases = bases()?;
    let mut reports = VIEWS.map(|(name, _)| Report::new(name));
    for row in corpus::rows("builds.jsonl")? {
        let scenario: Scenario = serde_json::from_value(row.clone()).expect("a scenario");
        let ours = serde_json::to_value(rebuild::run(&scenario, &bases)).expect("JSON");
        let unstable = strings(&row["unstable"]);
        let steps = row["steps"].as_array().into_iter().flatten();
        for (number, step) in steps.enumerate() {
            let case = format!("{}#{number}", scenario.id);
            let unchanged = number > 0 && step["edit"].as_array().is_some_and(Vec::is_empty);
            let differences = compare(&ours["steps"][number], &step["result"], unchanged);
            let failed = step["result"]["ok"] != true;
            let all = reports.iter_mut().zip(VIEWS).zip(differences);
            for ((report, (_, view)), difference) in all {
                let changes = |it: &String| it == view || failed && it == "errors";
                let is_stable = !unstable.iter().any(changes);
                match difference {
                    Compared::Same if is_stable => report.case(&case, None),
                    Compared::Different(what) if is_stable => report.case(&case, Some(what)),
                    Compared::Absent | Compared::Same | Compared::Different(_) => {}
                }
            }
        }
    }
    Some(reports.into())
}

/// What came of comparing one thing.
enum Compared {
    /// There is nothing to compare.
    Absent,
    Same,
    Different(String),
}

impl From<Option<String>> for Compared {
    fn from(difference: Option<String>) -> Self {
        difference.map_or(Self::Same, Self::Different)
    }
}

/// The difference, if there is something to compare.
fn compared(is_there: bool, difference: impl FnOnce() -> Option<String>) -> Compared {
    if is_there {
        difference().into()
    } else {
        Compared::Absent
    }
}

/// What came of it for each view.
fn compare(ours: &Value, theirs: &Value, unchanged: bool) -> [Compared; 7] {
    let line = |build: &Value| build["error_line"].clone();
    let ended = (ours["ok"] == theirs["ok"] && line(ours) == line(theirs)).then_some(());
    let ended = match ended {
        Some(()) => None,
        None => Some(format!(
            "ours {} {}; theirs {} {}",
            ours["error_line"], ours["error"], theirs["error_line"], theirs["error"]
        )),
    };
    let shown = self::theirs(theirs);
    let own = self::theirs(ours);
    let names = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        let more = one.keys().filter(|name| !other.contains_key(*name));
        more.cloned().collect::<Vec<String>>().join(" | ")
    };
    let (more, less) = (names(&own, &shown), names(&shown, &own));
    let is_named = more.is_empty() && less.is_empty();
    let named = (!is_named).then(|| format!("ours {more}; theirs {less}"));
    // The state of FROM says little.
    let states = own
        .iter()
        .filter(|(name, _)| !name.contains("] FROM "))
        .filter_map(|(name, state)| {
            let recorded = shown.get(name)?;
            (recorded != state).then(|| format!("{name}: ours {state}, theirs {recorded}"))
        });
    let states: Vec<String> = states.collect();
    let states = (!states.is_empty()).then(|| states.join(" | "));
    let went_well = theirs["ok"] == true;
    let images = |build: &Value, of: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        let images = build["images"].as_array().into_iter().flatten();
        images.map(of).collect()
    };
    let image = |of: &dyn Fn(&Value) -> Value| {
        let (one, other) = (images(ours, of), images(theirs, of));
        let difference = || (one != other).then(|| format!("ours {one:?}; theirs {other:?}"));
        compared(went_well, difference)
    };
    let layers = || -> Option<String> {
        let (one, other) = (images(ours, &layers_of), images(theirs, &layers_of));
        let pairs = one.iter().zip(&other).flat_map(|(one, other)| {
            let one = one.as_array().into_iter().flatten();
            one.zip(other.as_array().into_iter().flatten())
        });
        let different: Vec<String> = pairs
            .filter(|(one, other)| one != other)
            .map(|(one, other)| format!("ours {one}; theirs {other}"))
            .collect();
        (one != other).then(|| different.join(" | "))
    };
    let is_all_cached = || {
        let ran = own.iter().filter(|(_, state)| *state != "cached");
        let again: BTreeSet<&String> = ran.map(|(name, _)| name).collect();
        // Whatever the builder runs again, we have to.
        let ran = shown.iter().filter(|(_, state)| *state != "cached");
        let theirs: BTreeSet<&String> = ran.map(|(name, _)| name).collect();
        let more: Vec<&&String> = again
            .difference(&theirs)
            .filter(|name| !name.contains("] FROM "))
            .collect();
        (!more.is_empty()).then(|| format!("{more:?} run again"))
    };
    [
        ended.into(),
        named.into(),
        states.into(),
        image(&|image| serde_json::json!([image["config"], image["author"]])),
        image(&history_of),
        compared(went_well, layers),
        compared(unchanged && went_well, is_all_cached),
    ]
}

/// Without times.
fn history_of(image: &Value) -> Value {
    let history = image["history"].as_array().into_iter().flatten();
    let without_time = history.map(|entry| {
        let mut entry = entry.clone();
        if let Some(object) = entry.as_object_mut() {
            object.remove("created");
        }
        entry
    });
    without_time.collect()
}

/// Size, base and entries of each layer, without times and contents.
fn layers_of(image: &Value) -> Value {
    let layers = image["layers"].as_array().into_iter().flatten();
    let layer = |layer: &Value| {
        let entries = layer["entries"].as_array().into_iter().flatten();
        let entries = entries.map(|entry| {
            let mut entry = entry.clone();
            if let Some(object) = entry.as_object_mut() {
                object.retain(|key, _| !matches!(key.as_str(), "text" | "mtime"));
            }
            entry
        });
        let entries: Vec<Value> = entries.collect();
        serde_json::json!([layer["size"], layer["base"], entries])
    };
    layers.map(layer).collect()
}

/// How the verdicts on cached steps went that are given without knowing what commands write.
#[derive(Debug, Default, Clone, Copy)]
pub struct Verdicts {
    /// Right, and certain.
    pub right: usize,
    /// Wrong, and certain.
    pub wrong: usize,
    /// Left open: it depends on what a command writes.
    pub open: usize,
}

/// The verdicts of [`Plan::verdicts`] on every build that went well; `None` where the recordings
/// are not there.
pub fn verdicts() -> Option<(Report, Verdicts)> {
    let bases = bases()?;
    let mut report = Report::new("builds.jsonl, cached steps without running anything");
    let mut count = Verdicts::default();
    for row in corpus::rows("builds.jsonl")? {
        let scenario: Scenario = serde_json::from_value(row.clone()).expect("a scenario");
        let is_stable = !strings(&row["unstable"]).iter().any(|it| it == "states");
        let mut state = State::first(&scenario);
        let mut cache = Cache::default();
        let steps = row["steps"].as_array().into_iter().flatten();
        for ((number, step), edits) in (0..).zip(steps).zip(&scenario.steps) {
            state.step(edits, number);
            let result = &step["result"];
            let platforms = state.platforms();
            let [platform] = platforms.as_slice() else {
                break;
            };
            // What a build that failed has left cannot be told from here.
            if result["ok"] != true {
                break;
            }
            let file = parse(state.dockerfile());
            let model = analyze(&file, &state.options(platform), &bases);
            let around = Surroundings {
                context: Some(context(&state.whole()).into()),
                folders: (state.named_folders().iter())
                    .map(|(name, tree)| (name.clone(), context(tree).into()))
                    .collect(),
                dockerignore: state.dockerignore().map(Into::into),
                platform: Some(platform.clone()),
                ..Surroundings::default()
            };
            let plan = plan(&file, &model, &around);
            let no_cache = state.no_cache();
            let asked = Asked {
                builder: BuilderKind::Buildkit,
                file: &file,
                model: &model,
                context: around.context.as_deref(),
                no_cache: &no_cache,
            };
            if is_stable && number > 0 {
                let wrong = wrong_verdicts(&plan, (&cache, &asked), &theirs(result), &mut count);
                report.case(&format!("{}#{number}", scenario.id), wrong);
            }
            cache.remember(&plan, &asked);
        }
    }
    Some((report, count))
}

/// A folder as a person has it, with what stands for the content of each file.
fn context(tree: &Tree) -> Context {
    let mut files = Vec::new();
    tree.walk("/", &mut |path, node| {
        let mut hasher = DefaultHasher::new();
        let size = match node {
            Node::File(file) => {
                file.content.key().hash(&mut hasher);
                file.content.size()
            }
            Node::Link(link) => {
                link.to.hash(&mut hasher);
                0
            }
            _ => 0,
        };
        let is_folder = node.as_dir().is_some();
        files.push(ContextFile {
            path: format!("{}{}", &path[1..], if is_folder { "/" } else { "" }),
            size,
            count: u32::from(!is_folder),
            content: hasher.finish(),
            mode: if is_folder { 0 } else { node.meta().mode },
        });
    });
    Context {
        files,
        ..Context::default()
    }
}

/// The steps on which the verdict is certain and wrong.
fn wrong_verdicts(
    plan: &Plan,
    (cache, asked): (&Cache, &Asked<'_>),
    theirs: &BTreeMap<String, String>,
    count: &mut Verdicts,
) -> Option<String> {
    let all = [
        plan.verdicts(cache, asked),
        plan.link_verdicts(cache, asked),
    ];
    let mut wrong = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        if !step.built || step.label.is_empty() || step.command.is_none() {
            continue;
        }
        let links: &[bool] = if step.link { &[false, true] } else { &[false] };
        for &link in links {
            let gap = if link { " LINK " } else { " " };
            let name = format!(
                "{}{gap}{}",
                step.label,
                step.instruction(asked.file, asked.model)
            );
            // One that stages share is shown under one of its names.
            let Some(state) = theirs.get(&name) else {
                continue;
            };
            match (&all[usize::from(link)][at], state.as_str()) {
                (Verdict::Perhaps, _) => count.open += 1,
                (Verdict::Cached, "cached") | (Verdict::Runs(_), "done") => count.right += 1,
                (verdict, state) => {
                    count.wrong += 1;
                    wrong.push(format!("{name}: ours {verdict:?}, theirs {state}"));
                }
            }
        }
    }
    (!wrong.is_empty()).then(|| wrong.join(" | "))
}
