//! Recorded builds: the steps that BuildKit shows, and which of them come from the cache after an
//! edit.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use stagecraft_engine::image::{ImageConfig, Platform, Reference};
use stagecraft_engine::plan::{Cache, Context, ContextFile, Plan, Surroundings, Verdict, plan};
use stagecraft_engine::semantic::{Images, NamedContext, Options, analyze};
use stagecraft_engine::syntax::parse;

use super::{Report, corpus};

/// The base images of the recordings.
struct Bases(BTreeMap<String, ImageConfig>);

impl Bases {
    fn read() -> Option<Self> {
        let path = corpus::folder()?.join("builds-bases.json");
        let value: Value = serde_json::from_slice(&std::fs::read(path).ok()?).expect("JSON");
        let images = value.as_object().expect("images by name");
        let configs = images
            .iter()
            .map(|(name, image)| (name.clone(), config(&image["config"])));
        Some(Self(configs.collect()))
    }
}

impl Images for Bases {
    fn config(&self, name: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
        let name = name.normalized();
        let short = name.strip_prefix("docker.io/").unwrap_or(&name);
        let short = short.strip_prefix("library/").unwrap_or(short);
        self.0.get(short).cloned()
    }
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn config(value: &Value) -> ImageConfig {
    let list = |key: &str| value[key].is_array().then(|| strings(&value[key]));
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    ImageConfig {
        env: strings(&value["Env"])
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        entrypoint: list("Entrypoint"),
        cmd: list("Cmd"),
        working_dir: text("WorkingDir"),
        user: text("User"),
        shell: list("Shell"),
        on_build: strings(&value["OnBuild"]),
        stop_signal: text("StopSignal"),
        ..ImageConfig::default()
    }
}

/// A scenario at some step: what a person has before a build.
#[derive(Debug, Clone)]
struct State {
    /// By path.
    files: BTreeMap<String, Value>,
    dockerfile_name: String,
    dockerfile: String,
    dockerignore: Option<String>,
    options: Value,
}

impl State {
    fn first(row: &Value) -> Self {
        let files = row["files"].as_array().into_iter().flatten();
        let own = files.filter(|file| file["named"] != true);
        Self {
            files: own
                .map(|file| (corpus::text(file, "path"), file.clone()))
                .collect(),
            dockerfile_name: row["dockerfile_name"]
                .as_str()
                .unwrap_or("Dockerfile")
                .to_owned(),
            dockerfile: corpus::text(row, "dockerfile"),
            dockerignore: row["dockerignore"].as_str().map(str::to_owned),
            options: row["options"].clone(),
        }
    }

    /// What is done before the next build.
    fn edit(&mut self, edit: &Value) {
        let path = corpus::text(edit, "path");
        match edit["op"].as_str().unwrap_or_default() {
            "write" if path == self.dockerfile_name => self.dockerfile = corpus::text(edit, "text"),
            "write" => {
                let mode = self.files.get(&path).map(|old| old["mode"].clone());
                let mut file = edit.clone();
                if let Some(mode) = mode.filter(|_| file["mode"].is_null()) {
                    file["mode"] = mode;
                }
                self.files.insert(path, file);
            }
            "chmod" => {
                if let Some(file) = self.files.get_mut(&path) {
                    file["mode"] = edit["mode"].clone();
                }
            }
            "rename" => {
                let from = corpus::text(edit, "from");
                if let Some(file) = self.files.remove(&from) {
                    self.files.insert(corpus::text(edit, "to"), file);
                }
            }
            "remove" => {
                self.files.remove(&path);
            }
            "replace" => {
                let (old, new) = (corpus::text(edit, "old"), corpus::text(edit, "new"));
                self.dockerfile = self.dockerfile.replacen(&old, &new, 1);
            }
            "dockerfile" => self.dockerfile = corpus::text(edit, "text"),
            "dockerignore" => self.dockerignore = edit["text"].as_str().map(str::to_owned),
            "option" => {
                if self.options.is_null() {
                    self.options = Value::Object(serde_json::Map::default());
                }
                for (key, value) in edit["set"].as_object().into_iter().flatten() {
                    self.options[key] = value.clone();
                }
            }
            // Times and owners are no part of a cache key that a person could see.
            _ => {}
        }
    }

    fn context(&self) -> Context {
        let mut files: Vec<ContextFile> = self
            .files
            .iter()
            .map(|(path, file)| {
                let text = file["text"].as_str().map(str::len);
                let size = text
                    .map(|size| size as u64)
                    .or_else(|| file["size"].as_u64());
                let mut hasher = DefaultHasher::new();
                for key in ["text", "size", "fill", "type", "to", "tar", "mode"] {
                    file[key].to_string().hash(&mut hasher);
                }
                let folder = file["type"] == "dir";
                ContextFile {
                    path: if folder {
                        format!("{path}/")
                    } else {
                        path.clone()
                    },
                    size: size.unwrap_or_default(),
                    count: u32::from(!folder),
                    content: hasher.finish(),
                }
            })
            .collect();
        let own = [
            (self.dockerfile_name.as_str(), Some(&self.dockerfile)),
            (".dockerignore", self.dockerignore.as_ref()),
        ];
        for (path, text) in own {
            if let Some(text) = text {
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                files.push(ContextFile {
                    path: path.to_owned(),
                    size: text.len() as u64,
                    count: 1,
                    content: hasher.finish(),
                });
            }
        }
        Context { files }
    }

    fn options(&self) -> Options {
        let mut options = Options {
            target: self.options["target"].as_str().map(str::to_owned),
            ..Options::default()
        };
        if let Some(platform) = self.options["platform"].as_str() {
            options.platform = Platform::parse(platform).unwrap_or(options.platform);
        }
        for (name, value) in self.options["args"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            options.build_args.insert(name.clone(), value.to_owned());
        }
        for (name, source) in self.options["contexts"].as_object().into_iter().flatten() {
            let source = source.as_str().unwrap_or_default();
            let context = match source.strip_prefix("docker-image://") {
                Some(image) => NamedContext::Image(image.to_owned()),
                None => NamedContext::Folder(source.to_owned()),
            };
            options.contexts.insert(name.clone(), context);
        }
        options
    }

    fn plan(&self, bases: &Bases, context: &Context) -> Plan {
        let file = parse(&self.dockerfile);
        let model = analyze(&file, &self.options(), bases);
        let around = Surroundings {
            context: Some(context.clone()),
            dockerignore: self.dockerignore.as_deref().map(Into::into),
            platform: Some(self.options().platform),
            told: Vec::new(),
        };
        plan(&file, &model, &around)
    }
}

/// Whether a vertex is a step of the Dockerfile.
fn is_step(name: &str) -> bool {
    let other = ["[internal]", "[auth]", "[context "];
    name.starts_with('[') && !other.iter().any(|start| name.starts_with(start))
}

/// The steps that BuildKit shows, with their states, sorted, each once.
fn theirs(result: &Value) -> BTreeMap<String, String> {
    let vertices = result["vertices"].as_array().into_iter().flatten();
    vertices
        .map(|vertex| (corpus::text(vertex, "name"), corpus::text(vertex, "state")))
        .filter(|(name, _)| is_step(name))
        .collect()
}

/// A step that we say is shown: its index, and the names that it may have. One that stages share
/// has a name in each.
/// The second step of a `--link` is one of its own.
type Shown = (usize, bool, Vec<String>);

/// Our steps.
fn ours(plan: &Plan) -> Vec<Shown> {
    let mut shown: BTreeMap<(usize, bool), Vec<String>> = BTreeMap::new();
    for (at, step) in plan.steps.iter().enumerate() {
        if !step.built || step.label.is_empty() {
            continue;
        }
        let first = step.same_as.unwrap_or(at);
        let name = format!("{} {}", step.label, step.instruction);
        shown.entry((first, false)).or_default().push(name);
        if step.link {
            let name = format!("{} LINK {}", step.label, step.instruction);
            shown.entry((first, true)).or_default().push(name);
        }
    }
    shown
        .into_iter()
        .map(|((at, link), names)| (at, link, names))
        .collect()
}

/// What differs between the steps.
fn difference(ours: &[Shown], theirs: &BTreeMap<String, String>) -> Option<String> {
    let known = |names: &Vec<String>| names.iter().any(|name| theirs.contains_key(name));
    let more: Vec<&str> = ours
        .iter()
        .filter(|(_, _, names)| !known(names))
        .filter_map(|(_, _, names)| names.first())
        .map(String::as_str)
        .collect();
    let all: Vec<&String> = ours.iter().flat_map(|(_, _, names)| names).collect();
    let less: Vec<&str> = theirs
        .keys()
        .filter(|name| !all.contains(name))
        .map(String::as_str)
        .collect();
    let same = more.is_empty() && less.is_empty();
    (!same).then(|| format!("ours {}; theirs {}", more.join(" | "), less.join(" | ")))
}

/// How the verdicts on cached steps went.
#[derive(Debug, Default, Clone, Copy)]
pub struct Verdicts {
    /// Right, and certain.
    pub right: usize,
    /// Wrong, and certain.
    pub wrong: usize,
    /// Left open: it depends on what a command writes.
    pub open: usize,
}

/// The steps of every build that went well, and which of them come from the cache; `None` where the
/// recordings are not there.
pub fn reports() -> Option<(Vec<Report>, Verdicts)> {
    let bases = Bases::read()?;
    let mut names = Report::new("builds.jsonl, names of steps");
    let mut cached = Report::new("builds.jsonl, cached steps");
    let mut verdicts = Verdicts::default();
    for row in corpus::rows("builds.jsonl")? {
        let id = corpus::text(&row, "id");
        let unstable = strings(&row["unstable"]);
        let is_stable = |what: &str| !unstable.iter().any(|it| it == what);
        let mut state = State::first(&row);
        let mut cache = Cache::default();
        for (number, step) in row["steps"].as_array().into_iter().flatten().enumerate() {
            for edit in step["edit"].as_array().into_iter().flatten() {
                state.edit(edit);
            }
            let result = &step["result"];
            let many = state.options["platform"]
                .as_str()
                .is_some_and(|platform| platform.contains(','));
            // What a build that failed has left cannot be told from here.
            if result["ok"] != true || many || !state.options["no_cache"].is_null() {
                break;
            }
            let case = format!("{id}#{number}");
            let context = state.context();
            let plan = state.plan(&bases, &context);
            let (ours, theirs) = (ours(&plan), theirs(result));
            if is_stable("stage-names") {
                names.case(&case, difference(&ours, &theirs));
            }
            if is_stable("states") && number > 0 {
                let wrong =
                    wrong_verdicts(&plan, (&cache, &context), &ours, &theirs, &mut verdicts);
                cached.case(&case, wrong);
            }
            cache.remember(&plan, Some(&context));
        }
    }
    Some((vec![names, cached], verdicts))
}

/// The steps on which the verdict is certain and wrong.
fn wrong_verdicts(
    plan: &Plan,
    (cache, context): (&Cache, &Context),
    ours: &[Shown],
    theirs: &BTreeMap<String, String>,
    count: &mut Verdicts,
) -> Option<String> {
    let all = [
        plan.verdicts(cache, Some(context)),
        plan.link_verdicts(cache, Some(context)),
    ];
    let mut wrong = Vec::new();
    for (at, link, names) in ours {
        let is_from = plan.steps[*at].command.is_none();
        let state = names.iter().find_map(|name| theirs.get(name));
        let Some(state) = state.filter(|_| !is_from) else {
            continue;
        };
        match (&all[usize::from(*link)][*at], state.as_str()) {
            (Verdict::Perhaps, _) => count.open += 1,
            (Verdict::Cached, "cached") | (Verdict::Runs(_), "done") => count.right += 1,
            (verdict, state) => {
                count.wrong += 1;
                wrong.push(format!("{}: ours {verdict:?}, theirs {state}", names[0]));
            }
        }
    }
    (!wrong.is_empty()).then(|| wrong.join(" | "))
}
