//! `stagecraft rebuild`: what a builder does on written-down builds and rebuilds.
//!
//! A scenario is a JSON object: the files of a build context, a Dockerfile, options, and edits
//! between one build and the next. The base images come from another file. Whoever has recorded
//! what a real builder does can compare the two.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use stagecraft_engine::files::{Content, Entry, EntryKind, Member, Meta, Node, Time, Tree};
use stagecraft_engine::image::{Healthcheck, ImageConfig, Platform, Reference};
use stagecraft_engine::plan::rebuild::{
    BaseImage, BaseImages, Builder, Built, BuiltImage, History, NoCache, Request, Vertex,
};
use stagecraft_engine::semantic::ignore::Patterns;
use stagecraft_engine::semantic::{Images, Model, NamedContext, Options, PROXY_ARGUMENTS, analyze};
use stagecraft_engine::syntax::parse;

/// When the files of a context are written at first, in seconds since 1970.
const FIRST: u64 = 1_700_000_100;
/// How much later those of each edit are.
const STEP: u64 = 1_000;
/// What `tar` rounds the size of a file up to, in bytes.
const RECORD: u64 = 10_240;

/// The images that scenarios start from, by name.
#[derive(Debug, Clone, Default)]
pub struct Bases(BTreeMap<String, Value>);

impl Bases {
    /// Reads `{"name": {"config": …, "files": […], "layer_size": …}}`.
    ///
    /// # Errors
    /// Where the text is no such object.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).map(Self)
    }

    fn find(&self, name: &Reference<'_>) -> Option<(&str, &Value)> {
        let whole = name.normalized();
        let short = whole.strip_prefix("docker.io/").unwrap_or(&whole);
        let short = short.strip_prefix("library/").unwrap_or(short);
        let (name, value) = self.0.get_key_value(short)?;
        Some((name, value))
    }
}

/// The platforms that the images are there for.
fn is_there(platform: &Platform) -> bool {
    matches!(platform.to_string().as_str(), "linux/amd64" | "linux/arm64")
}

impl Images for Bases {
    fn config(&self, name: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
        self.find(name).map(|(_, image)| config(&image["config"]))
    }
}

impl BaseImages for Bases {
    fn image(&self, name: &Reference<'_>, platform: &Platform) -> Option<BaseImage> {
        let (name, image) = self.find(name).filter(|_| is_there(platform))?;
        let mut tree = Tree::default();
        for file in list(&image["files"]) {
            let mut file = file.clone();
            // They are written down for one platform, and name it in one place.
            if let Some(said) = file["text"]
                .as_str()
                .filter(|_| file["path"] == "etc/base-image")
            {
                file["text"] = said.replace("linux/amd64", &platform.to_string()).into();
            }
            put(&mut tree, &file, 0);
        }
        let history = |created_by: String, empty_layer| History {
            created_by,
            comment: "base".to_owned(),
            empty_layer,
        };
        let arch = platform.to_string();
        let arch = arch.trim_start_matches("linux/");
        Some(BaseImage {
            name: match arch {
                "amd64" => name.to_owned(),
                arch => format!("{name} {arch}"),
            },
            tree,
            config: config(&image["config"]),
            history: vec![
                history(format!("ADD rootfs.tar / # {name}"), false),
                history("CMD (base)".to_owned(), true),
            ],
            size: image["layer_size"].as_u64().unwrap_or(0),
        })
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    let list = list(value).iter();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn keys(value: &Value) -> Vec<String> {
    let object = value.as_object();
    object.map_or_else(Vec::new, |object| object.keys().cloned().collect())
}

/// The `config` of an image as the OCI specification has it.
fn config(value: &Value) -> ImageConfig {
    let listed = |key: &str| value[key].is_array().then(|| strings(&value[key]));
    let labels = value["Labels"].as_object().into_iter().flatten();
    let check = &value["Healthcheck"];
    ImageConfig {
        env: strings(&value["Env"])
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        entrypoint: listed("Entrypoint"),
        cmd: listed("Cmd"),
        working_dir: text(value, "WorkingDir"),
        user: text(value, "User"),
        exposed_ports: keys(&value["ExposedPorts"]),
        volumes: keys(&value["Volumes"]),
        labels: labels
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
        stop_signal: text(value, "StopSignal"),
        shell: listed("Shell"),
        healthcheck: check.is_object().then(|| Healthcheck {
            test: strings(&check["Test"]),
            interval: check["Interval"].as_i64().unwrap_or(0),
            timeout: check["Timeout"].as_i64().unwrap_or(0),
            start_period: check["StartPeriod"].as_i64().unwrap_or(0),
            start_interval: check["StartInterval"].as_i64().unwrap_or(0),
            retries: check["Retries"]
                .as_i64()
                .and_then(|retries| i32::try_from(retries).ok())
                .unwrap_or(0),
        }),
        on_build: strings(&value["OnBuild"]),
        args_escaped: value["ArgsEscaped"].as_bool().unwrap_or(false),
    }
}

/// Something that a scenario describes.
fn node(file: &Value, tree: &Tree, usual: u64) -> Option<Node> {
    let kind = file["type"].as_str().unwrap_or("file");
    let mode = file["mode"].as_str();
    let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok());
    let number = |key: &str| {
        let number = file[key].as_u64().and_then(|it| u32::try_from(it).ok());
        number.unwrap_or(0)
    };
    let time = Time::at(file["mtime"].as_u64().unwrap_or(usual));
    let meta =
        |usual: u32| Meta::new(mode.unwrap_or(usual), time).owned(number("uid"), number("gid"));
    Some(match kind {
        "dir" => Node::folder(meta(0o755)),
        "symlink" | "link" => {
            let meta = Meta {
                mode: 0o777,
                ..meta(0o777)
            };
            Node::link(meta, text(file, "to"))
        }
        "hardlink" => tree.at(&format!("/{}", text(file, "to")))?,
        _ => Node::file(meta(0o644), content(file, usual)),
    })
}

fn content(file: &Value, time: u64) -> Content {
    if let Some(text) = file["text"].as_str() {
        return Content::bytes(text.as_bytes());
    }
    if file["tar"].is_array() {
        let mut blocks = 2 * 512;
        let members: Vec<Member> = list(&file["tar"])
            .iter()
            .filter_map(|it| {
                let node = node(it, &Tree::default(), time)?;
                blocks += 512;
                if let Node::File(file) = &node {
                    blocks += file.content.size().div_ceil(512) * 512;
                }
                Some(Member {
                    path: text(it, "path"),
                    node,
                })
            })
            .collect();
        return Content::archive(members, u64::div_ceil(blocks, RECORD) * RECORD);
    }
    let size = file["size"].as_u64().unwrap_or(0);
    let byte = file["fill"]
        .as_u64()
        .and_then(|byte| u8::try_from(byte).ok());
    if let (None, Some(path)) = (byte, file["path"].as_str().filter(|_| file["uid"].is_u64())) {
        // Of a file of an image only the size is written down.
        return Content::opaque(
            size,
            path.bytes().fold(7, |key, byte| {
                u64::wrapping_add(u64::wrapping_mul(key, 31), u64::from(byte))
            }),
        );
    }
    Content::fill(byte.unwrap_or(0), size)
}

fn put(tree: &mut Tree, file: &Value, time: u64) {
    let path = format!("/{}", text(file, "path"));
    let Some(node) = node(file, tree, time) else {
        return;
    };
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let made = Meta::new(0o755, Time::at(time));
    // What is written down wrongly is left out.
    if tree.make_folders(parent, made).is_ok() {
        let kept = match (&node, tree.at(&path)) {
            (Node::Dir(_), Some(Node::Dir(old))) => {
                let mut old = Node::Dir(old);
                *old.meta_mut() = node.meta();
                old
            }
            _ => node,
        };
        let _ = tree.put(&path, kept);
    }
}

/// What a person has before a build.
#[derive(Debug, Clone)]
struct State {
    files: BTreeMap<String, Value>,
    named: BTreeMap<String, Value>,
    dockerfile_name: String,
    dockerfile: String,
    dockerignore: Option<String>,
    options: Value,
    /// When the Dockerfile and `.dockerignore` were written.
    times: (u64, u64),
}

impl State {
    fn first(scenario: &Value) -> Self {
        let mut state = Self {
            files: BTreeMap::new(),
            named: BTreeMap::new(),
            dockerfile_name: scenario["dockerfile_name"]
                .as_str()
                .unwrap_or("Dockerfile")
                .to_owned(),
            dockerfile: text(scenario, "dockerfile"),
            dockerignore: scenario["dockerignore"].as_str().map(str::to_owned),
            options: scenario["options"].clone(),
            times: (FIRST, FIRST),
        };
        for file in list(&scenario["files"]) {
            state.write(file, FIRST);
        }
        state
    }

    fn of(&mut self, edit: &Value) -> &mut BTreeMap<String, Value> {
        if edit["named"] == true {
            &mut self.named
        } else {
            &mut self.files
        }
    }

    fn write(&mut self, file: &Value, time: u64) {
        let path = text(file, "path");
        let mut file = file.clone();
        if let Some(object) = file.as_object_mut() {
            object.entry("mtime").or_insert_with(|| time.into());
            object.remove("op");
        }
        let files = self.of(&file);
        if let Some(old) = files.get(&path).filter(|_| file["mode"].is_null()) {
            file["mode"] = old["mode"].clone();
        }
        files.insert(path, file);
    }

    /// What is done before the next build.
    fn edit(&mut self, edit: &Value, time: u64) {
        let path = text(edit, "path");
        let is_below = |name: &str, folder: &str| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match edit["op"].as_str().unwrap_or_default() {
            "write" if path == self.dockerfile_name => {
                self.dockerfile = text(edit, "text");
                self.times.0 = time;
            }
            "write" if path == ".dockerignore" => {
                self.dockerignore = Some(text(edit, "text"));
                self.times.1 = time;
            }
            "write" => self.write(edit, time),
            "touch" => {
                let time = edit["mtime"].as_u64().unwrap_or(time);
                if path == self.dockerfile_name {
                    self.times.0 = time;
                } else if path == ".dockerignore" {
                    self.times.1 = time;
                } else if let Some(file) = self.of(edit).get_mut(&path) {
                    file["mtime"] = time.into();
                }
            }
            "chmod" => {
                let mode = edit["mode"].clone();
                let folder = json!({"path": path, "type": "dir", "mtime": FIRST});
                self.of(edit).entry(path).or_insert(folder)["mode"] = mode;
            }
            "rename" => {
                let (from, to) = (text(edit, "from"), text(edit, "to"));
                let files = self.of(edit);
                let moved: Vec<String> = files
                    .keys()
                    .filter(|name| is_below(name, &from))
                    .cloned()
                    .collect();
                for name in moved {
                    if let Some(mut file) = files.remove(&name) {
                        let rest = name.get(from.len()..).unwrap_or_default();
                        let name = format!("{to}{rest}");
                        file["path"] = name.clone().into();
                        files.insert(name, file);
                    }
                }
            }
            "remove" => self.of(edit).retain(|name, _| !is_below(name, &path)),
            "replace" => {
                let (old, new) = (text(edit, "old"), text(edit, "new"));
                self.dockerfile = self.dockerfile.replacen(&old, &new, 1);
                self.times.0 = time;
            }
            "dockerfile" => {
                self.dockerfile = text(edit, "text");
                self.times.0 = time;
            }
            "dockerignore" => {
                self.dockerignore = edit["text"].as_str().map(str::to_owned);
                self.times.1 = time;
            }
            "option" => {
                if self.options.is_null() {
                    self.options = Value::Object(Map::default());
                }
                for (key, value) in edit["set"].as_object().into_iter().flatten() {
                    self.options[key] = value.clone();
                }
            }
            // An owner on the host is not sent.
            _ => {}
        }
    }

    /// The context with all that is in it.
    fn whole(&self) -> Tree {
        let mut tree = Tree::default();
        let of_text =
            |path: &str, text: &str, time: u64| json!({"path": path, "text": text, "mtime": time});
        put(
            &mut tree,
            &of_text(&self.dockerfile_name, &self.dockerfile, self.times.0),
            FIRST,
        );
        if let Some(ignore) = &self.dockerignore {
            put(
                &mut tree,
                &of_text(".dockerignore", ignore, self.times.1),
                FIRST,
            );
        }
        // Links to what is there come last.
        let is_link = |file: &Value| file["type"] == "hardlink";
        for links in [false, true] {
            for file in self.files.values().filter(|file| is_link(file) == links) {
                put(&mut tree, file, FIRST);
            }
        }
        tree
    }

    /// What `.dockerignore` says, that of the Dockerfile first.
    fn patterns(&self) -> Patterns {
        let own = self
            .files
            .get(&format!("{}.dockerignore", self.dockerfile_name));
        let own = own.and_then(|file| file["text"].as_str());
        own.or(self.dockerignore.as_deref())
            .map(Patterns::read)
            .unwrap_or_default()
    }

    fn folders(&self) -> BTreeMap<String, Tree> {
        let mut folders = BTreeMap::new();
        for source in self.options["contexts"].as_object().into_iter().flatten() {
            let Some(folder) = source.1.as_str().and_then(|it| it.strip_prefix("local:")) else {
                continue;
            };
            let mut tree = Tree::default();
            for (path, file) in &self.named {
                let inside = path
                    .strip_prefix(folder)
                    .and_then(|it| it.strip_prefix('/'));
                if let Some(inside) = inside {
                    let mut file = file.clone();
                    file["path"] = inside.into();
                    put(&mut tree, &file, FIRST);
                }
            }
            let ignore = tree.file("/.dockerignore");
            let ignore = ignore.and_then(|file| {
                let bytes = file.content.as_bytes()?;
                Some(Patterns::read(&String::from_utf8_lossy(bytes)))
            });
            if let Some(patterns) = ignore {
                tree = without(&tree, &patterns);
            }
            folders.insert(folder.to_owned(), tree);
        }
        folders
    }

    fn options(&self) -> Options {
        let mut options = Options {
            target: self.options["target"].as_str().map(str::to_owned),
            ..Options::default()
        };
        for (name, value) in self.options["args"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            options.build_args.insert(name.clone(), value.to_owned());
        }
        for (name, source) in self.options["contexts"].as_object().into_iter().flatten() {
            let source = source.as_str().unwrap_or_default();
            let context = match source.strip_prefix("docker-image://") {
                Some(image) => NamedContext::Image(image.to_owned()),
                None => NamedContext::Folder(source.trim_start_matches("local:").to_owned()),
            };
            options.contexts.insert(name.clone(), context);
        }
        options
    }

    fn platforms(&self) -> Vec<Platform> {
        let named = self.options["platform"].as_str().unwrap_or("linux/amd64");
        named
            .split(',')
            .filter_map(|name| Platform::parse(name).ok())
            .collect()
    }

    fn no_cache(&self) -> NoCache {
        match &self.options["no_cache"] {
            Value::Bool(true) => NoCache::All,
            Value::Array(_) => NoCache::Stages(strings(&self.options["no_cache"])),
            _ => NoCache::Nothing,
        }
    }
}

/// A tree without what is left out of it.
fn without(tree: &Tree, patterns: &Patterns) -> Tree {
    let mut kept = Tree::default();
    let mut paths: Vec<(String, Node)> = Vec::new();
    tree.walk("/", &mut |path, node| {
        paths.push((path.to_owned(), node.clone()))
    });
    let is_out = |path: &str| patterns.verdict(path.trim_start_matches('/')).ignored;
    for (path, node) in paths {
        if is_out(&path) {
            continue;
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        // A folder that is left out is there for what is in it and is not.
        if kept.at(parent).is_none() {
            let meta = tree.at(parent).map(|node| node.meta()).unwrap_or_default();
            let _ = kept.make_folders(parent, meta);
        }
        let node = match node {
            Node::Dir(dir) => Node::folder(dir.meta),
            other => other,
        };
        let _ = kept.put(&path, node);
    }
    kept
}

/// What becomes of one scenario: a line of JSON.
pub fn run(scenario: &Value, bases: &Bases) -> Value {
    let mut state = State::first(scenario);
    let mut builder = Builder::default();
    let mut steps = Vec::new();
    for (number, step) in (0..).zip(list(&scenario["steps"])) {
        for edit in list(&step["edit"]) {
            state.edit(edit, FIRST + STEP * number);
        }
        steps.push(build(&state, &mut builder, bases));
    }
    json!({ "id": scenario["id"], "steps": steps })
}

fn build(state: &State, builder: &mut Builder, bases: &Bases) -> Value {
    let file = parse(&state.dockerfile);
    let context = without(&state.whole(), &state.patterns());
    let secrets = state.options["secrets"].as_object().into_iter().flatten();
    let labels = state.options["labels"].as_object().into_iter().flatten();
    let texts = |pairs: &mut dyn Iterator<Item = (&String, &Value)>| {
        pairs
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect::<BTreeMap<String, String>>()
    };
    let (mut secrets, mut labels) = (secrets, labels);
    let (secrets, labels) = (texts(&mut secrets), texts(&mut labels));
    let mut vertices: Vec<Value> = Vec::new();
    let mut images: Vec<Value> = Vec::new();
    let mut out = json!({ "ok": true });
    let platforms = state.platforms();
    // A step that is the same for several platforms is shown for the first.
    let mut seen: BTreeSet<(u64, bool)> = BTreeSet::new();
    for platform in &platforms {
        let options = Options {
            platform: (*platform).clone(),
            ..state.options()
        };
        let model = analyze(&file, &options, bases);
        let epoch = options
            .build_args
            .get("SOURCE_DATE_EPOCH")
            .map(String::as_str)
            .or_else(|| model.global_value("SOURCE_DATE_EPOCH"));
        let request = Request {
            file: &file,
            model: &model,
            context: context.clone(),
            folders: state.folders(),
            platform: (*platform).clone(),
            no_cache: state.no_cache(),
            secrets: secrets.clone(),
            labels: labels.clone(),
            proxies: options
                .build_args
                .iter()
                .filter(|(name, _)| PROXY_ARGUMENTS.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            cache_namespace: options
                .build_args
                .get("BUILDKIT_CACHE_MOUNT_NS")
                .cloned()
                .unwrap_or_default(),
            epoch: epoch.and_then(|seconds| seconds.parse().ok()),
        };
        let built = builder.build(&request, bases);
        for vertex in &built.vertices {
            let mut name = vertex.name.clone();
            if platforms.len() > 1 {
                let is_link = name.contains("] LINK ");
                if vertex.identity != 0 && !seen.insert((vertex.identity, is_link)) {
                    continue;
                }
                let prefix = prefix(&built, &model, vertex, platform);
                name = name.replacen('[', &format!("[{prefix} "), 1);
            }
            vertices.push(json!({ "name": name, "state": vertex.state.name() }));
        }
        if let Some(failure) = &built.failure {
            out["ok"] = false.into();
            out["error"] = failure.message.clone().into();
            if let Some(line) = failure.line {
                out["error_line"] = line.into();
            }
        }
        if let Some(image) = &built.image {
            images.push(image_out(image, platform));
        }
    }
    out["vertices"] = vertices.into();
    if out["ok"] == true {
        out["images"] = images.into();
    }
    out
}

/// What a build for several platforms puts before the name of a stage: its platform, and the one
/// that it is for where that is another.
fn prefix(built: &Built, model: &Model, vertex: &Vertex, target: &Platform) -> String {
    let step = built.plan.steps.get(vertex.step);
    let stage = step.and_then(|step| model.stage(step.stage));
    let own = stage.and_then(|stage| stage.platform.as_ref());
    let (own, target) = (own.unwrap_or(target).to_string(), target.to_string());
    if own == target {
        return own;
    }
    match (own.split_once('/'), target.split_once('/')) {
        (Some((os, _)), Some((same, arch))) if os == same => format!("{own}->{arch}"),
        _ => format!("{own}->{target}"),
    }
}

fn image_out(image: &BuiltImage, platform: &Platform) -> Value {
    let history: Vec<Value> = image
        .history
        .iter()
        .map(|it| {
            let mut out = json!({ "created_by": it.created_by });
            if !it.comment.is_empty() {
                out["comment"] = it.comment.clone().into();
            }
            if it.empty_layer {
                out["empty_layer"] = true.into();
            }
            out
        })
        .collect();
    let layers: Vec<Value> = image
        .layers
        .iter()
        .map(|layer| {
            let mut out = json!({ "size": layer.size });
            match &layer.base {
                Some(base) => out["base"] = base.clone().into(),
                None if layer.size.is_some() => {
                    out["entries"] = layer.entries.iter().map(entry_out).collect();
                }
                None => {}
            }
            out
        })
        .collect();
    let mut out = json!({
        "platform": platform.to_string(),
        "config": config_out(&image.config),
        "history": history,
        "layers": layers,
    });
    if !image.author.is_empty() {
        out["author"] = image.author.clone().into();
    }
    out
}

fn entry_out(entry: &Entry) -> Value {
    let mut out = json!({
        "path": entry.path,
        "mode": format!("{:o}", entry.mode),
        "uid": entry.uid,
        "gid": entry.gid,
    });
    let kind = match &entry.kind {
        EntryKind::File(size) => {
            out["size"] = (*size).into();
            "file"
        }
        EntryKind::Dir => "dir",
        EntryKind::Symlink(to) => {
            out["to"] = to.clone().into();
            "symlink"
        }
        EntryKind::Hardlink(to) => {
            out["to"] = to.clone().into();
            "hardlink"
        }
        EntryKind::Fifo => "fifo",
    };
    out["type"] = kind.into();
    out
}

/// As the OCI specification has it; what is not set is left out.
fn config_out(config: &ImageConfig) -> Value {
    let mut out = Map::new();
    let mut set = |key: &str, value: Value| {
        let is_empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Object(object) => object.is_empty(),
            Value::Bool(on) => !on,
            _ => false,
        };
        if !is_empty {
            out.insert(key.to_owned(), value);
        }
    };
    let env: Vec<String> = config
        .env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let as_set = |names: &[String]| {
        let pairs = names.iter().map(|name| (name.clone(), json!({})));
        Value::Object(pairs.collect())
    };
    let some = |list: &[String]| {
        if list.is_empty() {
            Value::Null
        } else {
            json!(list)
        }
    };
    set("Env", some(&env));
    set("Entrypoint", json!(config.entrypoint));
    set("Cmd", json!(config.cmd));
    set("WorkingDir", config.working_dir.clone().into());
    set("User", config.user.clone().into());
    set("ExposedPorts", as_set(&config.exposed_ports));
    set("Volumes", as_set(&config.volumes));
    set("Labels", json!(config.labels));
    set("StopSignal", config.stop_signal.clone().into());
    set("Shell", json!(config.shell));
    set("OnBuild", some(&config.on_build));
    set("ArgsEscaped", config.args_escaped.into());
    if let Some(check) = &config.healthcheck {
        let mut health = json!({ "Test": check.test });
        for (key, value) in [
            ("Interval", check.interval),
            ("Timeout", check.timeout),
            ("StartPeriod", check.start_period),
            ("StartInterval", check.start_interval),
            ("Retries", i64::from(check.retries)),
        ] {
            if value != 0 {
                health[key] = value.into();
            }
        }
        set("Healthcheck", health);
    }
    Value::Object(out)
}
