//! `stagecraft rebuild`: what a builder does on written-down builds and rebuilds.
//!
//! Whoever has recorded what a real builder does can compare the two.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use stagecraft_engine::files::{Entry, EntryKind};
use stagecraft_engine::image::{Healthcheck, ImageConfig, Platform};
use stagecraft_engine::plan::rebuild::{Builder, Built, BuiltImage, BuiltLayer, History, Vertex};
use stagecraft_engine::semantic::{Model, analyze};
use stagecraft_engine::syntax::parse;

use crate::scenario::{Bases, Scenario, State};

/// What becomes of one scenario.
#[derive(Debug, Serialize)]
pub struct Output {
    /// Its name.
    pub id: String,
    /// Its builds in order.
    pub steps: Vec<BuildOut>,
}

/// What came of a build.
#[derive(Debug, Default, Serialize)]
pub struct BuildOut {
    /// Whether it went well.
    pub ok: bool,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The line that the builder points at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_line: Option<u32>,
    /// The steps that it shows.
    pub vertices: Vec<VertexOut>,
    /// An image for each platform.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageOut>,
}

/// A step.
#[derive(Debug, Serialize)]
pub struct VertexOut {
    /// As the builder's progress shows it.
    pub name: String,
    /// `done`, `cached`, `error`, `canceled` or `not-run`.
    pub state: &'static str,
}

/// An image.
#[derive(Debug, Serialize)]
pub struct ImageOut {
    /// What it is for.
    pub platform: String,
    /// What it says of itself.
    pub config: ConfigOut,
    /// MAINTAINER
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// How it came about, oldest first.
    pub history: Vec<HistoryOut>,
    /// Its layers, oldest first.
    pub layers: Vec<LayerOut>,
}

/// An entry of a history.
#[derive(Debug, Serialize)]
pub struct HistoryOut {
    /// The instruction.
    pub created_by: String,
    /// A note.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Whether no layer belongs to it.
    #[serde(skip_serializing_if = "is_false")]
    pub empty_layer: bool,
}

/// A layer.
#[derive(Debug, Serialize)]
pub struct LayerOut {
    /// Its size in bytes, unpacked; `null` where that is not known.
    pub size: Option<u64>,
    /// The image that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What is in it, if that is known and it comes from no image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<EntryOut>>,
}

/// An entry of a layer.
#[derive(Debug, Serialize)]
pub struct EntryOut {
    /// Its path.
    pub path: String,
    /// `file`, `dir`, `symlink`, `hardlink` or `fifo`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Octal.
    pub mode: String,
    /// The user that it belongs to.
    pub uid: u32,
    /// The group that it belongs to.
    pub gid: u32,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The config of an image, named as in the OCI image specification; what is not set is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the specification says what they are")]
pub struct ConfigOut {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exposed_ports: BTreeMap<String, Map<String, Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmd: Option<Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, Map<String, Value>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    #[serde(skip_serializing_if = "is_false")]
    pub args_escaped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthcheckOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_build: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<Vec<String>>,
}

/// A health check; times are nanoseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the specification says what they are")]
pub struct HealthcheckOut {
    pub test: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    pub interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub timeout: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_period: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn is_false(on: &bool) -> bool {
    !on
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Goes through the builds of a scenario, one after the other on the same builder.
pub fn run(scenario: &Scenario, bases: &Bases) -> Output {
    let mut state = State::first(scenario);
    let mut builder = Builder::default();
    let steps = (0..).zip(&scenario.steps).map(|(number, step)| {
        state.step(step, number);
        build(&state, &mut builder, bases)
    });
    Output {
        steps: steps.collect(),
        id: scenario.id.clone(),
    }
}

fn build(state: &State, builder: &mut Builder, bases: &Bases) -> BuildOut {
    let file = parse(state.dockerfile());
    let mut out = BuildOut {
        ok: true,
        ..BuildOut::default()
    };
    let platforms = state.platforms();
    // A step that is the same for several platforms is shown for the first.
    let mut seen: BTreeSet<(u64, bool)> = BTreeSet::new();
    for platform in &platforms {
        let options = state.options(platform);
        let model = analyze(&file, &options, bases);
        let request = state.request(&file, &model, &options);
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
            out.vertices.push(VertexOut {
                name,
                state: vertex.state.name(),
            });
        }
        if let Some(failure) = built.failure {
            out.ok = false;
            out.error = Some(failure.message);
            out.error_line = failure.line;
        }
        out.images
            .extend(built.image.map(|image| image_out(image, platform)));
    }
    if !out.ok {
        out.images.clear();
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

fn image_out(image: BuiltImage, platform: &Platform) -> ImageOut {
    let history = image.history.into_iter().map(|it: History| HistoryOut {
        created_by: it.created_by,
        comment: it.comment,
        empty_layer: it.empty_layer,
    });
    ImageOut {
        platform: platform.to_string(),
        config: config_out(image.config),
        author: image.author,
        history: history.collect(),
        layers: image.layers.iter().map(|layer| layer_out(layer)).collect(),
    }
}

fn layer_out(layer: &BuiltLayer) -> LayerOut {
    let is_known = layer.base.is_none() && layer.size.is_some();
    LayerOut {
        size: layer.size,
        base: layer.base.clone(),
        entries: is_known.then(|| layer.entries.iter().map(entry_out).collect()),
    }
}

fn entry_out(entry: &Entry) -> EntryOut {
    let (kind, size, to) = match &entry.kind {
        EntryKind::File(size) => ("file", Some(*size), None),
        EntryKind::Dir => ("dir", None, None),
        EntryKind::Symlink(to) => ("symlink", None, Some(to.clone())),
        EntryKind::Hardlink(to) => ("hardlink", None, Some(to.clone())),
        EntryKind::Fifo => ("fifo", None, None),
    };
    EntryOut {
        path: entry.path.clone(),
        kind,
        mode: format!("{:o}", entry.mode),
        uid: entry.uid,
        gid: entry.gid,
        size,
        to,
    }
}

fn config_out(config: ImageConfig) -> ConfigOut {
    let as_set = |names: Vec<String>| names.into_iter().map(|name| (name, Map::new())).collect();
    let env = config.env.iter();
    ConfigOut {
        user: config.user,
        exposed_ports: as_set(config.exposed_ports),
        env: env.map(|(name, value)| format!("{name}={value}")).collect(),
        entrypoint: config.entrypoint,
        cmd: config.cmd,
        volumes: as_set(config.volumes),
        working_dir: config.working_dir,
        labels: config.labels,
        stop_signal: config.stop_signal,
        args_escaped: config.args_escaped,
        healthcheck: config.healthcheck.map(|check: Healthcheck| HealthcheckOut {
            test: check.test,
            interval: check.interval,
            timeout: check.timeout,
            start_period: check.start_period,
            start_interval: check.start_interval,
            retries: check.retries.into(),
        }),
        on_build: config.on_build,
        shell: config.shell,
    }
}
