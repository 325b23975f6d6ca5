//! Builds that are written down: the files of a context, a Dockerfile, options, edits between one
//! build and the next, and the images that they start from.
//!
//! `docs/rebuild.md` says what a scenario may hold.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use stagecraft_engine::files::{Content, Member, Meta, Node, Time, Tree};
use stagecraft_engine::image::{Healthcheck, ImageConfig, Platform, Reference};
use stagecraft_engine::plan::NoCache;
use stagecraft_engine::plan::rebuild::{BaseImage, BaseImages, History, Request};
use stagecraft_engine::semantic::ignore::Patterns;
use stagecraft_engine::semantic::{Images, Model, NamedContext, Options};
use stagecraft_engine::syntax::Parse;

/// When the files of a context are written at first, in seconds since 1970.
const FIRST: u64 = 1_700_000_100;
/// How much later those of each edit are.
const STEP: u64 = 1_000;
/// What `tar` rounds the size of a file up to, in bytes.
const RECORD: u64 = 10_240;
/// The size of a header of `tar`, and of what contents are padded to, in bytes.
const BLOCK: u64 = 512;

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
pub struct Scenario {
    /// Its name.
    pub id: String,
    #[serde(default)]
    files: Vec<FileIn>,
    dockerfile: String,
    dockerfile_name: Option<String>,
    dockerignore: Option<String>,
    #[serde(default)]
    options: Option<Map<String, Value>>,
    /// The builds.
    pub steps: Vec<StepIn>,
}

/// A build of a scenario.
#[derive(Debug, Clone, Deserialize)]
pub struct StepIn {
    /// What is done before it.
    #[serde(default)]
    edit: Vec<EditIn>,
}

/// A file, folder or link.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct FileIn {
    path: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    size: Option<u64>,
    fill: Option<u8>,
    to: Option<String>,
    tar: Option<Vec<FileIn>>,
    mode: Option<String>,
    uid: Option<u32>,
    gid: Option<u32>,
    mtime: Option<u64>,
    #[serde(default)]
    named: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum EditIn {
    Write(FileIn),
    Touch(FileIn),
    Chmod(FileIn),
    /// An owner on the host is not sent.
    Chown {},
    Rename {
        from: String,
        to: String,
        #[serde(default)]
        named: bool,
    },
    Remove(FileIn),
    Replace {
        old: String,
        new: String,
    },
    Dockerfile {
        text: String,
    },
    Dockerignore {
        text: Option<String>,
    },
    Option {
        set: Map<String, Value>,
    },
}

#[derive(Debug, Clone, Default, Deserialize)]
struct OptionsIn {
    target: Option<String>,
    platform: Option<String>,
    args: Option<BTreeMap<String, String>>,
    labels: Option<BTreeMap<String, String>>,
    secrets: Option<BTreeMap<String, String>>,
    contexts: Option<BTreeMap<String, String>>,
    no_cache: Option<NoCacheIn>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum NoCacheIn {
    All(bool),
    Stages(Vec<String>),
}

/// An image as it is written down.
#[derive(Debug, Clone, Deserialize)]
struct BaseIn {
    #[serde(default)]
    config: ConfigIn,
    #[serde(default)]
    files: Vec<FileIn>,
    #[serde(default)]
    layer_size: u64,
}

/// The `config` of an image as the OCI specification names it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ConfigIn {
    env: Vec<String>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: String,
    user: String,
    exposed_ports: BTreeMap<String, Value>,
    volumes: BTreeMap<String, Value>,
    labels: BTreeMap<String, String>,
    stop_signal: String,
    shell: Option<Vec<String>>,
    healthcheck: Option<HealthcheckIn>,
    on_build: Vec<String>,
    args_escaped: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HealthcheckIn {
    test: Vec<String>,
    interval: i64,
    timeout: i64,
    start_period: i64,
    start_interval: i64,
    retries: i32,
}

impl From<ConfigIn> for ImageConfig {
    fn from(config: ConfigIn) -> Self {
        let env = config.env.iter().filter_map(|pair| pair.split_once('='));
        Self {
            env: env
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            entrypoint: config.entrypoint,
            cmd: config.cmd,
            working_dir: config.working_dir,
            user: config.user,
            exposed_ports: config.exposed_ports.into_keys().collect(),
            volumes: config.volumes.into_keys().collect(),
            labels: config.labels,
            stop_signal: config.stop_signal,
            shell: config.shell,
            healthcheck: config.healthcheck.map(|check| Healthcheck {
                test: check.test,
                interval: check.interval,
                timeout: check.timeout,
                start_period: check.start_period,
                start_interval: check.start_interval,
                retries: check.retries,
            }),
            on_build: config.on_build,
            args_escaped: config.args_escaped,
            // They are there for every platform that is asked for.
            platform: None,
        }
    }
}

/// The images that scenarios start from, by name.
#[derive(Debug, Clone, Default)]
pub struct Bases(BTreeMap<String, BaseIn>);

impl Bases {
    /// Reads `{"name": {"config": …, "files": […], "layer_size": …}}`.
    ///
    /// # Errors
    /// Where the text is no such object.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).map(Self)
    }

    fn find(&self, name: &Reference<'_>) -> Option<(&str, &BaseIn)> {
        let whole = name.normalized();
        let short = whole.strip_prefix("docker.io/").unwrap_or(&whole);
        let short = short.strip_prefix("library/").unwrap_or(short);
        let (name, image) = self.0.get_key_value(short)?;
        Some((name, image))
    }
}

impl Images for Bases {
    fn config(&self, name: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
        self.find(name)
            .map(|(_, image)| image.config.clone().into())
    }
}

impl BaseImages for Bases {
    fn image(&self, name: &Reference<'_>, platform: &Platform) -> Option<BaseImage> {
        let (name, image) = self.find(name)?;
        let platform = platform.to_string();
        // They are there for two platforms, written down for the first.
        let name = match platform.strip_prefix("linux/")? {
            "amd64" => name.to_owned(),
            arch @ "arm64" => format!("{name} {arch}"),
            _ => return None,
        };
        let mut tree = Tree::default();
        for file in &image.files {
            let mut file = file.clone();
            // The one place where an image names its platform.
            if let Some(text) = file.text.as_mut().filter(|_| file.path == "etc/base-image") {
                *text = text.replace("linux/amd64", &platform);
            }
            file.put(&mut tree, 0);
        }
        let history = |created_by: String, empty_layer| History {
            created_by,
            comment: "base".to_owned(),
            empty_layer,
        };
        let short = name.split(' ').next().unwrap_or(&name);
        Some(BaseImage {
            tree,
            config: image.config.clone().into(),
            history: vec![
                history(format!("ADD rootfs.tar / # {short}"), false),
                history("CMD (base)".to_owned(), true),
            ],
            size: image.layer_size,
            name,
        })
    }
}

impl FileIn {
    fn of_text(path: &str, text: &str, time: u64) -> Self {
        Self {
            path: path.to_owned(),
            text: Some(text.to_owned()),
            mtime: Some(time),
            ..Self::default()
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    fn node(&self, tree: &Tree, usual: u64) -> Option<Node> {
        let mode = self.mode.as_deref();
        let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok());
        let meta = |mode: u32| {
            let time = Time::at(self.mtime.unwrap_or(usual));
            Meta::new(mode, time).owned(self.uid.unwrap_or(0), self.gid.unwrap_or(0))
        };
        let to = self.to.as_deref().unwrap_or_default();
        Some(match self.kind.as_deref().unwrap_or("file") {
            "dir" => Node::folder(meta(mode.unwrap_or(0o755))),
            "symlink" | "link" => Node::link(meta(0o777), to),
            "hardlink" => tree.at(&format!("/{to}"))?,
            _ => Node::file(meta(mode.unwrap_or(0o644)), self.content(usual)),
        })
    }

    fn content(&self, time: u64) -> Content {
        if let Some(text) = &self.text {
            return Content::bytes(text.as_bytes());
        }
        if let Some(tar) = &self.tar {
            // Of a compressed one the size is not known, and nothing asks for it but `COPY`.
            let members = tar.iter().filter_map(|file| {
                Some(Member {
                    path: file.path.clone(),
                    node: file.node(&Tree::default(), time)?,
                })
            });
            let members: Vec<Member> = members.collect();
            let size = members.iter().fold(2 * BLOCK, |size, member| {
                let content = match &member.node {
                    Node::File(file) => file.content.size().div_ceil(BLOCK) * BLOCK,
                    _ => 0,
                };
                size.saturating_add(BLOCK).saturating_add(content)
            });
            return Content::archive(members, size.div_ceil(RECORD) * RECORD);
        }
        let size = self.size.unwrap_or(0);
        if self.fill.is_none() && self.uid.is_some() {
            // Of a file of an image only the size is written down.
            let key = self.path.bytes().fold(7_u64, |key, byte| {
                key.wrapping_mul(31).wrapping_add(u64::from(byte))
            });
            return Content::opaque(size, key);
        }
        Content::fill(self.fill.unwrap_or(0), size)
    }

    fn put(&self, tree: &mut Tree, time: u64) {
        let path = format!("/{}", self.path);
        let Some(node) = self.node(tree, time) else {
            return;
        };
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let made = Meta::new(0o755, Time::at(time));
        // What is written down wrongly is left out.
        if tree.make_folders(parent, made).is_err() {
            return;
        }
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
pub struct State {
    files: BTreeMap<String, FileIn>,
    named: BTreeMap<String, FileIn>,
    dockerfile_name: String,
    dockerfile: String,
    dockerignore: Option<String>,
    options: Map<String, Value>,
    /// When the Dockerfile and `.dockerignore` were written.
    times: (u64, u64),
}

impl State {
    /// What there is before the first build.
    pub fn first(scenario: &Scenario) -> Self {
        let name = scenario.dockerfile_name.as_deref();
        let mut state = Self {
            files: BTreeMap::new(),
            named: BTreeMap::new(),
            dockerfile_name: name.unwrap_or("Dockerfile").to_owned(),
            dockerfile: scenario.dockerfile.clone(),
            dockerignore: scenario.dockerignore.clone(),
            options: scenario.options.clone().unwrap_or_default(),
            times: (FIRST, FIRST),
        };
        for file in &scenario.files {
            state.write(file, FIRST);
        }
        state
    }

    fn files(&mut self, named: bool) -> &mut BTreeMap<String, FileIn> {
        if named {
            &mut self.named
        } else {
            &mut self.files
        }
    }

    fn write(&mut self, file: &FileIn, time: u64) {
        let mut file = file.clone();
        file.mtime.get_or_insert(time);
        let files = self.files(file.named);
        if let Some(old) = files.get(&file.path).filter(|_| file.mode.is_none()) {
            file.mode.clone_from(&old.mode);
        }
        files.insert(file.path.clone(), file);
    }

    /// Does what is done before the build of that number, from 0.
    pub fn step(&mut self, step: &StepIn, number: u64) {
        let time = FIRST.saturating_add(STEP.saturating_mul(number));
        for edit in &step.edit {
            self.edit(edit, time);
        }
    }

    fn edit(&mut self, edit: &EditIn, time: u64) {
        let is_below = |name: &str, folder: &str| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match edit {
            EditIn::Write(file) if file.path == self.dockerfile_name && !file.named => {
                self.dockerfile = file.text.clone().unwrap_or_default();
                self.times.0 = file.mtime.unwrap_or(time);
            }
            EditIn::Write(file) if file.path == ".dockerignore" && !file.named => {
                self.dockerignore = Some(file.text.clone().unwrap_or_default());
                self.times.1 = file.mtime.unwrap_or(time);
            }
            EditIn::Write(file) => self.write(file, time),
            EditIn::Touch(file) => {
                let time = file.mtime.unwrap_or(time);
                if file.path == self.dockerfile_name {
                    self.times.0 = time;
                } else if file.path == ".dockerignore" {
                    self.times.1 = time;
                } else if let Some(known) = self.files(file.named).get_mut(&file.path) {
                    known.mtime = Some(time);
                }
            }
            EditIn::Chmod(file) => {
                // What has no entry of its own is a folder that others are in.
                let folder = FileIn {
                    path: file.path.clone(),
                    kind: Some("dir".to_owned()),
                    mtime: Some(FIRST),
                    ..FileIn::default()
                };
                let files = self.files(file.named);
                let known = files.entry(file.path.clone()).or_insert(folder);
                known.mode.clone_from(&file.mode);
            }
            EditIn::Chown {} => {}
            EditIn::Rename { from, to, named } => {
                let files = self.files(*named);
                let moved = files.keys().filter(|name| is_below(name, from));
                let moved: Vec<String> = moved.cloned().collect();
                for name in moved {
                    if let Some(mut file) = files.remove(&name) {
                        let rest = name.strip_prefix(from.as_str()).unwrap_or_default();
                        file.path = format!("{to}{rest}");
                        files.insert(file.path.clone(), file);
                    }
                }
            }
            EditIn::Remove(file) => {
                let files = self.files(file.named);
                files.retain(|name, _| !is_below(name, &file.path));
            }
            EditIn::Replace { old, new } => {
                self.dockerfile = self.dockerfile.replacen(old, new, 1);
                self.times.0 = time;
            }
            EditIn::Dockerfile { text } => {
                self.dockerfile.clone_from(text);
                self.times.0 = time;
            }
            EditIn::Dockerignore { text } => {
                self.dockerignore.clone_from(text);
                self.times.1 = time;
            }
            EditIn::Option { set } => {
                let set = set.iter();
                self.options
                    .extend(set.map(|(key, value)| (key.clone(), value.clone())));
            }
        }
    }

    /// The Dockerfile.
    pub fn dockerfile(&self) -> &str {
        &self.dockerfile
    }

    /// The text of `.dockerignore`.
    pub fn dockerignore(&self) -> Option<&str> {
        self.dockerignore.as_deref()
    }

    /// The context with all that is in it, whether it is sent or not.
    pub fn whole(&self) -> Tree {
        let mut tree = Tree::default();
        let dockerfile = FileIn::of_text(&self.dockerfile_name, &self.dockerfile, self.times.0);
        dockerfile.put(&mut tree, FIRST);
        if let Some(text) = &self.dockerignore {
            FileIn::of_text(".dockerignore", text, self.times.1).put(&mut tree, FIRST);
        }
        // Links to what is there come last.
        for links in [false, true] {
            for file in self.files.values().filter(|it| it.is("hardlink") == links) {
                file.put(&mut tree, FIRST);
            }
        }
        tree
    }

    /// What `.dockerignore` says, that of the Dockerfile first.
    fn patterns(&self) -> Patterns {
        let own = format!("{}.dockerignore", self.dockerfile_name);
        let own = self.files.get(&own).and_then(|file| file.text.as_deref());
        own.or(self.dockerignore.as_deref())
            .map(Patterns::read)
            .unwrap_or_default()
    }

    fn read_options(&self) -> OptionsIn {
        // An option that is written down wrongly is one that is not given.
        serde_json::from_value(Value::Object(self.options.clone())).unwrap_or_default()
    }

    /// The folders that named contexts stand for, by their paths.
    pub fn named_folders(&self) -> BTreeMap<String, Tree> {
        self.folders(&self.read_options())
    }

    fn folders(&self, options: &OptionsIn) -> BTreeMap<String, Tree> {
        let sources = options.contexts.iter().flat_map(BTreeMap::values);
        let folders = sources.filter_map(|source| source.strip_prefix("local:"));
        folders
            .map(|folder| (folder.to_owned(), self.folder(folder)))
            .collect()
    }

    fn folder(&self, folder: &str) -> Tree {
        let mut tree = Tree::default();
        for (path, file) in &self.named {
            let inside = path.strip_prefix(folder);
            if let Some(inside) = inside.and_then(|path| path.strip_prefix('/')) {
                let file = FileIn {
                    path: inside.to_owned(),
                    ..file.clone()
                };
                file.put(&mut tree, FIRST);
            }
        }
        let ignore = tree.file("/.dockerignore");
        let patterns = ignore.as_ref().and_then(|file| file.content.as_bytes());
        match patterns.map(|bytes| Patterns::read(&String::from_utf8_lossy(bytes))) {
            Some(patterns) => without(&tree, &patterns),
            None => tree,
        }
    }

    /// What runs whatever the cache holds.
    pub fn no_cache(&self) -> NoCache {
        no_cache(&self.read_options())
    }

    /// The build that is asked for.
    pub fn request<'a>(&self, file: &'a Parse, model: &'a Model, options: &Options) -> Request<'a> {
        let read = self.read_options();
        Request {
            context: without(&self.whole(), &self.patterns()),
            folders: self.folders(&read),
            no_cache: no_cache(&read),
            secrets: read.secrets.unwrap_or_default(),
            labels: read.labels.unwrap_or_default(),
            ..Request::new(file, model, options)
        }
    }

    /// What `docker build` is told, for one of the platforms.
    pub fn options(&self, platform: &Platform) -> Options {
        let read = self.read_options();
        let contexts = read.contexts.unwrap_or_default().into_iter();
        let contexts = contexts.map(|(name, source)| (name, NamedContext::read(&source)));
        Options {
            target: read.target,
            platform: platform.clone(),
            build_args: read.args.unwrap_or_default(),
            contexts: contexts.collect(),
            ..Options::default()
        }
    }

    /// What the image is for: one, or several.
    pub fn platforms(&self) -> Vec<Platform> {
        let read = self.read_options();
        let named = read.platform.as_deref().unwrap_or("linux/amd64");
        let all = named.split(',');
        all.filter_map(|name| Platform::parse(name).ok()).collect()
    }
}

fn no_cache(options: &OptionsIn) -> NoCache {
    match &options.no_cache {
        Some(NoCacheIn::All(true)) => NoCache::All,
        Some(NoCacheIn::Stages(names)) => NoCache::Stages(names.clone()),
        _ => NoCache::Nothing,
    }
}

/// A tree without what is left out of it.
fn without(tree: &Tree, patterns: &Patterns) -> Tree {
    let mut kept = Tree::default();
    let mut all: Vec<(String, Node)> = Vec::new();
    tree.walk("/", &mut |path, node| {
        all.push((path.to_owned(), node.clone()));
    });
    for (path, node) in all {
        if patterns.verdict(path.trim_start_matches('/')).ignored {
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
