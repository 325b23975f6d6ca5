//! What is on the desk as a value of JavaScript: `State` and `Report` of `web/js/src/state.ts`. For
//! links, and for pages that this one stands in. `state.ts` has checked what comes in; what is
//! missing or of another kind here counts as not said.

use std::collections::BTreeMap;

use js_sys::{Array, Object, Reflect};
use stagecraft_engine::plan::{Context, ContextFile};
use stagecraft_lessons::Files;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::state::{Desk, View};

/// A state that was handed in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Given {
    /// The files.
    pub files: Files,
    /// The lesson that they belong to.
    pub lesson: Option<String>,
    /// The context, where it is not the lesson's.
    pub context: Option<Context>,
    /// `--target`
    pub target: Option<String>,
    /// `--build-arg`
    pub build_args: BTreeMap<String, String>,
    /// `--platform`
    pub platform: Option<String>,
    /// `--no-cache`
    pub no_cache: bool,
    /// Bytes of base images, by the name that FROM has for them.
    pub bases: BTreeMap<String, u64>,
    /// What a small screen shows.
    pub view: Option<View>,
    /// Under which name drafts of it are kept; those of the lesson stay as they are.
    pub slot: Option<String>,
}

fn get(value: &JsValue, key: &str) -> JsValue {
    Reflect::get(value, &JsValue::from(key)).unwrap_or_default()
}

fn text(value: &JsValue, key: &str) -> Option<String> {
    get(value, key).as_string()
}

/// A whole number that a `T` holds; else 0.
fn number<T: std::str::FromStr + Default>(value: &JsValue, key: &str) -> T {
    whole(&get(value, key)).unwrap_or_default()
}

/// A whole number, as such or as text.
fn whole<T: std::str::FromStr>(value: &JsValue) -> Option<T> {
    let digits = value.as_string().or_else(|| {
        let text = value
            .unchecked_ref::<js_sys::Number>()
            .to_string_with_radix(10)
            .ok()?;
        Some(text.into())
    });
    digits.and_then(|digits| digits.parse().ok())
}

/// What an object has by name, as far as `read` takes it.
fn named<T>(
    value: &JsValue,
    key: &str,
    read: impl Fn(&JsValue) -> Option<T>,
) -> BTreeMap<String, T> {
    let Ok(object) = get(value, key).dyn_into::<Object>() else {
        return BTreeMap::new();
    };
    let pair = |pair: JsValue| {
        let pair = pair.dyn_into::<Array>().ok()?;
        Some((pair.get(0).as_string()?, read(&pair.get(1))?))
    };
    Object::entries(&object).iter().filter_map(pair).collect()
}

impl Given {
    /// Reads a `State`; `None` where there is none.
    pub(crate) fn read(value: &JsValue) -> Option<Self> {
        let dockerfile = text(value, "dockerfile")?;
        let context = get(value, "context").dyn_into::<Array>().ok();
        let panel = text(value, "panel").unwrap_or_default();
        Some(Self {
            files: Files {
                dockerfile,
                dockerignore: text(value, "dockerignore"),
            },
            lesson: text(value, "lesson"),
            context: context.map(|files| Context {
                files: files
                    .iter()
                    .filter_map(|file| context_file(&file))
                    .collect(),
                ..Context::default()
            }),
            target: text(value, "target"),
            build_args: named(value, "buildArgs", JsValue::as_string),
            platform: text(value, "platform"),
            no_cache: get(value, "noCache").as_bool().unwrap_or_default(),
            bases: named(value, "bases", whole),
            view: View::ALL.into_iter().find(|view| view.name() == panel),
            slot: text(value, "slot"),
        })
    }
}

fn context_file(value: &JsValue) -> Option<ContextFile> {
    Some(ContextFile {
        path: text(value, "path")?,
        size: number(value, "size"),
        count: number::<u32>(value, "count").max(1),
        content: number(value, "content"),
        mode: number(value, "mode"),
    })
}

/// A plain object.
fn object(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in pairs.iter().filter(|(_, value)| !value.is_undefined()) {
        // A plain object takes every key.
        let _ = Reflect::set(&object, &JsValue::from(*key), value);
    }
    object.into()
}

/// A plain object; undefined where nothing would be in it.
fn some_object(pairs: &[(&str, JsValue)]) -> JsValue {
    Some(object(pairs)).filter(|_| !pairs.is_empty()).into()
}

fn list(items: impl Iterator<Item = JsValue>) -> JsValue {
    items.collect::<Array>().into()
}

/// What is on the desk: a `State`.
pub(crate) fn state(desk: &Desk, view: View) -> JsValue {
    let options = &desk.workspace.options;
    let context = desk.workspace.context.as_ref();
    let context = context
        .filter(|_| desk.is_context_changed())
        .map(|context| {
            list(context.files.iter().map(|file| {
                object(&[
                    ("path", file.path.as_str().into()),
                    // As text: a number of JavaScript holds 53 bits.
                    ("size", file.size.to_string().into()),
                    ("count", file.count.into()),
                    ("content", file.content.to_string().into()),
                    ("mode", file.mode.into()),
                ])
            }))
        });
    let arguments: Vec<(&str, JsValue)> = options
        .build_args
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().into()))
        .collect();
    let platform = Some(options.platform.to_string());
    let platform = platform.filter(|_| options.platform != options.build_platform);
    let bases: Vec<(&str, JsValue)> = desk
        .told_bases()
        .map(|(name, bytes)| (name, bytes.to_string().into()))
        .collect();
    let files = desk.files();
    object(&[
        ("dockerfile", files.dockerfile.into()),
        ("dockerignore", files.dockerignore.into()),
        (
            "lesson",
            desk.lesson
                .as_ref()
                .map(|lesson| lesson.slug.clone())
                .into(),
        ),
        ("context", context.into()),
        ("target", options.target.clone().into()),
        ("buildArgs", some_object(&arguments)),
        ("platform", platform.into()),
        ("noCache", Some(true).filter(|_| desk.no_cache).into()),
        ("bases", some_object(&bases)),
        ("panel", view.name().into()),
    ])
}

/// What is said of it: a `Report`.
pub(crate) fn report(desk: &Desk) -> JsValue {
    let analysis = &desk.analysis;
    let problems = analysis.findings.iter().map(|finding| {
        let start = finding.range.start();
        object(&[
            ("rule", finding.rule.into()),
            ("severity", finding.severity.name().into()),
            ("message", (*finding.message).into()),
            ("line", analysis.lines.line(start).into()),
        ])
    });
    let stages = analysis.model.stages().iter();
    let goals = desk.lesson.iter().flat_map(|lesson| &lesson.goals);
    object(&[
        ("problems", list(problems)),
        (
            "stages",
            list(stages.map(|stage| stage.name.clone().into())),
        ),
        (
            "goals",
            list(goals.zip(&desk.goals).map(|(goal, met)| {
                object(&[("say", goal.say.as_str().into()), ("met", (*met).into())])
            })),
        ),
    ])
}
